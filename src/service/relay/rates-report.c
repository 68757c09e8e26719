/* SPDX-License-Identifier: MIT
 *
 * From buckets to senders.
 */
#include "service/relay/rates-report.h"

struct figure {
    unsigned used, allowed;
    gint64 taken; /* when any of its sources took some the last time */
};

struct rates_report {
    GHashTable *told; /* sender -> struct figure */
    gint64 at;        /* of that */
};

static GHashTable *figures_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

struct rates_report *rates_report_new(void)
{
    struct rates_report *report = g_new0(struct rates_report, 1);

    report->told = figures_new();
    report->at = G_MININT64;
    return report;
}

void rates_report_free(struct rates_report *report)
{
    g_hash_table_unref(report->told);
    g_free(report);
}

static void add_bucket(const struct rates_bucket *bucket, void *data)
{
    unsigned used = rates_used(bucket);
    struct figure *figure;

    if (!*bucket->sender || used == 0)
        return;
    figure = g_hash_table_lookup(data, bucket->sender);
    if (!figure) {
        figure = g_new0(struct figure, 1);
        figure->taken = bucket->taken;
        g_hash_table_insert(data, g_strdup(bucket->sender), figure);
    }
    figure->taken = MAX(figure->taken, bucket->taken);
    if (used <= figure->used)
        return;
    figure->used = used;
    figure->allowed = bucket->size;
}

static bool is_news(const struct rates_report *report, const char *sender,
                    const struct figure *figure)
{
    const struct figure *before = g_hash_table_lookup(report->told, sender);

    return !before || figure->taken >= report->at || before->used != figure->used ||
           before->allowed != figure->allowed;
}

void rates_report_tell(struct rates_report *report, struct rates *rates, struct uses *uses,
                       gint64 now)
{
    g_autoptr(GHashTable) figures = figures_new();
    GHashTableIter iter;
    gpointer sender, value;

    rates_each(rates, add_bucket, figures, now);
    g_hash_table_iter_init(&iter, figures);
    while (g_hash_table_iter_next(&iter, &sender, &value)) {
        const struct figure *figure = value;
        if (is_news(report, sender, figure))
            uses_rate(uses, sender, figure->used, figure->allowed);
    }
    g_hash_table_unref(report->told);
    report->told = g_steal_pointer(&figures);
    report->at = now;
}
