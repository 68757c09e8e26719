/* SPDX-License-Identifier: MIT
 *
 * Whether a person may register an address, as findings. Floor: service.
 *
 * Who has no role on an account is not told whether it exists: no account, no
 * role and several accounts give the same finding, "address.not-yours". The
 * caller has the directory's own answer for its log.
 */
#ifndef APPSMTP_SERVICE_OWNERSHIP_H
#define APPSMTP_SERVICE_OWNERSHIP_H

#include "adapters/directory/directory.h"
#include "rules/finding.h"

/*
 * Asks for the person's role on the account with that address (lower case,
 * syntax checked). Adds no finding for an owner or administrator, one for
 * everybody else. *answer: for the log. *account is set when the directory sets
 * it (directory_role), else NULL; caller frees; account may be NULL. False when
 * the directory could not be asked: nothing is known, and no finding is added.
 */
bool ownership_check(struct directory *directory, const char *login, const char *address,
                     struct deadline deadline, struct findings *findings, enum role_answer *answer,
                     struct account **account, GError **error);

/* The finding for somebody who was not let in. */
enum finding_id ownership_explain_sign_in(enum sign_in_answer answer);

/* The finding for an answer of the directory; none for an owner or administrator. */
void ownership_explain(enum role_answer answer, const char *address, struct findings *findings);

#endif
