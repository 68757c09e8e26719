/* SPDX-License-Identifier: MIT
 *
 * Files that outlive a power cut. Floor: service.
 */
#ifndef APPSMTP_FILES_H
#define APPSMTP_FILES_H

#include <glib.h>
#include <stdbool.h>

/*
 * Writes folder/name by way of another file, fsync and rename, so that a reader
 * sees the old or the new content and nothing else. The same content again is
 * not written. APPSMTP_ERROR_OUTPUT when it fails.
 */
bool file_replace(const char *folder, const char *name, const char *text, GError **error);

/*
 * The same for a file that only the export writes: whatever else stands in its place, such
 * as a folder, goes.
 */
bool file_put(const char *folder, const char *name, const char *text, GError **error);

enum file_answer {
    FILE_READ,
    FILE_ABSENT,     /* there is none */
    FILE_UNREADABLE, /* something is there: no regular file, no text, too much of it, not ours */
};

/*
 * Reads a text file of at most that many bytes. *text is NULL, and *error set with
 * APPSMTP_ERROR_INPUT, unless it was read; caller frees. Never waits for a pipe.
 */
enum file_answer file_read(const char *path, gsize most, char **text, GError **error);

/*
 * The last line of a text, "# end" and the SHA-256 of all before it. file_unseal() cuts it
 * off; false when it does not belong to that text, or the text has no line but that.
 */
void file_seal(GString *text);
bool file_unseal(char *text);

/* fsync of a file or folder. */
bool file_sync(const char *path, GError **error);

/* fsync of every file of a folder, then of the folder. */
bool folder_sync(const char *folder, GError **error);

/* The names in a folder (of char *), sorted; NULL when it cannot be read. Caller unrefs. */
GPtrArray *folder_list(const char *folder, GError **error);

/* Removes whatever stands at the path, a folder with all in it; links are not followed. What is
 * not there is removed already. */
bool path_remove(const char *path, GError **error);

#endif
