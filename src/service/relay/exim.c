/* SPDX-License-Identifier: MIT
 *
 * Exim's maps.
 */
#include "service/relay/exim.h"

#include "adapters/cdb/cdb.h"
#include "base/error.h"
#include "service/relay/map-file.h"
#include "service/relay/pairs.h"

struct exim {
    struct format_job *job;
    struct cdb_writer *sources, *certificates;
    struct cdb_reader *written[2];
    guint64 keys[2];
};

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

static bool add_sender(const char *sender, const struct decision_entry *entry, void *data,
                       GError **error)
{
    struct exim *exim = data;
    g_autofree char *list = host_list(entry->networks);

    if (*list && !cdb_writer_add(exim->sources, sender, list, error))
        return false;
    exim->keys[0] += *list != '\0';
    for (guint i = 0; i < entry->certificates->len; i++) {
        g_autofree char *key = certificate_key(g_ptr_array_index(entry->certificates, i), sender);
        if (!cdb_writer_add(exim->certificates, key, "1", error))
            return false;
        exim->keys[1]++;
    }
    if (entry->certificates->len > 0)
        format_warn(exim->job, sender, "Exim knows no public keys: a renewed certificate passes "
                                       "only when it is registered, too");
    return true;
}

static bool check_sender(const char *sender, const struct decision_entry *entry, void *data,
                         GError **error)
{
    struct exim *exim = data;
    g_autofree char *list = host_list(entry->networks);
    g_autofree char *found = cdb_reader_get(exim->written[0], sender);
    bool good = g_strcmp0(found, *list ? list : NULL) == 0;

    for (guint i = 0; good && i < entry->certificates->len; i++) {
        g_autofree char *key = certificate_key(g_ptr_array_index(entry->certificates, i), sender);
        g_autofree char *value = cdb_reader_get(exim->written[1], key);
        good = g_strcmp0(value, "1") == 0;
    }
    return good || map_fail(exim->job->folder, "a database does not hold what was written", error);
}

/* Reads everything back with Exim's own library. */
static bool check(struct exim *exim, const char *sources, const char *certificates, GError **error)
{
    auto_ptr(cdb_reader) first = cdb_reader_new(sources, error);
    auto_ptr(cdb_reader) second = first ? cdb_reader_new(certificates, error) : NULL;

    if (!second)
        return false;
    exim->written[0] = first;
    exim->written[1] = second;
    if (cdb_reader_count(first) != exim->keys[0] || cdb_reader_count(second) != exim->keys[1])
        return map_fail(exim->job->folder, "a database has another number of keys", error);
    return pairs_read(exim->job->folder, check_sender, exim, error);
}

static bool write_databases(struct format_job *job, GError **error)
{
    g_autofree char *sources = g_build_filename(job->folder, "sources.cdb", NULL);
    g_autofree char *certificates = g_build_filename(job->folder, "certificates.cdb", NULL);
    auto_ptr(cdb_writer) first = cdb_writer_new(sources, error);
    auto_ptr(cdb_writer) second = first ? cdb_writer_new(certificates, error) : NULL;
    struct exim exim = {.job = job, .sources = first, .certificates = second};

    return second && pairs_read(job->folder, add_sender, &exim, error) &&
           cdb_writer_finish(first, error) && cdb_writer_finish(second, error) &&
           check(&exim, sources, certificates, error);
}

static bool write_locations(struct format_job *job, GError **error)
{
    const GPtrArray *locations = snapshot_policy(job->snapshot)->locations;
    struct map_file map = {NULL};
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
