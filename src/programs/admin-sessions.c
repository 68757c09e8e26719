/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin sessions: who is signed in to the portal, and the end of it.
 */
#include "adapters/database/sessions.h"
#include "adapters/directory/directory.h"
#include "base/error.h"
#include "programs/admin.h"
#include "programs/output.h"
#include "programs/program.h"
#include "rules/typed.h"

#include <sysexits.h>

#define MOST_LISTED 100000
#define WHOLE_COLUMNS 1

static GPtrArray *rows_of(const GPtrArray *list, bool headings)
{
    GPtrArray *rows = output_rows_new();

    if (headings)
        output_rows_add(rows, "Login", "Signed in (UTC)", "Last used (UTC)", "From", "Browser",
                        NULL);
    for (guint i = 0; i < list->len; i++) {
        const struct session_row *row = g_ptr_array_index(list, i);
        output_rows_add(rows, row->login, row->started, row->used, row->address, row->browser,
                        NULL);
    }
    return rows;
}

/* Caller frees. */
static char *text_of(const GPtrArray *list)
{
    guint width;
    bool terminal = output_is_terminal(&width);
    g_autoptr(GPtrArray) rows = rows_of(list, terminal);
    GString *text = g_string_new(NULL);

    if (terminal)
        output_table(text, "", rows, WHOLE_COLUMNS, width);
    else
        output_lines(text, rows);
    return g_string_free(text, FALSE);
}

static bool list(const struct admin *admin, struct database *database, const char *login,
                 GError **error)
{
    g_autoptr(GPtrArray) found = NULL;
    g_autofree char *text = NULL;

    if (!sessions_of_login(database, login, &admin->config->sign_in, MOST_LISTED, &found, error))
        return false;
    if (found->len == 0)
        program_say(*login ? "nobody with this login is signed in" : "nobody is signed in");
    text = text_of(found);
    return output_write(text, error);
}

static bool end(struct database *database, const char *login, GError **error)
{
    g_autofree char *text = NULL;
    guint ended;

    if (!sessions_end_login(database, login, &ended, error))
        return false;
    text = g_strdup_printf("%u session%s of %s ended\n", ended, ended == 1 ? "" : "s", login);
    return output_write(text, error);
}

/* As the sessions have it; nobody is asked for that. NULL and the error when it is no login. */
static char *login_of(const struct admin *admin, const char *typed, GError **error)
{
    g_autofree char *clean = typed_clean(typed);
    auto_ptr(directory) directory = NULL;
    char *login;

    if (!config_need_directory(admin->config, error))
        return NULL;
    directory = directory_new(admin->config->directory, error);
    if (!directory)
        return NULL;
    login = directory_plain_login(directory, clean);
    if (!login)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE, "%s is not a login name", clean);
    return login;
}

bool admin_sessions(const struct admin *admin, int *status, GError **error)
{
    char **words = admin->arguments;
    bool ends = words[0] && words[1];
    auto_ptr(database) database = admin_database(admin->config, error);
    g_autofree char *login = NULL;

    if (!database)
        return false;
    if (ends && !g_str_equal(words[0], "end")) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE,
                    "the command is sessions [LOGIN], or sessions end LOGIN");
        return false;
    }
    login = words[0] ? login_of(admin, words[ends ? 1 : 0], error) : g_strdup("");
    *status = EX_OK;
    return login && (ends ? end(database, login, error) : list(admin, database, login, error));
}
