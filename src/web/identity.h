/* SPDX-License-Identifier: MIT
 *
 * Who makes a request: the session of the portal's own sign-in, or what the
 * trusted web server in front says. Floor: web.
 */
#ifndef APPSMTP_WEB_IDENTITY_H
#define APPSMTP_WEB_IDENTITY_H

#include "adapters/directory/directory.h"
#include "web/request.h"

/*
 * Sets request->session when the request is somebody's. False and the error when
 * database or directory could not be asked. *forged: the front's parameters
 * cannot be (two of one name, a wrong secret): the request is to be refused.
 */
bool identity_find(struct request *request, bool *forged, GError **error);

/* Ends the session of the request, if it has one, and its cookie. */
bool identity_end(struct request *request, GError **error);

/* Starts a session for a person who has shown who they are; a new token always. */
bool identity_start(struct request *request, const struct person *person, GError **error);

/* The path of the sign-in page that leads on to next. Caller frees. */
char *identity_sign_in_path(const struct request *request, const char *next);

#endif
