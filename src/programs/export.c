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
#include "service/relay/generation.h"
#include "service/relay/manifest.h"
#include "service/relay/metrics.h"
#include "service/relay/pairs.h"
#include "service/relay/rollback.h"

#include <signal.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/* A million sources have to be through by then. */
#define READ_MS (10 * 60 * 1000)
#define RECORD_MS (30 * 1000)
/* A roll back has to be over in 10 seconds. */
#define ROLLBACK_MS (5 * 1000)
/* Two questions a name, a hundred at a time: a server may take a tenth of a second for each. */
#define RESOLVE_NAME_MS 2

struct options {
    char *config, *output, *format, *force, *metrics, *now;
    gboolean dry_run, rollback, release, verify;
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
    unsigned deadline_ms = offices->config->resolver.deadline_ms + names->len * RESOLVE_NAME_MS;

    return resolver_ask(offices->resolver, names, false, deadline_in(deadline_ms));
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

/* One line a run, to standard output: what goes to standard error is a failure. */
static void report(const struct export_result *result)
{
    g_print("appsmtp-export: generation %" G_GUINT64_FORMAT "%s: %" G_GUINT64_FORMAT
            " senders (%" G_GUINT64_FORMAT " added, %" G_GUINT64_FORMAT
            " removed), %" G_GUINT64_FORMAT " sources, %" G_GUINT64_FORMAT " left out%s\n",
            result->generation, result->published ? "" : " stays", result->senders, result->added,
            result->removed, result->sources, result->left_out, result->remarks);
}

static void show_progress(guint64 sources)
{
    g_printerr("\rappsmtp-export: %" G_GUINT64_FORMAT " sources read", sources);
}

/* The offices and settings of one run; output: the folder asked for. */
struct task {
    const struct config *config;
    const struct options *options;
    const char *output;
    struct offices offices;
    struct decision_policy policy;
    GPtrArray *no_domains, *rates;
    struct export_world world;
    struct export_settings settings;
};

static void free_rate(gpointer rate)
{
    g_free(rate);
}

static GPtrArray *list_rates(const struct config *config)
{
    GPtrArray *rates = g_ptr_array_new_with_free_func(free_rate);

    for (guint i = 0; i < config->application_types->len; i++) {
        const struct application_type *type = g_ptr_array_index(config->application_types, i);
        struct pairs_rate *rate = g_new0(struct pairs_rate, 1);
        *rate = (struct pairs_rate){type->id, {type->recipients_per_hour, type->per_source}};
        g_ptr_array_add(rates, rate);
    }
    return rates;
}

/* On a relay the configuration may have no directory: nothing is known of domains then. */
static void set_policy(struct task *task)
{
    const struct config *config = task->config;
    const struct directory_settings *directory = config->directory;

    task->policy = (struct decision_policy){
        .locations = config->locations,
        .null_sender = config->relay.null_sender,
        .portal = config->base_url,
        .relays = config->relay.relays,
        .domains = directory ? directory->domains : task->no_domains,
    };
}

static const struct format *find_format(const struct task *task, GError **error)
{
    const char *name = task->options->format ? task->options->format : task->config->export.format;
    const struct format *format = format_find(name);
    g_autofree char *names = format_names();

    if (!format)
        g_set_error(error, APPSMTP_ERROR,
                    task->options->format ? APPSMTP_ERROR_USAGE : APPSMTP_ERROR_CONFIGURATION,
                    "format \"%s\" is none of: %s", name, names);
    return format;
}

/* What a relay obeys goes by the clock that the relay goes by. */
static bool check_now(const struct task *task, GError **error)
{
    if (!task->options->now || task->options->dry_run ||
        !is_configured(task->output, task->config))
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE,
                "--now is for trying things out: give another folder as --output");
    return false;
}

static bool task_open(struct task *task, GError **error)
{
    const struct config *config = task->config;
    const struct format *format = find_format(task, error);

    if (!format || !check_now(task, error) || !config_need_database(config, error))
        return false;
    task->offices.resolver = resolver_new(config->resolver.servers, error);
    if (!task->offices.resolver)
        return false;
    task->offices.config = config;
    task->offices.database = database_new(config->database, &config->database->export, 0, error);
    if (!task->offices.database)
        return false;
    task->no_domains = g_ptr_array_new();
    set_policy(task);
    task->rates = list_rates(config);
    task->world = (struct export_world){
        &task->offices, begin, list_hostnames, each, end, resolve, record, program_say,
        isatty(STDERR_FILENO) ? show_progress : NULL,
    };
    task->settings = (struct export_settings){
        .output = task->output,
        .uses = config->relay.uses,
        .relay = is_configured(task->output, config) ? config->relay.name : NULL,
        .format = format,
        .postmap = config->relay.postmap,
        .makemap = config->export.makemap,
        .reload = config->export.reload,
        .policy = &task->policy,
        .rates = task->rates,
        .guards = {config->export.most_removed, config->export.most_added},
        .skip_unfit = config->export.skip_unfit,
        .force = task->options->force,
        .grace_days = config->certificates.grace_days,
        .gone_hours = config->export.gone_hours,
    };
    return program_parse_now(task->options->now, &task->settings.now, error);
}

static void task_close(struct task *task)
{
    resolver_free(task->offices.resolver);
    database_free(task->offices.database);
    if (task->rates)
        g_ptr_array_unref(task->rates);
    if (task->no_domains)
        g_ptr_array_unref(task->no_domains);
}
DEFINE_AUTO(task, task_close)

/* Other words are to follow on the terminal: takes the line of progress away, if there is one. */
static void end_progress(struct task *task)
{
    if (task->world.progress)
        g_printerr("\r\033[K");
    task->world.progress = NULL;
}

static void print_line(const char *line, void *data)
{
    end_progress(data);
    g_print("%s\n", line);
}

static bool run_plan(struct task *task, GError **error)
{
    struct plan plan;
    g_autofree char *stopped = NULL;
    bool good = export_plan(&task->settings, &task->world, print_line, task, &plan, &stopped, error);

    end_progress(task);
    if (!good)
        return false;
    g_print("# lines: %" G_GUINT64_FORMAT " added, %" G_GUINT64_FORMAT " removed\n"
            "# registrations: %" G_GUINT64_FORMAT " before, %" G_GUINT64_FORMAT
            " added, %" G_GUINT64_FORMAT " removed, %" G_GUINT64_FORMAT " after\n",
            plan.lines_added, plan.lines_removed, plan.before, plan.added, plan.removed,
            plan.after);
    if (stopped)
        g_print("# a run would stop: %s\nplan: %s\n", stopped, plan.id);
    return true;
}

static bool run_export(struct task *task, struct export_metrics *metrics, GError **error)
{
    struct export_result *result = &metrics->result;
    bool good = export_run(&task->settings, &task->world, result, error);

    end_progress(task);
    if (result->published || good)
        report(result);
    if (result->published && !good)
        g_prefix_error(error, "the maps are in force, but not all was done: ");
    return good;
}

/* The portal must not go on to say that what is rolled back is on the relay. It is an
   emergency, perhaps of the database: a roll back is good without. */
static void record_rollback(const struct task *task, guint64 serial)
{
    const struct config *config = task->config;
    g_autofree char *folder = output_current(task->output);
    auto_ptr(manifest) manifest = folder ? manifest_read(folder) : NULL;
    auto_ptr(database) database = NULL;
    struct exported_view view = {.snapshot = manifest ? manifest->snapshot : NULL,
                                 .started = (char *)"now"};
    struct exported_run row = {config->relay.name, serial, &view, "rolled-back", 0, 0, 0, "{}"};
    g_autoptr(GError) error = NULL;

    if (!manifest || !config->database || !is_configured(task->output, config))
        return;
    row.senders = manifest->senders;
    row.sources = manifest->sources;
    row.left_out = manifest->left_out;
    database = database_new(config->database, &config->database->export, 0, &error);
    if (database)
        database_set_deadline(database, deadline_in(ROLLBACK_MS));
    if (!database || !exported_record(database, &row, &error))
        g_printerr("appsmtp-export: the portal does not know of it: %s\n", error->message);
}

static bool run_rollback(const struct task *task, GError **error)
{
    guint64 serial = 0;
    bool good = export_rollback(task->output, task->config->export.reload, &serial, error);

    if (serial)
        record_rollback(task, serial);
    if (serial)
        g_printerr("appsmtp-export: generation %" G_GUINT64_FORMAT
                   " is in force, and held until --release\n", serial);
    return good;
}

static bool run(const struct config *config, const struct options *options,
                struct export_metrics *metrics, GError **error)
{
    struct task task = {.config = config, .options = options};
    auto_ptr(task) held = &task;

    task.output = options->output ? options->output : config->relay.output;
    metrics->output = task.output;
    metrics->interval = config->relay.export_minutes * 60;
    if (options->verify)
        return export_verify(task.output, error);
    if (options->rollback)
        return run_rollback(&task, error);
    if (options->release)
        return export_release(task.output, error);
    if (!task_open(held, error))
        return false;
    return options->dry_run ? run_plan(held, error) : run_export(held, metrics, error);
}

/* Runs, and tells the metrics how it went, well or badly; returns the exit status. */
static int run_and_measure(const struct options *options)
{
    gint64 start = g_get_monotonic_time();
    g_autoptr(GError) error = NULL, unwritten = NULL;
    auto_ptr(config) config = config_read(config_file(options->config), &error);
    struct export_metrics metrics = {.output = options->output, .now = g_get_real_time()};
    int status = EX_OK;

    if (!config || !run(config, options, &metrics, &error))
        status = program_fail(error);
    metrics.status = status;
    metrics.seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
    /* Only a run renews the maps: what looks or holds must not pass for one. */
    if (options->metrics && status != EX_TEMPFAIL &&
        !(options->dry_run || options->verify || options->rollback || options->release) &&
        !export_metrics_write(options->metrics, &metrics, &unwritten)) {
        int failed = program_fail(unwritten);
        status = status ? status : failed;
    }
    export_result_clear(&metrics.result);
    return status;
}

/* ---- the command line ---- */

static bool check_options(int argc, const struct options *options)
{
    int ways = options->dry_run + options->rollback + options->release + options->verify;

    if (argc > 1)
        program_say("it takes options only; see --help");
    else if (ways + (options->force != NULL) > 1)
        program_say("--dry-run, --force, --rollback, --release and --verify are different things: "
                    "choose one");
    else
        return true;
    return false;
}

static bool read_options(int *argc, char ***argv, struct options *options, int *status)
{
    g_autofree char *names = format_names();
    g_autofree char *formats = g_strdup_printf("Maps to write: %s", names);
    const GOptionEntry entries[] = {
        {"output", 0, 0, G_OPTION_ARG_FILENAME, &options->output,
         "Where generations go (default: as configured)", "DIR"},
        {"format", 0, 0, G_OPTION_ARG_STRING, &options->format, formats, "NAME"},
        {"dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run,
         "Only show what would change, and the plan's id where a guard would stop it", NULL},
        {"force", 0, 0, G_OPTION_ARG_STRING, &options->force,
         "Carry that very plan out, whatever would stop it", "PLAN"},
        {"rollback", 0, 0, G_OPTION_ARG_NONE, &options->rollback,
         "Put the generation before in force again, and hold it", NULL},
        {"release", 0, 0, G_OPTION_ARG_NONE, &options->release, "Hold nothing any more", NULL},
        {"verify", 0, 0, G_OPTION_ARG_NONE, &options->verify,
         "Only compare the generation in force with its manifest", NULL},
        {"now", 0, 0, G_OPTION_ARG_STRING, &options->now,
         "Take this for the time, to try things out in a folder of your own", "TIME"},
        {"metrics", 0, 0, G_OPTION_ARG_FILENAME, &options->metrics,
         "Tell Prometheus how it went, well or badly", "FILE"},
        {0},
    };
    const struct program program = {"appsmtp-export", "",
                                    "Write one verified generation of the relay's maps", NULL,
                                    entries};

    return program_read(&program, argc, argv, &options->config, status);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    int status;

    signal(SIGPIPE, SIG_IGN);
    if (read_options(&argc, &argv, &options, &status))
        status = check_options(argc, &options) ? run_and_measure(&options) : EX_USAGE;
    char *texts[] = {options.config, options.output, options.format, options.force,
                     options.metrics, options.now};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    return status;
}
