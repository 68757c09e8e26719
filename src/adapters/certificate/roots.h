/* SPDX-License-Identifier: MIT
 *
 * What this project knows of the common roots: Mozilla's dates, which no file of PEM can
 * carry. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_ROOTS_H
#define APPSMTP_CERTIFICATE_ROOTS_H

#include <glib.h>
#include <stdbool.h>

/*
 * Whether the root is in the list; *distrust_after is then the last second whose
 * certificates are trusted (since 1970), 0 when no end is set.
 */
bool roots_find(const char *sha256, gint64 *distrust_after);

/* The day of the list, "YYYY-MM-DD". Static. */
const char *roots_date(void);

#endif
