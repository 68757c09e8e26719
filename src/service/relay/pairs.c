/* SPDX-License-Identifier: MIT
 *
 * Writing and reading "pairs".
 */
#include "service/relay/pairs.h"

#include "base/error.h"
#include "base/limits.h"

#include <errno.h>
#include <sys/socket.h>

#define HEAD "# appsmtp pairs 1\n"

/* ---- senders ---- */

/* What an unquoted key of a Postfix map, and a line of ours, can begin with. */
static bool starts_well(char first)
{
    return g_ascii_isalnum(first) || strchr("_!$%&'*+-/=?^`{|}~", first);
}

bool pairs_sender_fits(const char *sender)
{
    const char *at = strchr(sender, '@');

    if (!at || at == sender || !at[1] || strchr(at + 1, '@') || strlen(sender) > LIMIT_ADDRESS)
        return false;
    for (const char *c = sender; *c; c++)
        if (!g_ascii_isgraph(*c) || g_ascii_isupper(*c) || strchr("\"\\<>(),:;[]", *c))
            return false;
    return starts_well(*sender) && sender[strlen(sender) - 1] != '.';
}

static bool is_type(const char *type)
{
    return *type && strspn(type, "abcdefghijklmnopqrstuvwxyz-") == strlen(type);
}

/* ---- writing ---- */

struct pairs_writer {
    char *path;
    FILE *file;
    GChecksum *content;
    char *last; /* sender */
    guint64 lines;
};

static bool fail_output(const struct pairs_writer *writer, int code, enum appsmtp_error kind,
                        GError **error)
{
    g_set_error(error, APPSMTP_ERROR, (gint)kind, "could not write \"%s\": %s", writer->path,
                g_strerror(code));
    return false;
}

static bool put(struct pairs_writer *writer, const char *line, GError **error)
{
    g_checksum_update(writer->content, (const guchar *)line, -1);
    return fputs(line, writer->file) >= 0 ||
           fail_output(writer, errno, APPSMTP_ERROR_OUTPUT, error);
}

static void append_rates(GString *text, const GPtrArray *rates)
{
    for (guint i = 0; i < rates->len; i++) {
        const struct pairs_rate *rate = g_ptr_array_index(rates, i);
        g_string_append_printf(text, "# rate %s %u%s\n", rate->type, rate->rate.per_hour,
                               rate->rate.per_source ? " source" : "");
    }
}

static void append_domains(GString *text, const GPtrArray *domains)
{
    for (guint i = 0; i < domains->len; i++)
        g_string_append_printf(text, "# domain %s\n", (const char *)g_ptr_array_index(domains, i));
}

static char *policy_text(const struct decision_policy *policy, const GPtrArray *rates)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "# portal %s\n# null-sender %s\n", policy->portal,
                           policy->null_sender ? "yes" : "no");
    append_domains(text, policy->domains);
    for (guint i = 0; i < policy->locations->len; i++) {
        const struct location *location = g_ptr_array_index(policy->locations, i);
        g_string_append_printf(text, "# location %s", location->id);
        for (guint j = 0; j < location->networks->len; j++) {
            g_autofree char *network =
                network_format(&g_array_index(location->networks, struct network, j));
            g_string_append_printf(text, " %s", network);
        }
        g_string_append_c(text, '\n');
    }
    g_string_append_printf(text, "# relays %u\n", policy->relays);
    append_rates(text, rates);
    return g_string_free(text, FALSE);
}

static bool put_head(struct pairs_writer *writer, const struct pairs_head *head, GError **error)
{
    g_autofree char *policy = policy_text(head->policy, head->rates);

    if (fprintf(writer->file, HEAD "# serial %" G_GUINT64_FORMAT "\n# time %s\n# snapshot %s\n",
                head->serial, head->time, head->snapshot) < 0)
        return fail_output(writer, errno, APPSMTP_ERROR_OUTPUT, error);
    return put(writer, policy, error);
}

struct pairs_writer *pairs_writer_new(const char *folder, const struct pairs_head *head,
                                      GError **error)
{
    auto_ptr(pairs_writer) writer = g_new0(struct pairs_writer, 1);

    writer->path = g_build_filename(folder, PAIRS_FILE, NULL);
    writer->content = g_checksum_new(G_CHECKSUM_SHA256);
    writer->last = g_strdup("");
    writer->file = fopen(writer->path, "wxe");
    if (!writer->file) {
        fail_output(writer, errno, APPSMTP_ERROR_CREATE, error);
        return NULL;
    }
    return put_head(writer, head, error) ? g_steal_pointer(&writer) : NULL;
}

void pairs_writer_free(struct pairs_writer *writer)
{
    if (!writer)
        return;
    if (writer->file)
        fclose(writer->file);
    g_checksum_free(writer->content);
    g_free(writer->last);
    g_free(writer->path);
    g_free(writer);
}

static bool put_pair(struct pairs_writer *writer, const struct pairs_registration *registration,
                     const char *source, GError **error)
{
    g_autofree char *rate =
        registration->per_hour ? g_strdup_printf("\t%u", registration->per_hour) : g_strdup("");
    g_autofree char *line = g_strdup_printf("%s\t%s\t%s%s\n", registration->sender, source,
                                            registration->type, rate);

    writer->lines++;
    return put(writer, line, error);
}

static int compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool refuse_sender(const char *sender, const char *reason, GError **error)
{
    g_autofree char *shown = g_strescape(sender, NULL);

    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD, "cannot export the sender \"%s\": %s",
                shown, reason);
    return false;
}

bool pairs_writer_add(struct pairs_writer *writer, const struct pairs_registration *registration,
                      GPtrArray *sources, GError **error)
{
    const char *sender = registration->sender, *before = "";

    if (!pairs_sender_fits(sender))
        return refuse_sender(sender, "no map can hold it", error);
    if (!is_type(registration->type))
        return refuse_sender(sender, "unknown application type", error);
    if (strcmp(writer->last, sender) >= 0)
        return refuse_sender(sender, "it comes out of order or twice", error);
    g_free(writer->last);
    writer->last = g_strdup(sender);
    g_ptr_array_sort(sources, compare_texts);
    for (guint i = 0; i < sources->len; i++) {
        const char *source = g_ptr_array_index(sources, i);
        if (!g_str_equal(source, before) && !put_pair(writer, registration, source, error))
            return false;
        before = source;
    }
    return sources->len > 0 || put_pair(writer, registration, "none\t-", error);
}

bool pairs_writer_finish(struct pairs_writer *writer, char **content, GError **error)
{
    FILE *file = g_steal_pointer(&writer->file);
    bool good = fprintf(file, "# end %" G_GUINT64_FORMAT "\n", writer->lines) >= 0;

    good = fclose(file) == 0 && good;
    if (!good)
        return fail_output(writer, errno, APPSMTP_ERROR_OUTPUT, error);
    *content = g_strdup(g_checksum_get_string(writer->content));
    return true;
}

/* ---- reading ---- */

struct pairs_reader {
    char *path;
    pairs_each *each;
    void *data;
    GHashTable *rates; /* type -> struct rate */
    char *last;        /* line */
    guint64 number, lines;
    bool ended;
};

static bool fail_line(const struct pairs_reader *reader, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD, "%s:%" G_GUINT64_FORMAT ": %s",
                reader->path, reader->number, reason);
    return false;
}

/* The text has to be what network_format() writes. */
static bool is_network(const char *text)
{
    g_autofree char *again = NULL;
    struct network network;

    if (network_parse(text, &network) != NETWORK_OK)
        return false;
    again = network_format(&network);
    return g_str_equal(again, text);
}

static bool is_hostname(const char *text)
{
    const char *sign = strchr(text, '=');
    struct network network;

    return sign && sign != text && decision_client(sign + 1, &network);
}

static bool is_digest(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static bool is_source(const char *kind, const char *value)
{
    if (g_str_equal(kind, "network"))
        return is_network(value);
    if (g_str_equal(kind, "hostname"))
        return is_hostname(value);
    if (g_str_equal(kind, "spki") || g_str_equal(kind, "certificate"))
        return is_digest(value);
    return g_str_equal(kind, "none") && g_str_equal(value, "-");
}

/* At least 1 where there is one. */
static bool read_own_rate(char **field, unsigned *per_hour)
{
    guint64 number = 0;

    if (field[4] && !g_ascii_string_to_unsigned(field[4], 10, 1, G_MAXINT, &number, NULL))
        return false;
    *per_hour = (unsigned)number;
    return true;
}

static bool read_pair(struct pairs_reader *reader, const char *text, GError **error)
{
    g_auto(GStrv) field = g_strsplit(text, "\t", -1);
    guint fields = g_strv_length(field);
    struct pairs_line line;
    unsigned per_hour;

    if (fields < 4 || fields > 5 || !pairs_sender_fits(field[0]) || !is_type(field[3]))
        return fail_line(reader, "expected sender, kind, value and type", error);
    if (!read_own_rate(field, &per_hour))
        return fail_line(reader, "its rate cannot be read", error);
    if (reader->last && strcmp(reader->last, text) >= 0)
        return fail_line(reader, "it is out of order", error);
    if (!is_source(field[1], field[2]))
        return fail_line(reader, "its source cannot be read", error);
    g_free(reader->last);
    reader->last = g_strdup(text);
    reader->lines++;
    line = (struct pairs_line){field[0], field[1], field[2], field[3], per_hour};
    return reader->each(&line, reader->data, error);
}

static bool read_head(struct pairs_reader *reader, const char *line, GError **error)
{
    g_auto(GStrv) word = g_strsplit(line, " ", -1);
    guint words = g_strv_length(word);
    guint64 per_hour;
    struct rate rate;

    if (reader->lines > 0)
        return fail_line(reader, "the count is another one", error);
    if (words < 4 || !g_str_equal(word[1], "rate"))
        return true;
    if (!g_ascii_string_to_unsigned(word[3], 10, 0, G_MAXINT, &per_hour, NULL) ||
        (word[4] && !g_str_equal(word[4], "source")))
        return fail_line(reader, "its rate cannot be read", error);
    rate = (struct rate){(unsigned)per_hour, word[4] != NULL};
    g_hash_table_insert(reader->rates, g_strdup(word[2]), g_memdup2(&rate, sizeof rate));
    return true;
}

static bool read_line(struct pairs_reader *reader, const char *line, GError **error)
{
    g_autofree char *trailer = NULL;

    reader->number++;
    if (reader->ended)
        return fail_line(reader, "it stands after the end", error);
    if (*line != '#')
        return read_pair(reader, line, error);
    trailer = g_strdup_printf("# end %" G_GUINT64_FORMAT, reader->lines);
    reader->ended = g_str_equal(line, trailer);
    return reader->ended || read_head(reader, line, error);
}

static bool read_lines(struct pairs_reader *reader, FILE *file, GError **error)
{
    char line[2 * LIMIT_ADDRESS + LIMIT_HOSTNAME + 64];

    while (fgets(line, sizeof line, file)) {
        char *end = strchr(line, '\n');
        if (!end)
            return fail_line(reader, "the line after it is cut off", error);
        *end = '\0';
        if (!read_line(reader, line, error))
            return false;
    }
    return (reader->ended && !ferror(file)) || fail_line(reader, "the end is missing", error);
}

static bool read_file(struct pairs_reader *reader, const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, PAIRS_FILE, NULL);
    g_autoptr(FILE) file = fopen(path, "re");
    bool good;

    if (!file) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT, "could not open file \"%s\": %s",
                    path, g_strerror(errno));
        return false;
    }
    reader->path = path;
    good = read_lines(reader, file, error);
    g_free(reader->last);
    return good;
}

bool pairs_read_lines(const char *folder, pairs_each *each, void *data, GError **error)
{
    g_autoptr(GHashTable) rates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    struct pairs_reader reader = {.each = each, .data = data, .rates = rates};

    return read_file(&reader, folder, error);
}

/* ---- reading sender by sender ---- */

struct gathering {
    pairs_sender *each;
    void *data;
    GHashTable *rates;
    char *sender; /* whose lines are being gathered; NULL before the first */
    struct decision_entry *entry;
};

static bool hand_over(struct gathering *gathering, GError **error)
{
    bool good = !gathering->sender || gathering->each(gathering->sender, gathering->entry,
                                                      gathering->data, error);

    g_clear_pointer(&gathering->sender, g_free);
    g_clear_pointer(&gathering->entry, decision_entry_free);
    return good;
}

/* The line was checked when it was read. */
static void add_source(struct decision_entry *entry, const struct pairs_line *line)
{
    const char *sign = strchr(line->value, '=');
    struct network network;

    if (g_str_equal(line->kind, "spki"))
        g_ptr_array_add(entry->spkis, g_strdup(line->value));
    else if (g_str_equal(line->kind, "certificate"))
        g_ptr_array_add(entry->certificates, g_strdup(line->value));
    else if (network_parse(sign ? sign + 1 : line->value, &network) == NETWORK_OK)
        g_array_append_val(entry->networks, network);
}

/* A type that the head does not name has no limit. */
static void set_rate(const struct gathering *gathering, const struct pairs_line *line)
{
    const struct rate *rate = g_hash_table_lookup(gathering->rates, line->type);

    gathering->entry->per_hour = line->per_hour || !rate ? line->per_hour : rate->per_hour;
    gathering->entry->per_source = rate && rate->per_source;
}

static bool gather_line(const struct pairs_line *line, void *data, GError **error)
{
    struct gathering *gathering = data;

    if (gathering->sender && !g_str_equal(gathering->sender, line->sender) &&
        !hand_over(gathering, error))
        return false;
    if (!gathering->sender) {
        gathering->sender = g_strdup(line->sender);
        gathering->entry = decision_entry_new();
        set_rate(gathering, line);
    }
    add_source(gathering->entry, line);
    return true;
}

bool pairs_read(const char *folder, pairs_sender *each, void *data, GError **error)
{
    g_autoptr(GHashTable) rates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    struct gathering gathering = {.each = each, .data = data, .rates = rates};
    struct pairs_reader reader = {.each = gather_line, .data = &gathering, .rates = rates};
    bool good = read_file(&reader, folder, error) && hand_over(&gathering, error);

    g_free(gathering.sender);
    decision_entry_free(gathering.entry);
    return good;
}
