/* SPDX-License-Identifier: MIT
 *
 * Signatures of single certificates. Forty certificates made to fit each other
 * have millions of paths, but at most as many pairs of a certificate and a key as
 * the budget below pays for.
 */
#include "adapters/certificate/signature.h"

#include "base/limits.h"

struct pair {
    X509 *certificate;
    GBytes *key;
};

struct signatures {
    GHashTable *keys;  /* GBytes * to itself: each public key once */
    GHashTable *owned; /* X509 * to the GBytes * in keys */
    GHashTable *pairs; /* struct pair * to whether the key made the signature */
    unsigned spent;
    bool exhausted;
};

static guint pair_hash(gconstpointer key)
{
    const struct pair *pair = key;

    return g_direct_hash(pair->certificate) * 31 + g_direct_hash(pair->key);
}

static gboolean pair_equal(gconstpointer a, gconstpointer b)
{
    const struct pair *left = a, *right = b;

    return left->certificate == right->certificate && left->key == right->key;
}

static void key_release(gpointer key)
{
    g_bytes_unref(key);
}

struct signatures *signatures_new(void)
{
    struct signatures *signatures = g_new0(struct signatures, 1);

    signatures->keys = g_hash_table_new_full(g_bytes_hash, g_bytes_equal, key_release, NULL);
    signatures->owned = g_hash_table_new(NULL, NULL);
    signatures->pairs = g_hash_table_new_full(pair_hash, pair_equal, g_free, NULL);
    return signatures;
}

void signatures_free(struct signatures *signatures)
{
    if (!signatures)
        return;
    g_hash_table_unref(signatures->pairs);
    g_hash_table_unref(signatures->owned);
    g_hash_table_unref(signatures->keys);
    g_free(signatures);
}

/* ---- keys ---------------------------------------------------------------------------------- */

static GBytes *read_key(X509 *certificate)
{
    unsigned char *der = NULL;
    int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    GBytes *key = g_bytes_new(der, size > 0 ? (size_t)size : 0);

    OPENSSL_free(der);
    return key;
}

static GBytes *key_of(struct signatures *signatures, X509 *certificate)
{
    GBytes *key = g_hash_table_lookup(signatures->owned, certificate);
    GBytes *known;

    if (key)
        return key;
    key = read_key(certificate);
    known = g_hash_table_lookup(signatures->keys, key);
    if (known)
        g_bytes_unref(key);
    else
        g_hash_table_add(signatures->keys, key);
    g_hash_table_insert(signatures->owned, certificate, known ? known : key);
    return known ? known : key;
}

bool signatures_same_key(struct signatures *signatures, X509 *a, X509 *b)
{
    return key_of(signatures, a) == key_of(signatures, b);
}

/* ---- signatures ---------------------------------------------------------------------------- */

/* About the time of one verification in units of 50 microseconds, as measured with OpenSSL 3.0. */
static unsigned cost_of(const EVP_PKEY *key)
{
    enum { USUAL = 1, LARGE = 5, P_384 = 12, OTHER = 60 };
    int bits = EVP_PKEY_get_bits(key);

    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        return bits <= 2048 ? USUAL : bits <= 8192 ? LARGE : OTHER;
    case EVP_PKEY_EC:
        return EVP_PKEY_is_a(key, "EC") && bits == 256 ? USUAL : bits <= 384 ? P_384 : LARGE * 2;
    case EVP_PKEY_ED25519:
        return USUAL * 2;
    default:
        return OTHER;
    }
}

static bool can_pay(struct signatures *signatures, const EVP_PKEY *key)
{
    unsigned cost = cost_of(key);

    if (signatures->spent + cost > LIMIT_PATH_SIGNATURES) {
        signatures->exhausted = true;
        return false;
    }
    signatures->spent += cost;
    return true;
}

bool signatures_fit(struct signatures *signatures, X509 *certificate, X509 *issuer)
{
    const struct pair pair = {certificate, key_of(signatures, issuer)};
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    gpointer known = NULL;
    bool fits;

    if (g_hash_table_lookup_extended(signatures->pairs, &pair, NULL, &known))
        return GPOINTER_TO_INT(known);
    if (!can_pay(signatures, key))
        return false;
    fits = X509_verify(certificate, key) == 1;
    g_hash_table_insert(signatures->pairs, g_memdup2(&pair, sizeof pair), GINT_TO_POINTER(fits));
    return fits;
}

bool signatures_exhausted(const struct signatures *signatures)
{
    return signatures->exhausted;
}

bool signature_is_consistent(const X509 *certificate)
{
    const X509_ALGOR *outside = NULL;

    X509_get0_signature(NULL, &outside, certificate);
    return X509_ALGOR_cmp(outside, X509_get0_tbs_sigalg(certificate)) == 0;
}
