/* SPDX-License-Identifier: MIT
 *
 * Tables and facts as text.
 */
#include "programs/output.h"

#include "base/error.h"
#include "rules/typed.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define USUAL_WIDTH 80 /* of a terminal that does not tell */
#define FACT_WIDTH 28
#define COLUMN_WIDTH 30 /* of one that may be cut: those behind it have to be seen as well */
#define GAP "  "
#define GAP_WIDTH 2

bool output_is_terminal(guint *width)
{
    struct winsize size = {0};

    if (!isatty(STDOUT_FILENO))
        return false;
    *width =
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : USUAL_WIDTH;
    return true;
}

/* ---- values ------------------------------------------------------------------------------- */

/* Without what moves the cursor; in one line. Caller frees. */
static char *clean(const char *value)
{
    return g_strdelimit(typed_clean(value), "\r\n", ' ');
}

/* How many columns of a terminal a character takes. */
static guint character_width(gunichar character)
{
    if (g_unichar_iszerowidth(character))
        return 0;
    return g_unichar_iswide(character) ? 2 : 1;
}

static guint width_of(const char *text)
{
    guint width = 0;

    for (const char *at = text; *at; at = g_utf8_next_char(at))
        width += character_width(g_utf8_get_char(at));
    return width;
}

/* Adds the value; blanks up to the width, or a sign that it is cut there. */
static void add_cell(GString *text, const char *value, guint width)
{
    guint wider = width_of(value) > width;
    guint done = 0;

    for (const char *at = value; *at; at = g_utf8_next_char(at)) {
        guint more = character_width(g_utf8_get_char(at));
        if (done + more > width - wider)
            break;
        g_string_append_unichar(text, g_utf8_get_char(at));
        done += more;
    }
    if (wider)
        g_string_append(text, "…");
    for (done += wider; done < width; done++)
        g_string_append_c(text, ' ');
}

/* ---- tables -------------------------------------------------------------------------------- */

static void row_free(gpointer row)
{
    g_ptr_array_unref(row);
}

GPtrArray *output_rows_new(void)
{
    return g_ptr_array_new_with_free_func(row_free);
}

void output_rows_add(GPtrArray *rows, ...)
{
    GPtrArray *row = g_ptr_array_new_with_free_func(g_free);
    va_list values;

    va_start(values, rows);
    for (const char *value; (value = va_arg(values, const char *));)
        g_ptr_array_add(row, clean(value));
    va_end(values);
    g_ptr_array_add(rows, row);
}

void output_lines(GString *text, const GPtrArray *rows)
{
    for (guint i = 0; i < rows->len; i++) {
        const GPtrArray *row = g_ptr_array_index(rows, i);
        for (guint column = 0; column < row->len; column++)
            g_string_append_printf(text, "%s%s", column ? "\t" : "",
                                   (char *)g_ptr_array_index(row, column));
        g_string_append_c(text, '\n');
    }
}

/* Of each column of the table, in columns of a terminal: of guint, caller unrefs. */
static GArray *widths_of(const GPtrArray *rows)
{
    GArray *widths = g_array_new(FALSE, TRUE, sizeof(guint));

    for (guint i = 0; i < rows->len; i++) {
        const GPtrArray *row = g_ptr_array_index(rows, i);
        if (row->len > widths->len)
            g_array_set_size(widths, row->len);
        for (guint column = 0; column < row->len; column++) {
            guint *width = &g_array_index(widths, guint, column);
            *width = MAX(*width, width_of(g_ptr_array_index(row, column)));
        }
    }
    return widths;
}

/* Makes those that may be cut so narrow that they fit; what has no place is 0. */
static void fit(GArray *widths, guint whole, guint width)
{
    guint used = 0;

    for (guint column = 0; column < widths->len; column++) {
        guint *mine = &g_array_index(widths, guint, column);
        guint left = width > used ? width - used : 0;
        if (column >= whole)
            *mine = MIN(*mine, column + 1 < widths->len ? MIN(left, COLUMN_WIDTH) : left);
        used += *mine + GAP_WIDTH;
    }
}

static void add_row(GString *text, const char *margin, const GPtrArray *row, const GArray *widths)
{
    g_autoptr(GString) line = g_string_new(margin);

    for (guint column = 0; column < row->len; column++) {
        guint width = g_array_index(widths, guint, column);
        if (width == 0)
            continue;
        add_cell(line, g_ptr_array_index(row, column), width);
        g_string_append(line, GAP);
    }
    g_string_append(text, g_strchomp(line->str));
    g_string_append_c(text, '\n');
}

void output_table(GString *text, const char *margin, const GPtrArray *rows, guint whole,
                  guint width)
{
    g_autoptr(GArray) widths = widths_of(rows);

    if (width)
        fit(widths, whole, width);
    for (guint i = 0; i < rows->len; i++)
        add_row(text, margin, g_ptr_array_index(rows, i), widths);
}

void output_fact(GString *text, const char *name, const char *value)
{
    g_auto(GStrv) lines = g_strsplit(value, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_autofree char *shown = clean(*line);
        add_cell(text, line == lines ? name : "", FACT_WIDTH);
        g_string_append_printf(text, GAP "%s\n", shown);
    }
}

bool output_write(const char *text, GError **error)
{
    if (fputs(text, stdout) != EOF && fflush(stdout) == 0)
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT, "could not write the result: %s",
                g_strerror(errno));
    return false;
}
