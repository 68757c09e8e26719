/* SPDX-License-Identifier: MIT
 *
 * Service locations.
 */
#include "rules/location.h"

struct location *location_new(const char *id, const char *name)
{
    struct location *location = g_new0(struct location, 1);

    location->id = g_strdup(id);
    location->name = g_strdup(name);
    location->networks = g_array_new(FALSE, FALSE, sizeof(struct network));
    location->largest_ipv4 = 24;
    location->largest_ipv6 = 64;
    return location;
}

void location_free(struct location *location)
{
    if (!location)
        return;
    g_free(location->id);
    g_free(location->name);
    g_array_unref(location->networks);
    g_free(location);
}

bool location_contains(const struct location *location, const struct network *network)
{
    for (guint i = 0; i < location->networks->len; i++)
        if (network_contains(&g_array_index(location->networks, struct network, i), network))
            return true;
    return false;
}

const struct location *location_find(const GPtrArray *locations, const char *id)
{
    for (guint i = 0; i < locations->len; i++) {
        const struct location *location = g_ptr_array_index(locations, i);
        if (g_str_equal(location->id, id))
            return location;
    }
    return NULL;
}

const struct location *location_holding(const GPtrArray *locations, const struct network *network)
{
    for (guint i = 0; i < locations->len; i++) {
        const struct location *location = g_ptr_array_index(locations, i);
        if (location_contains(location, network))
            return location;
    }
    return NULL;
}
