/* SPDX-License-Identifier: MIT
 *
 * The finding of a private key, at the field that it was in.
 */
#include "rules/secret/gate.h"

#include "rules/secret/secret.h"

/* As the pages call the fields whose names say less. */
static const char *const labels[][2] = {
    {"address", "Sending address"},
    {"networks", "IP addresses"},
    {"q", "Search"},
    {"command line", "The command line"},
    {"application_name", "Name of the application"},
};

/* "recipients_per_hour" -> "Recipients per hour". Caller frees. */
static char *label_of(const char *field)
{
    char *label;

    for (size_t i = 0; i < G_N_ELEMENTS(labels); i++)
        if (g_str_equal(labels[i][0], field))
            return g_strdup(labels[i][1]);
    label = g_strdelimit(g_strdup(field), "_", ' ');
    *label = g_ascii_toupper(*label);
    return label;
}

static void add_at_certificate(enum secret secret, struct findings *findings)
{
    static const enum finding_id ids[] = {
        [SECRET_PRIVATE_KEY] = FINDING_CERTIFICATE_PRIVATE_KEY,
        [SECRET_PKCS12] = FINDING_CERTIFICATE_PKCS12,
        [SECRET_KEYSTORE] = FINDING_CERTIFICATE_KEYSTORE,
    };

    if (!findings_has(findings, ids[secret]))
        findings_add(findings, ids[secret], NULL);
}

bool gate_refuses(const char *field, const void *value, size_t size, struct findings *findings)
{
    enum secret secret = secret_find(value, size);
    g_autofree char *label = NULL;

    if (secret == SECRET_NONE)
        return false;
    if (g_str_has_prefix(field, "certificate")) {
        add_at_certificate(secret, findings);
        return true;
    }
    label = label_of(field);
    findings_add_at(findings, field,
                    secret == SECRET_PRIVATE_KEY ? FINDING_SECRET_PRIVATE_KEY
                                                 : FINDING_SECRET_KEYSTORE,
                    label, NULL);
    return true;
}
