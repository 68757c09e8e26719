/* SPDX-License-Identifier: MIT
 *
 * What a person typed or pasted into a field, before a rule reads it.
 * Floor: rules; pure.
 *
 * Pasting from documents and mail brings characters that nobody sees. They must
 * neither make an input wrong nor reach a log or a terminal.
 */
#ifndef APPSMTP_RULES_TYPED_H
#define APPSMTP_RULES_TYPED_H

#include <glib.h>

/*
 * The text as UTF-8 without invisible characters (zero width, direction marks,
 * byte order mark, soft hyphen), without blanks around it, every other blank or
 * tab one plain space. Newlines stay. What is no UTF-8, and every other
 * control character, is U+FFFD. Caller frees.
 */
char *typed_clean(const char *typed);

/* Cleaned text for a sentence: cut after 80 characters, newlines as spaces. Caller frees. */
char *typed_show(const char *clean);

#endif
