/* SPDX-License-Identifier: MIT
 *
 * How much a sender may send: one token bucket each. Floor: service; no clock of its own.
 *
 * A full bucket holds an hour's recipients and fills up evenly. It lives as long as
 * the daemon; a restart begins with full ones.
 */
#ifndef APPSMTP_RATES_H
#define APPSMTP_RATES_H

#include "base/cleanup.h"

#include <glib.h>
#include <stdbool.h>

struct rates;

struct rates *rates_new(void);
void rates_free(struct rates *rates);
DEFINE_AUTO(rates, rates_free)

/*
 * Takes the recipients out of the sender's bucket. per_hour: its size, 0 is no limit;
 * now: microseconds of a clock that never goes back. A message with more recipients
 * than a bucket holds passes from a full one, and is paid for afterwards. Returns 0,
 * or in how many seconds (at least 1) it would pass; then nothing is taken.
 */
unsigned rates_take(struct rates *rates, const char *sender, unsigned per_hour,
                    unsigned recipients, gint64 now);

#endif
