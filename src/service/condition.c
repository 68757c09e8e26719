/* SPDX-License-Identifier: MIT
 *
 * The state of a registration in words.
 */
#include "service/condition.h"

#include "rules/certificate.h"

static char *clock_text(gint64 at)
{
    g_autoptr(GDateTime) then = g_date_time_new_from_unix_local(at);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    bool today = g_date_time_get_year(then) == g_date_time_get_year(now) &&
                 g_date_time_get_day_of_year(then) == g_date_time_get_day_of_year(now);

    return g_date_time_format(then, today ? "%H:%M today" : "%H:%M on %-d %B %Y");
}

enum condition condition_of(const struct registration *registration)
{
    if (registration->state == REGISTRATION_RETIRED)
        return CONDITION_RETIRED;
    if (registration->state == REGISTRATION_SUSPENDED)
        return CONDITION_SUSPENDED;
    if (registration->renewal_due)
        return CONDITION_ATTENTION;
    return registration->on_relay_since ? CONDITION_ON_RELAY : CONDITION_WAITING;
}

const char *condition_name(enum condition condition)
{
    static const char *const names[] = {
        [CONDITION_RETIRED] = "retired",     [CONDITION_SUSPENDED] = "suspended",
        [CONDITION_ATTENTION] = "attention", [CONDITION_WAITING] = "waiting",
        [CONDITION_ON_RELAY] = "relay",
    };

    return names[condition];
}

static char *attention(gint64 ends)
{
    gint64 left = ends - g_get_real_time() / G_USEC_PER_SEC;
    g_autofree char *duration = certificate_duration(ABS(left));

    return left > 0 ? g_strdup_printf("Needs attention: certificate expires in %s", duration)
                    : g_strdup_printf("Needs attention: certificate expired %s ago", duration);
}

char *condition_wait(const struct config *config)
{
    unsigned minutes = config->relay.export_minutes;

    return g_strdup_printf("%u %s", minutes, minutes == 1 ? "minute" : "minutes");
}

char *condition_on_relay(const struct config *config, const struct registration *registration)
{
    g_autofree char *wait = condition_wait(config);
    g_autofree char *since = NULL;

    if (registration->on_relay_since == 0)
        return g_strdup_printf("Waiting for the next export, at most %s", wait);
    since = clock_text(registration->on_relay_since);
    return g_strdup_printf("On the relay since %s", since);
}

char *condition_sentence(const struct config *config, const struct registration *registration)
{
    switch (condition_of(registration)) {
    case CONDITION_RETIRED:
        return g_strdup("Retired");
    case CONDITION_SUSPENDED:
        return g_strdup("Suspended: the relay does not accept its messages");
    case CONDITION_ATTENTION:
        return attention(registration->renewal_due);
    default:
        return condition_on_relay(config, registration);
    }
}
