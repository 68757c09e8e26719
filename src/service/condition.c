/* SPDX-License-Identifier: MIT
 *
 * The state of a registration in words.
 */
#include "service/condition.h"

#include "rules/reminder.h"

char *condition_clock(gint64 at)
{
    g_autoptr(GDateTime) then = g_date_time_new_from_unix_local(at);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    bool today = g_date_time_get_year(then) == g_date_time_get_year(now) &&
                 g_date_time_get_day_of_year(then) == g_date_time_get_day_of_year(now);

    return g_date_time_format(then, today ? "%H:%M today" : "%H:%M on %-d %B %Y");
}

char *condition_day(gint64 at)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(at);

    return g_date_time_format(time, "%-d %B %Y");
}

static gint64 now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

bool condition_confirmation_due(const struct registration *registration)
{
    return registration->state != REGISTRATION_RETIRED &&
           reminder_of_confirmation(registration->confirmation_due, now()) != REMINDER_NONE;
}

gint64 condition_confirmation_end(const struct registration *registration)
{
    return reminder_confirmation_end(registration->confirmation_due, registration->reminded_at,
                                     now());
}

/* Of one that has changed since, the next export decides. */
static bool is_partly_left_out(const struct registration *registration)
{
    return registration->left_out_why && registration->on_relay_since;
}

enum condition condition_of(const struct registration *registration)
{
    if (registration->state == REGISTRATION_RETIRED)
        return CONDITION_RETIRED;
    if (registration->state == REGISTRATION_SUSPENDED)
        return CONDITION_SUSPENDED;
    if (registration->left_out && registration->on_relay_since)
        return CONDITION_LEFT_OUT;
    if (registration->renewal_due || condition_confirmation_due(registration) ||
        is_partly_left_out(registration))
        return CONDITION_ATTENTION;
    return registration->on_relay_since ? CONDITION_ON_RELAY : CONDITION_WAITING;
}

const char *condition_name(enum condition condition)
{
    static const char *const names[] = {
        [CONDITION_RETIRED] = "retired",     [CONDITION_SUSPENDED] = "suspended",
        [CONDITION_LEFT_OUT] = "left-out",   [CONDITION_ATTENTION] = "attention",
        [CONDITION_WAITING] = "waiting",     [CONDITION_ON_RELAY] = "relay",
    };

    return names[condition];
}

enum certificate_term condition_term(const struct config *config, gint64 not_after)
{
    return certificate_term(not_after, config->certificates.grace_days, now());
}

static char *renewal(const struct config *config, gint64 ends)
{
    g_autofree char *left = certificate_duration(MAX(ends - now(), 0));
    g_autofree char *day = condition_day(ends);

    switch (condition_term(config, ends)) {
    case TERM_LASTING:
        return g_strdup_printf("Needs attention: certificate expires in %s", left);
    case TERM_GRACE:
        return g_strdup_printf("Needs attention: certificate expired on %s", day);
    case TERM_OVER:
    default:
        return g_strdup_printf("Needs attention: certificate no longer accepted, it expired on %s",
                               day);
    }
}

/* As the notice says it: by the day on which it is due, and then by the last day of all. */
static char *confirmation(const struct registration *registration)
{
    gint64 due = registration->confirmation_due;
    g_autofree char *day =
        condition_day(due > now() ? due : condition_confirmation_end(registration));

    return g_strdup_printf("Needs attention: confirm by %s that it is still needed", day);
}

/* What is so already, else of two things the one that comes first. */
static char *attention(const struct config *config, const struct registration *registration)
{
    gint64 ends = registration->renewal_due;

    if (is_partly_left_out(registration))
        return g_strdup_printf("Needs attention: not all of it is on the relay: %s",
                               registration->left_out_why);
    if (ends && (!condition_confirmation_due(registration) ||
                 ends <= condition_confirmation_end(registration)))
        return renewal(config, ends);
    return confirmation(registration);
}

bool condition_is_recognised(const struct config *config, const struct registration *registration)
{
    return !registration->left_out &&
           (registration->sources_end == 0 ||
            condition_term(config, registration->sources_end) != TERM_OVER);
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
    since = condition_clock(registration->on_relay_since);
    return g_strdup_printf("On the relay since %s", since);
}

char *condition_sentence(const struct config *config, const struct registration *registration)
{
    switch (condition_of(registration)) {
    case CONDITION_RETIRED:
        return g_strdup("Retired");
    case CONDITION_SUSPENDED:
        return g_strdup("Suspended: the relay does not accept its messages");
    case CONDITION_LEFT_OUT:
        return g_strdup_printf("Not on the relay: %s", registration->left_out_why);
    case CONDITION_ATTENTION:
        return attention(config, registration);
    default:
        return condition_on_relay(config, registration);
    }
}
