/* SPDX-License-Identifier: MIT
 *
 * How a run of the export went, as a textfile for Prometheus' node_exporter.
 * Floor: service.
 */
#ifndef APPSMTP_METRICS_H
#define APPSMTP_METRICS_H

#include "service/relay/export.h"

struct export_metrics {
    const char *output;   /* the output folder; NULL when nobody got to know it */
    int status;           /* the program's exit status */
    gint64 now;           /* when it began, microseconds since 1970 */
    double seconds;       /* how long it took */
    unsigned interval;    /* seconds between runs, for the alert; 0 is not known */
    struct export_result result; /* all zero when it did not get so far */
};

/*
 * Replaces the file by rename. The time of the last success is carried over from the
 * file when this run was none. APPSMTP_ERROR_OUTPUT when it cannot be written.
 */
bool export_metrics_write(const char *file, const struct export_metrics *metrics, GError **error);

#endif
