/* SPDX-License-Identifier: MIT
 *
 * Whether a database is what files of the schema make: by the server's own catalogue, which
 * alone remembers what was run before checksums of files were kept. Floor: adapters.
 *
 * The files are run once more, in an empty schema beside the one that is in use, and the same
 * server describes both in the same words. So there is no list of what has to be there that
 * would have to be kept, nor words that differ between versions of PostgreSQL.
 */
#ifndef APPSMTP_CATALOGUE_H
#define APPSMTP_CATALOGUE_H

#include "adapters/database/schema.h"

/*
 * Compares the schema "public" with what the files (of struct schema_file) make in their order:
 * tables, columns with type, NOT NULL and default, constraints, indexes, triggers, views,
 * functions, types, and the rights of the programs' roles. The order of columns does not
 * matter. What a site adds beside them (a table, a view, a function, an extension) is not
 * looked at, but what hangs on a table of theirs is.
 *
 * Inside a transaction, of which all is rolled back that this does; no table in use is locked.
 * The connection's role may CREATE in the database.
 *
 * *differences: one text for each, with the file that makes it: 'column "in_doubt" of table
 * "notice" is missing (003-notices.sql)'; none when both are the same. Caller unrefs. False
 * and the error: of database.h; the transaction is of no more use.
 */
bool catalogue_compare(struct database *database, const GPtrArray *files, GPtrArray **differences,
                       GError **error);

#endif
