/* SPDX-License-Identifier: MIT
 *
 * The words of a notice. Floor: service.
 */
#ifndef APPSMTP_SERVICE_NOTICES_TEXT_H
#define APPSMTP_SERVICE_NOTICES_TEXT_H

#include <glib.h>
#include <stdbool.h>

/* Whether texts.def has this kind. */
bool notice_is_known(const char *kind);

/* Whether it is sent at once, however many its recipient had within the hour. */
bool notice_is_urgent(const char *kind);

/* What happened, in a line: the subject of notice_write() by itself. Caller frees. */
char *notice_subject(const char *kind, GHashTable *values);

/*
 * Subject and text of a notice of that kind (texts.def), {names} replaced by values
 * (of char *). A value is cut after LIMIT_NOTICE_VALUE characters, the list of a digest
 * after LIMIT_DIGEST_TEXT; nothing in it is
 * ever replaced again. The text is wrapped at 72 columns, but for lines that begin
 * with a blank, and ends with a newline. Caller frees both.
 */
void notice_write(const char *kind, GHashTable *values, char **subject, char **text);

#endif
