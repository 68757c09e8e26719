/* SPDX-License-Identifier: MIT
 *
 * What a line of an import would change of a registration. Floor: service; pure.
 */
#ifndef APPSMTP_SERVICE_IMPORT_DIFFERENCES_H
#define APPSMTP_SERVICE_IMPORT_DIFFERENCES_H

#include "rules/registration.h"

/*
 * Of char *: one difference each, in words with the values before and after; none when
 * the line says what is stored. Owners that the line does not name stay, and are none.
 * Caller unrefs.
 */
GPtrArray *import_differences(const struct registration *stored, const struct registration *line);

/* Whether the registration has that source: the same network, hostname or certificate. */
bool import_has_source(const struct registration *registration, const struct source *source);

#endif
