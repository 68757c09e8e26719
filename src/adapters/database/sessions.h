/* SPDX-License-Identifier: MIT
 *
 * Sessions, the throttling of failed sign-ins and of questions, and drafts of forms,
 * in the database. Floor: adapters.
 *
 * A token is what the browser's cookie holds; the database has only its
 * SHA-256, so that nobody who reads the tables can use them.
 */
#ifndef APPSMTP_SESSIONS_H
#define APPSMTP_SESSIONS_H

#include "adapters/database/database.h"

struct session {
    char *login;
    char *name;       /* to show */
    char *csrf_token; /* one for the whole session, good in every form */
    char *hash;       /* of the cookie's value, by which the database knows the session */
};

void session_free(struct session *session);
DEFINE_AUTO(session, session_free)

/* Starts a session; *token is new, for the cookie. Caller frees both. */
bool session_start(struct database *database, const char *login, const char *name,
                   const char *address, char **token, struct session **session, GError **error);

/*
 * The live session of a token, and notes its use; *session is NULL when there
 * is none, or it was idle or lasted for too long. Caller frees.
 */
bool session_find(struct database *database, const char *token,
                  const struct sign_in_settings *settings, struct session **session,
                  GError **error);

/* Ends a session; a token without one is fine. */
bool session_end(struct database *database, const char *token, GError **error);

/* ---- failed sign-ins ---- */

/*
 * Counts one attempt of a login from an address, before the password is looked
 * at. *throttled: there were too many; the attempt is then not counted.
 * *attempt is for attempt_take_back().
 */
bool attempt_count(struct database *database, const char *login, const char *address,
                   const struct sign_in_settings *settings, gint64 *attempt, bool *throttled,
                   GError **error);

/* The attempt was no failure (it succeeded, or the directory could not be asked). */
bool attempt_take_back(struct database *database, gint64 attempt, GError **error);

/* ---- questions ---- */

/*
 * Counts one question whether a message would be accepted. who: a login or an address.
 * *many: it is one more than `most` within LIMIT_QUESTION_MINUTES.
 */
bool question_count(struct database *database, const char *who, unsigned most, bool *many,
                    GError **error);

/* ---- drafts ---- */

/*
 * Keeps what was typed into a form (JSON text) for an hour; *token is for a
 * cookie, caller frees. *full: the address has kept too many, nothing is kept.
 */
bool draft_keep(struct database *database, const char *path, const char *fields,
                const char *address, char **token, bool *full, GError **error);

/* The fields kept for that path, or *fields is NULL. Caller frees. */
bool draft_find(struct database *database, const char *token, const char *path, char **fields,
                GError **error);
bool draft_drop(struct database *database, const char *token, GError **error);

#endif
