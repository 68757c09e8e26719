/* SPDX-License-Identifier: MIT
 *
 * Where in a script of SQL its server refused it. Private to the database.
 */
#ifndef APPSMTP_SCRIPT_H
#define APPSMTP_SCRIPT_H

#include "adapters/database/database.h"

/*
 * The line, from 1, that the refusal points to; where it points nowhere, as for a row that
 * breaks a constraint, the line in which the statement begins.
 */
unsigned script_line(const char *script, const struct script_place *place);

#endif
