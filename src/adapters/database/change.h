/* SPDX-License-Identifier: MIT
 *
 * One change of a registration: one transaction with its history row and its
 * notices. Floor: adapters.
 *
 *     change_begin()       locks the registration and reads it as it is now
 *     change_..._...()     any number of steps
 *     change_finish()      history, notices, COMMIT
 *
 * Who decides by change_registration() decides by what nobody else can change
 * until the end. A change that is not finished is rolled back with change_free().
 * No two at a time on one database. False and an error of database.h when the
 * database could not be asked; the change is then of no more use.
 */
#ifndef APPSMTP_CHANGE_H
#define APPSMTP_CHANGE_H

#include "adapters/database/registry.h"

struct change;

/*
 * Waits for others who change the same registration. *change is NULL when there is
 * none of that id. The actor must outlive the change.
 */
bool change_begin(struct database *database, const char *id, const struct actor *actor,
                  struct change **change, GError **error);
void change_free(struct change *change);
DEFINE_AUTO(change, change_free)

/* As it was when the lock was taken, whatever steps were made since. */
const struct registration *change_registration(const struct change *change);

/* A source with its id; that of one that this change has removed can be used again. */
bool change_add_source(struct change *change, const struct source *source, GError **error);
bool change_remove_source(struct change *change, const char *source_id, GError **error);

bool change_add_owner(struct change *change, const struct owner *owner, GError **error);

/* The owner that is written like that; all else about the row stays with change_rename_owner(). */
bool change_remove_owner(struct change *change, const char *written, GError **error);
bool change_rename_owner(struct change *change, const char *written, const char *login,
                         GError **error);

/* Name, type, note and locations become those of typed; nothing else of it is read. */
bool change_set_fields(struct change *change, const struct registration *typed, GError **error);

/* Its own rate, 1 to LIMIT_RECIPIENTS_PER_HOUR; 0: that of its type. */
bool change_set_rate(struct change *change, unsigned per_hour, GError **error);

/* Somebody said just now that the registration is still needed. */
bool change_confirm(struct change *change, GError **error);

/*
 * *taken: it was retired, and meanwhile another registration has its address; the
 * change is then of no more use. by_operator counts with REGISTRATION_SUSPENDED only.
 */
bool change_set_state(struct change *change, enum registration_state state, bool by_operator,
                      bool *taken, GError **error);

/* What the history and the notices say. */
struct change_words {
    const char *action; /* of the history row, as in "source removed" */
    const char *notice; /* kind of the notices to all owners, or NULL for none */
    const char *reason; /* or NULL */
    const struct owner *about; /* who was added or removed, or NULL; is told as well */
    const char *value;  /* what is in force now, for the notice, or NULL */
};

/*
 * Counts the version and ends the transaction. When the answer to COMMIT is lost, looks
 * whether the change is there; APPSMTP_ERROR_UNKNOWN_OUTCOME when that fails as well.
 */
bool change_finish(struct change *change, const struct change_words *words, GError **error);

#endif
