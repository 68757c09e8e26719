/* SPDX-License-Identifier: MIT
 *
 * Text files of a generation.
 */
#include "service/relay/map-file.h"

#include "base/error.h"

#include <errno.h>
#include <stdarg.h>

bool map_fail(const char *path, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT, "could not write \"%s\": %s", path,
                reason);
    return false;
}

bool map_open(struct map_file *map, const char *folder, const char *name, GError **error)
{
    map->path = g_build_filename(folder, name, NULL);
    map->file = fopen(map->path, "wxe");
    return map->file || map_fail(map->path, g_strerror(errno), error);
}

bool map_put(struct map_file *map, GError **error, const char *format, ...)
{
    va_list arguments;
    int put;

    va_start(arguments, format);
    put = vfprintf(map->file, format, arguments);
    va_end(arguments);
    return put >= 0 || map_fail(map->path, g_strerror(errno), error);
}

bool map_close(struct map_file *map, GError **error)
{
    FILE *file = g_steal_pointer(&map->file);

    return fclose(file) == 0 || map_fail(map->path, g_strerror(errno), error);
}

void map_free(struct map_file *map)
{
    if (map->file)
        fclose(map->file);
    g_free(map->path);
}
