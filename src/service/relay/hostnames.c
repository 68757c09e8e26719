/* SPDX-License-Identifier: MIT
 *
 * Addresses of hostnames from run to run.
 */
#include "service/relay/hostnames.h"

#include "base/error.h"
#include "base/limits.h"
#include "rules/decision.h"
#include "service/relay/files.h"

#include <sys/socket.h>

#define RUNS_UNTIL_GONE 3
#define SECONDS_IN_DAY (24 * 60 * 60)
#define NO_DAY "-"

struct known {
    GArray *addresses; /* of struct network */
    char *good;        /* last day with an answer, or NO_DAY */
    unsigned gone_runs;
    char *gone_since; /* or NO_DAY */
};

struct hostnames {
    GHashTable *known; /* name -> struct known */
    GPtrArray *kept, *without;
};

static void known_free(gpointer data)
{
    struct known *known = data;

    g_array_unref(known->addresses);
    g_free(known->good);
    g_free(known->gone_since);
    g_free(known);
}

static struct known *known_new(const char *good, unsigned gone_runs, const char *gone_since)
{
    struct known *known = g_new0(struct known, 1);

    known->addresses = g_array_new(FALSE, FALSE, sizeof(struct network));
    known->good = g_strdup(good);
    known->gone_runs = gone_runs;
    known->gone_since = g_strdup(gone_since);
    return known;
}

static void set_day(char **day, const char *value)
{
    g_free(*day);
    *day = g_strdup(value);
}

static char *day_of(gint64 second)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(second);

    return g_date_time_format(time, "%Y-%m-%d");
}

/* ---- the file ---- */

static struct known *parse_known(char **field)
{
    g_auto(GStrv) addresses = g_strsplit(field[4], " ", -1);
    struct known *known =
        known_new(field[1], (unsigned)g_ascii_strtoull(field[2], NULL, 10), field[3]);

    for (char **at = addresses; *at; at++) {
        struct network network;
        if (decision_client(*at, &network))
            g_array_append_val(known->addresses, network);
    }
    return known;
}

/* *text stays NULL when there is no file. */
static bool read_state(const char *path, char **text, GError **error)
{
    g_autoptr(GError) reason = NULL;

    if (g_file_get_contents(path, text, NULL, &reason) ||
        g_error_matches(reason, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT,
                "could not read the addresses of hostnames: %s", reason->message);
    return false;
}

struct hostnames *hostnames_load(const char *folder, GError **error)
{
    struct hostnames *hostnames;
    g_autofree char *path = g_build_filename(folder, HOSTNAMES_FILE, NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!read_state(path, &text, error))
        return NULL;
    hostnames = g_new0(struct hostnames, 1);
    hostnames->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, known_free);
    hostnames->kept = g_ptr_array_new_with_free_func(g_free);
    hostnames->without = g_ptr_array_new_with_free_func(g_free);
    lines = g_strsplit(text ? text : "", "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) field = g_strsplit(*line, "\t", -1);
        if (g_strv_length(field) == 5)
            g_hash_table_replace(hostnames->known, g_strdup(field[0]), parse_known(field));
    }
    return hostnames;
}

void hostnames_free(struct hostnames *hostnames)
{
    if (!hostnames)
        return;
    g_hash_table_unref(hostnames->known);
    g_ptr_array_unref(hostnames->kept);
    g_ptr_array_unref(hostnames->without);
    g_free(hostnames);
}

static char *format_known(const char *name, const struct known *known)
{
    GString *line = g_string_new(NULL);

    g_string_append_printf(line, "%s\t%s\t%u\t%s\t", name, known->good, known->gone_runs,
                           known->gone_since);
    for (guint i = 0; i < known->addresses->len; i++) {
        g_autofree char *address =
            network_format_address(&g_array_index(known->addresses, struct network, i));
        g_string_append_printf(line, "%s%s", i ? " " : "", address);
    }
    g_string_append_c(line, '\n');
    return g_string_free(line, FALSE);
}

bool hostnames_save(const struct hostnames *hostnames, const char *folder, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GList) names = g_hash_table_get_keys(hostnames->known);

    names = g_list_sort(names, (GCompareFunc)strcmp);
    for (const GList *at = names; at; at = at->next) {
        g_autofree char *line =
            format_known(at->data, g_hash_table_lookup(hostnames->known, at->data));
        g_string_append(text, line);
    }
    return file_replace(folder, HOSTNAMES_FILE, text->str, error);
}

/* ---- what DNS said ---- */

static bool is_passing(enum dns_answer answer)
{
    return answer == DNS_UNAVAILABLE;
}

/* Old addresses of a family that could not be asked. */
static void keep_family(GArray *addresses, const GArray *old, int family)
{
    for (guint i = 0; i < old->len; i++)
        if (g_array_index(old, struct network, i).family == family)
            g_array_append_val(addresses, g_array_index(old, struct network, i));
}

static void note_addresses(struct known *known, const struct hostname_answers *answers,
                           const char *today)
{
    GArray *addresses = g_array_new(FALSE, FALSE, sizeof(struct network));

    g_array_append_vals(addresses, answers->addresses->data, answers->addresses->len);
    if (is_passing(answers->ipv4))
        keep_family(addresses, known->addresses, AF_INET);
    if (is_passing(answers->ipv6))
        keep_family(addresses, known->addresses, AF_INET6);
    g_array_unref(known->addresses);
    known->addresses = addresses;
    known->gone_runs = 0;
    set_day(&known->gone_since, NO_DAY);
    set_day(&known->good, today);
}

static void note_gone(struct known *known, const char *today)
{
    if (known->gone_runs == 0)
        set_day(&known->gone_since, today);
    if (known->gone_runs < RUNS_UNTIL_GONE)
        known->gone_runs++;
    if (known->gone_runs == RUNS_UNTIL_GONE && !g_str_equal(known->gone_since, today))
        g_array_set_size(known->addresses, 0);
}

/* Days are compared as text: their order is that of the alphabet. */
static void drop_old(struct known *known, const char *oldest)
{
    if (strcmp(known->good, oldest) < 0)
        g_array_set_size(known->addresses, 0);
}

static void note(struct known *known, const struct hostname_answers *answers, gint64 now)
{
    g_autofree char *today = day_of(now);
    g_autofree char *oldest = day_of(now - LIMIT_HOSTNAME_KEPT_DAYS * SECONDS_IN_DAY);

    if (answers->addresses->len > 0)
        note_addresses(known, answers, today);
    else if (is_passing(answers->ipv4) || is_passing(answers->ipv6))
        drop_old(known, oldest);
    else
        note_gone(known, today);
}

/* Takes the name's record out of the table, or makes one. */
static struct known *steal_known(GHashTable *known, const char *name)
{
    gpointer key = NULL, value = NULL;

    if (!g_hash_table_steal_extended(known, name, &key, &value))
        return known_new(NO_DAY, 0, NO_DAY);
    g_free(key);
    return value;
}

static void sort_out(struct hostnames *hostnames, const struct hostname_answers *answers,
                     const struct known *known)
{
    if (known->addresses->len == 0)
        g_ptr_array_add(hostnames->without, g_strdup(answers->name));
    else if (known->addresses->len > answers->addresses->len)
        g_ptr_array_add(hostnames->kept, g_strdup(answers->name));
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void hostnames_update(struct hostnames *hostnames, const GPtrArray *answers, gint64 now)
{
    GHashTable *asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, known_free);

    for (guint i = 0; i < answers->len; i++) {
        const struct hostname_answers *one = g_ptr_array_index(answers, i);
        struct known *known = steal_known(hostnames->known, one->name);
        note(known, one, now);
        sort_out(hostnames, one, known);
        g_hash_table_replace(asked, g_strdup(one->name), known);
    }
    g_hash_table_unref(hostnames->known);
    hostnames->known = asked;
    g_ptr_array_sort(hostnames->kept, compare_names);
    g_ptr_array_sort(hostnames->without, compare_names);
}

const GArray *hostnames_find(const struct hostnames *hostnames, const char *name)
{
    const struct known *known = g_hash_table_lookup(hostnames->known, name);

    return known ? known->addresses : NULL;
}

const GPtrArray *hostnames_kept(const struct hostnames *hostnames)
{
    return hostnames->kept;
}

const GPtrArray *hostnames_without(const struct hostnames *hostnames)
{
    return hostnames->without;
}
