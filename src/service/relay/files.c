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

bool file_replace(const char *folder, const char *name, const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *fresh = g_strconcat(path, ".new", NULL);
    g_autofree char *old = NULL;

    if (g_file_get_contents(path, &old, NULL, NULL) && g_str_equal(old, text))
        return true;
    if (!write_all(fresh, text) || g_rename(fresh, path) != 0)
        return fail("write file", path, error);
    return file_sync(folder, error);
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

bool folder_remove(const char *folder, GError **error)
{
    g_autoptr(GPtrArray) names = NULL;

    if (!g_file_test(folder, G_FILE_TEST_EXISTS))
        return true;
    names = folder_list(folder, error);
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *path = g_build_filename(folder, g_ptr_array_index(names, i), NULL);
        if (g_unlink(path) != 0)
            return fail("remove file", path, error);
    }
    return names && (g_rmdir(folder) == 0 || fail("remove folder", folder, error));
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool file_changed(const char *path, struct stat *seen)
{
    struct stat before = *seen, now = {.st_ino = 0};

    if (stat(path, &now) != 0)
        now = (struct stat){.st_size = -1};
    *seen = now;
    return before.st_dev != now.st_dev || before.st_ino != now.st_ino ||
           before.st_size != now.st_size || !same_time(&before.st_mtim, &now.st_mtim) ||
           !same_time(&before.st_ctim, &now.st_ctim);
}
