/* SPDX-License-Identifier: MIT
 *
 * Creating and migrating the database's schema. Floor: adapters.
 */
#ifndef APPSMTP_SCHEMA_H
#define APPSMTP_SCHEMA_H

#include "adapters/database/database.h"

/*
 * Runs each numbered file of the folder (001-....sql) that has not been run yet,
 * in order, all in one transaction that also notes their names. applied() is
 * called with the name of each file that was run. Safe to repeat and to run
 * twice at once.
 */
bool schema_migrate(struct database *database, const char *folder,
                    void (*applied)(const char *file), GError **error);

/* Whether the database has all of the folder's files. */
bool schema_is_current(struct database *database, const char *folder, bool *current,
                       GError **error);

#endif
