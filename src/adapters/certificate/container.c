/* SPDX-License-Identifier: MIT
 *
 * Which container it is, and what is in it. A private key is looked for first,
 * in whatever form, because nothing else matters then.
 */
#include "adapters/certificate/container.h"

#include "adapters/certificate/der.h"
#include "adapters/certificate/openssl.h"
#include "base/limits.h"

/* The same thing twice in a file is said once. */
static void add_once(struct findings *findings, enum finding_id id)
{
    if (!findings_has(findings, id))
        findings_add(findings, id, NULL);
}

static bool begins_with(struct view data, const void *bytes, size_t size)
{
    return data.size >= size && memcmp(data.at, bytes, size) == 0;
}

static bool is_blank(struct view data)
{
    struct view text = data;

    if (begins_with(data, "\xef\xbb\xbf", 3))
        text = (struct view){data.at + 3, data.size - 3};
    for (size_t i = 0; i < text.size; i++)
        if (!g_ascii_isspace(text.at[i]))
            return false;
    return true;
}

static bool is_utf16(struct view data)
{
    return begins_with(data, "\xff\xfe", 2) || begins_with(data, "\xfe\xff", 2) ||
           begins_with(data, "-\0-\0", 4) || begins_with(data, "\0-\0-", 4);
}

/* UTF-16 of ASCII is ASCII with zero bytes between. */
static bool has_wide_private_key(struct view data)
{
    auto_ptr(wiped) narrow = wiped_new(data.size);

    for (size_t i = 0; i < data.size; i++)
        if (data.at[i] != '\0')
            narrow->bytes[narrow->size++] = data.at[i];
    return pem_has_private_key((struct view){narrow->bytes, narrow->size});
}

/* ---- PEM ---------------------------------------------------------------------------------- */

/* Blocks that are refused by their label; those of the other labels are judged by their content. */
static enum finding_id refused_label(const char *label)
{
    static const struct {
        const char *label;
        enum finding_id id;
    } refused[] = {
        {"CERTIFICATE REQUEST", FINDING_CERTIFICATE_CSR},
        {"NEW CERTIFICATE REQUEST", FINDING_CERTIFICATE_CSR},
        {"X509 CRL", FINDING_CERTIFICATE_CRL},
        {"TRUSTED CERTIFICATE", FINDING_CERTIFICATE_TRUSTED},
        {"PKCS12", FINDING_CERTIFICATE_PKCS12},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++)
        if (g_str_equal(label, refused[i].label))
            return refused[i].id;
    return FINDING_COUNT;
}

static bool label_has_certificates(const char *label)
{
    static const char *const labels[] = {
        "CERTIFICATE", "X509 CERTIFICATE", "PKCS7", "PKCS #7 SIGNED DATA", "CMS", NULL,
    };

    return g_strv_contains(labels, label);
}

static void read_block(const char *label, const struct wiped *der, GPtrArray *found,
                       struct findings *findings)
{
    enum finding_id refused = refused_label(label);

    if (refused != FINDING_COUNT)
        add_once(findings, refused);
    else if (label_has_certificates(label) &&
             !der_read((struct view){der->bytes, der->size}, found, findings))
        add_once(findings, FINDING_CERTIFICATE_DAMAGED);
}

/* A text of blocks that were all of no interest, such as a public key alone. */
static void explain_nothing(struct view text, struct findings *findings)
{
    add_once(findings, view_find(text, "PUBLIC KEY-----") ? FINDING_CERTIFICATE_PUBLIC_KEY
                                                          : FINDING_CERTIFICATE_NOT_A_CERTIFICATE);
}

static void read_pem(struct view text, GPtrArray *found, struct findings *findings)
{
    struct view rest = text;
    enum pem_outcome outcome = PEM_BLOCK;

    while (outcome != PEM_NO_MORE) {
        g_autofree char *label = NULL;
        auto_ptr(wiped) der = NULL;
        outcome = pem_next(&rest, &label, &der);
        if (outcome == PEM_BLOCK)
            read_block(label, der, found, findings);
        else if (outcome == PEM_DAMAGED)
            add_once(findings, FINDING_CERTIFICATE_DAMAGED);
        else if (outcome == PEM_TRUNCATED)
            add_once(findings, FINDING_CERTIFICATE_TRUNCATED);
    }
    if (found->len == 0 && findings_count(findings) == 0)
        explain_nothing(text, findings);
}

/* ---- neither PEM nor DER ------------------------------------------------------------------- */

static bool is_ssh_public_key(struct view text)
{
    return begins_with(text, "ssh-", 4) || begins_with(text, "ecdsa-sha2-", 11) ||
           view_find(text, "BEGIN SSH2 PUBLIC KEY");
}

/* Base64 without its lines: what it is decides, most of all when it is a key. */
static bool explain_base64(struct view text, struct findings *findings)
{
    auto_ptr(wiped) der = pem_decode(text);
    struct view value;

    if (!der)
        return false;
    value = (struct view){der->bytes, der->size};
    if (!der_begins(value))
        return false;
    add_once(findings, der_is_private_key(value) ? FINDING_CERTIFICATE_PRIVATE_KEY
                                                 : FINDING_CERTIFICATE_NO_BEGIN_LINE);
    return true;
}

static void explain_other(struct view data, struct findings *findings)
{
    if (begins_with(data, "PK\3\4", 4))
        add_once(findings, FINDING_CERTIFICATE_ZIP);
    else if (begins_with(data, "\xfe\xed\xfe\xed", 4) || begins_with(data, "\xce\xce\xce\xce", 4))
        add_once(findings, FINDING_CERTIFICATE_KEYSTORE);
    else if (is_ssh_public_key(data))
        add_once(findings, FINDING_CERTIFICATE_PUBLIC_KEY);
    else if (view_find(data, "BEGIN CERTIFICATE") || view_find(data, "END CERTIFICATE"))
        add_once(findings, FINDING_CERTIFICATE_NO_BEGIN_LINE);
    else if (!explain_base64(data, findings))
        add_once(findings, FINDING_CERTIFICATE_NOT_A_CERTIFICATE);
}

/* ---- all of it ----------------------------------------------------------------------------- */

static void read_any(struct view data, GPtrArray *found, struct findings *findings)
{
    if (is_blank(data))
        add_once(findings, FINDING_CERTIFICATE_EMPTY);
    else if (pem_has_private_key(data) || has_wide_private_key(data))
        add_once(findings, FINDING_CERTIFICATE_PRIVATE_KEY);
    else if (data.size > LIMIT_CERTIFICATE_FILE)
        add_once(findings, FINDING_CERTIFICATE_TOO_LARGE);
    else if (is_utf16(data))
        add_once(findings, FINDING_CERTIFICATE_UTF16);
    else if (!der_begins(data) && view_find(data, "-----BEGIN "))
        read_pem(data, found, findings);
    else if (!der_begins(data))
        explain_other(data, findings);
    else if (!der_read(data, found, findings))
        add_once(findings, FINDING_CERTIFICATE_NOT_A_CERTIFICATE);
}

/* A server's file often has the same certificate twice. */
static GPtrArray *without_duplicates(const GPtrArray *all)
{
    GPtrArray *unique = g_ptr_array_new_with_free_func(x509_release);

    for (guint i = 0; i < all->len; i++) {
        X509 *certificate = g_ptr_array_index(all, i);
        bool known = false;
        for (guint j = 0; j < unique->len && !known; j++)
            known = X509_cmp(g_ptr_array_index(unique, j), certificate) == 0;
        if (known)
            continue;
        X509_up_ref(certificate);
        g_ptr_array_add(unique, certificate);
    }
    return unique;
}

static void check_count(const GPtrArray *certificates, struct findings *findings)
{
    g_autofree char *count = g_strdup_printf("%u", certificates->len);

    if (certificates->len > LIMIT_CERTIFICATES_IN_FILE)
        findings_add(findings, FINDING_CERTIFICATE_TOO_MANY, count,
                     G_STRINGIFY(LIMIT_CERTIFICATES_IN_FILE), NULL);
}

GPtrArray *container_read(const void *data, size_t size, struct findings *findings)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(x509_release);
    auto_ptr(findings) mine = findings_new();
    GPtrArray *unique;

    read_any((struct view){data, size}, all, mine);
    if (findings_has(mine, FINDING_CERTIFICATE_PRIVATE_KEY)) {
        /* Whatever else is in the file can wait: this is what has to be read. */
        findings_add(findings, FINDING_CERTIFICATE_PRIVATE_KEY, NULL);
        return g_ptr_array_new_with_free_func(x509_release);
    }
    unique = without_duplicates(all);
    check_count(unique, mine);
    findings_take(findings, mine);
    ERR_clear_error();
    return unique;
}
