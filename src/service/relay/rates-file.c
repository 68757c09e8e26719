/* SPDX-License-Identifier: MIT
 *
 * Writing and reading "rates".
 */
#include "service/relay/rates-file.h"

#include "base/error.h"
#include "base/limits.h"
#include "service/relay/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>

#define HEAD "# appsmtp rates 1 "
#define THOUSAND 1000 /* the file has no fractions */

/* ---- writing ---- */

static void add_number(GString *text, guint64 number, char end)
{
    char digits[24];
    char *at = digits + sizeof digits;

    *--at = end;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    g_string_append_len(text, at, digits + sizeof digits - at);
}

/* Often, of many buckets, and while mail waits: without printf(). */
static void add_line(const struct rates_bucket *bucket, void *data)
{
    GString *text = data;
    int last = RATES_SLOTS - 1;

    while (last > 0 && bucket->used[last] == 0)
        last--;
    g_string_append(text, bucket->sender);
    g_string_append_c(text, '\t');
    g_string_append(text, bucket->client);
    g_string_append_c(text, '\t');
    add_number(text, bucket->size, '\t');
    add_number(text, (guint64)(bucket->tokens * THOUSAND), '\t');
    for (int i = 0; i <= last; i++)
        add_number(text, bucket->used[i], i < last ? ' ' : '\n');
}

/* The folder is shared: nobody's link is followed, and nobody's file is written to. */
static bool write_fresh(const char *path, const GString *text)
{
    auto_fd fd = -1;

    path_remove(path, NULL);
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
    file_seal(text);
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        path_remove(path, NULL);
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

/* Cuts what stands before the mark off, and steps behind it; NULL when there is none. */
static char *cut(char **text, char mark)
{
    char *part = *text, *end = strchr(part, mark);

    if (!end)
        return NULL;
    *end = '\0';
    *text = end + 1;
    return part;
}

static bool read_number(const char *text, unsigned *number)
{
    guint64 read;

    if (!text || !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &read, NULL))
        return false;
    *number = (unsigned)read;
    return true;
}

static bool read_tokens(const char *text, struct rates_bucket *bucket)
{
    guint64 most = (guint64)bucket->size * THOUSAND, read;

    if (!text || !g_ascii_string_to_unsigned(text, 10, 0, most, &read, NULL))
        return false;
    bucket->tokens = (double)read / THOUSAND;
    return true;
}

static bool read_used(char *text, unsigned used[RATES_SLOTS])
{
    int i = 0;

    for (char *part; i + 1 < RATES_SLOTS && (part = cut(&text, ' ')); i++)
        if (!read_number(part, &used[i]))
            return false;
    return read_number(text, &used[i]);
}

/* The texts are parts of the line. */
static bool read_bucket(char *line, struct rates_bucket *bucket)
{
    bucket->sender = cut(&line, '\t');
    bucket->client = bucket->sender ? cut(&line, '\t') : NULL;
    return bucket->client && read_number(cut(&line, '\t'), &bucket->size) && bucket->size > 0 &&
           read_tokens(cut(&line, '\t'), bucket) && read_used(line, bucket->used);
}

static bool read_buckets(char *text, GArray *buckets)
{
    while (*text) {
        struct rates_bucket bucket = {0};
        char *line = cut(&text, '\n');
        if (!line || !read_bucket(line, &bucket))
            return false;
        g_array_append_val(buckets, bucket);
    }
    return true;
}

/* When the file was written, and the text behind that line; false when it is no such file. */
static bool read_head(char **text, gint64 *wall)
{
    char *line = cut(text, '\n');

    return line && g_str_has_prefix(line, HEAD) &&
           g_ascii_string_to_signed(line + strlen(HEAD), 10, 0, G_MAXINT64, wall, NULL);
}

static bool restore(struct rates *rates, const char *path, char *text,
                    const struct rates_time *time, GError **error)
{
    g_autoptr(GArray) buckets = g_array_new(FALSE, FALSE, sizeof(struct rates_bucket));
    gint64 wall;

    if (!file_unseal(text) || !read_head(&text, &wall) || !read_buckets(text, buckets))
        return refuse(path, "it is damaged; counting starts over", error);
    if (wall > time->wall)
        return refuse(path, "its time is in the future; counting starts over", error);
    for (guint i = 0; i < buckets->len; i++)
        rates_restore(rates, &g_array_index(buckets, struct rates_bucket, i),
                      time->now - (time->wall - wall));
    return true;
}

/* NULL and errno; caller frees. */
static char *read_whole(const char *path)
{
    auto_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    g_autoptr(GString) text = g_string_new(NULL);
    char bytes[65536];
    ssize_t got = -1;

    while (fd >= 0 && text->len <= LIMIT_RATES_FILE && (got = read(fd, bytes, sizeof bytes)) > 0)
        g_string_append_len(text, bytes, got);
    return got < 0 ? NULL : g_string_free(g_steal_pointer(&text), FALSE);
}

bool rates_load(struct rates *rates, const char *folder, const struct rates_time *time,
                GError **error)
{
    g_autofree char *path = g_build_filename(folder, RATES_FILE, NULL);
    g_autofree char *text = read_whole(path);

    if (text)
        return restore(rates, path, text, time, error);
    return errno == ENOENT || refuse(path, g_strerror(errno), error);
}
