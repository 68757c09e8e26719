/* SPDX-License-Identifier: MIT
 *
 * How many recipients a registration may have in an hour. Floor: service.
 */
#ifndef APPSMTP_SERVICE_ALLOWANCE_H
#define APPSMTP_SERVICE_ALLOWANCE_H

#include "adapters/config/config.h"

/* "Up to 200 recipients an hour for each device or server", or "No limit". Caller frees. */
char *allowance_type_words(const struct application_type *type);

#endif
