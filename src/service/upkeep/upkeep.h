/* SPDX-License-Identifier: MIT
 *
 * Keeping registrations true: what happens to them by the passing of time alone.
 * Floor: service.
 *
 * Each round can be run again at any time and does what is still to be done, once.
 * A round that was killed is finished by the next one. All of them: false and the error
 * when database or directory could not be asked; what was done until then stands.
 */
#ifndef APPSMTP_SERVICE_UPKEEP_H
#define APPSMTP_SERVICE_UPKEEP_H

#include "adapters/config/config.h"
#include "adapters/database/database.h"
#include "adapters/directory/directory.h"

struct upkeep {
    const struct config *config; /* with <notices> */
    struct database *database;
    struct directory *directory;
    gint64 now; /* seconds since 1970 */
    bool force; /* past the guard of upkeep_round_ownership() */
};

/* Reminders of certificates that end, and the word that one is no longer accepted. */
bool upkeep_round_certificates(const struct upkeep *upkeep, GError **error);

/* Tells the owners, once, that a relay has no address for one of their hostnames. */
bool upkeep_round_hostnames(const struct upkeep *upkeep, GError **error);

/*
 * Tells the owners, once, which sources a relay leaves out, and why: one notice a
 * registration; and the relay team, one notice of all. Of ended certificates and of
 * hostnames without an address the other rounds tell.
 */
bool upkeep_round_left_out(const struct upkeep *upkeep, GError **error);

/*
 * Tells the owners that a relay has reported 80 % of an hour's recipients as used, or all of
 * them: one notice of each kind within 24 hours, and none of the first after one of the second.
 */
bool upkeep_round_rates(const struct upkeep *upkeep, GError **error);

/*
 * Reminders of the yearly confirmation; suspension when reminder_confirmation_end()
 * says; and back in force when an owner has confirmed after that.
 */
bool upkeep_round_confirmations(const struct upkeep *upkeep, GError **error);

/*
 * Asks the directory about every live registration once a day. Another account with the
 * address is taken over where a listed owner has a role on it. A fault counts when
 * definite answers have found it for two days (LIMIT_FAULT_HOURS): then everybody is told, 14
 * days later the registration is suspended, and when the fault is gone it is resumed. A listed
 * owner, person or group, whom the directory has not known for two days is taken off the
 * list, but never the last one; a group of which nobody is a member keeps its place, but is
 * nobody who could act. An answer that could not be had is none.
 *
 * APPSMTP_ERROR_GUARD when more than LIMIT_FAULTS_PERCENT of the registrations or owners, of
 * fewer than LIMIT_FAULTS_FEW more than one, get into trouble at once: that is the
 * directory's trouble, and nothing is noted or changed unless force is set. What rounds before
 * have noted counts with it until it is settled: a fault when the owners are told, an absence by
 * the first round after LIMIT_FAULT_HOURS. A round that finds nothing new is not stopped.
 */
bool upkeep_round_ownership(const struct upkeep *upkeep, GError **error);

/* "23 November 2026" (UTC), and "14 days", "1 day", "less than a day". Caller frees. */
char *upkeep_day(gint64 time);
char *upkeep_days(gint64 seconds);

#endif
