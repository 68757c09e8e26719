/* SPDX-License-Identifier: MIT
 *
 * The SQL of failed sign-ins and of questions.
 */
#include "adapters/database/attempts.h"

#include "base/limits.h"

/* ---- sign-ins ---------------------------------------------------------------------------- */

static bool add_attempt(struct database *database, const struct attempt_by *by,
                        struct attempt *attempt, bool *known, GError **error)
{
    g_autofree char *hashed = g_compute_checksum_for_string(
        G_CHECKSUM_SHA256, by->device ? by->device : "", -1);
    auto_ptr(rows) rows = database_query(
        database, error,
        "INSERT INTO sign_in_failure (login, address, network, device_id)"
        " VALUES ($1, $2, $3, (SELECT id FROM device WHERE token_sha256 = decode($4, 'hex')"
        "  AND login = $1 AND used_at > now() - interval '1 year'))"
        " RETURNING id, device_id IS NOT NULL AS known",
        by->login, by->address, by->network, hashed, DATABASE_END);

    if (!rows)
        return false;
    attempt->id = rows_get_number(rows, 0, "id");
    *known = rows_get_bool(rows, 0, "known");
    return true;
}

/*
 * The attempts that count, this one among them: of the login those since it was last left alone
 * for the whole window. That is how directories count: each failure keeps the older ones alive.
 */
#define COUNTED                                                                                 \
    " this AS (SELECT * FROM sign_in_failure WHERE id = $4::bigint),"                           \
    " step AS (SELECT f.*, f.at - lag(f.at) OVER (ORDER BY f.at, f.id) > $3::interval AS quiet" \
    "  FROM sign_in_failure f JOIN this USING (login)),"                                        \
    " chain AS (SELECT * FROM step"                                                             \
    "  WHERE at >= (SELECT max(at) FROM step WHERE quiet IS NOT FALSE)),"                       \
    " sprayed AS (SELECT f.at FROM sign_in_failure f JOIN this USING (network)"                 \
    "  WHERE f.device_id IS NULL AND f.at > now() - $3::interval)"

static struct rows *count_attempts(struct database *database, const struct attempt_by *by,
                                   gint64 attempt, const struct sign_in_settings *settings,
                                   GError **error)
{
    g_autofree char *window = g_strdup_printf("%u minutes", settings->failure_minutes);
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, attempt);

    return database_query(
        database, error,
        "WITH" COUNTED " SELECT count(*) AS login, count(*) FILTER (WHERE c.device_id IS NULL)"
        " AS unknown, count(*) FILTER (WHERE c.device_id IS NOT DISTINCT FROM t.device_id"
        "  AND (c.device_id IS NOT NULL OR c.network = t.network)) AS own,"
        " extract(epoch FROM max(c.at) FILTER (WHERE c.id <> t.id) + $3::interval - now())::bigint"
        "  AS login_lasts, (SELECT count(*) FROM sprayed) AS network,"
        " (SELECT extract(epoch FROM min(at) + $3::interval - now())::bigint FROM sprayed)"
        "  AS network_lasts,"
        " EXISTS (SELECT FROM device WHERE login = $1 AND network = $2"
        "  AND used_at > now() - interval '1 year') AS seen FROM chain c, this t",
        by->login, by->network, window, id, DATABASE_END);
}

/* Whether the login's attempts are too many for this one. */
static bool is_spent(const struct rows *rows, const struct sign_in_settings *settings, bool known)
{
    unsigned all = settings->account_failures;
    unsigned strangers = all - MAX(all / 4, 1);

    return rows_get_number(rows, 0, "own") > settings->failures ||
           rows_get_number(rows, 0, "login") > all ||
           (!known && rows_get_number(rows, 0, "unknown") > strangers);
}

static bool is_spraying(const struct rows *rows, const struct sign_in_settings *settings)
{
    return rows_get_number(rows, 0, "network") > settings->network_failures &&
           !rows_get_bool(rows, 0, "seen");
}

static gint64 wait_of(const struct rows *rows, const struct sign_in_settings *settings, bool known)
{
    if (is_spent(rows, settings, known))
        return MAX(rows_get_number(rows, 0, "login_lasts"), 1);
    return !known && is_spraying(rows, settings) ? MAX(rows_get_number(rows, 0, "network_lasts"), 1)
                                                 : 0;
}

bool attempt_count(struct database *database, const struct attempt_by *by,
                   const struct sign_in_settings *settings, struct attempt *attempt,
                   GError **error)
{
    auto_ptr(rows) counted = NULL;
    bool known;

    if (!add_attempt(database, by, attempt, &known, error))
        return false;
    counted = count_attempts(database, by, attempt->id, settings, error);
    if (!counted)
        return false;
    attempt->wait = wait_of(counted, settings, known);
    return !attempt->wait || attempt_take_back(database, attempt, error);
}

bool attempt_take_back(struct database *database, const struct attempt *attempt, GError **error)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, attempt->id);

    return database_run(database, error, "DELETE FROM sign_in_failure WHERE id = $1", id,
                        DATABASE_END);
}

bool attempt_succeeded(struct database *database, const struct attempt *attempt, GError **error)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, attempt->id);

    return database_run(database, error,
                        "DELETE FROM sign_in_failure f USING sign_in_failure t WHERE t.id = $1"
                        " AND f.login = t.login AND f.device_id IS NOT DISTINCT FROM t.device_id"
                        " AND (f.device_id IS NOT NULL OR f.network = t.network)",
                        id, DATABASE_END);
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
