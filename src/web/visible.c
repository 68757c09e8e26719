/* SPDX-License-Identifier: MIT
 *
 * Who sees which registration.
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

/* The directory is asked only where there is a group among the owners. */
static bool is_in_group(struct request *request, const struct registration *registration, bool *is,
                        GError **error)
{
    g_autoptr(GPtrArray) groups = registration_groups(registration);
    g_autoptr(GPtrArray) held = NULL;

    if (groups->len > 0 &&
        !directory_member_of(request->portal->office.directory, request->session->login, groups,
                             request->deadline, &held, error))
        return false;
    *is = held && held->len > 0;
    return true;
}

bool visible_to_person(struct request *request, const struct registration *registration,
                       bool *may_see, GError **error)
{
    *may_see = registration_person(registration, request->session->login,
                                   request->session->person_id) != NULL;
    if (*may_see)
        return true;
    if (!has_role(request, registration, may_see, error))
        return false;
    return *may_see || is_in_group(request, registration, may_see, error);
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
