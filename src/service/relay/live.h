/* SPDX-License-Identifier: MIT
 *
 * The newest good generation, for a program with threads. Floor: service.
 *
 * A thread of its own looks once a second whether another generation is there and
 * loads it beside the one in use. One that cannot be read is told of once, and the
 * one before stays.
 */
#ifndef APPSMTP_LIVE_H
#define APPSMTP_LIVE_H

#include "adapters/snapshot/snapshot.h"
#include "service/relay/awaited.h"

/* Told, in one line, what an operator should know: a new generation, a damaged one. */
typedef void live_say(const char *text);

struct live;

/*
 * folder: the export's output folder, or a generation's. Has looked once when it
 * returns. say is called by that thread, too. Signals that only other threads may get
 * have to be blocked before.
 */
struct live *live_new(const char *folder, live_say *say);
void live_free(struct live *live);
DEFINE_AUTO(live, live_free)

/*
 * The generation, NULL while there has been none. Everybody else waits until
 * live_release(), which has to follow, so hold it for one question only.
 */
const struct snapshot *live_hold(struct live *live);
void live_release(struct live *live);

/* Who waits for another generation; between these two calls only. */
const struct awaited *live_awaited(const struct live *live);

#endif
