/* SPDX-License-Identifier: MIT
 *
 * Turns: so many at a time of what can keep a worker waiting, counted over all workers
 * in rows that end by themselves. Floor: adapters. No lock of a session, which a pooler
 * would give to somebody else.
 */
#ifndef APPSMTP_DATABASE_TURN_H
#define APPSMTP_DATABASE_TURN_H

#include "adapters/database/database.h"

/*
 * Takes one of who's places, 1 to places, for at most that many milliseconds. *place is 0
 * when all are taken. False with the error when the database could not be asked.
 */
bool turn_take(struct database *database, const char *who, unsigned places, unsigned milliseconds,
               unsigned *place, GError **error);

/* Gives the place back. One that cannot be given back ends by its time. */
void turn_end(struct database *database, const char *who, unsigned place);

#endif
