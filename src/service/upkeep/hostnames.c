/* SPDX-License-Identifier: MIT
 *
 * The round of the hostnames.
 */
#include "adapters/database/upkeep.h"
#include "service/upkeep/upkeep.h"

#define TOLD 1
#define ROUND_MS 60000

bool upkeep_round_hostnames(const struct upkeep *upkeep, GError **error)
{
    g_autoptr(GPtrArray) list = NULL;

    database_set_deadline(upkeep->database, deadline_in(ROUND_MS));
    if (!upkeep_nameless(upkeep->database, upkeep->now, &list, error))
        return false;
    for (guint i = 0; i < list->len; i++) {
        const struct nameless *nameless = g_ptr_array_index(list, i);
        const char *const values[] = {"hostname", nameless->hostname, NULL};
        struct tidings tidings = {.kind = "hostname-lost", .values = values};
        database_set_deadline(upkeep->database, deadline_in(ROUND_MS));
        if (!upkeep_remind(upkeep->database, nameless->registration, nameless->subject, TOLD,
                           &tidings, upkeep->now, error))
            return false;
    }
    return true;
}
