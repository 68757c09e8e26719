/* SPDX-License-Identifier: MIT
 *
 * Subject, issuer and alternative names as printable UTF-8. A certificate's
 * names are anybody's bytes: zero bytes, control characters and characters that
 * turn the direction of text round are escaped, never shown.
 */
#include "adapters/certificate/names.h"

#include "base/limits.h"

#include <arpa/inet.h>

/* Letters, marks, digits, punctuation, symbols, the ordinary blank; nothing invisible. */
static bool is_shown(gunichar c)
{
    return c == ' ' || (g_unichar_isgraph(c) && g_unichar_type(c) != G_UNICODE_FORMAT);
}

static char *printable(const char *bytes, size_t size)
{
    GString *text = g_string_new(NULL);
    const char *end = size > 0 ? bytes + size : bytes; /* an empty name may have no bytes at all */
    size_t count = 0;

    for (const char *at = bytes; at != end && count < LIMIT_NAME_TEXT; count++) {
        gunichar c = g_utf8_get_char_validated(at, end - at);
        bool whole = c != (gunichar)-1 && c != (gunichar)-2 && c != 0;
        const char *next = whole ? g_utf8_next_char(at) : at + 1;
        if (whole && is_shown(c))
            g_string_append_len(text, at, next - at);
        else
            for (; at < next; at++)
                g_string_append_printf(text, "\\%02X", (guint8)*at);
        at = next;
    }
    if (count == LIMIT_NAME_TEXT)
        g_string_append(text, "...");
    return g_string_free(text, FALSE);
}

char *names_of(const X509_NAME *name)
{
    g_autoptr(BIO) memory = BIO_new(BIO_s_mem());
    unsigned long flags = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    char *bytes = NULL;
    long size;

    X509_NAME_print_ex(memory, name, 0, flags);
    size = BIO_get_mem_data(memory, &bytes);
    return printable(bytes, size > 0 ? (size_t)size : 0);
}

/* What OpenSSL 3.0 has no name for, or one that nobody uses. */
static const char *usual_name(const char *number)
{
    static const char *const usual[][2] = {
        {"1.2.156.10197.1.301", "SM2"},
        {"1.2.840.113549.1.1.10", "RSASSA-PSS"},
        {"2.16.840.1.101.3.4.3.17", "ML-DSA-44"},
        {"2.16.840.1.101.3.4.3.18", "ML-DSA-65"},
        {"2.16.840.1.101.3.4.3.19", "ML-DSA-87"},
        {"2.16.840.1.101.3.4.3.20", "SLH-DSA-SHA2-128s"},
        {"2.16.840.1.101.3.4.3.21", "SLH-DSA-SHA2-128f"},
        {"2.16.840.1.101.3.4.3.22", "SLH-DSA-SHA2-192s"},
        {"2.16.840.1.101.3.4.3.23", "SLH-DSA-SHA2-192f"},
        {"2.16.840.1.101.3.4.3.24", "SLH-DSA-SHA2-256s"},
        {"2.16.840.1.101.3.4.3.25", "SLH-DSA-SHA2-256f"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(usual); i++)
        if (g_str_equal(number, usual[i][0]))
            return usual[i][1];
    return NULL;
}

char *names_of_object(const ASN1_OBJECT *object)
{
    int nid = OBJ_obj2nid(object);
    const char *name;
    char number[128];

    OBJ_obj2txt(number, sizeof number, object, 1);
    name = usual_name(number);
    if (!name && nid != NID_undef)
        name = OBJ_nid2ln(nid);
    return g_strdup(name ? name : number);
}

/* Four or sixteen bytes (RFC 5280 4.2.1.6); other sizes become text that is no address. */
static char *address_text(const ASN1_OCTET_STRING *address)
{
    char text[INET6_ADDRSTRLEN];
    int size = ASN1_STRING_length(address);
    int family = size == 4 ? AF_INET : AF_INET6;

    if (size != 4 && size != 16)
        return g_strdup_printf("an IP address of %d bytes", size);
    inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof text);
    return g_strdup(text);
}

static void add_text(struct certificate_facts *facts, enum certificate_name_kind kind,
                     const ASN1_STRING *string)
{
    g_autofree char *text =
        printable((const char *)ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));

    certificate_facts_add_name(facts, kind, text);
}

static void add_name(struct certificate_facts *facts, const GENERAL_NAME *name)
{
    g_autofree char *address = NULL;

    switch (name->type) {
    case GEN_DNS:
        add_text(facts, CERTIFICATE_NAME_DNS, name->d.dNSName);
        break;
    case GEN_EMAIL:
        add_text(facts, CERTIFICATE_NAME_MAIL, name->d.rfc822Name);
        break;
    case GEN_IPADD:
        address = address_text(name->d.iPAddress);
        certificate_facts_add_name(facts, CERTIFICATE_NAME_ADDRESS, address);
        break;
    default: /* URIs, user principal names and the like name no sender of mail */
        break;
    }
}

void names_read(const X509 *certificate, struct certificate_facts *facts)
{
    int critical = 0;
    g_autoptr(GENERAL_NAMES) names =
        X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL);

    facts->names_critical = names && critical > 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
        add_name(facts, sk_GENERAL_NAME_value(names, i));
}
