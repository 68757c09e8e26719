/* SPDX-License-Identifier: MIT
 *
 * Which sources count.
 */
#include "service/relay/gather.h"

#include "base/error.h"
#include "base/limits.h"

static void leave_out(struct gather *gather, const struct exported_source *source,
                      enum left_out reason, const char *detail)
{
    gather->left_out[reason]++;
    omissions_add(gather->omissions, source, reason, detail);
}

guint64 gather_left_out(const struct gather *gather)
{
    guint64 count = 0;

    for (int reason = 0; reason < LEFT_OUT_REASONS; reason++)
        if (left_out_is_whole((enum left_out)reason))
            count += gather->left_out[reason];
    return count;
}

/* What no map can hold stops the run, or is left out and named. */
static bool refuse(struct gather *gather, const struct exported_source *source, const char *reason,
                   GError **error)
{
    g_autofree char *address = g_strescape(source->address, NULL);

    if (!gather->skip_unfit) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD,
                    "cannot export the %s \"%s%s%s\" of \"%s\": %s", source->kind,
                    source->network, source->hostname, source->spki, address, reason);
        return false;
    }
    leave_out(gather, source, LEFT_OUT_UNFIT, reason);
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

/* Whether the configuration knows one of the registration's own locations. */
static bool has_location(const struct gather *gather, const char *ids)
{
    g_auto(GStrv) each = g_strsplit(ids, " ", -1);

    for (char **id = each; *id; id++)
        if (location_find(gather->locations, *id))
            return true;
    return false;
}

/* addresses: those that are outside; or NULL, for the source's own. */
static void leave_outside(struct gather *gather, const struct exported_source *source,
                          const char *addresses)
{
    if (has_location(gather, source->locations))
        leave_out(gather, source, LEFT_OUT_OUTSIDE, addresses ? addresses : source->locations);
    else
        leave_out(gather, source, LEFT_OUT_NO_LOCATION, source->locations);
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
        leave_outside(gather, source, NULL);
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

static bool has_name(const GPtrArray *names, const char *name)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)names, name, g_str_equal, NULL);
}

/* What becomes of a name of which so many addresses count; outside: the others, as text. */
static void judge_hostname(struct gather *gather, const struct exported_source *source,
                           guint inside, const char *outside)
{
    g_autofree char *most = g_strdup_printf("more than %u", LIMIT_HOSTNAME_ADDRESSES);
    bool crowded = has_name(hostnames_crowded(gather->hostnames), source->hostname);

    gather->sources += inside > 0;
    if (*outside && inside == 0)
        leave_outside(gather, source, outside);
    else if (*outside)
        leave_out(gather, source, LEFT_OUT_PARTLY_OUTSIDE, outside);
    else if (crowded)
        leave_out(gather, source, inside ? LEFT_OUT_TOO_MANY_KEPT : LEFT_OUT_TOO_MANY_ADDRESSES,
                  most);
    else if (inside == 0)
        leave_out(gather, source,
                  has_name(hostnames_silent(gather->hostnames), source->hostname)
                      ? LEFT_OUT_NOT_LOOKED_UP
                      : LEFT_OUT_NO_ADDRESS,
                  "");
}

static bool add_hostname(struct gather *gather, const struct exported_source *source,
                         GError **error)
{
    const GArray *addresses = hostnames_find(gather->hostnames, source->hostname);
    g_autoptr(GString) outside = g_string_new(NULL);
    guint inside = 0;

    if (!is_hostname(source->hostname))
        return refuse(gather, source, "it is no hostname", error);
    for (guint i = 0; addresses && i < addresses->len; i++) {
        const struct network *network = &g_array_index(addresses, struct network, i);
        g_autofree char *text = network_format_address(network);
        if (!is_inside(gather, source->locations, network)) {
            g_string_append_printf(outside, "%s%s", outside->len ? " " : "", text);
            continue;
        }
        g_ptr_array_add(gather->lines, g_strdup_printf("hostname\t%s=%s", source->hostname, text));
        match_network(gather, source, network);
        inside++;
    }
    judge_hostname(gather, source, inside, outside->str);
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
        leave_out(gather, source, LEFT_OUT_CERTIFICATE_ENDED, "");
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
