/* SPDX-License-Identifier: MIT
 *
 * The list of roots.def, compiled in: facts that belong to the program as its rules do.
 */
#include "adapters/certificate/roots.h"

static const struct known_root roots[] = {
#define ROOTS_OF(day)
#define ROOT(sha256, subject_sha256, key_identifier, last_day, name) \
    {sha256, subject_sha256, key_identifier, last_day, name},
#include "adapters/certificate/roots.def"
#undef ROOT
#undef ROOTS_OF
};

const char *roots_date(void)
{
#define ROOTS_OF(day) return day;
#define ROOT(sha256, subject_sha256, key_identifier, last_day, name)
#include "adapters/certificate/roots.def"
#undef ROOT
#undef ROOTS_OF
}

const struct known_root *roots_list(size_t *count)
{
    *count = G_N_ELEMENTS(roots);
    return roots;
}

gint64 roots_distrust_after(const struct known_root *root)
{
    g_autofree char *text = g_strconcat(root->last_day, "T23:59:59Z", NULL);
    g_autoptr(GDateTime) end = g_date_time_new_from_iso8601(text, NULL);

    return end ? g_date_time_to_unix(end) : 0;
}
