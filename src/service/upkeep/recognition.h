/* SPDX-License-Identifier: MIT
 *
 * Listed people whose login or id the directory has otherwise than the list: which rows
 * change, so that each login stands in one row. Pure. Floor: service.
 */
#ifndef APPSMTP_SERVICE_UPKEEP_RECOGNITION_H
#define APPSMTP_SERVICE_UPKEEP_RECOGNITION_H

#include "adapters/database/upkeep.h"

/* Adds a struct recognised to the list, unless the row says so already. */
void recognition_note(GPtrArray *recognised, const struct owner *owner, const char *login,
                        const char *person_id);

/*
 * Makes the list fit the owners (of struct owner, all of a registration): who swap their
 * logins swap them; of two rows of one person the one with the older login goes; and where
 * the row of somebody whom the directory did not name is in the way, the login stays as it was.
 */
void recognition_settle(const GPtrArray *owners, GPtrArray *recognised);

#endif
