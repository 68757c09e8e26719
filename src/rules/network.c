/* SPDX-License-Identifier: MIT
 *
 * Networks: reading, writing, comparing.
 */
#include "rules/network.h"

#include <arpa/inet.h>
#include <string.h>

static const guint8 mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

unsigned network_bits(const struct network *network)
{
    return network->family == AF_INET ? 32 : 128;
}

static bool parse_address(const char *text, struct network *network)
{
    *network = (struct network){.family = strchr(text, ':') ? AF_INET6 : AF_INET};
    network->prefix = network_bits(network);
    return inet_pton(network->family, text, network->bytes) == 1;
}

/* Decimal digits only, no leading zero: 0 to 128. */
static bool parse_prefix(const char *text, unsigned *prefix)
{
    unsigned value = 0;

    if (!*text || strlen(text) > 3 || (text[0] == '0' && text[1]))
        return false;
    for (const char *at = text; *at; at++) {
        if (!g_ascii_isdigit(*at))
            return false;
        value = value * 10 + (unsigned)(*at - '0');
    }
    *prefix = value;
    return true;
}

/* Clears the bits after the prefix; tells whether one of them was set. */
static bool clear_host_bits(struct network *network)
{
    bool any = false;

    for (unsigned bit = network->prefix; bit < network_bits(network); bit++) {
        guint8 mask = (guint8)(0x80 >> bit % 8);
        any = any || (network->bytes[bit / 8] & mask);
        network->bytes[bit / 8] &= (guint8)~mask;
    }
    return any;
}

static void unmap(struct network *network)
{
    if (network->family != AF_INET6 || network->prefix < 96 ||
        memcmp(network->bytes, mapped_prefix, sizeof mapped_prefix) != 0)
        return;
    network->family = AF_INET;
    network->prefix -= 96;
    memmove(network->bytes, network->bytes + 12, 4);
    memset(network->bytes + 4, 0, 12);
}

enum network_syntax network_parse(const char *text, struct network *network)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    struct network read;
    bool host_bits;

    if (!parts[0] || !parse_address(parts[0], &read))
        return NETWORK_NOT_AN_ADDRESS;
    if (parts[1] && (!parse_prefix(parts[1], &read.prefix) || read.prefix > network_bits(&read)))
        return NETWORK_BAD_PREFIX;
    host_bits = clear_host_bits(&read);
    unmap(&read);
    *network = read;
    return host_bits ? NETWORK_HOST_BITS : NETWORK_OK;
}

struct network network_cut(const struct network *network, unsigned prefix)
{
    struct network cut = *network;

    cut.prefix = prefix;
    clear_host_bits(&cut);
    return cut;
}

bool network_contains(const struct network *outer, const struct network *inner)
{
    struct network cut;

    if (outer->family != inner->family || outer->prefix > inner->prefix)
        return false;
    cut = network_cut(inner, outer->prefix);
    return network_equal(outer, &cut);
}

int network_compare(const struct network *a, const struct network *b)
{
    int order;

    if (a->family != b->family)
        return a->family == AF_INET ? -1 : 1;
    order = memcmp(a->bytes, b->bytes, sizeof a->bytes);
    return order ? order : (int)a->prefix - (int)b->prefix;
}

bool network_equal(const struct network *a, const struct network *b)
{
    return network_compare(a, b) == 0;
}

char *network_of_client(const char *address)
{
    struct network network;

    if (network_parse(address, &network) != NETWORK_OK)
        return g_strdup("0.0.0.0/32");
    if (network.family == AF_INET6 && network.prefix > 64)
        network = network_cut(&network, 64);
    return network_format(&network);
}

char *network_format_address(const struct network *network)
{
    char text[INET6_ADDRSTRLEN];

    inet_ntop(network->family, network->bytes, text, sizeof text);
    return g_strdup(text);
}

char *network_format(const struct network *network)
{
    g_autofree char *address = network_format_address(network);

    return g_strdup_printf("%s/%u", address, network->prefix);
}
