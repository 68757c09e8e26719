/* SPDX-License-Identifier: MIT
 *
 * The list of roots.def, compiled in: facts that belong to the program as its rules do.
 */
#include "adapters/certificate/roots.h"

static const struct {
    const char *sha256;
    const char *last_day;
} roots[] = {
#define ROOTS_OF(day)
#define ROOT(sha256, last_day, name) {sha256, last_day},
#include "adapters/certificate/roots.def"
#undef ROOT
#undef ROOTS_OF
};

const char *roots_date(void)
{
#define ROOTS_OF(day) return day;
#define ROOT(sha256, last_day, name)
#include "adapters/certificate/roots.def"
#undef ROOT
#undef ROOTS_OF
}

static gint64 end_of(const char *day)
{
    g_autofree char *text = g_strconcat(day, "T23:59:59Z", NULL);
    g_autoptr(GDateTime) end = g_date_time_new_from_iso8601(text, NULL);

    return end ? g_date_time_to_unix(end) : 0;
}

bool roots_find(const char *sha256, gint64 *distrust_after)
{
    for (size_t i = 0; i < G_N_ELEMENTS(roots); i++) {
        if (!g_str_equal(roots[i].sha256, sha256))
            continue;
        *distrust_after = *roots[i].last_day ? end_of(roots[i].last_day) : 0;
        return true;
    }
    return false;
}
