/* SPDX-License-Identifier: MIT
 *
 * What this project knows of the common roots, whether or not a file of this machine holds
 * them: their names, and Mozilla's dates, which no file of PEM can carry. Private to this
 * folder.
 */
#ifndef APPSMTP_CERTIFICATE_ROOTS_H
#define APPSMTP_CERTIFICATE_ROOTS_H

#include <glib.h>

/* A root of the list; digests and identifiers are hexadecimal, lower case. */
struct known_root {
    const char *sha256;
    const char *subject_sha256; /* of the name's DER */
    const char *key_identifier; /* "" when it has none */
    const char *last_day;       /* "YYYY-MM-DD", whose certificates are still trusted, or "" */
    const char *name;
};

/* The whole list. Static. */
const struct known_root *roots_list(size_t *count);

/* The last second whose certificates are trusted (since 1970); 0: no end is set. */
gint64 roots_distrust_after(const struct known_root *root);

/* The day of the list, "YYYY-MM-DD". Static. */
const char *roots_date(void);

#endif
