/* SPDX-License-Identifier: MIT
 *
 * One connection to PostgreSQL with a deadline on everything. Floor: adapters.
 * Hides libpq from all but the SQL files of this folder, which see results
 * through the functions below.
 *
 * Statements are literal texts with $1 ... parameters; nothing is ever built
 * into them. A lost connection is made anew at the next call outside a
 * transaction, to any of the configured hosts (hosts.h).
 *
 * No session keeps anything of ours, so that a pooler such as pgbouncer may give each
 * transaction another one: no prepared statement has a name, no lock outlasts its
 * transaction, and what we want set - times in UTC, how long a statement and a lock may
 * take - is set for one transaction, in the same round trip as its BEGIN or its only
 * statement.
 * Startup options would be refused by a pooler, a SET would stay with somebody else's
 * session, and ALTER ROLE is for the administrator, whom init need not be. Whatever
 * zone a server, a database or a role has by itself, times are read and written in UTC.
 *
 * A statement whose caller has gone is ended by the server itself within seconds
 * (client_connection_check_interval): no cancel request has to be sent, and waited for.
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
 * NULL and APPSMTP_ERROR_CONFIGURATION when the settings cannot be: see hosts_new().
 */
struct database *database_new(const struct database_settings *settings,
                              const struct database_role *role, unsigned statement_ms,
                              GError **error);

/* Another one with the same settings, role and deadline, without a limit for statements. */
struct database *database_another(const struct database *database);
void database_free(struct database *database);
DEFINE_AUTO(database, database_free)

/*
 * The deadline of all that follows, until the next call of this. Where it is far away, a server
 * that says nothing for a minute is given up before it.
 */
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

/*
 * Instead of the deadline, from here on: called each second that an answer takes, until it
 * returns false with the error set. Locks are waited for without a limit then. NULL: the
 * deadline again. For what may take hours and tells of it.
 */
typedef bool database_patience(void *data, GError **error);
void database_be_patient(struct database *database, database_patience *patience, void *data);

/* SQLSTATE of the refusal that the last statement met; "" when it met none. */
const char *database_state(const struct database *database);

/* Whether that was by a unique index (23505). */
bool database_was_duplicate(const struct database *database);

/*
 * One transaction. begin and rollback are plain statements; commit has a third
 * outcome: APPSMTP_ERROR_UNKNOWN_OUTCOME when the connection was lost before the
 * answer came, so that the caller may look whether the change is there.
 */
bool database_begin(struct database *database, GError **error);
/* REPEATABLE READ, READ ONLY */
bool database_begin_snapshot(struct database *database, GError **error);
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
 * Takes the lock of that number for as long as the database lives; *alone is false when
 * somebody else has it. It is a transaction's, on a connection of its own that is asked
 * about it between statements: whoever is killed loses it at once, a machine that vanishes
 * within 5 minutes. Once it is lost each statement fails, with that reason.
 */
bool database_hold(struct database *database, const char *number, bool *alone, GError **error);

/*
 * For whoever holds that lock and asks others than the database for long: to be called every
 * minute or more often, within the deadline. False with the reason when the lock is lost.
 */
bool database_keep_hold(struct database *database, GError **error);

/*
 * Runs a statement inside a transaction and calls row() for each of its rows as it comes, in
 * constant memory; row() may stop it by returning false with the error set.
 */
bool database_each(struct database *database, const char *statement,
                   bool (*row)(const struct rows *rows, void *data, GError **error), void *data,
                   GError **error);

/* How far a script came: statements that were done, and where the refusal points to. */
struct script_place {
    unsigned done;
    unsigned position; /* in characters from 1; 0 when it points nowhere */
};

/*
 * Runs a whole script of the schema folder (several statements, no parameters), inside a
 * transaction. Refused: the connection is closed, and the transaction with it.
 */
bool database_script(struct database *database, const char *script, struct script_place *place,
                     GError **error);

#endif
