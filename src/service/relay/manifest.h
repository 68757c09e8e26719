/* SPDX-License-Identifier: MIT
 *
 * The manifest of a generation: what belongs to it, to the byte. Floor: service.
 *
 *     appsmtp manifest 1
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
    guint64 serial;
    char *time;
    char *snapshot;
    guint64 senders, sources, left_out;
    char *content;
};

struct manifest *manifest_new(void);
void manifest_free(struct manifest *manifest);
DEFINE_AUTO(manifest, manifest_free)

/* Writes folder/manifest over all other files of the folder. */
bool manifest_write(const char *folder, const struct manifest *manifest, GError **error);

/*
 * Reads folder/manifest and compares each file with it. NULL and
 * APPSMTP_ERROR_GUARD, which names the file, when anything differs, lacks or is
 * there in addition.
 */
struct manifest *manifest_verify(const char *folder, GError **error);

#endif
