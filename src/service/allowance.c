/* SPDX-License-Identifier: MIT
 *
 * The rate of a registration in words, and its change.
 */
#include "service/allowance.h"

#include "adapters/database/change.h"
#include "rules/rate.h"
#include "service/condition.h"

#define HOUR 3600

static const struct application_type *type_of(const struct config *config,
                                              const struct registration *registration)
{
    return config_application_type(config, registration->application_type);
}

/* A type that the configuration has no longer has no rate either. */
unsigned allowance_per_hour(const struct config *config, const struct registration *registration)
{
    const struct application_type *type = type_of(config, registration);

    if (registration->recipients_per_hour)
        return registration->recipients_per_hour;
    return type ? type->recipients_per_hour : 0;
}

static bool is_for_each_source(const struct config *config, const struct registration *registration)
{
    const struct application_type *type = type_of(config, registration);

    return type && type->per_source;
}

/* ---- words ------------------------------------------------------------------------------------ */

static char *words_of(unsigned per_hour, bool each)
{
    if (per_hour == 0)
        return g_strdup("No limit");
    return g_strdup_printf("Up to %u %s an hour%s", per_hour,
                           per_hour == 1 ? "recipient" : "recipients",
                           each ? " for each device or server" : "");
}

char *allowance_type_words(const struct application_type *type)
{
    return words_of(type->recipients_per_hour, type->per_source);
}

char *allowance_words(const struct config *config, const struct registration *registration)
{
    return words_of(allowance_per_hour(config, registration),
                    is_for_each_source(config, registration));
}

char *allowance_origin(const struct registration *registration, const struct usage *usage)
{
    g_autofree char *day = condition_day(usage->set_at);

    if (registration->recipients_per_hour == 0)
        return g_strdup("The rate of its type");
    if (!*usage->set_by)
        return g_strdup("A rate of its own");
    return g_strdup_printf("A rate of its own since %s, set by %s: %s", day, usage->set_by,
                           usage->set_why);
}

static char *unknown_words(const struct usage *usage)
{
    g_autofree char *last = condition_clock(usage->reported_at);

    return usage->reported_at
               ? g_strdup_printf("Not known: no relay has reported any use since %s", last)
               : g_strdup("Not known: no relay has reported any use so far");
}

/* "120 of 200"; without a limit "120". */
static char *share_words(gint64 used, unsigned per_hour)
{
    return per_hour ? g_strdup_printf("%" G_GINT64_FORMAT " of %u", used, per_hour)
                    : g_strdup_printf("%" G_GINT64_FORMAT, used);
}

/*
 * Relays share the rate, and each looks only after its own part. What was used comes back
 * evenly, so a message may pass all the same. Static.
 */
static const char *full_words(gint64 used, unsigned per_hour)
{
    return used < per_hour
               ? ". At one of the relays its part is used up, and what goes beyond may be put off"
               : ". That is all of it, and what goes beyond may be put off";
}

char *allowance_use(const struct config *config, const struct registration *registration,
                    const struct usage *usage)
{
    unsigned per_hour = allowance_per_hour(config, registration);
    bool each = is_for_each_source(config, registration);
    gint64 used = each ? usage->busiest : usage->used;
    g_autofree char *share = share_words(used, per_hour);
    g_autofree char *at = condition_clock(usage->reported_at);

    if (usage->relays == 0)
        return unknown_words(usage);
    return g_strdup_printf("%s%s, as reported at %s%s", each ? "The busiest source: " : "", share,
                           at, usage->full ? full_words(used, per_hour) : "");
}

bool allowance_find_usage(const struct config *config, struct database *database, const char *id,
                          struct usage **found, GError **error)
{
    return usage_find(database, id, 2 * 60 * config->relay.export_minutes + HOUR, found, error);
}

/* ---- another rate ------------------------------------------------------------------------------ */

/* The rate as it will be, in words for the notice. */
static char *words_to_be(const struct allowance_order *order, const struct registration *now)
{
    const struct application_type *type = type_of(order->config, now);

    return words_of(order->per_hour ? order->per_hour : type ? type->recipients_per_hour : 0,
                    type && type->per_source);
}

bool allowance_set(struct database *database, const char *id, const struct allowance_order *order,
                   struct findings *findings, bool *changed, GError **error)
{
    auto_ptr(change) change = NULL;
    const struct registration *now;
    g_autofree char *value = NULL;
    struct change_words words = {
        .action = "rate changed", .notice = "rate-changed", .reason = order->reason};

    *changed = false;
    if (!change_begin(database, id, order->actor, &change, error))
        return false;
    now = change ? change_registration(change) : NULL;
    if (now && now->state == REGISTRATION_RETIRED)
        findings_add(findings, FINDING_CHANGE_RETIRED, NULL);
    if (!now || now->state == REGISTRATION_RETIRED || now->recipients_per_hour == order->per_hour)
        return true;
    words.value = value = words_to_be(order, now);
    *changed = change_set_rate(change, order->per_hour, error) &&
               change_finish(change, &words, error);
    return *changed;
}
