/* SPDX-License-Identifier: MIT
 *
 * From the database's sources to the lines of "pairs": what counts at this time,
 * and what is left out, and why. Floor: service.
 */
#ifndef APPSMTP_GATHER_H
#define APPSMTP_GATHER_H

#include "adapters/database/exported.h"
#include "service/relay/hostnames.h"
#include "service/relay/omissions.h"
#include "service/relay/pairs.h"
#include "service/relay/uses-report.h"

struct gather {
    /* Set by the caller. */
    const GPtrArray *locations; /* every configured one */
    const struct hostnames *hostnames;
    gint64 oldest_end; /* a certificate that ended before (seconds since 1970) does not count */
    struct pairs_writer *writer;
    struct uses_report *uses;       /* is told each source that counts; or NULL */
    guint64 suspended;              /* registrations that never came here; for the report */
    GPtrArray *omissions;           /* is told each source that does not count (omissions.h) */
    bool skip_unfit;                /* leave out what no map can hold, instead of stopping */
    /* What came of it. */
    guint64 senders, sources;          /* sources: those that count */
    guint64 left_out[LEFT_OUT_REASONS]; /* how many for each reason */
    /* Private: the registration whose sources come just now. */
    char *sender, *type;
    unsigned per_hour;
    GPtrArray *lines;
};

/*
 * An exported_row; data is a struct gather. What no map can hold is
 * APPSMTP_ERROR_GUARD, or left out.
 */
bool gather_row(const struct exported_source *source, void *data, GError **error);

/* Writes the last registration and frees what is private. */
bool gather_finish(struct gather *gather, GError **error);

/* Sources that came and do not count. */
guint64 gather_left_out(const struct gather *gather);
void gather_clear(struct gather *gather);

#endif
