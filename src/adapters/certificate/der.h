/* SPDX-License-Identifier: MIT
 *
 * What one DER value is: certificates, or something else that people upload in
 * their place. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_DER_H
#define APPSMTP_CERTIFICATE_DER_H

#include "adapters/certificate/pem.h"
#include "rules/finding.h"

/*
 * Adds the certificates of a DER certificate or PKCS#7 to found (of X509 *), or
 * a finding that says what the value is instead. False when it is nothing known;
 * nothing is added then.
 */
bool der_read(struct view der, GPtrArray *found, struct findings *findings);

/* Whether a private key begins here: PKCS#1, PKCS#8 (plain or encrypted), SEC 1. */
bool der_is_private_key(struct view der);

/* Whether it looks like a DER value; text that begins with a zero does not. */
bool der_begins(struct view data);

#endif
