/* SPDX-License-Identifier: MIT
 *
 * The SQL of the view waiting_notice.
 */
#include "adapters/database/queue.h"

#include "base/limits.h"

#define MOST_REASONS G_STRINGIFY(LIMIT_NOTICE_REASONS)

/* ---- one by one ---- */

static void failing_notice_free(gpointer data)
{
    struct failing_notice *failing = data;

    g_free(failing->registration);
    g_free(failing->address);
    g_free(failing->kind);
    g_free(failing->recipient);
    g_free(failing->since);
    g_free(failing->last_error);
    g_free(failing);
}

static struct failing_notice *failing_notice_of(const struct rows *rows, size_t row)
{
    struct failing_notice *failing = g_new0(struct failing_notice, 1);

    failing->registration = g_strdup(rows_get(rows, row, "registration_id"));
    failing->address = g_strdup(rows_get(rows, row, "address"));
    failing->kind = g_strdup(rows_get(rows, row, "kind"));
    failing->recipient = g_strdup(rows_get(rows, row, "recipient"));
    failing->since = g_strdup(rows_get(rows, row, "since"));
    failing->last_error = g_strdup(rows_get(rows, row, "last_error"));
    failing->attempts = rows_get_number(rows, row, "attempts");
    return failing;
}

bool queue_failing(struct database *database, guint most, GPtrArray **list, GError **error)
{
    g_autofree char *limit = g_strdup_printf("%u", most);
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT w.registration_id, r.address, w.kind, w.recipient, w.attempts, w.last_error,"
        " to_char(w.made_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since"
        " FROM waiting_notice w JOIN registration r ON r.id = w.registration_id"
        " WHERE w.failing ORDER BY w.id LIMIT $1::bigint",
        limit, DATABASE_END);

    if (!rows)
        return false;
    *list = g_ptr_array_new_with_free_func(failing_notice_free);
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(*list, failing_notice_of(rows, row));
    return true;
}

/* ---- as a whole ---- */

static void queue_reason_free(gpointer data)
{
    struct queue_reason *reason = data;

    g_free(reason->reason);
    g_free(reason);
}

void queue_state_free(struct queue_state *state)
{
    g_ptr_array_unref(state->reasons);
    g_free(state);
}

/* The words behind the codes differ from answer to answer: addresses, queue ids. */
static bool read_reasons(struct database *database, struct queue_state *state, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT coalesce(substring(last_error FROM"
        "  '^[245][0-9]{2}(?: [245]\\.[0-9]{1,3}\\.[0-9]{1,3})?'), last_error) AS reason,"
        " count(*) AS count FROM waiting_notice WHERE failing GROUP BY 1"
        " ORDER BY 2 DESC, 1 LIMIT " MOST_REASONS,
        DATABASE_END);

    if (!rows)
        return false;
    for (size_t row = 0; row < rows_count(rows); row++) {
        struct queue_reason *reason = g_new0(struct queue_reason, 1);
        reason->reason = g_strdup(rows_get(rows, row, "reason"));
        reason->count = rows_get_number(rows, row, "count");
        g_ptr_array_add(state->reasons, reason);
    }
    return true;
}

bool queue_read(struct database *database, struct queue_state **state, GError **error)
{
    auto_ptr(queue_state) whole = NULL;
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT count(*) AS waiting, count(*) FILTER (WHERE failing) AS failing,"
        " count(held_for) AS held,"
        " coalesce(extract(epoch FROM min(made_at) FILTER (WHERE failing))::bigint, 0) AS oldest"
        " FROM waiting_notice",
        DATABASE_END);

    if (!rows)
        return false;
    whole = g_new0(struct queue_state, 1);
    whole->reasons = g_ptr_array_new_with_free_func(queue_reason_free);
    whole->waiting = rows_get_number(rows, 0, "waiting");
    whole->failing = rows_get_number(rows, 0, "failing");
    whole->held = rows_get_number(rows, 0, "held");
    whole->oldest_failing = rows_get_number(rows, 0, "oldest");
    if (!read_reasons(database, whole, error))
        return false;
    *state = g_steal_pointer(&whole);
    return true;
}
