/* SPDX-License-Identifier: MIT
 *
 * appsmtp-export: turns the registrations into what the relay obeys. Runs from
 * cron or a timer on each relay.
 */
#include "base/error.h"
#include "programs/export-task.h"
#include "programs/program.h"
#include "service/relay/generation.h"
#include "service/relay/manifest.h"
#include "service/relay/metrics.h"
#include "service/relay/rollback.h"

#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

/* A roll back has to be over in 10 seconds. */
#define ROLLBACK_MS (5 * 1000)

struct options {
    char *config, *output, *format, *force, *metrics, *now;
    gboolean dry_run, rollback, release, verify;
};

/* ---- one run ---- */

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

/* Other words are to follow on the terminal: takes the line of progress away, if there is one. */
static void end_progress(struct export_task *task)
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

static void print_omission(const struct omission *one, void *data G_GNUC_UNUSED)
{
    g_autofree char *text = omission_sentence(one);

    g_print("# %s: %s\n", one->known ? "left out as before" : "left out", text);
}

static void print_plan(const struct export_plan *planned)
{
    const struct plan *plan = &planned->plan;

    omissions_each(planned->omissions, print_omission, NULL);
    g_print("# lines: %" G_GUINT64_FORMAT " added, %" G_GUINT64_FORMAT " removed\n"
            "# registrations: %" G_GUINT64_FORMAT " before, %" G_GUINT64_FORMAT
            " added, %" G_GUINT64_FORMAT " removed, %" G_GUINT64_FORMAT " after\n",
            plan->lines_added, plan->lines_removed, plan->before, plan->added, plan->removed,
            plan->after);
    if (planned->stopped)
        g_print("# a run would stop: %s\nplan: %s\n", planned->stopped, plan->id);
}

static bool run_plan(struct export_task *task, GError **error)
{
    struct export_plan planned = {0};
    bool good = export_plan(&task->settings, &task->world, print_line, task, &planned, error);

    end_progress(task);
    if (good)
        print_plan(&planned);
    export_plan_clear(&planned);
    return good;
}

static bool run_export(struct export_task *task, struct export_metrics *metrics, GError **error)
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

/* What the generation in force leaves out, for the database. Caller frees. */
static char *details_of(const char *folder)
{
    g_autoptr(GPtrArray) omissions = omissions_read(folder);
    g_autofree char *json = omissions ? omissions_json(omissions) : NULL;

    return json ? g_strdup_printf("{\"left_out\": %s}", json) : g_strdup("{}");
}

/* The portal must not go on to say that what is rolled back is on the relay. It is an
   emergency, perhaps of the database: a roll back is good without. */
static void record_rollback(const struct config *config, const char *output, guint64 serial)
{
    g_autofree char *folder = output_current(output);
    auto_ptr(manifest) manifest = folder ? manifest_read(folder) : NULL;
    auto_ptr(database) database = NULL;
    struct exported_view view = {.snapshot = manifest ? manifest->snapshot : NULL,
                                 .started = (char *)"now"};
    struct exported_run row = {config->relay.name, serial, &view, "rolled-back", 0, 0, 0, NULL};
    g_autofree char *details = NULL;
    g_autoptr(GError) error = NULL;

    if (!manifest || !config->database || !export_task_is_configured(output, config))
        return;
    row.senders = manifest->senders;
    row.sources = manifest->sources;
    row.left_out = manifest->left_out;
    row.details = details = details_of(folder);
    database = database_new(config->database, &config->database->export, 0, &error);
    if (database)
        database_set_deadline(database, deadline_in(ROLLBACK_MS));
    if (!database || !exported_record(database, &row, &error))
        g_printerr("appsmtp-export: the portal does not know of it: %s\n", error->message);
}

static bool run_rollback(const struct config *config, const char *output, GError **error)
{
    guint64 serial = 0;
    bool good = export_rollback(output, config->export.reload, config->export.program_seconds,
                                &serial, error);

    if (serial)
        record_rollback(config, output, serial);
    if (serial)
        g_printerr("appsmtp-export: generation %" G_GUINT64_FORMAT
                   " is in force, and held until --release\n", serial);
    return good;
}

static bool run_task(const struct config *config, const struct options *options,
                     struct export_metrics *metrics, GError **error)
{
    const struct export_wishes wishes = {.output = options->output,
                                         .format = options->format,
                                         .force = options->force,
                                         .now = options->now,
                                         .only_plan = options->dry_run};
    struct export_task task = {0};
    auto_ptr(export_task) held = &task;

    if (!export_task_open(held, config, &wishes, error))
        return false;
    if (isatty(STDERR_FILENO))
        task.world.progress = show_progress;
    return options->dry_run ? run_plan(held, error) : run_export(held, metrics, error);
}

static bool run(const struct config *config, const struct options *options,
                struct export_metrics *metrics, GError **error)
{
    const char *output = options->output ? options->output : config->relay.output;

    metrics->output = output;
    metrics->interval = config->relay.export_minutes * 60;
    if (options->verify)
        return export_verify(output, error);
    if (options->rollback)
        return run_rollback(config, output, error);
    if (options->release)
        return export_release(output, error);
    return run_task(config, options, metrics, error);
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
