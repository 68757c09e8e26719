/* SPDX-License-Identifier: MIT
 *
 * The rate in words.
 */
#include "service/allowance.h"

static char *words_of(unsigned per_hour, bool each)
{
    if (per_hour == 0)
        return g_strdup("No limit");
    return g_strdup_printf("Up to %u %s an hour%s", per_hour,
                           per_hour == 1 ? "recipient" : "recipients",
                           each ? " for each device or server" : "");
}

char *allowance_type_words(const struct application_type *type)
{
    return words_of(type->recipients_per_hour, type->per_source);
}
