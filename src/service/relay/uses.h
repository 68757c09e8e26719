/* SPDX-License-Identifier: MIT
 *
 * Which sources were used, as the policy daemon notes it. Floor: service.
 *
 * The daemon adds what happened since it last did to the file "open" of a folder
 * that is shared with the export (uses-report.h), which takes the file away and
 * tells the database. Lines:
 *     # appsmtp uses 1 1795600000000000
 *     use<TAB>app@example.edu<TAB>network<TAB>10.1.2.0/24<TAB>1795600012<TAB>3<TAB>-
 *     decision<TAB>message.permitted<TAB>3
 *     rate<TAB>app@example.edu<TAB>180<TAB>200<TAB>1795600012
 * The head has the time of the file's making, in microseconds since 1970; a use its
 * sender and source as in "pairs", the last second, how many messages, and the SHA-256 of
 * the certificate that was shown (64 hex digits) or "-"; a rate the sender, its recipients
 * in the hour before that second, and how many it may have at this relay.
 */
#ifndef APPSMTP_USES_H
#define APPSMTP_USES_H

#include "base/cleanup.h"

#include <glib.h>
#include <stdbool.h>

#define USES_OPEN "open"
#define USES_HEAD "# appsmtp uses 1 "

struct uses;

struct uses *uses_new(void);
void uses_free(struct uses *uses);
DEFINE_AUTO(uses, uses_free)

/*
 * A message of the sender was permitted because of the source ("kind<TAB>value").
 * certificate: its SHA-256 or "". instance: Postfix's name of the message, so that
 * several recipients are one; NULL is a message of its own. Past LIMIT_POLICY_USES
 * sources nothing is noted until the next flush.
 */
void uses_note(struct uses *uses, const char *sender, const char *source, const char *certificate,
               const char *instance);

/* One more decision with that code. */
void uses_count(struct uses *uses, const char *code);

/*
 * How many recipients the sender had in the hour that ends now, and how many it may have:
 * takes the place of what was said before, if that is not written yet.
 */
void uses_rate(struct uses *uses, const char *sender, unsigned used, unsigned allowed);

/*
 * Adds what was noted to folder/open and forgets it. Nothing noted: nothing written.
 * False and APPSMTP_ERROR_OUTPUT when it could not be written; then it is kept for the
 * next flush. What a file of LIMIT_USES_FILE would have got is forgotten.
 */
bool uses_flush(struct uses *uses, const char *folder, GError **error);

#endif
