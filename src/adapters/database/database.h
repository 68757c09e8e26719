/* SPDX-License-Identifier: MIT
 *
 * One connection to PostgreSQL with a deadline on everything. Floor: adapters.
 * Hides libpq from all but the SQL files of this folder, which see results
 * through the functions below.
 *
 * Statements are literal texts with $1 ... parameters; nothing is ever built
 * into them. A lost connection is made anew at the next call outside a
 * transaction.
 */
#ifndef APPSMTP_DATABASE_H
#define APPSMTP_DATABASE_H

#include "adapters/config/config.h"
#include "base/cleanup.h"
#include "base/deadline.h"

#include <stdbool.h>

struct database;

/*
 * Connects to nobody yet. The settings must outlive the result. statement_ms: after
 * so long the server gives a statement up; 0 is never, and only the deadline holds.
 */
struct database *database_new(const struct database_settings *settings,
                              const struct database_role *role, unsigned statement_ms);
void database_free(struct database *database);
DEFINE_AUTO(database, database_free)

/* The deadline of all that follows, until the next call of this. */
void database_set_deadline(struct database *database, struct deadline deadline);

/* The rows of one answer; every value is text, as PostgreSQL writes it. */
struct rows;

void rows_free(struct rows *rows);
DEFINE_AUTO(rows, rows_free)
size_t rows_count(const struct rows *rows);

/* A value by the column's name, which has to exist; "" for NULL. Owned by rows. */
const char *rows_get(const struct rows *rows, size_t row, const char *column);
bool rows_is_null(const struct rows *rows, size_t row, const char *column);
gint64 rows_get_number(const struct rows *rows, size_t row, const char *column);
bool rows_get_bool(const struct rows *rows, size_t row, const char *column);

/*
 * Runs one statement. The arguments after it are its parameters as text (NULL is
 * SQL's NULL), as many as it has, ended by DATABASE_END. NULL and
 * APPSMTP_ERROR_DATABASE when it could not be run, the deadline passed or the
 * server refused it. Caller frees.
 */
extern const char database_end[];
#define DATABASE_END database_end
struct rows *database_query(struct database *database, GError **error, const char *statement, ...);

/* The same, for a statement whose rows nobody reads. */
bool database_run(struct database *database, GError **error, const char *statement, ...);

/* The same with the parameters in a list of char * (NULL allowed). */
struct rows *database_query_list(struct database *database, const GPtrArray *parameters,
                                 const char *statement, GError **error);

/* Whether the last refusal of the server was by a unique index (SQLSTATE 23505). */
bool database_was_duplicate(const struct database *database);

/*
 * One transaction. begin and rollback are plain statements; commit has a third
 * outcome: APPSMTP_ERROR_UNKNOWN_OUTCOME when the connection was lost before the
 * answer came, so that the caller may look whether the change is there.
 */
bool database_begin(struct database *database, GError **error);
bool database_begin_snapshot(struct database *database, GError **error); /* REPEATABLE READ, READ ONLY */
bool database_commit(struct database *database, GError **error);
void database_rollback(struct database *database);

/*
 * database_commit() in two halves, for what is to happen at the moment of the COMMIT:
 * the first one has given it to the system and does not wait, so that a program that is
 * killed right after it has committed all the same. Nothing is asked in between.
 */
bool database_commit_send(struct database *database, GError **error);
bool database_commit_wait(struct database *database, GError **error);

/*
 * Puts all transactions from here to the end into one: their begin and commit do
 * nothing, and what one of them wants to roll back takes all of it along: the caller has
 * to end with keep false then. *_end commits, or rolls back where keep is false.
 */
bool database_enclose(struct database *database, GError **error);
bool database_enclosed_end(struct database *database, bool keep, GError **error);

/*
 * Runs a statement and calls row() for each of its rows as it comes, in constant
 * memory; row() may stop it by returning false with the error set.
 */
bool database_each(struct database *database, const char *statement,
                   bool (*row)(const struct rows *rows, void *data, GError **error), void *data,
                   GError **error);

/* Runs a whole script of the schema folder (several statements, no parameters). */
bool database_script(struct database *database, const char *script, GError **error);

#endif
