/* SPDX-License-Identifier: MIT
 *
 * When somebody is reminded of a date. Floor: rules; pure.
 *
 * Each date has stages that only grow: a reminder is due when the stage of now is
 * higher than that of the last reminder. Who comes late is told once, of the stage
 * that it is now. Times are seconds since 1970.
 */
#ifndef APPSMTP_RULES_REMINDER_H
#define APPSMTP_RULES_REMINDER_H

#include <glib.h>

enum reminder_stage {
    REMINDER_NONE = 0,
    /* Before the date: 1, 2 ... */
    REMINDER_GRACE = 10,  /* the date has passed; one more for each week since */
    REMINDER_OVER = 1000, /* the grace has passed as well */
};

/*
 * A certificate: at one third of its lifetime left, then 14, 7, 3 and 1 days before
 * the end, as far as those are later; each week while its key is still recognised.
 */
int reminder_of_certificate(gint64 begins, gint64 ends, unsigned grace_days, gint64 now);

/* The yearly confirmation: 30, 14 and 3 days before it is due; REMINDER_GRACE from then on. */
int reminder_of_confirmation(gint64 due, gint64 now);

/*
 * When a registration is suspended for want of that confirmation. first_at: when its owners
 * were first reminded; 0 is not yet, and they cannot be sooner than now.
 */
gint64 reminder_confirmation_end(gint64 due, gint64 first_at, gint64 now);

#endif
