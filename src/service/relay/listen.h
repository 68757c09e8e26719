/* SPDX-License-Identifier: MIT
 *
 * A listening stream socket from what stands on a command line. Floor: service.
 */
#ifndef APPSMTP_LISTEN_H
#define APPSMTP_LISTEN_H

#include <glib.h>
#include <stdbool.h>

/*
 * where: a path (with a slash, or without a colon) or HOST:PORT. The socket is
 * non-blocking. A path's socket that nobody listens at any more is replaced;
 * one that somebody does is APPSMTP_ERROR_BUSY. Everybody may connect: the
 * folder says who can get to it. Returns -1 with the error set when it fails.
 */
int listen_at(const char *where, GError **error);

/*
 * For a library that wants to listen by itself: the same checks with the same errors,
 * and the place is free afterwards. It may be taken until the library comes to it.
 */
bool listen_free(const char *where, GError **error);

/* Whether that text names a path. */
bool listen_is_path(const char *where);

#endif
