/* SPDX-License-Identifier: MIT
 *
 * The manifest of a generation.
 */
#include "service/relay/manifest.h"

#include "base/error.h"
#include "base/limits.h"
#include "service/relay/files.h"
#include "service/relay/generation.h"
#include "service/relay/omissions.h"

#include <errno.h>

#define HEAD "appsmtp manifest 2"
#define END "end"

struct manifest *manifest_new(void)
{
    struct manifest *manifest = g_new0(struct manifest, 1);

    manifest->format = g_strdup("");
    manifest->time = g_strdup("");
    manifest->snapshot = g_strdup("");
    manifest->content = g_strdup("");
    return manifest;
}

void manifest_free(struct manifest *manifest)
{
    if (!manifest)
        return;
    g_free(manifest->format);
    g_free(manifest->time);
    g_free(manifest->snapshot);
    g_free(manifest->content);
    g_free(manifest);
}

static guint64 count_lines(const guchar *bytes, size_t length)
{
    guint64 lines = 0;

    for (size_t i = 0; i < length; i++)
        lines += bytes[i] == '\n';
    return lines;
}

/* "file DIGEST BYTES LINES NAME"; NULL when the file cannot be read. Caller frees. */
static char *describe(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree guchar *bytes = g_malloc(65536);
    /* Opening a pipe would wait for its other end. */
    g_autoptr(FILE) file = g_file_test(path, G_FILE_TEST_IS_REGULAR) ? fopen(path, "re") : NULL;
    guint64 size = 0, lines = 0;
    size_t got;

    while (file && (got = fread(bytes, 1, 65536, file)) > 0) {
        g_checksum_update(sum, bytes, (gssize)got);
        size += got;
        lines += count_lines(bytes, got);
    }
    if (!file || ferror(file))
        return NULL;
    return g_strdup_printf("file %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %s",
                           g_checksum_get_string(sum), size, lines, name);
}

static char *facts_text(const struct manifest *manifest)
{
    return g_strdup_printf(HEAD "\nformat %s\nserial %" G_GUINT64_FORMAT "\ntime %s\nsnapshot %s\n"
                           "senders %" G_GUINT64_FORMAT "\nsources %" G_GUINT64_FORMAT
                           "\nleft-out %" G_GUINT64_FORMAT "\ncontent %s\n",
                           manifest->format, manifest->serial, manifest->time, manifest->snapshot,
                           manifest->senders, manifest->sources, manifest->left_out,
                           manifest->content);
}

/* The lines of all files but the manifest; NULL when one cannot be read. Caller frees. */
static char *files_text(const char *folder, GError **error)
{
    g_autoptr(GPtrArray) names = folder_list(folder, error);
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; names && i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *line = NULL;
        if (g_str_equal(name, MANIFEST_FILE))
            continue;
        line = describe(folder, name);
        if (!line) {
            g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT,
                        "could not read file \"%s/%s\": %s", folder, name, g_strerror(errno));
            return NULL;
        }
        g_string_append_printf(text, "%s\n", line);
    }
    return names ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

bool manifest_write(const char *folder, const struct manifest *manifest, GError **error)
{
    g_autofree char *files = files_text(folder, error);
    g_autofree char *facts = facts_text(manifest);
    g_autofree char *text = files ? g_strconcat(facts, files, END "\n", NULL) : NULL;

    return text && file_replace(folder, MANIFEST_FILE, text, error);
}

/* ---- reading ---- */

static void *fail(const char *folder, const char *what, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD, "generation \"%s\" is damaged: %s",
                folder, what);
    return NULL;
}

static bool set_text(char **place, const char *value)
{
    g_free(*place);
    *place = g_strdup(value);
    return true;
}

static bool set_number(guint64 *place, const char *value)
{
    return g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT64, place, NULL);
}

static bool read_fact(struct manifest *manifest, const char *name, const char *value)
{
    if (g_str_equal(name, "format"))
        return set_text(&manifest->format, value);
    if (g_str_equal(name, "serial"))
        return set_number(&manifest->serial, value);
    if (g_str_equal(name, "time"))
        return set_text(&manifest->time, value);
    if (g_str_equal(name, "snapshot"))
        return set_text(&manifest->snapshot, value);
    if (g_str_equal(name, "senders"))
        return set_number(&manifest->senders, value);
    if (g_str_equal(name, "sources"))
        return set_number(&manifest->sources, value);
    if (g_str_equal(name, "left-out"))
        return set_number(&manifest->left_out, value);
    return g_str_equal(name, "content") && set_text(&manifest->content, value);
}

static bool read_facts(struct manifest *manifest, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    if (!lines[0] || !g_str_equal(lines[0], HEAD))
        return false;
    for (char **line = lines + 1; *line && !g_str_has_prefix(*line, "file "); line++) {
        char *blank = strchr(*line, ' ');
        if (!blank)
            return g_str_equal(*line, END);
        *blank = '\0';
        if (!read_fact(manifest, *line, blank + 1))
            return false;
    }
    return true;
}

/* Caller frees; NULL when it cannot be read. */
static char *read_text(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, MANIFEST_FILE, NULL);
    char *text;

    file_read(path, LIMIT_EXPORT_FILE, &text, NULL);
    return text;
}

/* A digit that has changed in the serial number would pass for another generation's. */
static bool is_of(const struct manifest *manifest, const char *folder)
{
    g_autofree char *expected = output_generation("", manifest->serial);

    return g_str_has_suffix(folder, expected);
}

/* The name of the first file whose line is not the same in both texts. Caller frees. */
static char *first_difference(const char *expected, const char *found)
{
    g_auto(GStrv) left = g_strsplit(expected, "\n", -1);
    g_auto(GStrv) right = g_strsplit(found, "\n", -1);
    size_t at = 0;
    const char *line, *name;

    while (left[at] && right[at] && g_str_equal(left[at], right[at]))
        at++;
    line = left[at] && *left[at] ? left[at] : right[at];
    name = line ? strrchr(line, ' ') : NULL;
    return g_strdup_printf("%s is not as it was written", name ? name + 1 : MANIFEST_FILE);
}

struct manifest *manifest_verify(const char *folder, GError **error)
{
    auto_ptr(manifest) manifest = manifest_new();
    g_autofree char *text = read_text(folder);
    g_autofree char *facts = NULL, *files = NULL, *expected = NULL, *name = NULL;

    if (!text)
        return fail(folder, "its manifest cannot be read", error);
    if (!read_facts(manifest, text) || !is_of(manifest, folder))
        return fail(folder, "its manifest is not as it was written", error);
    files = files_text(folder, NULL);
    if (!files)
        return fail(folder, "one of its files cannot be read", error);
    facts = facts_text(manifest);
    expected = g_strconcat(facts, files, END "\n", NULL);
    if (g_str_equal(expected, text))
        return g_steal_pointer(&manifest);
    name = first_difference(text, expected);
    return fail(folder, name, error);
}

struct manifest *manifest_read(const char *folder)
{
    auto_ptr(manifest) manifest = manifest_new();
    g_autofree char *text = read_text(folder);

    if (!text || !read_facts(manifest, text))
        return NULL;
    return g_steal_pointer(&manifest);
}

guint64 manifest_whole_before(const char *output, guint64 current)
{
    g_autoptr(GArray) serials = output_serials(output);

    for (guint i = serials->len; i > 0; i--) {
        guint64 serial = g_array_index(serials, guint64, i - 1);
        g_autofree char *folder = output_generation(output, serial);
        auto_ptr(manifest) manifest =
            !current || serial < current ? manifest_verify(folder, NULL) : NULL;
        if (manifest)
            return serial;
    }
    return 0;
}

/* ---- comparing maps ---- */

/* Two indexes of the same text may differ in bytes that say nothing. */
static bool is_map(const char *line)
{
    const char *name = strrchr(line, ' ') + 1;

    return g_str_has_prefix(line, "file ") && !g_str_equal(name, "pairs") &&
           !g_str_equal(name, OMISSIONS_FILE) &&
           !g_str_has_suffix(name, ".mdb") && !g_str_has_suffix(name, ".lmdb");
}

/* The lines of all maps; NULL when there is no manifest. Caller frees. */
static char *maps_text(const char *folder)
{
    g_autofree char *text = read_text(folder);
    g_auto(GStrv) lines = NULL;
    GString *maps;

    if (!text)
        return NULL;
    lines = g_strsplit(text, "\n", -1);
    maps = g_string_new(NULL);
    for (char **line = lines; *line; line++)
        if (strchr(*line, ' ') && is_map(*line))
            g_string_append_printf(maps, "%s\n", *line);
    return g_string_free(maps, FALSE);
}

bool manifest_same_maps(const char *old, const char *fresh)
{
    g_autofree char *before = maps_text(old);
    g_autofree char *after = maps_text(fresh);

    return before && after && g_str_equal(before, after);
}
