/* SPDX-License-Identifier: MIT
 *
 * A listening stream socket from what stands on a command line. Floor: service.
 *
 * A path's socket is made under a name of its own in the same folder and then renamed:
 * a client that connects finds the old socket or the new one, never none, and never one
 * that does not listen yet. Nobody removes it at the end. A daemon that took its socket
 * away could not tell it from that of its successor, and a dead one is replaced anyway.
 */
#ifndef APPSMTP_LISTEN_H
#define APPSMTP_LISTEN_H

#include "base/cleanup.h"

#include <glib.h>
#include <stdbool.h>
#include <sys/stat.h>

/* Where a socket stands. For HOST:PORT both names are NULL. */
struct listen_place {
    char *path;
    char *draft;     /* its name until listen_settle() */
    struct stat own; /* the socket itself, once it stands at the path */
};

void listen_place_clear(struct listen_place *place);

/*
 * where: a path (with a slash, or without a colon) or HOST:PORT. The socket is
 * non-blocking. A path's socket that nobody listens at any more is replaced;
 * one that somebody does is APPSMTP_ERROR_BUSY. Only its owner and its group may
 * connect; in a folder with the group bit that is the folder's group. Fills the place.
 * Returns -1 with the error set when it fails.
 */
int listen_at(const char *where, struct listen_place *place, GError **error);

/*
 * For a library that wants to listen by itself: the same checks with the same errors.
 * It is to listen at place->draft, or at HOST:PORT where that is NULL; then
 * listen_settle() puts the socket at its path, open to owner and group.
 */
bool listen_prepare(const char *where, struct listen_place *place, GError **error);
bool listen_settle(struct listen_place *place, GError **error);

/*
 * Whether the socket still stands at its path, so that somebody can come to it; a port
 * cannot be lost. APPSMTP_ERROR_BUSY, which names the path, when it was removed or
 * another one has taken its place. A path that could not be looked at is not lost.
 */
bool listen_holds(const struct listen_place *place, GError **error);

/* Whether that text names a path. */
bool listen_is_path(const char *where);

#endif
