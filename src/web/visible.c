/* SPDX-License-Identifier: MIT
 *
 * Who sees which registration, and its state in words.
 */
#include "web/visible.h"

#include "rules/certificate.h"
#include "rules/reminder.h"
#include "web/portal.h"
#include "web/registration-view.h"

static bool has_role(struct request *request, const struct registration *registration, bool *has,
                     GError **error)
{
    enum role_answer answer;

    if (!directory_role(request->portal->office.directory, request->session->login,
                        registration->address, request->deadline, &answer, NULL, error))
        return false;
    *has = answer == ROLE_OWNER || answer == ROLE_ADMINISTRATOR || answer == ROLE_NOT_ELIGIBLE;
    return true;
}

bool visible_to_person(struct request *request, const struct registration *registration,
                       bool *may_see, GError **error)
{
    *may_see = registration_has_owner(registration, request->session->login);
    return *may_see || has_role(request, registration, may_see, error);
}

bool visible_registration(struct request *request, struct registration **found, GError **error)
{
    auto_ptr(registration) registration = NULL;
    bool may_see;

    if (!registry_find(request->portal->office.database, request->id, &registration, error))
        return false;
    *found = NULL;
    if (!registration)
        return true;
    if (!visible_to_person(request, registration, &may_see, error))
        return false;
    if (may_see)
        *found = g_steal_pointer(&registration);
    return true;
}

static char *clock_text(gint64 at)
{
    g_autoptr(GDateTime) then = g_date_time_new_from_unix_local(at);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    bool today = g_date_time_get_year(then) == g_date_time_get_year(now) &&
                 g_date_time_get_day_of_year(then) == g_date_time_get_day_of_year(now);

    return g_date_time_format(then, today ? "%H:%M today" : "%H:%M on %-d %B %Y");
}

static gint64 now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

bool visible_is_confirmation_due(const struct registration *registration)
{
    return registration->state != REGISTRATION_RETIRED &&
           reminder_of_confirmation(registration->confirmation_due, now()) != REMINDER_NONE;
}

gint64 visible_confirmation_end(const struct registration *registration)
{
    return reminder_confirmation_end(registration->confirmation_due, registration->reminded_at,
                                     now());
}

enum visible_condition visible_condition(const struct registration *registration)
{
    if (registration->state == REGISTRATION_RETIRED)
        return CONDITION_RETIRED;
    if (registration->state == REGISTRATION_SUSPENDED)
        return CONDITION_SUSPENDED;
    if (registration->renewal_due || visible_is_confirmation_due(registration))
        return CONDITION_ATTENTION;
    return registration->on_relay_since ? CONDITION_ON_RELAY : CONDITION_WAITING;
}

const char *visible_condition_name(enum visible_condition condition)
{
    static const char *const names[] = {
        [CONDITION_RETIRED] = "retired",     [CONDITION_SUSPENDED] = "suspended",
        [CONDITION_ATTENTION] = "attention", [CONDITION_WAITING] = "waiting",
        [CONDITION_ON_RELAY] = "relay",
    };

    return names[condition];
}

enum certificate_term visible_term(const struct request *request, gint64 not_after)
{
    return certificate_term(not_after, request->portal->config->certificates.grace_days, now());
}

static char *renewal(const struct request *request, gint64 ends)
{
    g_autofree char *left = certificate_duration(MAX(ends - now(), 0));
    g_autofree char *day = registration_view_day(ends);

    switch (visible_term(request, ends)) {
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
        registration_view_day(due > now() ? due : visible_confirmation_end(registration));

    return g_strdup_printf("Needs attention: confirm by %s that it is still needed", day);
}

/* Of two things the one that comes first. */
static char *attention(const struct request *request, const struct registration *registration)
{
    gint64 ends = registration->renewal_due;

    if (ends && (!visible_is_confirmation_due(registration) ||
                 ends <= visible_confirmation_end(registration)))
        return renewal(request, ends);
    return confirmation(registration);
}

bool visible_is_recognised(const struct request *request, const struct registration *registration)
{
    return registration->sources_end == 0 ||
           visible_term(request, registration->sources_end) != TERM_OVER;
}

char *visible_wait(const struct config *config)
{
    unsigned minutes = config->relay.export_minutes;

    return g_strdup_printf("%u %s", minutes, minutes == 1 ? "minute" : "minutes");
}

char *visible_on_relay(const struct request *request, const struct registration *registration)
{
    g_autofree char *wait = visible_wait(request->portal->config);
    g_autofree char *since = NULL;

    if (registration->on_relay_since == 0)
        return g_strdup_printf("Waiting for the next export, at most %s", wait);
    since = clock_text(registration->on_relay_since);
    return g_strdup_printf("On the relay since %s", since);
}

char *visible_state(const struct request *request, const struct registration *registration)
{
    switch (visible_condition(registration)) {
    case CONDITION_RETIRED:
        return g_strdup("Retired");
    case CONDITION_SUSPENDED:
        return g_strdup("Suspended: the relay does not accept its messages");
    case CONDITION_ATTENTION:
        return attention(request, registration);
    default:
        return visible_on_relay(request, registration);
    }
}
