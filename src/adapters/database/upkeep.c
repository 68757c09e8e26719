/* SPDX-License-Identifier: MIT
 *
 * The SQL of the upkeep.
 */
#include "adapters/database/upkeep.h"

#include "adapters/database/record.h"
#include "base/limits.h"
#include "rules/left-out.h"

#define LOGIN "appsmtp-notify"

static char *number(gint64 value)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, value);
}

/* ---- notices ------------------------------------------------------------------------------ */

/* Texts with US between them, as string_to_array() takes them; no text keeps one of its own. */
static void join(GString *joined, const char *text)
{
    g_autofree char *clean = g_strdup(text);

    if (joined->len > 0)
        g_string_append_c(joined, '\x1f');
    g_string_append(joined, g_strdelimit(clean, "\x1f", ' '));
}

static char *join_values(const char *const *values)
{
    GString *joined = g_string_new(NULL);

    for (; values && *values; values++)
        join(joined, *values);
    return g_string_free(joined, FALSE);
}

static char *join_list(const GPtrArray *texts)
{
    GString *joined = g_string_new(NULL);

    for (guint i = 0; texts && i < texts->len; i++)
        join(joined, g_ptr_array_index(texts, i));
    return g_string_free(joined, FALSE);
}

static bool tell(struct database *database, const char *registration,
                 const struct tidings *tidings, bool owners, gint64 now, GError **error)
{
    g_autofree char *values = join_values(tidings->values);
    g_autofree char *others = join_list(tidings->others);
    g_autofree char *time = number(now);

    return database_run(
        database, error,
        "WITH owner AS (SELECT written, person_id FROM registration_owner"
        "               WHERE registration_id = $1)"
        " INSERT INTO notice (registration_id, kind, recipient, person_id, details, made_at,"
        "                     next_attempt_at)"
        " SELECT $1, $2, r.recipient, r.person_id, jsonb_object(string_to_array($3, E'\\x1f')),"
        "        to_timestamp($5::bigint), to_timestamp($5::bigint)"
        " FROM (SELECT written, person_id FROM owner WHERE $6"
        "       UNION SELECT other, NULL FROM unnest(string_to_array($4, E'\\x1f')) other"
        "       WHERE other NOT IN (SELECT written FROM owner)) r (recipient, person_id)"
        " ORDER BY r.recipient",
        registration, tidings->kind, values, others, time, owners ? "t" : "f", DATABASE_END);
}

bool upkeep_tell(struct database *database, const char *registration, const struct tidings *tidings,
                 gint64 now, GError **error)
{
    return tell(database, registration, tidings, true, now, error);
}

/* ---- transactions ---------------------------------------------------------------------------- */

static bool end(struct database *database, bool good, GError **error)
{
    good = good && database_commit(database, error);
    if (!good)
        database_rollback(database);
    return good;
}

/* *before is the registration as the history keeps it, or NULL when it is not in that state. */
static bool take(struct database *database, const char *registration, const char *state,
                 char **before, GError **error)
{
    auto_ptr(rows) rows = database_query(database, error,
                                         "SELECT registration_as_json(id) AS now FROM registration"
                                         " WHERE id = $1 AND state::text = $2 FOR UPDATE",
                                         registration, state, DATABASE_END);

    if (!rows)
        return false;
    *before = rows_count(rows) > 0 ? g_strdup(rows_get(rows, 0, "now")) : NULL;
    return true;
}

/* *id is that of the new row; caller frees. */
static bool add_history(struct database *database, const char *registration, const char *action,
                        const char *before, const char *reason, char **id, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "INSERT INTO history (registration_id, login, action, before, after, reason)"
        " VALUES ($1, '" LOGIN "', $2, $3::jsonb, registration_as_json($1), $4) RETURNING id",
        registration, action, before, reason, DATABASE_END);

    if (!rows)
        return false;
    *id = g_strdup(rows_get(rows, 0, "id"));
    return true;
}

static bool set_state(struct database *database, const char *registration, const char *state,
                      GError **error)
{
    return database_run(database, error,
                        "UPDATE registration SET state = $2::registration_state,"
                        " version = version + 1 WHERE id = $1",
                        registration, state, DATABASE_END);
}

/* ---- suspending and resuming ------------------------------------------------------------------
 */

static bool suspend(struct database *database, const char *registration, const char *cause,
                    const char *reason, const struct tidings *tidings, gint64 now, GError **error)
{
    g_autofree char *before = NULL;
    g_autofree char *history = NULL;

    if (!take(database, registration, "live", &before, error))
        return false;
    if (!before)
        return true;
    return set_state(database, registration, "suspended", error) &&
           add_history(database, registration, "suspended", before, reason, &history, error) &&
           database_run(database, error,
                        "INSERT INTO suspension (registration_id, cause, history_id)"
                        " VALUES ($1, $2, $3::bigint) ON CONFLICT (registration_id) DO UPDATE"
                        " SET cause = EXCLUDED.cause, history_id = EXCLUDED.history_id",
                        registration, cause, history, DATABASE_END) &&
           upkeep_tell(database, registration, tidings, now, error);
}

bool upkeep_suspend(struct database *database, const char *registration, const char *cause,
                    const char *reason, const struct tidings *tidings, gint64 now, GError **error)
{
    return database_begin(database, error) &&
           end(database, suspend(database, registration, cause, reason, tidings, now, error),
               error);
}

static bool is_ours(struct database *database, const char *registration, bool *ours, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error, "SELECT FROM suspended_by_notify WHERE registration_id = $1", registration,
        DATABASE_END);

    if (!rows)
        return false;
    *ours = rows_count(rows) > 0;
    return true;
}

static bool resume(struct database *database, const char *registration, const char *reason,
                   const struct tidings *tidings, gint64 now, GError **error)
{
    g_autofree char *before = NULL;
    g_autofree char *history = NULL;
    bool ours = false;

    if (!take(database, registration, "suspended", &before, error) ||
        !is_ours(database, registration, &ours, error))
        return false;
    if (!before || !ours)
        return true;
    return set_state(database, registration, "live", error) &&
           add_history(database, registration, "resumed", before, reason, &history, error) &&
           upkeep_tell(database, registration, tidings, now, error);
}

bool upkeep_resume(struct database *database, const char *registration, const char *reason,
                   const struct tidings *tidings, gint64 now, GError **error)
{
    return database_begin(database, error) &&
           end(database, resume(database, registration, reason, tidings, now, error), error);
}

/* ---- reminders ----------------------------------------------------------------------------------
 */

static bool raise_stage(struct database *database, const char *registration, const char *subject,
                        int stage, gint64 now, bool *raised, GError **error)
{
    g_autofree char *level = number(stage);
    g_autofree char *time = number(now);
    auto_ptr(rows) rows = database_query(
        database, error,
        "INSERT INTO reminder AS r (registration_id, subject, stage, first_at, last_at)"
        " VALUES ($1, $2, $3::integer, to_timestamp($4::bigint), to_timestamp($4::bigint))"
        " ON CONFLICT (registration_id, subject) DO UPDATE SET stage = EXCLUDED.stage,"
        " last_at = EXCLUDED.last_at WHERE r.stage < EXCLUDED.stage RETURNING stage",
        registration, subject, level, time, DATABASE_END);

    if (!rows)
        return false;
    *raised = rows_count(rows) > 0;
    return true;
}

bool upkeep_remind(struct database *database, const char *registration, const char *subject,
                   int stage, const struct tidings *tidings, gint64 now, GError **error)
{
    bool raised = false;
    bool good;

    if (!database_begin(database, error))
        return false;
    good = raise_stage(database, registration, subject, stage, now, &raised, error) &&
           (!raised || upkeep_tell(database, registration, tidings, now, error));
    return end(database, good, error);
}

/* ---- certificates that end
 * ------------------------------------------------------------------------ */

static void ending_free(gpointer data)
{
    struct ending *ending = data;

    g_free(ending->registration);
    g_free(ending->subject);
    g_free(ending->serial);
    g_free(ending->names);
    g_free(ending->other);
    g_free(ending->source);
    g_free(ending->seen);
    g_free(ending);
}

static struct ending *ending_of(const struct rows *rows, size_t row)
{
    struct ending *ending = g_new0(struct ending, 1);

    ending->registration = g_strdup(rows_get(rows, row, "registration_id"));
    ending->subject = g_strdup(rows_get(rows, row, "subject"));
    ending->stage = (int)rows_get_number(rows, row, "stage");
    ending->serial = g_strdup(rows_get(rows, row, "serial"));
    ending->names = g_strdup(rows_get(rows, row, "names"));
    ending->other = g_strdup(rows_get(rows, row, "other"));
    ending->source = g_strdup(rows_get(rows, row, "id"));
    ending->seen = g_strdup(rows_get(rows, row, "seen"));
    ending->seen_at = rows_get_number(rows, row, "seen_at");
    ending->begins = rows_get_number(rows, row, "begins");
    ending->replaced = rows_get_bool(rows, row, "replaced");
    ending->ends = rows_get_number(rows, row, "ends");
    return ending;
}

bool upkeep_endings(struct database *database, gint64 now, int over, GPtrArray **list,
                    GError **error)
{
    g_autofree char *time = number(now);
    g_autofree char *last = number(over);
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT s.registration_id, s.id, c.subject, encode(u.certificate_sha256, 'hex') AS seen,"
        " extract(epoch FROM u.last_at)::bigint AS seen_at, coalesce(m.stage, 0) AS stage, "
        "s.serial, source_is_replaced(s, to_timestamp($1::bigint)) AS replaced,"
        " array_to_string(s.names, ', ') AS names,"
        " extract(epoch FROM s.not_before)::bigint AS begins,"
        " extract(epoch FROM s.not_after)::bigint AS ends,"
        " (SELECT CASE o.kind WHEN 'network' THEN 'the network ' || o.network::text"
        "         WHEN 'hostname' THEN 'the hostname ' || o.hostname"
        "         ELSE 'the certificate with the serial number ' || o.serial END"
        "  FROM source o WHERE o.registration_id = s.registration_id AND o.id <> s.id"
        "  AND (o.kind <> 'certificate' OR (o.not_after > s.not_after"
        "       AND o.not_after > to_timestamp($1::bigint)))"
        "  ORDER BY o.kind, o.not_after DESC, o.hostname, o.network LIMIT 1) AS other"
        " FROM source s JOIN registration r ON r.id = s.registration_id"
        " LEFT JOIN last_use u ON u.source_id = s.id AND u.certificate_sha256 <> s.sha256,"
        " LATERAL (SELECT 'certificate ' || encode(s.sha256, 'hex')) c (subject)"
        " LEFT JOIN LATERAL (SELECT x.stage FROM reminder x"
        "  WHERE x.registration_id = s.registration_id AND x.subject = c.subject) m ON true"
        " WHERE s.kind = 'certificate' AND r.state = 'live' AND coalesce(m.stage, 0) < $2::integer"
        " AND s.not_after - (s.not_after - s.not_before) / 3 <= to_timestamp($1::bigint)"
        " AND NOT EXISTS (SELECT FROM source n WHERE n.registration_id = s.registration_id"
        "  AND n.spki_sha256 = s.spki_sha256 AND n.not_after > s.not_after"
        "  AND n.not_before <= to_timestamp($1::bigint))"
        " ORDER BY s.registration_id, s.not_after, s.sha256",
        time, last, DATABASE_END);

    if (!rows)
        return false;
    *list = g_ptr_array_new_with_free_func(ending_free);
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(*list, ending_of(rows, row));
    return true;
}

/* ---- hostnames without an address
 * ------------------------------------------------------------------ */

static void nameless_free(gpointer data)
{
    struct nameless *nameless = data;

    g_free(nameless->registration);
    g_free(nameless->hostname);
    g_free(nameless->subject);
    g_free(nameless);
}

#define NAMELESS                                                                            \
    " latest AS (SELECT DISTINCT ON (relay) details FROM export_run WHERE finished_at"      \
    "  BETWEEN to_timestamp($1::bigint) - interval '1 day' AND to_timestamp($1::bigint)"    \
    "  ORDER BY relay, finished_at DESC),"                                                  \
    " nameless AS (SELECT DISTINCT 'hostname ' || n AS subject, n AS hostname FROM latest," \
    "  jsonb_array_elements_text(details -> 'hostnames_without_address') n)"

static bool forget_named(struct database *database, const char *time, GError **error)
{
    return database_run(database, error,
                        "WITH" NAMELESS " DELETE FROM reminder WHERE subject LIKE 'hostname %'"
                        " AND EXISTS (SELECT FROM latest)"
                        " AND subject NOT IN (SELECT subject FROM nameless)",
                        time, DATABASE_END);
}

bool upkeep_nameless(struct database *database, gint64 now, GPtrArray **list, GError **error)
{
    g_autofree char *time = number(now);
    auto_ptr(rows) rows = NULL;

    if (!forget_named(database, time, error))
        return false;
    rows = database_query(database, error,
                          "WITH" NAMELESS
                          " SELECT s.registration_id, n.hostname, n.subject FROM nameless n"
                          " JOIN source s USING (hostname)"
                          " JOIN registration r ON r.id = s.registration_id"
                          " WHERE r.state = 'live' AND NOT EXISTS (SELECT FROM reminder m"
                          "  WHERE m.registration_id = r.id AND m.subject = n.subject)"
                          " ORDER BY 1, 2",
                          time, DATABASE_END);
    if (!rows)
        return false;
    *list = g_ptr_array_new_with_free_func(nameless_free);
    for (size_t row = 0; row < rows_count(rows); row++) {
        struct nameless *one = g_new0(struct nameless, 1);
        one->registration = g_strdup(rows_get(rows, row, "registration_id"));
        one->hostname = g_strdup(rows_get(rows, row, "hostname"));
        one->subject = g_strdup(rows_get(rows, row, "subject"));
        g_ptr_array_add(*list, one);
    }
    return true;
}

/* ---- what a relay leaves out
 * ------------------------------------------------------------------------------ */

static void omission_free(gpointer data)
{
    struct upkeep_omission *one = data;

    g_free(one->registration);
    g_free(one->address);
    g_free(one->source);
    g_free(one->reason);
    g_free(one->detail);
    g_free(one->subject);
    g_free(one);
}

static struct upkeep_omission *omission_of(const struct rows *rows, size_t row)
{
    struct upkeep_omission *one = g_new0(struct upkeep_omission, 1);

    one->registration = g_strdup(rows_get(rows, row, "registration_id"));
    one->address = g_strdup(rows_get(rows, row, "address"));
    one->source = g_strdup(rows_get(rows, row, "source"));
    one->reason = g_strdup(rows_get(rows, row, "reason"));
    one->detail = g_strdup(rows_get(rows, row, "detail"));
    one->subject = g_strdup(rows_get(rows, row, "subject"));
    return one;
}

/* A source that is left out whole, and one that is in part, are two things to be told of. */
#define OMITTED                                                                                    \
    " omitted AS (SELECT l.*, CASE WHEN l.whole THEN 'left-out ' ELSE 'left-out partly ' END"      \
    "  || l.source_id AS subject FROM source_left_out l"                                           \
    "  WHERE relay_reports(l.relay, to_timestamp($1::bigint))"                                     \
    "  AND l.reason <> ALL (string_to_array($2, ' ')))"

/* While no relay reports, or one cannot look it up, nobody knows what is taken in again. */
static bool forget_taken_in(struct database *database, const char *time, const char *elsewhere,
                            GError **error)
{
    return database_run(
        database, error,
        "WITH" OMITTED " DELETE FROM reminder WHERE subject LIKE 'left-out %'"
        " AND EXISTS (SELECT FROM export_run WHERE finished_at"
        "  BETWEEN to_timestamp($1::bigint) - interval '1 day' AND to_timestamp($1::bigint))"
        " AND NOT EXISTS (SELECT FROM omitted o WHERE reminder.subject"
        "  IN (o.subject, 'left-out partly ' || o.source_id))"
        " AND NOT EXISTS (SELECT FROM source_left_out l WHERE l.reason = $3"
        "  AND relay_reports(l.relay, to_timestamp($1::bigint)) AND reminder.subject"
        "  IN ('left-out ' || l.source_id, 'left-out partly ' || l.source_id))",
        time, elsewhere, left_out_code(LEFT_OUT_NOT_LOOKED_UP), DATABASE_END);
}

bool upkeep_omissions(struct database *database, const char *elsewhere, gint64 now,
                      GPtrArray **list, GError **error)
{
    g_autofree char *time = number(now);
    auto_ptr(rows) rows = NULL;

    if (!forget_taken_in(database, time, elsewhere, error))
        return false;
    rows = database_query(
        database, error,
        "WITH" OMITTED " SELECT DISTINCT ON (s.registration_id, s.id) s.registration_id,"
        " r.address, o.reason, o.detail, o.subject, coalesce(s.network::text, s.hostname,"
        "  'the certificate of ' || array_to_string(s.names, ', ')) AS source"
        " FROM omitted o JOIN source s ON s.id = o.source_id"
        " JOIN registration r ON r.id = s.registration_id"
        " WHERE r.state = 'live' AND NOT EXISTS (SELECT FROM reminder m"
        "  WHERE m.registration_id = r.id AND m.subject = o.subject)"
        " ORDER BY s.registration_id, s.id, o.whole DESC, o.relay",
        time, elsewhere, DATABASE_END);
    if (!rows)
        return false;
    *list = g_ptr_array_new_with_free_func(omission_free);
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(*list, omission_of(rows, row));
    return true;
}

static bool tell_omitted(struct database *database, const struct upkeep_omitted *omitted,
                         gint64 now, GError **error)
{
    bool any = false;

    for (guint i = 0; i < omitted->subjects->len; i++) {
        bool raised;
        if (!raise_stage(database, omitted->registration, g_ptr_array_index(omitted->subjects, i), 1,
                         now, &raised, error))
            return false;
        any |= raised;
    }
    if (!any)
        return true;
    return upkeep_tell(database, omitted->registration, omitted->tidings, now, error) &&
           (!omitted->team ||
            tell(database, omitted->registration, omitted->team, false, now, error));
}

bool upkeep_tell_omitted(struct database *database, const struct upkeep_omitted *omitted,
                         gint64 now, GError **error)
{
    return database_begin(database, error) &&
           end(database, tell_omitted(database, omitted, now, error), error);
}

/* ---- rates
 * ---------------------------------------------------------------------------------------------- */

static void fullness_free(gpointer data)
{
    struct fullness *fullness = data;

    g_free(fullness->registration);
    g_free(fullness->type);
    g_free(fullness);
}

bool upkeep_fullnesses(struct database *database, GPtrArray **list, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT DISTINCT ON (p.registration_id) p.registration_id, r.application_type, p.used,"
        " p.allowed, extract(epoch FROM p.seen)::bigint AS seen, r.state = 'live' AS live"
        " FROM rate_peak p JOIN registration r ON r.id = p.registration_id"
        " ORDER BY p.registration_id, p.used::numeric / p.allowed DESC, p.seen DESC",
        DATABASE_END);

    if (!rows)
        return false;
    *list = g_ptr_array_new_with_free_func(fullness_free);
    for (size_t row = 0; row < rows_count(rows); row++) {
        struct fullness *one = g_new0(struct fullness, 1);
        one->registration = g_strdup(rows_get(rows, row, "registration_id"));
        one->type = g_strdup(rows_get(rows, row, "application_type"));
        one->used = rows_get_number(rows, row, "used");
        one->allowed = rows_get_number(rows, row, "allowed");
        one->seen = rows_get_number(rows, row, "seen");
        one->live = rows_get_bool(rows, row, "live");
        g_ptr_array_add(*list, one);
    }
    return true;
}

/* *due: nobody was told within a day. A clock that jumps back brings nothing twice. */
static bool note_warning(struct database *database, const char *registration, bool full,
                         gint64 now, bool *due, GError **error)
{
    g_autofree char *time = number(now);
    auto_ptr(rows) rows = database_query(
        database, error,
        "INSERT INTO reminder AS m (registration_id, subject, stage, first_at, last_at)"
        " SELECT $1, s.subject, 1, s.at, s.at"
        " FROM (SELECT CASE WHEN $2 THEN 'rate full' ELSE 'rate near' END, to_timestamp($3::bigint))"
        "  s (subject, at)"
        " WHERE NOT EXISTS (SELECT FROM reminder f WHERE f.registration_id = $1"
        "  AND f.subject = 'rate full' AND f.last_at > s.at - interval '24 hours')"
        " ON CONFLICT (registration_id, subject) DO UPDATE SET last_at = EXCLUDED.last_at"
        "  WHERE m.last_at <= EXCLUDED.last_at - interval '24 hours' RETURNING stage",
        registration, full ? "t" : "f", time, DATABASE_END);

    if (!rows)
        return false;
    *due = rows_count(rows) > 0;
    return true;
}

/* A fuller hour that was reported meanwhile stays. */
static bool forget_peaks(struct database *database, const struct fullness *fullness,
                         GError **error)
{
    g_autofree char *used = number(fullness->used);
    g_autofree char *allowed = number(fullness->allowed);

    return database_run(database, error,
                        "DELETE FROM rate_peak WHERE registration_id = $1"
                        " AND used * $3::bigint <= $2::bigint * allowed",
                        fullness->registration, used, allowed, DATABASE_END);
}

bool upkeep_warn_of_rate(struct database *database, const struct fullness *fullness, bool full,
                         const struct tidings *tidings, gint64 now, GError **error)
{
    const char *registration = fullness->registration;
    bool due = false;
    bool good;

    if (!database_begin(database, error))
        return false;
    good = (!fullness->live || note_warning(database, registration, full, now, &due, error)) &&
           (!due || upkeep_tell(database, registration, tidings, now, error)) &&
           forget_peaks(database, fullness, error);
    return end(database, good, error);
}

/* ---- yearly confirmations
 * ---------------------------------------------------------------------------- */

static void confirmation_free(gpointer data)
{
    struct confirmation *confirmation = data;

    g_free(confirmation->registration);
    g_free(confirmation->subject);
    g_free(confirmation);
}

static struct confirmation *confirmation_of(const struct rows *rows, size_t row)
{
    struct confirmation *confirmation = g_new0(struct confirmation, 1);

    confirmation->registration = g_strdup(rows_get(rows, row, "id"));
    confirmation->subject = g_strdup(rows_get(rows, row, "subject"));
    confirmation->stage = (int)rows_get_number(rows, row, "stage");
    confirmation->first_at = rows_get_number(rows, row, "first_at");
    confirmation->due = rows_get_number(rows, row, "due");
    return confirmation;
}

bool upkeep_confirmations(struct database *database, gint64 now, GPtrArray **list, GError **error)
{
    g_autofree char *time = number(now);
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT r.id, c.subject, coalesce(m.stage, 0) AS stage,"
        " coalesce(extract(epoch FROM m.first_at)::bigint, 0) AS first_at,"
        " extract(epoch FROM r.confirmed_at + interval '1 year')::bigint AS due"
        " FROM registration r, LATERAL (SELECT 'confirmation '"
        "  || extract(epoch FROM r.confirmed_at)::bigint) c (subject)"
        " LEFT JOIN LATERAL (SELECT x.stage, x.first_at FROM reminder x"
        "  WHERE x.registration_id = r.id AND x.subject = c.subject) m ON true"
        " WHERE r.state = 'live'"
        " AND r.confirmed_at + interval '1 year' - interval '30 days' <= to_timestamp($1::bigint)"
        " ORDER BY r.id",
        time, DATABASE_END);

    if (!rows)
        return false;
    *list = g_ptr_array_new_with_free_func(confirmation_free);
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(*list, confirmation_of(rows, row));
    return true;
}

bool upkeep_answered(struct database *database, gint64 now, GPtrArray **list, GError **error)
{
    g_autofree char *time = number(now);
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT r.id FROM suspended_by_notify s JOIN registration r ON r.id = s.registration_id"
        " WHERE s.cause = 'confirmation'"
        " AND r.confirmed_at + interval '1 year' > to_timestamp($1::bigint) ORDER BY r.id",
        time, DATABASE_END);

    if (!rows)
        return false;
    *list = g_ptr_array_new_with_free_func(g_free);
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(*list, g_strdup(rows_get(rows, row, "id")));
    return true;
}

/* ---- ownership
 * ------------------------------------------------------------------------------------------ */

static void checked_free(gpointer data)
{
    struct checked *checked = data;

    g_free(checked->registration);
    g_free(checked->address);
    g_free(checked->account_id);
    g_ptr_array_unref(checked->owners);
    g_free(checked->fault);
    g_ptr_array_unref(checked->absent);
    g_ptr_array_unref(checked->absent_lasting);
    g_free(checked);
}

static void owner_release(gpointer data)
{
    owner_free(data);
}

static GPtrArray *owners_of(const struct rows *rows, size_t row, const char *column)
{
    GPtrArray *owners = g_ptr_array_new_with_free_func(owner_release);

    record_read_owners(rows_get(rows, row, column), owners);
    return owners;
}

static struct checked *checked_of(const struct rows *rows, size_t row)
{
    struct checked *checked = g_new0(struct checked, 1);

    checked->registration = g_strdup(rows_get(rows, row, "id"));
    checked->address = g_strdup(rows_get(rows, row, "address"));
    checked->account_id = g_strdup(rows_get(rows, row, "account_id"));
    checked->owners = owners_of(rows, row, "owners");
    checked->live = rows_get_bool(rows, row, "live");
    checked->fault = g_strdup(rows_get(rows, row, "fault"));
    checked->lasting = rows_get_bool(rows, row, "lasting");
    checked->told_at = rows_get_number(rows, row, "told_at");
    checked->absent = owners_of(rows, row, "absent");
    checked->absent_lasting = owners_of(rows, row, "absent_lasting");
    return checked;
}

#define TIME_2 "to_timestamp($2::bigint)"
#define HOURS_BEFORE_2(hours) "(" TIME_2 " - interval '" G_STRINGIFY(hours) " hours')"

/* To be closed by the caller, who may add a condition. */
#define ABSENT                                                                              \
    " (SELECT string_agg(a.login || E'\\x1f' || coalesce(a.person_id, ''), E'\\n')"         \
    "  FROM absent_owner a WHERE a.registration_id = r.id"
#define IS_LOOKED_AT                                                                        \
    " (r.state = 'live' OR r.id IN (SELECT s.registration_id FROM suspended_by_notify s"    \
    "  WHERE s.cause = 'ownership'))"

bool upkeep_unchecked(struct database *database, const char *after, gint64 now, GPtrArray **list,
                      GError **error)
{
    g_autofree char *time = number(now);
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT r.id, r.address, r.account_id, r.state = 'live' AS live, c.fault,"
        " coalesce(c.first_at <= " HOURS_BEFORE_2(LIMIT_FAULT_HOURS) ", false) AS lasting,"
        " coalesce(extract(epoch FROM c.told_at)::bigint, 0) AS told_at,"
        RECORD_OWNERS " AS owners,"
        ABSENT ") AS absent,"
        ABSENT " AND a.first_at <= " HOURS_BEFORE_2(LIMIT_FAULT_HOURS) ") AS absent_lasting"
        " FROM registration r LEFT JOIN ownership_check c ON c.registration_id = r.id"
        " WHERE " IS_LOOKED_AT " AND r.id::text > $1 AND (c.checked_at <= " TIME_2
        "  AND c.checked_at > " HOURS_BEFORE_2(LIMIT_CHECK_HOURS) ") IS NOT TRUE"
        " ORDER BY r.id::text LIMIT 500",
        after, time, DATABASE_END);

    if (!rows)
        return false;
    *list = g_ptr_array_new_with_free_func(checked_free);
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(*list, checked_of(rows, row));
    return true;
}

static void unsettled_free(gpointer data)
{
    struct unsettled *unsettled = data;

    g_free(unsettled->registration);
    g_free(unsettled->address);
    g_ptr_array_unref(unsettled->absent);
    g_free(unsettled);
}

static struct unsettled *unsettled_of(const struct rows *rows, size_t row)
{
    struct unsettled *unsettled = g_new0(struct unsettled, 1);

    unsettled->registration = g_strdup(rows_get(rows, row, "id"));
    unsettled->address = g_strdup(rows_get(rows, row, "address"));
    unsettled->fault = rows_get_bool(rows, row, "fault");
    unsettled->absent = owners_of(rows, row, "absent");
    return unsettled;
}

/* An absence that a look has found to last is settled, also where its owner is the last one. */
#define UNSETTLED_ABSENT \
    ABSENT " AND c.checked_at < a.first_at + interval '" G_STRINGIFY(LIMIT_FAULT_HOURS) " hours')"
/* Of a registration that is nobody's since all its owners are absent, they are the news. */
#define IS_OF_ABSENT                                                                         \
    "(c.fault = 'nobody' AND NOT EXISTS (SELECT FROM registration_owner o"                   \
    "  WHERE o.registration_id = r.id AND NOT EXISTS (SELECT FROM absent_owner a"            \
    "   WHERE a.registration_id = r.id AND a.login = o.written"                              \
    "   AND a.person_id IS NOT DISTINCT FROM o.person_id)))"

bool upkeep_unsettled(struct database *database, GPtrArray **list, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT * FROM (SELECT r.id, r.address, " UNSETTLED_ABSENT " AS absent,"
        " c.fault IS NOT NULL AND c.told_at IS NULL AND NOT " IS_OF_ABSENT " AS fault"
        " FROM registration r JOIN ownership_check c ON c.registration_id = r.id"
        " WHERE " IS_LOOKED_AT ") u WHERE fault OR absent IS NOT NULL",
        DATABASE_END);

    if (!rows)
        return false;
    *list = g_ptr_array_new_with_free_func(unsettled_free);
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(*list, unsettled_of(rows, row));
    return true;
}

bool upkeep_count(struct database *database, guint *registrations, guint *owners, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT (SELECT count(*) FROM registration r WHERE " IS_LOOKED_AT ") AS registrations,"
        " (SELECT count(*) FROM (SELECT DISTINCT o.written, o.person_id FROM registration_owner o"
        "  JOIN registration r ON r.id = o.registration_id WHERE " IS_LOOKED_AT ") d) AS owners",
        DATABASE_END);

    if (!rows)
        return false;
    *registrations = (guint)rows_get_number(rows, 0, "registrations");
    *owners = (guint)rows_get_number(rows, 0, "owners");
    return true;
}

static bool note_fault(struct database *database, const char *registration, const char *fault,
                       const char *time, GError **error)
{
    return database_run(
        database, error,
        "INSERT INTO ownership_check AS c (registration_id, checked_at, fault, first_at)"
        " VALUES ($1, " TIME_2 ", $3, CASE WHEN $3::text IS NOT NULL THEN " TIME_2 " END)"
        " ON CONFLICT (registration_id) DO UPDATE SET checked_at = EXCLUDED.checked_at,"
        " fault = EXCLUDED.fault,"
        " first_at = CASE WHEN EXCLUDED.fault IS NOT NULL THEN coalesce(c.first_at,"
        "  EXCLUDED.first_at) END,"
        " told_at = CASE WHEN EXCLUDED.fault IS NOT NULL THEN c.told_at END",
        registration, time, fault, DATABASE_END);
}

/* Owners as record_read_owners() reads them. */
static char *owners_text(const GPtrArray *owners)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < owners->len; i++) {
        const struct owner *owner = g_ptr_array_index(owners, i);
        g_string_append_printf(text, "%s%s\x1f%s", i ? "\n" : "", owner->written,
                               owner->person_id);
    }
    return g_string_free(text, FALSE);
}

#define OWNERS_2                                                                            \
    "n AS (SELECT split_part(line, E'\\x1f', 1) AS login,"                             \
    "           nullif(split_part(line, E'\\x1f', 2), '') AS person_id"                     \
    "           FROM unnest(string_to_array($2, E'\\n')) line)"

static bool note_absent(struct database *database, const char *registration,
                        const GPtrArray *absent, const char *time, GError **error)
{
    g_autofree char *owners = owners_text(absent);

    return database_run(database, error,
                        "WITH " OWNERS_2 " DELETE FROM absent_owner a WHERE registration_id = $1"
                        " AND NOT EXISTS (SELECT FROM n WHERE n.login = a.login"
                        "                 AND n.person_id IS NOT DISTINCT FROM a.person_id)",
                        registration, owners, DATABASE_END) &&
           database_run(database, error,
                        "WITH " OWNERS_2 " INSERT INTO absent_owner"
                        " (registration_id, login, person_id, first_at)"
                        " SELECT $1, login, person_id, to_timestamp($3::bigint) FROM n"
                        " ON CONFLICT DO NOTHING",
                        registration, owners, time, DATABASE_END);
}

static bool tell_back(struct database *database, const char *registration,
                      const struct tidings *back, gint64 now, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT FROM ownership_check WHERE registration_id = $1 AND told_at IS NOT NULL",
        registration, DATABASE_END);

    return rows && (rows_count(rows) == 0 || upkeep_tell(database, registration, back, now, error));
}

bool upkeep_note_check(struct database *database, const char *registration, const char *fault,
                       const GPtrArray *absent, const struct tidings *back, gint64 now,
                       GError **error)
{
    g_autofree char *time = number(now);

    return database_begin(database, error) &&
           end(database,
               (fault || tell_back(database, registration, back, now, error)) &&
                   note_fault(database, registration, fault, time, error) &&
                   note_absent(database, registration, absent, time, error),
               error);
}

bool upkeep_tell_fault(struct database *database, const char *registration,
                       const struct tidings *tidings, gint64 now, GError **error)
{
    g_autofree char *time = number(now);
    auto_ptr(rows) rows = NULL;

    if (!database_begin(database, error))
        return false;
    rows = database_query(database, error,
                          "UPDATE ownership_check SET told_at = to_timestamp($2::bigint)"
                          " WHERE registration_id = $1 AND fault IS NOT NULL AND told_at IS NULL"
                          " RETURNING told_at",
                          registration, time, DATABASE_END);
    return end(
        database,
        rows && (rows_count(rows) == 0 || upkeep_tell(database, registration, tidings, now, error)),
        error);
}

static bool store_account(struct database *database, const struct checked *checked,
                          const char *id, const char *label, const char *reason, GError **error)
{
    const char *registration = checked->registration;
    g_autofree char *before = NULL;
    g_autofree char *history = NULL;

    if (!take(database, registration, checked->live ? "live" : "suspended", &before, error))
        return false;
    if (!before)
        return true;
    return database_run(database, error,
                        "UPDATE registration SET account_id = $2, account_label = $3"
                        " WHERE id = $1",
                        registration, id, label, DATABASE_END) &&
           add_history(database, registration, "account changed", before, reason, &history,
                       error);
}

bool upkeep_take_account(struct database *database, const struct checked *checked, const char *id,
                         const char *label, const char *reason, GError **error)
{
    return database_begin(database, error) &&
           end(database, store_account(database, checked, id, label, reason, error), error);
}

void recognised_free(struct recognised *recognised)
{
    if (!recognised)
        return;
    g_free(recognised->name);
    g_free(recognised->person_id);
    g_free(recognised);
}

static bool is_renamed(const struct recognised *one)
{
    return !one->name || !g_str_equal(one->name, owner_name(one->owner->written));
}

/* By name and id: in the middle of a swap two rows have the same name. */
static bool write_recognised(struct database *database, const char *registration,
                             const struct recognised *one, GError **error)
{
    const struct owner *owner = one->owner;

    if (!one->name)
        return database_run(database, error,
                            "DELETE FROM registration_owner WHERE registration_id = $1"
                            " AND written = $2 AND person_id IS NOT DISTINCT FROM nullif($3, '')",
                            registration, owner->written, owner->person_id, DATABASE_END);
    return database_run(database, error,
                        "UPDATE registration_owner SET login = $4, person_id = nullif($5, '')"
                        " WHERE registration_id = $1 AND written = $2"
                        " AND person_id IS NOT DISTINCT FROM nullif($3, '')",
                        registration, owner->written, owner->person_id, one->name, one->person_id,
                        DATABASE_END);
}

static bool note_renamed(struct database *database, const char *registration, const char *before,
                         bool groups, GError **error)
{
    const char *reason = groups ? "the directory has this group under another name now"
                                : "the directory has this person under another login now";
    g_autofree char *history = NULL;

    return database_run(database, error,
                        "UPDATE registration SET version = version + 1 WHERE id = $1", registration,
                        DATABASE_END) &&
           add_history(database, registration, "owner renamed", before, reason, &history, error);
}

static bool recognise(struct database *database, const struct checked *checked,
                      const GPtrArray *list, GError **error)
{
    g_autofree char *before = NULL;
    bool renamed = false;
    bool groups = true; /* nobody else */

    if (!take(database, checked->registration, checked->live ? "live" : "suspended", &before,
              error))
        return false;
    if (!before)
        return true;
    if (!database_run(database, error, "SET CONSTRAINTS registration_owner_pkey DEFERRED",
                      DATABASE_END))
        return false;
    for (guint i = 0; i < list->len; i++) {
        const struct recognised *one = g_ptr_array_index(list, i);
        if (!write_recognised(database, checked->registration, one, error))
            return false;
        renamed |= is_renamed(one);
        groups &= !is_renamed(one) || owner_is_group(one->owner->written);
    }
    return !renamed || note_renamed(database, checked->registration, before, groups, error);
}

bool upkeep_recognise(struct database *database, const struct checked *checked,
                      const GPtrArray *list, GError **error)
{
    return database_begin(database, error) &&
           end(database, recognise(database, checked, list, error), error);
}

/* By login and id: the login may have passed to somebody who is there. */
static bool take_off(struct database *database, const char *registration,
                     const struct owner *owner, bool *taken, GError **error)
{
    auto_ptr(rows) rows =
        database_query(database, error,
                       "DELETE FROM registration_owner WHERE registration_id = $1 AND written = $2"
                       " AND person_id IS NOT DISTINCT FROM nullif($3, '')"
                       " AND EXISTS (SELECT FROM registration_owner o WHERE o.registration_id = $1"
                       "             AND o.written <> $2) RETURNING login",
                       registration, owner->written, owner->person_id, DATABASE_END);

    if (!rows)
        return false;
    *taken = rows_count(rows) > 0;
    return true;
}

static bool remove_owner(struct database *database, const char *registration,
                         const struct owner *owner, const char *reason,
                         const struct tidings *tidings, gint64 now, GError **error)
{
    g_autofree char *before = NULL;
    g_autofree char *history = NULL;
    bool taken = false;

    if (!take(database, registration, "live", &before, error))
        return false;
    if (before && !take_off(database, registration, owner, &taken, error))
        return false;
    if (!taken)
        return true;
    return database_run(database, error,
                        "UPDATE registration SET version = version + 1 WHERE id = $1", registration,
                        DATABASE_END) &&
           add_history(database, registration, "owner removed", before, reason, &history,
                       error) &&
           upkeep_tell(database, registration, tidings, now, error);
}

bool upkeep_remove_owner(struct database *database, const char *registration,
                         const struct owner *owner, const char *reason,
                         const struct tidings *tidings, gint64 now, GError **error)
{
    return database_begin(database, error) &&
           end(database, remove_owner(database, registration, owner, reason, tidings, now, error),
               error);
}
