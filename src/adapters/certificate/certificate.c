/* SPDX-License-Identifier: MIT
 *
 * The public face: one upload in, a leaf or findings out.
 */
#include "adapters/certificate/certificate.h"

#include "adapters/certificate/container.h"
#include "adapters/certificate/der.h"
#include "adapters/certificate/facts.h"
#include "adapters/certificate/key.h"
#include "adapters/certificate/leaf.h"
#include "adapters/certificate/memory.h"
#include "adapters/certificate/names.h"
#include "adapters/certificate/path.h"
#include "base/error.h"
#include "base/limits.h"

/* ---- what is stored ------------------------------------------------------------------------ */

static GBytes *der_of(X509 *certificate)
{
    unsigned char *der = NULL;
    int size = i2d_X509(certificate, &der);
    GBytes *bytes = g_bytes_new(der, size > 0 ? (size_t)size : 0);

    OPENSSL_free(der);
    return bytes;
}

static char *spki_sha256_of(X509 *certificate)
{
    unsigned char *der = NULL;
    int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, der, size > 0 ? (size_t)size : 0);

    OPENSSL_free(der);
    return digest;
}

static GPtrArray *names_copy(const struct certificate_facts *facts)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < facts->names->len; i++) {
        const struct certificate_name *name = g_ptr_array_index(facts->names, i);
        g_ptr_array_add(names, g_strdup(name->text));
    }
    return names;
}

static struct certificate *describe(X509 *leaf, const struct certificate_facts *facts)
{
    struct certificate *certificate = g_new0(struct certificate, 1);

    certificate->der = der_of(leaf);
    certificate->sha256 = facts_sha256(leaf);
    certificate->spki_sha256 = spki_sha256_of(leaf);
    certificate->subject = names_of(X509_get_subject_name(leaf));
    certificate->issuer = names_of(X509_get_issuer_name(leaf));
    certificate->serial = facts_serial(leaf);
    certificate->names = names_copy(facts);
    certificate->not_before = facts->not_before;
    certificate->not_after = facts->not_after;
    return certificate;
}

/* ---- checking ------------------------------------------------------------------------------ */

/* OpenSSL gives up on a certificate with an extension that it cannot read or finds twice. */
static bool is_readable(X509 *certificate, struct findings *findings)
{
    auto_ptr(certificate_facts) facts = NULL;

    if (!(X509_get_extension_flags(certificate) & EXFLAG_INVALID))
        return true;
    facts = facts_read(certificate);
    if (facts->duplicate)
        findings_add(findings, FINDING_CERTIFICATE_DUPLICATE_EXTENSION, facts->subject,
                     facts->duplicate, NULL);
    else
        findings_add(findings, FINDING_CERTIFICATE_ENCODING, facts->subject,
                     "one of its extensions cannot be read", NULL);
    return false;
}

/* What would be dangerous or useless to go on with: cost, and extensions that cannot be read. */
static bool screen(const GPtrArray *bundle, struct findings *findings)
{
    bool good = true;

    for (guint i = 0; i < bundle->len; i++) {
        X509 *certificate = g_ptr_array_index(bundle, i);
        auto_ptr(certificate_facts) facts = facts_read_cost(certificate);
        good =
            certificate_judge_cost(facts, findings) && is_readable(certificate, findings) && good;
    }
    return good;
}

/* A certificate that is not an application's own at all; what else is wrong with it is no help. */
static bool is_wrong_kind(X509 *leaf, const struct certificate_facts *facts,
                          struct findings *findings)
{
    bool names_itself = X509_get_extension_flags(leaf) & EXFLAG_SS;

    if (names_itself && X509_self_signed(leaf, 1) == 1)
        findings_add(findings, FINDING_CERTIFICATE_SELF_SIGNED, facts->subject, NULL);
    else if (names_itself)
        findings_add(findings, FINDING_CERTIFICATE_SIGNATURE, facts->subject, facts->subject, NULL);
    else if (leaf_is_ca(leaf))
        findings_add(findings, FINDING_CERTIFICATE_CA, facts->subject, NULL);
    return names_itself || leaf_is_ca(leaf);
}

static struct certificate *check_bundle(const struct trust *trust, const GPtrArray *bundle,
                                        const struct certificate_options *options,
                                        struct findings *findings)
{
    X509 *leaf = leaf_pick(bundle, findings);
    auto_ptr(certificate_facts) facts = leaf ? facts_read(leaf) : NULL;
    enum certificate_root root;

    if (!leaf || is_wrong_kind(leaf, facts, findings))
        return NULL;
    key_read_leaf_flaw(leaf, trust->weak_keys, facts);
    root = path_check(trust, bundle, leaf, facts, options->now, findings);
    certificate_judge_leaf(facts, root, options->now, options->name, findings);
    if (root == CERTIFICATE_ROOT_UNKNOWN && findings_verdict(findings) == VERDICT_ACCEPT)
        findings_add(findings, FINDING_CERTIFICATE_PATH, "no path to a root was found", NULL);
    if (root != CERTIFICATE_ROOT_UNKNOWN)
        leaf_report_unrelated(bundle, leaf, findings);
    return findings_verdict(findings) == VERDICT_ACCEPT ? describe(leaf, facts) : NULL;
}

/* Without memory nothing that was said holds: not the leaf, and not the findings. */
static struct certificate *without_memory(struct certificate *leaf, struct findings *findings)
{
    certificate_free(leaf);
    findings_clear(findings);
    findings_add(findings, FINDING_CERTIFICATE_UNAVAILABLE, NULL);
    return NULL;
}

/* Where the intermediate is to be added, a file that can hold one certificate only is no place. */
static void explain_der(const void *data, size_t size, const GPtrArray *bundle,
                        struct findings *findings)
{
    if (findings_has(findings, FINDING_CERTIFICATE_MISSING_INTERMEDIATE) && bundle->len == 1 &&
        der_begins((struct view){data, size}))
        findings_add(findings, FINDING_CERTIFICATE_DER_ALONE, NULL);
}

struct certificate *certificate_check(const struct trust *trust, const void *data, size_t size,
                                      const struct certificate_options *options,
                                      struct findings *findings)
{
    guint64 before = memory_failures();
    auto_ptr(findings) mine = findings_new();
    g_autoptr(GPtrArray) bundle = container_read(data, size, mine);
    struct certificate *leaf = NULL;

    if (findings_count(mine) == 0 && screen(bundle, mine))
        leaf = check_bundle(trust, bundle, options, mine);
    explain_der(data, size, bundle, mine);
    if (memory_failures() != before)
        leaf = without_memory(leaf, mine);
    findings_take(findings, mine);
    ERR_clear_error();
    return leaf;
}

/* ---- the small questions -------------------------------------------------------------------- */

static char *pem_text(const guint8 *der, size_t size)
{
    g_autoptr(BIO) memory = BIO_new(BIO_s_mem());
    char *text = NULL;
    long length;

    PEM_write_bio(memory, PEM_STRING_X509, "", der, (long)size);
    length = BIO_get_mem_data(memory, &text);
    return g_strndup(text, length > 0 ? (size_t)length : 0);
}

char *certificate_der_as_pem(GBytes *der)
{
    size_t size = 0;
    const guint8 *bytes = g_bytes_get_data(der, &size);

    return pem_text(bytes, size);
}

char *certificate_as_pem(const void *data, size_t size)
{
    guint64 before = memory_failures();
    auto_ptr(findings) ignored = findings_new();
    g_autoptr(GPtrArray) bundle = NULL;
    GString *text;

    if (size > LIMIT_CERTIFICATE_FILE)
        return NULL;
    bundle = container_read(data, size, ignored);
    memory_demand(before);
    if (bundle->len == 0)
        return NULL;
    text = g_string_new(NULL);
    for (guint i = 0; i < bundle->len; i++) {
        g_autoptr(GBytes) der = der_of(g_ptr_array_index(bundle, i));
        g_autofree char *pem = certificate_der_as_pem(der);
        g_string_append(text, pem);
    }
    return g_string_free(text, FALSE);
}

bool certificate_fingerprints(const void *data, size_t size, char **sha256, char **spki_sha256,
                              GError **error)
{
    guint64 before = memory_failures();
    auto_ptr(findings) findings = findings_new();
    g_autoptr(GPtrArray) bundle = container_read(data, size, findings);
    X509 *leaf = bundle->len > 0 ? leaf_pick(bundle, findings) : NULL;

    memory_demand(before);
    if (bundle->len == 0) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT, "cannot use the certificate: %s",
                    findings_at(findings, 0)->text);
        return false;
    }
    if (!leaf)
        leaf = g_ptr_array_index(bundle, 0);
    *sha256 = facts_sha256(leaf);
    *spki_sha256 = spki_sha256_of(leaf);
    return true;
}
