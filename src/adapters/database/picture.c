/* SPDX-License-Identifier: MIT
 *
 * The SQL of the picture.
 */
#include "adapters/database/picture.h"

static void picture_day_free(gpointer data)
{
    struct picture_day *day = data;

    g_free(day->day);
    g_free(day);
}

static struct picture_day *picture_day_of(const struct rows *rows, size_t row)
{
    struct picture_day *day = g_new0(struct picture_day, 1);

    day->day = g_strdup(rows_get(rows, row, "day"));
    day->live = rows_get_number(rows, row, "live");
    day->suspended = rows_get_number(rows, row, "suspended");
    day->retired = rows_get_number(rows, row, "retired");
    day->published = rows_get_number(rows, row, "published");
    day->unchanged = rows_get_number(rows, row, "unchanged");
    day->permitted = rows_get_number(rows, row, "permitted");
    day->refused = rows_get_number(rows, row, "refused");
    day->deferred = rows_get_number(rows, row, "deferred");
    return day;
}

/* How many registrations had which state follows from the changes of state in the history. */
static struct rows *ask(struct database *database, GError **error)
{
    return database_query(
        database, error,
        "WITH today AS (SELECT (now() AT TIME ZONE 'UTC')::date AS day),"
        " days AS (SELECT day - n AS day FROM today, generate_series(0, 29) n),"
        " step AS (SELECT (h.at AT TIME ZONE 'UTC')::date AS day,"
        "   sum(v.n) FILTER (WHERE v.state = 'live') AS live,"
        "   sum(v.n) FILTER (WHERE v.state = 'suspended') AS suspended,"
        "   sum(v.n) FILTER (WHERE v.state = 'retired') AS retired"
        "  FROM history h CROSS JOIN LATERAL"
        "   (VALUES (h.after ->> 'state', 1), (h.before ->> 'state', -1)) v (state, n)"
        "  WHERE h.before ->> 'state' IS DISTINCT FROM h.after ->> 'state' GROUP BY 1),"
        " run AS (SELECT (finished_at AT TIME ZONE 'UTC')::date AS day,"
        "   count(*) FILTER (WHERE outcome = 'published') AS published,"
        "   count(*) FILTER (WHERE outcome = 'unchanged') AS unchanged"
        "  FROM export_run WHERE finished_at > now() - interval '31 days' GROUP BY 1),"
        " decision AS (SELECT day, sum(count) FILTER (WHERE code = 'message.permitted') AS "
        "permitted,"
        "   sum(count) FILTER (WHERE code IN ('message.unavailable', 'message.too-many',"
        "    'message.not-on-relay-yet')) AS "
        "deferred,"
        "   sum(count) FILTER (WHERE code NOT IN ('message.permitted', 'message.unavailable',"
        "    'message.too-many', 'message.not-on-relay-yet')) AS refused FROM decision_count GROUP BY 1)"
        " SELECT to_char(d.day, 'YYYY-MM-DD') AS day, coalesce(sum(s.live), 0) AS live,"
        "  coalesce(sum(s.suspended), 0) AS suspended, coalesce(sum(s.retired), 0) AS retired,"
        "  coalesce(max(r.published), 0) AS published, coalesce(max(r.unchanged), 0) AS unchanged,"
        "  coalesce(max(c.permitted), 0) AS permitted, coalesce(max(c.refused), 0) AS refused,"
        "  coalesce(max(c.deferred), 0) AS deferred"
        " FROM days d LEFT JOIN step s ON s.day <= d.day LEFT JOIN run r ON r.day = d.day"
        " LEFT JOIN decision c ON c.day = d.day GROUP BY d.day ORDER BY d.day",
        DATABASE_END);
}

bool picture_read(struct database *database, GPtrArray **days, GError **error)
{
    auto_ptr(rows) rows = ask(database, error);

    if (!rows)
        return false;
    *days = g_ptr_array_new_with_free_func(picture_day_free);
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(*days, picture_day_of(rows, row));
    return true;
}
