/* SPDX-License-Identifier: MIT
 *
 * Listed owners whose name or id the directory has otherwise than the list: which rows
 * change, so that each name stands in one row. Pure. Floor: service.
 */
#ifndef APPSMTP_SERVICE_UPKEEP_RECOGNITION_H
#define APPSMTP_SERVICE_UPKEEP_RECOGNITION_H

#include "adapters/database/upkeep.h"

/* Adds a struct recognised to the list, unless the row says so already. */
void recognition_note(GPtrArray *recognised, const struct owner *owner, const char *name,
                      const char *person_id);

/*
 * Makes the list fit the owners (of struct owner, all of a registration): who swap their
 * names swap them; of two rows of one owner the one with the older name goes; and where
 * the row of somebody whom the directory did not name is in the way, the name stays as it was.
 */
void recognition_settle(const GPtrArray *owners, GPtrArray *recognised);

#endif
