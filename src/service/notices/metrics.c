/* SPDX-License-Identifier: MIT
 *
 * The textfile of appsmtp-notify.
 */
#include "service/notices/metrics.h"

#include "service/relay/files.h"
#include "service/relay/gauges.h"

#define PREFIX "appsmtp_notify_"

static void put_run(GString *text, const char *file, const struct notify_metrics *metrics)
{
    double now = (double)metrics->now;

    gauge_put(text, PREFIX "last_run_timestamp_seconds", "When the last run began.", now);
    gauge_put(text, PREFIX "last_run_exit_status", "Its exit status: 0 is well.", metrics->status);
    gauge_put(text, PREFIX "last_run_duration_seconds", "How long it took.", metrics->seconds);
    gauge_put(text, PREFIX "last_success_timestamp_seconds",
              "When the last run that went well began.",
              metrics->status ? gauge_last(file, PREFIX "last_success_timestamp_seconds") : now);
    gauge_put(text, PREFIX "sent", "Notices that the last run sent.", metrics->sent);
    gauge_put(text, PREFIX "skipped", "Notices that the last run gave up.", metrics->skipped);
    gauge_put(text, PREFIX "not_sent", "Notices that the last run tried to send, and could not.",
              metrics->failed);
}

static void put_reasons(GString *text, const struct queue_state *queue)
{
    gint64 others = queue->failing;

    gauge_head(text, PREFIX "failing",
               "Notices that could not be sent so far, by the last reason.");
    for (guint i = 0; i < queue->reasons->len; i++) {
        const struct queue_reason *one = g_ptr_array_index(queue->reasons, i);
        gauge_put_labelled(text, PREFIX "failing", "reason",
                           *one->reason ? one->reason : "ended before the answer",
                           (double)one->count);
        others -= one->count;
    }
    gauge_put_labelled(text, PREFIX "failing", "reason", "others", (double)MAX(others, 0));
}

static void put_queue(GString *text, const struct queue_state *queue)
{
    gauge_put(text, PREFIX "waiting", "Notices that wait in the queue.", (double)queue->waiting);
    gauge_put(text, PREFIX "held", "Of these, those that wait for a digest.", (double)queue->held);
    put_reasons(text, queue);
    gauge_put(text, PREFIX "oldest_failing_timestamp_seconds",
              "When the oldest of the failing was made; 0: there is none.",
              (double)queue->oldest_failing);
}

bool notify_metrics_write(const char *file, const struct notify_metrics *metrics, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(file);
    g_autofree char *name = g_path_get_basename(file);
    g_autoptr(GString) text = g_string_new(NULL);

    put_run(text, file, metrics);
    if (metrics->queue)
        put_queue(text, metrics->queue);
    return file_replace(folder, name, text->str, error);
}
