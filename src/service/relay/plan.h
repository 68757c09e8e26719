/* SPDX-License-Identifier: MIT
 *
 * What a new generation would change: two files "pairs" compared line by line in
 * constant memory. Floor: service.
 */
#ifndef APPSMTP_PLAN_H
#define APPSMTP_PLAN_H

#include <glib.h>
#include <stdbool.h>

#define PLAN_ID 16
#define PLAN_FEW 10 /* with fewer registrations before, each that goes is looked at by itself */

struct plan {
    guint64 before, after;               /* registrations */
    guint64 added, removed;              /* of them; one that loses all its sources is removed */
    guint64 lines_added, lines_removed;  /* of pairs */
    char id[PLAN_ID + 1];                /* the same change has the same id */
    /* Of those that are removed, the first PLAN_FEW senders (of char *): */
    GPtrArray *unasked; /* whose sources are left out though nobody has changed the registration */
    GPtrArray *gone;    /* whose registration does not come any more; only the database knows why */
};

/* One that is all zero holds nothing, too. */
void plan_clear(struct plan *plan);

/* The folders of two generations. */
struct plan_sides {
    const char *old; /* or NULL when there is none */
    const char *fresh;
    GHashTable *left_out; /* by the new one: omissions_unasked(); or NULL */
};

/* Told each line of a unified diff without context, its newline left away. */
typedef void plan_show(const char *line, void *data);

/*
 * Compares them. show: NULL to only count. Serial, time and transaction are no change.
 * What *plan held before is released. APPSMTP_ERROR_GUARD when one has no whole "pairs".
 */
bool plan_make(const struct plan_sides *sides, plan_show *show, void *data, struct plan *plan,
               GError **error);

/*
 * Senders (char *, sorted, at most that many) that have a source in the new generation
 * which the old one lacks. NULL with plan_make()'s error. Caller unrefs.
 */
GPtrArray *plan_gaining(const char *old, const char *fresh, unsigned most, GError **error);

struct plan_guards {
    unsigned most_removed; /* percent of the registrations that may go, where there were ten */
    unsigned most_added;   /* percent that may come, where there were a hundred */
};

/*
 * Why a person has to look at it first, or NULL when it may go on. Where there were PLAN_FEW,
 * a share decides; where there were fewer, one that goes without anybody having asked for it:
 * in unasked, to which the caller has added what it knows of those that are gone. Neither
 * where all may be removed. Caller frees.
 */
char *plan_stopped(const struct plan *plan, const struct plan_guards *guards);

#endif
