/* SPDX-License-Identifier: MIT
 *
 * Going back to an earlier generation, and on again. Floor: service.
 */
#ifndef APPSMTP_ROLLBACK_H
#define APPSMTP_ROLLBACK_H

#include <glib.h>
#include <stdbool.h>

/*
 * Puts the newest whole generation before the one in force in its place, and leaves
 * a note that holds it: runs change nothing until it is released. Asks no database.
 * reload: the command for the target, or ""; it may take so many seconds. *serial: the generation in force then.
 * APPSMTP_ERROR_GUARD when there is no earlier whole one.
 */
bool export_rollback(const char *output, const char *reload, unsigned seconds, guint64 *serial,
                     GError **error);

/* Lets runs publish again; well, too, when nothing was held. */
bool export_release(const char *output, GError **error);

#endif
