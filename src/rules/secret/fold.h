/* SPDX-License-Identifier: MIT
 *
 * ASCII that a word processor, a mail program or an input method has made something else
 * of. Floor: rules; pure.
 */
#ifndef APPSMTP_RULES_SECRET_FOLD_H
#define APPSMTP_RULES_SECRET_FOLD_H

#include "base/wiped.h"

/*
 * The text as ASCII, when it has other characters: full-width letters as plain ones, every
 * dash a hyphen, every blank a space, no invisible characters, 0x80 for all else. NULL when
 * it is ASCII. Caller frees.
 */
struct wiped *fold_text(struct view text);

#endif
