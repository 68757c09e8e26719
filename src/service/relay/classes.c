/* SPDX-License-Identifier: MIT
 *
 * Postfix by restriction classes.
 */
#include "service/relay/classes.h"

#include "base/error.h"
#include "service/relay/map-file.h"
#include "service/relay/pairs.h"
#include "service/relay/postmap.h"
#include "service/relay/slots.h"

#define CLASS "appsmtp"

struct classes {
    struct format_job *job;
    GPtrArray *senders;
    struct slots *slots;
    GHashTable *networks; /* text -> GArray of slot numbers */
    GHashTable *keys;     /* fingerprint -> likewise */
    struct map_file pairs;
};

static void free_numbers(gpointer numbers)
{
    g_array_unref(numbers);
}

static void classes_clear(struct classes *classes)
{
    g_ptr_array_unref(classes->senders);
    slots_free(classes->slots);
    g_hash_table_unref(classes->networks);
    g_hash_table_unref(classes->keys);
    map_free(&classes->pairs);
}
DEFINE_AUTO(classes, classes_clear)

/* ---- gathering ---- */

static bool add_sender(const char *sender, const struct decision_entry *entry G_GNUC_UNUSED,
                       void *data, GError **error)
{
    GPtrArray *senders = data;

    g_ptr_array_add(senders, g_strdup(sender));
    if (senders->len <= SLOTS)
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD,
                "cannot export more than %d senders as classes: Postfix slows down with more; use "
                "format postfix with the policy daemon", SLOTS);
    return false;
}

static bool assign(struct classes *classes, GError **error)
{
    if (!pairs_read(classes->job->folder, add_sender, classes->senders, error))
        return false;
    if (slots_assign(classes->slots, classes->senders, classes->job->now))
        return slots_save(classes->slots, classes->job->output, error);
    g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD,
                        "cannot export as classes: too many senders were new or gone within two "
                        "days, in which their numbers rest");
    return false;
}

static void add_number(GHashTable *table, const char *key, unsigned number)
{
    GArray *numbers = g_hash_table_lookup(table, key);

    if (!numbers) {
        numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
        g_hash_table_insert(table, g_strdup(key), numbers);
    }
    if (numbers->len == 0 || g_array_index(numbers, unsigned, numbers->len - 1) != number)
        g_array_append_val(numbers, number);
}

static bool put_pair(struct classes *classes, unsigned number, const char *sender, GError **error)
{
    bool null_sender = snapshot_policy(classes->job->snapshot)->null_sender;

    return map_put(&classes->pairs, error, "%u|%s\tOK\n", number, sender) &&
           (!null_sender || map_put(&classes->pairs, error, "%u|<>\tOK\n", number));
}

static bool take_sender(const char *sender, const struct decision_entry *entry, void *data,
                        GError **error)
{
    struct classes *classes = data;
    unsigned number = slots_find(classes->slots, sender);

    for (guint i = 0; i < entry->networks->len; i++) {
        g_autofree char *text = network_format(&g_array_index(entry->networks, struct network, i));
        add_number(classes->networks, text, number);
    }
    for (guint i = 0; i < entry->spkis->len; i++) {
        g_autofree char *shown = decision_fingerprint(g_ptr_array_index(entry->spkis, i));
        add_number(classes->keys, shown, number);
    }
    return put_pair(classes, number, sender, error);
}

/* ---- writing ---- */

static int compare_numbers(gconstpointer a, gconstpointer b)
{
    const unsigned *left = a, *right = b;

    return *left < *right ? -1 : *left > *right;
}

/* "appsmtp3, appsmtp17", each once. Caller frees. */
static char *class_list(GArray *numbers)
{
    GString *list = g_string_new(NULL);

    g_array_sort(numbers, compare_numbers);
    for (guint i = 0; i < numbers->len; i++) {
        unsigned number = g_array_index(numbers, unsigned, i);
        if (i == 0 || number != g_array_index(numbers, unsigned, i - 1))
            g_string_append_printf(list, "%s" CLASS "%u", i ? ", " : "", number);
    }
    return g_string_free(list, FALSE);
}

/* The numbers of a network's senders and of those of all wider ones. Caller unrefs. */
static GArray *numbers_within(const struct classes *classes, const struct network *network)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(unsigned));

    for (unsigned prefix = 0; prefix <= network->prefix; prefix++) {
        struct network outer = network_cut(network, prefix);
        g_autofree char *text = network_format(&outer);
        const GArray *numbers = g_hash_table_lookup(classes->networks, text);
        if (numbers)
            g_array_append_vals(all, numbers->data, numbers->len);
    }
    return all;
}

/* The narrower first, since the first that matches ends a look-up. */
static int compare_prefixes(gconstpointer a, gconstpointer b)
{
    const struct network *left = a, *right = b;

    if (left->prefix != right->prefix)
        return left->prefix > right->prefix ? -1 : 1;
    return network_compare(left, right);
}

static GArray *sorted_networks(const struct classes *classes)
{
    GArray *networks = g_array_new(FALSE, FALSE, sizeof(struct network));
    GHashTableIter iter;
    gpointer text;

    g_hash_table_iter_init(&iter, classes->networks);
    while (g_hash_table_iter_next(&iter, &text, NULL)) {
        struct network network;
        if (network_parse(text, &network) == NETWORK_OK)
            g_array_append_val(networks, network);
    }
    g_array_sort(networks, compare_prefixes);
    return networks;
}

static bool write_networks(const struct classes *classes, GError **error)
{
    g_autoptr(GArray) networks = sorted_networks(classes);
    struct map_file map = {0};
    auto_ptr(map_file) held = &map;

    if (!map_open(held, classes->job->folder, "sources.cidr", error))
        return false;
    for (guint i = 0; i < networks->len; i++) {
        const struct network *network = &g_array_index(networks, struct network, i);
        g_autoptr(GArray) numbers = numbers_within(classes, network);
        g_autofree char *list = class_list(numbers);
        g_autofree char *text = network_format(network);
        if (!map_put(held, error, "%s\t%s\n", text, list))
            return false;
    }
    return map_close(held, error);
}

static bool write_keys(const struct classes *classes, GError **error)
{
    g_autoptr(GList) keys = g_hash_table_get_keys(classes->keys);
    struct map_file map = {0};
    auto_ptr(map_file) held = &map;

    keys = g_list_sort(keys, (GCompareFunc)strcmp);
    if (!map_open(held, classes->job->folder, "keys", error))
        return false;
    for (const GList *at = keys; at; at = at->next) {
        g_autofree char *list = class_list(g_hash_table_lookup(classes->keys, at->data));
        if (!map_put(held, error, "%s\t%s\n", (const char *)at->data, list))
            return false;
    }
    return map_close(held, error);
}

static bool write_locations(const struct format_job *job, GError **error)
{
    const GPtrArray *locations = snapshot_policy(job->snapshot)->locations;
    struct map_file map = {0};
    auto_ptr(map_file) held = &map;

    if (!map_open(held, job->folder, "locations.cidr", error))
        return false;
    for (guint i = 0; i < locations->len; i++) {
        const struct location *location = g_ptr_array_index(locations, i);
        for (guint j = 0; j < location->networks->len; j++) {
            g_autofree char *text =
                network_format(&g_array_index(location->networks, struct network, j));
            if (!map_put(held, error, "%s\tDUNNO\n", text))
                return false;
        }
    }
    return map_put(held, error, "0.0.0.0/0\tREJECT This relay serves the university's networks only\n"
                   "::/0\tREJECT This relay serves the university's networks only\n") &&
           map_close(held, error);
}

static bool write_texts(struct classes *classes, GError **error)
{
    const char *folder = classes->job->folder;

    return map_open(&classes->pairs, folder, SLOTS_MAP, error) &&
           pairs_read(folder, take_sender, classes, error) && map_close(&classes->pairs, error) &&
           write_networks(classes, error) && write_keys(classes, error) &&
           write_locations(classes->job, error);
}

bool classes_write(struct format_job *job, GError **error)
{
    struct classes classes = {
        .job = job,
        .senders = g_ptr_array_new_with_free_func(g_free),
        .slots = slots_load(job->output),
        .networks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_numbers),
        .keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_numbers),
    };
    auto_ptr(classes) held = &classes;

    return assign(held, error) && write_texts(held, error) &&
           postmap_check(job, "cidr", "sources.cidr", error) &&
           postmap_check(job, "cidr", "locations.cidr", error) &&
           postmap_index(job, "keys", error) &&
           postmap_index(job, SLOTS_MAP, error);
}
