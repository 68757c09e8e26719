/* SPDX-License-Identifier: MIT
 *
 * Recognising DER values: each kind gets its own answer.
 */
#include "adapters/certificate/der.h"

#include "adapters/certificate/openssl.h"

enum {
    TAG_SEQUENCE = 0x30,
};

bool der_begins(struct view data)
{
    return data.size > 2 && data.at[0] == TAG_SEQUENCE &&
           (data.at[1] >= 0x80 || data.at[1] == data.size - 2);
}

/* A value whose beginning promises more bytes than there are. */
static bool is_truncated(struct view der)
{
    size_t octets, promised = 0;

    if (!der_begins(der) || der.at[1] <= 0x80)
        return false;
    octets = der.at[1] & 0x7f;
    if (octets > 3 || der.size < 2 + octets)
        return false;
    for (size_t i = 0; i < octets; i++)
        promised = promised << 8 | der.at[2 + i];
    return promised > der.size - 2 - octets;
}

static bool is_csr(struct view der)
{
    X509_REQ *request = d2i_X509_REQ(NULL, &der.at, (long)der.size);

    X509_REQ_free(request);
    return request;
}

static bool is_crl(struct view der)
{
    X509_CRL *list = d2i_X509_CRL(NULL, &der.at, (long)der.size);

    X509_CRL_free(list);
    return list;
}

static bool is_public_key(struct view der)
{
    X509_PUBKEY *key = d2i_X509_PUBKEY(NULL, &der.at, (long)der.size);

    X509_PUBKEY_free(key);
    return key;
}

/* What else it may be, in the order of asking. */
static const struct {
    bool (*is)(struct view der);
    enum finding_id id;
} kinds[] = {
    {is_csr, FINDING_CERTIFICATE_CSR},
    {is_crl, FINDING_CERTIFICATE_CRL},
    {is_public_key, FINDING_CERTIFICATE_PUBLIC_KEY},
    {is_truncated, FINDING_CERTIFICATE_TRUNCATED},
};

/* The same bytes come out again: a second encoding would have a second fingerprint. */
static bool is_canonical(X509 *certificate, struct view der, size_t read)
{
    unsigned char *again = NULL;
    int size = i2d_X509(certificate, &again);
    bool same = size >= 0 && (size_t)size == read && memcmp(again, der.at, read) == 0;

    OPENSSL_free(again);
    return same;
}

/* True when a value of this kind was there, whatever was found wrong with it. */
static bool read_certificate(struct view der, GPtrArray *found, struct findings *findings)
{
    const guint8 *at = der.at;
    g_autoptr(X509) certificate = d2i_X509(NULL, &at, (long)der.size);
    struct view rest = {at, der.size - (size_t)(at - der.at)};

    if (!certificate)
        return false;
    /* Editors and transfers as text add the end of a line. */
    if (!view_is_blank(rest))
        findings_add(findings, FINDING_CERTIFICATE_TRAILING_DATA, NULL);
    else if (!is_canonical(certificate, der, der.size - rest.size))
        findings_add(findings, FINDING_CERTIFICATE_DAMAGED, NULL);
    else
        g_ptr_array_add(found, g_steal_pointer(&certificate));
    return true;
}

/* Only signed data has certificates (RFC 5652 5.1), and only the ones in it are wanted. */
static bool read_pkcs7(struct view der, GPtrArray *found, struct findings *findings)
{
    const guint8 *at = der.at;
    g_autoptr(PKCS7) bundle = d2i_PKCS7(NULL, &at, (long)der.size);
    STACK_OF(X509) *inside = NULL;

    if (!bundle)
        return false;
    if (PKCS7_type_is_signed(bundle) && bundle->d.sign)
        inside = bundle->d.sign->cert;
    for (int i = 0; i < sk_X509_num(inside); i++) {
        X509 *certificate = sk_X509_value(inside, i);
        X509_up_ref(certificate);
        g_ptr_array_add(found, certificate);
    }
    if (sk_X509_num(inside) <= 0)
        findings_add(findings, FINDING_CERTIFICATE_PKCS7_EMPTY, NULL);
    if (!view_is_blank(view_from(der, at)))
        findings_add(findings, FINDING_CERTIFICATE_TRAILING_DATA, NULL);
    return true;
}

bool der_is_bundle(struct view der)
{
    g_autoptr(PKCS7) bundle = d2i_PKCS7(NULL, &der.at, (long)der.size);

    return bundle != NULL;
}

bool der_read(struct view der, GPtrArray *found, struct findings *findings)
{
    if (der.size > G_MAXINT)
        return false;
    if (read_certificate(der, found, findings) || read_pkcs7(der, found, findings))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!kinds[i].is(der))
            continue;
        findings_add(findings, kinds[i].id, NULL);
        return true;
    }
    return false;
}
