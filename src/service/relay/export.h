/* SPDX-License-Identifier: MIT
 *
 * One run of the export: from one view of the database to one verified generation
 * in force, or to nothing at all. Floor: service.
 */
#ifndef APPSMTP_EXPORT_H
#define APPSMTP_EXPORT_H

#include "adapters/database/exported.h"
#include "rules/decision.h"
#include "service/relay/format.h"
#include "service/relay/omissions.h"
#include "service/relay/plan.h"

/* Whom a run asks; the program hands in the database and DNS, a test what it likes. */
struct export_world {
    void *data;
    /* Several times, if names come while DNS is asked, with an end after each. */
    bool (*begin)(void *data, struct exported_view *view, GError **error);
    bool (*hostnames)(void *data, GPtrArray *names, GError **error); /* in a view and before it */
    bool (*each)(void *data, exported_row *row, void *row_data, GError **error);
    bool (*end)(void *data, GError **error);
    /* As exported_vanished(), after the reading has ended; or NULL: none of them is. */
    bool (*vanished)(void *data, const GPtrArray *addresses, GPtrArray *vanished, GError **error);
    /* As resolver_ask(): the caller owns the list alone. In no view, since it may take minutes. */
    GPtrArray *(*resolve)(void *data, const GPtrArray *names);
    bool (*record)(void *data, const struct exported_run *run, GError **error);
    void (*warn)(const char *text);   /* what is left out or lost, a line each; or NULL */
    void (*progress)(guint64 sources); /* called now and then while they are read; or NULL */
};

struct export_settings {
    const char *output;
    const char *uses;  /* folder of uses.h; read by runs that are recorded */
    const char *relay; /* under which name the run is recorded; NULL records nothing */
    const struct format *format;
    const char *postmap, *makemap; /* programs */
    unsigned program_seconds;     /* that each of them, and the next, may take */
    const char *reload; /* command for the target, or "" */
    const struct decision_policy *policy;
    const GPtrArray *rates; /* of struct pairs_rate */
    struct plan_guards guards;
    bool skip_unfit;   /* leave out what no map can hold, instead of stopping */
    const char *force; /* id of the plan that may be carried out whatever stops it, or NULL */
    unsigned grace_days;
    unsigned gone_hours; /* see hostnames_update() */
    gint64 now; /* seconds since 1970 */
};

struct export_result {
    bool published; /* a new generation is in force, whatever failed afterwards */
    guint64 generation;
    guint64 senders, sources, left_out;
    guint64 added, removed; /* registrations */
    guint64 lost;           /* registrations that lose something in this format */
    guint64 kept, without;  /* hostnames whose old addresses are used; that have none */
    char *remarks; /* one line: what was left out or kept, and why; or "" */
};

void export_result_clear(struct export_result *result);

/*
 * Runs. The same content again publishes nothing, unless the generation in force is
 * damaged, but is recorded. On failure what was in force stays, with one exception
 * that result->published tells: the target could not be told, or the run not be
 * recorded; the next run makes up for both. APPSMTP_ERROR_GUARD when a guard stops it.
 */
bool export_run(const struct export_settings *settings, const struct export_world *world,
                struct export_result *result, GError **error);

/* What a run would do at this time. */
struct export_plan {
    struct plan plan;
    char *stopped;        /* why a guard would stop that run, or NULL */
    GPtrArray *omissions; /* what it would leave out: omissions.h */
};

void export_plan_clear(struct export_plan *plan);

/*
 * Finds that out: show is told the lines of a diff. Writes nothing into the output folder.
 */
bool export_plan(const struct export_settings *settings, const struct export_world *world,
                 plan_show *show, void *data, struct export_plan *plan, GError **error);

/* Compares the generation in force with its manifest: APPSMTP_ERROR_GUARD when it differs or is none. */
bool export_verify(const char *output, GError **error);

#endif
