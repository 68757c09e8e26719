/* SPDX-License-Identifier: MIT
 *
 * What kind of key a certificate has, how long it is, whether its numbers are
 * sound. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_KEY_H
#define APPSMTP_CERTIFICATE_KEY_H

#include "adapters/certificate/openssl.h"
#include "rules/certificate.h"

/* Sets key, key_bits, key_name, and key_flaw of one that cannot be read: cheap. */
void key_read(X509 *certificate, struct certificate_facts *facts);

/* Sets key_flaw of one that can be read: some milliseconds. key_read() has been called. */
void key_read_flaw(X509 *certificate, struct certificate_facts *facts);

/*
 * The tests that are too costly for every certificate of a file, up to a tenth of a second
 * for 8192 bits; only where key_read_flaw() has found nothing. weak_keys: a folder with
 * lists in the form of Debian's openssl-blacklist (blacklist.RSA-2048 ...); where there is
 * none for this length, the key is on none.
 */
void key_read_leaf_flaw(X509 *certificate, const char *weak_keys, struct certificate_facts *facts);

/* As trust_weak_key_lists(). */
char *key_weak_lists(const char *folder);

#endif
