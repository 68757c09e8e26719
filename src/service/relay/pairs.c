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

static char *policy_text(const struct decision_policy *policy)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "# portal %s\n# null-sender %s\n", policy->portal,
                           policy->null_sender ? "yes" : "no");
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
    return g_string_free(text, FALSE);
}

static bool put_head(struct pairs_writer *writer, const struct pairs_head *head, GError **error)
{
    g_autofree char *policy = policy_text(head->policy);

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

static bool put_pair(struct pairs_writer *writer, const char *sender, const char *source,
                     GError **error)
{
    g_autofree char *line = g_strdup_printf("%s\t%s\n", sender, source);

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

bool pairs_writer_add(struct pairs_writer *writer, const char *sender, GPtrArray *sources,
                      GError **error)
{
    const char *before = "";

    if (!pairs_sender_fits(sender))
        return refuse_sender(sender, "no map can hold it", error);
    if (strcmp(writer->last, sender) >= 0)
        return refuse_sender(sender, "it comes out of order or twice", error);
    g_free(writer->last);
    writer->last = g_strdup(sender);
    g_ptr_array_sort(sources, compare_texts);
    for (guint i = 0; i < sources->len; i++) {
        const char *source = g_ptr_array_index(sources, i);
        if (!g_str_equal(source, before) && !put_pair(writer, sender, source, error))
            return false;
        before = source;
    }
    return sources->len > 0 || put_pair(writer, sender, "none\t-", error);
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
    pairs_sender *each;
    void *data;
    char *sender; /* whose lines are being gathered; NULL before the first */
    struct decision_entry *entry;
    char *last; /* line */
    guint64 number, lines;
    bool ended;
};

static bool fail_line(const struct pairs_reader *reader, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD, "%s:%" G_GUINT64_FORMAT ": %s",
                reader->path, reader->number, reason);
    return false;
}

static bool hand_over(struct pairs_reader *reader, GError **error)
{
    bool good = !reader->sender || reader->each(reader->sender, reader->entry, reader->data, error);

    g_clear_pointer(&reader->sender, g_free);
    g_clear_pointer(&reader->entry, decision_entry_free);
    return good;
}

/* The text has to be what network_format() writes. */
static bool add_network(struct decision_entry *entry, const char *text)
{
    g_autofree char *again = NULL;
    struct network network;

    if (network_parse(text, &network) != NETWORK_OK)
        return false;
    again = network_format(&network);
    g_array_append_val(entry->networks, network);
    return g_str_equal(again, text);
}

static bool add_hostname(struct decision_entry *entry, const char *text)
{
    const char *sign = strchr(text, '=');
    struct network network;

    if (!sign || sign == text || !decision_client(sign + 1, &network))
        return false;
    g_array_append_val(entry->networks, network);
    return true;
}

static bool add_spki(struct decision_entry *entry, const char *text)
{
    if (strlen(text) != 64 || strspn(text, "0123456789abcdef") != 64)
        return false;
    g_ptr_array_add(entry->spkis, g_strdup(text));
    return true;
}

static bool add_source(struct decision_entry *entry, const char *kind, const char *value)
{
    if (g_str_equal(kind, "network"))
        return add_network(entry, value);
    if (g_str_equal(kind, "hostname"))
        return add_hostname(entry, value);
    if (g_str_equal(kind, "spki"))
        return add_spki(entry, value);
    return g_str_equal(kind, "none") && g_str_equal(value, "-");
}

static bool read_pair(struct pairs_reader *reader, const char *line, GError **error)
{
    g_auto(GStrv) field = g_strsplit(line, "\t", -1);

    if (g_strv_length(field) != 3 || !pairs_sender_fits(field[0]))
        return fail_line(reader, "it is no sender, kind and value", error);
    if (reader->last && strcmp(reader->last, line) >= 0)
        return fail_line(reader, "it is out of order", error);
    if (reader->sender && !g_str_equal(reader->sender, field[0]) && !hand_over(reader, error))
        return false;
    if (!reader->sender) {
        reader->sender = g_strdup(field[0]);
        reader->entry = decision_entry_new();
    }
    g_free(reader->last);
    reader->last = g_strdup(line);
    reader->lines++;
    return add_source(reader->entry, field[1], field[2]) ||
           fail_line(reader, "its source cannot be read", error);
}

static bool read_line(struct pairs_reader *reader, const char *line, GError **error)
{
    g_autofree char *trailer = g_strdup_printf("# end %" G_GUINT64_FORMAT, reader->lines);

    reader->number++;
    if (reader->ended)
        return fail_line(reader, "it stands after the end", error);
    if (*line != '#')
        return read_pair(reader, line, error);
    if (g_str_equal(line, trailer)) {
        reader->ended = true;
        return hand_over(reader, error);
    }
    return reader->lines == 0 || fail_line(reader, "the count is another one", error);
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

bool pairs_read(const char *folder, pairs_sender *each, void *data, GError **error)
{
    g_autofree char *path = g_build_filename(folder, PAIRS_FILE, NULL);
    struct pairs_reader reader = {.path = path, .each = each, .data = data};
    g_autoptr(FILE) file = fopen(path, "re");
    bool good;

    if (!file) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT, "could not open file \"%s\": %s",
                    path, g_strerror(errno));
        return false;
    }
    good = read_lines(&reader, file, error);
    g_free(reader.sender);
    g_free(reader.last);
    decision_entry_free(reader.entry);
    return good;
}
