/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin left-out, check-config: what a relay leaves out, and what it would leave out
 * by another configuration.
 */
#include "adapters/certificate/certificate.h"
#include "adapters/database/search.h"
#include "adapters/directory/directory.h"
#include "adapters/resolver/resolver.h"
#include "base/error.h"
#include "programs/admin.h"
#include "programs/export-task.h"
#include "programs/output.h"
#include "programs/program.h"
#include "service/csv.h"

#include <sysexits.h>

/* ---- left-out ---- */

static GPtrArray *rows_of(const GPtrArray *found, bool headings)
{
    GPtrArray *rows = output_rows_new();

    if (headings)
        output_rows_add(rows, "Sending address", "Source", "Why the relay leaves it out", "Relay",
                        "Since (UTC)", NULL);
    for (guint i = 0; i < found->len; i++) {
        const struct search_omission *one = g_ptr_array_index(found, i);
        output_rows_add(rows, one->address, one->source, one->why, one->relay, one->since, NULL);
    }
    return rows;
}

/* Caller frees. */
static char *text_of(const GPtrArray *found)
{
    guint width;
    bool terminal = output_is_terminal(&width);
    g_autoptr(GPtrArray) rows = rows_of(found, terminal);
    GString *text = g_string_new(NULL);

    if (terminal)
        output_table(text, "", rows, 1, 0);
    else
        output_lines(text, rows);
    return g_string_free(text, FALSE);
}

bool admin_left_out(const struct admin *admin, int *status, GError **error)
{
    auto_ptr(database) database = admin_database(admin->config, error);
    g_autoptr(GPtrArray) found = NULL;
    g_autofree char *text = NULL;

    if (!database || !search_left_out(database, 0, &found, error))
        return false;
    *status = EX_OK;
    if (found->len == 0)
        program_say("no relay leaves anything out");
    if (found->len == 0 && !admin->options->csv)
        return true;
    text = admin->options->csv ? csv_of_omissions(found) : text_of(found);
    return output_write(text, error);
}

/* ---- check-config ---- */

/* What the sources of the database would be to an export by this configuration. */
struct forecast {
    GHashTable *known;   /* set of the ids of sources that a relay leaves out today */
    GHashTable *senders; /* set of those with a source that it does not */
    GString *lines;
    guint already, unanswered;
};

static void forecast_clear(struct forecast *forecast)
{
    g_hash_table_unref(forecast->known);
    g_hash_table_unref(forecast->senders);
    g_string_free(forecast->lines, TRUE);
}
DEFINE_AUTO(forecast, forecast_clear)

static void note_omission(const struct omission *one, void *data)
{
    struct forecast *forecast = data;
    g_autofree char *sentence = omission_sentence(one);

    if (g_hash_table_contains(forecast->known, one->source)) {
        forecast->already++;
        return;
    }
    if (one->reason == LEFT_OUT_NOT_LOOKED_UP)
        forecast->unanswered++;
    else
        g_hash_table_add(forecast->senders, one->sender);
    g_string_append_printf(forecast->lines, "  %s\n", sentence);
}

/* What nobody could find out is neither. */
static int forecast_status(const struct forecast *forecast)
{
    if (g_hash_table_size(forecast->senders) > 0)
        return ADMIN_REFUSED;
    return forecast->unanswered ? EX_UNAVAILABLE : EX_OK;
}

static bool tell_forecast(const struct forecast *forecast, int *status, GError **error)
{
    guint count = g_hash_table_size(forecast->senders);
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "%u registrations would be left out, or lose a source%s\n%s", count,
                           forecast->lines->len ? ":" : "", forecast->lines->str);
    if (forecast->already)
        g_string_append_printf(text, "%u sources are left out already: see appsmtp-admin left-out\n",
                               forecast->already);
    *status = forecast_status(forecast);
    return output_write(text->str, error);
}

static bool read_known(const struct config *config, struct forecast *forecast, GError **error)
{
    auto_ptr(database) database = admin_database(config, error);
    g_autoptr(GPtrArray) found = NULL;

    if (!database || !search_left_out(database, 0, &found, error))
        return false;
    for (guint i = 0; i < found->len; i++) {
        const struct search_omission *one = g_ptr_array_index(found, i);
        g_hash_table_add(forecast->known, g_strdup(one->id));
    }
    return true;
}

static void ignore_line(const char *line G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
}

/* What no map can hold is to be named, too, and not to end the look. */
static bool foresee(const struct config *config, int *status, GError **error)
{
    const struct export_wishes wishes = {.role = &config->database->admin, .only_plan = true};
    struct forecast forecast = {.known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                                .senders = g_hash_table_new(g_str_hash, g_str_equal),
                                .lines = g_string_new(NULL)};
    auto_ptr(forecast) held = &forecast;
    struct export_task task = {0};
    auto_ptr(export_task) running = &task;
    struct export_plan planned = {0};
    bool good;

    if (!read_known(config, held, error) || !export_task_open(running, config, &wishes, error))
        return false;
    task.settings.skip_unfit = true;
    good = export_plan(&task.settings, &task.world, ignore_line, NULL, &planned, error);
    if (good) {
        omissions_each(planned.omissions, note_omission, held);
        good = tell_forecast(held, status, error);
    }
    export_plan_clear(&planned);
    return good;
}

static bool tell_mistake(const struct config *config, const GError *mistake)
{
    g_autofree char *text = mistake ? g_strdup_printf("%s: %s", config->file, mistake->message) : NULL;

    if (text)
        program_say(text);
    return !mistake;
}

/* What the schema cannot know and the portal would end for at its start. It connects to nobody. */
static bool is_usable(const struct config *config)
{
    g_autoptr(GError) of_directory = NULL;
    g_autoptr(GError) of_resolver = NULL;
    g_autoptr(GError) of_trust = NULL;
    auto_ptr(directory) directory =
        config->directory ? directory_new(config->directory, &of_directory) : NULL;
    auto_ptr(resolver) resolver = resolver_new(config->resolver.servers, &of_resolver);
    auto_ptr(trust) trust = trust_open(&config->certificates, &of_trust);
    bool directory_is = tell_mistake(config, of_directory);
    bool resolver_is = tell_mistake(config, of_resolver);

    return tell_mistake(config, of_trust) && directory_is && resolver_is;
}

bool admin_check_config(const struct admin *admin, int *status, GError **error)
{
    g_autoptr(GPtrArray) mistakes = NULL;
    auto_ptr(config) config = config_test(config_file(admin->options->config), &mistakes);

    for (guint i = 0; i < mistakes->len; i++)
        program_say(g_ptr_array_index(mistakes, i));
    *status = config && is_usable(config) ? EX_OK : EX_CONFIG;
    if (*status != EX_OK)
        return true;
    program_say("the configuration is well-formed");
    if (!admin->options->registrations)
        return true;
    return config_need_database(config, error) && foresee(config, status, error);
}
