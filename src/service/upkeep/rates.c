/* SPDX-License-Identifier: MIT
 *
 * The round of the rates.
 */
#include "adapters/database/upkeep.h"
#include "rules/rate.h"
#include "service/upkeep/upkeep.h"

#define ROUND_MS 60000

static bool is_for_each_source(const struct upkeep *upkeep, const struct fullness *fullness)
{
    const struct application_type *type = config_application_type(upkeep->config, fullness->type);

    return type && type->per_source;
}

/* "23 November 2026 at 12:05 UTC". Caller frees. */
static char *moment(gint64 at)
{
    g_autofree char *day = upkeep_day(at);
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(at);
    g_autofree char *clock = g_date_time_format(time, "%H:%M");

    return g_strdup_printf("%s at %s UTC", day, clock);
}

/* The unit of what is allowed: a source's, or a relay's part of it. Static. */
static const char *share_words(const struct upkeep *upkeep, bool each)
{
    bool parted = upkeep->config->relay.relays > 1;

    if (each)
        return parted ? " for each device or server at that relay" : " for each device or server";
    return parted ? " at that relay" : "";
}

/* 100 % says all that 80 % does. */
static bool warn(const struct upkeep *upkeep, const struct fullness *fullness, GError **error)
{
    bool full = rate_mark(fullness->used, fullness->allowed) == RATE_FULL;
    bool each = is_for_each_source(upkeep, fullness);
    g_autofree char *used = g_strdup_printf("%" G_GINT64_FORMAT, fullness->used);
    g_autofree char *allowed = g_strdup_printf("%" G_GINT64_FORMAT "%s", fullness->allowed,
                                               share_words(upkeep, each));
    g_autofree char *seen = moment(fullness->seen);
    const char *const values[] = {
        "used", used, "allowed", allowed, "seen", seen, "who",
        each ? "The busiest of the devices and servers that send" : "What is sent", NULL};
    struct tidings tidings = {.kind = full ? "rate-full" : "rate-near", .values = values};

    return upkeep_warn_of_rate(upkeep->database, fullness, full, &tidings, upkeep->now, error);
}

bool upkeep_round_rates(const struct upkeep *upkeep, GError **error)
{
    g_autoptr(GPtrArray) list = NULL;

    database_set_deadline(upkeep->database, deadline_in(ROUND_MS));
    if (!upkeep_fullnesses(upkeep->database, &list, error))
        return false;
    for (guint i = 0; i < list->len; i++) {
        database_set_deadline(upkeep->database, deadline_in(ROUND_MS));
        if (!warn(upkeep, g_ptr_array_index(list, i), error))
            return false;
    }
    return true;
}
