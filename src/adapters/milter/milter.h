/* SPDX-License-Identifier: MIT
 *
 * Speaks the milter protocol with a mail server. Floor: adapters. Hides libmilter.
 *
 * libmilter runs a thread for each connection, so the functions of a filter are called
 * at the same time for different sessions. It changes no message: it lets one pass,
 * refuses it, or has it sent again later.
 */
#ifndef APPSMTP_MILTER_H
#define APPSMTP_MILTER_H

#include "rules/decision.h"

/* What a filter does; none may be NULL. */
struct milter_filter {
    /*
     * Somebody connects to the mail server. client: IP address as text, NULL when not
     * known. Returns the session that the others get.
     */
    void *(*connected)(const char *client);
    /* A message begins; sender: the envelope's, perhaps in angle brackets. */
    void (*began)(void *session, const char *sender);
    void (*header)(void *session, const char *name, const char *value);
    /* At its end. Refused is answered 550 5.7.1, unavailable 451 4.3.0, with the text. */
    struct decision *(*ended)(void *session);
    void (*closed)(void *session);
};

/*
 * Serves at a path that does not exist yet (everybody who gets to it may connect) or
 * at HOST:PORT, until SIGTERM, SIGINT or SIGHUP, which libmilter takes in a thread of
 * its own; the socket is gone then, but sessions may go on until the program ends.
 * Once in a program. False and APPSMTP_ERROR_CREATE when it cannot listen.
 */
bool milter_serve(const char *where, bool is_path, const struct milter_filter *filter,
                  GError **error);

/* The text as smfi_setreply() wants it: one line of ASCII, at most 500 bytes, % doubled. Caller frees. */
char *milter_text(const char *text);

#endif
