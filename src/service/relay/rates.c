/* SPDX-License-Identifier: MIT
 *
 * Token buckets.
 */
#include "service/relay/rates.h"

#define HOUR (3600.0 * G_USEC_PER_SEC)
#define SWEEP (10 * 60 * (gint64)G_USEC_PER_SEC)

struct bucket {
    double tokens, size;
    gint64 filled; /* up to that time */
};

struct rates {
    GHashTable *buckets; /* sender -> struct bucket; one that is full need not be there */
    gint64 swept;
};

struct rates *rates_new(void)
{
    struct rates *rates = g_new0(struct rates, 1);

    rates->buckets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return rates;
}

void rates_free(struct rates *rates)
{
    g_hash_table_unref(rates->buckets);
    g_free(rates);
}

static void fill(struct bucket *bucket, gint64 now)
{
    double gained = bucket->size * (double)(now - bucket->filled) / HOUR;

    bucket->tokens = MIN(bucket->size, bucket->tokens + gained);
    bucket->filled = now;
}

static gboolean is_full(gpointer sender G_GNUC_UNUSED, gpointer value, gpointer now)
{
    struct bucket *bucket = value;

    fill(bucket, *(const gint64 *)now);
    return bucket->tokens >= bucket->size;
}

/* Memory is for those who have sent within the hour. */
static void sweep(struct rates *rates, gint64 now)
{
    if (now - rates->swept < SWEEP)
        return;
    rates->swept = now;
    g_hash_table_foreach_remove(rates->buckets, is_full, &now);
}

static struct bucket *bucket_of(struct rates *rates, const char *sender, unsigned per_hour,
                                gint64 now)
{
    struct bucket *bucket = g_hash_table_lookup(rates->buckets, sender);

    if (!bucket) {
        bucket = g_new(struct bucket, 1);
        *bucket = (struct bucket){per_hour, per_hour, now};
        g_hash_table_insert(rates->buckets, g_strdup(sender), bucket);
    }
    bucket->size = per_hour;
    fill(bucket, now);
    return bucket;
}

unsigned rates_take(struct rates *rates, const char *sender, unsigned per_hour,
                    unsigned recipients, gint64 now)
{
    struct bucket *bucket;
    double needed = MIN(recipients, per_hour);

    if (per_hour == 0)
        return 0;
    sweep(rates, now);
    bucket = bucket_of(rates, sender, per_hour, now);
    if (bucket->tokens < needed)
        return 1 + (unsigned)((needed - bucket->tokens) * 3600.0 / per_hour);
    bucket->tokens -= recipients;
    return 0;
}
