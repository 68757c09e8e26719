/* SPDX-License-Identifier: MIT
 *
 * Signatures of single certificates. Ten certificates made to fit each other
 * have thousands of paths, but at most a hundred pairs: without this table a
 * hundred forged paths took three seconds.
 */
#include "adapters/certificate/signature.h"

struct pair {
    X509 *certificate;
    X509 *issuer;
};

static guint pair_hash(gconstpointer key)
{
    const struct pair *pair = key;

    return g_direct_hash(pair->certificate) * 31 + g_direct_hash(pair->issuer);
}

static gboolean pair_equal(gconstpointer a, gconstpointer b)
{
    const struct pair *left = a, *right = b;

    return left->certificate == right->certificate && left->issuer == right->issuer;
}

GHashTable *signature_table_new(void)
{
    return g_hash_table_new_full(pair_hash, pair_equal, g_free, NULL);
}

bool signature_fits(GHashTable *table, X509 *certificate, X509 *issuer)
{
    const struct pair pair = {certificate, issuer};
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    gpointer known = NULL;
    bool fits;

    if (g_hash_table_lookup_extended(table, &pair, NULL, &known))
        return GPOINTER_TO_INT(known);
    fits = key && X509_verify(certificate, key) == 1;
    g_hash_table_insert(table, g_memdup2(&pair, sizeof pair), GINT_TO_POINTER(fits));
    return fits;
}

bool signature_is_consistent(const X509 *certificate)
{
    const X509_ALGOR *outside = NULL;

    X509_get0_signature(NULL, &outside, certificate);
    return X509_ALGOR_cmp(outside, X509_get0_tbs_sigalg(certificate)) == 0;
}
