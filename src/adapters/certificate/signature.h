/* SPDX-License-Identifier: MIT
 *
 * Who signed whom, each pair verified only once. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_SIGNATURE_H
#define APPSMTP_CERTIFICATE_SIGNATURE_H

#include "adapters/certificate/openssl.h"

#include <stdbool.h>

/* A table of what is known; free with g_hash_table_unref(). */
GHashTable *signature_table_new(void);

/* Whether the issuer's key made the certificate's signature. The table remembers it. */
bool signature_fits(GHashTable *table, X509 *certificate, X509 *issuer);

/* Whether the algorithm inside the signed part is the one outside (RFC 5280 4.1.1.2). */
bool signature_is_consistent(const X509 *certificate);

#endif
