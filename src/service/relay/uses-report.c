/* SPDX-License-Identifier: MIT
 *
 * Takes the daemon's file, adds up its lines, and words them for the database.
 */
#include "service/relay/uses-report.h"

#include "base/error.h"
#include "base/limits.h"
#include "service/relay/files.h"
#include "service/relay/pairs.h"
#include "service/relay/uses.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#define USES_TAKEN "taken"
#define DIGITS_OF_SHA256 64

/* More than any relay counts, and nothing that the database could not hold. */
#define MOST_COUNTED G_GUINT64_CONSTANT(1000000000000)
#define MOST_TIME G_MAXUINT32
#define MOST_CODE 60

struct used {
    gint64 at;
    guint64 messages;
    char *certificate; /* 64 hex digits, or "" */
};

struct sent {
    gint64 at;
    guint64 used, allowed;
};

struct uses_report {
    char *file;            /* the one that was taken, or NULL */
    gint64 batch;          /* 0: there was nothing */
    GHashTable *uses;      /* "sender<TAB>kind<TAB>value" -> struct used */
    GHashTable *decisions; /* code -> guint64 */
    GHashTable *rates;     /* sender -> struct sent */
    GString *sources;      /* JSON objects of those that were matched */
};

static void used_free(gpointer data)
{
    struct used *used = data;

    g_free(used->certificate);
    g_free(used);
}

static struct uses_report *report_new(void)
{
    struct uses_report *report = g_new0(struct uses_report, 1);

    report->uses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, used_free);
    report->decisions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    report->rates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    report->sources = g_string_new(NULL);
    return report;
}

void uses_report_free(struct uses_report *report)
{
    if (!report)
        return;
    g_free(report->file);
    g_hash_table_unref(report->uses);
    g_hash_table_unref(report->decisions);
    g_hash_table_unref(report->rates);
    g_string_free(report->sources, TRUE);
    g_free(report);
}

/* ---- reading ---- */

/* 0 for what is no number, or too large for one that was written here. */
static guint64 read_count(const char *text, guint64 most)
{
    guint64 count = 0;

    return g_ascii_string_to_unsigned(text, 10, 0, most, &count, NULL) ? count : 0;
}

static void add_use(struct uses_report *report, char **field)
{
    g_autofree char *key = g_strjoin("\t", field[1], field[2], field[3], NULL);
    struct used *used = g_hash_table_lookup(report->uses, key);
    bool digest = strlen(field[6]) == DIGITS_OF_SHA256 &&
                  strspn(field[6], "0123456789abcdef") == DIGITS_OF_SHA256;

    if (!used) {
        used = g_new0(struct used, 1);
        g_hash_table_insert(report->uses, g_steal_pointer(&key), used);
    }
    used->at = MAX(used->at, (gint64)read_count(field[4], MOST_TIME));
    used->messages = MIN(used->messages + read_count(field[5], MOST_COUNTED), MOST_COUNTED);
    g_free(used->certificate);
    used->certificate = g_strdup(digest ? field[6] : "");
}

static void add_decision(struct uses_report *report, char **field)
{
    guint64 *count = g_hash_table_lookup(report->decisions, field[1]);

    if (!*field[1] || strlen(field[1]) > MOST_CODE ||
        strspn(field[1], "abcdefghijklmnopqrstuvwxyz-.") != strlen(field[1]))
        return;
    if (!count) {
        count = g_new0(guint64, 1);
        g_hash_table_insert(report->decisions, g_strdup(field[1]), count);
    }
    *count = MIN(*count + read_count(field[2], MOST_COUNTED), MOST_COUNTED);
}

static void add_rate(struct uses_report *report, char **field)
{
    const struct sent *before = g_hash_table_lookup(report->rates, field[1]);
    struct sent sent;
    guint64 at;

    if (!pairs_sender_fits(field[1]) ||
        !g_ascii_string_to_unsigned(field[2], 10, 0, G_MAXINT32, &sent.used, NULL) ||
        !g_ascii_string_to_unsigned(field[3], 10, 1, G_MAXINT32, &sent.allowed, NULL) ||
        !g_ascii_string_to_unsigned(field[4], 10, 1, G_MAXUINT32, &at, NULL))
        return;
    sent.at = (gint64)at;
    if (!before || before->at <= sent.at)
        g_hash_table_insert(report->rates, g_strdup(field[1]), g_memdup2(&sent, sizeof sent));
}

/* The last part is what stands after the last line's end: empty, or half a line. */
static void read_lines(struct uses_report *report, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint count = g_strv_length(lines);

    if (!g_str_has_prefix(text, USES_HEAD))
        return;
    report->batch = g_ascii_strtoll(text + strlen(USES_HEAD), NULL, 10);
    for (guint i = 1; i + 1 < count; i++) {
        g_auto(GStrv) field = g_strsplit(lines[i], "\t", -1);
        guint fields = g_strv_length(field);
        if (fields == 7 && g_str_equal(field[0], "use"))
            add_use(report, field);
        else if (fields == 3 && g_str_equal(field[0], "decision"))
            add_decision(report, field);
        else if (fields == 5 && g_str_equal(field[0], "rate"))
            add_rate(report, field);
    }
}

/* The daemon may just be adding to it: waits until it has. NULL and errno; caller frees. */
static char *read_whole(const char *path)
{
    auto_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    g_autoptr(GString) text = g_string_new(NULL);
    char bytes[65536];
    ssize_t got = -1;

    if (fd < 0 || flock(fd, LOCK_SH) != 0)
        return NULL;
    while (text->len <= 2 * (gsize)LIMIT_USES_FILE && (got = read(fd, bytes, sizeof bytes)) > 0)
        g_string_append_len(text, bytes, got);
    return got < 0 ? NULL : g_string_free(g_steal_pointer(&text), FALSE);
}

/* What will not be readable another time either goes: it would be in the way of all that
   follow. */
static void clear_way(const char *taken, int reason)
{
    if (reason == EISDIR || reason == EACCES || reason == ELOOP || reason == ENXIO)
        path_remove(taken, NULL);
}

struct uses_report *uses_report_take(const char *folder, GError **error)
{
    auto_ptr(uses_report) report = report_new();
    g_autofree char *open_file = g_build_filename(folder, USES_OPEN, NULL);
    g_autofree char *taken = g_build_filename(folder, USES_TAKEN, NULL);
    g_autofree char *text = NULL;

    /* One that an earlier run took and did not get told comes first. */
    if (g_access(taken, F_OK) != 0 && g_rename(open_file, taken) != 0 && errno == ENOENT)
        return g_steal_pointer(&report);
    text = read_whole(taken);
    if (!text) {
        int reason = errno;
        clear_way(taken, reason);
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT,
                    "could not read which sources were used in \"%s\": %s", open_file,
                    g_strerror(reason));
        return NULL;
    }
    report->file = g_steal_pointer(&taken);
    read_lines(report, text);
    return g_steal_pointer(&report);
}

/* ---- telling ---- */

void uses_report_match(struct uses_report *report, const char *sender, const char *source,
                       const char *id)
{
    g_autofree char *key = NULL;
    const struct used *used;

    if (!report || !id || g_hash_table_size(report->uses) == 0)
        return;
    key = g_strconcat(sender, "\t", source, NULL);
    used = g_hash_table_lookup(report->uses, key);
    if (!used)
        return;
    g_string_append_printf(report->sources,
                           "%s{\"id\": \"%s\", \"at\": %" G_GINT64_FORMAT
                           ", \"messages\": %" G_GUINT64_FORMAT ", \"certificate\": \"%s\"}",
                           report->sources->len ? ", " : "", id, used->at, used->messages,
                           used->certificate);
}

static void append_rates(GString *json, GHashTable *rates)
{
    GHashTableIter iter;
    gpointer sender, value;
    bool first = true;

    g_string_append(json, ", \"rates\": [");
    g_hash_table_iter_init(&iter, rates);
    for (; g_hash_table_iter_next(&iter, &sender, &value); first = false) {
        const struct sent *sent = value;
        g_string_append_printf(json,
                               "%s{\"sender\": \"%s\", \"used\": %" G_GUINT64_FORMAT
                               ", \"allowed\": %" G_GUINT64_FORMAT ", \"at\": %" G_GINT64_FORMAT
                               "}",
                               first ? "" : ", ", (const char *)sender, sent->used, sent->allowed,
                               sent->at);
    }
    g_string_append_c(json, ']');
}

char *uses_report_json(const struct uses_report *report)
{
    GString *json;
    GHashTableIter iter;
    gpointer code, count;
    bool first = true;

    if (!report || report->batch <= 0)
        return NULL;
    json = g_string_new(NULL);
    g_string_append_printf(json,
                           "\"used\": {\"batch\": %" G_GINT64_FORMAT ", \"sources\": [%s]"
                           ", \"decisions\": {",
                           report->batch, report->sources->str);
    g_hash_table_iter_init(&iter, report->decisions);
    for (; g_hash_table_iter_next(&iter, &code, &count); first = false)
        g_string_append_printf(json, "%s\"%s\": %" G_GUINT64_FORMAT, first ? "" : ", ",
                               (const char *)code, *(const guint64 *)count);
    g_string_append(json, "}}");
    append_rates(json, report->rates);
    return g_string_free(json, FALSE);
}

void uses_report_done(const struct uses_report *report)
{
    if (report && report->file)
        g_unlink(report->file);
}
