/* SPDX-License-Identifier: MIT
 *
 * The throttling of sign-ins and of questions, in the database. Floor: adapters.
 *
 * A failed sign-in reaches the directory as a failed bind, and so many of these lock the
 * account there. What may reach it is counted by login:
 *
 *     a browser that has signed in as the login before     settings->failures
 *     any other, by login and network                      settings->failures
 *     all others of that login together                    three quarters of account_failures
 *     the login in all                                     settings->account_failures
 *
 * since the login was last left alone for settings->failure_minutes: directories forget a
 * failure only when none follows for so long, and one a while would lock the account all the
 * same. The last quarter is for known browsers only: a stranger can use up the others' part, and
 * still not keep out who comes with a browser of their own.
 * Nobody is refused for what others behind the same address have mistyped, but where
 * settings->network_failures came from a network within that time: then it takes a browser, or a login, that has
 * signed in from there before.
 */
#ifndef APPSMTP_ATTEMPTS_H
#define APPSMTP_ATTEMPTS_H

#include "adapters/database/database.h"

/* Who tries to sign in. */
struct attempt_by {
    const char *login;   /* as directory_plain_login() writes it, or what was typed */
    const char *address; /* the IP address */
    const char *network; /* as network_of_client() has it */
    const char *device;  /* the browser's token, or NULL */
};

struct attempt {
    gint64 id;
    gint64 wait; /* seconds until another one may be made; 0: this one may go on */
};

/*
 * Counts one attempt before the password is looked at, so that attempts at the same moment
 * see each other. One that has to wait is not counted.
 */
bool attempt_count(struct database *database, const struct attempt_by *by,
                   const struct sign_in_settings *settings, struct attempt *attempt,
                   GError **error);

/* The attempt was no failure: the directory could not be asked, or said something else of the
   right password. */
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
