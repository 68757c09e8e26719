/* SPDX-License-Identifier: MIT
 *
 * The export's textfile.
 */
#include "service/relay/metrics.h"

#include "base/limits.h"
#include "service/relay/files.h"
#include "service/relay/generation.h"
#include "service/relay/manifest.h"

#define PREFIX "appsmtp_export_"

static void put(GString *text, const char *name, const char *help, double value)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_printf(text, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s gauge\n" PREFIX
                           "%s %s\n",
                           name, help, name, name,
                           g_ascii_formatd(number, sizeof number, "%.15g", value));
}

/* What the file has said of that number last; 0 when it has not. */
static double last_value(const char *file, const char *name)
{
    g_autofree char *text = NULL, *start = g_strconcat("\n" PREFIX, name, " ", NULL);
    const char *line;

    if (file_read(file, LIMIT_EXPORT_FILE, &text, NULL) != FILE_READ)
        return 0;
    line = strstr(text, start);
    return line ? g_ascii_strtod(line + strlen(start), NULL) : 0;
}

static void put_run(GString *text, const char *file, const struct export_metrics *metrics)
{
    double now = (double)(metrics->now / G_USEC_PER_SEC);

    put(text, "last_run_timestamp_seconds", "When the last run began.", now);
    put(text, "last_run_exit_status", "Its exit status: 0 is well, 65 a guard.", metrics->status);
    put(text, "last_run_duration_seconds", "How long it took.", metrics->seconds);
    put(text, "last_success_timestamp_seconds", "When the last run that went well began.",
        metrics->status ? last_value(file, "last_success_timestamp_seconds") : now);
    /* A configuration that cannot be read must not silence the alert that asks for it. */
    put(text, "interval_seconds", "How often it should run.",
        metrics->interval ? metrics->interval : last_value(file, "interval_seconds"));
}

/* What is in force, whatever the run did. */
static void put_generation(GString *text, const char *output)
{
    g_autofree char *current = output ? output_current(output) : NULL;
    auto_ptr(manifest) manifest = current ? manifest_read(current) : NULL;
    g_autofree char *held = output ? output_noted(output, NOTE_HOLD) : NULL;

    put(text, "held", "1 while a generation is held.", held != NULL);
    if (!manifest)
        return;
    put(text, "generation", "Serial number of the generation in force.", (double)manifest->serial);
    put(text, "senders", "Registrations in it.", (double)manifest->senders);
    put(text, "sources", "Sources in it.", (double)manifest->sources);
    put(text, "left_out", "Sources left out of it.", (double)manifest->left_out);
}

static void put_changes(GString *text, const struct export_result *result)
{
    put(text, "added", "Registrations that the last run added.", (double)result->added);
    put(text, "removed", "Registrations that the last run removed.", (double)result->removed);
    put(text, "lost", "Registrations that lose something in this format.", (double)result->lost);
    put(text, "hostnames_kept", "Hostnames whose last addresses are used.", (double)result->kept);
    put(text, "hostnames_without", "Hostnames without any address.", (double)result->without);
}

bool export_metrics_write(const char *file, const struct export_metrics *metrics, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(file);
    g_autofree char *name = g_path_get_basename(file);
    g_autoptr(GString) text = g_string_new(NULL);

    put_run(text, file, metrics);
    put_generation(text, metrics->output);
    put_changes(text, &metrics->result);
    return file_replace(folder, name, text->str, error);
}
