/* SPDX-License-Identifier: MIT
 *
 * Files that outlive a power cut. Floor: service.
 */
#ifndef APPSMTP_FILES_H
#define APPSMTP_FILES_H

#include <glib.h>
#include <stdbool.h>
#include <sys/stat.h>

/*
 * Writes folder/name by way of another file, fsync and rename, so that a reader
 * sees the old or the new content and nothing else. The same content again is
 * not written. APPSMTP_ERROR_OUTPUT when it fails.
 */
bool file_replace(const char *folder, const char *name, const char *text, GError **error);

/*
 * Whether another file stands at the path than at the last look, or it was written or
 * replaced since; none at all is another one, too. *seen: what that look found, zeroes
 * before the first, which always says yes.
 */
bool file_changed(const char *path, struct stat *seen);

/* fsync of a file or folder. */
bool file_sync(const char *path, GError **error);

/* fsync of every file of a folder, then of the folder. */
bool folder_sync(const char *folder, GError **error);

/* The names in a folder (of char *), sorted; NULL when it cannot be read. Caller unrefs. */
GPtrArray *folder_list(const char *folder, GError **error);

/* Removes a folder and the files in it; one that is not there is removed already. */
bool folder_remove(const char *folder, GError **error);

#endif
