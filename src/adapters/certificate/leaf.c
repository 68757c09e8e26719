/* SPDX-License-Identifier: MIT
 *
 * Finding the leaf among its intermediates.
 */
#include "adapters/certificate/leaf.h"

#include "adapters/certificate/facts.h"

bool leaf_is_issued_by(X509 *certificate, X509 *issuer)
{
    /* One that may not sign, or with a key of another kind, is told so later: it was meant. */
    switch (X509_check_issued(issuer, certificate)) {
    case X509_V_ERR_SUBJECT_ISSUER_MISMATCH:
    case X509_V_ERR_AKID_SKID_MISMATCH:
    case X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH:
    case X509_V_ERR_UNSPECIFIED:
        return false;
    default:
        return true;
    }
}

/* Basic constraints count, whatever key usage says; without them, key usage does. */
bool leaf_is_ca(X509 *certificate)
{
    enum { BY_KEY_USAGE = 4 };

    return (X509_get_extension_flags(certificate) & EXFLAG_CA) ||
           X509_check_ca(certificate) == BY_KEY_USAGE;
}

static bool issued_another(const GPtrArray *certificates, X509 *candidate)
{
    for (guint i = 0; i < certificates->len; i++) {
        X509 *other = g_ptr_array_index(certificates, i);
        if (other != candidate && leaf_is_issued_by(other, candidate))
            return true;
    }
    return false;
}

/* Old and new of one name are told apart by date and serial number. */
static void describe_leaf(X509 *leaf, GString *text)
{
    g_autofree char *subject = facts_subject(leaf);
    g_autofree char *serial = facts_serial(leaf);
    g_autofree char *begin = facts_date(X509_get0_notBefore(leaf));
    g_autofree char *end = facts_date(X509_get0_notAfter(leaf));

    g_string_append_printf(text, "\"%s\" (from %s to %s, serial number %s)", subject, begin, end,
                           serial);
}

static void refuse_several(const GPtrArray *leaves, struct findings *findings)
{
    enum { SHOWN = 5 };
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < MIN(leaves->len, SHOWN); i++) {
        g_string_append(text, i > 0 ? ", " : "");
        describe_leaf(g_ptr_array_index(leaves, i), text);
    }
    if (leaves->len > SHOWN)
        g_string_append_printf(text, " and %u more", leaves->len - SHOWN);
    findings_add(findings, FINDING_CERTIFICATE_SEVERAL_LEAVES, text->str, NULL);
}

/* Those that issued no other, either the CAs among them or the rest; only borrowed. */
static GPtrArray *ends(const GPtrArray *certificates, bool ca)
{
    GPtrArray *found = g_ptr_array_new();

    for (guint i = 0; i < certificates->len; i++) {
        X509 *candidate = g_ptr_array_index(certificates, i);
        if (leaf_is_ca(candidate) == ca && !issued_another(certificates, candidate))
            g_ptr_array_add(found, candidate);
    }
    return found;
}

X509 *leaf_pick(const GPtrArray *certificates, struct findings *findings)
{
    g_autoptr(GPtrArray) leaves = ends(certificates, false);
    g_autoptr(GPtrArray) authorities = ends(certificates, true);

    if (leaves->len > 1) {
        refuse_several(leaves, findings);
        return NULL;
    }
    if (leaves->len == 1)
        return g_ptr_array_index(leaves, 0);
    return g_ptr_array_index(authorities->len > 0 ? authorities : certificates, 0);
}

/* Adds the certificates that may have issued the last ones added, until there are no more. */
static void add_issuers(const GPtrArray *certificates, GPtrArray *related)
{
    for (guint i = 0; i < related->len; i++)
        for (guint j = 0; j < certificates->len; j++) {
            X509 *issuer = g_ptr_array_index(certificates, j);
            if (!g_ptr_array_find(related, issuer, NULL) &&
                leaf_is_issued_by(g_ptr_array_index(related, i), issuer))
                g_ptr_array_add(related, issuer);
        }
}

void leaf_report_unrelated(const GPtrArray *certificates, X509 *leaf, struct findings *findings)
{
    g_autoptr(GPtrArray) related = g_ptr_array_new();

    g_ptr_array_add(related, leaf);
    add_issuers(certificates, related);
    for (guint i = 0; i < certificates->len; i++) {
        X509 *certificate = g_ptr_array_index(certificates, i);
        g_autofree char *subject = facts_subject(certificate);
        if (!g_ptr_array_find(related, certificate, NULL))
            findings_add(findings, FINDING_CERTIFICATE_UNRELATED, subject, NULL);
    }
}
