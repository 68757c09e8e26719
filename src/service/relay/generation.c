/* SPDX-License-Identifier: MIT
 *
 * Staging, flipping and removing generations.
 */
#include "service/relay/generation.h"

#include "base/error.h"
#include "base/limits.h"
#include "service/relay/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>

#define STAGE ".new"
#define DYING ".old"
#define NEW_LINK ".current"
#define PREFIX "gen-"

struct output {
    char *folder;
    char *stage;
    int lock;
};

static bool fail(const char *attempted, const char *path, enum appsmtp_error code, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, (gint)code, "could not %s \"%s\": %s", attempted, path,
                g_strerror(errno));
    return false;
}

/*
 * The folder itself is the lock: there is no file that somebody could damage. The kernel
 * lets go of it when the process ends, however it ends.
 */
static bool take_lock(struct output *output, GError **error)
{
    auto_fd lock = open(output->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (lock < 0)
        return fail("open folder", output->folder, APPSMTP_ERROR_CREATE, error);
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
        output->lock = fd_steal(&lock);
        return true;
    }
    if (errno != EWOULDBLOCK)
        return fail("lock folder", output->folder, APPSMTP_ERROR_CREATE, error);
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_BUSY,
                "another export to \"%s\" is running: nothing was done", output->folder);
    return false;
}

static bool clean(const struct output *output, GError **error)
{
    g_autofree char *dying = g_build_filename(output->folder, DYING, NULL);
    g_autofree char *link = g_build_filename(output->folder, NEW_LINK, NULL);

    return path_remove(link, error) && path_remove(output->stage, error) &&
           path_remove(dying, error);
}

struct output *output_open(const char *folder, GError **error)
{
    auto_ptr(output) output = g_new0(struct output, 1);

    output->folder = g_strdup(folder);
    output->stage = g_build_filename(folder, STAGE, NULL);
    output->lock = -1;
    if (g_mkdir_with_parents(folder, 0755) != 0) {
        fail("create folder", folder, APPSMTP_ERROR_CREATE, error);
        return NULL;
    }
    if (!take_lock(output, error) || !clean(output, error))
        return NULL;
    return g_steal_pointer(&output);
}

void output_close(struct output *output)
{
    if (!output)
        return;
    if (output->lock >= 0) {
        path_remove(output->stage, NULL);
        close(output->lock);
    }
    g_free(output->folder);
    g_free(output->stage);
    g_free(output);
}

const char *output_folder(const struct output *output)
{
    return output->folder;
}

/* The number in "gen-12", 0 when the name is none of a generation. */
static guint64 serial_of(const char *name)
{
    guint64 serial = 0;

    if (!g_str_has_prefix(name, PREFIX) ||
        !g_ascii_string_to_unsigned(name + strlen(PREFIX), 10, 1, G_MAXINT64, &serial, NULL))
        return 0;
    return serial;
}

static int compare_serials(gconstpointer a, gconstpointer b)
{
    const guint64 *left = a, *right = b;

    return *left < *right ? -1 : *left > *right;
}

GArray *output_serials(const char *folder)
{
    GArray *serials = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_autoptr(GPtrArray) names = folder_list(folder, NULL);

    for (guint i = 0; names && i < names->len; i++) {
        guint64 serial = serial_of(g_ptr_array_index(names, i));
        if (serial)
            g_array_append_val(serials, serial);
    }
    g_array_sort(serials, compare_serials);
    return serials;
}

guint64 output_next(const struct output *output)
{
    g_autoptr(GArray) serials = output_serials(output->folder);

    return serials->len ? g_array_index(serials, guint64, serials->len - 1) + 1 : 1;
}

const char *output_stage(struct output *output, GError **error)
{
    if (g_mkdir(output->stage, 0755) == 0)
        return output->stage;
    fail("create folder", output->stage, APPSMTP_ERROR_CREATE, error);
    return NULL;
}

char *output_generation(const char *folder, guint64 serial)
{
    return g_strdup_printf("%s/" PREFIX "%" G_GUINT64_FORMAT, folder, serial);
}

/* A folder in the link's place changes its name with the link's, so that there is one at all
   times. */
static bool put_link(const char *link, const char *current, GError **error)
{
    if (g_rename(link, current) == 0)
        return true;
    if (renameat2(AT_FDCWD, link, AT_FDCWD, current, RENAME_EXCHANGE) != 0)
        return fail("replace link", current, APPSMTP_ERROR_OUTPUT, error);
    return path_remove(link, error);
}

bool output_flip(struct output *output, guint64 serial, GError **error)
{
    g_autofree char *target = g_strdup_printf(PREFIX "%" G_GUINT64_FORMAT, serial);
    g_autofree char *link = g_build_filename(output->folder, NEW_LINK, NULL);
    g_autofree char *current = g_build_filename(output->folder, "current", NULL);

    if (symlink(target, link) != 0)
        return fail("create link", link, APPSMTP_ERROR_OUTPUT, error);
    if (!put_link(link, current, error))
        return false;
    return file_sync(output->folder, error);
}

/* A generation that is being removed has another name, so that nobody takes it for a whole one. */
static void remove_generation(const struct output *output, guint64 serial)
{
    g_autofree char *path = output_generation(output->folder, serial);
    g_autofree char *dying = g_build_filename(output->folder, DYING, NULL);

    if (g_rename(path, dying) == 0)
        path_remove(dying, NULL);
}

/* The newest ten stay, and the one in force. What cannot be removed is tried again next time. */
static void prune(const struct output *output)
{
    g_autoptr(GArray) serials = output_serials(output->folder);
    g_autofree char *current = output_current(output->folder);

    for (guint i = 0; i + LIMIT_GENERATIONS < serials->len; i++) {
        guint64 serial = g_array_index(serials, guint64, i);
        g_autofree char *path = output_generation(output->folder, serial);
        if (g_strcmp0(path, current) != 0)
            remove_generation(output, serial);
    }
}

bool output_publish(struct output *output, guint64 serial, GError **error)
{
    g_autofree char *path = output_generation(output->folder, serial);

    if (!folder_sync(output->stage, error))
        return false;
    if (g_rename(output->stage, path) != 0)
        return fail("rename folder", output->stage, APPSMTP_ERROR_OUTPUT, error);
    if (!file_sync(output->folder, error) || !output_flip(output, serial, error))
        return false;
    prune(output);
    return true;
}

char *output_current(const char *folder)
{
    g_autofree char *link = g_build_filename(folder, "current", NULL);
    g_autofree char *target = g_file_read_link(link, NULL);

    return target && serial_of(target) ? g_build_filename(folder, target, NULL) : NULL;
}

guint64 output_serial(const char *folder)
{
    g_autofree char *current = output_current(folder);
    g_autofree char *name = current ? g_path_get_basename(current) : NULL;

    return name ? serial_of(name) : 0;
}

bool output_note(struct output *output, const char *name, const char *text, GError **error)
{
    return file_put(output->folder, name, text, error);
}

static bool is_plain(const char *text)
{
    for (; g_ascii_isprint(*text); text++)
        ;
    return !*text;
}

/* One that cannot be read is there all the same, and counts. */
char *output_noted(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;
    enum file_answer answer = file_read(path, LIMIT_EXPORT_NOTE, &text, NULL);

    if (answer == FILE_ABSENT)
        return NULL;
    if (answer == FILE_UNREADABLE || !*g_strchomp(text) || !is_plain(text))
        return g_strdup("by a note that is damaged");
    return g_steal_pointer(&text);
}

bool output_unnote(struct output *output, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(output->folder, name, NULL);

    if (!path_remove(path, error))
        return false;
    return file_sync(output->folder, error);
}
