/* SPDX-License-Identifier: MIT
 *
 * Who sees which registration, and its state in words.
 */
#include "web/visible.h"

#include "web/portal.h"

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

bool visible_registration(struct request *request, struct registration **found, GError **error)
{
    auto_ptr(registration) registration = NULL;
    bool may_see;

    if (!registry_find(request->portal->office.database, request->id, &registration, error))
        return false;
    *found = NULL;
    if (!registration)
        return true;
    may_see = registration_has_owner(registration, request->session->login);
    if (!may_see && !has_role(request, registration, &may_see, error))
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

char *visible_state(const struct request *request, const struct registration *registration)
{
    g_autofree char *since = NULL;

    if (registration->state == REGISTRATION_RETIRED)
        return g_strdup("Retired");
    if (registration->state == REGISTRATION_SUSPENDED)
        return g_strdup("Suspended: the relay does not accept its messages");
    if (registration->on_relay_since == 0)
        return g_strdup_printf("Waiting for the next export, at most %u %s",
                               request->portal->config->relay.export_minutes,
                               request->portal->config->relay.export_minutes == 1 ? "minute"
                                                                                  : "minutes");
    since = clock_text(registration->on_relay_since);
    return g_strdup_printf("On the relay since %s", since);
}
