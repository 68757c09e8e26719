/* SPDX-License-Identifier: MIT
 *
 * What senders have sent: token buckets. Floor: service; no clock of its own.
 *
 * A full bucket holds an hour's recipients of its sender, or of one client address that
 * sends as it, and fills up evenly. A message passes when there are as many as it has
 * recipients. What was taken can be put back by the message's queue id, for one that is
 * refused later. rates-file.h keeps the buckets over a restart.
 *
 * Times are microseconds of a clock that never goes back; a time before its start is
 * negative.
 */
#ifndef APPSMTP_RATES_H
#define APPSMTP_RATES_H

#include "rules/rate.h"

#define RATES_SLOTS 12 /* an hour's recipients are added up in so many equal parts of it */

struct rates;

struct rates *rates_new(void);
void rates_free(struct rates *rates);
DEFINE_AUTO(rates, rates_free)

/* One message before it is accepted. */
struct rates_take {
    const char *sender; /* as it is registered; "" is the null sender */
    const char *client; /* its address; the addresses of an IPv6 /64 are one */
    struct rate rate;   /* its hour's recipients are the bucket's size; 0 is no limit */
    unsigned recipients;
    const char *queue_id; /* the mail server's name of the message; "" or NULL where it has none */
};

/*
 * Takes the recipients out of the bucket. Returns 0, or in how many seconds (at least 1)
 * they would be there; then nothing is taken. That is G_MAXUINT for more than a full
 * bucket holds. A larger rate than before has its effect at once. Past
 * LIMIT_POLICY_BUCKETS senders and sources within an hour, further ones are not counted.
 *
 * A queue id that is known asks for the same message again: it is counted once.
 */
unsigned rates_take(struct rates *rates, const struct rates_take *take, gint64 now);

/*
 * The message was not accepted: what it took is there again. A no-op for one that took
 * nothing, that LIMIT_POLICY_TAKES others came after, or after half an hour.
 */
void rates_put_back(struct rates *rates, const char *queue_id, gint64 now);

/* ---- all of it ---- */

struct rates_bucket {
    const char *sender;
    const char *client; /* "" where all of the sender's are one */
    unsigned size;
    double tokens;              /* at most size */
    unsigned used[RATES_SLOTS]; /* recipients in each part of the last hour, the newest first */
    gint64 taken;               /* when the last were taken */
};

typedef void rates_see(const struct rates_bucket *bucket, void *data);

/* Calls see() for each bucket that is not full or had recipients in the last hour. */
void rates_each(struct rates *rates, rates_see *see, void *data, gint64 now);

/* Puts back what rates_each() showed, so as it was at that time. A bucket that is there stays. */
void rates_restore(struct rates *rates, const struct rates_bucket *bucket, gint64 then);

/* The recipients of the last hour. */
unsigned rates_used(const struct rates_bucket *bucket);

/* How often something was taken or put back: whether anything changed since. */
guint64 rates_changes(const struct rates *rates);

#endif
