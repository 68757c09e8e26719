/* SPDX-License-Identifier: MIT
 *
 * One text file of a generation in the making. Floor: service.
 */
#ifndef APPSMTP_MAP_FILE_H
#define APPSMTP_MAP_FILE_H

#include "base/cleanup.h"

#include <glib.h>
#include <stdbool.h>

struct map_file {
    char *path;
    FILE *file;
};

/* Creates folder/name, which must not exist; a struct map_file begins as {NULL}. */
bool map_open(struct map_file *map, const char *folder, const char *name, GError **error);

/* Appends. APPSMTP_ERROR_OUTPUT when it cannot be written. */
bool map_put(struct map_file *map, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Completes the file. */
bool map_close(struct map_file *map, GError **error);

void map_free(struct map_file *map);
DEFINE_AUTO(map_file, map_free)

/* APPSMTP_ERROR_OUTPUT: could not write "path": reason. */
bool map_fail(const char *path, const char *reason, GError **error);

#endif
