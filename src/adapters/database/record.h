/* SPDX-License-Identifier: MIT
 *
 * The rows that registry.c and change.c write alike. Floor: adapters; for this
 * folder only. All but the first run inside the caller's transaction; false and an error of
 * database.h when one could not be written.
 */
#ifndef APPSMTP_RECORD_H
#define APPSMTP_RECORD_H

#include "adapters/database/registry.h"

/* Begins the transaction of a change, in the name of the actor. */
bool record_begin(struct database *database, const struct actor *actor, GError **error);

bool record_owner(struct database *database, const char *id, const struct owner *owner,
                  const struct actor *actor, GError **error);

/* The owners of registration r as one text, and read from it: of struct owner. */
#define RECORD_OWNERS                                                                           \
    " (SELECT string_agg(o.written || E'\\x1f' || coalesce(o.person_id, ''), E'\\n'"            \
    "  ORDER BY o.kind DESC, o.login)"                                                          \
    "  FROM registration_owner o WHERE o.registration_id = r.id)"
void record_read_owners(const char *text, GPtrArray *owners);

bool record_location(struct database *database, const char *id, const char *location,
                     GError **error);
bool record_source(struct database *database, const char *id, const struct source *source,
                   const struct actor *actor, GError **error);

/* What the history and the owners are told of one change. */
struct record {
    const char *id; /* of the registration */
    const struct actor *actor;
    const char *action; /* "created", "source removed" ... */
    const char *before; /* JSON, or NULL */
    const char *reason; /* or "" */
    const char *notice; /* its kind, or NULL: nobody is told */
    const struct owner *about; /* whom the change is about, and who is told as well; or NULL */
    const char *value;  /* what is in force now, or NULL */
};

/* The registration as the history keeps it, JSON text; caller frees. NULL and the error. */
char *record_as_json(struct database *database, const char *id, GError **error);

/*
 * Writes the history row of a change that is made, and for each owner a notice, whose
 * details are {"history", "by", "action", "reason", "about", "value"}. *history: the row's id.
 */
bool record_change(struct database *database, const struct record *record, gint64 *history,
                   GError **error);

/* Texts as lines of one, for a parameter that the statement takes apart. Caller frees. */
char *record_lines(const GPtrArray *texts);

#endif
