/* SPDX-License-Identifier: MIT
 *
 * appsmtp-notify: keeps the registrations true as time passes, and sends the notices
 * that wait. Runs from cron or a timer.
 */
#include "adapters/config/config.h"
#include "adapters/database/database.h"
#include "adapters/database/notices.h"
#include "adapters/directory/directory.h"
#include "adapters/mail/mail.h"
#include "adapters/mail/smtp.h"
#include "base/error.h"
#include "programs/program.h"
#include "service/notices/delivery.h"
#include "service/notices/metrics.h"
#include "service/upkeep/upkeep.h"

#include <signal.h>
#include <sysexits.h>

/* A statement of ours touches one registration, or lists what is due. */
#define STATEMENT_MS 30000

struct options {
    char *config, *metrics, *now;
    gboolean force;
};

static bool lock(struct database *database, GError **error)
{
    bool alone;

    if (!notices_lock(database, &alone, error))
        return false;
    if (!alone)
        g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_BUSY,
                            "another appsmtp-notify is running");
    return alone;
}

/* One that could not be run keeps none of the others; the first error is the one that is told. */
static bool run_rounds(struct delivery *office, bool force, GError **error)
{
    static bool (*const rounds[])(const struct upkeep *, GError **) = {
        upkeep_round_certificates, upkeep_round_hostnames,     upkeep_round_left_out,
        upkeep_round_rates,        upkeep_round_confirmations, upkeep_round_ownership};
    struct upkeep upkeep = {office->config, office->database, office->directory, office->now,
                            force};
    g_autoptr(GError) first = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(rounds); i++)
        rounds[i](&upkeep, first ? NULL : &first);
    delivery_run(office, first ? NULL : &first);
    if (!first)
        return true;
    g_propagate_error(error, g_steal_pointer(&first));
    return false;
}

/* ---- one run ---- */

struct run {
    struct delivery office;
    struct queue_state *queue; /* afterwards; NULL when the database could not be asked */
};

/* One line, and none where there was nothing to do. */
static void report(const struct run *run)
{
    const struct delivery *office = &run->office;
    g_autofree char *reasons = reasons_text(office->reasons);

    if (!(office->sent || office->skipped || office->failed || office->held))
        return;
    g_printerr("appsmtp-notify: %u sent, %u skipped, %u not sent yet", office->sent,
               office->skipped, office->failed);
    if (office->held)
        g_printerr(", %u held for a digest", office->held);
    if (office->failed && run->queue)
        g_printerr(", %" G_GINT64_FORMAT " waiting in all", run->queue->waiting);
    g_printerr("%s%s\n", reasons ? ": " : "", reasons ? reasons : "");
}

static bool work(struct run *run, bool force, GError **error)
{
    bool good;

    if (!lock(run->office.database, error))
        return false;
    good = run_rounds(&run->office, force, error);
    database_set_deadline(run->office.database, deadline_in(STATEMENT_MS));
    queue_read(run->office.database, &run->queue, good ? error : NULL);
    report(run);
    return good && run->queue;
}

static bool run_once(const struct options *options, struct run *run, GError **error)
{
    auto_ptr(config) config = config_read(config_file(options->config), error);
    auto_ptr(database) database = NULL;
    auto_ptr(directory) directory = NULL;
    auto_ptr(smtp) smtp = NULL;
    struct delivery *office = &run->office;

    if (!config || !program_parse_now(options->now, &office->now, error) ||
        !config_need_database(config, error) || !config_need_directory(config, error) ||
        !config_need_notices(config, error))
        return false;
    directory = directory_new(config->directory, error);
    if (!directory)
        return false;
    database = database_new(config->database, &config->database->notify, STATEMENT_MS, error);
    if (!database)
        return false;
    smtp = smtp_new(config->notices);
    office->config = config;
    office->database = database;
    office->directory = directory;
    office->smtp = smtp;
    return work(run, options->force, error);
}

/* Why the mail server did not take something was said already. */
static int run_and_tell(const struct options *options, struct run *run)
{
    g_autoptr(GError) error = NULL;

    if (!run_once(options, run, &error))
        return program_fail(error);
    return run->office.unserved ? EX_UNAVAILABLE : EX_OK;
}

/* Runs, and tells the metrics how it went, well or badly; returns the exit status. */
static int run_and_measure(const struct options *options)
{
    gint64 start = g_get_monotonic_time();
    g_autoptr(GError) error = NULL;
    auto_ptr(reasons) reasons = reasons_new();
    struct run run = {.office = {.reasons = reasons}};
    auto_ptr(queue_state) queue = NULL;
    struct notify_metrics metrics = {.now = g_get_real_time() / G_USEC_PER_SEC};
    int status = run_and_tell(options, &run);

    queue = run.queue;
    metrics.status = status;
    metrics.seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
    metrics.sent = run.office.sent;
    metrics.skipped = run.office.skipped;
    metrics.failed = run.office.failed;
    metrics.queue = queue;
    /* The one that runs writes it. */
    if (options->metrics && status != EX_TEMPFAIL &&
        !notify_metrics_write(options->metrics, &metrics, &error)) {
        int failed = program_fail(error);
        status = status ? status : failed;
    }
    return status;
}

/* ---- the command line ---- */

static bool read_options(int *argc, char ***argv, struct options *options, int *status)
{
    const GOptionEntry entries[] = {
        {"now", 0, 0, G_OPTION_ARG_STRING, &options->now,
         "Take this for the time, to try things out (default: the clock's)", "TIME"},
        {"force", 0, 0, G_OPTION_ARG_NONE, &options->force,
         "Believe the directory even where it finds fault with very many registrations", NULL},
        {"metrics", 0, 0, G_OPTION_ARG_FILENAME, &options->metrics,
         "Tell Prometheus how it went, well or badly, and what waits", "FILE"},
        {0},
    };
    const struct program program = {
        "appsmtp-notify", "", "Keep the registrations true, and send the\nnotices that wait",
        "Exit status: 0 all that was due is done; 65 a guard stopped part of it; 69 the mail "
        "server\n"
        "refused a notice, or it, the database or the directory could not be asked; 74 the file "
        "of\n"
        "the metrics cannot be written; 75 another one is running; 78 the configuration is wrong.\n"
        "Standard error says why.",
        entries};

    return program_read(&program, argc, argv, &options->config, status);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    int status;

    signal(SIGPIPE, SIG_IGN);
    mail_init();
    if (read_options(&argc, &argv, &options, &status)) {
        if (argc > 1)
            program_say("it takes options only; see --help");
        status = argc > 1 ? EX_USAGE : run_and_measure(&options);
    }
    g_free(options.config);
    g_free(options.metrics);
    g_free(options.now);
    return status;
}
