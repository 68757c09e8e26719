/* SPDX-License-Identifier: MIT
 *
 * Postfix's policy delegation protocol: one request in, one action out. Floor:
 * service; no input or output of its own.
 *
 * Source: Postfix SMTPD_POLICY_README and access(5).
 */
#ifndef APPSMTP_POLICY_REQUEST_H
#define APPSMTP_POLICY_REQUEST_H

#include "adapters/snapshot/snapshot.h"
#include "service/relay/awaited.h"
#include "service/relay/policy-counts.h"
#include "service/relay/rates.h"
#include "service/relay/uses.h"

#include <stddef.h>

/*
 * The length of the first whole request in the bytes, its empty line included;
 * 0 while the empty line has not come yet.
 */
size_t policy_request_length(const char *bytes, size_t length);

/*
 * The request that takes back what a message was counted at DATA, because something later
 * refused it: with queue_id, answered by action=DUNNO.
 */
#define POLICY_REFUSED "appsmtp_refused"

/* What requests are answered from. */
struct policy_desk {
    const struct snapshot *snapshot; /* NULL while there is none */
    struct rates *rates;
    struct policy_counts *counts;
    struct uses *uses;
    gint64 now; /* microseconds of a clock that never goes back */
    const struct awaited *awaited; /* or NULL */
};

/*
 * Answers one whole request. At RCPT (and MAIL) this is the decision:
 *     action=OK
 *     action=550 5.7.1 TEXT
 *     action=DEFER 4.3.0 TEXT   could not look it up; Postfix answers 450
 *     action=450 4.7.1 TEXT     registered, and not in this generation yet; or another one
 *                               is in force than the one that is loaded
 * Postfix asks nobody about RCPT TO:<postmaster>, so at DATA, END-OF-MESSAGE and any
 * state that is not known the same decision is made for the whole message, with
 * action=DUNNO where it is a permit. At DATA the recipients are counted then:
 *     action=550 5.7.1 TEXT     more than the sender may have in an hour, so never
 *     action=450 4.7.1 TEXT     too many; says in how many minutes it will pass
 * A message that is refused afterwards is not counted: see POLICY_REFUSED.
 * Before there is a sender (CONNECT, HELO, EHLO, ETRN, VRFY) it is action=DUNNO: nothing
 * is permitted by that. What is no request of Postfix's, or lacks sender or client, is
 * deferred. Counts each decision, and notes which source was used; a permit for the
 * whole message is neither counted nor noted, since the recipients' were.
 * Returns the answer with its empty line; caller frees.
 */
char *policy_answer(const char *bytes, size_t length, const struct policy_desk *desk);

#endif
