/* SPDX-License-Identifier: MIT
 *
 * For machines: GET /my-address, /healthz, /readyz.
 */
#include "adapters/database/schema.h"
#include "web/pages.h"
#include "web/portal.h"

struct response *page_my_address(struct request *request, GError **error G_GNUC_UNUSED)
{
    g_autofree char *line = g_strconcat(request->client, "\n", NULL);

    return response_text(200, line);
}

struct response *page_alive(struct request *request G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    return response_text(200, "alive\n");
}

/* Within half of the time, so that a database that hangs does not speak for the directory. */
static bool look_at_schema(struct request *request, enum schema_state *state)
{
    struct database *database = request->portal->office.database;
    unsigned half = (unsigned)deadline_left(request->deadline) / 2;
    g_autoptr(GError) error = NULL;

    database_set_deadline(database, deadline_in(half));
    if (schema_look(database, state, &error))
        return true;
    g_message("GET /readyz: %s", error->message);
    return false;
}

/* NULL when there is nothing to say. *ready stays with a newer schema: during an upgrade it
   comes before the programs, and those of before work on it. */
static const char *word_of_database(struct request *request, bool *ready)
{
    enum schema_state state;

    if (!look_at_schema(request, &state)) {
        *ready = false;
        return "could not be asked";
    }
    *ready = state == SCHEMA_CURRENT || state == SCHEMA_NEWER;
    return state == SCHEMA_CURRENT ? NULL : schema_sentence(state);
}

static const char *word_of_directory(struct request *request)
{
    g_autoptr(GError) error = NULL;

    if (directory_ping(request->portal->office.directory, request->deadline, &error))
        return NULL;
    g_message("GET /readyz: %s", error->message);
    return "could not be asked";
}

static void add_word(GString *text, const char *part, const char *word)
{
    if (word)
        g_string_append_printf(text, "%s: %s\n", part, word);
}

/* Why not, in words without names of hosts or files: those are in the log. */
struct response *page_ready(struct request *request, GError **error G_GNUC_UNUSED)
{
    bool ready;
    const char *of_database = word_of_database(request, &ready);
    const char *of_directory = word_of_directory(request);
    g_autoptr(GString) text = g_string_new(NULL);
    struct response *response;

    ready = ready && !of_directory;
    g_string_append(text, ready ? "ready\n" : "");
    add_word(text, "database", of_database);
    add_word(text, "directory", of_directory);
    response = response_text(ready ? 200 : 503, text->str);
    response->retry_after = ready ? 0 : 10;
    return response;
}
