/* SPDX-License-Identifier: MIT
 *
 * Reading a table from a CSV file (RFC 4180). Floor: adapters. Hides libcsv.
 */
#ifndef APPSMTP_TABLE_H
#define APPSMTP_TABLE_H

#include "base/cleanup.h"
#include "rules/finding.h"

#include <stdbool.h>

struct table {
    GPtrArray *columns; /* of char *: the first line's names */
    GPtrArray *lines;   /* of GPtrArray of char *: as many fields as there are columns */
    GArray *begins;     /* of guint: the line of the file, from 1, on which each of them begins */
};

/*
 * Reads the whole file: UTF-8, with or without a byte order mark, commas between
 * fields, at most LIMIT_IMPORT_FILE bytes and LIMIT_IMPORT_LINES lines. Empty lines
 * are left out, and fields may go over several. NULL and APPSMTP_ERROR_INPUT, with the line, when that is not what it is.
 */
struct table *table_read(const char *file, GError **error);
void table_free(struct table *table);
DEFINE_AUTO(table, table_free)

/* The line of the file, as an editor counts them, on which that line of the table begins. */
guint table_line_number(const struct table *table, guint line);

/*
 * Wipes every field of the line that holds a private key, so that it is "", and adds the
 * finding, at the column of its name.
 */
void table_refuse_secrets(const struct table *table, guint line, struct findings *findings);

/* The field of that column; "" when there is no such column. Owned by the table. */
const char *table_get(const struct table *table, guint line, const char *column);

#endif
