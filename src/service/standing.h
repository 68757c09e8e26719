/* SPDX-License-Identifier: MIT
 *
 * Whether a registration is in force: retired, suspended, resumed, brought back,
 * confirmed. Floor: service; asks only the database.
 *
 * Each function: *changed says whether something was stored; what is so already is not
 * done again. Refusals are findings. False and the error when the database could not be
 * asked, as enrolment_register(). reason: as registration_check_reason() gives it. Whether
 * the actor may do it is the caller's to know.
 */
#ifndef APPSMTP_SERVICE_STANDING_H
#define APPSMTP_SERVICE_STANDING_H

#include "adapters/database/registry.h"

/* The address is free again; refused while the relay team has it suspended. */
bool standing_retire(struct database *database, const char *id, const char *reason,
                     const struct actor *actor, struct findings *findings, bool *changed,
                     GError **error);

/* It is still needed. Once a day is enough. now: seconds since 1970. */
bool standing_confirm(struct database *database, const char *id, gint64 now,
                      const struct actor *actor, struct findings *findings, bool *changed,
                      GError **error);

/* By the relay team; also what was suspended for another reason is theirs from then on. */
bool standing_suspend(struct database *database, const char *id, const char *reason,
                      const struct actor *actor, struct findings *findings, bool *changed,
                      GError **error);
bool standing_resume(struct database *database, const char *id, const char *reason,
                     const struct actor *actor, struct findings *findings, bool *changed,
                     GError **error);

/* A retired one is live again, for LIMIT_RESTORE_DAYS and while its address is free. */
bool standing_restore(struct database *database, const char *id, const char *reason, gint64 now,
                      const struct actor *actor, struct findings *findings, bool *changed,
                      GError **error);

/* Whether a retired registration is recent enough to be brought back. */
bool standing_is_restorable(const struct registration *registration, gint64 now);

#endif
