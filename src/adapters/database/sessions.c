/* SPDX-License-Identifier: MIT
 *
 * The SQL of sessions, failed sign-ins and drafts.
 */
#include "adapters/database/sessions.h"

#include "base/limits.h"
#include "base/random.h"

#define DRAFTS_OF_ONE_ADDRESS "50"

void session_free(struct session *session)
{
    if (!session)
        return;
    g_free(session->login);
    g_free(session->name);
    g_free(session->csrf_token);
    g_free(session->hash);
    g_free(session);
}

static char *hash(const char *token)
{
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, token, -1);
}

/* What is over is swept away by whoever signs in next: no job of its own is needed. */
static bool sweep(struct database *database, GError **error)
{
    return database_run(database, error,
                        "DELETE FROM session WHERE used_at < now() - interval '2 days'"
                        " OR started_at < now() - interval '7 days'", DATABASE_END) &&
           database_run(database, error,
                        "DELETE FROM sign_in_failure WHERE at < now() - interval '1 day'",
                        DATABASE_END) &&
           database_run(database, error,
                        "DELETE FROM question_count WHERE minute < now() - interval '1 hour'",
                        DATABASE_END) &&
           database_run(database, error,
                        "DELETE FROM draft WHERE made_at < now() - interval '1 hour'",
                        DATABASE_END);
}

bool session_start(struct database *database, const char *login, const char *name,
                   const char *address, char **token, struct session **session, GError **error)
{
    g_autofree char *new_token = random_token();
    g_autofree char *new_csrf = random_token();
    g_autofree char *hashed = hash(new_token);

    if (!sweep(database, error) ||
        !database_run(database, error,
                      "INSERT INTO session (token_sha256, login, name, csrf_token, address)"
                      " VALUES (decode($1, 'hex'), $2, $3, $4, $5)",
                      hashed, login, name, new_csrf, address, DATABASE_END))
        return false;
    *session = g_new0(struct session, 1);
    (*session)->login = g_strdup(login);
    (*session)->name = g_strdup(name);
    (*session)->csrf_token = g_steal_pointer(&new_csrf);
    (*session)->hash = g_steal_pointer(&hashed);
    *token = g_steal_pointer(&new_token);
    return true;
}

bool session_find(struct database *database, const char *token,
                  const struct sign_in_settings *settings, struct session **session,
                  GError **error)
{
    g_autofree char *hashed = hash(token);
    g_autofree char *idle = g_strdup_printf("%u minutes", settings->idle_minutes);
    g_autofree char *absolute = g_strdup_printf("%u hours", settings->absolute_hours);
    auto_ptr(rows) rows = database_query(
        database, error,
        "UPDATE session SET used_at = now() WHERE token_sha256 = decode($1, 'hex')"
        " AND used_at > now() - $2::interval AND started_at > now() - $3::interval"
        " RETURNING login, name, csrf_token",
        hashed, idle, absolute, DATABASE_END);

    if (!rows)
        return false;
    *session = NULL;
    if (rows_count(rows) == 0)
        return true;
    *session = g_new0(struct session, 1);
    (*session)->login = g_strdup(rows_get(rows, 0, "login"));
    (*session)->name = g_strdup(rows_get(rows, 0, "name"));
    (*session)->csrf_token = g_strdup(rows_get(rows, 0, "csrf_token"));
    (*session)->hash = g_steal_pointer(&hashed);
    return true;
}

bool session_end(struct database *database, const char *token, GError **error)
{
    g_autofree char *hashed = hash(token);

    return database_run(database, error,
                        "DELETE FROM session WHERE token_sha256 = decode($1, 'hex')", hashed,
                        DATABASE_END);
}

/* ---- failed sign-ins ------------------------------------------------------------------- */

bool attempt_take_back(struct database *database, gint64 attempt, GError **error)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, attempt);

    return database_run(database, error, "DELETE FROM sign_in_failure WHERE id = $1", id,
                        DATABASE_END);
}

bool attempt_count(struct database *database, const char *login, const char *address,
                   const struct sign_in_settings *settings, gint64 *attempt, bool *throttled,
                   GError **error)
{
    g_autofree char *window = g_strdup_printf("%u minutes", settings->failure_minutes);
    auto_ptr(rows) added = NULL;
    auto_ptr(rows) counted = NULL;

    /* Counted first, so that attempts at the same moment see each other. */
    added = database_query(database, error,
                           "INSERT INTO sign_in_failure (login, address) VALUES ($1, $2)"
                           " RETURNING id", login, address, DATABASE_END);
    if (!added)
        return false;
    counted = database_query(database, error,
                             "SELECT greatest(count(*) FILTER (WHERE login = $1),"
                             " count(*) FILTER (WHERE address = $2)) AS failures"
                             " FROM sign_in_failure WHERE at > now() - $3::interval"
                             " AND (login = $1 OR address = $2)",
                             login, address, window, DATABASE_END);
    if (!counted)
        return false;
    *attempt = rows_get_number(added, 0, "id");
    *throttled = rows_get_number(counted, 0, "failures") > settings->failures;
    return !*throttled || attempt_take_back(database, *attempt, error);
}

/* ---- questions ------------------------------------------------------------------------- */

bool question_count(struct database *database, const char *who, unsigned most, bool *many,
                    GError **error)
{
    g_autofree char *window = g_strdup_printf("%u minutes", LIMIT_QUESTION_MINUTES);
    auto_ptr(rows) counted = NULL;

    if (!database_run(database, error,
                      "INSERT INTO question_count AS c (who, minute, count)"
                      " VALUES ($1, date_trunc('minute', now()), 1)"
                      " ON CONFLICT (who, minute) DO UPDATE SET count = c.count + 1",
                      who, DATABASE_END))
        return false;
    counted = database_query(database, error,
                             "SELECT coalesce(sum(count), 0) AS questions FROM question_count"
                             " WHERE who = $1 AND minute > now() - $2::interval",
                             who, window, DATABASE_END);
    if (!counted)
        return false;
    *many = rows_get_number(counted, 0, "questions") > most;
    return true;
}

/* ---- drafts ---------------------------------------------------------------------------- */

bool draft_keep(struct database *database, const char *path, const char *fields,
                const char *address, char **token, bool *full, GError **error)
{
    g_autofree char *new_token = random_token();
    g_autofree char *hashed = hash(new_token);
    auto_ptr(rows) rows = database_query(
        database, error,
        "INSERT INTO draft (token_sha256, path, fields, address)"
        " SELECT decode($1, 'hex'), $2, $3::jsonb, $4::inet WHERE"
        " (SELECT count(*) FROM draft WHERE address = $4::inet"
        "  AND made_at > now() - interval '1 hour') < " DRAFTS_OF_ONE_ADDRESS " RETURNING path",
        hashed, path, fields, address, DATABASE_END);

    if (!rows)
        return false;
    *full = rows_count(rows) == 0;
    *token = g_steal_pointer(&new_token);
    return true;
}

bool draft_find(struct database *database, const char *token, const char *path, char **fields,
                GError **error)
{
    g_autofree char *hashed = hash(token);
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT fields FROM draft WHERE token_sha256 = decode($1, 'hex') AND path = $2"
        " AND made_at > now() - interval '1 hour'",
        hashed, path, DATABASE_END);

    if (!rows)
        return false;
    *fields = rows_count(rows) ? g_strdup(rows_get(rows, 0, "fields")) : NULL;
    return true;
}

bool draft_drop(struct database *database, const char *token, GError **error)
{
    g_autofree char *hashed = hash(token);

    return database_run(database, error, "DELETE FROM draft WHERE token_sha256 = decode($1, 'hex')",
                        hashed, DATABASE_END);
}
