/* SPDX-License-Identifier: MIT
 *
 * The SQL of the rates' use.
 */
#include "adapters/database/usage.h"

void usage_free(struct usage *usage)
{
    if (!usage)
        return;
    g_free(usage->set_by);
    g_free(usage->set_why);
    g_free(usage);
}

static bool read_reports(struct database *database, const char *id, unsigned fresh_seconds,
                         struct usage *usage, GError **error)
{
    g_autofree char *seconds = g_strdup_printf("%u", fresh_seconds);
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT count(*) FILTER (WHERE fresh) AS relays,"
        " coalesce(sum(used) FILTER (WHERE fresh), 0) AS used,"
        " coalesce(max(used) FILTER (WHERE fresh), 0) AS busiest,"
        " coalesce(bool_or(used >= allowed) FILTER (WHERE seen > now() - interval '1 hour'), false)"
        "  AS full,"
        " extract(epoch FROM coalesce(min(seen) FILTER (WHERE fresh), max(seen)))::bigint AS reported"
        " FROM relay_rate, LATERAL (SELECT seen > now() - make_interval(secs => $2::integer)) f (fresh)"
        " WHERE registration_id = $1",
        id, seconds, DATABASE_END);

    if (!rows)
        return false;
    usage->relays = (unsigned)rows_get_number(rows, 0, "relays");
    usage->used = rows_get_number(rows, 0, "used");
    usage->busiest = rows_get_number(rows, 0, "busiest");
    usage->full = rows_get_bool(rows, 0, "full");
    usage->reported_at = rows_get_number(rows, 0, "reported");
    return true;
}

static bool read_origin(struct database *database, const char *id, struct usage *usage,
                        GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT h.login, h.reason, extract(epoch FROM h.at)::bigint AS at FROM history h"
        " JOIN registration r ON r.id = h.registration_id"
        " WHERE r.id = $1 AND r.recipients_per_hour IS NOT NULL AND h.action = 'rate changed'"
        " ORDER BY h.id DESC LIMIT 1",
        id, DATABASE_END);
    bool own = rows && rows_count(rows) > 0;

    if (!rows)
        return false;
    usage->set_by = g_strdup(own ? rows_get(rows, 0, "login") : "");
    usage->set_why = g_strdup(own ? rows_get(rows, 0, "reason") : "");
    usage->set_at = own ? rows_get_number(rows, 0, "at") : 0;
    return true;
}

bool usage_find(struct database *database, const char *id, unsigned fresh_seconds,
                struct usage **found, GError **error)
{
    auto_ptr(usage) usage = g_new0(struct usage, 1);

    if (!read_reports(database, id, fresh_seconds, usage, error) ||
        !read_origin(database, id, usage, error))
        return false;
    *found = g_steal_pointer(&usage);
    return true;
}
