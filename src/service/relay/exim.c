/* SPDX-License-Identifier: MIT
 *
 * Exim's maps.
 */
#include "service/relay/exim.h"

#include "adapters/cdb/cdb.h"
#include "base/error.h"
#include "rules/rate.h"
#include "service/relay/map-file.h"
#include "service/relay/pairs.h"

enum map { SOURCES, CERTIFICATES, RATES, MAPS };

static const char *const names[MAPS] = {"sources.cdb", "certificates.cdb", "rates.cdb"};

struct exim {
    struct format_job *job;
    char *paths[MAPS];
    struct cdb_writer *writers[MAPS];
    struct cdb_reader *written[MAPS];
    guint64 keys[MAPS];
};

static void exim_clear(struct exim *exim)
{
    for (int map = 0; map < MAPS; map++) {
        g_free(exim->paths[map]);
        cdb_writer_free(exim->writers[map]);
        cdb_reader_free(exim->written[map]);
    }
}
DEFINE_AUTO(exim, exim_clear)

/* "10.1.2.0/24 ; 10.7.0.1"; the semicolon, since IPv6 is full of colons. Caller frees. */
static char *host_list(const GArray *networks)
{
    GString *list = g_string_new(NULL);

    for (guint i = 0; i < networks->len; i++) {
        const struct network *network = &g_array_index(networks, struct network, i);
        g_autofree char *text = network->prefix == network_bits(network)
                                    ? network_format_address(network)
                                    : network_format(network);
        g_string_append_printf(list, "%s%s", i ? " ; " : "", text);
    }
    return g_string_free(list, FALSE);
}

static char *certificate_key(const char *hex, const char *sender)
{
    g_autofree char *capital = g_ascii_strup(hex, -1);

    return g_strconcat(capital, ":", sender, NULL);
}

/* This relay's part of the rate: "200", or "200 source"; NULL is no limit. Caller frees. */
static char *rate_of(const struct exim *exim, const struct decision_entry *entry)
{
    unsigned share = rate_share(entry->per_hour, snapshot_policy(exim->job->snapshot)->relays);

    return share > 0 ? g_strdup_printf("%u%s", share, entry->per_source ? " source" : "") : NULL;
}

/* The text that a map has for a sender, NULL where it has none. Caller frees. */
static char *value_of(const struct exim *exim, enum map map, const struct decision_entry *entry)
{
    if (map == RATES)
        return rate_of(exim, entry);
    return entry->networks->len > 0 ? host_list(entry->networks) : NULL;
}

static bool add(struct exim *exim, enum map map, const char *key, const char *value, GError **error)
{
    exim->keys[map]++;
    return cdb_writer_add(exim->writers[map], key, value, error);
}

static bool add_certificates(struct exim *exim, const char *sender,
                             const struct decision_entry *entry, GError **error)
{
    for (guint i = 0; i < entry->certificates->len; i++) {
        g_autofree char *key = certificate_key(g_ptr_array_index(entry->certificates, i), sender);
        if (!add(exim, CERTIFICATES, key, "1", error))
            return false;
    }
    if (entry->certificates->len > 0)
        format_warn(exim->job, sender, "Exim knows no public keys: a renewed certificate passes "
                                       "only when it is registered, too");
    return true;
}

static bool add_sender(const char *sender, const struct decision_entry *entry, void *data,
                       GError **error)
{
    struct exim *exim = data;
    g_autofree char *list = value_of(exim, SOURCES, entry);
    g_autofree char *rate = value_of(exim, RATES, entry);

    return (!list || add(exim, SOURCES, sender, list, error)) &&
           (!rate || add(exim, RATES, sender, rate, error)) &&
           add_certificates(exim, sender, entry, error);
}

static bool has_value(const struct exim *exim, enum map map, const char *sender,
                      const struct decision_entry *entry)
{
    g_autofree char *value = value_of(exim, map, entry);
    g_autofree char *found = cdb_reader_get(exim->written[map], sender);

    return g_strcmp0(found, value) == 0;
}

static bool check_sender(const char *sender, const struct decision_entry *entry, void *data,
                         GError **error)
{
    struct exim *exim = data;
    bool good = has_value(exim, SOURCES, sender, entry) && has_value(exim, RATES, sender, entry);

    for (guint i = 0; good && i < entry->certificates->len; i++) {
        g_autofree char *key = certificate_key(g_ptr_array_index(entry->certificates, i), sender);
        g_autofree char *value = cdb_reader_get(exim->written[CERTIFICATES], key);
        good = g_strcmp0(value, "1") == 0;
    }
    return good || map_fail(exim->job->folder, "a database does not hold what was written", error);
}

/* Reads everything back with Exim's own library. */
static bool check(struct exim *exim, GError **error)
{
    for (int map = 0; map < MAPS; map++) {
        exim->written[map] = cdb_reader_new(exim->paths[map], error);
        if (!exim->written[map])
            return false;
        if (cdb_reader_count(exim->written[map]) != exim->keys[map])
            return map_fail(exim->job->folder, "a database has another number of keys", error);
    }
    return pairs_read(exim->job->folder, check_sender, exim, error);
}

static bool open_writers(struct exim *exim, GError **error)
{
    for (int map = 0; map < MAPS; map++) {
        exim->paths[map] = g_build_filename(exim->job->folder, names[map], NULL);
        exim->writers[map] = cdb_writer_new(exim->paths[map], error);
        if (!exim->writers[map])
            return false;
    }
    return true;
}

static bool write_databases(struct format_job *job, GError **error)
{
    struct exim exim = {.job = job};
    auto_ptr(exim) held = &exim;

    if (!open_writers(held, error) || !pairs_read(job->folder, add_sender, held, error))
        return false;
    for (int map = 0; map < MAPS; map++)
        if (!cdb_writer_finish(held->writers[map], error))
            return false;
    return check(held, error);
}

static bool write_locations(struct format_job *job, GError **error)
{
    const GPtrArray *locations = snapshot_policy(job->snapshot)->locations;
    struct map_file map = {0};
    auto_ptr(map_file) held = &map;

    if (!map_open(held, job->folder, "locations", error))
        return false;
    for (guint i = 0; i < locations->len; i++) {
        const struct location *location = g_ptr_array_index(locations, i);
        for (guint j = 0; j < location->networks->len; j++) {
            g_autofree char *text =
                network_format(&g_array_index(location->networks, struct network, j));
            if (!map_put(held, error, "%s\n", text))
                return false;
        }
    }
    return map_close(held, error);
}

bool exim_write(struct format_job *job, GError **error)
{
    if (snapshot_policy(job->snapshot)->null_sender)
        format_warn(job, "<>", "this format refuses the empty sender although it is allowed");
    return write_databases(job, error) && write_locations(job, error);
}
