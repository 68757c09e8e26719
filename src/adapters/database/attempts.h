/* SPDX-License-Identifier: MIT
 *
 * The throttling of sign-ins and of questions, in the database. Floor: adapters.
 *
 * A failed sign-in reaches the directory as a failed bind, and so many of these lock the
 * account there. The rules of what may reach it:
 *
 *   1. Attempts are counted by account: the entry that the login leads to, by its lasting id, or
 *      by its DN where it has none, however the login is typed; where there is no entry, by the login.
 *      What is kept of it is a SHA-256.
 *   2. An attempt counts from before the password is sent until the directory has said that it is
 *      no failure. One whose answer was lost stays. One that may not be made is not counted at all:
 *      the attempts of one account, and those from one network, are counted one after the
 *      other, so that none ever sees another one that is refused at the same moment.
 *   3. At most settings->failures from one known browser: one that has signed in as that person within
 *      a year.
 *   4. At most settings->failures from one network with browsers that are not known.
 *   5. At most three quarters of settings->account_failures (all but one, where that is less)
 *      from all of these together.
 *   6. At most settings->account_failures in all. So the last quarter is for known browsers only:
 *      strangers can use up their own part, and keep nobody out who comes with a browser of theirs.
 *   7. All that since the account was last left alone for settings->failure_minutes: directories
 *      forget a failure only when none follows for so long, and one a while would lock the
 *      account all the same.
 *   8. A sign-in that succeeds ends the failures of its browser, or (not known) of its network.
 *   9. Once settings->network_failures came from one network with browsers that are not known,
 *      whatever the accounts, within settings->failure_minutes, only a known browser may go on from
 *      there, or an account that has signed in from there within a year. Short of that nobody is
 *      refused for what others behind the same address have mistyped.
 */
#ifndef APPSMTP_ATTEMPTS_H
#define APPSMTP_ATTEMPTS_H

#include "adapters/database/database.h"

/* Who tries to sign in. */
struct attempt_by {
    const char *login;     /* as directory_plain_login() writes it */
    const char *person_id; /* of the entry that it leads to; "": it has none */
    const char *dn;        /* likewise; NULL with person_id: there is no such entry */
    const char *network;   /* as network_of_client() has it */
    const char *device;    /* the browser's token, or NULL */
};

struct attempt {
    gint64 id;
    gint64 wait; /* seconds until another one may be made; 0: this one may go on */
};

/* Counts one attempt before the password is looked at, unless it has to wait. */
bool attempt_count(struct database *database, const struct attempt_by *by,
                   const struct sign_in_settings *settings, struct attempt *attempt,
                   GError **error);

/* The attempt was no failure: no password was sent, or the directory said something else of the
   right one. */
bool attempt_take_back(struct database *database, const struct attempt *attempt, GError **error);

/* The attempt has succeeded, and with it what the same browser, or the same network, has failed
   with before is over: the directory counts anew as well. */
bool attempt_succeeded(struct database *database, const struct attempt *attempt, GError **error);

/*
 * Counts one question whether a message would be accepted. who: a login or an address.
 * *many: it is one more than `most` within LIMIT_QUESTION_MINUTES.
 */
bool question_count(struct database *database, const char *who, unsigned most, bool *many,
                    GError **error);

#endif
