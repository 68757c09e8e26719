/* SPDX-License-Identifier: MIT
 *
 * The round of the certificates.
 */
#include "adapters/database/upkeep.h"
#include "rules/decision.h"
#include "rules/registration.h"
#include "rules/reminder.h"
#include "service/upkeep/upkeep.h"

#define DAY (24 * 3600)
#define ROUND_MS 60000

char *upkeep_day(gint64 time)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    g_autoptr(GDateTime) day = g_date_time_new_from_unix_utc(time);

    return g_strdup_printf("%d %s %d", g_date_time_get_day_of_month(day),
                           months[g_date_time_get_month(day) - 1], g_date_time_get_year(day));
}

char *upkeep_days(gint64 seconds)
{
    gint64 days = (seconds + DAY / 24) / DAY;

    return days < 1    ? g_strdup("less than a day")
           : days == 1 ? g_strdup("1 day")
                       : g_strdup_printf("%" G_GINT64_FORMAT " days", days);
}

static bool remind(const struct upkeep *upkeep, const struct ending *ending, int stage,
                   GError **error)
{
    gint64 over = certificate_grace_end(ending->ends, upkeep->config->certificates.grace_days);
    g_autofree char *ends = upkeep_day(ending->ends);
    g_autofree char *days = upkeep_days(ending->ends - upkeep->now);
    g_autofree char *until = upkeep_day(over);
    g_autofree char *seen = decision_fingerprint(ending->seen);
    g_autofree char *seen_on = *seen ? upkeep_day(ending->seen_at) : g_strdup("");
    const char *const values[] = {
        "serial", ending->serial, "names",   ending->names, "other", ending->other, "ends",
        ends,     "days",         days,      "until",       until,   "source",      ending->source,
        "seen",   seen,           "seen_on", seen_on,       NULL};
    struct tidings tidings = {.kind = stage == REMINDER_OVER    ? "certificate-ended"
                                      : stage >= REMINDER_GRACE ? "certificate-expired"
                                                                : "renewal-due",
                              .values = values};

    return upkeep_remind(upkeep->database, ending->registration, ending->subject, stage, &tidings,
                         upkeep->now, error);
}

/* Whoever has replaced it by one with another key knows that it ends, and is told only when the
   old key is no longer accepted. */
static bool is_settled(const struct ending *ending, int stage)
{
    return ending->replaced && stage < REMINDER_OVER;
}

bool upkeep_round_certificates(const struct upkeep *upkeep, GError **error)
{
    g_autoptr(GPtrArray) list = NULL;

    database_set_deadline(upkeep->database, deadline_in(ROUND_MS));
    if (!upkeep_endings(upkeep->database, upkeep->now, REMINDER_OVER, &list, error))
        return false;
    for (guint i = 0; i < list->len; i++) {
        const struct ending *ending = g_ptr_array_index(list, i);
        int stage = reminder_of_certificate(ending->begins, ending->ends,
                                            upkeep->config->certificates.grace_days, upkeep->now);
        database_set_deadline(upkeep->database, deadline_in(ROUND_MS));
        if (stage > ending->stage && !is_settled(ending, stage) && !remind(upkeep, ending, stage, error))
            return false;
    }
    return true;
}
