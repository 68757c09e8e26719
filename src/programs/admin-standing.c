/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin suspend, resume, restore: what the operators' page does, by the same
 * rules.
 */
#include "programs/admin.h"
#include "programs/program.h"
#include "service/condition.h"
#include "service/standing.h"

#include <sysexits.h>

enum act { ACT_SUSPEND, ACT_RESUME, ACT_RESTORE };

static bool make(struct database *database, const char *id, enum act act, const char *reason,
                 struct findings *findings, bool *changed, GError **error)
{
    g_autofree char *login = admin_login();
    const struct actor actor = {.login = login, .person_id = ""};

    switch (act) {
    case ACT_SUSPEND:
        return standing_suspend(database, id, reason, &actor, findings, changed, error);
    case ACT_RESUME:
        return standing_resume(database, id, reason, &actor, findings, changed, error);
    case ACT_RESTORE:
    default:
        return standing_restore(database, id, reason, g_get_real_time() / G_USEC_PER_SEC, &actor,
                                findings, changed, error);
    }
}

static void say_outcome(const struct config *config, const char *address, enum act act,
                        bool changed)
{
    static const char *const done[] = {"suspended", "resumed", "brought back"};
    static const char *const already[] = {"suspended by the relay team already", "not suspended",
                                          "not retired"};
    g_autofree char *wait = condition_wait(config);
    g_autofree char *text =
        changed ? g_strdup_printf("%s: %s, in force with the next export, at most %s", address,
                                  done[act], wait)
                : g_strdup_printf("%s is %s: nothing was changed", address, already[act]);

    program_say(text);
}

static bool change(const struct admin *admin, struct database *database,
                   const struct registration *registration, enum act act, int *status,
                   GError **error)
{
    auto_ptr(findings) findings = findings_new();
    g_autofree char *reason = registration_check_reason(admin->options->reason, false, findings);
    bool changed = false;

    if (reason && !make(database, registration->id, act, reason, findings, &changed, error))
        return false;
    admin_say_findings(findings);
    *status = findings_verdict(findings) == VERDICT_ACCEPT ? EX_OK : ADMIN_REFUSED;
    if (*status == EX_OK)
        say_outcome(admin->config, registration->address, act, changed);
    return true;
}

static bool run(const struct admin *admin, enum act act, int *status, GError **error)
{
    auto_ptr(database) database = NULL;
    auto_ptr(registration) registration = NULL;

    if (!admin_has_reason(admin->options, error))
        return false;
    database = admin_database(admin->config, error);
    if (!database || !admin_find(database, admin->arguments[0], &registration, error))
        return false;
    *status = ADMIN_REFUSED;
    return !registration || change(admin, database, registration, act, status, error);
}

bool admin_suspend(const struct admin *admin, int *status, GError **error)
{
    return run(admin, ACT_SUSPEND, status, error);
}

bool admin_resume(const struct admin *admin, int *status, GError **error)
{
    return run(admin, ACT_RESUME, status, error);
}

bool admin_restore(const struct admin *admin, int *status, GError **error)
{
    return run(admin, ACT_RESTORE, status, error);
}
