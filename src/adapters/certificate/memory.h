/* SPDX-License-Identifier: MIT
 *
 * Whether OpenSSL went short of memory. It then says "cannot be read" or "not signed" as
 * readily as "no memory", so what it said cannot be told from a refusal. Private to this
 * folder.
 */
#ifndef APPSMTP_CERTIFICATE_MEMORY_H
#define APPSMTP_CERTIFICATE_MEMORY_H

#include <glib.h>

/* How many allocations have failed so far; what was said between two equal counts holds. */
guint64 memory_failures(void);

/* Ends the program, as GLib does without memory, when there are more than before. */
void memory_demand(guint64 before);

#endif
