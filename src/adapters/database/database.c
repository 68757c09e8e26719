/* SPDX-License-Identifier: MIT
 *
 * libpq without its waiting: every call is the asynchronous one, and poll(2)
 * waits no longer than the deadline.
 */
#include "adapters/database/database.h"

#include "adapters/database/hosts.h"
#include "adapters/database/schema.h"
#include "base/error.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdarg.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGresult, PQclear)

/* Not kept by a session, which may be another one at the next statement: see database.h. */
#define SETTINGS                                                                             \
    "SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, MDY', true)," \
    " set_config('standard_conforming_strings', 'on', true),"                                \
    " set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true),"      \
    " set_config('idle_in_transaction_session_timeout', $3, true),"                          \
    " set_config('client_connection_check_interval', '2000', true)"
#define LOCK_MS "4000"
#define IDLE_MS "20000"

/* A lock is asked about so often, and ends so long after the last time. */
#define PATIENCE_MS 1000
/* Where there is time for more: a server that says nothing for so long says nothing any more. */
#define SILENCE_MS 60000
#define HOLD_SECONDS 5
#define HOLD_IDLE_MS "300000"

struct database {
    const struct database_settings *settings;
    const struct database_role *role;
    struct hosts *hosts;
    char *statement_ms; /* values of SETTINGS */
    const char *lock_ms, *idle_ms;
    PGconn *connection; /* NULL, or usable as far as we know; in pipeline mode */
    struct deadline deadline;
    database_patience *patience; /* or NULL: the deadline decides */
    void *patience_data;
    struct database *holder; /* whose transaction holds the lock of database_hold(), or NULL */
    gint64 held_at;          /* when that was last seen, monotonic */
    bool in_transaction;
    bool enclosed;   /* begin, commit and rollback do nothing */
    bool explaining; /* asks why another one was refused */
    char state[6];   /* SQLSTATE of the last refusal, or "" */
};

struct rows {
    PGresult *result;
};

const char database_end[] = "";

struct database *database_new(const struct database_settings *settings,
                              const struct database_role *role, unsigned statement_ms,
                              GError **error)
{
    struct hosts *hosts = hosts_new(settings, error);
    struct database *database;

    if (!hosts)
        return NULL;
    database = g_new0(struct database, 1);
    database->settings = settings;
    database->role = role;
    database->hosts = hosts;
    database->statement_ms = g_strdup_printf("%u", statement_ms);
    database->lock_ms = LOCK_MS;
    database->idle_ms = IDLE_MS;
    database->deadline = deadline_in(60000);
    return database;
}

struct database *database_another(const struct database *database)
{
    struct database *other = database_new(database->settings, database->role, 0, NULL);

    if (!other)
        g_error("the settings of the database were good a moment ago");
    other->deadline = database->deadline;
    return other;
}

static void disconnect(struct database *database)
{
    g_clear_pointer(&database->connection, PQfinish);
    database->in_transaction = false;
}

void database_free(struct database *database)
{
    if (!database)
        return;
    database_free(database->holder);
    disconnect(database);
    hosts_free(database->hosts);
    g_free(database->statement_ms);
    g_free(database);
}

void database_set_deadline(struct database *database, struct deadline deadline)
{
    database->deadline = deadline;
}

void database_be_patient(struct database *database, database_patience *patience, void *data)
{
    database->patience = patience;
    database->patience_data = data;
    database->lock_ms = patience ? "0" : LOCK_MS;
}

const char *database_state(const struct database *database)
{
    return database->state;
}

bool database_was_duplicate(const struct database *database)
{
    return g_str_equal(database->state, "23505");
}

/* ---- rows -------------------------------------------------------------------------------- */

static struct rows *rows_new(PGresult *result)
{
    struct rows *rows = g_new0(struct rows, 1);

    rows->result = result;
    return rows;
}

void rows_free(struct rows *rows)
{
    if (!rows)
        return;
    PQclear(rows->result);
    g_free(rows);
}

size_t rows_count(const struct rows *rows)
{
    return (size_t)PQntuples(rows->result);
}

static int column_number(const struct rows *rows, const char *column)
{
    int number = PQfnumber(rows->result, column);

    if (number < 0)
        g_error("the statement has no column \"%s\"", column);
    return number;
}

const char *rows_get(const struct rows *rows, size_t row, const char *column)
{
    return PQgetvalue(rows->result, (int)row, column_number(rows, column));
}

bool rows_is_null(const struct rows *rows, size_t row, const char *column)
{
    return PQgetisnull(rows->result, (int)row, column_number(rows, column));
}

gint64 rows_get_number(const struct rows *rows, size_t row, const char *column)
{
    return g_ascii_strtoll(rows_get(rows, row, column), NULL, 10);
}

bool rows_get_bool(const struct rows *rows, size_t row, const char *column)
{
    return rows_get(rows, row, column)[0] == 't';
}

/* ---- errors ------------------------------------------------------------------------------ */

/* libpq's messages have several lines: all of them are one sentence of ours. */
static bool fail_database(struct database *database, const char *reason, GError **error)
{
    g_autofree char *line = g_strdup(reason);

    g_strdelimit(g_strchomp(line), "\n", ' ');
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE, "could not ask the database: %s",
                line);
    disconnect(database);
    return false;
}

static bool fail_with_message(struct database *database, GError **error)
{
    const char *message = PQerrorMessage(database->connection);

    return fail_database(database, *message ? message : "the connection was lost", error);
}

static bool fail_late(struct database *database, GError **error)
{
    g_autofree char *reason =
        g_strdup_printf("the server at \"%s\", port %s gave no answer in time",
                        PQhost(database->connection), PQport(database->connection));

    return fail_database(database, reason, error);
}

/* Names that do not exist, or are not for us: is it the program for that schema? A migration
   is just about to make it so. */
static const char *explain_refusal(const struct database *database)
{
    auto_ptr(database) other = NULL;

    if (database->explaining || database->patience || !g_str_has_prefix(database->state, "42"))
        return NULL;
    other = database_another(database);
    other->explaining = true;
    return schema_misfit(other);
}

/* The server's refusal: the connection is good, the statement was not. */
static bool refuse_statement(struct database *database, const PGresult *result, GError **error)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *reason;

    if (!state || !message || PQstatus(database->connection) != CONNECTION_OK) {
        const char *words = PQresultErrorMessage(result);
        return fail_database(database, *words ? words : "the connection was lost", error);
    }
    g_strlcpy(database->state, state, sizeof database->state);
    reason = explain_refusal(database);
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE, "%s: %s (%s)",
                reason ? reason : "the database refused a statement", message, state);
    return false;
}

/* ---- connecting -------------------------------------------------------------------------- */

static bool connect_anew(struct database *database, GError **error)
{
    database->connection =
        hosts_connect(database->hosts, database->role, database->deadline, error);
    if (!database->connection)
        return false;
    if (!PQenterPipelineMode(database->connection))
        return fail_database(database, PQerrorMessage(database->connection), error);
    return true;
}

/* A server that went away while nobody asked shows as readable: a new connection then. */
static bool is_dead(PGconn *connection)
{
    struct pollfd one = {.fd = PQsocket(connection), .events = POLLIN};

    return PQstatus(connection) != CONNECTION_OK || poll(&one, 1, 0) != 0;
}

/* Asked now and then, so that its server sees that somebody holds it. Once lost it stays so. */
static bool still_held(struct database *database, GError **error)
{
    struct database *holder = database->holder;
    gint64 now = g_get_monotonic_time();

    if (holder->in_transaction && now - database->held_at < HOLD_SECONDS * G_USEC_PER_SEC)
        return true;
    database->held_at = now;
    holder->deadline = database->deadline;
    if (holder->in_transaction && database_run(holder, NULL, "SELECT", DATABASE_END))
        return true;
    return fail_database(database, "the lock that lets one run at a time was lost", error);
}

bool database_keep_hold(struct database *database, GError **error)
{
    return !database->holder || still_held(database, error);
}

static bool connected(struct database *database, GError **error)
{
    database->state[0] = '\0';
    if (database->holder && !still_held(database, error))
        return false;
    if (database->connection && !database->in_transaction && is_dead(database->connection))
        disconnect(database);
    if (database->connection)
        return true;
    if (database->in_transaction)
        return fail_database(database, "the connection was lost", error);
    return connect_anew(database, error);
}

/* ---- asking ------------------------------------------------------------------------------ */

/* 0 and the error when the time was up, also where more and more keeps coming. */
static short wait_for_server(struct database *database, short events, GError **error)
{
    int fd = PQsocket(database->connection);
    short seen = 0;

    if (!database->patience) {
        if (deadline_left(database->deadline) > 0)
            seen = deadline_poll(deadline_sooner(database->deadline, SILENCE_MS), fd, events);
        if (!seen)
            fail_late(database, error);
        return seen;
    }
    while (!(seen = deadline_poll(deadline_in(PATIENCE_MS), fd, events)))
        if (!database->patience(database->patience_data, error)) {
            disconnect(database);
            break;
        }
    return seen;
}

static bool flush(struct database *database, GError **error)
{
    for (;;) {
        int left = PQflush(database->connection);
        if (left == 0)
            return true;
        if (left < 0)
            return fail_with_message(database, error);
        short seen = wait_for_server(database, POLLIN | POLLOUT, error);
        if (!seen)
            return false;
        if (seen & POLLIN && !PQconsumeInput(database->connection))
            return fail_with_message(database, error);
    }
}

/* The next result; *result is NULL when there are no more. */
static bool next_result(struct database *database, PGresult **result, GError **error)
{
    while (PQisBusy(database->connection)) {
        if (!wait_for_server(database, POLLIN, error))
            return false;
        if (!PQconsumeInput(database->connection))
            return fail_with_message(database, error);
    }
    *result = PQgetResult(database->connection);
    return true;
}

static bool is_good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_SINGLE_TUPLE;
}

/* A better one than that: of a pipeline the last good one, or the first refusal. */
static void keep_better(PGresult **best, PGresult *result)
{
    if (*best && !is_good(*best)) {
        PQclear(result);
        return;
    }
    PQclear(*best);
    *best = result;
}

/* Reads the results of all statements up to the pipeline's end. */
static bool last_result(struct database *database, PGresult **kept, GError **error)
{
    g_autoptr(PGresult) best = NULL;
    PGresult *result;

    for (;;) {
        if (!next_result(database, &result, error))
            return false;
        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC)
            break;
        if (result)
            keep_better(&best, result);
        else if (PQstatus(database->connection) != CONNECTION_OK)
            break;
    }
    PQclear(result);
    if (best && !is_good(best))
        return refuse_statement(database, best, error);
    if (!best || PQstatus(database->connection) != CONNECTION_OK)
        return fail_with_message(database, error);
    *kept = g_steal_pointer(&best);
    return true;
}

static bool put_statement(struct database *database, const char *statement,
                          const GPtrArray *parameters)
{
    int count = parameters ? (int)parameters->len : 0;

    return PQsendQueryParams(database->connection, statement, count, NULL,
                             count ? (const char *const *)parameters->pdata : NULL, NULL, NULL, 0);
}

static bool put_settings(struct database *database)
{
    const char *const values[] = {database->statement_ms, database->lock_ms, database->idle_ms};

    return PQsendQueryParams(database->connection, SETTINGS, G_N_ELEMENTS(values), NULL, values,
                             NULL, NULL, 0);
}

static bool send_off(struct database *database, bool put_all, GError **error)
{
    if (!put_all || !PQpipelineSync(database->connection))
        return fail_with_message(database, error);
    return flush(database, error);
}

/* Outside a transaction both are one: what stands before a Sync is committed together. */
static bool post(struct database *database, const char *statement, const GPtrArray *parameters,
                 GError **error)
{
    return connected(database, error) &&
           send_off(database,
                    (database->in_transaction || put_settings(database)) &&
                        put_statement(database, statement, parameters),
                    error);
}

static bool begin_as(struct database *database, const char *statement, GError **error)
{
    g_autoptr(PGresult) result = NULL;

    database->in_transaction =
        connected(database, error) &&
        send_off(database, put_statement(database, statement, NULL) && put_settings(database),
                 error) &&
        last_result(database, &result, error);
    if (!database->in_transaction)
        disconnect(database);
    return database->in_transaction;
}

struct rows *database_query_list(struct database *database, const GPtrArray *parameters,
                                 const char *statement, GError **error)
{
    PGresult *result;

    if (!post(database, statement, parameters, error) || !last_result(database, &result, error))
        return NULL;
    return rows_new(result);
}

static GPtrArray *gather(va_list list)
{
    GPtrArray *parameters = g_ptr_array_new();
    const char *one;

    while ((one = va_arg(list, const char *)) != database_end)
        g_ptr_array_add(parameters, (char *)one);
    return parameters;
}

struct rows *database_query(struct database *database, GError **error, const char *statement, ...)
{
    g_autoptr(GPtrArray) parameters = NULL;
    va_list list;

    va_start(list, statement);
    parameters = gather(list);
    va_end(list);
    return database_query_list(database, parameters, statement, error);
}

bool database_run(struct database *database, GError **error, const char *statement, ...)
{
    g_autoptr(GPtrArray) parameters = NULL;
    auto_ptr(rows) rows = NULL;
    va_list list;

    va_start(list, statement);
    parameters = gather(list);
    va_end(list);
    rows = database_query_list(database, parameters, statement, error);
    return rows != NULL;
}

bool database_enclose(struct database *database, GError **error)
{
    database->enclosed = database_begin(database, error);
    return database->enclosed;
}

bool database_enclosed_end(struct database *database, bool keep, GError **error)
{
    database->enclosed = false;
    if (keep)
        return database_commit(database, error);
    database_rollback(database);
    return true;
}

bool database_begin(struct database *database, GError **error)
{
    if (database->enclosed)
        return true;
    return begin_as(database, "BEGIN", error);
}

bool database_begin_snapshot(struct database *database, GError **error)
{
    return begin_as(database, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", error);
}

/* Refused at COMMIT (a deferred constraint): rolled back. Lost: nobody knows. */
static bool end_commit(struct database *database, bool good, GError *reason, GError **error)
{
    database->in_transaction = false;
    if (good)
        return true;
    if (!database->connection)
        reason->code = APPSMTP_ERROR_UNKNOWN_OUTCOME;
    g_propagate_error(error, reason);
    return false;
}

bool database_commit_send(struct database *database, GError **error)
{
    bool had = database->connection != NULL;
    GError *reason = NULL;

    if (database->enclosed || post(database, "COMMIT", NULL, &reason))
        return true;
    if (had)
        return end_commit(database, false, reason, error);
    database->in_transaction = false;
    g_propagate_error(error, reason);
    return false;
}

bool database_commit_wait(struct database *database, GError **error)
{
    g_autoptr(PGresult) result = NULL;
    GError *reason = NULL;
    bool good;

    if (database->enclosed)
        return true;
    good = last_result(database, &result, &reason);
    return end_commit(database, good, reason, error);
}

bool database_commit(struct database *database, GError **error)
{
    return database_commit_send(database, error) && database_commit_wait(database, error);
}

void database_rollback(struct database *database)
{
    if (database->enclosed)
        return;
    if (database->connection && database->in_transaction)
        database_run(database, NULL, "ROLLBACK", DATABASE_END);
    database->in_transaction = false;
}

bool database_hold(struct database *database, const char *number, bool *alone, GError **error)
{
    auto_ptr(database) holder = database_another(database);
    auto_ptr(rows) rows = NULL;

    holder->idle_ms = HOLD_IDLE_MS;
    if (database_begin(holder, error))
        rows =
            database_query(holder, error, "SELECT pg_try_advisory_xact_lock($1::bigint) AS alone",
                           number, DATABASE_END);
    if (!rows)
        return false;
    *alone = rows_get_bool(rows, 0, "alone");
    if (*alone) {
        database->holder = g_steal_pointer(&holder);
        database->held_at = g_get_monotonic_time();
    }
    return true;
}

/* One row; *over after the last one. */
static bool next_row(struct database *database,
                     bool (*row)(const struct rows *rows, void *data, GError **error), void *data,
                     bool *over, GError **error)
{
    struct rows one = {0};
    g_autoptr(PGresult) result = NULL;

    if (!next_result(database, &one.result, error))
        return false;
    result = one.result;
    *over = !result || PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    if (*over)
        return PQstatus(database->connection) == CONNECTION_OK ||
               fail_with_message(database, error);
    if (!is_good(result))
        return refuse_statement(database, result, error);
    return rows_count(&one) == 0 || row(&one, data, error);
}

bool database_each(struct database *database, const char *statement,
                   bool (*row)(const struct rows *rows, void *data, GError **error), void *data,
                   GError **error)
{
    bool over = false;

    g_assert(database->in_transaction);
    if (!post(database, statement, NULL, error))
        return false;
    PQsetSingleRowMode(database->connection);
    /* The rows, then the end of the statement, then that of the pipeline. */
    for (int ends = 0; ends < 2; ends += over)
        if (!next_row(database, row, data, &over, error)) {
            /* The rest of the rows is not read: the connection is of no use any more. */
            disconnect(database);
            return false;
        }
    return true;
}

/* ---- scripts ----------------------------------------------------------------------------- */

static void note_place(const PGresult *refusal, struct script_place *place)
{
    const char *position = PQresultErrorField(refusal, PG_DIAG_STATEMENT_POSITION);

    place->position = position ? (unsigned)g_ascii_strtoull(position, NULL, 10) : 0;
}

/* The simple protocol has one result for each statement, and then none. */
static bool read_script(struct database *database, struct script_place *place, GError **error)
{
    for (;;) {
        g_autoptr(PGresult) result = NULL;
        if (!next_result(database, &result, error))
            return false;
        if (!result)
            return true;
        if (!is_good(result) && PQresultStatus(result) != PGRES_EMPTY_QUERY) {
            note_place(result, place);
            refuse_statement(database, result, error);
            return false;
        }
        place->done++;
    }
}

bool database_script(struct database *database, const char *script, struct script_place *place,
                     GError **error)
{
    bool good;

    *place = (struct script_place){0};
    g_assert(database->in_transaction);
    if (!connected(database, error))
        return false;
    if (!PQexitPipelineMode(database->connection) || !PQsendQuery(database->connection, script))
        return fail_with_message(database, error);
    good = flush(database, error) && read_script(database, place, error);
    /* After a refusal there is nothing left to be asked of it but the end. */
    if (!good || !PQenterPipelineMode(database->connection))
        disconnect(database);
    return good;
}
