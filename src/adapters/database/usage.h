/* SPDX-License-Identifier: MIT
 *
 * What the relays have reported of a registration's rate. Floor: adapters.
 */
#ifndef APPSMTP_USAGE_H
#define APPSMTP_USAGE_H

#include "adapters/database/database.h"

/* The last hour of one registration, and who gave it a rate of its own. */
struct usage {
    unsigned relays;    /* whose report counts; 0: the use is not known */
    gint64 used;        /* recipients, of all these relays; where each source has a rate of its
                           own, of the busiest at each relay */
    gint64 busiest;     /* of the relay with the most */
    bool full;          /* one of these relays has said within the hour that its part is used */
    gint64 reported_at; /* the oldest report that counts or, when none does, the last one; seconds
                           since 1970, 0: there was none */
    char *set_by;       /* a login; "" when its type's rate is in force */
    char *set_why;
    gint64 set_at;
};

void usage_free(struct usage *usage);
DEFINE_AUTO(usage, usage_free)

/*
 * fresh_seconds: a report that is older does not count. *found is never NULL on success;
 * caller frees. False and an error of database.h when the database could not be asked.
 */
bool usage_find(struct database *database, const char *id, unsigned fresh_seconds,
                struct usage **found, GError **error);

#endif
