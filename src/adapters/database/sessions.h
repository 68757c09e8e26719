/* SPDX-License-Identifier: MIT
 *
 * Sessions, the browsers that somebody has signed in with, what the next page is to say,
 * and drafts of forms, in the database. Floor: adapters.
 *
 * A token is what the browser's cookie holds; the database has only its
 * SHA-256, so that nobody who reads the tables can use them.
 */
#ifndef APPSMTP_SESSIONS_H
#define APPSMTP_SESSIONS_H

#include "adapters/database/database.h"

/* ---- sessions ---- */

struct session {
    char *id; /* UUID, to tell it from others; no secret */
    char *login;
    char *person_id;   /* the directory's id of the person; "": it has none, or was not asked */
    char *name;        /* to show */
    char *csrf_token;  /* one for the whole session, good in every form */
    gint64 checked;    /* seconds since the directory said that the person is there */
    gint64 asked;      /* seconds since it was asked, with or without an answer */
    bool unknown;      /* it was never asked: begun before it had to be */
};

void session_free(struct session *session);
DEFINE_AUTO(session, session_free)

/* Who signs in, and with what. */
struct newcomer {
    const char *login;
    const char *person_id; /* or "" */
    const char *name;
    const char *address;   /* the IP address */
    const char *network;   /* as network_of_client() has it */
    const char *browser;   /* its name, at most 100 characters */
    const char *device;    /* of device_remember(), or NULL */
};

/*
 * Starts a session; *token is new, for the cookie. Caller frees both. What by the settings is over
 * for some days is swept away.
 */
bool session_start(struct database *database, const struct newcomer *newcomer,
                   const struct sign_in_settings *settings, char **token, struct session **session,
                   GError **error);

/*
 * The live session of a token, and notes its use; *session is NULL when there
 * is none, or it was idle or lasted for too long. Caller frees.
 */
bool session_find(struct database *database, const char *token,
                  const struct sign_in_settings *settings, struct session **session,
                  GError **error);

/* Whose session the token was, which may be over for some days; *session is NULL when that is
   not known any more. Nobody is signed in by that. Caller frees. */
bool session_find_past(struct database *database, const char *token, struct session **session,
                       GError **error);

/* The directory said just now that the person is there, with this login, id and name. */
bool session_confirm(struct database *database, const struct session *session, GError **error);

/* It could not be asked. */
bool session_note_asked(struct database *database, const struct session *session, GError **error);

/* Ends a session; a token without one is fine. */
bool session_end(struct database *database, const char *token, GError **error);

/* Ends all sessions of the session's person, whatever their login was, but not that of the id
   `but` ("": all), and forgets the browsers that they were begun with. */
bool sessions_end_person(struct database *database, const struct session *session,
                         const char *but, GError **error);

/* ---- listing and ending them ---- */

struct session_row {
    char *id;
    char *login;
    char *address;
    char *browser; /* its name, or "" */
    char *started; /* "2026-11-23 12:05" UTC */
    char *used;    /* likewise */
};

/* The live ones of the person of that session, the last used first: of struct session_row;
   caller unrefs. */
bool sessions_of_person(struct database *database, const struct session *session,
                        const struct sign_in_settings *settings, GPtrArray **list,
                        GError **error);

/* Those of that login, or of everybody ("" as login); at most `most`. */
bool sessions_of_login(struct database *database, const char *login,
                       const struct sign_in_settings *settings, guint most, GPtrArray **list,
                       GError **error);

/* Ends the session of that id, if it is of the same person, and forgets its browser. *ended:
   there was one. */
bool session_end_own(struct database *database, const struct session *session, const char *id,
                     bool *ended, GError **error);

/* Ends all sessions of that login, and forgets the browsers that have signed in as it. *ended: how
   many there were. */
bool sessions_end_login(struct database *database, const char *login, guint *ended,
                        GError **error);

/* ---- browsers ---- */

/*
 * Notes that the browser has signed in as newcomer->login, and renews its token: of that
 * which it has shown (`shown`, or NULL) nothing stays, so that a token that was planted in
 * the browser is of no use to who planted it. Whoever had the login before is forgotten.
 * *device: the id for the session. Caller frees both.
 */
bool device_remember(struct database *database, const struct newcomer *newcomer,
                     const char *shown, char **token, char **device, GError **error);

/* ---- what the next page of a path is to say ---- */

/* texts: JSON. Kept with the session, one for each path. */
bool banner_keep(struct database *database, const struct session *session, const char *path,
                 const char *texts, GError **error);

/* *texts is NULL when there is nothing; it is then forgotten. Caller frees. */
bool banner_take(struct database *database, const struct session *session, const char *path,
                 char **texts, GError **error);

/* ---- drafts ---- */

/* Whose a draft is. */
struct draft_owner {
    const struct session *session; /* of the person, live or past; NULL: whoever signs in next */
    const char *address;           /* the IP address */
    const char *network;           /* as network_of_client() has it */
};

/*
 * Keeps what was typed into a form (JSON text) for an hour; *token is for a cookie, caller
 * frees. *full: the person, or for nobody's the network, has kept too many, and nothing is
 * kept.
 */
bool draft_keep(struct database *database, const char *path, const char *fields,
                const struct draft_owner *owner, char **token, bool *full, GError **error);

/* The fields kept for that path and person, or *fields is NULL. Caller frees. */
bool draft_find(struct database *database, const char *token, const char *path,
                const struct session *session, char **fields, GError **error);

/* The person has signed in with the browser: nobody's draft becomes theirs, somebody else's goes.
   *kept: there is one left. */
bool draft_claim(struct database *database, const char *token, const struct session *session,
                 bool *kept, GError **error);

bool draft_drop(struct database *database, const char *token, GError **error);

#endif
