/* SPDX-License-Identifier: MIT
 *
 * Roots that this project knows and that no file of this site holds. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_ABSENT_H
#define APPSMTP_CERTIFICATE_ABSENT_H

#include "adapters/certificate/roots.h"
#include "adapters/certificate/trust.h"

/*
 * The root of the list that the certificate is, or that it names as its issuer by name and
 * key identifier; NULL when the list has none, or a file of the trust holds it. Of several
 * alike the one that is trusted the longest. Verifies no signature: the list has no keys.
 */
const struct known_root *absent_root(const struct trust *trust, X509 *certificate);

#endif
