/* SPDX-License-Identifier: MIT
 *
 * Lines of comma-separated values (RFC 4180). Floor: web.
 */
#ifndef APPSMTP_WEB_CSV_H
#define APPSMTP_WEB_CSV_H

#include <glib.h>

/*
 * Adds one line; the values end with NULL. All are quoted, and a value that a
 * spreadsheet would take for a formula gets an apostrophe in front.
 */
void csv_add(GString *text, ...) G_GNUC_NULL_TERMINATED;

#endif
