/* SPDX-License-Identifier: MIT
 *
 * The records of the snapshot as bytes, and back with every bound checked: what
 * is not exactly what the writer wrote is no record.
 */
#include "adapters/snapshot/format.h"

#include <arpa/inet.h>
#include <string.h>

#define ENTRY_VERSION 3
#define ENTRY_VERSION_BEFORE 2 /* without per_source; K and N have no value there */
#define POLICY_HEAD "appsmtp-snapshot 3"
#define POLICY_HEAD_BEFORE "appsmtp-snapshot 2"

static void key_start(struct snapshot_key *key, char letter)
{
    key->bytes[0] = (guint8)letter;
    key->length = 1;
}

static void key_append(struct snapshot_key *key, const void *bytes, size_t length)
{
    memcpy(key->bytes + key->length, bytes, length);
    key->length += length;
}

bool snapshot_key_sender(struct snapshot_key *key, const char *sender)
{
    size_t length = strlen(sender);

    if (length > SNAPSHOT_KEY - 1)
        return false;
    key_start(key, 'S');
    key_append(key, sender, length);
    return true;
}

static size_t address_size(int family)
{
    return family == AF_INET ? 4 : 16;
}

void snapshot_key_network(struct snapshot_key *key, const struct network *network)
{
    guint8 family = network->family == AF_INET ? 4 : 6;
    guint8 prefix = (guint8)network->prefix;

    key_start(key, 'N');
    key_append(key, &family, 1);
    key_append(key, network->bytes, address_size(network->family));
    key_append(key, &prefix, 1);
}

static bool parse_hex(const char *hex, guint8 bytes[SNAPSHOT_DIGEST])
{
    if (strlen(hex) != 2 * SNAPSHOT_DIGEST)
        return false;
    for (size_t i = 0; i < SNAPSHOT_DIGEST; i++) {
        int high = g_ascii_xdigit_value(hex[2 * i]);
        int low = g_ascii_xdigit_value(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (guint8)(high << 4 | low);
    }
    return true;
}

bool snapshot_key_spki(struct snapshot_key *key, const char *hex)
{
    key_start(key, 'K');
    key->length += SNAPSHOT_DIGEST;
    return parse_hex(hex, key->bytes + 1);
}

MDB_val snapshot_key_value(struct snapshot_key *key)
{
    return (MDB_val){key->length, key->bytes};
}

char *snapshot_hex(const guint8 *bytes)
{
    GString *hex = g_string_sized_new(2 * SNAPSHOT_DIGEST + 1);

    for (size_t i = 0; i < SNAPSHOT_DIGEST; i++)
        g_string_append_printf(hex, "%02x", bytes[i]);
    return g_string_free(hex, FALSE);
}

/* What is left to read of a record. */
struct span {
    const guint8 *at;
    size_t left;
};

static bool take(struct span *span, void *to, size_t length)
{
    if (span->left < length)
        return false;
    memcpy(to, span->at, length);
    span->at += length;
    span->left -= length;
    return true;
}

static bool take_number(struct span *span, guint32 *number)
{
    guint32 big;

    if (!take(span, &big, sizeof big))
        return false;
    *number = GUINT32_FROM_BE(big);
    return true;
}

/* A network whose host bits are set would never match, or match too much: refused. */
static bool is_whole(const struct network *network)
{
    struct network again;
    g_autofree char *text = NULL;

    if (network->prefix > network_bits(network))
        return false;
    text = network_format(network);
    return network_parse(text, &again) == NETWORK_OK && network_equal(network, &again);
}

static bool set_family(struct network *network, guint8 family)
{
    *network = (struct network){.family = family == 4 ? AF_INET : AF_INET6};
    return family == 4 || family == 6;
}

static bool take_network(struct span *span, struct network *network)
{
    guint8 family, prefix;

    if (!take(span, &family, 1) || !set_family(network, family) ||
        !take(span, network->bytes, address_size(network->family)) || !take(span, &prefix, 1))
        return false;
    network->prefix = prefix;
    return is_whole(network);
}

bool snapshot_network_from_key(const MDB_val *key, struct network *network)
{
    struct span span = {key->mv_data, key->mv_size};
    char letter;

    return take(&span, &letter, 1) && letter == 'N' && take_network(&span, network) &&
           span.left == 0;
}

static void put_number(GByteArray *bytes, guint32 number)
{
    guint32 big = GUINT32_TO_BE(number);

    g_byte_array_append(bytes, (const guint8 *)&big, sizeof big);
}

guint32 snapshot_rate_bytes(unsigned per_hour)
{
    return GUINT32_TO_BE(per_hour);
}

unsigned snapshot_rate_read(const MDB_val *value)
{
    struct span span = {value->mv_data, value->mv_size};
    guint32 per_hour;

    return take_number(&span, &per_hour) && span.left == 0 ? per_hour : 0;
}

GByteArray *snapshot_entry_write(const struct decision_entry *entry)
{
    GByteArray *bytes = g_byte_array_new();
    const guint8 version = ENTRY_VERSION, per_source = entry->per_source;
    struct snapshot_key key;

    g_byte_array_append(bytes, &version, 1);
    put_number(bytes, entry->per_hour);
    g_byte_array_append(bytes, &per_source, 1);
    put_number(bytes, entry->networks->len);
    for (guint i = 0; i < entry->networks->len; i++) {
        snapshot_key_network(&key, &g_array_index(entry->networks, struct network, i));
        g_byte_array_append(bytes, key.bytes + 1, (guint)key.length - 1);
    }
    put_number(bytes, entry->spkis->len);
    for (guint i = 0; i < entry->spkis->len; i++) {
        snapshot_key_spki(&key, g_ptr_array_index(entry->spkis, i));
        g_byte_array_append(bytes, key.bytes + 1, (guint)key.length - 1);
    }
    return bytes;
}

static bool take_networks(struct span *span, GArray *networks)
{
    struct network network;
    guint32 count;

    if (!take_number(span, &count))
        return false;
    for (guint32 i = 0; i < count; i++) {
        if (!take_network(span, &network))
            return false;
        g_array_append_val(networks, network);
    }
    return true;
}

static bool take_spkis(struct span *span, GPtrArray *spkis)
{
    guint8 bytes[SNAPSHOT_DIGEST];
    guint32 count;

    if (!take_number(span, &count))
        return false;
    for (guint32 i = 0; i < count; i++) {
        if (!take(span, bytes, sizeof bytes))
            return false;
        g_ptr_array_add(spkis, snapshot_hex(bytes));
    }
    return true;
}

static bool take_rate(struct span *span, struct decision_entry *entry)
{
    guint8 version, per_source = 0;
    guint32 per_hour;

    if (!take(span, &version, 1) || !take_number(span, &per_hour))
        return false;
    if (version != ENTRY_VERSION_BEFORE &&
        (version != ENTRY_VERSION || !take(span, &per_source, 1) || per_source > 1))
        return false;
    entry->per_hour = per_hour;
    entry->per_source = per_source;
    return true;
}

struct decision_entry *snapshot_entry_read(const MDB_val *value)
{
    struct span span = {value->mv_data, value->mv_size};
    struct decision_entry *entry = decision_entry_new();

    if (take_rate(&span, entry) && take_networks(&span, entry->networks) &&
        take_spkis(&span, entry->spkis) && span.left == 0)
        return entry;
    decision_entry_free(entry);
    return NULL;
}

char *snapshot_policy_write(const struct decision_policy *policy, const struct snapshot_facts *facts)
{
    GString *text = g_string_new(POLICY_HEAD "\n");

    g_string_append_printf(text, "serial %" G_GUINT64_FORMAT "\ncount %" G_GUINT64_FORMAT "\n",
                           facts->serial, facts->count);
    g_string_append_printf(text, "null-sender %s\nportal %s\nrelays %u\n",
                           policy->null_sender ? "yes" : "no", policy->portal, policy->relays);
    for (guint i = 0; i < policy->domains->len; i++)
        g_string_append_printf(text, "domain %s\n",
                               (const char *)g_ptr_array_index(policy->domains, i));
    for (guint i = 0; i < policy->locations->len; i++) {
        const struct location *location = g_ptr_array_index(policy->locations, i);
        g_string_append_printf(text, "location %s\n", location->id);
        for (guint j = 0; j < location->networks->len; j++) {
            g_autofree char *network =
                network_format(&g_array_index(location->networks, struct network, j));
            g_string_append_printf(text, "network %s\n", network);
        }
    }
    return g_string_free(text, FALSE);
}

static bool read_network(struct decision_policy *policy, const char *text)
{
    struct location *last;
    struct network network;

    if (policy->locations->len == 0 || network_parse(text, &network) != NETWORK_OK)
        return false;
    last = g_ptr_array_index(policy->locations, policy->locations->len - 1);
    g_array_append_val(last->networks, network);
    return true;
}

static bool read_relays(struct decision_policy *policy, const char *text)
{
    guint64 relays;

    if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT, &relays, NULL))
        return false;
    policy->relays = (unsigned)relays;
    return true;
}

static bool read_line(struct decision_policy *policy, struct snapshot_facts *facts,
                      const char *word, const char *rest)
{
    if (g_str_equal(word, "serial"))
        return g_ascii_string_to_unsigned(rest, 10, 0, G_MAXUINT64, &facts->serial, NULL);
    if (g_str_equal(word, "count"))
        return g_ascii_string_to_unsigned(rest, 10, 0, G_MAXUINT64, &facts->count, NULL);
    if (g_str_equal(word, "null-sender")) {
        policy->null_sender = g_str_equal(rest, "yes");
        return true;
    }
    if (g_str_equal(word, "portal")) {
        g_free(policy->portal);
        policy->portal = g_strdup(rest);
        return true;
    }
    if (g_str_equal(word, "relays"))
        return read_relays(policy, rest);
    if (g_str_equal(word, "domain")) {
        g_ptr_array_add(policy->domains, g_strdup(rest));
        return true;
    }
    if (g_str_equal(word, "location")) {
        g_ptr_array_add(policy->locations, location_new(rest, rest));
        return true;
    }
    return g_str_equal(word, "network") && read_network(policy, rest);
}

static bool read_policy(char **lines, struct decision_policy *policy, struct snapshot_facts *facts)
{
    static const char *const heads[] = {POLICY_HEAD, POLICY_HEAD_BEFORE, NULL};

    if (!lines[0] || !g_strv_contains(heads, lines[0]))
        return false;
    for (char **line = lines + 1; *line && **line; line++) {
        char *blank = strchr(*line, ' ');
        if (!blank)
            return false;
        *blank = '\0';
        if (!read_line(policy, facts, *line, blank + 1))
            return false;
    }
    return true;
}

struct decision_policy *snapshot_policy_read(const MDB_val *value, struct snapshot_facts *facts)
{
    g_autofree char *text = g_strndup(value->mv_data, value->mv_size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    struct decision_policy *policy = decision_policy_new();

    *facts = (struct snapshot_facts){0};
    if (read_policy(lines, policy, facts))
        return policy;
    decision_policy_free(policy);
    return NULL;
}
