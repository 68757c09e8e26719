/* SPDX-License-Identifier: MIT
 *
 * Creating and migrating the database's schema. Floor: adapters.
 */
#ifndef APPSMTP_MIGRATION_H
#define APPSMTP_MIGRATION_H

#include "adapters/database/schema.h"

/*
 * Runs each file of schema_files() that has not been run yet, in order, all in one
 * transaction that also notes their names and checksums: a schema is never half there.
 * Safe to repeat, and to run twice at once: the second one waits.
 *
 * There is no limit of time. tell() gets a line now and then for what takes long, with whoever
 * has the lock that is waited for, and, once all is committed, one for each file that was
 * run. It gives up when the server has not been heard of for a minute.
 *
 * False and the error: of database.h, with the file and its line where a statement was
 * refused; APPSMTP_ERROR_CONFIGURATION when the database is not UTF8, when a file that was
 * run has another content now or is not here; which one is told. Where a file was run before
 * checksums were kept, the database has to be what the files make that were run in it
 * (catalogue.h): then it gets the checksums of now, else it is told what differs.
 */
bool migration_run(struct database *database, void (*tell)(const char *line), GError **error);

#endif
