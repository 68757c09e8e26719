/* SPDX-License-Identifier: MIT
 *
 * What an export leaves out, by name and reason. Floor: service.
 *
 * A list of it belongs to each generation, as the file "left-out", sorted as the database
 * gives the sources:
 *     # appsmtp left-out 1
 *     app@example.edu<TAB>network<TAB>10.1.2.0/24<TAB>outside<TAB>campus<TAB>id of the source
 *     # end SHA-256
 * What it says of reasons is rules/left-out.h's.
 */
#ifndef APPSMTP_OMISSIONS_H
#define APPSMTP_OMISSIONS_H

#include "adapters/database/exported.h"
#include "rules/left-out.h"

#define OMISSIONS_FILE "left-out"

struct omission {
    char *sender, *kind;
    char *value; /* a network, hostname, or the SHA-256 of a certificate */
    enum left_out reason;
    char *detail; /* or "" */
    char *source; /* id, or "" */
    bool known;   /* the generation before left it out, too */
};

/* Of struct omission. Caller unrefs. */
GPtrArray *omissions_new(void);

/* What a file, a log or JSON could not hold of the texts becomes "?". */
void omissions_add(GPtrArray *list, const struct exported_source *source, enum left_out reason,
                   const char *detail);

/* How many sources are left out whole. */
guint64 omissions_count(const GPtrArray *list);

/* ---- the file of a generation ---- */

bool omissions_write(const char *folder, const GPtrArray *list, GError **error);

/* NULL when the folder has no such file, or a damaged one. Caller unrefs. */
GPtrArray *omissions_read(const char *folder);

/*
 * SHA-256 of what is left out and why, without details: addresses in them may be others
 * at each look. "" of nothing at all. Caller frees.
 */
char *omissions_digest(const GPtrArray *list);

/* Notes which of them the other list has, too, for the same reason. before may be NULL. */
void omissions_compare(GPtrArray *list, const GPtrArray *before);

/*
 * Set of "sender<TAB>kind<TAB>value": sources that are left out whole for a reason that is
 * not expected, so that a guard asks a person first. Caller unrefs.
 */
GHashTable *omissions_unasked(const GPtrArray *list);

/* ---- telling ---- */

/* "app@example.edu: 10.1.2.0/24 is outside its locations (campus)". Caller frees. */
char *omission_sentence(const struct omission *omission);

/* Calls show() for each, those first that are not known yet. */
void omissions_each(const GPtrArray *list, void (*show)(const struct omission *one, void *data),
                    void *data);

/* The array of objects that the database is told. Caller frees. */
char *omissions_json(const GPtrArray *list);

#endif
