/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin forget-ids: for a directory that has other ids of the same people.
 */
#include "adapters/database/registry.h"
#include "programs/admin.h"
#include "programs/output.h"
#include "rules/registration.h"

#include <sysexits.h>

bool admin_forget_ids(const struct admin *admin, int *status, GError **error)
{
    auto_ptr(findings) findings = findings_new();
    auto_ptr(database) database = NULL;
    g_autofree char *login = admin_login();
    const struct actor actor = {.login = login, .person_id = ""};
    g_autofree char *reason = NULL;
    g_autofree char *text = NULL;
    guint owners;

    if (!admin_has_reason(admin->options, error))
        return false;
    reason = registration_check_reason(admin->options->reason, false, findings);
    admin_say_findings(findings);
    *status = reason ? EX_OK : ADMIN_REFUSED;
    if (!reason)
        return true;
    database = admin_database(admin->config, error);
    if (!database || !registry_forget_ids(database, &actor, reason, &owners, error))
        return false;
    text = g_strdup_printf("the ids of %u owners are forgotten, and all sign-ins are ended\n", owners);
    return output_write(text, error);
}
