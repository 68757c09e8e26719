/* SPDX-License-Identifier: MIT
 *
 * appsmtp-export: turns the registrations into what the relay obeys. Runs from
 * cron or a timer on each relay.
 */
#include "adapters/config/config.h"
#include "adapters/database/database.h"
#include "adapters/resolver/resolver.h"
#include "base/error.h"
#include "programs/program.h"
#include "service/relay/export.h"

#include <signal.h>
#include <sys/stat.h>

/* A million sources have to be through by then. */
#define READ_MS (10 * 60 * 1000)
#define RECORD_MS (30 * 1000)

struct options {
    char *config, *output, *format;
    gboolean verify;
};

/* ---- whom a run asks ---- */

struct offices {
    const struct config *config;
    struct database *database;
    struct resolver *resolver;
};

static bool begin(void *data, struct exported_view *view, GError **error)
{
    struct offices *offices = data;

    database_set_deadline(offices->database, deadline_in(READ_MS));
    return exported_begin(offices->database, view, error);
}

static bool list_hostnames(void *data, GPtrArray *names, GError **error)
{
    return exported_hostnames(((struct offices *)data)->database, names, error);
}

static bool each(void *data, exported_row *row, void *row_data, GError **error)
{
    return exported_each(((struct offices *)data)->database, row, row_data, error);
}

static bool end(void *data, GError **error)
{
    return exported_end(((struct offices *)data)->database, error);
}

static GPtrArray *resolve(void *data, const GPtrArray *names)
{
    struct offices *offices = data;

    return resolver_ask(offices->resolver, names, false,
                        deadline_in(offices->config->resolver.deadline_ms));
}

static bool record(void *data, const struct exported_run *run, GError **error)
{
    struct offices *offices = data;

    database_set_deadline(offices->database, deadline_in(RECORD_MS));
    return exported_record(offices->database, run, error);
}

/* ---- one run ---- */

/* An export to another folder is nobody's business: it is not recorded. */
static bool is_configured(const char *output, const struct config *config)
{
    struct stat asked, configured;

    if (g_str_equal(output, config->relay.output))
        return true;
    return stat(output, &asked) == 0 && stat(config->relay.output, &configured) == 0 &&
           asked.st_dev == configured.st_dev && asked.st_ino == configured.st_ino;
}

static void report(const struct export_result *result)
{
    g_printerr("appsmtp-export: generation %" G_GUINT64_FORMAT ": %" G_GUINT64_FORMAT
               " senders, %" G_GUINT64_FORMAT " sources, %" G_GUINT64_FORMAT " left out%s\n",
               result->generation, result->senders, result->sources, result->left_out,
               result->remarks);
}

static bool run_export(const struct config *config, struct offices *offices, const char *output,
                       GError **error)
{
    const struct export_world world = {offices, begin, list_hostnames, each, end, resolve, record};
    struct decision_policy policy = {config->locations, config->relay.null_sender,
                                     config->base_url};
    struct export_settings settings = {
        .output = output,
        .relay = is_configured(output, config) ? config->relay.name : NULL,
        .postmap = config->relay.postmap,
        .policy = &policy,
        .grace_days = config->certificates.grace_days,
        .now = g_get_real_time() / G_USEC_PER_SEC,
    };
    struct export_result result = {false};
    bool good = export_run(&settings, &world, &result, error);

    if (result.published)
        report(&result);
    if (result.published && !good)
        g_prefix_error(error, "the maps are in force, but the run is not recorded as it should be: ");
    export_result_clear(&result);
    return good;
}

static bool run(const struct options *options, GError **error)
{
    auto_ptr(config) config = config_read(config_file(options->config), error);
    auto_ptr(database) database = NULL;
    auto_ptr(resolver) resolver = NULL;
    struct offices offices = {config, NULL, NULL};
    const char *output;

    if (!config)
        return false;
    output = options->output ? options->output : config->relay.output;
    if (options->verify)
        return export_verify(output, error);
    resolver = resolver_new(config->resolver.servers, error);
    if (!resolver || !config_need_database(config, error))
        return false;
    database = database_new(config->database, &config->database->export, 0);
    offices.database = database;
    offices.resolver = resolver;
    return run_export(config, &offices, output, error);
}

/* ---- the command line ---- */

static bool check_options(int argc, const struct options *options, GError **error)
{
    if (argc > 1)
        g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE,
                            "it takes options only; see --help");
    else if (options->format && !g_str_equal(options->format, "postfix"))
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE,
                    "format \"%s\" is none of: postfix", options->format);
    else
        return true;
    return false;
}

static bool read_options(int *argc, char ***argv, struct options *options, int *status)
{
    const GOptionEntry entries[] = {
        {"output", 0, 0, G_OPTION_ARG_FILENAME, &options->output,
         "Where generations go (default: as configured)", "DIR"},
        {"format", 0, 0, G_OPTION_ARG_STRING, &options->format, "Maps to write: postfix", "NAME"},
        {"verify", 0, 0, G_OPTION_ARG_NONE, &options->verify,
         "Only compare the generation in force with its manifest", NULL},
        {NULL},
    };
    const struct program program = {"appsmtp-export", "",
                                    "Write one verified generation of the relay's maps", NULL,
                                    entries};

    return program_read(&program, argc, argv, &options->config, status);
}

int main(int argc, char **argv)
{
    struct options options = {NULL};
    g_autoptr(GError) error = NULL;
    int status;

    signal(SIGPIPE, SIG_IGN);
    if (read_options(&argc, &argv, &options, &status) &&
        !(check_options(argc, &options, &error) && run(&options, &error)))
        status = program_fail(error);
    g_free(options.config);
    g_free(options.output);
    g_free(options.format);
    return status;
}
