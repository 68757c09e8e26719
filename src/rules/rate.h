/* SPDX-License-Identifier: MIT
 *
 * How much a sender may send, and what it is told when that is not enough. Floor:
 * rules; pure.
 *
 * What is counted is recipients: a message to 50 people is 50. Whoever asks counts.
 */
#ifndef APPSMTP_RULES_RATE_H
#define APPSMTP_RULES_RATE_H

#include "rules/decision.h"

struct rate {
    unsigned per_hour; /* recipients; 0 is no limit */
    bool per_source;   /* each client address may have so many; else all of them together */
};

/*
 * The part of a rate that one of several relays allows: rounded up, so that nobody is
 * left without any. relays: at least 1.
 */
unsigned rate_share(unsigned per_hour, unsigned relays);

/* The larger of two rates an hour; none is larger than no limit. */
unsigned rate_larger(unsigned a, unsigned b);

/* How near the use of an hour comes to what is allowed. */
enum rate_mark {
    RATE_FREE,
    RATE_NEAR, /* RATE_NEAR_PERCENT of it, or more */
    RATE_FULL, /* all of it: the relay puts off what goes beyond */
};

#define RATE_NEAR_PERCENT 80

/* used, allowed: recipients; allowed 0 is no limit, and nothing comes near it. */
enum rate_mark rate_mark(gint64 used, gint64 allowed);

/*
 * A registration's own rate as an operator typed it: *per_hour is a number from 1 to
 * LIMIT_RECIPIENTS_PER_HOUR, or 0 for that of its type when nothing is typed. False and a
 * finding for everything else.
 */
bool rate_check(const char *typed, unsigned *per_hour, struct findings *findings);

/* A message that is more than its sender may send now. */
struct rate_excess {
    const char *sender; /* reverse-path without brackets; "" is the null sender */
    const char *portal; /* base URL, for the advice */
    struct rate rate;   /* at this relay, with a limit */
    unsigned recipients;
    unsigned wait; /* seconds until it would pass, at least 1 */
};

/*
 * What the sender is told. A message with more recipients than an hour's can never
 * pass and is refused ("message.too-many-recipients"); any other is to come again
 * ("message.too-many", which is neither permit nor refusal). Never NULL; caller frees.
 */
struct decision *rate_decide(const struct rate_excess *excess);

#endif
