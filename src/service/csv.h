/* SPDX-License-Identifier: MIT
 *
 * Lists as files of comma-separated values (RFC 4180), the same from a page and from
 * the shell. Floor: service; asks nobody.
 *
 * The first line names the columns. All values are quoted, and one that a spreadsheet
 * would take for a formula gets an apostrophe in front. All: caller frees.
 */
#ifndef APPSMTP_SERVICE_CSV_H
#define APPSMTP_SERVICE_CSV_H

#include <glib.h>

/* found: of struct search_row. */
char *csv_of_registrations(const GPtrArray *found);

/* found: of struct search_omission. */
char *csv_of_omissions(const GPtrArray *found);

/* entries: of struct history_entry; before and after as JSON. */
char *csv_of_history(const GPtrArray *entries);

#endif
