/* SPDX-License-Identifier: MIT
 *
 * Other spellings of networks, and what their writers probably meant.
 */
#include "rules/spelling.h"

#include <string.h>
#include <sys/socket.h>

/* A range that needs more networks than this is answered with one that holds it all. */
#define MOST_PIECES 8

typedef unsigned __int128 number;

static number number_of(const struct network *address)
{
    number value = 0;

    for (unsigned i = 0; i < network_bits(address) / 8; i++)
        value = value << 8 | address->bytes[i];
    return value;
}

/* The network of that size whose first address is the number. */
static struct network network_from(number value, int family, unsigned host_bits)
{
    struct network network = {.family = family};

    network.prefix = network_bits(&network) - host_bits;
    for (unsigned i = network_bits(&network) / 8; i-- > 0; value >>= 8)
        network.bytes[i] = (guint8)value;
    return network;
}

static number low_bits(unsigned count)
{
    return count == 128 ? ~(number)0 : ((number)1 << count) - 1;
}

/* How many host bits the largest network has that starts at first and ends by last. */
static unsigned fitting_bits(number first, number last, unsigned most)
{
    unsigned bits = 0;

    while (bits < most && !(first & low_bits(bits + 1)) && (first | low_bits(bits + 1)) <= last)
        bits++;
    return bits;
}

static char *write_network(const struct network *network)
{
    return network->prefix == network_bits(network) ? network_format_address(network)
                                                    : network_format(network);
}

/* The smallest network that holds both ends. */
static char *write_cover(number first, number last, int family, unsigned most)
{
    struct network cover;
    unsigned bits = 0;

    while (bits < most && (first | low_bits(bits)) != (last | low_bits(bits)))
        bits++;
    cover = network_from(first & ~low_bits(bits), family, bits);
    return write_network(&cover);
}

/* The networks that are exactly first to last, separated by commas. */
static char *write_range(number first, number last, int family, unsigned most)
{
    GString *list = g_string_new(NULL);
    number next = first;

    for (unsigned pieces = 0; pieces < MOST_PIECES; pieces++) {
        unsigned bits = fitting_bits(next, last, most);
        struct network piece = network_from(next, family, bits);
        g_autofree char *text = write_network(&piece);
        g_string_append_printf(list, "%s%s", pieces ? ", " : "", text);
        if ((next | low_bits(bits)) == last)
            return g_string_free(list, FALSE);
        next = (next | low_bits(bits)) + 1;
    }
    g_string_free(list, TRUE);
    return write_cover(first, last, family, most);
}

/* "9" after "10.1.2.3-" is 10.1.2.9. */
static char *complete_end(const char *first, const char *end)
{
    const char *dot = strrchr(first, '.');

    if (!dot || strchr(end, '.'))
        return g_strdup(end);
    return g_strdup_printf("%.*s.%s", (int)(dot - first), first, end);
}

static bool is_range(const char *text, char **meant)
{
    g_auto(GStrv) ends = g_regex_split_simple("[-–]", text, 0, 0);
    g_autofree char *end = NULL;
    struct network a, b;
    number first, last;

    if (g_strv_length(ends) != 2)
        return false;
    end = complete_end(ends[0], ends[1]);
    if (strchr(text, '/') || network_parse(ends[0], &a) != NETWORK_OK ||
        network_parse(end, &b) != NETWORK_OK || a.family != b.family)
        return false;
    first = MIN(number_of(&a), number_of(&b));
    last = MAX(number_of(&a), number_of(&b));
    *meant = write_range(first, last, a.family, network_bits(&a));
    return true;
}

/* Numbers between dots: one to four of one to three digits; a dot at the end is let pass. */
struct dotted {
    unsigned count;
    unsigned value[4];
    bool leading_zero;
    bool above_255;
};

static bool read_number(const char *text, struct dotted *dotted)
{
    size_t digits = strspn(text, "0123456789");
    unsigned value = (unsigned)g_ascii_strtoull(text, NULL, 10);

    if (digits == 0 || digits > 3 || text[digits] || dotted->count == 4)
        return false;
    dotted->leading_zero = dotted->leading_zero || (digits > 1 && text[0] == '0');
    dotted->above_255 = dotted->above_255 || value > 255;
    dotted->value[dotted->count++] = value;
    return true;
}

/* Reads the text up to its slash. */
static bool read_dotted(const char *text, struct dotted *dotted)
{
    g_autofree char *address = g_strndup(text, strcspn(text, "/"));
    g_auto(GStrv) parts = g_strsplit(address, ".", 6);

    *dotted = (struct dotted){0};
    for (char **part = parts; *part; part++)
        if (!read_number(*part, dotted) && (**part || part[1] || part == parts))
            return false;
    return dotted->count > 0;
}

static char *write_dotted(const struct dotted *dotted, const char *rest)
{
    const unsigned *v = dotted->value;

    return g_strdup_printf("%u.%u.%u.%u%s", v[0], v[1], v[2], v[3], rest);
}

static bool is_wildcard(const char *text, char **meant)
{
    size_t length = strcspn(text, "*xX");
    g_autofree char *start = g_strndup(text, length);
    g_autofree char *prefix = NULL;
    struct dotted dotted;

    if (!text[length] || text[length + strspn(text + length, ".*xX")] ||
        !g_str_has_suffix(start, ".") || !read_dotted(start, &dotted) || dotted.count > 3 ||
        dotted.above_255)
        return false;
    prefix = g_strdup_printf("/%u", dotted.count * 8);
    *meant = write_dotted(&dotted, prefix);
    return true;
}

/* How many bits of a mask are set when it is one block at its front, else 0. */
static unsigned mask_length(guint32 mask)
{
    unsigned length = 0;

    while (length < 32 && mask & 0x80000000U >> length)
        length++;
    return length < 32 && mask << length ? 0 : length;
}

static bool is_ipv4_address(const char *text, struct network *address)
{
    return !strchr(text, '/') && network_parse(text, address) == NETWORK_OK &&
           address->family == AF_INET;
}

static bool is_netmask(const char *text, char **meant)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    g_autofree char *cidr = NULL;
    struct network address, mask, network;
    unsigned length;

    if (g_strv_length(parts) != 2 || !is_ipv4_address(parts[0], &address) ||
        !is_ipv4_address(parts[1], &mask))
        return false;
    /* Routers are configured with the mask turned round: 0.0.0.255. */
    length = MAX(mask_length((guint32)number_of(&mask)), mask_length(~(guint32)number_of(&mask)));
    if (length == 0)
        return false;
    cidr = g_strdup_printf("%s/%u", parts[0], length);
    network_parse(cidr, &network); /* clears host bits, and can find nothing else wrong */
    *meant = network_format(&network);
    return true;
}

bool spelling_is_netmask(const struct network *address)
{
    return address->family == AF_INET && address->prefix == 32 &&
           mask_length((guint32)number_of(address)) >= 8;
}

static bool is_incomplete(const char *text, G_GNUC_UNUSED char **meant)
{
    struct dotted dotted;

    return read_dotted(text, &dotted) && dotted.count < 4 && !dotted.above_255;
}

static bool is_above_255(const char *text, G_GNUC_UNUSED char **meant)
{
    struct dotted dotted;

    return read_dotted(text, &dotted) && dotted.above_255;
}

static bool is_leading_zero(const char *text, char **meant)
{
    struct dotted dotted;

    if (!read_dotted(text, &dotted) || dotted.count != 4 || !dotted.leading_zero ||
        dotted.above_255)
        return false;
    *meant = write_dotted(&dotted, text + strcspn(text, "/"));
    return true;
}

static bool is_url(const char *text, G_GNUC_UNUSED char **meant)
{
    return strstr(text, "://") != NULL;
}

/* The part of a match in brackets, when it is an address. */
static bool match_address(const char *pattern, const char *text, char **meant)
{
    g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *address = NULL;
    struct network network;

    if (!g_regex_match(regex, text, 0, &match))
        return false;
    address = g_match_info_fetch(match, 1);
    if (network_parse(address, &network) != NETWORK_OK)
        return false;
    *meant = g_steal_pointer(&address);
    return true;
}

static bool is_zone(const char *text, char **meant)
{
    return match_address("^([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)%[^/]*$", text, meant);
}

static bool is_port(const char *text, char **meant)
{
    return match_address("^([0-9.]+):[0-9]+$", text, meant) ||
           match_address("^\\[([^]]+)\\](?::[0-9]+)?$", text, meant);
}

static bool is_name(const char *text, G_GNUC_UNUSED char **meant)
{
    return g_regex_match_simple("^[\\w*-]+(\\.[\\w-]+)*\\.[\\w-]*\\pL[\\w-]*\\.?$", text, 0, 0);
}

enum finding_id spelling_explain(const char *text, enum finding_id otherwise, char **meant)
{
    static const struct {
        enum finding_id id;
        bool (*matches)(const char *text, char **meant);
    } spellings[] = {
        {FINDING_NETWORK_URL, is_url},
        {FINDING_NETWORK_RANGE, is_range},
        {FINDING_NETWORK_WILDCARD, is_wildcard},
        {FINDING_NETWORK_NETMASK, is_netmask},
        {FINDING_NETWORK_ZONE, is_zone},
        {FINDING_NETWORK_PORT, is_port},
        {FINDING_NETWORK_NUMBER, is_above_255},
        {FINDING_NETWORK_LEADING_ZERO, is_leading_zero},
        {FINDING_NETWORK_INCOMPLETE, is_incomplete},
        {FINDING_NETWORK_HOSTNAME, is_name},
    };

    *meant = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++) {
        if (spellings[i].matches(text, meant)) {
            if (!*meant)
                *meant = g_strdup("");
            return spellings[i].id;
        }
    }
    *meant = g_strdup("");
    return otherwise;
}
