/* SPDX-License-Identifier: MIT
 *
 * Addresses of hostnames from run to run.
 */
#include "service/relay/hostnames.h"

#include "base/error.h"
#include "base/limits.h"
#include "rules/decision.h"
#include "rules/source.h"
#include "service/relay/files.h"
#include "service/relay/pairs.h"

#include <sys/socket.h>

#define HEAD "# appsmtp hostnames 1\n"
#define RUNS_UNTIL_GONE 3
#define SECONDS_IN_HOUR (60 * 60)
#define SECONDS_IN_DAY (24 * SECONDS_IN_HOUR)
#define NEVER "-"
#define LISTED 4 /* addresses of one name that a log names */

enum { IPV4, IPV6, FAMILIES };
static const int families[FAMILIES] = {AF_INET, AF_INET6};

/* What is known of one kind of address. Times are seconds since 1970; 0 is never. */
struct family {
    GArray *addresses; /* of struct network */
    gint64 good;       /* when it was answered, within the hour */
    gint64 gone_since; /* the first "does not exist" after that */
    unsigned gone_runs;
};

struct known {
    struct family family[FAMILIES];
    GArray *addresses; /* of both */
    bool recovered;    /* from a generation, and not asked since */
};

struct hostnames {
    GHashTable *known; /* name -> struct known */
    GPtrArray *kept, *without, *silent, *crowded, *moved;
};

static void known_free(gpointer data)
{
    struct known *known = data;

    for (int i = 0; i < FAMILIES; i++)
        g_array_unref(known->family[i].addresses);
    g_array_unref(known->addresses);
    g_free(known);
}

static struct known *known_new(void)
{
    struct known *known = g_new0(struct known, 1);

    for (int i = 0; i < FAMILIES; i++)
        known->family[i].addresses = g_array_new(FALSE, FALSE, sizeof(struct network));
    known->addresses = g_array_new(FALSE, FALSE, sizeof(struct network));
    return known;
}

/* Puts the addresses of both families together. A file may be of a version without a limit. */
static void join_families(struct known *known)
{
    g_array_set_size(known->addresses, 0);
    for (int i = 0; i < FAMILIES; i++)
        if (known->family[i].addresses->len > LIMIT_HOSTNAME_ADDRESSES)
            g_array_set_size(known->family[i].addresses, 0);
    for (int i = 0; i < FAMILIES; i++)
        g_array_append_vals(known->addresses, known->family[i].addresses->data,
                            known->family[i].addresses->len);
}

/* ---- the file ---- */

static char *format_time(gint64 second)
{
    g_autoptr(GDateTime) time = second ? g_date_time_new_from_unix_utc(second) : NULL;

    return time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup(NEVER);
}

static gint64 parse_time(const char *text)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);

    return time ? g_date_time_to_unix(time) : 0;
}

/* Adds those of that family. */
static void parse_addresses(struct family *family, int wanted, const char *text)
{
    g_auto(GStrv) addresses = g_strsplit(text, " ", -1);

    for (char **at = addresses; *at; at++) {
        struct network network;
        if (decision_client(*at, &network) && network.family == wanted)
            g_array_append_val(family->addresses, network);
    }
}

static struct known *parse_known(char **field)
{
    struct known *known = known_new();

    for (int i = 0; i < FAMILIES; i++) {
        struct family *family = &known->family[i];
        char **own = field + 1 + (ptrdiff_t)4 * i;
        family->good = parse_time(own[0]);
        family->gone_runs = (unsigned)g_ascii_strtoull(own[1], NULL, 10);
        family->gone_since = parse_time(own[2]);
        parse_addresses(family, families[i], own[3]);
    }
    join_families(known);
    return known;
}

/* As it was written before: name, day of the last answer, runs and day of the first "does not
   exist", addresses. That day counts whole, and what was heard on days counts no more. */
static struct known *parse_days(char **field)
{
    g_autofree char *end = g_strconcat(field[1], "T23:59:59Z", NULL);
    struct known *known = known_new();

    for (int i = 0; i < FAMILIES; i++) {
        known->family[i].good = parse_time(end);
        parse_addresses(&known->family[i], families[i], field[4]);
    }
    join_families(known);
    return known;
}

static void take_line(struct hostnames *hostnames, const char *line)
{
    g_auto(GStrv) field = g_strsplit(line, "\t", -1);
    guint fields = g_strv_length(field);

    if (fields == 1 + 4 * FAMILIES || fields == 5)
        g_hash_table_replace(hostnames->known, g_strdup(field[0]),
                             fields == 5 ? parse_days(field) : parse_known(field));
}

/* False when it is not what was written. */
static bool take_text(struct hostnames *hostnames, char *text)
{
    bool headed = g_str_has_prefix(text, HEAD);
    g_auto(GStrv) lines = NULL;

    if (headed && !file_unseal(text))
        return false;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        take_line(hostnames, *line);
    return headed || g_hash_table_size(hostnames->known) > 0;
}

static struct hostnames *hostnames_new(void)
{
    struct hostnames *hostnames = g_new0(struct hostnames, 1);

    hostnames->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, known_free);
    hostnames->kept = g_ptr_array_new_with_free_func(g_free);
    hostnames->without = g_ptr_array_new_with_free_func(g_free);
    hostnames->silent = g_ptr_array_new_with_free_func(g_free);
    hostnames->crowded = g_ptr_array_new_with_free_func(g_free);
    hostnames->moved = g_ptr_array_new_with_free_func(g_free);
    return hostnames;
}

struct hostnames *hostnames_load(const char *folder, bool *damaged)
{
    struct hostnames *hostnames = hostnames_new();
    g_autofree char *path = g_build_filename(folder, HOSTNAMES_FILE, NULL);
    g_autofree char *text = NULL;
    enum file_answer answer = file_read(path, LIMIT_EXPORT_FILE, &text, NULL);

    *damaged = answer == FILE_UNREADABLE || (text && !take_text(hostnames, text));
    return hostnames;
}

void hostnames_free(struct hostnames *hostnames)
{
    if (!hostnames)
        return;
    g_hash_table_unref(hostnames->known);
    g_ptr_array_unref(hostnames->kept);
    g_ptr_array_unref(hostnames->without);
    g_ptr_array_unref(hostnames->silent);
    g_ptr_array_unref(hostnames->crowded);
    g_ptr_array_unref(hostnames->moved);
    g_free(hostnames);
}

static void append_addresses(GString *text, const GArray *addresses)
{
    for (guint i = 0; i < addresses->len; i++) {
        g_autofree char *address =
            network_format_address(&g_array_index(addresses, struct network, i));
        g_string_append_printf(text, "%s%s", i ? " " : "", address);
    }
}

static char *format_known(const char *name, const struct known *known)
{
    GString *line = g_string_new(name);

    for (int i = 0; i < FAMILIES; i++) {
        const struct family *family = &known->family[i];
        g_autofree char *good = format_time(family->good);
        g_autofree char *gone = format_time(family->gone_since);
        g_string_append_printf(line, "\t%s\t%u\t%s\t", good, family->gone_runs, gone);
        append_addresses(line, family->addresses);
    }
    g_string_append_c(line, '\n');
    return g_string_free(line, FALSE);
}

bool hostnames_save(const struct hostnames *hostnames, const char *folder, GError **error)
{
    g_autoptr(GString) text = g_string_new(HEAD);
    g_autoptr(GList) names = g_hash_table_get_keys(hostnames->known);

    names = g_list_sort(names, (GCompareFunc)strcmp);
    for (const GList *at = names; at; at = at->next) {
        g_autofree char *line =
            format_known(at->data, g_hash_table_lookup(hostnames->known, at->data));
        g_string_append(text, line);
    }
    file_seal(text);
    return file_put(folder, HOSTNAMES_FILE, text->str, error);
}

/* ---- from a generation ---- */

bool hostnames_lack(const struct hostnames *hostnames, const GPtrArray *names)
{
    for (guint i = 0; i < names->len; i++)
        if (!g_hash_table_contains(hostnames->known, g_ptr_array_index(names, i)))
            return true;
    return false;
}

struct recovery {
    struct hostnames *hostnames;
    gint64 now;
};

static void recover_address(struct known *known, const char *text, gint64 now)
{
    for (int i = 0; i < FAMILIES; i++) {
        known->family[i].good = now;
        parse_addresses(&known->family[i], families[i], text);
    }
    join_families(known);
}

/* A pairs_each: "hostname", "web1.example.edu=10.1.2.3". */
static bool recover_line(const struct pairs_line *line, void *data, GError **error G_GNUC_UNUSED)
{
    const struct recovery *recovery = data;
    GHashTable *names = recovery->hostnames->known;
    const char *sign = strchr(line->value, '=');
    g_autofree char *name = sign ? g_strndup(line->value, (gsize)(sign - line->value)) : NULL;
    struct known *known = name ? g_hash_table_lookup(names, name) : NULL;

    if (!name || !g_str_equal(line->kind, "hostname"))
        return true;
    if (!known) {
        known = known_new();
        known->recovered = true;
        g_hash_table_insert(names, g_steal_pointer(&name), known);
    }
    if (known->recovered)
        recover_address(known, sign + 1, recovery->now);
    return true;
}

/* Several registrations may have the name: each has those of its addresses that are inside. */
static void sort_recovered(struct hostnames *hostnames)
{
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, hostnames->known);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct known *known = value;
        for (int i = 0; known->recovered && i < FAMILIES; i++)
            source_merge_networks(known->family[i].addresses);
        join_families(known);
        known->recovered = false;
    }
}

void hostnames_recover(struct hostnames *hostnames, const char *generation, gint64 now)
{
    struct recovery recovery = {hostnames, now};

    pairs_read_lines(generation, recover_line, &recovery, NULL);
    sort_recovered(hostnames);
}

/* ---- what DNS said ---- */

/* Kept to the hour, so that the file is not written anew by each run. */
static void note_found(struct family *family, const GArray *all, int wanted, gint64 now)
{
    g_array_set_size(family->addresses, 0);
    for (guint i = 0; i < all->len; i++)
        if (g_array_index(all, struct network, i).family == wanted)
            g_array_append_val(family->addresses, g_array_index(all, struct network, i));
    family->gone_runs = 0;
    family->gone_since = 0;
    if (family->good > now || family->good <= now - SECONDS_IN_HOUR)
        family->good = now;
}

static void note_gone(struct family *family, unsigned gone_hours, gint64 now)
{
    if (family->gone_runs == 0)
        family->gone_since = now;
    if (family->gone_runs < RUNS_UNTIL_GONE)
        family->gone_runs++;
    if (family->gone_runs == RUNS_UNTIL_GONE &&
        now - family->gone_since >= (gint64)gone_hours * SECONDS_IN_HOUR)
        g_array_set_size(family->addresses, 0);
}

static void note_failed(struct family *family, gint64 now)
{
    family->gone_runs = 0;
    family->gone_since = 0;
    if (family->good < now - (gint64)LIMIT_HOSTNAME_KEPT_DAYS * SECONDS_IN_DAY)
        g_array_set_size(family->addresses, 0);
}

static bool is_crowded(const struct hostname_answers *answers)
{
    return answers->addresses->len > LIMIT_HOSTNAME_ADDRESSES;
}

/* What is kept of a family makes room for what was answered of the other. */
static void make_room(struct known *known, const enum dns_answer *answer)
{
    guint count = 0;

    for (int i = 0; i < FAMILIES; i++)
        count += known->family[i].addresses->len;
    for (int i = 0; i < FAMILIES && count > LIMIT_HOSTNAME_ADDRESSES; i++)
        if (answer[i] != DNS_FOUND)
            g_array_set_size(known->family[i].addresses, 0);
}

static void note(struct known *known, const struct hostname_answers *answers, unsigned gone_hours,
                 gint64 now)
{
    const enum dns_answer answer[FAMILIES] = {answers->ipv4, answers->ipv6};
    bool crowded = is_crowded(answers);

    for (int i = 0; i < FAMILIES; i++) {
        struct family *family = &known->family[i];
        if (crowded)
            note_failed(family, now);
        else if (answer[i] == DNS_FOUND)
            note_found(family, answers->addresses, families[i], now);
        else if (answer[i] == DNS_UNAVAILABLE)
            note_failed(family, now);
        else
            note_gone(family, gone_hours, now);
    }
    if (!crowded)
        make_room(known, answer);
    join_families(known);
}

/* Takes the name's record out of the table, or makes one. */
static struct known *steal_known(GHashTable *known, const char *name, bool *is_new)
{
    gpointer key = NULL, value = NULL;

    *is_new = !g_hash_table_steal_extended(known, name, &key, &value);
    g_free(key);
    return *is_new ? known_new() : value;
}

static char *list_addresses(const GArray *addresses)
{
    GString *text = g_string_new(addresses->len ? NULL : "none");

    append_addresses(text, addresses);
    return g_string_free(text, FALSE);
}

/* A line of a log holds a few of them only. */
static void shorten(char *list)
{
    char *end = list;

    for (int words = 0; *end; end++)
        if (*end == ' ' && ++words == LISTED)
            break;
    if (*end && strlen(end) > strlen(" ..."))
        memcpy(end, " ...", sizeof " ...");
}

static bool is_silent(const struct hostname_answers *answers)
{
    return answers->ipv4 == DNS_UNAVAILABLE || answers->ipv6 == DNS_UNAVAILABLE;
}

static void sort_out(struct hostnames *hostnames, const struct hostname_answers *answers,
                     const struct known *known, bool crowded)
{
    if (crowded)
        g_ptr_array_add(hostnames->crowded, g_strdup(answers->name));
    else if (known->addresses->len == 0)
        g_ptr_array_add(hostnames->without, g_strdup(answers->name));
    else if (known->addresses->len > answers->addresses->len)
        g_ptr_array_add(hostnames->kept, g_strdup(answers->name));
    if (!crowded && known->addresses->len == 0 && is_silent(answers))
        g_ptr_array_add(hostnames->silent, g_strdup(answers->name));
}

static void note_moved(struct hostnames *hostnames, const char *name, char *before, char *after)
{
    shorten(before);
    shorten(after);
    g_ptr_array_add(hostnames->moved, g_strdup_printf("%s %s -> %s", name, before, after));
}

/* Takes in what was said of one name, and returns what is known of it now. */
static struct known *renew(struct hostnames *hostnames, const struct hostname_answers *answers,
                           unsigned gone_hours, gint64 now)
{
    bool is_new;
    struct known *known = steal_known(hostnames->known, answers->name, &is_new);
    g_autofree char *before = list_addresses(known->addresses), *after = NULL;
    bool crowded = is_crowded(answers);

    note(known, answers, gone_hours, now);
    after = list_addresses(known->addresses);
    if (!is_new && !g_str_equal(before, after))
        note_moved(hostnames, answers->name, before, after);
    sort_out(hostnames, answers, known, crowded);
    return known;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void hostnames_update(struct hostnames *hostnames, const GPtrArray *answers, unsigned gone_hours,
                      gint64 now)
{
    GHashTable *asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, known_free);

    for (guint i = 0; i < answers->len; i++) {
        const struct hostname_answers *one = g_ptr_array_index(answers, i);
        g_hash_table_replace(asked, g_strdup(one->name), renew(hostnames, one, gone_hours, now));
    }
    g_hash_table_unref(hostnames->known);
    hostnames->known = asked;
    g_ptr_array_sort(hostnames->kept, compare_names);
    g_ptr_array_sort(hostnames->without, compare_names);
    g_ptr_array_sort(hostnames->silent, compare_names);
    g_ptr_array_sort(hostnames->crowded, compare_names);
    g_ptr_array_sort(hostnames->moved, compare_names);
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

const GPtrArray *hostnames_silent(const struct hostnames *hostnames)
{
    return hostnames->silent;
}

const GPtrArray *hostnames_crowded(const struct hostnames *hostnames)
{
    return hostnames->crowded;
}

const GPtrArray *hostnames_moved(const struct hostnames *hostnames)
{
    return hostnames->moved;
}

/* Whether DNS has ever said anything of it. */
static bool was_answered(const struct known *known)
{
    for (int i = 0; i < FAMILIES; i++)
        if (known->family[i].good || known->family[i].gone_since)
            return true;
    return false;
}

/* Only of names that somebody could register, which need no escaping. */
char *hostnames_json(const struct hostnames *hostnames)
{
    GString *json = g_string_new("{");
    g_autoptr(GList) names = g_hash_table_get_keys(hostnames->known);

    names = g_list_sort(names, (GCompareFunc)strcmp);
    for (const GList *at = names; at; at = at->next) {
        const struct known *known = g_hash_table_lookup(hostnames->known, at->data);
        g_autofree char *addresses = list_addresses(known->addresses);
        if (hostname_is_plain(at->data) && was_answered(known))
            g_string_append_printf(json, "%s\"%s\": \"%s\"", json->len > 1 ? ", " : "",
                                   (const char *)at->data, addresses);
    }
    g_string_append_c(json, '}');
    return g_string_free(json, FALSE);
}
