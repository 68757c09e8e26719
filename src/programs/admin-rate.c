/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin rate: how many recipients a registration may have in an hour, as the
 * operators' page sets it.
 */
#include "programs/admin.h"
#include "programs/program.h"
#include "rules/rate.h"
#include "service/allowance.h"
#include "service/condition.h"

#include <sysexits.h>

static void say_outcome(const struct config *config, const struct registration *registration,
                        bool changed)
{
    g_autofree char *wait = condition_wait(config);
    g_autofree char *words = allowance_words(config, registration);
    g_autofree char *text =
        changed ? g_strdup_printf("%s: %s, in force with the next export, at most %s",
                                  registration->address, words, wait)
                : g_strdup_printf("%s: %s, as it was: nothing was changed", registration->address,
                                  words);

    program_say(text);
}

/* What was typed, judged by the rules; the reason is the order's to point to, the caller's to free. */
static bool read_order(const struct admin *admin, struct allowance_order *order, char **reason,
                       struct findings *findings)
{
    const char *typed = admin->arguments[1];
    /* The form means the type's rate by an empty field; a script's empty variable is a mistake. */
    const char *rate = g_str_equal(typed, "default") ? "" : *typed ? typed : "-";
    bool good = rate_check(rate, &order->per_hour, findings);

    order->reason = *reason = registration_check_reason(admin->options->reason, false, findings);
    return good && *reason;
}

static bool change(const struct admin *admin, struct database *database,
                   struct registration *registration, int *status, GError **error)
{
    g_autofree char *login = admin_login();
    g_autofree char *reason = NULL;
    const struct actor actor = {.login = login, .person_id = ""};
    struct allowance_order order = {.config = admin->config, .actor = &actor};
    auto_ptr(findings) findings = findings_new();
    bool changed = false;

    if (read_order(admin, &order, &reason, findings) &&
        !allowance_set(database, registration->id, &order, findings, &changed, error))
        return false;
    admin_say_findings(findings);
    *status = findings_verdict(findings) == VERDICT_ACCEPT ? EX_OK : ADMIN_REFUSED;
    registration->recipients_per_hour = order.per_hour;
    if (*status == EX_OK)
        say_outcome(admin->config, registration, changed);
    return true;
}

bool admin_rate(const struct admin *admin, int *status, GError **error)
{
    auto_ptr(database) database = NULL;
    auto_ptr(registration) registration = NULL;

    if (!admin_has_reason(admin->options, error))
        return false;
    database = admin_database(admin->config, error);
    if (!database || !admin_find(database, admin->arguments[0], &registration, error))
        return false;
    *status = ADMIN_REFUSED;
    return !registration || change(admin, database, registration, status, error);
}
