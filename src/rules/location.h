/* SPDX-License-Identifier: MIT
 *
 * Service locations: the configured networks from which the relay is reached.
 * Floor: rules; pure.
 */
#ifndef APPSMTP_RULES_LOCATION_H
#define APPSMTP_RULES_LOCATION_H

#include "base/cleanup.h"
#include "rules/network.h"

struct location {
    char *id;              /* as in the form: "campus" */
    char *name;            /* as on the page: "Campus networks" */
    GArray *networks;      /* of struct network */
    unsigned largest_ipv4; /* the shortest prefix length that may be registered, 0 to 32 */
    unsigned largest_ipv6; /* likewise, 0 to 128 */
};

struct location *location_new(const char *id, const char *name);
void location_free(struct location *location);
DEFINE_AUTO(location, location_free)

/* Whether one of the location's networks holds the whole network. */
bool location_contains(const struct location *location, const struct network *network);

/* The location of that id in a list of struct location, or NULL. */
const struct location *location_find(const GPtrArray *locations, const char *id);

/* The first location of a list that holds the network, or NULL. */
const struct location *location_holding(const GPtrArray *locations, const struct network *network);

#endif
