/* SPDX-License-Identifier: MIT
 *
 * What a run tells of itself: one line for people, and JSON for its row. Floor: service.
 */
#ifndef APPSMTP_EXPORT_REPORT_H
#define APPSMTP_EXPORT_REPORT_H

#include "service/relay/gather.h"
#include "service/relay/hostnames.h"

/* "; 3 expired; no address: web1.example.edu", or "". lost: see format_job. Caller frees. */
char *export_remarks(const struct gather *gather, const struct hostnames *hostnames, guint64 lost);

/* The details of the row, a JSON object. uses: or NULL. Caller frees. */
char *export_details(const struct gather *gather, const struct hostnames *hostnames,
                     const struct uses_report *uses, guint64 lost);

#endif
