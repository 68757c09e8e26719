/* SPDX-License-Identifier: MIT
 *
 * Recognising DER values: each kind gets its own answer.
 */
#include "adapters/certificate/der.h"

#include "adapters/certificate/openssl.h"

enum {
    TAG_INTEGER = 0x02,
    TAG_OCTET_STRING = 0x04,
    TAG_SEQUENCE = 0x30,
};

bool der_begins(struct view data)
{
    return data.size > 2 && data.at[0] == TAG_SEQUENCE &&
           (data.at[1] >= 0x80 || data.at[1] == data.size - 2);
}

/*
 * Opens the value at the beginning: its content, as much of it as there is, and
 * what follows it (may be NULL). promised: the size that the value says it has.
 */
static bool open_value(struct view der, guint8 tag, struct view *content, struct view *next,
                       size_t *promised)
{
    const guint8 *at = der.at;
    const guint8 *end = der.at + der.size;
    size_t size, octets;

    if (der.size < 2 || *at++ != tag)
        return false;
    size = *at++;
    octets = size > 0x80 ? size & 0x7f : 0;
    if (size == 0x80 || octets > 3 || octets > (size_t)(end - at))
        return false;
    if (octets > 0)
        size = 0;
    while (octets-- > 0)
        size = size << 8 | *at++;
    *content = (struct view){at, MIN(size, (size_t)(end - at))};
    if (next)
        *next = (struct view){at + content->size, (size_t)(end - at) - content->size};
    if (promised)
        *promised = size;
    return true;
}

/* A value whose beginning promises more bytes than there are. */
static bool is_truncated(struct view der)
{
    struct view content;
    size_t promised;

    return der_begins(der) && open_value(der, TAG_SEQUENCE, &content, NULL, &promised) &&
           content.size < promised;
}

/*
 * Judged by the first elements, because a damaged key is disclosed as well, and
 * because no copy of it is made: version 0 or 1, then a number (PKCS#1), a
 * string (SEC 1) or an algorithm (PKCS#8).
 */
static bool is_plain_key(struct view content)
{
    struct view version, next;

    if (!open_value(content, TAG_INTEGER, &version, &next, NULL) || version.size != 1 ||
        version.at[0] > 1 || next.size == 0)
        return false;
    return next.at[0] == TAG_INTEGER || next.at[0] == TAG_OCTET_STRING ||
           next.at[0] == TAG_SEQUENCE;
}

/* EncryptedPrivateKeyInfo (RFC 5958 3): an algorithm and one string of a key's size. */
static bool is_encrypted_key(struct view content)
{
    struct view algorithm, next, string, rest;

    return open_value(content, TAG_SEQUENCE, &algorithm, &next, NULL) && algorithm.size > 0 &&
           algorithm.at[0] == V_ASN1_OBJECT &&
           open_value(next, TAG_OCTET_STRING, &string, &rest, NULL) && rest.size == 0 &&
           string.size >= 32;
}

bool der_is_private_key(struct view der)
{
    struct view content;

    return open_value(der, TAG_SEQUENCE, &content, NULL, NULL) &&
           (is_plain_key(content) || is_encrypted_key(content));
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

/* PFX (RFC 7292 4) is version 3, then a sequence. Not parsed, so that no key in it is copied. */
static bool is_pkcs12(struct view der)
{
    struct view content, version, next;

    return open_value(der, TAG_SEQUENCE, &content, NULL, NULL) &&
           open_value(content, TAG_INTEGER, &version, &next, NULL) && version.size == 1 &&
           version.at[0] == 3 && next.size > 0 && next.at[0] == TAG_SEQUENCE;
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
    {is_pkcs12, FINDING_CERTIFICATE_PKCS12},
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
    if (rest.size > 0)
        findings_add(findings,
                     der_is_private_key(rest) ? FINDING_CERTIFICATE_PRIVATE_KEY
                                              : FINDING_CERTIFICATE_TRAILING_DATA,
                     NULL);
    else if (!is_canonical(certificate, der, der.size))
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
    if (at < der.at + der.size)
        findings_add(findings, FINDING_CERTIFICATE_TRAILING_DATA, NULL);
    return true;
}

bool der_read(struct view der, GPtrArray *found, struct findings *findings)
{
    if (der.size > G_MAXINT)
        return false;
    if (der_is_private_key(der)) {
        findings_add(findings, FINDING_CERTIFICATE_PRIVATE_KEY, NULL);
        return true;
    }
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
