/* SPDX-License-Identifier: MIT
 *
 * Postfix's maps.
 */
#include "service/relay/postfix.h"

#include "service/relay/cidr.h"
#include "service/relay/map-file.h"
#include "service/relay/pairs.h"
#include "service/relay/postmap.h"

#define NULL_SENDER "<>"
#define FLAT_NETWORKS 100 /* more are nested */

/* ---- senders ---- */

static bool put_sender(const char *sender, const struct decision_entry *entry G_GNUC_UNUSED,
                       void *map, GError **error)
{
    return map_put(map, error, "%s\tOK\n", sender);
}

static bool write_senders(const char *folder, bool null_sender, GError **error)
{
    struct map_file map = {0};
    auto_ptr(map_file) held = &map;

    return map_open(held, folder, "senders", error) &&
           pairs_read(folder, put_sender, held, error) &&
           (!null_sender || map_put(held, error, NULL_SENDER "\tOK\n")) && map_close(held, error);
}

/* ---- sources ---- */

struct sources {
    struct map_file networks, addresses, certificates;
    struct cidr cidr;
    guint64 count;
};

static bool is_single(const struct network *network)
{
    return network->prefix == network_bits(network);
}

static bool count_network(const struct network *network, const char *spki G_GNUC_UNUSED,
                          void *data, GError **error G_GNUC_UNUSED)
{
    struct sources *sources = data;

    sources->count += network && !is_single(network);
    return true;
}

static bool put_source(const struct network *network, const char *spki, void *data, GError **error)
{
    struct sources *sources = data;
    g_autofree char *key = NULL;

    if (network && !is_single(network))
        return cidr_put(&sources->cidr, network, "OK", error);
    key = network ? network_format_address(network) : decision_fingerprint(spki);
    return map_put(network ? &sources->addresses : &sources->certificates, error, "%s\tOK\n", key);
}

static bool write_sources(const char *folder, const struct snapshot *snapshot, GError **error)
{
    struct sources sources = {.count = 0};
    auto_ptr(map_file) networks = &sources.networks;
    auto_ptr(map_file) addresses = &sources.addresses;
    auto_ptr(map_file) certificates = &sources.certificates;
    auto_ptr(cidr) cidr = &sources.cidr;

    if (!snapshot_each_source(snapshot, count_network, &sources, error))
        return false;
    cidr->map = networks;
    cidr->nested = sources.count > FLAT_NETWORKS;
    return map_open(networks, folder, "networks.cidr", error) &&
           map_open(addresses, folder, "addresses", error) &&
           map_open(certificates, folder, "certificates", error) &&
           snapshot_each_source(snapshot, put_source, &sources, error) &&
           cidr_finish(cidr, error) && map_close(networks, error) &&
           map_close(addresses, error) && map_close(certificates, error);
}

bool postfix_write(struct format_job *job, GError **error)
{
    const char *folder = job->folder;

    return write_senders(folder, snapshot_policy(job->snapshot)->null_sender, error) &&
           write_sources(folder, job->snapshot, error) &&
           postmap_check(job, "cidr", "networks.cidr", error) &&
           postmap_index(job, "addresses", error) &&
           postmap_index(job, "senders", error) &&
           postmap_index(job, "certificates", error);
}
