/* SPDX-License-Identifier: MIT
 *
 * Which certificate of an upload is the application's own. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_LEAF_H
#define APPSMTP_CERTIFICATE_LEAF_H

#include "adapters/certificate/openssl.h"
#include "rules/finding.h"

/* Whether issuer's name and key identifier are those that the certificate names. */
bool leaf_is_issued_by(X509 *certificate, X509 *issuer);

/* Whether it may issue certificates, by its own word. */
bool leaf_is_ca(X509 *certificate);

/*
 * The certificate that issued none of the others, whatever the order; a CA only
 * where there is nothing else. NULL with a finding when there are several.
 * certificates: at least one, of X509 *; the result stays theirs.
 */
X509 *leaf_pick(const GPtrArray *certificates, struct findings *findings);

/* A warning for each certificate that no path from the leaf can use. */
void leaf_report_unrelated(const GPtrArray *certificates, X509 *leaf, struct findings *findings);

#endif
