/* SPDX-License-Identifier: MIT
 *
 * Which sources count.
 */
#include "service/relay/gather.h"

#include "base/error.h"

/* What no map can hold stops the run, or is left out and named. */
static bool refuse(struct gather *gather, const struct exported_source *source, const char *reason,
                   GError **error)
{
    g_autofree char *address = g_strescape(source->address, NULL);
    g_autofree char *text = g_strdup_printf("cannot export the %s \"%s%s%s\" of \"%s\": %s",
                                            source->kind, source->network, source->hostname,
                                            source->spki, address, reason);

    if (!gather->skip_unfit) {
        g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD, text);
        return false;
    }
    gather->unfit++;
    if (gather->warn)
        gather->warn(text);
    return true;
}

/* Whether one of the registration's own locations holds the network. */
static bool is_inside(const struct gather *gather, const char *ids, const struct network *network)
{
    g_auto(GStrv) each = g_strsplit(ids, " ", -1);

    for (char **id = each; *id; id++) {
        const struct location *location = location_find(gather->locations, *id);
        if (location && location_contains(location, network))
            return true;
    }
    return false;
}

/* The daemon knows networks only: a hostname is used through one of its addresses. */
static void match_network(struct gather *gather, const struct exported_source *source,
                          const struct network *network)
{
    g_autofree char *text = network_format(network);
    g_autofree char *used = g_strconcat("network\t", text, NULL);

    uses_report_match(gather->uses, source->address, used, source->id);
}

static bool add_network(struct gather *gather, const struct exported_source *source, GError **error)
{
    g_autofree char *text = NULL;
    struct network network;

    if (network_parse(source->network, &network) != NETWORK_OK)
        return refuse(gather, source, "it is no network", error);
    if (!is_inside(gather, source->locations, &network)) {
        gather->outside++;
        return true;
    }
    text = network_format(&network);
    g_ptr_array_add(gather->lines, g_strdup_printf("network\t%s", text));
    match_network(gather, source, &network);
    gather->sources++;
    return true;
}

static bool is_hostname(const char *name)
{
    return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == strlen(name);
}

static bool add_hostname(struct gather *gather, const struct exported_source *source,
                         GError **error)
{
    const GArray *addresses = hostnames_find(gather->hostnames, source->hostname);
    guint before = gather->lines->len;

    if (!is_hostname(source->hostname))
        return refuse(gather, source, "it is no hostname", error);
    for (guint i = 0; addresses && i < addresses->len; i++) {
        const struct network *network = &g_array_index(addresses, struct network, i);
        g_autofree char *text = network_format_address(network);
        if (!is_inside(gather, source->locations, network))
            continue;
        g_ptr_array_add(gather->lines, g_strdup_printf("hostname\t%s=%s", source->hostname, text));
        match_network(gather, source, network);
    }
    if (gather->lines->len > before)
        gather->sources++;
    else
        gather->nowhere++;
    return true;
}

static bool is_digest(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static bool add_certificate(struct gather *gather, const struct exported_source *source,
                            GError **error)
{
    char *key;

    if (!is_digest(source->spki) || !is_digest(source->sha256))
        return refuse(gather, source, "it is no SHA-256", error);
    if (source->not_after < gather->oldest_end) {
        gather->expired++;
        return true;
    }
    key = g_strdup_printf("spki\t%s", source->spki);
    g_ptr_array_add(gather->lines, key);
    uses_report_match(gather->uses, source->address, key, source->id);
    g_ptr_array_add(gather->lines, g_strdup_printf("certificate\t%s", source->sha256));
    gather->sources++;
    return true;
}

static bool add_source(struct gather *gather, const struct exported_source *source, GError **error)
{
    if (g_str_equal(source->kind, "network"))
        return add_network(gather, source, error);
    if (g_str_equal(source->kind, "hostname"))
        return add_hostname(gather, source, error);
    if (g_str_equal(source->kind, "certificate"))
        return add_certificate(gather, source, error);
    return refuse(gather, source, "nobody knows that kind", error);
}

static bool write_sender(struct gather *gather, GError **error)
{
    const struct pairs_registration registration = {gather->sender, gather->type,
                                                    gather->per_hour};

    if (!gather->sender || !pairs_sender_fits(gather->sender))
        return true;
    gather->senders++;
    return pairs_writer_add(gather->writer, &registration, gather->lines, error);
}

static void start_sender(struct gather *gather, const struct exported_source *source)
{
    gather_clear(gather);
    gather->sender = g_strdup(source->address);
    gather->type = g_strdup(source->type);
    gather->per_hour = source->recipients_per_hour;
    gather->lines = g_ptr_array_new_with_free_func(g_free);
}

bool gather_row(const struct exported_source *source, void *data, GError **error)
{
    struct gather *gather = data;

    if (!gather->sender || !g_str_equal(gather->sender, source->address)) {
        if (!write_sender(gather, error))
            return false;
        start_sender(gather, source);
    }
    if (!pairs_sender_fits(source->address))
        return refuse(gather, source, "no map can hold this sender", error);
    return add_source(gather, source, error);
}

bool gather_finish(struct gather *gather, GError **error)
{
    bool good = write_sender(gather, error);

    gather_clear(gather);
    return good;
}

void gather_clear(struct gather *gather)
{
    g_clear_pointer(&gather->sender, g_free);
    g_clear_pointer(&gather->type, g_free);
    g_clear_pointer(&gather->lines, g_ptr_array_unref);
}
