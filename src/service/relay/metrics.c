/* SPDX-License-Identifier: MIT
 *
 * The export's textfile.
 */
#include "service/relay/metrics.h"

#include "service/relay/files.h"
#include "service/relay/gauges.h"
#include "service/relay/generation.h"
#include "service/relay/manifest.h"

#define PREFIX "appsmtp_export_"

static void put_run(GString *text, const char *file, const struct export_metrics *metrics)
{
    double now = (double)(metrics->now / G_USEC_PER_SEC);

    gauge_put(text, PREFIX "last_run_timestamp_seconds", "When the last run began.", now);
    gauge_put(text, PREFIX "last_run_exit_status", "Its exit status: 0 is well, 65 a guard.",
              metrics->status);
    gauge_put(text, PREFIX "last_run_duration_seconds", "How long it took.", metrics->seconds);
    gauge_put(text, PREFIX "last_success_timestamp_seconds",
              "When the last run that went well began.",
              metrics->status ? gauge_last(file, PREFIX "last_success_timestamp_seconds") : now);
    /* A configuration that cannot be read must not silence the alert that asks for it. */
    gauge_put(text, PREFIX "interval_seconds", "How often it should run.",
              metrics->interval ? metrics->interval : gauge_last(file, PREFIX "interval_seconds"));
}

/* What is in force, whatever the run did. */
static void put_generation(GString *text, const char *output)
{
    g_autofree char *current = output ? output_current(output) : NULL;
    auto_ptr(manifest) manifest = current ? manifest_read(current) : NULL;
    g_autofree char *held = output ? output_noted(output, NOTE_HOLD) : NULL;

    gauge_put(text, PREFIX "held", "1 while a generation is held.", held != NULL);
    if (!manifest)
        return;
    gauge_put(text, PREFIX "generation", "Serial number of the generation in force.",
              (double)manifest->serial);
    gauge_put(text, PREFIX "senders", "Registrations in it.", (double)manifest->senders);
    gauge_put(text, PREFIX "sources", "Sources in it.", (double)manifest->sources);
    gauge_put(text, PREFIX "left_out", "Sources left out of it.", (double)manifest->left_out);
}

static void put_changes(GString *text, const struct export_result *result)
{
    gauge_put(text, PREFIX "added", "Registrations that the last run added.",
              (double)result->added);
    gauge_put(text, PREFIX "removed", "Registrations that the last run removed.",
              (double)result->removed);
    gauge_put(text, PREFIX "lost", "Registrations that lose something in this format.",
              (double)result->lost);
    gauge_put(text, PREFIX "hostnames_kept", "Hostnames whose last addresses are used.",
              (double)result->kept);
    gauge_put(text, PREFIX "hostnames_without", "Hostnames without any address.",
              (double)result->without);
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
