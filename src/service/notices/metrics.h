/* SPDX-License-Identifier: MIT
 *
 * How a run of appsmtp-notify went and what waits in the queue, as a textfile for Prometheus'
 * node_exporter. Floor: service.
 */
#ifndef APPSMTP_SERVICE_NOTICES_METRICS_H
#define APPSMTP_SERVICE_NOTICES_METRICS_H

#include "adapters/database/queue.h"

struct notify_metrics {
    int status;                      /* the program's exit status */
    gint64 now;                      /* when it began, seconds since 1970 */
    double seconds;                  /* how long it took */
    unsigned sent, skipped, failed;  /* of this run */
    const struct queue_state *queue; /* NULL when the database could not be asked */
};

/*
 * Replaces the file by rename. The time of the last success is carried over from the
 * file when this run was none. APPSMTP_ERROR_OUTPUT when it cannot be written.
 */
bool notify_metrics_write(const char *file, const struct notify_metrics *metrics, GError **error);

#endif
