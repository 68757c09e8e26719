/* SPDX-License-Identifier: MIT
 *
 * Who signed whom, each certificate verified only once by each key, and no more
 * of it than one upload may cost. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_SIGNATURE_H
#define APPSMTP_CERTIFICATE_SIGNATURE_H

#include "adapters/certificate/openssl.h"

#include <stdbool.h>

/* What is known of the certificates of one upload. */
struct signatures;

struct signatures *signatures_new(void);
void signatures_free(struct signatures *signatures);
DEFINE_AUTO(signatures, signatures_free)

/*
 * Whether the issuer's key, which OpenSSL can read, made the certificate's signature.
 * False without a look when the signatures looked at have cost LIMIT_PATH_SIGNATURES.
 */
bool signatures_fit(struct signatures *signatures, X509 *certificate, X509 *issuer);

/* Whether that has happened. */
bool signatures_exhausted(const struct signatures *signatures);

/* Whether both certificates are for the same key. */
bool signatures_same_key(struct signatures *signatures, X509 *a, X509 *b);

/* Whether the algorithm inside the signed part is the one outside (RFC 5280 4.1.1.2). */
bool signature_is_consistent(const X509 *certificate);

#endif
