/* SPDX-License-Identifier: MIT
 *
 * What kind of key a certificate has, how long it is, whether its numbers are
 * sound. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_KEY_H
#define APPSMTP_CERTIFICATE_KEY_H

#include "adapters/certificate/openssl.h"
#include "rules/certificate.h"

/* Sets key, key_bits, key_name: cheap. */
void key_read(X509 *certificate, struct certificate_facts *facts);

/* Sets key_flaw of an RSA key: some milliseconds. key_read() has been called. */
void key_read_flaw(X509 *certificate, struct certificate_facts *facts);

#endif
