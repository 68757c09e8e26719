/* SPDX-License-Identifier: MIT
 *
 * Who of the relay team or the support desk makes a request.
 */
#include "web/staff.h"

#include "web/portal.h"

/* A group that is not configured has no members. */
static bool is_in(struct request *request, const char *group, bool *member, GError **error)
{
    *member = false;
    return !*group || directory_is_member(request->portal->office.directory,
                                          request->session->login, group, request->deadline,
                                          member, error);
}

bool staff_find(struct request *request, GError **error)
{
    const struct directory_settings *settings = request->portal->config->directory;
    bool operator, support = false;

    if (!is_in(request, settings->operators_group, &operator, error) ||
        (!operator && !is_in(request, settings->support_group, &support, error)))
        return false;
    request->staff = operator ? STAFF_OPERATOR : support ? STAFF_SUPPORT : STAFF_NONE;
    return true;
}
