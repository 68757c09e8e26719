/* SPDX-License-Identifier: MIT
 *
 * Database, DNS and settings of a run.
 */
#include "programs/export-task.h"

#include "base/error.h"
#include "programs/program.h"
#include "service/relay/pairs.h"

#include <sys/stat.h>

/* A million sources have to be through by then. */
#define READ_MS (10 * 60 * 1000)
#define RECORD_MS (30 * 1000)
/* Two questions a name, a hundred at a time: a server may take a tenth of a second for each. */
#define RESOLVE_NAME_MS 2

static bool begin(void *data, struct exported_view *view, GError **error)
{
    struct export_task *task = data;

    database_set_deadline(task->database, deadline_in(READ_MS));
    return exported_begin(task->database, view, error);
}

static bool list_hostnames(void *data, GPtrArray *names, GError **error)
{
    struct export_task *task = data;

    database_set_deadline(task->database, deadline_in(READ_MS));
    return exported_hostnames(task->database, names, error);
}

static bool each(void *data, exported_row *row, void *row_data, GError **error)
{
    return exported_each(((struct export_task *)data)->database, row, row_data, error);
}

static bool end(void *data, GError **error)
{
    return exported_end(((struct export_task *)data)->database, error);
}

static bool vanished(void *data, const GPtrArray *addresses, GPtrArray *list, GError **error)
{
    struct export_task *task = data;

    database_set_deadline(task->database, deadline_in(RECORD_MS));
    return exported_vanished(task->database, addresses, list, error);
}

static GPtrArray *resolve(void *data, const GPtrArray *names)
{
    struct export_task *task = data;
    unsigned deadline_ms = task->config->resolver.deadline_ms + names->len * RESOLVE_NAME_MS;

    return resolver_ask(task->resolver, names, false, deadline_in(deadline_ms));
}

static bool record(void *data, const struct exported_run *run, GError **error)
{
    struct export_task *task = data;

    database_set_deadline(task->database, deadline_in(RECORD_MS));
    return exported_record(task->database, run, error);
}

bool export_task_is_configured(const char *output, const struct config *config)
{
    struct stat asked, configured;

    if (g_str_equal(output, config->relay.output))
        return true;
    return stat(output, &asked) == 0 && stat(config->relay.output, &configured) == 0 &&
           asked.st_dev == configured.st_dev && asked.st_ino == configured.st_ino;
}

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
static void set_policy(struct export_task *task)
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

static const struct format *find_format(const struct config *config, const char *asked,
                                        GError **error)
{
    const char *name = asked ? asked : config->export.format;
    const struct format *format = format_find(name);
    g_autofree char *names = format_names();

    if (!format)
        g_set_error(error, APPSMTP_ERROR,
                    asked ? APPSMTP_ERROR_USAGE : APPSMTP_ERROR_CONFIGURATION,
                    "format \"%s\" is none of: %s", name, names);
    return format;
}

/* What a relay obeys goes by the clock that the relay goes by. */
static bool check_now(const struct export_task *task, const struct export_wishes *wishes,
                      GError **error)
{
    if (!wishes->now || wishes->only_plan ||
        !export_task_is_configured(task->output, task->config))
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE,
                "--now is for trying things out: give another folder as --output");
    return false;
}

static void set_settings(struct export_task *task, const struct format *format, const char *force)
{
    const struct config *config = task->config;

    task->settings = (struct export_settings){
        .output = task->output,
        .uses = config->relay.uses,
        .relay = export_task_is_configured(task->output, config) ? config->relay.name : NULL,
        .format = format,
        .postmap = config->relay.postmap,
        .makemap = config->export.makemap,
        .program_seconds = config->export.program_seconds,
        .reload = config->export.reload,
        .policy = &task->policy,
        .rates = task->rates,
        .guards = {config->export.most_removed, config->export.most_added},
        .skip_unfit = config->export.skip_unfit,
        .force = force,
        .grace_days = config->certificates.grace_days,
        .gone_hours = config->export.gone_hours,
    };
}

static bool open_offices(struct export_task *task, const struct database_role *role, GError **error)
{
    const struct config *config = task->config;

    task->resolver = resolver_new(config->resolver.servers, error);
    if (!task->resolver)
        return false;
    task->database =
        database_new(config->database, role ? role : &config->database->export, 0, error);
    if (!task->database)
        return false;
    task->world = (struct export_world){.data = task,
                                        .begin = begin,
                                        .hostnames = list_hostnames,
                                        .each = each,
                                        .end = end,
                                        .vanished = vanished,
                                        .resolve = resolve,
                                        .record = record,
                                        .warn = program_say};
    return true;
}

bool export_task_open(struct export_task *task, const struct config *config,
                      const struct export_wishes *wishes, GError **error)
{
    const struct format *format = find_format(config, wishes->format, error);

    *task = (struct export_task){.config = config};
    task->output = wishes->output ? wishes->output : config->relay.output;
    if (!format || !check_now(task, wishes, error) || !config_need_database(config, error) ||
        !open_offices(task, wishes->role, error))
        return false;
    task->no_domains = g_ptr_array_new();
    set_policy(task);
    task->rates = list_rates(config);
    set_settings(task, format, wishes->force);
    return program_parse_now(wishes->now, &task->settings.now, error);
}

void export_task_close(struct export_task *task)
{
    resolver_free(task->resolver);
    database_free(task->database);
    if (task->rates)
        g_ptr_array_unref(task->rates);
    if (task->no_domains)
        g_ptr_array_unref(task->no_domains);
}
