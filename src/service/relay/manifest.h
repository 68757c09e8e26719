/* SPDX-License-Identifier: MIT
 *
 * The manifest of a generation: what belongs to it, to the byte. Floor: service.
 *
 *     appsmtp manifest 2
 *     format postfix
 *     serial 12
 *     time 2026-11-23T12:00:00Z
 *     snapshot 771:771:
 *     senders 3
 *     sources 4
 *     left-out 1
 *     content 64 hex digits          SHA-256 of what "pairs" says
 *     file 64 hex digits BYTES LINES NAME
 *     end
 */
#ifndef APPSMTP_MANIFEST_H
#define APPSMTP_MANIFEST_H

#include "base/cleanup.h"

#include <glib.h>
#include <stdbool.h>

#define MANIFEST_FILE "manifest"

struct manifest {
    char *format;
    guint64 serial;
    char *time;
    char *snapshot;
    guint64 senders, sources, left_out;
    char *content;
};

struct manifest *manifest_new(void);
void manifest_free(struct manifest *manifest);
DEFINE_AUTO(manifest, manifest_free)

/*
 * Whether two generations hold the same maps, apart from pairs and snapshot (which
 * the policy daemon looks after by itself). Indexes are judged by their texts.
 */
bool manifest_same_maps(const char *old, const char *fresh);

/* Reads folder/manifest without looking at the files; NULL when it cannot be understood. */
struct manifest *manifest_read(const char *folder);

/* Writes folder/manifest over all other files of the folder. */
bool manifest_write(const char *folder, const struct manifest *manifest, GError **error);

/*
 * Reads folder/manifest and compares each file with it. NULL and
 * APPSMTP_ERROR_GUARD, which names the file, when anything differs, lacks or is
 * there in addition.
 */
struct manifest *manifest_verify(const char *folder, GError **error);

/* The serial of the newest whole generation in the output folder before that one (0: of all),
 * or 0. */
guint64 manifest_whole_before(const char *output, guint64 current);

#endif
