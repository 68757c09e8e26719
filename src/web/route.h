/* SPDX-License-Identifier: MIT
 *
 * The table of routes: method, path, what has to be so before the page runs,
 * the fields it may see, and the page. Floor: web.
 */
#ifndef APPSMTP_WEB_ROUTE_H
#define APPSMTP_WEB_ROUTE_H

#include "web/request.h"
#include "web/response.h"

enum route_flag {
    ROUTE_OPEN = 0,
    ROUTE_SIGNED_IN = 1 << 0, /* else 303 to the sign-in page */
    ROUTE_STAFF = 1 << 4,     /* signed in, and of the relay team or the support desk, else 403 */
    ROUTE_OPERATOR = 1 << 5,  /* ROUTE_STAFF, and of the relay team */
    ROUTE_TOKEN = 1 << 1,     /* the form's csrf_token has to be the session's, else 403 */
    ROUTE_QUIET = 1 << 2,     /* for machines: never asks who it is */
    ROUTE_SIGN_IN = 1 << 3,   /* only where the site uses the portal's own sign-in */
};

struct route {
    const char *method;         /* "GET" answers HEAD as well */
    const char *pattern;        /* "/registrations/{id}": {id} and {source} are UUIDs, {login} a login */
    unsigned flags;             /* of enum route_flag */
    const struct field *query;  /* declared fields of the query string, or NULL for none */
    const struct field *form;   /* of the body, or NULL */
    const char *draft_path;     /* a pattern: where what was typed is shown again after signing in */
    /* NULL and the error when somebody could not be asked. */
    struct response *(*run)(struct request *request, GError **error);
};

/*
 * The route of the request's method and path; sets its id, source and login. NULL
 * when there is none: *allow is then the list of methods that the path knows (caller
 * frees), or NULL when it knows no path like this. Routes with one of the absent flags
 * do not exist on this site.
 */
const struct route *route_find(struct request *request, unsigned absent, char **allow);

/* The route that shows the form which is sent to this one; NULL when no page does. */
const struct route *route_of_form(const struct route *route);

/* The pattern with what the request's path has in its place. Caller frees. */
char *route_fill(const char *pattern, const struct request *request);

#endif
