/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin search, list: registrations, one a line.
 */
#include "adapters/database/search.h"
#include "base/error.h"
#include "programs/admin.h"
#include "programs/output.h"
#include "programs/program.h"
#include "rules/typed.h"
#include "service/csv.h"

#include <sysexits.h>

/* What one needs to go on with a registration: its id, address and state. */
#define WHOLE_COLUMNS 3

static GPtrArray *rows_of(const GPtrArray *found, bool headings)
{
    GPtrArray *rows = output_rows_new();

    if (headings)
        output_rows_add(rows, "Id", "Sending address", "State", "Application", "Owners", "Sources",
                        NULL);
    for (guint i = 0; i < found->len; i++) {
        const struct search_row *row = g_ptr_array_index(found, i);
        output_rows_add(rows, row->id, row->address, row->state, row->application_name, row->owners,
                        row->sources, NULL);
    }
    return rows;
}

/* Caller frees. */
static char *text_of(const GPtrArray *found)
{
    guint width;
    bool terminal = output_is_terminal(&width);
    g_autoptr(GPtrArray) rows = rows_of(found, terminal);
    GString *text = g_string_new(NULL);

    if (terminal)
        output_table(text, "", rows, WHOLE_COLUMNS, width);
    else
        output_lines(text, rows);
    return g_string_free(text, FALSE);
}

static bool search(const struct admin *admin, const char *typed, const char *list, int *status,
                   GError **error)
{
    auto_ptr(database) database = admin_database(admin->config, error);
    g_autofree char *clean = typed_clean(typed);
    g_autofree char *text = NULL;
    g_autoptr(GPtrArray) found = NULL;

    if (!database || !search_registrations(database, clean, list, 0, &found, error))
        return false;
    *status = EX_OK;
    if (found->len == 0)
        program_say("no registration fits");
    if (found->len == 0 && !admin->options->csv)
        return true;
    text = admin->options->csv ? csv_of_registrations(found) : text_of(found);
    return output_write(text, error);
}

bool admin_search(const struct admin *admin, int *status, GError **error)
{
    return search(admin, admin->arguments[0], "", status, error);
}

/* False and the error, which names them all, when there is no such list. */
static bool check_list(const char *typed, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (size_t i = 0; search_lists[i][0]; i++) {
        if (g_str_equal(search_lists[i][0], typed))
            return true;
        g_string_append_printf(names, "%s%s", i ? ", " : "", search_lists[i][0]);
    }
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE, "there is no list %s, only %s", typed,
                names->str);
    return false;
}

bool admin_list(const struct admin *admin, int *status, GError **error)
{
    const char *list = admin->arguments[0];

    if (list && !check_list(list, error))
        return false;
    return search(admin, "", list ? list : "", status, error);
}
