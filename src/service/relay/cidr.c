/* SPDX-License-Identifier: MIT
 *
 * Nested cidr: tables.
 */
#include "service/relay/cidr.h"

#include <sys/socket.h>

/* How long the prefix of the blocks of a level is. */
static unsigned block_prefix(const struct network *network, unsigned level)
{
    static const unsigned ipv4[CIDR_LEVELS] = {8, 16}, ipv6[CIDR_LEVELS] = {32, 48};

    return network->family == AF_INET ? ipv4[level] : ipv6[level];
}

/* Writes what is wider than the blocks of that level. */
static bool put_behind(struct cidr *cidr, unsigned level, GError **error)
{
    GString *behind = cidr->behind[level];

    if (!behind || behind->len == 0)
        return true;
    if (!map_put(cidr->map, error, "%s", behind->str))
        return false;
    g_string_truncate(behind, 0);
    return true;
}

/* Closes blocks until so many are open. */
static bool close_to(struct cidr *cidr, unsigned depth, GError **error)
{
    while (cidr->depth > depth) {
        if (!put_behind(cidr, cidr->depth, error) || !map_put(cidr->map, error, "endif\n"))
            return false;
        cidr->depth--;
    }
    return true;
}

static bool open_block(struct cidr *cidr, const struct network *network, GError **error)
{
    struct network block = network_cut(network, block_prefix(network, cidr->depth));
    g_autofree char *text = network_format(&block);

    cidr->block[cidr->depth++] = block;
    return map_put(cidr->map, error, "if %s\n", text);
}

/* Opens and closes blocks until the network's own are open; false when that fails. */
static bool step_into(struct cidr *cidr, const struct network *network, GError **error)
{
    for (unsigned level = 0; level < CIDR_LEVELS; level++) {
        bool fits = network->prefix >= block_prefix(network, level);
        bool open = level < cidr->depth && network_contains(&cidr->block[level], network);
        if (!open && !close_to(cidr, level, error))
            return false;
        if (!fits)
            return true;
        if (!open && !open_block(cidr, network, error))
            return false;
    }
    return true;
}

bool cidr_put(struct cidr *cidr, const struct network *network, const char *value, GError **error)
{
    g_autofree char *text = network_format(network);
    unsigned level = 0;

    if (!cidr->nested)
        return map_put(cidr->map, error, "%s\t%s\n", text, value);
    if (!step_into(cidr, network, error))
        return false;
    while (level < CIDR_LEVELS && network->prefix >= block_prefix(network, level))
        level++;
    if (level == CIDR_LEVELS)
        return map_put(cidr->map, error, "%s\t%s\n", text, value);
    if (!cidr->behind[level])
        cidr->behind[level] = g_string_new(NULL);
    g_string_append_printf(cidr->behind[level], "%s\t%s\n", text, value);
    return true;
}

bool cidr_finish(struct cidr *cidr, GError **error)
{
    return close_to(cidr, 0, error) && put_behind(cidr, 0, error);
}

void cidr_clear(struct cidr *cidr)
{
    for (unsigned level = 0; level <= CIDR_LEVELS; level++)
        if (cidr->behind[level])
            g_string_free(cidr->behind[level], TRUE);
}
