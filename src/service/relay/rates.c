/* SPDX-License-Identifier: MIT
 *
 * Token buckets, and what was taken out of them of late.
 */
#include "service/relay/rates.h"

#include "base/limits.h"

#include <sys/socket.h>

#define SECOND ((gint64)G_USEC_PER_SEC)
#define HOUR (3600 * SECOND)
#define SLOT (HOUR / RATES_SLOTS)
#define SWEEP (10 * 60 * SECOND)
#define SWEEP_WHEN_FULL (10 * SECOND)
#define REMEMBER (30 * 60 * SECOND) /* a slow client may take its time between DATA and the end */
#define SOURCE_PREFIX_IPV6 64

struct bucket {
    double tokens;
    unsigned size;
    gint64 filled; /* up to that time */
    gint64 slot;   /* number of the newest part of an hour */
    unsigned used[RATES_SLOTS];
    gint64 taken;
};

struct take {
    char *queue_id, *key;
    unsigned recipients;
    gint64 at;
};

struct rates {
    GHashTable *buckets;     /* "sender<TAB>client" -> struct bucket; a full one may be missing */
    GHashTable *by_queue_id; /* -> struct take of the queue below */
    GQueue *takes;           /* the oldest first; one that was put back is in here only */
    gint64 swept;
    guint64 changes;
};

static void take_free(gpointer data)
{
    struct take *take = data;

    g_free(take->queue_id);
    g_free(take->key);
    g_free(take);
}

struct rates *rates_new(void)
{
    struct rates *rates = g_new0(struct rates, 1);

    rates->buckets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    rates->by_queue_id = g_hash_table_new(g_str_hash, g_str_equal);
    rates->takes = g_queue_new();
    return rates;
}

void rates_free(struct rates *rates)
{
    g_hash_table_unref(rates->buckets);
    g_hash_table_unref(rates->by_queue_id);
    g_queue_free_full(rates->takes, take_free);
    g_free(rates);
}

guint64 rates_changes(const struct rates *rates)
{
    return rates->changes;
}

/* ---- a bucket in the course of time ---- */

/* Rounded down, also for what was before the clock's start. */
static gint64 slot_of(gint64 time)
{
    return (time >= 0 ? time : time - (SLOT - 1)) / SLOT;
}

static void shift_used(struct bucket *bucket, gint64 now)
{
    gint64 passed = MIN(slot_of(now) - bucket->slot, RATES_SLOTS);

    if (passed <= 0)
        return;
    memmove(bucket->used + passed, bucket->used, sizeof bucket->used - passed * sizeof(unsigned));
    memset(bucket->used, 0, passed * sizeof(unsigned));
    bucket->slot = slot_of(now);
}

static void fill(struct bucket *bucket, gint64 now)
{
    double gained = bucket->size * (double)(now - bucket->filled) / HOUR;

    bucket->tokens = MIN(bucket->size, bucket->tokens + gained);
    bucket->filled = now;
    shift_used(bucket, now);
}

static unsigned used_of(const unsigned used[RATES_SLOTS])
{
    unsigned sum = 0;

    for (int i = 0; i < RATES_SLOTS; i++)
        sum += used[i];
    return sum;
}

static gboolean is_idle(gpointer key G_GNUC_UNUSED, gpointer value, gpointer now)
{
    struct bucket *bucket = value;

    fill(bucket, *(const gint64 *)now);
    return bucket->tokens >= bucket->size && used_of(bucket->used) == 0;
}

/* Memory is for those who have sent within the hour. */
static void sweep(struct rates *rates, gint64 now)
{
    bool full = g_hash_table_size(rates->buckets) >= LIMIT_POLICY_BUCKETS;

    if (now - rates->swept < (full ? SWEEP_WHEN_FULL : SWEEP))
        return;
    rates->swept = now;
    g_hash_table_foreach_remove(rates->buckets, is_idle, &now);
}

/* ---- finding one ---- */

/* What a client is counted as. Caller frees. */
static char *source_of(const char *client)
{
    struct network network;

    if (!decision_client(client, &network))
        return g_strdup(client);
    if (network.family == AF_INET6)
        network = network_cut(&network, SOURCE_PREFIX_IPV6);
    return network_format_address(&network);
}

/* Caller frees. */
static char *key_of(const struct rates_take *take)
{
    g_autofree char *source = take->rate.per_source ? source_of(take->client) : g_strdup("");

    return g_strconcat(take->sender, "\t", source, NULL);
}

static struct bucket *add_bucket(struct rates *rates, const char *key, unsigned size, gint64 now)
{
    struct bucket *bucket = g_new0(struct bucket, 1);

    *bucket = (struct bucket){.tokens = size, .size = size, .filled = now, .slot = slot_of(now)};
    g_hash_table_insert(rates->buckets, g_strdup(key), bucket);
    return bucket;
}

/* Filled up to now, and of that size; NULL when there is no room for another one. */
static struct bucket *find_bucket(struct rates *rates, const char *key, unsigned size, gint64 now)
{
    struct bucket *bucket;

    sweep(rates, now);
    bucket = g_hash_table_lookup(rates->buckets, key);
    if (!bucket)
        return g_hash_table_size(rates->buckets) < LIMIT_POLICY_BUCKETS
                   ? add_bucket(rates, key, size, now)
                   : NULL;
    fill(bucket, now);
    if (size > bucket->size)
        bucket->tokens += size - bucket->size;
    bucket->size = size;
    bucket->tokens = MIN(bucket->tokens, size);
    return bucket;
}

/* ---- taking and putting back ---- */

static void forget_oldest(struct rates *rates)
{
    struct take *take = g_queue_pop_head(rates->takes);

    if (g_hash_table_lookup(rates->by_queue_id, take->queue_id) == take)
        g_hash_table_remove(rates->by_queue_id, take->queue_id);
    take_free(take);
}

static void forget_takes(struct rates *rates, gint64 now)
{
    const struct take *oldest;

    while ((oldest = g_queue_peek_head(rates->takes)) &&
           (oldest->at < now - REMEMBER || rates->takes->length >= LIMIT_POLICY_TAKES))
        forget_oldest(rates);
}

static void remember(struct rates *rates, const struct rates_take *taken, char *key, gint64 now)
{
    struct take *take = g_new0(struct take, 1);

    *take = (struct take){g_strdup(taken->queue_id), key, taken->recipients, now};
    g_queue_push_tail(rates->takes, take);
    g_hash_table_insert(rates->by_queue_id, take->queue_id, take);
}

/* They were counted in the part of the hour when they were taken, if it is not over. */
static void uncount(struct bucket *bucket, const struct take *take)
{
    gint64 age = bucket->slot - slot_of(take->at);

    if (age < 0 || age >= RATES_SLOTS)
        return;
    bucket->used[age] -= MIN(bucket->used[age], take->recipients);
}

void rates_put_back(struct rates *rates, const char *queue_id, gint64 now)
{
    const struct take *take;
    struct bucket *bucket;

    forget_takes(rates, now);
    take = g_hash_table_lookup(rates->by_queue_id, queue_id);
    if (!take)
        return;
    bucket = g_hash_table_lookup(rates->buckets, take->key);
    if (bucket) {
        fill(bucket, now);
        bucket->tokens = MIN(bucket->size, bucket->tokens + take->recipients);
        uncount(bucket, take);
    }
    g_hash_table_remove(rates->by_queue_id, queue_id);
    rates->changes++;
}

static unsigned seconds_until(const struct bucket *bucket, unsigned recipients)
{
    double missing = recipients - bucket->tokens;

    return 1 + (unsigned)(missing * 3600.0 / bucket->size);
}

unsigned rates_take(struct rates *rates, const struct rates_take *take, gint64 now)
{
    g_autofree char *key = key_of(take);
    bool named = take->queue_id && *take->queue_id;
    struct bucket *bucket;

    if (take->rate.per_hour == 0)
        return 0;
    if (take->recipients > take->rate.per_hour)
        return G_MAXUINT;
    forget_takes(rates, now);
    if (named)
        rates_put_back(rates, take->queue_id, now);
    bucket = find_bucket(rates, key, take->rate.per_hour, now);
    if (!bucket)
        return 0;
    if (bucket->tokens < take->recipients)
        return seconds_until(bucket, take->recipients);
    bucket->tokens -= take->recipients;
    bucket->used[0] += take->recipients;
    bucket->taken = now;
    rates->changes++;
    if (named)
        remember(rates, take, g_steal_pointer(&key), now);
    return 0;
}

/* ---- all of it ---- */

unsigned rates_used(const struct rates_bucket *bucket)
{
    return used_of(bucket->used);
}

void rates_each(struct rates *rates, rates_see *see, void *data, gint64 now)
{
    GHashTableIter iter;
    gpointer key, value;

    g_hash_table_iter_init(&iter, rates->buckets);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        const struct bucket *bucket = value;
        const char *tab = strchr(key, '\t');
        g_autofree char *sender = g_strndup(key, (gsize)(tab - (const char *)key));
        struct rates_bucket seen;
        if (is_idle(NULL, value, &now))
            continue;
        seen = (struct rates_bucket){.sender = sender, .client = tab + 1, .size = bucket->size,
                                     .tokens = bucket->tokens, .taken = bucket->taken};
        memcpy(seen.used, bucket->used, sizeof seen.used);
        see(&seen, data);
    }
}

void rates_restore(struct rates *rates, const struct rates_bucket *seen, gint64 then)
{
    g_autofree char *key = g_strconcat(seen->sender, "\t", seen->client, NULL);
    struct bucket *bucket;

    if (g_hash_table_contains(rates->buckets, key) ||
        g_hash_table_size(rates->buckets) >= LIMIT_POLICY_BUCKETS)
        return;
    bucket = add_bucket(rates, key, seen->size, then);
    bucket->tokens = seen->tokens;
    bucket->taken = then;
    memcpy(bucket->used, seen->used, sizeof bucket->used);
}
