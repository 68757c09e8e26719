/* SPDX-License-Identifier: MIT
 *
 * Networks as sources: spelling, host bits, place and size, in this order.
 */
#include "rules/source.h"

#include "base/limits.h"
#include "rules/spelling.h"
#include "rules/typed.h"

#include <sys/socket.h>

/*
 * Special addresses (IANA's registries, RFC 6890). Being special refuses
 * nothing; it words the refusal of a network that is outside every location.
 */
static const struct {
    const char *network;
    enum finding_id id;
} special[] = {
    {"127.0.0.0/8", FINDING_NETWORK_OUTSIDE_LOOPBACK},
    {"::1", FINDING_NETWORK_OUTSIDE_LOOPBACK},
    {"10.0.0.0/8", FINDING_NETWORK_OUTSIDE_PRIVATE},
    {"172.16.0.0/12", FINDING_NETWORK_OUTSIDE_PRIVATE},
    {"192.168.0.0/16", FINDING_NETWORK_OUTSIDE_PRIVATE},
    {"100.64.0.0/10", FINDING_NETWORK_OUTSIDE_PRIVATE},
    {"fc00::/7", FINDING_NETWORK_OUTSIDE_PRIVATE},
    {"169.254.0.0/16", FINDING_NETWORK_OUTSIDE_LINK_LOCAL},
    {"fe80::/10", FINDING_NETWORK_OUTSIDE_LINK_LOCAL},
    {"224.0.0.0/4", FINDING_NETWORK_OUTSIDE_MULTICAST},
    {"ff00::/8", FINDING_NETWORK_OUTSIDE_MULTICAST},
    {"192.0.2.0/24", FINDING_NETWORK_OUTSIDE_DOCUMENTATION},
    {"198.51.100.0/24", FINDING_NETWORK_OUTSIDE_DOCUMENTATION},
    {"203.0.113.0/24", FINDING_NETWORK_OUTSIDE_DOCUMENTATION},
    {"2001:db8::/32", FINDING_NETWORK_OUTSIDE_DOCUMENTATION},
    {"0.0.0.0/8", FINDING_NETWORK_OUTSIDE_RESERVED},
    {"240.0.0.0/4", FINDING_NETWORK_OUTSIDE_RESERVED},
    {"::", FINDING_NETWORK_OUTSIDE_RESERVED},
};

static enum finding_id outside_id(const struct network *network)
{
    if (spelling_is_netmask(network))
        return FINDING_NETWORK_NETMASK_ALONE;
    for (size_t i = 0; i < G_N_ELEMENTS(special); i++) {
        struct network kind;
        if (network_parse(special[i].network, &kind) == NETWORK_OK &&
            network_contains(&kind, network))
            return special[i].id;
    }
    return FINDING_NETWORK_OUTSIDE_ALL;
}

static unsigned largest(const struct location *location, const struct network *network)
{
    return network->family == AF_INET ? location->largest_ipv4 : location->largest_ipv6;
}

static void check_size(const struct network *network, const char *shown,
                       const struct location *location, struct findings *findings)
{
    g_autofree char *most = g_strdup_printf("%u", largest(location, network));

    if (network->prefix < largest(location, network))
        findings_add(findings, FINDING_NETWORK_TOO_LARGE, shown, location->name, most, NULL);
}

/* The location that holds the network and allows the largest ones, or NULL. */
static const struct location *best_holding(const GPtrArray *locations,
                                           const struct network *network)
{
    const struct location *best = NULL;

    for (guint i = 0; i < locations->len; i++) {
        const struct location *one = g_ptr_array_index(locations, i);
        if (location_contains(one, network) &&
            (!best || largest(one, network) < largest(best, network)))
            best = one;
    }
    return best;
}

/* The first location of which the network holds a part, or NULL. */
static const struct location *part_inside(const GPtrArray *locations, const struct network *network)
{
    for (guint i = 0; i < locations->len; i++) {
        const struct location *one = g_ptr_array_index(locations, i);
        for (guint j = 0; j < one->networks->len; j++)
            if (network_contains(network, &g_array_index(one->networks, struct network, j)))
                return one;
    }
    return NULL;
}

static void check_outside(const struct network *network, const char *shown, const GPtrArray *all,
                          struct findings *findings)
{
    const struct location *other = best_holding(all, network);
    const struct location *part = other ? NULL : part_inside(all, network);

    if (other) {
        findings_add(findings, FINDING_NETWORK_OUTSIDE, shown, other->name, NULL);
        check_size(network, shown, other, findings);
    } else if (part && network->prefix < largest(part, network)) {
        check_size(network, shown, part, findings);
    } else if (part) {
        findings_add(findings, FINDING_NETWORK_PARTLY_OUTSIDE, shown, part->name, NULL);
    } else {
        findings_add(findings, outside_id(network), shown, NULL);
    }
}

static void check_place(const struct network *network, const char *shown, const GPtrArray *all,
                        const GPtrArray *chosen, struct findings *findings)
{
    const struct location *here = best_holding(chosen->len ? chosen : all, network);

    if (here)
        check_size(network, shown, here, findings);
    else
        check_outside(network, shown, all, findings);
}

/* The location in which the network is larger than may be registered, or NULL. */
static const struct location *too_large_in(const struct network *network, const GPtrArray *all,
                                           const GPtrArray *chosen)
{
    const struct location *location = best_holding(chosen->len ? chosen : all, network);

    if (!location)
        location = best_holding(all, network);
    if (!location)
        location = part_inside(all, network);
    return location && network->prefix < largest(location, network) ? location : NULL;
}

/*
 * Something else was typed than the network that it means. Advice to type that one must
 * not lead to the next refusal: true when it would be too large, which was said then.
 */
static bool explain_large(const char *shown, const struct network *meant, const GPtrArray *all,
                          const GPtrArray *chosen, struct findings *findings)
{
    const struct location *location = too_large_in(meant, all, chosen);
    g_autofree char *text = network_format(meant);
    g_autofree char *most = location ? g_strdup_printf("%u", largest(location, meant)) : NULL;

    if (location)
        findings_add(findings, FINDING_NETWORK_MEANT_TOO_LARGE, shown, text, location->name, most,
                     NULL);
    return location != NULL;
}

/* Says that bits after the prefix are set, and what was probably meant. */
static void explain_host_bits(const char *shown, const struct network *meant,
                              struct findings *findings)
{
    g_auto(GStrv) parts = g_strsplit(shown, "/", 2);
    g_autofree char *text = network_format(meant);

    findings_add(findings, FINDING_NETWORK_HOST_BITS, shown, text, parts[0], NULL);
}

/* Words what was typed instead of a network. */
static void explain_spelling(const char *text, const char *shown, enum network_syntax syntax,
                             const GPtrArray *all, const GPtrArray *chosen,
                             struct findings *findings)
{
    g_autofree char *meant = NULL;
    enum finding_id id = spelling_explain(
        text,
        syntax == NETWORK_BAD_PREFIX ? FINDING_NETWORK_BAD_PREFIX : FINDING_NETWORK_NOT_AN_ADDRESS,
        &meant);
    struct network network;

    if (network_parse(meant, &network) != NETWORK_OK ||
        !explain_large(shown, &network, all, chosen, findings))
        findings_add(findings, id, shown, meant, NULL);
}

/* Whether the text could be read; then *network is what it says or was meant to say. */
static bool read_network(const char *text, const char *shown, const GPtrArray *all,
                         const GPtrArray *chosen, struct findings *findings,
                         struct network *network)
{
    enum network_syntax syntax = network_parse(text, network);

    if (!*text) {
        findings_add(findings, FINDING_NETWORK_EMPTY, NULL);
        return false;
    }
    /* What is longer is none, and is looked at no further: that would take long. */
    if (strlen(text) > LIMIT_NETWORK_TEXT) {
        findings_add(findings, FINDING_NETWORK_NOT_AN_ADDRESS, shown, "", NULL);
        return false;
    }
    if (syntax == NETWORK_HOST_BITS && explain_large(shown, network, all, chosen, findings))
        return false;
    if (syntax == NETWORK_HOST_BITS)
        explain_host_bits(shown, network, findings);
    if (syntax == NETWORK_OK || syntax == NETWORK_HOST_BITS)
        return true;
    explain_spelling(text, shown, syntax, all, chosen, findings);
    return false;
}

bool source_check_network(const char *typed, const GPtrArray *all, const GPtrArray *chosen,
                          struct findings *findings, struct network *network)
{
    g_autofree char *text = typed_clean(typed);
    g_autofree char *shown = typed_show(text);
    auto_ptr(findings) own = findings_new();
    struct network read;
    bool good;

    if (read_network(text, shown, all, chosen, own, &read))
        check_place(&read, shown, all, chosen, own);
    good = findings_verdict(own) == VERDICT_ACCEPT;
    if (good)
        *network = read;
    findings_take(findings, own);
    return good;
}

/* The length of a dash or slash at the start of the text, or 0. */
static size_t sign_at(const char *text)
{
    static const char *const signs[] = {"-", "/", "–"};

    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
        if (g_str_has_prefix(text, signs[i]))
            return strlen(signs[i]);
    return 0;
}

/* How much of the text is a lone sign with blanks on both sides and a word after it, or 0. */
static size_t lone_sign(const char *text)
{
    size_t before = strspn(text, " ");
    size_t sign = before ? sign_at(text + before) : 0;
    size_t after = sign ? strspn(text + before + sign, " ") : 0;
    const char *next = text + before + sign + after;

    return after && *next && !strchr(" \n\t,;", *next) ? before + sign + after : 0;
}

/* Takes the blanks off around a dash or slash that stands alone between two words. */
static char *join_lone_signs(const char *clean)
{
    GString *joined = g_string_new(NULL);

    for (const char *at = clean; *at;) {
        bool word = joined->len && !strchr(" \n\t,;", joined->str[joined->len - 1]);
        size_t lone = word ? lone_sign(at) : 0;
        size_t length = lone ? lone : *at == ' ' ? strspn(at, " ") : 1;
        if (lone)
            g_string_append_len(joined, at + strspn(at, " "),
                                (gssize)sign_at(at + strspn(at, " ")));
        else
            g_string_append_len(joined, at, (gssize)length);
        at += length;
    }
    return g_string_free(joined, FALSE);
}

char **source_split(const char *typed)
{
    g_autofree char *clean = typed_clean(typed);
    g_autofree char *joined = join_lone_signs(clean);
    g_auto(GStrv) parts = g_strsplit_set(joined, " \n,;", -1);
    GPtrArray *entries = g_ptr_array_new();

    for (char **part = parts; *part; part++)
        if (**part)
            g_ptr_array_add(entries, g_strdup(*part));
    g_ptr_array_add(entries, NULL);
    return (char **)g_ptr_array_free(entries, FALSE);
}

GArray *source_check_networks(const char *typed, const GPtrArray *all, const GPtrArray *chosen,
                              struct findings *findings)
{
    g_auto(GStrv) entries = source_split(typed);
    g_autoptr(GArray) networks = g_array_new(FALSE, FALSE, sizeof(struct network));

    if (!entries[0])
        findings_add(findings, FINDING_NETWORK_EMPTY, NULL);
    if (g_strv_length(entries) > LIMIT_SOURCES) {
        g_autofree char *most = g_strdup_printf("%u", LIMIT_SOURCES);
        findings_add(findings, FINDING_NETWORK_TOO_MANY, most, NULL);
        return g_steal_pointer(&networks);
    }
    for (char **entry = entries; *entry; entry++) {
        struct network network;
        if (source_check_network(*entry, all, chosen, findings, &network))
            g_array_append_val(networks, network);
    }
    source_merge_networks(networks);
    return g_steal_pointer(&networks);
}

static int compare(const void *a, const void *b)
{
    return network_compare(a, b);
}

void source_merge_networks(GArray *networks)
{
    guint kept = 0;

    /* Sorted, a network comes right after those that could hold it. */
    g_array_sort(networks, compare);
    for (guint i = 0; i < networks->len; i++) {
        struct network one = g_array_index(networks, struct network, i);
        if (kept == 0 ||
            !network_contains(&g_array_index(networks, struct network, kept - 1), &one))
            g_array_index(networks, struct network, kept++) = one;
    }
    g_array_set_size(networks, kept);
}
