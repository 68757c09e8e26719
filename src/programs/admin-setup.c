/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin init, check-directory: what one needs when a site is set up.
 */
#include "adapters/database/migration.h"
#include "adapters/directory/directory.h"
#include "programs/admin.h"
#include "programs/program.h"

#include <sysexits.h>

/* ---- init ---- */

bool admin_init(const struct admin *admin, int *status, GError **error)
{
    auto_ptr(database) database = admin_database(admin->config, error);

    if (!database || !migration_run(database, program_say, error))
        return false;
    program_say(schema_sentence(SCHEMA_CURRENT));
    *status = EX_OK;
    return true;
}

/* ---- check-directory ---- */

static void print_step(const char *text, void *data G_GNUC_UNUSED)
{
    g_print("  %s\n", text);
}

static bool check_role(struct directory *directory, const char *login, const char *address,
                       int *status, GError **error)
{
    enum role_answer answer;

    if (!directory_role(directory, login, address, deadline_in(60000), &answer, NULL, error))
        return false;
    g_print("answer: %s\n", role_answer_name(answer));
    *status = answer == ROLE_OWNER || answer == ROLE_ADMINISTRATOR ? EX_OK : ADMIN_REFUSED;
    return true;
}

static bool list_addresses(struct directory *directory, const char *login, int *status,
                           GError **error)
{
    g_autoptr(GPtrArray) addresses = NULL;
    bool more;

    if (!directory_list_addresses(directory, login, deadline_in(60000), &addresses, &more, error))
        return false;
    for (guint i = 0; i < addresses->len; i++) {
        const struct offered_address *offered = g_ptr_array_index(addresses, i);
        g_print("%s\t%s\n", offered->address, offered->label);
    }
    if (more)
        g_print("... and more\n");
    *status = addresses->len ? EX_OK : ADMIN_REFUSED;
    return true;
}

bool admin_check_directory(const struct admin *admin, int *status, GError **error)
{
    const struct config *config = admin->config;
    char **arguments = admin->arguments;
    auto_ptr(directory) directory = NULL;

    if (!config_need_directory(config, error))
        return false;
    directory = directory_new(config->directory, error);
    if (!directory)
        return false;
    directory_trace(directory, print_step, NULL);
    return arguments[1] ? check_role(directory, arguments[0], arguments[1], status, error)
                        : list_addresses(directory, arguments[0], status, error);
}
