/* SPDX-License-Identifier: MIT
 *
 * Finding the leaf among its intermediates.
 */
#include "adapters/certificate/leaf.h"

#include "adapters/certificate/facts.h"

bool leaf_is_issued_by(X509 *certificate, X509 *issuer)
{
    int outcome = X509_check_issued(issuer, certificate);

    /* One that may not sign is told so later; it is the one that was meant. */
    return outcome == X509_V_OK || outcome == X509_V_ERR_KEYUSAGE_NO_CERTSIGN;
}

bool leaf_is_ca(X509 *certificate)
{
    enum { BY_CONSTRAINT = 1, BY_KEY_USAGE = 4 };
    int answer = X509_check_ca(certificate);

    return answer == BY_CONSTRAINT || answer == BY_KEY_USAGE;
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

static void refuse_several(const GPtrArray *leaves, struct findings *findings)
{
    GString *subjects = g_string_new(NULL);
    g_autofree char *text = NULL;

    for (guint i = 0; i < leaves->len; i++) {
        X509 *leaf = g_ptr_array_index(leaves, i);
        g_autofree char *subject = facts_subject(leaf);
        g_string_append_printf(subjects, "%s\"%s\"", i > 0 ? ", " : "", subject);
    }
    text = g_string_free(subjects, FALSE);
    findings_add(findings, FINDING_CERTIFICATE_SEVERAL_LEAVES, text, NULL);
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
