/* SPDX-License-Identifier: MIT
 *
 * The formats of the export: what each writes into a generation beside "pairs" and
 * the snapshot. Floor: service.
 *
 * Each derives its files from pairs alone. What a target cannot express is left out,
 * never widened, and told for each registration that loses something.
 */
#ifndef APPSMTP_FORMAT_H
#define APPSMTP_FORMAT_H

#include "adapters/snapshot/snapshot.h"

/* What a format works on. */
struct format_job {
    const char *folder; /* the generation in the making: pairs and snapshot are there */
    const char *output; /* the export's folder, for what lasts from run to run */
    const struct snapshot *snapshot;
    const char *postmap, *makemap; /* programs */
    unsigned program_seconds;      /* that each of them may take */
    gint64 now;                    /* seconds since 1970 */
    void (*warn)(const char *text); /* what gets lost, a line a registration; may be NULL */
    guint64 lost;                   /* counted by format_warn() */
};

struct format {
    const char *name;
    /* Writes the files and reads them back as the target would. */
    bool (*write)(struct format_job *job, GError **error);
};

/* The format of that name, or NULL. */
const struct format *format_find(const char *name);

/* All names, separated by blanks. Caller frees. */
char *format_names(void);

/* Counts a registration that loses something and tells it. */
void format_warn(struct format_job *job, const char *sender, const char *what);

#endif
