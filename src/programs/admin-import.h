/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin import. Floor: programs.
 */
#ifndef APPSMTP_ADMIN_IMPORT_H
#define APPSMTP_ADMIN_IMPORT_H

#include "adapters/config/config.h"

/*
 * Judges every line of the table and says what it would do; stores all in one
 * transaction unless dry, or a line is refused (*status is 1 then).
 */
bool admin_import(const struct config *config, const char *file, bool dry, int *status,
                  GError **error);

#endif
