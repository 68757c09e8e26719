/* SPDX-License-Identifier: MIT
 *
 * The SQL of the queue.
 */
#include "adapters/database/notices.h"

#include "adapters/database/record.h"
#include "base/limits.h"

#define LOCK "7178"
/* The last one of an hour's share is the digest. */
#define MOST_BY_THEMSELVES G_STRINGIFY(LIMIT_NOTICES_TO_ONE) " - 1"

static char *number(gint64 value)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, value);
}

static void notice_free(gpointer data)
{
    struct notice *notice = data;

    g_free(notice->id);
    g_free(notice->kind);
    g_free(notice->recipient);
    g_free(notice->person_id);
    g_hash_table_unref(notice->values);
    g_free(notice);
}

bool notices_lock(struct database *database, bool *alone, GError **error)
{
    return database_hold(database, LOCK, alone, error);
}

/* Fields end with US, the two of a pair are parted by RS: no value holds either. */
static void add_details(GHashTable *values, const char *text)
{
    g_auto(GStrv) pairs = g_strsplit(text, "\x1f", -1);

    for (char **pair = pairs; *pair; pair++) {
        char *value = strchr(*pair, '\x1e');
        if (value)
            g_hash_table_insert(values, g_strndup(*pair, value - *pair), g_strdup(value + 1));
    }
}

static struct notice *notice_of(const struct rows *rows, size_t row)
{
    struct notice *notice = g_new0(struct notice, 1);
    GHashTable *values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    notice->id = g_strdup(rows_get(rows, row, "id"));
    notice->kind = g_strdup(rows_get(rows, row, "kind"));
    notice->recipient = g_strdup(rows_get(rows, row, "recipient"));
    notice->person_id = g_strdup(rows_get(rows, row, "person_id"));
    notice->made_at = rows_get_number(rows, row, "made");
    notice->attempts = rows_get_number(rows, row, "attempts");
    notice->in_doubt = rows_get_number(rows, row, "in_doubt");
    notice->values = values;
    add_details(values, rows_get(rows, row, "details"));
    for (const char *const *name =
             (const char *const[]){"address", "application", "registration", NULL};
         *name; name++)
        g_hash_table_insert(values, g_strdup(*name), g_strdup(rows_get(rows, row, *name)));
    return notice;
}

static GPtrArray *notices_of(const struct rows *rows)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(notice_free);

    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(list, notice_of(rows, row));
    return list;
}

#define NOTICES                                                                                 \
    " n.id, n.kind, n.recipient, coalesce(n.person_id, '') AS person_id, n.attempts,"           \
    " n.in_doubt, r.address, r.id AS registration,"                                             \
    " r.application_name AS application, extract(epoch FROM n.made_at)::bigint AS made,"        \
    " (SELECT string_agg(d.key || E'\\x1e' || translate(d.value, E'\\x1e\\x1f', ''), E'\\x1f')" \
    "  FROM jsonb_each_text(n.details) d) AS details"                                           \
    " FROM notice n JOIN registration r ON r.id = n.registration_id"

bool notices_due(struct database *database, const char *after, gint64 now, GPtrArray **list,
                 GError **error)
{
    g_autofree char *time = number(now);
    g_autofree char *farthest = number(now + LIMIT_NOTICE_PAUSE_HOURS * 3600);
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT" NOTICES " WHERE n.sent_at IS NULL AND n.skipped_at IS NULL AND n.held_for IS NULL"
        " AND n.id > $1::bigint"
        " AND (n.next_attempt_at <= to_timestamp($2::bigint)"
        "      OR n.next_attempt_at > to_timestamp($3::bigint))"
        " ORDER BY n.id LIMIT 100",
        after, time, farthest, DATABASE_END);

    if (!rows)
        return false;
    *list = notices_of(rows);
    return true;
}

bool notices_claim(struct database *database, const struct notice *notice, gint64 until, bool *mine,
                   GError **error)
{
    g_autofree char *time = number(until);
    g_autofree char *attempts = number(notice->attempts);
    auto_ptr(rows) rows = database_query(
        database, error,
        "UPDATE notice SET attempts = attempts + 1, next_attempt_at = to_timestamp($2::bigint)"
        " WHERE id = $1::bigint AND attempts = $3::integer AND sent_at IS NULL"
        " AND skipped_at IS NULL RETURNING id",
        notice->id, time, attempts, DATABASE_END);

    if (!rows)
        return false;
    *mine = rows_count(rows) > 0;
    return true;
}

bool notices_handing_over(struct database *database, const struct notice *notice, GError **error)
{
    if (database_begin(database, error) &&
        database_run(database, error,
                     "UPDATE notice SET in_doubt = in_doubt + 1 WHERE id = $1::bigint", notice->id,
                     DATABASE_END))
        return database_commit_send(database, error);
    database_rollback(database);
    return false;
}

bool notices_handed_over(struct database *database, GError **error)
{
    return database_commit_wait(database, error);
}

bool notices_sent(struct database *database, const struct notice *notice, const char *to,
                  gint64 now, const char *remark, GError **error)
{
    g_autofree char *time = number(now);

    return database_run(database, error,
                        "UPDATE notice SET sent_at = to_timestamp($2::bigint), last_error = $3,"
                        " sent_to = nullif($4, '') WHERE id = $1::bigint AND sent_at IS NULL"
                        " AND skipped_at IS NULL",
                        notice->id, time, remark, to, DATABASE_END);
}

bool notices_failed(struct database *database, const struct notice *notice, gint64 until,
                    const char *reason, GError **error)
{
    g_autofree char *time = number(until);
    g_autofree char *in_doubt = number(notice->in_doubt);

    return database_run(database, error,
                        "UPDATE notice SET next_attempt_at = to_timestamp($2::bigint),"
                        " last_error = $3, in_doubt = $4::smallint WHERE id = $1::bigint"
                        " AND sent_at IS NULL AND skipped_at IS NULL",
                        notice->id, time, reason, in_doubt, DATABASE_END);
}

bool notices_skip(struct database *database, const struct notice *notice, gint64 now,
                  const char *reason, GError **error)
{
    g_autofree char *time = number(now);

    return database_run(database, error,
                        "UPDATE notice SET skipped_at = to_timestamp($2::bigint), last_error = $3"
                        " WHERE id = $1::bigint AND sent_at IS NULL AND skipped_at IS NULL",
                        notice->id, time, reason, DATABASE_END);
}

/* Who is in two groups, or is listed as well, has one row of the same making. */
bool notices_pass_on(struct database *database, const struct notice *notice,
                     const GPtrArray *recipients, gint64 now, const char *remark, GError **error)
{
    g_autofree char *time = number(now);
    g_autofree char *lines = record_lines(recipients);

    return database_run(
        database, error,
        "WITH passed AS (UPDATE notice SET sent_at = to_timestamp($2::bigint), last_error = $3"
        "  WHERE id = $1::bigint AND sent_at IS NULL AND skipped_at IS NULL RETURNING *)"
        " INSERT INTO notice (registration_id, kind, recipient, details, made_at, next_attempt_at)"
        " SELECT p.registration_id, p.kind, r.recipient, p.details, p.made_at, p.made_at"
        " FROM passed p, unnest(string_to_array($4, E'\\n')) r (recipient)"
        " WHERE NOT EXISTS (SELECT FROM notice n WHERE n.registration_id = p.registration_id"
        "  AND n.kind = p.kind AND n.made_at = p.made_at AND n.details = p.details"
        "  AND n.recipient = r.recipient)"
        " ORDER BY r.recipient",
        notice->id, time, remark, lines, DATABASE_END);
}

/* ---- digests ----------------------------------------------------------------------------- */

bool notices_hold(struct database *database, const struct notice *notice, const char *address,
                  gint64 now, bool *held, GError **error)
{
    g_autofree char *time = number(now);
    auto_ptr(rows) rows =
        database_query(database, error,
                       "UPDATE notice SET held_for = $2, last_error = '',"
                       " next_attempt_at = to_timestamp($3::bigint) + interval '1 hour'"
                       " WHERE id = $1::bigint AND sent_at IS NULL AND skipped_at IS NULL"
                       " AND (EXISTS (SELECT FROM waiting_notice w WHERE w.held_for = $2)"
                       "  OR (SELECT count(*) FROM notice s WHERE s.sent_to = $2"
                       "      AND s.sent_at > to_timestamp($3::bigint) - interval '1 hour'"
                       "      AND s.sent_at <= to_timestamp($3::bigint)) >= " MOST_BY_THEMSELVES ")"
                       " RETURNING id",
                       notice->id, address, time, DATABASE_END);

    if (!rows)
        return false;
    *held = rows_count(rows) > 0;
    return true;
}

bool notices_digests_due(struct database *database, gint64 now, GPtrArray **addresses,
                         GError **error)
{
    g_autofree char *time = number(now);
    g_autofree char *farthest = number(now + LIMIT_NOTICE_PAUSE_HOURS * 3600);
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT w.held_for FROM waiting_notice w WHERE w.held_for IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM notice d WHERE d.kind = 'digest' AND d.recipient = w.held_for"
        "  AND d.skipped_at IS NULL AND (d.sent_at IS NULL"
        "   OR d.sent_at > to_timestamp($1::bigint) - interval '1 hour'"
        "   AND d.sent_at <= to_timestamp($1::bigint)))"
        " GROUP BY w.held_for HAVING min(w.next_attempt_at) <= to_timestamp($1::bigint)"
        "  OR min(w.next_attempt_at) > to_timestamp($2::bigint) ORDER BY w.held_for",
        time, farthest, DATABASE_END);

    if (!rows)
        return false;
    *addresses = g_ptr_array_new_with_free_func(g_free);
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(*addresses, g_strdup(rows_get(rows, row, "held_for")));
    return true;
}

bool notices_held_for(struct database *database, const char *address, guint most, GPtrArray **list,
                      GError **error)
{
    g_autofree char *limit = g_strdup_printf("%u", most);
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT" NOTICES
        " WHERE n.id IN (SELECT id FROM waiting_notice WHERE held_for = $1 ORDER BY id"
        " LIMIT $2::bigint) ORDER BY r.address, r.id, n.id",
        address, limit, DATABASE_END);

    if (!rows)
        return false;
    *list = notices_of(rows);
    return true;
}

/* Caller frees. */
static char *ids_of(const GPtrArray *notices, guint count)
{
    GString *ids = g_string_new("{");

    for (guint i = 0; i < count; i++) {
        const struct notice *notice = g_ptr_array_index(notices, i);
        g_string_append_printf(ids, "%s%s", i ? "," : "", notice->id);
    }
    g_string_append_c(ids, '}');
    return g_string_free(ids, FALSE);
}

bool notices_digest(struct database *database, const struct notices_digest *digest, gint64 now,
                    GError **error)
{
    const struct notice *first = g_ptr_array_index(digest->notices, 0);
    g_autofree char *time = number(now);
    g_autofree char *ids = ids_of(digest->notices, digest->count);

    return database_run(
        database, error,
        "WITH told AS (UPDATE notice SET sent_at = to_timestamp($3::bigint),"
        "  last_error = 'told in a digest to ' || $1"
        "  WHERE id = ANY($2::bigint[]) AND held_for = $1 AND sent_at IS NULL"
        "  AND skipped_at IS NULL RETURNING id)"
        " INSERT INTO notice (registration_id, kind, recipient, details, made_at, next_attempt_at)"
        " SELECT $4, 'digest', $1, jsonb_build_object('count', $5::text, 'notices', $6::text),"
        "  to_timestamp($3::bigint), to_timestamp($3::bigint) WHERE EXISTS (SELECT FROM told)",
        digest->address, ids, time, g_hash_table_lookup(first->values, "registration"),
        digest->summary, digest->text, DATABASE_END);
}
