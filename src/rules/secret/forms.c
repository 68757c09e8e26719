/* SPDX-License-Identifier: MIT
 *
 * Private keys as bytes. Each is known by its first bytes, of which so many are fixed
 * that random data, of which a form can hold a quarter of a million bytes, has none of them.
 */
#include "rules/secret/forms.h"

#include "rules/secret/openpgp.h"

enum {
    TAG_INTEGER = 0x02,
    TAG_OCTET_STRING = 0x04,
    TAG_OBJECT = 0x06,
    TAG_SEQUENCE = 0x30,
    LOOKED_AT = 49, /* bytes of a number */
};

static const char PKCS7[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07";

/* ---- DER (ITU-T X.690), also with BER's indefinite lengths --------------------------------- */

/* A cursor over nested values; what is cut off reads as the end. */
struct der {
    const guint8 *at;
    const guint8 *end;
};

static int der_peek(const struct der *der)
{
    return der->at < der->end ? *der->at : -1;
}

/* Enters a value with that tag, to the beginning of its content. *size: G_MAXSIZE: indefinite. */
static bool der_enter(struct der *der, int tag, size_t *size)
{
    size_t octets;

    if (der_peek(der) != tag || der->end - der->at < 2)
        return false;
    *size = der->at[1];
    der->at += 2;
    if (*size < 0x80)
        return true;
    octets = *size & 0x7f;
    if (octets == 0) {
        *size = G_MAXSIZE;
        return true;
    }
    if (octets > 3 || octets > (size_t)(der->end - der->at))
        return false;
    for (*size = 0; octets > 0; octets--)
        *size = *size << 8 | *der->at++;
    return true;
}

static void der_skip(struct der *der, size_t size)
{
    der->at += MIN(size, (size_t)(der->end - der->at));
}

/* An INTEGER of one byte. */
static bool der_small(struct der *der, guint8 *value)
{
    if (der->end - der->at < 3 || der->at[0] != TAG_INTEGER || der->at[1] != 1)
        return false;
    *value = der->at[2];
    der->at += 3;
    return true;
}

static bool der_is_object(const struct der *der, const char *begin, size_t size)
{
    return (size_t)(der->end - der->at) >= 2 + size && der->at[0] == TAG_OBJECT &&
           memcmp(der->at + 2, begin, size) == 0;
}

/* PKCS#1 (RFC 8017 A.1.2), and DSA's in the same shape: a version, then large numbers. */
static bool is_pkcs1(struct der der, size_t outer)
{
    size_t size;

    return der_enter(&der, TAG_INTEGER, &size) && size >= 32 && size < outer &&
           der_peek(&der) < 0x80;
}

/* SEC 1 C.4: a version, a string of a curve's size, then only optional parts. */
static bool is_sec1(struct der der, size_t outer)
{
    static const guint8 sizes[] = {20, 21, 24, 28, 29, 30, 32, 36, 40, 48, 52, 56, 64, 66, 72};
    size_t size;

    return der_enter(&der, TAG_OCTET_STRING, &size) && size <= 72 &&
           memchr(sizes, (int)size, sizeof sizes) && outer >= size + 5 &&
           (outer == G_MAXSIZE || outer <= size * 5 + 400);
}

/*
 * PKCS#8 (RFC 5958 2): a version, an algorithm, a string. A certificate of version 1 and a
 * revocation list also have a number and an algorithm there, but then a SEQUENCE; encrypted
 * data of PKCS#7 has its own name in the algorithm's place.
 */
static bool is_pkcs8(struct der der, size_t outer, guint8 version)
{
    size_t size;

    if (!der_enter(&der, TAG_SEQUENCE, &size) || size < 5 || size > outer || der.end - der.at < 3 ||
        der.at[0] != TAG_OBJECT || der.at[1] < 3 || der.at[1] > 16 || der.at[2] >= 0x80 ||
        der_is_object(&der, PKCS7, strlen(PKCS7)))
        return false;
    der_skip(&der, size);
    if (der_peek(&der) == TAG_OCTET_STRING)
        return true;
    /* Cut off, or split by something that is none of it. */
    return version == 0 && der_peek(&der) != TAG_SEQUENCE;
}

/* EncryptedPrivateKeyInfo (RFC 5958 3): an algorithm of passwords, then one string. */
static bool is_encrypted(struct der der)
{
    static const struct {
        const char *object;
        size_t size;
    } schemes[] = {
        {"\x2a\x86\x48\x86\xf7\x0d\x01\x05", 8},     /* PKCS#5 */
        {"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01", 9}, /* PKCS#12 */
        {"\x2b\x06\x01\x04\x01\x2a\x02", 7},         /* Java's own */
    };
    size_t size;

    if (!der_enter(&der, TAG_SEQUENCE, &size))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (der_is_object(&der, schemes[i].object, schemes[i].size))
            return true;
    return false;
}

/* PFX (RFC 7292 4): version 3, then a content of PKCS#7. */
static bool is_pkcs12(struct der der)
{
    size_t size;

    return der_enter(&der, TAG_SEQUENCE, &size) && der_is_object(&der, PKCS7, strlen(PKCS7));
}

/* What begins with a SEQUENCE here. */
static enum secret look_at_sequence(struct view data)
{
    struct der der = {data.at, data.at + data.size};
    guint8 version;
    size_t outer;

    if (!der_enter(&der, TAG_SEQUENCE, &outer) || outer < 16)
        return SECRET_NONE;
    if (is_encrypted(der))
        return SECRET_PRIVATE_KEY;
    if (!der_small(&der, &version) || version > 3)
        return SECRET_NONE;
    if (version == 3)
        return is_pkcs12(der) ? SECRET_PKCS12 : SECRET_NONE;
    if ((version <= 1 && (is_pkcs1(der, outer) || is_pkcs8(der, outer, version))) ||
        (version == 1 && is_sec1(der, outer)))
        return SECRET_PRIVATE_KEY;
    return SECRET_NONE;
}

static enum secret find_sequence(struct view data)
{
    enum secret found;

    for (const guint8 *at = data.at; (at = memchr(at, TAG_SEQUENCE, view_from(data, at).size));
         at++) {
        found = look_at_sequence(view_from(data, at));
        if (found != SECRET_NONE)
            return found;
    }
    return SECRET_NONE;
}

/* The numbers of a key have no pattern: of 48 bytes at random, 44 differ. */
static bool is_random(const guint8 *at)
{
    bool seen[256] = {false};
    unsigned different = 0;

    for (unsigned i = 0; i < LOOKED_AT - 1; i++) {
        different += !seen[at[i]];
        seen[at[i]] = true;
    }
    return different >= 36;
}

/*
 * A number of about half a modulus: positive, in the shortest form, of a multiple of 16 bytes
 * or one less; moves behind it. *size is without the zero byte before a high bit.
 */
static bool skip_number(struct der *der, size_t *size)
{
    bool has_zero;

    if (!der_enter(der, TAG_INTEGER, size) || *size > 2050 ||
        (size_t)(der->end - der->at) < LOOKED_AT)
        return false;
    has_zero = der->at[0] == 0;
    if (has_zero != (der->at[has_zero] >= 0x80) || !is_random(der->at + 1))
        return false;
    der_skip(der, *size);
    *size -= has_zero;
    return *size >= 63 && (*size % 16 == 0 || *size % 16 == 15);
}

/* q and what goes with it: four numbers of one size, one after the other. */
static bool is_tail_of_rsa(struct der der)
{
    size_t most = 0, least = G_MAXSIZE, size;

    for (unsigned i = 0; i < 4; i++) {
        if (!skip_number(&der, &size))
            return false;
        most = MAX(most, size);
        least = MIN(least, size);
    }
    return most - least <= 1;
}

/* The secret numbers of an RSA key whose beginning is lost. */
static bool has_tail_of_rsa(struct view data)
{
    const guint8 *at = data.at;

    for (; (at = memchr(at, TAG_INTEGER, view_from(data, at).size)); at++)
        if (is_tail_of_rsa((struct der){at, data.at + data.size}))
            return true;
    return false;
}

/* ---- fixed beginnings ---------------------------------------------------------------------- */

static const struct {
    const char *bytes;
    size_t size;
    enum secret secret;
} beginnings[] = {
    {"openssh-key-v1\0", 15, SECRET_PRIVATE_KEY},
    {"\xfe\xed\xfe\xed\0\0\0\x01", 8, SECRET_KEYSTORE}, /* JKS */
    {"\xfe\xed\xfe\xed\0\0\0\x02", 8, SECRET_KEYSTORE},
    {"\xce\xce\xce\xce\0\0\0\x01", 8, SECRET_KEYSTORE}, /* JCEKS */
    {"\xce\xce\xce\xce\0\0\0\x02", 8, SECRET_KEYSTORE},
    {"\x1e\xf1\xb5\xb0\0\0\0\0", 8, SECRET_PRIVATE_KEY},    /* PVK */
    {"\x07\x02\0\0\0\x24\0\0RSA2", 12, SECRET_PRIVATE_KEY}, /* PRIVATEKEYBLOB, for signing */
    {"\x07\x02\0\0\0\xa4\0\0RSA2", 12, SECRET_PRIVATE_KEY}, /* for exchange */
    {"\x07\x02\0\0\0\x22\0\0DSS2", 12, SECRET_PRIVATE_KEY},
    {"\x3f\x6f\xf9\xeb\0\0", 6, SECRET_PRIVATE_KEY}, /* ssh.com; its length follows */
};

/* CNG's private blobs (bcrypt.h): RSA2 and RSA3, then lengths that fit each other. */
static bool is_cng(struct view data)
{
    guint32 numbers[3];

    if (data.size < 16 || memcmp(data.at, "RSA", 3) != 0 ||
        (data.at[3] != '2' && data.at[3] != '3'))
        return false;
    memcpy(numbers, data.at + 4, sizeof numbers);
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        numbers[i] = GUINT32_FROM_LE(numbers[i]);
    return numbers[0] >= 512 && numbers[0] <= 16384 && numbers[1] >= 1 && numbers[1] <= 8 &&
           numbers[2] == (numbers[0] + 7) / 8;
}

static bool has_cng(struct view data)
{
    for (const guint8 *at = data.at; (at = view_find(view_from(data, at), "RSA")); at++)
        if (is_cng(view_from(data, at)))
            return true;
    return false;
}

enum secret forms_find(struct view data)
{
    enum secret found = find_sequence(data);

    if (found != SECRET_NONE)
        return found;
    for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++)
        if (data.size > 0 && memmem(data.at, data.size, beginnings[i].bytes, beginnings[i].size))
            return beginnings[i].secret;
    if (has_tail_of_rsa(data) || has_cng(data) || openpgp_find(data))
        return SECRET_PRIVATE_KEY;
    return SECRET_NONE;
}
