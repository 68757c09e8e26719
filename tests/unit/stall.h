/* SPDX-License-Identifier: MIT
 *
 * A proxy whose far end freezes: it passes a conversation on and, after so many bytes
 * from the server or from the client, nothing more, or only a byte now and then. The
 * connection stays open, as it does when a machine, a firewall or a load balancer stops
 * in the middle of an answer. For tests of deadlines: whatever is asked through it has to
 * end by its deadline, wherever in the conversation that happens.
 *
 *     struct stall_plan plan = {.server = "127.0.0.1:5432",
 *                               .from_server = n, .from_client = STALL_NEVER};
 *     struct stall *stall = stall_new(&plan);
 *     ... ask 127.0.0.1, stall_port(stall) ...
 *     stall_heal(stall);       from now on it passes everything
 *     stall_free(stall);
 *
 * To learn how long a whole conversation is, let it run once with STALL_NEVER for both
 * and read stall_from_server() and stall_from_client(). Each proxy is a thread of its own,
 * so many can run side by side; what goes wrong in it ends the test.
 */
#ifndef APPSMTP_TEST_STALL_H
#define APPSMTP_TEST_STALL_H

#include <stddef.h>
#include <stdint.h>

#define STALL_NEVER SIZE_MAX

struct stall_plan {
    const char *server; /* "127.0.0.1:PORT", or the path of a Unix socket */
    const char *listen; /* the path of a Unix socket to make; NULL: a port of 127.0.0.1 */
    size_t from_server; /* bytes that pass, counted over all connections; or STALL_NEVER */
    size_t from_client;
    unsigned drip_ms; /* after them a byte passes each so many milliseconds; 0: none */
};

struct stall;

/* It listens when this returns. Nothing of the plan is kept. */
struct stall *stall_new(const struct stall_plan *plan);

/* The port of 127.0.0.1 on which it listens. */
unsigned stall_port(const struct stall *stall);

/*
 * Connections made from now on pass whole, those of before stay frozen: a network that is
 * well again does not bring back what it lost.
 */
void stall_heal(struct stall *stall);

/* The bytes that have passed, over all connections. */
size_t stall_from_server(struct stall *stall);
size_t stall_from_client(struct stall *stall);

/* Closes its connections and ends its thread. */
void stall_free(struct stall *stall);

#endif
