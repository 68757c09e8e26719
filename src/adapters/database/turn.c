/* SPDX-License-Identifier: MIT
 *
 * The SQL of turns.
 */
#include "adapters/database/turn.h"

static bool take_place(struct database *database, const char *who, unsigned place,
                       unsigned milliseconds, bool *taken, GError **error)
{
    g_autofree char *number = g_strdup_printf("%u", place);
    g_autofree char *time = g_strdup_printf("%u milliseconds", milliseconds);
    auto_ptr(rows) rows = database_query(
        database, error,
        "INSERT INTO lookup_turn AS t (who, place, until) VALUES ($1, $2, now() + $3::interval)"
        " ON CONFLICT (who, place) DO UPDATE SET until = excluded.until WHERE t.until <= now()"
        " RETURNING place",
        who, number, time, DATABASE_END);

    if (!rows)
        return false;
    *taken = rows_count(rows) > 0;
    return true;
}

bool turn_take(struct database *database, const char *who, unsigned places, unsigned milliseconds,
               unsigned *place, GError **error)
{
    bool taken = false;

    *place = 0;
    for (unsigned i = 1; i <= places && !taken; i++) {
        if (!take_place(database, who, i, milliseconds, &taken, error))
            return false;
        if (taken)
            *place = i;
    }
    return true;
}

void turn_end(struct database *database, const char *who, unsigned place)
{
    g_autofree char *number = g_strdup_printf("%u", place);

    database_run(database, NULL, "DELETE FROM lookup_turn WHERE who = $1 AND place = $2", who,
                 number, DATABASE_END);
}
