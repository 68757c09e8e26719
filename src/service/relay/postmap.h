/* SPDX-License-Identifier: MIT
 *
 * Postfix's indexes of texts. Floor: service. Runs postmap(1).
 */
#ifndef APPSMTP_POSTMAP_H
#define APPSMTP_POSTMAP_H

#include "service/relay/format.h"

/*
 * Makes folder/name.lmdb and compares what postmap reads of it with the text, since
 * its exit status proves nothing: APPSMTP_ERROR_OUTPUT when it differs or postmap
 * cannot be run.
 */
bool postmap_index(const struct format_job *job, const char *name, GError **error);

/* Lets Postfix read folder/name as a table of that type ("cidr"): false when it warns of a line. */
bool postmap_check(const struct format_job *job, const char *type, const char *name,
                   GError **error);

#endif
