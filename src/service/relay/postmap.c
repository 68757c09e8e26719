/* SPDX-License-Identifier: MIT
 *
 * Running postmap.
 */
#include "service/relay/postmap.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "service/relay/child.h"

#include <string.h>

static bool fail(const char *path, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT, "could not make the index of \"%s\": %s",
                path, reason);
    return false;
}

/* Runs postmap with these arguments, the last of which may be NULL. */
static char *run(const struct format_job *job, const char *const *arguments,
                 const struct child_job *how, char **said)
{
    const char *words[] = {job->postmap, arguments[0], arguments[1], arguments[2], NULL};
    struct child_job child = *how;

    child.words = words;
    child.seconds = job->program_seconds;
    return child_run(&child, said);
}

/* A warning may be about anything in main.cf: reading back shows whether it matters. */
static bool make_index(const struct format_job *job, const char *path, GError **error)
{
    g_autofree char *map = g_strconcat("lmdb:", path, NULL);
    const char *const arguments[] = {map, NULL, NULL};
    g_autofree char *reason = run(job, arguments, &(struct child_job){0}, NULL);

    return !reason || fail(path, reason, error);
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

static void sum_line(const char *line, void *data)
{
    add_line(data, line);
}

static bool sum_index(const struct format_job *job, const char *path, struct sum *sum,
                      GError **error)
{
    g_autofree char *map = g_strconcat("lmdb:", path, NULL);
    const char *const arguments[] = {"-s", map, NULL};
    const struct child_job how = {.output = CHILD_STDOUT, .each = sum_line, .data = sum};
    g_autofree char *reason = run(job, arguments, &how, NULL);
    g_autofree char *whole = reason ? g_strconcat("it cannot be read back: ", reason, NULL) : NULL;

    return !reason || fail(path, whole, error);
}

bool postmap_index(const struct format_job *job, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(job->folder, name, NULL);
    struct sum text = {0}, index = {0};

    if (!make_index(job, path, error) || !sum_index(job, path, &index, error))
        return false;
    if (!sum_text(path, &text))
        return fail(path, "it cannot be read back", error);
    return (text.lines == index.lines && text.hashes == index.hashes) ||
           fail(path, "it does not hold what the text says", error);
}

/* Postfix warns of a line that it does not understand, and goes on without it; that nothing is
   found is no fault. */
bool postmap_check(const struct format_job *job, const char *type, const char *name,
                   GError **error)
{
    g_autofree char *path = g_build_filename(job->folder, name, NULL);
    g_autofree char *map = g_strdup_printf("%s:%s", type, path);
    const char *const arguments[] = {"-q", "192.0.2.1", map};
    g_autofree char *said = NULL;
    g_autofree char *reason =
        run(job, arguments, &(struct child_job){.output = CHILD_STDERR, .accepted = 1}, &said);

    if (reason)
        return fail(path, reason, error);
    if (!strstr(said, path))
        return true;
    g_strdelimit(g_strstrip(said), "\n", ' ');
    return fail(path, said, error);
}
