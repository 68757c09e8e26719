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
    /*
     * The last answer was no permit. queue_id: the mail server's name of the message, ""
     * when it did not tell.
     */
    void (*refused)(void *session, const char *queue_id);
    void (*closed)(void *session);
};

/*
 * Listens at a path that does not exist yet, or at HOST:PORT. Once in a program. False
 * and APPSMTP_ERROR_CREATE when it cannot. At its end libmilter removes whatever socket
 * stands at that path then, so rename it before milter_serve().
 */
bool milter_listen(const char *where, bool is_path, const struct milter_filter *filter,
                   GError **error);

/*
 * Serves until milter_stop(), or SIGTERM, SIGINT or SIGHUP, which libmilter takes in a
 * thread of its own; sessions may go on until the program ends. where: for the error,
 * APPSMTP_ERROR_CREATE.
 */
bool milter_serve(const char *where, GError **error);

/* From any thread: milter_serve() returns within seconds. */
void milter_stop(void);

/* The text as smfi_setreply() wants it: one line of ASCII, at most 500 bytes, % doubled. Caller frees. */
char *milter_text(const char *text);

#endif
