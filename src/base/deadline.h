/* SPDX-License-Identifier: MIT
 *
 * One point in time that a whole request has to be over by, handed down to
 * every adapter that waits. Floor: base. The clock is the monotonic one.
 */
#ifndef APPSMTP_BASE_DEADLINE_H
#define APPSMTP_BASE_DEADLINE_H

#include <glib.h>
#include <stdbool.h>

struct deadline {
    gint64 at; /* microseconds of g_get_monotonic_time() */
};

/* The point in time that is that many milliseconds from now. */
struct deadline deadline_in(unsigned milliseconds);

/* The earlier of the deadline and that many milliseconds from now. */
struct deadline deadline_sooner(struct deadline deadline, unsigned milliseconds);

/* Milliseconds that are left; 0 when the deadline has passed. */
int deadline_left(struct deadline deadline);

/*
 * Waits until the descriptor shows one of the poll(2) events or the deadline
 * passes. Returns the events seen; 0 when the time was up. A signal does not
 * end the wait.
 */
short deadline_poll(struct deadline deadline, int fd, short events);

#endif
