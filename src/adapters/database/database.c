/* SPDX-License-Identifier: MIT
 *
 * libpq without its waiting: every call is the asynchronous one, and poll(2)
 * waits no longer than the deadline.
 */
#include "adapters/database/database.h"

#include "base/error.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdarg.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGresult, PQclear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PQconninfoOption, PQconninfoFree)

#define CONNECT_MS 3000

struct database {
    const struct database_settings *settings;
    const struct database_role *role;
    unsigned statement_ms;
    PGconn *connection; /* NULL, or usable as far as we know */
    struct deadline deadline;
    bool in_transaction;
    bool enclosed; /* begin, commit and rollback do nothing */
    bool duplicate; /* the last refusal was by a unique index */
};

struct rows {
    PGresult *result;
};

const char database_end[] = "";

struct database *database_new(const struct database_settings *settings,
                              const struct database_role *role, unsigned statement_ms)
{
    struct database *database = g_new0(struct database, 1);

    database->settings = settings;
    database->role = role;
    database->statement_ms = statement_ms;
    database->deadline = deadline_in(60000);
    return database;
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
    disconnect(database);
    g_free(database);
}

void database_set_deadline(struct database *database, struct deadline deadline)
{
    database->deadline = deadline;
}

bool database_was_duplicate(const struct database *database)
{
    return database->duplicate;
}

/* ---- rows ---------------------------------------------------------------------------- */

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

/* ---- errors -------------------------------------------------------------------------- */

/* libpq's messages have several lines and a prefix of their own: the first line says it. */
static bool fail(struct database *database, const char *reason, GError **error)
{
    g_autofree char *line = g_strdup(reason && *reason ? reason : "no answer in time");

    g_strdelimit(g_strchomp(line), "\n", ' ');
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE, "could not ask the database: %s",
                line);
    disconnect(database);
    return false;
}

/* The server's refusal: the connection is good, the statement was not. */
static bool refuse(struct database *database, const PGresult *result, GError **error)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (!state || !message || PQstatus(database->connection) != CONNECTION_OK)
        return fail(database, PQresultErrorMessage(result), error);
    database->duplicate = g_str_equal(state, "23505");
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE,
                "the database refused a statement: %s (%s)", message, state);
    return false;
}

/* ---- connecting ------------------------------------------------------------------------ */

static void quiet(void *data G_GNUC_UNUSED, const PGresult *result G_GNUC_UNUSED)
{
}

/* The configured keywords, then what we add to them; NULL when they cannot be parsed. */
static PQconninfoOption *parse_settings(const struct database_settings *settings, GError **error)
{
    char *reason = NULL;
    PQconninfoOption *options = PQconninfoParse(settings->connection, &reason);

    if (!options) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "<database connection=...>: %s", reason ? g_strchomp(reason) : "no memory");
        PQfreemem(reason);
    }
    return options;
}

static PGconn *start(const struct database *database, const PQconninfoOption *options,
                     const char *password)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autoptr(GPtrArray) values = g_ptr_array_new();
    g_autofree char *session = g_strdup_printf(
        "-c statement_timeout=%u -c lock_timeout=4000 -c idle_in_transaction_session_timeout=20000 "
        "-c timezone=UTC -c datestyle=ISO", database->statement_ms);
    const char *const ours[][2] = {
        {"user", database->role->user},
        {"password", password},
        {"fallback_application_name", g_get_prgname()},
        {"options", session},
        {"tcp_user_timeout", "8000"},
        {"client_encoding", "UTF8"},
    };

    for (const PQconninfoOption *option = options; option->keyword; option++) {
        if (!option->val)
            continue;
        g_ptr_array_add(words, option->keyword);
        g_ptr_array_add(values, option->val);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(ours); i++) {
        g_ptr_array_add(words, (char *)ours[i][0]);
        g_ptr_array_add(values, (char *)ours[i][1]);
    }
    g_ptr_array_add(words, NULL);
    g_ptr_array_add(values, NULL);
    return PQconnectStartParams((const char *const *)words->pdata,
                                (const char *const *)values->pdata, 0);
}

static bool finish_connecting(struct database *database, struct deadline deadline, GError **error)
{
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;

    while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
        short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!deadline_poll(deadline, PQsocket(database->connection), events))
            return fail(database, NULL, error);
        status = PQconnectPoll(database->connection);
    }
    if (status != PGRES_POLLING_OK)
        return fail(database, PQerrorMessage(database->connection), error);
    PQsetnonblocking(database->connection, 1);
    PQsetNoticeReceiver(database->connection, quiet, NULL);
    return true;
}

static bool connect_anew(struct database *database, GError **error)
{
    g_autoptr(PQconninfoOption) options = parse_settings(database->settings, error);
    g_autofree char *password = NULL;

    if (!options)
        return false;
    if (*database->role->password_file) {
        password = config_secret(database->role->password_file, error);
        if (!password)
            return false;
    }
    database->connection = start(database, options, password);
    if (PQstatus(database->connection) == CONNECTION_BAD)
        return fail(database, PQerrorMessage(database->connection), error);
    return finish_connecting(database, deadline_sooner(database->deadline, CONNECT_MS), error);
}

/* A server that went away while nobody asked shows as readable: a new connection then. */
static bool is_dead(PGconn *connection)
{
    struct pollfd one = {.fd = PQsocket(connection), .events = POLLIN};

    return PQstatus(connection) != CONNECTION_OK || poll(&one, 1, 0) != 0;
}

static bool connected(struct database *database, GError **error)
{
    database->duplicate = false;
    if (database->connection && !database->in_transaction && is_dead(database->connection))
        disconnect(database);
    if (database->connection)
        return true;
    if (database->in_transaction)
        return fail(database, "the connection was lost", error);
    return connect_anew(database, error);
}

/* ---- asking -------------------------------------------------------------------------- */

static bool flush(struct database *database, GError **error)
{
    for (;;) {
        int left = PQflush(database->connection);
        if (left == 0)
            return true;
        if (left < 0)
            return fail(database, PQerrorMessage(database->connection), error);
        short seen = deadline_poll(database->deadline, PQsocket(database->connection),
                                   POLLIN | POLLOUT);
        if (!seen)
            return fail(database, NULL, error);
        if (seen & POLLIN && !PQconsumeInput(database->connection))
            return fail(database, PQerrorMessage(database->connection), error);
    }
}

/* The next result; *result is NULL when there are no more. */
static bool next_result(struct database *database, PGresult **result, GError **error)
{
    while (PQisBusy(database->connection)) {
        if (!deadline_poll(database->deadline, PQsocket(database->connection), POLLIN))
            return fail(database, NULL, error);
        if (!PQconsumeInput(database->connection))
            return fail(database, PQerrorMessage(database->connection), error);
    }
    *result = PQgetResult(database->connection);
    return true;
}

static bool is_good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
           status == PGRES_SINGLE_TUPLE;
}

/* Reads all results; keeps the last good one, or the first refusal. */
static bool last_result(struct database *database, PGresult **kept, GError **error)
{
    g_autoptr(PGresult) best = NULL;
    PGresult *result;

    for (;;) {
        if (!next_result(database, &result, error))
            return false;
        if (!result)
            break;
        if (best && !is_good(best)) {
            PQclear(result);
        } else {
            g_clear_pointer(&best, PQclear);
            best = result;
        }
    }
    if (!best)
        return fail(database, PQerrorMessage(database->connection), error);
    if (!is_good(best))
        return refuse(database, best, error);
    *kept = g_steal_pointer(&best);
    return true;
}

static bool post(struct database *database, const char *statement, const GPtrArray *parameters,
                 GError **error)
{
    int count = parameters ? (int)parameters->len : 0;

    if (!connected(database, error))
        return false;
    if (!PQsendQueryParams(database->connection, statement, count, NULL,
                           count ? (const char *const *)parameters->pdata : NULL, NULL, NULL, 0))
        return fail(database, PQerrorMessage(database->connection), error);
    return flush(database, error);
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
    database->in_transaction = database_run(database, error, "BEGIN", DATABASE_END);
    return database->in_transaction;
}

bool database_begin_snapshot(struct database *database, GError **error)
{
    database->in_transaction = database_run(
        database, error, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", DATABASE_END);
    return database->in_transaction;
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

    if (database->enclosed)
        return true;
    return end_commit(database, last_result(database, &result, &reason), reason, error);
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

bool database_each(struct database *database, const char *statement,
                   bool (*row)(const struct rows *rows, void *data, GError **error), void *data,
                   GError **error)
{
    if (!post(database, statement, NULL, error))
        return false;
    PQsetSingleRowMode(database->connection);
    for (;;) {
        struct rows one = {0};
        g_autoptr(PGresult) result = NULL;
        if (!next_result(database, &one.result, error))
            return false;
        result = one.result;
        if (!result)
            return true;
        if (!is_good(result)) {
            refuse(database, result, error);
            disconnect(database);
            return false;
        }
        if (rows_count(&one) > 0 && !row(&one, data, error)) {
            /* The rest of the rows is not read: the connection is of no use any more. */
            disconnect(database);
            return false;
        }
    }
}

bool database_script(struct database *database, const char *script, GError **error)
{
    g_autoptr(PGresult) result = NULL;

    if (!connected(database, error))
        return false;
    if (!PQsendQuery(database->connection, script))
        return fail(database, PQerrorMessage(database->connection), error);
    return flush(database, error) && last_result(database, &result, error);
}
