/* SPDX-License-Identifier: MIT
 *
 * A cidr: table of Postfix, which is read line by line: nested, so that a look-up
 * passes over what is far away. Floor: service.
 *
 * Source: cidr_table(5), "if" and "endif".
 */
#ifndef APPSMTP_CIDR_H
#define APPSMTP_CIDR_H

#include "rules/network.h"
#include "service/relay/map-file.h"

#define CIDR_LEVELS 2

/* A table in the making; begins as {.map = ...} with the map open. */
struct cidr {
    struct map_file *map;
    bool nested; /* a short one is easier to read without */
    /* Private: the open blocks, and what is wider than a block, to stand behind it. */
    struct network block[CIDR_LEVELS];
    unsigned depth;
    GString *behind[CIDR_LEVELS + 1];
};

/* Adds one network; they come in the order of network_compare(). */
bool cidr_put(struct cidr *cidr, const struct network *network, const char *value, GError **error);

/* Closes all blocks; the map stays open. */
bool cidr_finish(struct cidr *cidr, GError **error);

/* Frees what is private. */
void cidr_clear(struct cidr *cidr);
DEFINE_AUTO(cidr, cidr_clear)

#endif
