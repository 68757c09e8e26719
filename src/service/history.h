/* SPDX-License-Identifier: MIT
 *
 * What an entry of the history says, in the words of the form. Floor: service; asks
 * nobody.
 */
#ifndef APPSMTP_SERVICE_HISTORY_H
#define APPSMTP_SERVICE_HISTORY_H

#include "adapters/config/config.h"
#include "adapters/database/registry.h"

/* One value that the change has set. */
struct history_value {
    const char *name; /* "Name of the application"; static */
    char *before;     /* NULL when the entry is the creation */
    char *after;      /* "" when nothing is left of it; entries of a list joined by ", " */
};

/*
 * Of a creation every value but what it is not, of a change those that it changed: of struct
 * history_value. Caller unrefs.
 */
GPtrArray *history_values(const struct config *config, const struct history_entry *entry);

/* "Source removed": what was done, as the beginning of a sentence. Caller frees. */
char *history_action(const struct history_entry *entry);

#endif
