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
#include "service/upkeep/upkeep.h"

#include <signal.h>

/* A statement of ours touches one registration, or lists what is due. */
#define STATEMENT_MS 30000

struct options {
    char *config, *now;
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
    static bool (*const rounds[])(const struct upkeep *,
                                  GError **) = {upkeep_round_certificates, upkeep_round_hostnames,
                                                upkeep_round_left_out, upkeep_round_rates,
                                                upkeep_round_confirmations,
                                                upkeep_round_ownership};
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

static bool work(struct delivery *office, bool force, GError **error)
{
    bool good;

    if (!lock(office->database, error))
        return false;
    good = run_rounds(office, force, error);
    if (office->sent || office->skipped || office->failed)
        g_printerr("appsmtp-notify: %u sent, %u skipped, %u not sent yet\n", office->sent,
                   office->skipped, office->failed);
    return good;
}

static bool run(const struct options *options, GError **error)
{
    auto_ptr(config) config = config_read(config_file(options->config), error);
    auto_ptr(database) database = NULL;
    auto_ptr(directory) directory = NULL;
    auto_ptr(smtp) smtp = NULL;
    struct delivery office = {.config = config};

    if (!config || !program_parse_now(options->now, &office.now, error) ||
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
    office.database = database;
    office.directory = directory;
    office.smtp = smtp;
    return work(&office, options->force, error);
}

static bool read_options(int *argc, char ***argv, struct options *options, int *status)
{
    const GOptionEntry entries[] = {
        {"now", 0, 0, G_OPTION_ARG_STRING, &options->now,
         "Take this for the time, to try things out (default: the clock's)", "TIME"},
        {"force", 0, 0, G_OPTION_ARG_NONE, &options->force,
         "Believe the directory even where it finds fault with very many registrations", NULL},
        {0},
    };
    const struct program program = {"appsmtp-notify", "", "Keep the registrations true, and send the\nnotices that wait", NULL,
                                    entries};

    return program_read(&program, argc, argv, &options->config, status);
}

static bool check_options(int argc, GError **error)
{
    if (argc > 1)
        g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE,
                            "it takes options only; see --help");
    return argc <= 1;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    g_autoptr(GError) error = NULL;
    int status;

    signal(SIGPIPE, SIG_IGN);
    mail_init();
    if (read_options(&argc, &argv, &options, &status) &&
        !(check_options(argc, &error) && run(&options, &error)))
        status = program_fail(error);
    g_free(options.config);
    g_free(options.now);
    return status;
}
