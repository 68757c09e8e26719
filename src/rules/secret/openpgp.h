/* SPDX-License-Identifier: MIT
 *
 * Secret keys of OpenPGP (RFC 9580) as bytes. Private to this folder.
 */
#ifndef APPSMTP_RULES_SECRET_OPENPGP_H
#define APPSMTP_RULES_SECRET_OPENPGP_H

#include "base/wiped.h"

/*
 * Whether a secret-key packet of version 4, 5 or 6 begins at the beginning of the bytes, of
 * a line or of a file in an archive; whole or cut off.
 */
bool openpgp_find(struct view data);

#endif
