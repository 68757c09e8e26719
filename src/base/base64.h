/* SPDX-License-Identifier: MIT
 *
 * Digits of base64, one by one, for readers of what is none by the standard: people's
 * texts. (GLib reads the standard's.) Floor: base.
 */
#ifndef APPSMTP_BASE_BASE64_H
#define APPSMTP_BASE_BASE64_H

#include "base/wiped.h"

/* The value of a digit of base64 or base64url (RFC 4648 4, 5); -1 for another character. */
int base64_digit(guint8 c);

/* Adds the bytes of which these are the values of the digits; bits left over are dropped. */
void base64_add(struct wiped *out, struct view values);

#endif
