/* SPDX-License-Identifier: MIT
 *
 * From OpenSSL's certificate to plain facts. Nothing is judged here.
 */
#include "adapters/certificate/facts.h"

#include "adapters/certificate/key.h"
#include "adapters/certificate/names.h"
#include "adapters/certificate/signature.h"

#include <time.h>

enum { SERIAL_OCTETS = 20 }; /* RFC 5280 4.1.2.2 */

gint64 facts_time(const ASN1_TIME *time, gint64 fallback)
{
    struct tm parts;

    return ASN1_TIME_to_tm(time, &parts) == 1 ? (gint64)timegm(&parts) : fallback;
}

char *facts_date(const ASN1_TIME *time)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(facts_time(time, G_MAXINT64));

    return date ? g_date_time_format(date, "%Y-%m-%d") : g_strdup("a date that cannot be read");
}

char *facts_sha256(X509 *certificate)
{
    unsigned char *der = NULL;
    int size = i2d_X509(certificate, &der);
    char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, der, size > 0 ? (size_t)size : 0);

    OPENSSL_free(der);
    return digest;
}

char *facts_serial(X509 *certificate)
{
    g_autoptr(BIGNUM) number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *upper = number ? BN_bn2hex(number) : NULL;
    char *serial = g_ascii_strdown(upper ? upper : "", -1);

    OPENSSL_free(upper);
    return serial;
}

static void read_serial(const X509 *certificate, struct certificate_facts *facts)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);
    g_autoptr(BIGNUM) number = ASN1_INTEGER_to_BN(serial, NULL);

    facts->serial_fits = number && !BN_is_zero(number) && !BN_is_negative(number) &&
                         BN_num_bytes(number) <= SERIAL_OCTETS;
}

/* Fewer than 128 bits against collisions. */
static bool digest_is_weak(int digest)
{
    static const int weak[] = {NID_md2,  NID_md4,       NID_md5,    NID_mdc2,       NID_md5_sha1,
                               NID_sha1, NID_ripemd160, NID_sha224, NID_sha512_224, NID_sha3_224};

    for (size_t i = 0; i < G_N_ELEMENTS(weak); i++)
        if (digest == weak[i])
            return true;
    return false;
}

static bool signature_is_usual(int key, int digest)
{
    if (key == EVP_PKEY_ED25519 || key == EVP_PKEY_ED448)
        return true;
    return (key == EVP_PKEY_RSA || key == EVP_PKEY_RSA_PSS || key == EVP_PKEY_EC) &&
           (digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512);
}

static void read_signature(X509 *certificate, struct certificate_facts *facts)
{
    const X509_ALGOR *outside = NULL;
    int digest = NID_undef;
    int key = NID_undef;

    X509_get0_signature(NULL, &outside, certificate);
    facts->signature_name = names_of_object(outside->algorithm);
    facts->signature_is_consistent = signature_is_consistent(certificate);
    X509_get_signature_info(certificate, &digest, &key, NULL, NULL);
    facts->signature_is_weak = digest_is_weak(digest) || key == EVP_PKEY_DSA;
    facts->signature_is_usual = signature_is_usual(key, digest);
}

/* ---- extensions --------------------------------------------------------------------------- */

/* Whether an extension of the same kind stands before this one. */
static bool occurred_before(const X509 *certificate, int index)
{
    const ASN1_OBJECT *object = X509_EXTENSION_get_object(X509_get_ext(certificate, index));
    int first = X509_get_ext_by_OBJ(certificate, object, -1);

    return first < index;
}

static void read_extensions(const X509 *certificate, struct certificate_facts *facts)
{
    for (int i = 0; i < X509_get_ext_count(certificate); i++) {
        X509_EXTENSION *extension = X509_get_ext(certificate, i);
        const ASN1_OBJECT *object = X509_EXTENSION_get_object(extension);
        if (!facts->duplicate && occurred_before(certificate, i))
            facts->duplicate = names_of_object(object);
        if (!facts->unknown_critical && X509_EXTENSION_get_critical(extension) &&
            !X509_supported_extension(extension))
            facts->unknown_critical = names_of_object(object);
    }
    facts->has_name_constraints = X509_get_ext_by_NID(certificate, NID_name_constraints, -1) >= 0;
}

static unsigned purpose_bit(const ASN1_OBJECT *purpose)
{
    switch (OBJ_obj2nid(purpose)) {
    case NID_server_auth:
        return CERTIFICATE_SERVER;
    case NID_client_auth:
        return CERTIFICATE_CLIENT;
    case NID_anyExtendedKeyUsage:
        return CERTIFICATE_ANY;
    default:
        return CERTIFICATE_OTHER;
    }
}

/* Up to a few purposes are named: nobody reads more. */
static void read_purposes(X509 *certificate, struct certificate_facts *facts)
{
    enum { SHOWN = 5 };
    int critical = 0;
    g_autoptr(EXTENDED_KEY_USAGE) purposes =
        X509_get_ext_d2i(certificate, NID_ext_key_usage, &critical, NULL);
    GString *text = g_string_new(NULL);

    facts->purposes_critical = purposes && critical > 0;
    for (int i = 0; i < sk_ASN1_OBJECT_num(purposes); i++) {
        const ASN1_OBJECT *purpose = sk_ASN1_OBJECT_value(purposes, i);
        g_autofree char *name = names_of_object(purpose);
        facts->purposes |= purpose_bit(purpose);
        if (i < SHOWN)
            g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", name);
    }
    facts->purposes_text = g_string_free(text, FALSE);
}

/* ---- all of it ----------------------------------------------------------------------------- */

/* Certificates that live a few days have no subject any more. */
char *facts_subject(X509 *certificate)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    auto_ptr(certificate_facts) facts = certificate_facts_new();

    if (X509_NAME_entry_count(subject) > 0)
        return names_of(subject);
    names_read(certificate, facts);
    if (facts->names->len == 0)
        return g_strdup("without a name");
    return g_strdup(((struct certificate_name *)g_ptr_array_index(facts->names, 0))->text);
}

struct certificate_facts *facts_read_cost(X509 *certificate)
{
    struct certificate_facts *facts = certificate_facts_new();

    key_read(certificate, facts);
    names_read(certificate, facts);
    facts->subject = facts_subject(certificate);
    return facts;
}

struct certificate_facts *facts_read(X509 *certificate)
{
    struct certificate_facts *facts = facts_read_cost(certificate);

    facts->version = (unsigned)X509_get_version(certificate) + 1;
    facts->has_subject = X509_NAME_entry_count(X509_get_subject_name(certificate)) > 0;
    /* Times that cannot be read are in the wrong order, which is refused. */
    facts->not_before = facts_time(X509_get0_notBefore(certificate), G_MAXINT64);
    facts->not_after = facts_time(X509_get0_notAfter(certificate), G_MININT64);
    facts->may_sign = (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) != 0;
    read_serial(certificate, facts);
    key_read_flaw(certificate, facts);
    read_signature(certificate, facts);
    read_extensions(certificate, facts);
    read_purposes(certificate, facts);
    return facts;
}
