/* SPDX-License-Identifier: MIT
 *
 * Who makes a request: the session of the portal's own sign-in, or what the
 * trusted web server in front says. Floor: web.
 *
 * A session is a person's, known by the directory's lasting id, not a login's. The
 * directory's word that the person is there, and may sign in, is never older than a
 * minute where something is changed. Where it says no, all sessions of the person end.
 */
#ifndef APPSMTP_WEB_IDENTITY_H
#define APPSMTP_WEB_IDENTITY_H

#include "adapters/directory/directory.h"
#include "web/request.h"

/* What it has to be known for. */
enum identity_use {
    IDENTITY_NAME,   /* to say on the page who it is, or to sign out: the session is enough */
    IDENTITY_READ,   /* the directory is asked every five minutes; an outage changes nothing */
    IDENTITY_CHANGE, /* it has to have said yes within the last minute */
};

/*
 * Sets request->session when the request is somebody's; else request->past when it was, and
 * request->ended when that has ended now. False and the error when database or directory
 * could not be asked. *forged: the front's parameters cannot be (two of one name, a wrong
 * secret): the request is to be refused.
 */
bool identity_find(struct request *request, enum identity_use use, bool *forged, GError **error);

/* Ends the session of the request, if it has one, its cookie, and what is kept of a form. */
bool identity_end(struct request *request, GError **error);

/*
 * Starts a session for a person who has shown who they are; a new token always. With the
 * portal's own sign-in the browser is remembered, for a year, as one that has signed in as them.
 */
bool identity_start(struct request *request, const struct person *person, GError **error);

/* The token by which a browser is known to have signed in before, or NULL. Caller frees. */
char *identity_device(const struct request *request);

/* The path of the sign-in page that leads on to next. Caller frees. */
char *identity_sign_in_path(const struct request *request, const char *next);

#endif
