/* SPDX-License-Identifier: MIT
 *
 * Writing and reading "rates".
 */
#include "service/relay/rates-file.h"

#include "base/error.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>

#define HEAD "# appsmtp rates 1 "
#define END "# end "

/* ---- writing ---- */

static void add_line(const struct rates_bucket *bucket, void *data)
{
    char tokens[G_ASCII_DTOSTR_BUF_SIZE];
    GString *text = data;

    g_ascii_formatd(tokens, sizeof tokens, "%.3f", bucket->tokens);
    g_string_append_printf(text, "%s\t%s\t%u\t%s\t", bucket->sender, bucket->client, bucket->size,
                           tokens);
    for (int i = 0; i < RATES_SLOTS; i++)
        g_string_append_printf(text, "%u%c", bucket->used[i], i + 1 < RATES_SLOTS ? ' ' : '\n');
}

static void add_end(GString *text)
{
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, text->len);

    g_string_append_printf(text, END "%s\n", sum);
}

/* The folder is shared: nobody's link is followed, and nobody's file is written to. */
static bool write_fresh(const char *path, const GString *text)
{
    auto_fd fd = -1;

    g_unlink(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    for (gsize put = 0; fd >= 0 && put < text->len;) {
        ssize_t more = write(fd, text->str + put, text->len - put);
        if (more < 0)
            return false;
        put += (gsize)more;
    }
    return fd >= 0;
}

bool rates_save(struct rates *rates, const char *folder, const struct rates_time *time,
                GError **error)
{
    g_autofree char *path = g_build_filename(folder, RATES_FILE, NULL);
    g_autofree char *fresh = g_strconcat(path, ".new", NULL);
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, HEAD "%" G_GINT64_FORMAT "\n", time->wall);
    rates_each(rates, add_line, text, time->now);
    add_end(text);
    if (write_fresh(fresh, text) && g_rename(fresh, path) == 0)
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT, "could not write \"%s\": %s", path,
                g_strerror(errno));
    return false;
}

/* ---- reading ---- */

static bool refuse(const char *path, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT,
                "could not take the rates over from \"%s\": %s", path, reason);
    return false;
}

/* Cuts the end off; false when it does not belong to what stands before it. */
static bool check_end(char *text)
{
    char *end = g_strrstr(text, "\n" END);
    g_autofree char *sum = NULL, *line = NULL;

    if (!end)
        return false;
    sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, end + 1 - text);
    line = g_strconcat("\n" END, sum, "\n", NULL);
    if (!g_str_equal(end, line))
        return false;
    *end = '\0';
    return true;
}

static bool read_number(const char *text, unsigned *number)
{
    guint64 read;

    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &read, NULL))
        return false;
    *number = (unsigned)read;
    return true;
}

static bool read_used(const char *text, unsigned used[RATES_SLOTS])
{
    g_auto(GStrv) part = g_strsplit(text, " ", -1);

    if (g_strv_length(part) != RATES_SLOTS)
        return false;
    for (int i = 0; i < RATES_SLOTS; i++)
        if (!read_number(part[i], &used[i]))
            return false;
    return true;
}

/* The texts are the fields'. */
static bool read_bucket(char **field, struct rates_bucket *bucket)
{
    if (g_strv_length(field) != 5 || !read_number(field[2], &bucket->size) || bucket->size == 0 ||
        !read_used(field[4], bucket->used))
        return false;
    bucket->sender = field[0];
    bucket->client = field[1];
    bucket->tokens = g_ascii_strtod(field[3], NULL);
    return bucket->tokens >= 0 && bucket->tokens <= bucket->size;
}

static bool restore_lines(struct rates *rates, char **lines, gint64 then)
{
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) field = g_strsplit(*line, "\t", -1);
        struct rates_bucket bucket = {NULL};
        if (!read_bucket(field, &bucket))
            return false;
        if (rates)
            rates_restore(rates, &bucket, then);
    }
    return true;
}

static bool restore(struct rates *rates, const char *path, char *text,
                    const struct rates_time *time, GError **error)
{
    g_auto(GStrv) lines = check_end(text) ? g_strsplit(text, "\n", -1) : NULL;
    gint64 wall, then;

    if (!lines || !g_str_has_prefix(lines[0], HEAD) ||
        !g_ascii_string_to_signed(lines[0] + strlen(HEAD), 10, 0, G_MAXINT64, &wall, NULL) ||
        !restore_lines(NULL, lines + 1, 0))
        return refuse(path, "it is damaged; they begin anew", error);
    if (wall > time->wall)
        return refuse(path, "it is from a time to come; they begin anew", error);
    then = time->now - (time->wall - wall);
    return restore_lines(rates, lines + 1, then);
}

bool rates_load(struct rates *rates, const char *folder, const struct rates_time *time,
                GError **error)
{
    g_autofree char *path = g_build_filename(folder, RATES_FILE, NULL);
    g_autoptr(GError) reason = NULL;
    g_autofree char *text = NULL;
    gsize length;

    if (g_file_get_contents(path, &text, &length, &reason))
        return strlen(text) == length ? restore(rates, path, text, time, error)
                                      : refuse(path, "it is damaged; they begin anew", error);
    return g_error_matches(reason, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
           refuse(path, reason->message, error);
}
