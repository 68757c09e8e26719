/* SPDX-License-Identifier: MIT
 *
 * Stages of reminders.
 */
#include "rules/reminder.h"

#include <stddef.h>

#define DAY (24 * 3600)
#define ANSWER_DAYS 30

int reminder_of_certificate(gint64 begins, gint64 ends, unsigned grace_days, gint64 now)
{
    static const gint64 days[] = {14, 7, 3, 1};
    gint64 third = (ends - begins) / 3;
    gint64 left = ends - now;
    int stage = left <= third ? 1 : REMINDER_NONE;

    /* The last second still counts (RFC 5280 4.1.2.5), here as in the export. */
    if (left < -(gint64)grace_days * DAY)
        return REMINDER_OVER;
    if (left <= 0)
        return REMINDER_GRACE + (int)(-left / (7 * DAY));
    for (size_t i = 0; i < G_N_ELEMENTS(days); i++)
        if (days[i] * DAY < third && left <= days[i] * DAY)
            stage = (int)i + 2;
    return stage;
}

int reminder_of_confirmation(gint64 due, gint64 now)
{
    static const gint64 days[] = {30, 14, 3};
    int stage = REMINDER_NONE;

    if (now >= due)
        return REMINDER_GRACE;
    for (size_t i = 0; i < G_N_ELEMENTS(days); i++)
        if (due - now <= days[i] * DAY)
            stage = (int)i + 1;
    return stage;
}

/* Who heard of it late has the whole time all the same. */
gint64 reminder_confirmation_end(gint64 due, gint64 first_at, gint64 now)
{
    return MAX(due, first_at ? first_at : now) + ANSWER_DAYS * DAY;
}
