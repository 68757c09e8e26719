/* SPDX-License-Identifier: MIT
 *
 * Running postmap.
 */
#include "service/relay/postmap.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <gio/gio.h>
#include <string.h>

static bool fail(const char *path, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT, "could not make the index of \"%s\": %s",
                path, reason);
    return false;
}

static bool make_index(const char *postmap, const char *path, GError **error)
{
    g_autofree char *map = g_strconcat("lmdb:", path, NULL);
    g_autofree char *said = NULL;
    g_autoptr(GError) reason = NULL;
    g_autoptr(GSubprocess) process =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &reason,
                         postmap, map, NULL);

    if (!process || !g_subprocess_communicate_utf8(process, NULL, NULL, &said, NULL, &reason))
        return fail(path, reason->message, error);
    /* A warning may be about anything in main.cf: reading back shows whether it matters. */
    if (g_subprocess_get_successful(process))
        return true;
    g_strstrip(said);
    g_strdelimit(said, "\n", ' ');
    return fail(path, *said ? said : "postmap failed", error);
}

/* Lines in whatever order: how many, and the sum of their hashes (FNV-1a, case folded as postmap does). */
struct sum {
    guint64 lines, hashes;
};

static void add_line(struct sum *sum, const char *line)
{
    guint64 hash = 0xcbf29ce484222325;

    for (; *line && *line != '\n'; line++)
        hash = (hash ^ (guint8)g_ascii_tolower(*line)) * 0x100000001b3;
    sum->lines++;
    sum->hashes += hash;
}

static bool sum_text(const char *path, struct sum *sum)
{
    g_autoptr(FILE) file = fopen(path, "re");
    char line[1024];

    while (file && fgets(line, sizeof line, file))
        add_line(sum, line);
    return file && !ferror(file);
}

static bool sum_index(const char *postmap, const char *path, struct sum *sum)
{
    g_autofree char *map = g_strconcat("lmdb:", path, NULL);
    g_autoptr(GSubprocess) process =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL,
                         postmap, "-s", map, NULL);
    g_autoptr(GDataInputStream) index =
        process ? g_data_input_stream_new(g_subprocess_get_stdout_pipe(process)) : NULL;
    char *line;

    while (index && (line = g_data_input_stream_read_line(index, NULL, NULL, NULL))) {
        add_line(sum, line);
        g_free(line);
    }
    return index && g_subprocess_wait_check(process, NULL, NULL);
}

bool postmap_index(const char *postmap, const char *folder, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    struct sum text = {0}, index = {0};

    if (!make_index(postmap, path, error))
        return false;
    if (!sum_text(path, &text) || !sum_index(postmap, path, &index))
        return fail(path, "it cannot be read back", error);
    return (text.lines == index.lines && text.hashes == index.hashes) ||
           fail(path, "it does not hold what the text says", error);
}

/* Postfix warns of a line that it does not understand, and goes on without it. */
bool postmap_check(const char *postmap, const char *type, const char *folder, const char *name,
                   GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *map = g_strdup_printf("%s:%s", type, path);
    g_autofree char *said = NULL;
    g_autoptr(GSubprocess) process =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, NULL,
                         postmap, "-q", "192.0.2.1", map, NULL);

    if (!process || !g_subprocess_communicate_utf8(process, NULL, NULL, NULL, &said, NULL))
        return fail(path, "postmap cannot be run", error);
    if (!strstr(said, path))
        return true;
    g_strdelimit(g_strstrip(said), "\n", ' ');
    return fail(path, said, error);
}
