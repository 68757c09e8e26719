/* SPDX-License-Identifier: MIT
 *
 * Private keys as text: labels and names of members. Private to this folder.
 */
#ifndef APPSMTP_RULES_SECRET_WORDS_H
#define APPSMTP_RULES_SECRET_WORDS_H

#include "base/wiped.h"

/*
 * Whether the text says of itself that it is a private key: a PRIVATE KEY label whose
 * hyphens, case, blanks or line breaks may be others, PuTTY's and age's words, members of
 * a JWK. That the words occur in a sentence is not enough.
 */
bool words_find(struct view text);

#endif
