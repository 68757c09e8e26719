/* SPDX-License-Identifier: MIT
 *
 * A result on standard output, for people at a terminal and for scripts. Floor:
 * programs.
 *
 * Text is gathered whole, so that nothing is written when something fails before the
 * end. It is UTF-8 whatever the locale. Values come from people and from other
 * servers: none of them can move the cursor or begin a new line.
 */
#ifndef APPSMTP_PROGRAMS_OUTPUT_H
#define APPSMTP_PROGRAMS_OUTPUT_H

#include <glib.h>
#include <stdbool.h>

/* Whether a person looks at standard output; *width, in columns, is set when so. */
bool output_is_terminal(guint *width);

/*
 * Rows of a table are lists of char *, one value a column, as these functions make and
 * free them.
 */
GPtrArray *output_rows_new(void);

/* Adds a row; the values end with NULL and are copied. */
void output_rows_add(GPtrArray *rows, ...) G_GNUC_NULL_TERMINATED;

/* Adds the rows as lines, the values separated by tabs, each of them whole. */
void output_lines(GString *text, const GPtrArray *rows);

/*
 * Adds the rows as a table whose columns stand below each other, each line behind the
 * margin. Values are cut so that a line fits into the width, but never those of the first
 * `whole` columns; width 0 cuts none. The margin counts for nothing.
 */
void output_table(GString *text, const char *margin, const GPtrArray *rows, guint whole,
                  guint width);

/* Adds "name    value"; more lines of the value stand below its first one. */
void output_fact(GString *text, const char *name, const char *value);

/* Writes it. False and APPSMTP_ERROR_OUTPUT when it could not be written. */
bool output_write(const char *text, GError **error);

#endif
