/* SPDX-License-Identifier: MIT
 *
 * Whether a path ends only because the site's file of roots is older, or shorter, than the
 * list of this project.
 */
#include "adapters/certificate/absent.h"

#include "adapters/certificate/facts.h"

/* SHA-256 of the name's DER, hexadecimal. Caller frees. */
static char *digest_of_name(const X509_NAME *name)
{
    const unsigned char *der = NULL;
    size_t size = 0;

    X509_NAME_get0_der(name, &der, &size);
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, der, size);
}

/* Hexadecimal, as in the list; NULL when the certificate does not say. Caller frees. */
static char *authority_key_identifier(X509 *certificate)
{
    const ASN1_OCTET_STRING *identifier = X509_get0_authority_key_id(certificate);
    const guint8 *bytes = identifier ? ASN1_STRING_get0_data(identifier) : NULL;
    GString *text;

    if (!identifier)
        return NULL;
    text = g_string_new(NULL);
    for (int i = 0; i < ASN1_STRING_length(identifier); i++)
        g_string_append_printf(text, "%02x", bytes[i]);
    return g_string_free(text, FALSE);
}

/* identifier: NULL fits all. */
static bool is_issuer(const struct known_root *root, const char *subject_sha256,
                      const char *identifier)
{
    return g_str_equal(root->subject_sha256, subject_sha256) &&
           (!identifier || !*root->key_identifier || g_str_equal(root->key_identifier, identifier));
}

/* "" is without an end. */
static bool lasts_longer(const struct known_root *root, const struct known_root *than)
{
    return !than || !*root->last_day ||
           (*than->last_day && strcmp(root->last_day, than->last_day) > 0);
}

static const struct known_root *known_issuer(const struct trust *trust, X509 *certificate)
{
    g_autofree char *subject_sha256 = digest_of_name(X509_get_issuer_name(certificate));
    g_autofree char *identifier = authority_key_identifier(certificate);
    const struct known_root *found = NULL;

    for (size_t i = 0; i < trust->known_count; i++) {
        const struct known_root *root = &trust->known[i];
        if (!is_issuer(root, subject_sha256, identifier))
            continue;
        if (trust_holds(trust, root->sha256))
            return NULL;
        if (lasts_longer(root, found))
            found = root;
    }
    return found;
}

const struct known_root *absent_root(const struct trust *trust, X509 *certificate)
{
    g_autofree char *sha256 = NULL;

    if (!(X509_get_extension_flags(certificate) & EXFLAG_SS))
        return known_issuer(trust, certificate);
    sha256 = facts_sha256(certificate);
    return trust_holds(trust, sha256) ? NULL : trust_known(trust, sha256);
}
