/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin: the operators' shell. Each sub-command is one row of the table.
 */
#include "config.h"

#include "adapters/config/config.h"
#include "adapters/database/schema.h"
#include "adapters/directory/directory.h"
#include "base/error.h"
#include "programs/admin-import.h"

#include <locale.h>
#include <signal.h>
#include <sysexits.h>

#define REFUSED 1

struct command {
    const char *name;
    const char *synopsis;
    int least, most; /* arguments after the name */
    bool (*run)(const struct config *config, char **arguments, int *status, GError **error);
};

/* ---- init ---- */

static void print_applied(const char *file)
{
    g_printerr("appsmtp-admin: ran %s\n", file);
}

static bool run_init(const struct config *config, char **arguments G_GNUC_UNUSED, int *status,
                     GError **error)
{
    g_autofree char *folder = g_build_filename(config_data_folder(), "schema", NULL);
    auto_ptr(database) database = NULL;

    if (!config_need_database(config, error))
        return false;
    database = database_new(config->database, &config->database->admin, 0);
    if (!schema_migrate(database, folder, print_applied, error))
        return false;
    g_printerr("appsmtp-admin: the schema is complete\n");
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
    *status = answer == ROLE_OWNER || answer == ROLE_ADMINISTRATOR ? EX_OK : REFUSED;
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
    *status = addresses->len ? EX_OK : REFUSED;
    return true;
}

static bool run_check_directory(const struct config *config, char **arguments, int *status,
                                GError **error)
{
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

/* ---- import ---- */

static gboolean dry_run;

static bool run_import(const struct config *config, char **arguments, int *status, GError **error)
{
    return admin_import(config, arguments[0], dry_run, status, error);
}

static const struct command commands[] = {
    {"init", "init", 0, 0, run_init},
    {"import", "import FILE.csv [--dry-run]", 1, 1, run_import},
    {"check-directory", "check-directory LOGIN [ADDRESS]", 1, 2, run_check_directory},
};

/* ---- the command line ---- */

static char *describe_commands(void)
{
    GString *text = g_string_new("Commands:\n");

    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        g_string_append_printf(text, "  %s\n", commands[i].synopsis);
    g_string_append(text, "\ninit creates the schema or brings it up to date.\n"
                          "check-directory shows each step by which the directory says what a\n"
                          "person may register.\n"
                          "import registers every line of a table, or changes what is registered, by\n"
                          "the rules of the form: all in one transaction, or nothing when a line is\n"
                          "refused. Columns are the form's fields (address, application_name,\n"
                          "application_type, location, method, networks, hostnames, certificate_text,\n"
                          "owners, note) and owner: the login that registers.\n\n"
                          "Exit status: 0 done, 1 refused, 64 usage, 69 database or directory\n"
                          "could not be asked, 78 configuration.");
    return g_string_free(text, FALSE);
}

static const struct command *find_command(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < G_N_ELEMENTS(commands); i++)
        if (g_str_equal(commands[i].name, argv[1]))
            return argc - 2 >= commands[i].least && argc - 2 <= commands[i].most ? &commands[i]
                                                                                 : NULL;
    return NULL;
}

static int fail(const GError *error)
{
    g_printerr("appsmtp-admin: %s\n", error->message);
    return error->domain == G_OPTION_ERROR ? EX_USAGE : appsmtp_error_exit_status(error);
}

static int run(const struct command *command, const char *file, char **arguments)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(config) config = config_read(config_file(file), &error);
    int status;

    if (!config || !command->run(config, arguments, &status, &error))
        return fail(error);
    return status;
}

int main(int argc, char **argv)
{
    g_autofree char *file = NULL;
    gboolean version = FALSE;
    const GOptionEntry options[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &file, "Configuration", "FILE"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version and exit", NULL},
        {"dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "import: only say what would be done", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("COMMAND [ARGUMENT...]");
    g_autofree char *description = describe_commands();
    g_autoptr(GError) error = NULL;
    const struct command *command;

    setlocale(LC_ALL, "");
    signal(SIGPIPE, SIG_IGN);
    g_option_context_add_main_entries(context, options, NULL);
    g_option_context_set_description(context, description);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        return fail(error);
    if (version) {
        g_print("appsmtp-admin %s\n", VERSION);
        return EX_OK;
    }
    command = find_command(argc, argv);
    if (!command) {
        g_printerr("appsmtp-admin: say what to do: appsmtp-admin --help\n");
        return EX_USAGE;
    }
    return run(command, file, argv + 2);
}
