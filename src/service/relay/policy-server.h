/* SPDX-License-Identifier: MIT
 *
 * The policy daemon: connections of Postfix on one side, the newest good
 * generation on the other. Floor: service. Runs in GLib's default main loop,
 * without threads.
 */
#ifndef APPSMTP_POLICY_SERVER_H
#define APPSMTP_POLICY_SERVER_H

#include "base/cleanup.h"
#include "service/relay/listen.h"

#include <glib.h>
#include <stdbool.h>

/* Told, in one line, what an operator should know: a new generation, a damaged one. */
typedef void policy_say(const char *text);

struct policy_server;

/*
 * Serves what connects to the listening socket, which stands at that place, from the
 * export's output folder.
 * It looks for another generation twice a second and reads it in small steps
 * between requests; one that cannot be read is reported once and the one before
 * is kept. Without any it defers all. Takes the descriptor. metrics: a textfile for
 * Prometheus that is renewed every 15 seconds, or NULL.
 * uses: the folder of uses.h and rates-file.h, told as often; the latter is read first.
 * Metrics and rates are its successor's when the place is no longer its own.
 */
struct policy_server *policy_server_new(const char *folder, int listener,
                                        const struct listen_place *place, const char *metrics,
                                        const char *uses, policy_say *say);
void policy_server_free(struct policy_server *server);
DEFINE_AUTO(policy_server, policy_server_free)

#endif
