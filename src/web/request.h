/* SPDX-License-Identifier: MIT
 *
 * One request as a page sees it: path, cookies, declared and checked fields.
 * Floor: web. Hides GMime, which reads forms with files.
 */
#ifndef APPSMTP_WEB_REQUEST_H
#define APPSMTP_WEB_REQUEST_H

#include "adapters/database/sessions.h"
#include "base/deadline.h"
#include "rules/finding.h"
#include "web/gateway.h"

struct portal;

/* ---- declaring the fields of a form ---- */

enum field_kind {
    FIELD_TEXT,     /* once; at most `longest` bytes */
    FIELD_REPEATED, /* any number of times, each at most `longest` bytes */
    FIELD_FILE,     /* an uploaded file, once */
    FIELD_PASSWORD, /* as FIELD_TEXT, and nobody looks for a key in it: it is never shown or kept */
};

/*
 * A page sees only fields that it declares; a table of these ends with {NULL}. It never sees
 * a private key: every field is asked about one as it enters (see secrets below).
 */
struct field {
    const char *name;
    enum field_kind kind;
    size_t longest;
};

/* ---- the request ---- */

/* Who of the service's own people somebody is; known only on their pages. */
enum staff {
    STAFF_NONE,
    STAFF_SUPPORT,  /* the support desk: sees all, changes nothing */
    STAFF_OPERATOR, /* the relay team */
};

struct request {
    struct exchange *exchange;
    struct portal *portal;
    const char *method;  /* "GET" ("HEAD" is one), "POST" or another */
    char *path;          /* decoded once, as in "/registrations/new" */
    char *client;        /* the browser's IP address */
    char *reference;     /* of the log's line about it: 8 hexadecimal digits */
    bool noted;          /* the log has that line */
    char *network;       /* what it is counted by, as network_of_client() has it */
    char *id;            /* {id} of the route's pattern, or NULL; so are the next two */
    char *source;
    char *login;
    struct deadline deadline;
    struct session *session; /* NULL: not signed in */
    char *session_token;     /* the cookie's value, or NULL */
    struct session *past;    /* whose sign-in has ended, in this browser; or NULL */
    bool ended;              /* ... just now: the directory does not have them any more */
    enum staff staff;
    bool stranger;           /* the front vouches for somebody whom the directory does not know */
    GHashTable *query;   /* name -> GPtrArray of GBytes; declared fields only */
    GHashTable *form;    /* likewise, of a POST's body */
    struct findings *secrets; /* the fields that held a private key, which are empty now; never NULL */
    GPtrArray *cookies;  /* Set-Cookie values for the response, of char * */
};

/* What was wrong with a request that no page ever sees. */
enum request_fault {
    REQUEST_GOOD,
    REQUEST_BAD,       /* 400: not decodable, an undeclared or doubled field, no UTF-8 */
    REQUEST_TOO_LARGE, /* 413 */
};

/*
 * Reads path, method, cookies. Never NULL; *fault says whether it is of use. A path with a
 * private key in it is "" and one of the secrets.
 */
struct request *request_new(struct exchange *exchange, struct portal *portal,
                            enum request_fault *fault);
void request_free(struct request *request);
DEFINE_AUTO(request, request_free)

/* Whether somebody sent a private key: then no page may do what was asked. */
bool request_has_secret(const struct request *request);

/* Reads the query string by the declared fields. */
enum request_fault request_read_query(struct request *request, const struct field *fields);

/* Reads the body of a POST by the declared fields. */
enum request_fault request_read_form(struct request *request, const struct field *fields);

/* A field's text, "" when it is absent. Owned by the request. */
const char *request_text(const struct request *request, const char *name);
const char *request_query_text(const struct request *request, const char *name);

/* The form's text, or the query's: what a form begins with that is refused or not yet sent. */
const char *request_text_anywhere(const struct request *request, const char *name);

/* All texts of a repeated field, ended by NULL; the array is the caller's (g_free). */
char **request_texts(const struct request *request, const char *name);

/* An uploaded file's bytes, NULL when none or an empty one was sent. Owned by the request. */
GBytes *request_file(const struct request *request, const char *name);

/* Sets a field's text as if it had been sent (drafts). */
void request_set_text(struct request *request, const char *name, const char *text);

/* A cookie's value, or NULL. Caller frees. Its name gets __Host- on https. */
char *request_cookie(const struct request *request, const char *name);

/* Adds a cookie to the response; NULL as value removes it. seconds 0: until the browser ends. */
void request_set_cookie(struct request *request, const char *name, const char *value,
                        unsigned seconds);

#endif
