/* SPDX-License-Identifier: MIT
 *
 * What one DER value is: certificates, or something else that people upload in
 * their place. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_DER_H
#define APPSMTP_CERTIFICATE_DER_H

#include "base/wiped.h"
#include "rules/finding.h"

/*
 * Adds the certificates of a DER certificate or PKCS#7 to found (of X509 *), or
 * a finding that says what the value is instead. False when it is nothing known;
 * nothing is added then. Nothing in it is a private key: that is for who calls to know.
 */
bool der_read(struct view der, GPtrArray *found, struct findings *findings);

/* Whether it is a PKCS#7, of which certificates are a part. */
bool der_is_bundle(struct view der);

/* Whether it looks like a DER value; text that begins with a zero does not. */
bool der_begins(struct view data);

#endif
