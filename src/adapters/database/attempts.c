/* SPDX-License-Identifier: MIT
 *
 * The SQL of failed sign-ins and of questions.
 */
#include "adapters/database/attempts.h"

#include "base/limits.h"

/* ---- sign-ins ---------------------------------------------------------------------------- */

static char *hash(const char *text)
{
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

/* The account that is tried, as it is kept: of one length, and nobody's name. */
static char *account_of(const struct attempt_by *by)
{
    bool has_id = by->person_id && *by->person_id;
    g_autofree char *dn = by->dn ? g_utf8_strdown(by->dn, -1) : NULL;
    g_autofree char *name = has_id ? g_strconcat("id ", by->person_id, NULL)
                            : dn   ? g_strconcat("dn ", dn, NULL)
                                   : g_strconcat("login ", by->login, NULL);

    return hash(name);
}

/*
 * Attempts of one account, and from one network, go one after the other, until the transaction
 * ends. Whoever has the network's turn has the account's already, so nobody waits in a circle.
 */
static bool wait_for_turn(struct database *database, const struct attempt_by *by,
                          const char *account, GError **error)
{
    g_autofree char *network = hash(by->network);

    return database_run(database, error,
                        "SELECT pg_advisory_xact_lock(1, ('x' || left($1, 8))::bit(32)::integer)",
                        account, DATABASE_END) &&
           database_run(database, error,
                        "SELECT pg_advisory_xact_lock(2, ('x' || left($1, 8))::bit(32)::integer)",
                        network, DATABASE_END);
}

/* The browser, if it is known, and whether the person has signed in from the network. */
#define KNOWN                                                                                   \
    " theirs AS (SELECT * FROM device WHERE (person_id = nullif($3, '')"                        \
    "   OR (coalesce(person_id, '') = '' AND login = $2))"                                      \
    "  AND used_at > now() - interval '1 year'),"                                               \
    " browser AS (SELECT id FROM theirs WHERE token_sha256 = decode($4, 'hex')"                 \
    "  ORDER BY id LIMIT 1)"

/* What counts: of the account all since it was last left alone, if that was not just now. */
#define COUNTED                                                                                 \
    " step AS (SELECT *, at - lag(at) OVER (ORDER BY at, id) > $6::interval AS quiet"           \
    "  FROM sign_in_failure WHERE account = decode($1, 'hex')),"                                \
    " chain AS (SELECT s.*, CASE WHEN b.id IS NULL THEN s.device_id IS NULL AND network = $5"   \
    "   ELSE s.device_id IS NOT DISTINCT FROM b.id END AS own"                                  \
    "  FROM step s LEFT JOIN browser b ON true"                                                 \
    "  WHERE at >= (SELECT max(at) FROM step WHERE quiet IS NOT FALSE)"                         \
    "   AND (SELECT max(at) FROM step) > now() - $6::interval),"                                \
    " sprayed AS (SELECT at FROM sign_in_failure"                                               \
    "  WHERE network = $5 AND device_id IS NULL AND at > now() - $6::interval)"

static struct rows *count_attempts(struct database *database, const struct attempt_by *by,
                                   const char *account, const struct sign_in_settings *settings,
                                   GError **error)
{
    g_autofree char *window = g_strdup_printf("%u minutes", settings->failure_minutes);
    g_autofree char *device = hash(by->device ? by->device : "");

    return database_query(
        database, error,
        "WITH" KNOWN "," COUNTED
        " SELECT (SELECT id FROM browser) AS device, EXISTS (SELECT FROM theirs WHERE network = $5) AS seen,"
        " count(*) AS account, count(*) FILTER (WHERE own) AS own,"
        " count(*) FILTER (WHERE device_id IS NULL) AS unknown,"
        " extract(epoch FROM max(at) + $6::interval - now())::bigint AS account_lasts,"
        " (SELECT count(*) FROM sprayed) AS network,"
        " (SELECT extract(epoch FROM min(at) + $6::interval - now())::bigint FROM sprayed)"
        "  AS network_lasts FROM chain",
        account, by->login, by->person_id, device, by->network, window, DATABASE_END);
}

/* Whether the account's failures leave no room for this one. */
static bool is_spent(const struct rows *rows, const struct sign_in_settings *settings)
{
    unsigned all = settings->account_failures;
    unsigned strangers = all - MAX(all / 4, 1);

    return rows_get_number(rows, 0, "own") >= settings->failures ||
           rows_get_number(rows, 0, "account") >= all ||
           (rows_is_null(rows, 0, "device") && rows_get_number(rows, 0, "unknown") >= strangers);
}

static bool is_spraying(const struct rows *rows, const struct sign_in_settings *settings)
{
    return rows_is_null(rows, 0, "device") && !rows_get_bool(rows, 0, "seen") &&
           rows_get_number(rows, 0, "network") >= settings->network_failures;
}

static gint64 wait_of(const struct rows *rows, const struct sign_in_settings *settings)
{
    if (is_spent(rows, settings))
        return MAX(rows_get_number(rows, 0, "account_lasts"), 1);
    return is_spraying(rows, settings) ? MAX(rows_get_number(rows, 0, "network_lasts"), 1) : 0;
}

static bool add_attempt(struct database *database, const struct attempt_by *by,
                        const char *account, const char *device, struct attempt *attempt,
                        GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "INSERT INTO sign_in_failure (account, network, device_id)"
        " VALUES (decode($1, 'hex'), $2, nullif($3, '')::uuid) RETURNING id",
        account, by->network, device, DATABASE_END);

    if (!rows)
        return false;
    attempt->id = rows_get_number(rows, 0, "id");
    return true;
}

static bool count_in_turn(struct database *database, const struct attempt_by *by,
                          const struct sign_in_settings *settings, struct attempt *attempt,
                          GError **error)
{
    g_autofree char *account = account_of(by);
    auto_ptr(rows) counted = NULL;

    if (!wait_for_turn(database, by, account, error))
        return false;
    counted = count_attempts(database, by, account, settings, error);
    if (!counted)
        return false;
    attempt->wait = wait_of(counted, settings);
    return attempt->wait ||
           add_attempt(database, by, account, rows_get(counted, 0, "device"), attempt, error);
}

bool attempt_count(struct database *database, const struct attempt_by *by,
                   const struct sign_in_settings *settings, struct attempt *attempt,
                   GError **error)
{
    *attempt = (struct attempt){0};
    if (!database_begin(database, error))
        return false;
    if (count_in_turn(database, by, settings, attempt, error))
        return database_commit(database, error);
    database_rollback(database);
    return false;
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
                        " AND f.account = t.account AND f.device_id IS NOT DISTINCT FROM t.device_id"
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
