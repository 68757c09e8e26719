/* SPDX-License-Identifier: MIT
 *
 * The SQL of sessions, browsers, messages and drafts.
 */
#include "adapters/database/sessions.h"

#include "base/random.h"

#define DRAFTS "50" /* of one person, or of one network's nobody, within an hour */

void session_free(struct session *session)
{
    if (!session)
        return;
    g_free(session->id);
    g_free(session->login);
    g_free(session->person_id);
    g_free(session->name);
    g_free(session->csrf_token);
    g_free(session);
}

static char *hash(const char *token)
{
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, token, -1);
}

/* ---- sessions ---------------------------------------------------------------------------- */

static char *minutes(unsigned number)
{
    return g_strdup_printf("%u minutes", number);
}

static char *hours(unsigned number)
{
    return g_strdup_printf("%u hours", number);
}

/* A session stays for some days after its end: what its browser sends yet is known by it. */
static bool sweep_sessions(struct database *database, const struct sign_in_settings *settings,
                           GError **error)
{
    g_autofree char *idle = minutes(settings->idle_minutes);
    g_autofree char *absolute = hours(settings->absolute_hours);

    return database_run(database, error,
                        "DELETE FROM session WHERE used_at < now() - $1::interval - interval '2 days'"
                        " OR started_at < now() - $2::interval - interval '7 days'",
                        idle, absolute, DATABASE_END);
}

/* Those of an account that was left alone for so long that they count no more. */
static bool sweep_failures(struct database *database, const struct sign_in_settings *settings,
                           GError **error)
{
    g_autofree char *window = minutes(settings->failure_minutes);

    return database_run(database, error,
                        "DELETE FROM sign_in_failure f WHERE at < now() - $1::interval"
                        " AND NOT EXISTS (SELECT FROM sign_in_failure later"
                        "  WHERE later.account = f.account AND later.at >= now() - $1::interval)",
                        window, DATABASE_END);
}

/* What is over is swept away by whoever signs in next: no job of its own is needed. */
static bool sweep(struct database *database, const struct sign_in_settings *settings,
                  GError **error)
{
    return sweep_sessions(database, settings, error) && sweep_failures(database, settings, error) &&
           database_run(database, error,
                        "DELETE FROM device WHERE used_at < now() - interval '1 year'",
                        DATABASE_END) &&
           database_run(database, error,
                        "DELETE FROM question_count WHERE minute < now() - interval '1 hour'",
                        DATABASE_END) &&
           database_run(database, error,
                        "DELETE FROM draft WHERE made_at < now() - interval '1 hour'",
                        DATABASE_END);
}

#define SESSION                                                                                 \
    " id, login, coalesce(person_id, '') AS person_id, coalesce(person_id, '') = '' AS unknown, name,"     \
    " csrf_token, extract(epoch FROM now() - checked_at)::bigint AS checked,"                   \
    " extract(epoch FROM now() - asked_at)::bigint AS asked"

/* The one row, or NULL when there is none. */
static struct session *session_of(const struct rows *rows)
{
    struct session *session;

    if (rows_count(rows) == 0)
        return NULL;
    session = g_new0(struct session, 1);
    session->id = g_strdup(rows_get(rows, 0, "id"));
    session->login = g_strdup(rows_get(rows, 0, "login"));
    session->person_id = g_strdup(rows_get(rows, 0, "person_id"));
    session->unknown = rows_get_bool(rows, 0, "unknown");
    session->name = g_strdup(rows_get(rows, 0, "name"));
    session->csrf_token = g_strdup(rows_get(rows, 0, "csrf_token"));
    session->checked = rows_get_number(rows, 0, "checked");
    session->asked = rows_get_number(rows, 0, "asked");
    return session;
}

bool session_start(struct database *database, const struct newcomer *newcomer,
                   const struct sign_in_settings *settings, char **token, struct session **session,
                   GError **error)
{
    g_autofree char *new_token = random_token();
    g_autofree char *csrf = random_token();
    g_autofree char *hashed = hash(new_token);
    auto_ptr(rows) rows = NULL;

    if (!sweep(database, settings, error))
        return false;
    rows = database_query(database, error,
                          "INSERT INTO session (token_sha256, login, person_id, name, csrf_token,"
                          " address, browser, device_id)"
                          " VALUES (decode($1, 'hex'), $2, $3, $4, $5, $6, $7, $8)"
                          " RETURNING" SESSION,
                          hashed, newcomer->login, newcomer->person_id, newcomer->name, csrf,
                          newcomer->address, newcomer->browser, newcomer->device, DATABASE_END);
    if (!rows)
        return false;
    *session = session_of(rows);
    *token = g_steal_pointer(&new_token);
    return true;
}

bool session_find(struct database *database, const char *token,
                  const struct sign_in_settings *settings, struct session **session,
                  GError **error)
{
    g_autofree char *hashed = hash(token);
    g_autofree char *idle = minutes(settings->idle_minutes);
    g_autofree char *absolute = hours(settings->absolute_hours);
    auto_ptr(rows) rows = database_query(
        database, error,
        "UPDATE session SET used_at = now() WHERE token_sha256 = decode($1, 'hex')"
        " AND ended_at IS NULL AND used_at > now() - $2::interval AND started_at > now() - $3::interval"
        " RETURNING" SESSION,
        hashed, idle, absolute, DATABASE_END);

    if (!rows)
        return false;
    *session = session_of(rows);
    return true;
}

bool session_find_past(struct database *database, const char *token, struct session **session,
                       GError **error)
{
    g_autofree char *hashed = hash(token);
    auto_ptr(rows) rows = database_query(
        database, error, "SELECT" SESSION " FROM session WHERE token_sha256 = decode($1, 'hex')",
        hashed, DATABASE_END);

    if (!rows)
        return false;
    *session = session_of(rows);
    return true;
}

bool session_confirm(struct database *database, const struct session *session, GError **error)
{
    return database_run(database, error,
                        "UPDATE session SET login = $2, person_id = $3, name = $4,"
                        " checked_at = now(), asked_at = now() WHERE id = $1",
                        session->id, session->login, session->person_id, session->name,
                        DATABASE_END);
}

bool session_note_asked(struct database *database, const struct session *session, GError **error)
{
    return database_run(database, error, "UPDATE session SET asked_at = now() WHERE id = $1",
                        session->id, DATABASE_END);
}

bool session_end(struct database *database, const char *token, GError **error)
{
    g_autofree char *hashed = hash(token);

    return database_run(database, error,
                        "DELETE FROM session WHERE token_sha256 = decode($1, 'hex')", hashed,
                        DATABASE_END);
}

/* Whose rows they are: $1 the login, $2 the id. */
#define OF_PERSON                                                                               \
    " (person_id = nullif($2, '') OR (coalesce(person_id, '') = '' AND login = $1))"

bool sessions_end_person(struct database *database, const struct session *session,
                         const char *but, GError **error)
{
    return database_run(database, error,
                        "DELETE FROM device WHERE" OF_PERSON
                        " AND id NOT IN (SELECT device_id FROM session"
                        "  WHERE id::text = $3 AND device_id IS NOT NULL)",
                        session->login, session->person_id, but, DATABASE_END) &&
           database_run(database, error,
                        "UPDATE session SET ended_at = now() WHERE" OF_PERSON
                        " AND ended_at IS NULL AND id::text <> $3",
                        session->login, session->person_id, but, DATABASE_END);
}

/* ---- listing and ending them ------------------------------------------------------------- */

static void session_row_free(gpointer data)
{
    struct session_row *row = data;

    g_free(row->id);
    g_free(row->login);
    g_free(row->address);
    g_free(row->browser);
    g_free(row->started);
    g_free(row->used);
    g_free(row);
}

static struct session_row *session_row_of(const struct rows *rows, size_t at)
{
    struct session_row *row = g_new0(struct session_row, 1);

    row->id = g_strdup(rows_get(rows, at, "id"));
    row->login = g_strdup(rows_get(rows, at, "login"));
    row->address = g_strdup(rows_get(rows, at, "address"));
    row->browser = g_strdup(rows_get(rows, at, "browser"));
    row->started = g_strdup(rows_get(rows, at, "started"));
    row->used = g_strdup(rows_get(rows, at, "used"));
    return row;
}

static bool list_sessions(const struct rows *rows, GPtrArray **list)
{
    if (!rows)
        return false;
    *list = g_ptr_array_new_with_free_func(session_row_free);
    for (size_t at = 0; at < rows_count(rows); at++)
        g_ptr_array_add(*list, session_row_of(rows, at));
    return true;
}

#define UTC(column) "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')"
#define LISTED                                                                                  \
    " id, login, host(address) AS address, browser, " UTC("started_at") " AS started, "   \
    UTC("used_at") " AS used FROM session WHERE ended_at IS NULL"                               \
    " AND used_at > now() - $3::interval AND started_at > now() - $4::interval AND"

bool sessions_of_person(struct database *database, const struct session *session,
                        const struct sign_in_settings *settings, GPtrArray **list,
                        GError **error)
{
    g_autofree char *idle = minutes(settings->idle_minutes);
    g_autofree char *absolute = hours(settings->absolute_hours);
    auto_ptr(rows) rows =
        database_query(database, error, "SELECT" LISTED OF_PERSON " ORDER BY used_at DESC", session->login,
                       session->person_id, idle, absolute, DATABASE_END);

    return list_sessions(rows, list);
}

bool sessions_of_login(struct database *database, const char *login,
                       const struct sign_in_settings *settings, guint most, GPtrArray **list,
                       GError **error)
{
    g_autofree char *idle = minutes(settings->idle_minutes);
    g_autofree char *absolute = hours(settings->absolute_hours);
    g_autofree char *limit = g_strdup_printf("%u", most);
    auto_ptr(rows) rows = database_query(
        database, error, "SELECT" LISTED " $1 IN ('', login) ORDER BY used_at DESC LIMIT $2::bigint", login,
        limit, idle, absolute, DATABASE_END);

    return list_sessions(rows, list);
}

/* The browser first: the session names it. */
bool session_end_own(struct database *database, const struct session *session, const char *id,
                     bool *ended, GError **error)
{
    auto_ptr(rows) rows = NULL;

    if (!database_run(database, error,
                      "DELETE FROM device WHERE" OF_PERSON " AND id IN (SELECT device_id"
                      " FROM session WHERE id = $3)",
                      session->login, session->person_id, id, DATABASE_END))
        return false;
    rows = database_query(database, error,
                          "UPDATE session SET ended_at = now() WHERE" OF_PERSON
                          " AND ended_at IS NULL AND id = $3 RETURNING id",
                          session->login, session->person_id, id, DATABASE_END);
    *ended = rows && rows_count(rows) > 0;
    return rows != NULL;
}

bool sessions_end_login(struct database *database, const char *login, guint *ended, GError **error)
{
    auto_ptr(rows) rows = NULL;

    if (!database_run(database, error, "DELETE FROM device WHERE login = $1", login, DATABASE_END))
        return false;
    rows = database_query(database, error,
                          "UPDATE session SET ended_at = now() WHERE login = $1"
                          " AND ended_at IS NULL RETURNING id",
                          login, DATABASE_END);
    if (!rows)
        return false;
    *ended = (guint)rows_count(rows);
    return true;
}

/* ---- browsers ---------------------------------------------------------------------------- */

static bool renew_device(struct database *database, const char *shown, const char *hashed,
                         GError **error)
{
    g_autofree char *old = hash(shown ? shown : "");

    return database_run(database, error,
                        "UPDATE device SET token_sha256 = decode($2, 'hex')"
                        " WHERE token_sha256 = decode($1, 'hex')",
                        old, hashed, DATABASE_END);
}

bool device_remember(struct database *database, const struct newcomer *newcomer,
                     const char *shown, char **token, char **device, GError **error)
{
    g_autofree char *new_token = random_token();
    g_autofree char *hashed = hash(new_token);
    auto_ptr(rows) rows = NULL;

    if (!renew_device(database, shown, hashed, error) ||
        !database_run(database, error,
                      "DELETE FROM device WHERE login = $1"
                      " AND person_id IS DISTINCT FROM nullif($2, '')",
                      newcomer->login, newcomer->person_id, DATABASE_END))
        return false;
    rows = database_query(database, error,
                          "INSERT INTO device AS d (token_sha256, login, person_id, network)"
                          " VALUES (decode($1, 'hex'), $2, nullif($3, ''), $4)"
                          " ON CONFLICT (token_sha256, login) DO UPDATE"
                          "  SET network = EXCLUDED.network, used_at = now() RETURNING id",
                          hashed, newcomer->login, newcomer->person_id, newcomer->network,
                          DATABASE_END);
    if (!rows)
        return false;
    *device = g_strdup(rows_get(rows, 0, "id"));
    *token = g_steal_pointer(&new_token);
    return true;
}

/* ---- what the next page of a path is to say ---------------------------------------------- */

bool banner_keep(struct database *database, const struct session *session, const char *path,
                 const char *texts, GError **error)
{
    return database_run(database, error,
                        "INSERT INTO banner (session_id, path, texts) VALUES ($1, $2, $3::jsonb)"
                        " ON CONFLICT (session_id, path) DO UPDATE SET texts = EXCLUDED.texts",
                        session->id, path, texts, DATABASE_END);
}

bool banner_take(struct database *database, const struct session *session, const char *path,
                 char **texts, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error, "DELETE FROM banner WHERE session_id = $1 AND path = $2 RETURNING texts",
        session->id, path, DATABASE_END);

    if (!rows)
        return false;
    *texts = rows_count(rows) ? g_strdup(rows_get(rows, 0, "texts")) : NULL;
    return true;
}

/* ---- drafts ---------------------------------------------------------------------------- */

bool draft_keep(struct database *database, const char *path, const char *fields,
                const struct draft_owner *owner, char **token, bool *full, GError **error)
{
    const struct session *session = owner->session;
    g_autofree char *new_token = random_token();
    g_autofree char *hashed = hash(new_token);
    auto_ptr(rows) rows = database_query(
        database, error,
        "INSERT INTO draft (token_sha256, path, fields, address, network, login, person_id)"
        " SELECT decode($1, 'hex'), $2, $3::jsonb, $4::inet, $5::cidr, $6, nullif($7, '') WHERE"
        " (SELECT count(*) FROM draft WHERE made_at > now() - interval '1 hour' AND CASE"
        "  WHEN $6::text IS NULL THEN network = $5::cidr AND login IS NULL ELSE login = $6 END)"
        " < " DRAFTS " RETURNING path",
        hashed, path, fields, owner->address, owner->network, session ? session->login : NULL,
        session ? session->person_id : NULL, DATABASE_END);

    if (!rows)
        return false;
    *full = rows_count(rows) == 0;
    *token = g_steal_pointer(&new_token);
    return true;
}

bool draft_find(struct database *database, const char *token, const char *path,
                const struct session *session, char **fields, GError **error)
{
    g_autofree char *hashed = hash(token);
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT fields FROM draft WHERE token_sha256 = decode($3, 'hex') AND path = $4 AND" OF_PERSON
        " AND made_at > now() - interval '1 hour'",
        session->login, session->person_id, hashed, path, DATABASE_END);

    if (!rows)
        return false;
    *fields = rows_count(rows) ? g_strdup(rows_get(rows, 0, "fields")) : NULL;
    return true;
}

bool draft_claim(struct database *database, const char *token, const struct session *session,
                 bool *kept, GError **error)
{
    g_autofree char *hashed = hash(token);
    auto_ptr(rows) rows = NULL;

    if (!database_run(database, error,
                      "DELETE FROM draft WHERE token_sha256 = decode($3, 'hex')"
                      " AND login IS NOT NULL AND" OF_PERSON " IS NOT TRUE",
                      session->login, session->person_id, hashed, DATABASE_END))
        return false;
    rows = database_query(database, error,
                          "UPDATE draft SET login = $1, person_id = nullif($2, '')"
                          " WHERE token_sha256 = decode($3, 'hex') RETURNING path",
                          session->login, session->person_id, hashed, DATABASE_END);
    *kept = rows && rows_count(rows) > 0;
    return rows != NULL;
}

bool draft_drop(struct database *database, const char *token, GError **error)
{
    g_autofree char *hashed = hash(token);

    return database_run(database, error, "DELETE FROM draft WHERE token_sha256 = decode($1, 'hex')",
                        hashed, DATABASE_END);
}
