/* SPDX-License-Identifier: MIT
 *
 * The round of the yearly confirmations.
 */
#include "adapters/database/upkeep.h"
#include "rules/reminder.h"
#include "service/upkeep/upkeep.h"

#define ROUND_MS 60000

static gint64 suspended_at(const struct upkeep *upkeep, const struct confirmation *confirmation)
{
    return reminder_confirmation_end(confirmation->due, confirmation->first_at, upkeep->now);
}

static bool remind(const struct upkeep *upkeep, const struct confirmation *confirmation, int stage,
                   GError **error)
{
    g_autofree char *ends = upkeep_day(confirmation->due);
    g_autofree char *days = upkeep_days(confirmation->due - upkeep->now);
    g_autofree char *until = upkeep_day(suspended_at(upkeep, confirmation));
    const char *const values[] = {"ends", ends, "days", days, "until", until, NULL};
    struct tidings tidings = {.kind = stage >= REMINDER_GRACE ? "confirmation-overdue"
                                                              : "confirmation-due",
                              .values = values};

    return upkeep_remind(upkeep->database, confirmation->registration, confirmation->subject,
                         stage, &tidings, upkeep->now, error);
}

static bool suspend(const struct upkeep *upkeep, const struct confirmation *confirmation,
                    GError **error)
{
    const char *const reason = "nobody has confirmed within a year that it is still needed";
    const char *const values[] = {
        "reason", reason, "advice",
        "Confirm on its page that the registration is still needed, and it is in force again.",
        NULL};
    struct tidings tidings = {.kind = "suspended", .values = values};

    return upkeep_suspend(upkeep->database, confirmation->registration, "confirmation", reason,
                          &tidings, upkeep->now, error);
}

static bool attend(const struct upkeep *upkeep, const struct confirmation *confirmation,
                   GError **error)
{
    int stage = reminder_of_confirmation(confirmation->due, upkeep->now);

    if (confirmation->first_at && upkeep->now >= suspended_at(upkeep, confirmation))
        return suspend(upkeep, confirmation, error);
    return stage <= confirmation->stage || remind(upkeep, confirmation, stage, error);
}

static bool resume_answered(const struct upkeep *upkeep, GError **error)
{
    const char *const reason = "an owner has confirmed that it is still needed";
    const char *const values[] = {"reason", reason, NULL};
    struct tidings tidings = {.kind = "resumed", .values = values};
    g_autoptr(GPtrArray) list = NULL;

    if (!upkeep_answered(upkeep->database, upkeep->now, &list, error))
        return false;
    for (guint i = 0; i < list->len; i++)
        if (!upkeep_resume(upkeep->database, g_ptr_array_index(list, i), reason, &tidings,
                           upkeep->now, error))
            return false;
    return true;
}

bool upkeep_round_confirmations(const struct upkeep *upkeep, GError **error)
{
    g_autoptr(GPtrArray) list = NULL;

    database_set_deadline(upkeep->database, deadline_in(ROUND_MS));
    if (!resume_answered(upkeep, error) ||
        !upkeep_confirmations(upkeep->database, upkeep->now, &list, error))
        return false;
    for (guint i = 0; i < list->len; i++) {
        database_set_deadline(upkeep->database, deadline_in(ROUND_MS));
        if (!attend(upkeep, g_ptr_array_index(list, i), error))
            return false;
    }
    return true;
}
