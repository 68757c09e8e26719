/* SPDX-License-Identifier: MIT
 *
 * What the relay decides from, read again when the export has written anew.
 * Floor: service.
 */
#ifndef APPSMTP_SERVICE_RELAY_VIEW_H
#define APPSMTP_SERVICE_RELAY_VIEW_H

#include "adapters/snapshot/snapshot.h"

struct relay_view;

/* folder: the export's output; copied. Nothing is opened yet. */
struct relay_view *relay_view_new(const char *folder);
void relay_view_free(struct relay_view *view);
DEFINE_AUTO(relay_view, relay_view_free)

/*
 * The snapshot of the current generation; owned by the view, good until the next
 * call. NULL and APPSMTP_ERROR_SNAPSHOT when there is none that can be read.
 */
const struct snapshot *relay_view_snapshot(struct relay_view *view, GError **error);

#endif
