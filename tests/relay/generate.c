/* SPDX-License-Identifier: MIT
 *
 * The export without database and DNS, for tests: generate FORMAT OUTPUT ROWS reads
 * lines "address<TAB>kind<TAB>value<TAB>type" sorted by address. A hostname's value is
 * "name=address", a certificate's "spki=sha256". Location: all of 127.0.0.0/9,
 * 10.0.0.0/8, ::1 and 2001:db8::/32. Postfix's and sendmail's programs are those of the
 * environment's POSTMAP and MAKEMAP.
 */
#include "base/error.h"
#include "rules/hostname.h"
#include "service/relay/export.h"
#include "service/relay/pairs.h"

#include <errno.h>
#include <string.h>

struct table {
    const char *file;
    GHashTable *hosts; /* hostname: address */
    guint64 count;
};

/* Cuts a line in place. */
static void split(char *line, char **field)
{
    for (int i = 0; i < 4; i++) {
        field[i] = line;
        line += strcspn(line, "\t\n");
        if (*line)
            *line++ = '\0';
    }
}

static void add_host(struct table *table, char *value)
{
    char *sign = strchr(value, '=');

    *sign = '\0';
    g_hash_table_insert(table->hosts, g_strdup(value), g_strdup(sign + 1));
}

static void read_table(struct table *table)
{
    g_autoptr(FILE) file = fopen(table->file, "re");
    char line[1024], *field[4];

    table->count = 0;
    while (file && fgets(line, sizeof line, file)) {
        table->count++;
        if (!strstr(line, "\thostname\t"))
            continue;
        split(line, field);
        add_host(table, field[2]);
    }
}

static bool begin(void *data, struct exported_view *view, GError **error G_GNUC_UNUSED)
{
    const struct table *table = data;

    view->snapshot = g_strdup("7:7:");
    view->started = g_strdup("2026-11-23 12:00:00+00");
    view->count = table->count;
    return true;
}

static bool hostnames(void *data, GPtrArray *names, GError **error G_GNUC_UNUSED)
{
    const struct table *table = data;
    GHashTableIter iter;
    gpointer name;

    g_hash_table_iter_init(&iter, table->hosts);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        g_ptr_array_add(names, g_strdup(name));
    return true;
}

static GPtrArray *resolve(void *data, const GPtrArray *names)
{
    const struct table *table = data;
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)hostname_answers_free);

    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        struct hostname_answers *answers = hostname_answers_new(name);
        struct network network;
        answers->ipv4 = DNS_FOUND;
        answers->ipv6 = DNS_FOUND;
        if (network_parse(g_hash_table_lookup(table->hosts, name), &network) == NETWORK_OK)
            g_array_append_val(answers->addresses, network);
        g_ptr_array_add(all, answers);
    }
    return all;
}

static struct exported_source source_of(char **field)
{
    struct exported_source source = {field[0], field[1], "", "", "", G_MAXINT64, "all", "", field[3], NULL, 0};
    char *sign = strchr(field[2], '=');

    if (sign)
        *sign = '\0';
    if (g_str_equal(field[1], "network"))
        source.network = field[2];
    else if (g_str_equal(field[1], "hostname"))
        source.hostname = field[2];
    else {
        source.spki = field[2];
        source.sha256 = sign ? sign + 1 : "";
    }
    return source;
}

static bool each(void *data, exported_row *row, void *row_data, GError **error)
{
    const struct table *table = data;
    g_autoptr(FILE) file = fopen(table->file, "re");
    char line[1024], *field[4];

    while (file && fgets(line, sizeof line, file)) {
        struct exported_source source;
        split(line, field);
        source = source_of(field);
        if (!row(&source, row_data, error))
            return false;
    }
    return file != NULL;
}

static bool end(void *data G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    return true;
}

static void warn(const char *text)
{
    g_printerr("%s\n", text);
}

static struct decision_policy *make_policy(void)
{
    static const char *const networks[] = {"127.0.0.0/9", "10.0.0.0/8", "::1/128", "2001:db8::/32"};
    struct decision_policy *policy = decision_policy_new();
    struct location *location = location_new("all", "All");

    for (size_t i = 0; i < G_N_ELEMENTS(networks); i++) {
        struct network network;
        network_parse(networks[i], &network);
        g_array_append_val(location->networks, network);
    }
    g_ptr_array_add(policy->locations, location);
    g_free(policy->portal);
    policy->portal = g_strdup("https://portal.example.edu");
    return policy;
}

static const char *program(const char *variable, const char *standard)
{
    const char *value = g_getenv(variable);

    return value ? value : standard;
}

static int run(char **argv)
{
    g_autoptr(GHashTable) hosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    struct table table = {argv[3], hosts, 0};
    struct export_world world = {&table, begin, hostnames, each, end, NULL, resolve, NULL, warn, NULL};
    static struct pairs_rate rate = {"scanner", {200, false}};
    static struct pairs_rate each_source = {"device-monitor", {200, true}};
    g_autoptr(GPtrArray) rates = g_ptr_array_new();
    auto_ptr(decision_policy) policy = make_policy();
    struct export_settings settings = {
        .output = argv[2], .format = format_find(argv[1]), .reload = "", .policy = policy,
        .postmap = program("POSTMAP", "/usr/sbin/postmap"),
        .makemap = program("MAKEMAP", "/usr/sbin/makemap"),
        .program_seconds = 120,
        .rates = rates, .guards = {100, 1000000}, .now = 1800000000,
    };
    struct export_result result = {false};
    g_autoptr(GError) error = NULL;
    bool good;

    read_table(&table);
    g_ptr_array_add(rates, &each_source);
    g_ptr_array_add(rates, &rate);
    good = export_run(&settings, &world, &result, &error);
    export_result_clear(&result);
    if (!good)
        g_printerr("%s\n", error->message);
    return good ? 0 : appsmtp_error_exit_status(error);
}

int main(int argc, char **argv)
{
    if (argc != 4 || !format_find(argv[1])) {
        g_printerr("usage: generate FORMAT OUTPUT ROWS\n");
        return 64;
    }
    return run(argv);
}
