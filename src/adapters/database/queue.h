/* SPDX-License-Identifier: MIT
 *
 * The queue of notices, as those see it who look after it. Floor: adapters.
 *
 * A notice is failing when it was tried and could not be sent so far. All functions: false and
 * an error of database.h when the database could not be asked.
 */
#ifndef APPSMTP_QUEUE_H
#define APPSMTP_QUEUE_H

#include "adapters/database/database.h"

struct failing_notice {
    char *registration; /* its id */
    char *address;      /* and its address */
    char *kind;
    char *recipient;
    char *since;      /* when it was made: "2026-11-23 12:05:01" UTC */
    char *last_error; /* why it could not be sent; "": each attempt ended with the program */
    gint64 attempts;
};

/* At most so many of them, the oldest first: of struct failing_notice, caller unrefs. */
bool queue_failing(struct database *database, guint most, GPtrArray **list, GError **error);

/* How many are failing for one reason. */
struct queue_reason {
    char
        *reason; /* of a mail server's answer its codes alone, as "550 5.1.1"; else as last_error */
    gint64 count;
};

struct queue_state {
    gint64 waiting;        /* neither sent nor skipped */
    gint64 failing, held;  /* of these; held: for a digest */
    gint64 oldest_failing; /* when it was made, seconds since 1970; 0 is none */
    GPtrArray *reasons;    /* the most frequent LIMIT_NOTICE_REASONS: of struct queue_reason */
};

void queue_state_free(struct queue_state *state);
DEFINE_AUTO(queue_state, queue_state_free)
bool queue_read(struct database *database, struct queue_state **state, GError **error);

#endif
