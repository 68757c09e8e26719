/* SPDX-License-Identifier: MIT
 *
 * Any bytes as an uploaded certificate. The roots are those of FUZZ_ROOTS, by
 * default the system's; with tests/certificates/make FOLDER, FOLDER is a good
 * corpus and FOLDER/roots.pem belongs to it.
 */
#include "adapters/certificate/certificate.h"

static struct trust *trust;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *roots = g_getenv("FUZZ_ROOTS");
    GError *error = NULL;

    (void)argc;
    (void)argv;
    trust = trust_load(roots ? roots : "/etc/ssl/certs/ca-certificates.crt", NULL, &error);
    if (!trust)
        g_error("%s", error->message);
    return 0;
}

static void check(const guint8 *data, size_t size)
{
    const struct certificate_options options = {.now = 1780272000, .name = "app.example.edu"};
    auto_ptr(findings) findings = findings_new();
    auto_ptr(certificate) certificate = certificate_check(trust, data, size, &options, findings);

    g_assert((certificate != NULL) == (findings_verdict(findings) == VERDICT_ACCEPT));
    for (size_t i = 0; i < findings_count(findings); i++)
        g_assert(g_utf8_validate(findings_at(findings, i)->text, -1, NULL));
    if (certificate)
        g_assert(g_utf8_validate(certificate->subject, -1, NULL));
}

/* What is shown again in the form has to be read as the same certificates. */
static void check_as_pem(const guint8 *data, size_t size)
{
    g_autofree char *pem = certificate_as_pem(data, size);
    g_autofree char *again = pem ? certificate_as_pem(pem, strlen(pem)) : NULL;

    if (again)
        g_assert_cmpstr(again, ==, pem);
}

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size)
{
    g_autofree char *sha256 = NULL;
    g_autofree char *spki_sha256 = NULL;

    check(data, size);
    check_as_pem(data, size);
    certificate_fingerprints(data, size, &sha256, &spki_sha256, NULL);
    return 0;
}
