/* SPDX-License-Identifier: MIT
 *
 * Files that outlive a power cut.
 */
#include "service/relay/files.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

#define SEAL "# end "

static bool fail(const char *attempted, const char *path, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT, "could not %s \"%s\": %s", attempted,
                path, g_strerror(errno));
    return false;
}

static bool write_all(const char *path, const char *text)
{
    g_autoptr(FILE) file = fopen(path, "we");

    return file && fputs(text, file) >= 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
}

/* ---- reading ---- */

static enum file_answer refuse(const char *path, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT, "could not read file \"%s\": %s", path,
                reason);
    return FILE_UNREADABLE;
}

/* Why a file of that kind cannot be read, or NULL. */
static const char *oddness(const struct stat *file, gsize most)
{
    if (S_ISDIR(file->st_mode))
        return "it is a folder";
    if (!S_ISREG(file->st_mode))
        return "it is not a regular file";
    return (guint64)file->st_size > most ? "it is too large" : NULL;
}

/* The text, or NULL and errno. It may grow while it is read: what comes after its size is not
   taken. */
static GString *read_bytes(int fd, gsize size)
{
    g_autoptr(GString) text = g_string_sized_new(size + 1);
    ssize_t got = 0;

    while (text->len < size && (got = read(fd, text->str + text->len, size - text->len)) > 0)
        g_string_set_size(text, text->len + (gsize)got);
    return got < 0 ? NULL : g_steal_pointer(&text);
}

enum file_answer file_read(const char *path, gsize most, char **text, GError **error)
{
    auto_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    g_autoptr(GString) bytes = NULL;
    struct stat file;
    const char *odd;

    *text = NULL;
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        refuse(path, g_strerror(errno), error);
        return FILE_ABSENT;
    }
    if (fd < 0 || fstat(fd, &file) != 0)
        return refuse(path, g_strerror(errno), error);
    odd = oddness(&file, most);
    if (odd)
        return refuse(path, odd, error);
    bytes = read_bytes(fd, (gsize)file.st_size);
    if (!bytes)
        return refuse(path, g_strerror(errno), error);
    if (strlen(bytes->str) != bytes->len)
        return refuse(path, "it holds bytes that are no text", error);
    *text = g_string_free(g_steal_pointer(&bytes), FALSE);
    return FILE_READ;
}

/* ---- sealing ---- */

void file_seal(GString *text)
{
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, text->len);

    g_string_append_printf(text, SEAL "%s\n", sum);
}

bool file_unseal(char *text)
{
    char *end = g_strrstr(text, "\n" SEAL);
    g_autofree char *sum = NULL, *line = NULL;

    if (!end)
        return false;
    sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, end + 1 - text);
    line = g_strconcat("\n" SEAL, sum, "\n", NULL);
    if (!g_str_equal(end, line))
        return false;
    end[1] = '\0';
    return true;
}

/* ---- writing ---- */

bool file_replace(const char *folder, const char *name, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *fresh = g_strconcat(path, ".new", NULL);
    g_autofree char *old = NULL;

    if (file_read(path, strlen(text), &old, NULL) == FILE_READ && g_str_equal(old, text))
        return true;
    if (!write_all(fresh, text) || g_rename(fresh, path) != 0)
        return fail("write file", path, error);
    return file_sync(folder, error);
}

bool file_put(const char *folder, const char *name, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *fresh = g_strconcat(path, ".new", NULL);

    if (g_file_test(path, G_FILE_TEST_IS_DIR) && !path_remove(path, error))
        return false;
    return path_remove(fresh, error) && file_replace(folder, name, text, error);
}

bool file_sync(const char *path, GError **error)
{
    auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);

    return (fd >= 0 && fsync(fd) == 0) || fail("write to the disk", path, error);
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *folder_list(const char *folder, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    if (!dir) {
        fail("read folder", folder, error);
        return NULL;
    }
    for (const char *name; (name = g_dir_read_name(dir));)
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    return g_steal_pointer(&names);
}

bool folder_sync(const char *folder, GError **error)
{
    g_autoptr(GPtrArray) names = folder_list(folder, error);

    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *path = g_build_filename(folder, g_ptr_array_index(names, i), NULL);
        if (!file_sync(path, error))
            return false;
    }
    return names && file_sync(folder, error);
}

/* A folder that somebody has closed is opened: its owner may. */
static bool empty_folder(const char *folder, GError **error)
{
    g_autoptr(GPtrArray) names = NULL;

    g_chmod(folder, 0700);
    names = folder_list(folder, error);
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *path = g_build_filename(folder, g_ptr_array_index(names, i), NULL);
        if (!path_remove(path, error))
            return false;
    }
    return names != NULL;
}

bool path_remove(const char *path, GError **error)
{
    struct stat there;

    if (lstat(path, &there) != 0)
        return errno == ENOENT || errno == ENOTDIR || fail("remove", path, error);
    if (!S_ISDIR(there.st_mode))
        return g_unlink(path) == 0 || fail("remove file", path, error);
    return empty_folder(path, error) && (g_rmdir(path) == 0 || fail("remove folder", path, error));
}
