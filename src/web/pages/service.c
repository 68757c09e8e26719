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
static bool database_is_ready(struct request *request, GError **error)
{
    g_autofree char *folder = g_build_filename(config_data_folder(), "schema", NULL);
    unsigned half = (unsigned)deadline_left(request->deadline) / 2;
    bool current;

    database_set_deadline(request->portal->office.database, deadline_in(half));
    return schema_is_current(request->portal->office.database, folder, &current, error);
}

/* Why not, in words without names of hosts or files: those are in the log. */
struct response *page_ready(struct request *request, GError **error G_GNUC_UNUSED)
{
    g_autoptr(GError) database = NULL, directory = NULL;
    bool good_database = database_is_ready(request, &database);
    bool good_directory =
        directory_ping(request->portal->office.directory, request->deadline, &directory);
    struct response *response;

    if (good_database && good_directory)
        return response_text(200, "ready\n");
    if (!good_database)
        g_message("GET /readyz: %s", database->message);
    if (!good_directory)
        g_message("GET /readyz: %s", directory->message);
    response = response_text(503, good_directory  ? "database: could not be asked\n"
                                  : good_database ? "directory: could not be asked\n"
                                                  : "database: could not be asked\n"
                                                    "directory: could not be asked\n");
    response->retry_after = 10;
    return response;
}
