/* SPDX-License-Identifier: MIT
 *
 * sendmail's maps.
 */
#include "service/relay/sendmail.h"

#include "base/error.h"
#include "service/relay/child.h"
#include "service/relay/map-file.h"
#include "service/relay/pairs.h"

#include <sys/socket.h>

#define PAIRS "appsmtp"
#define LOCATIONS "locations"
#define MOST_KEYS 256

struct sendmail {
    struct format_job *job;
    struct map_file map;
    GHashTable *keys; /* of one sender, or all locations: two networks may end in the same key */
};

/* Bits of one part of the address's text: a byte in IPv4, two in IPv6. */
static unsigned part_bits(const struct network *network)
{
    return network->family == AF_INET ? 8 : 16;
}

/* The text of the first parts: "10.1.2", "ipv6:2001:db8:0:1". Caller frees. */
static char *format_parts(const struct network *network, unsigned parts)
{
    GString *text = g_string_new(network->family == AF_INET ? "" : "ipv6");

    for (unsigned i = 0; i < parts; i++) {
        const guint8 *byte = network->bytes + i * part_bits(network) / 8;
        if (network->family == AF_INET)
            g_string_append_printf(text, "%s%u", i ? "." : "", *byte);
        else
            g_string_append_printf(text, ":%x", (unsigned)(byte[0] << 8 | byte[1]));
    }
    return g_string_free(text, FALSE);
}

/* right: the sender, or NULL for a location. */
static bool put_key(struct sendmail *sendmail, const char *left, const char *right, GError **error)
{
    g_autofree char *key = right ? g_strdup_printf("%s/%s", left, right) : g_strdup(left);

    if (g_hash_table_contains(sendmail->keys, key))
        return true;
    g_hash_table_add(sendmail->keys, g_strdup(key));
    return map_put(&sendmail->map, error, "%s\tOK\n", key);
}

/* The bits of the last part that the prefix leaves open, counted through. */
static void set_part(struct network *network, unsigned part, unsigned open)
{
    unsigned bits = part_bits(network);
    guint8 *byte = network->bytes + (part - 1) * bits / 8;

    if (bits == 8) {
        byte[0] = (guint8)(byte[0] + open);
        return;
    }
    open += (unsigned)(byte[0] << 8 | byte[1]);
    byte[0] = (guint8)(open >> 8);
    byte[1] = (guint8)open;
}

static bool put_network(struct sendmail *sendmail, const struct network *network, const char *right,
                        GError **error)
{
    unsigned bits = part_bits(network);
    unsigned parts = MAX(1, (network->prefix + bits - 1) / bits);
    unsigned count = 1u << (parts * bits - network->prefix);

    if (count > MOST_KEYS) {
        g_autofree char *text = network_format(network);
        g_autofree char *what = g_strdup_printf("%s is left out: it would be %u keys", text, count);
        format_warn(sendmail->job, right ? right : "location", what);
        return true;
    }
    for (unsigned i = 0; i < count; i++) {
        struct network part = *network;
        g_autofree char *left = NULL;
        set_part(&part, parts, i);
        left = format_parts(&part, parts);
        if (!put_key(sendmail, left, right, error))
            return false;
    }
    return true;
}

static bool put_sender(const char *sender, const struct decision_entry *entry, void *data,
                       GError **error)
{
    struct sendmail *sendmail = data;

    g_hash_table_remove_all(sendmail->keys);
    for (guint i = 0; i < entry->networks->len; i++)
        if (!put_network(sendmail, &g_array_index(entry->networks, struct network, i), sender,
                         error))
            return false;
    for (guint i = 0; i < entry->certificates->len; i++) {
        g_autofree char *shown = decision_fingerprint(g_ptr_array_index(entry->certificates, i));
        g_autofree char *left = g_ascii_strdown(shown, -1);
        if (!put_key(sendmail, left, sender, error))
            return false;
    }
    if (entry->certificates->len > 0)
        format_warn(sendmail->job, sender, "sendmail knows no public keys: a renewed certificate "
                                           "passes only when it is registered, too");
    return true;
}

static bool put_locations(struct sendmail *sendmail, GError **error)
{
    const GPtrArray *locations = snapshot_policy(sendmail->job->snapshot)->locations;

    for (guint i = 0; i < locations->len; i++) {
        const struct location *location = g_ptr_array_index(locations, i);
        for (guint j = 0; j < location->networks->len; j++)
            if (!put_network(sendmail, &g_array_index(location->networks, struct network, j),
                             NULL, error))
                return false;
    }
    return true;
}

static bool put_pairs(struct sendmail *sendmail, GError **error)
{
    return pairs_read(sendmail->job->folder, put_sender, sendmail, error);
}

static bool write_text(struct format_job *job, const char *name,
                       bool (*put)(struct sendmail *sendmail, GError **error), GError **error)
{
    g_autoptr(GHashTable) keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct sendmail sendmail = {.job = job, .keys = keys};
    auto_ptr(map_file) map = &sendmail.map;

    return map_open(map, job->folder, name, error) && put(&sendmail, error) && map_close(map, error);
}

static bool fail(const char *path, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT, "could not make the index of \"%s\": %s",
                path, reason);
    return false;
}

/* makemap reads the text on its standard input and says each line that it cannot hold. */
static bool make_index(const struct format_job *job, const char *path, GError **error)
{
    const char *const words[] = {job->makemap, "hash", path, NULL};
    const struct child_job child = {words, .input = path, .seconds = job->program_seconds};
    g_autofree char *said = NULL;
    g_autofree char *reason = child_run(&child, &said);

    if (!reason && !*said)
        return true;
    if (!reason)
        g_strdelimit(g_strstrip(said), "\n", ' ');
    return fail(path, reason ? reason : said, error);
}

static void count_line(const char *line G_GNUC_UNUSED, void *data)
{
    guint64 *count = data;

    ++*count;
}

static bool count_lines(const char *path, guint64 *lines)
{
    g_autoptr(FILE) file = fopen(path, "re");
    int byte;

    while (file && (byte = getc_unlocked(file)) != EOF)
        *lines += byte == '\n';
    return file && !ferror(file);
}

/* As many keys as lines: the text has none twice. */
static bool check_index(const struct format_job *job, const char *path, GError **error)
{
    const char *const words[] = {job->makemap, "-u", "hash", path, NULL};
    guint64 keys = 0, lines = 0;
    const struct child_job child = {words, .seconds = job->program_seconds,
                                    .output = CHILD_STDOUT, .each = count_line, .data = &keys};
    g_autofree char *reason = child_run(&child, NULL);
    g_autofree char *whole = reason ? g_strconcat("it cannot be read back: ", reason, NULL) : NULL;

    if (reason)
        return fail(path, whole, error);
    if (!count_lines(path, &lines))
        return fail(path, "it cannot be read back", error);
    return lines == keys || fail(path, "it does not hold what the text says", error);
}

static bool index_text(const struct format_job *job, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(job->folder, name, NULL);

    return make_index(job, path, error) && check_index(job, path, error);
}

bool sendmail_write(struct format_job *job, GError **error)
{
    if (snapshot_policy(job->snapshot)->null_sender)
        format_warn(job, "<>", "this format refuses the empty sender although it is allowed");
    return write_text(job, PAIRS, put_pairs, error) && index_text(job, PAIRS, error) &&
           write_text(job, LOCATIONS, put_locations, error) && index_text(job, LOCATIONS, error);
}
