/* SPDX-License-Identifier: MIT
 *
 * The last 30 days in numbers, for the operators' picture. Floor: adapters.
 */
#ifndef APPSMTP_PICTURE_H
#define APPSMTP_PICTURE_H

#include "adapters/database/database.h"

#define PICTURE_DAYS 30

/* One day (UTC). Registrations are those at its end, all else is of that day. */
struct picture_day {
    char *day; /* "2026-11-23" */
    gint64 live, suspended, retired;
    gint64 published, unchanged;         /* runs of the export, of all relays */
    gint64 permitted, refused, deferred; /* decisions, of all relays that tell */
};

/* *days: PICTURE_DAYS of struct picture_day, oldest first; caller unrefs. False and an error
 * of database.h when the database could not be asked. */
bool picture_read(struct database *database, GPtrArray **days, GError **error);

#endif
