/* SPDX-License-Identifier: MIT
 *
 * Numbers for senders that last from run to run. Floor: service.
 *
 * Maps of one generation can be opened a moment before a flip and others a moment
 * after it, so a number that was another sender's must not come back soon: a freed
 * one rests for two days. The state is the file "slots" beside the generations:
 *     # appsmtp slots 1
 *     17<TAB>app@example.edu<TAB>-
 *     18<TAB>-<TAB>2026-11-23       free since
 *     # end SHA-256
 * Where it is damaged or gone, the numbers are those of the generation in force.
 */
#ifndef APPSMTP_SLOTS_H
#define APPSMTP_SLOTS_H

#include "base/cleanup.h"

#include <glib.h>
#include <stdbool.h>

#define SLOTS 1000
#define SLOTS_FILE "slots"
#define SLOTS_MAP "pairs-by-slot" /* of a generation: "17|app@example.edu<TAB>OK" */

struct slots;

/* Of the export's output folder; no number is given when there is nothing to read. */
struct slots *slots_load(const char *folder);
void slots_free(struct slots *slots);
DEFINE_AUTO(slots, slots_free)

/*
 * Gives each sender (of char *) its number, and frees those of all others. now: seconds
 * since 1970. False when there are more senders than numbers that may be given.
 */
bool slots_assign(struct slots *slots, const GPtrArray *senders, gint64 now);

/* The sender's number, which it has since slots_assign(). */
unsigned slots_find(const struct slots *slots, const char *sender);

bool slots_save(const struct slots *slots, const char *folder, GError **error);

#endif
