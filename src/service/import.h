/* SPDX-License-Identifier: MIT
 *
 * Many registrations at once, for operators. Floor: service.
 *
 * A table with the form's fields as columns, one registration a line: address,
 * application_name, application_type, location (ids, parted by blanks), method, networks,
 * hostnames, certificate_text, owners (logins and groups), note; and owner, the login that
 * registers: it must have the role on the address that the form would ask of it. The same
 * rules judge.
 */
#ifndef APPSMTP_SERVICE_IMPORT_H
#define APPSMTP_SERVICE_IMPORT_H

#include "adapters/database/registry.h"
#include "adapters/table/table.h"
#include "service/office.h"

enum import_verdict {
    IMPORT_CREATE,
    IMPORT_CHANGE, /* the address is registered: the line says what it is to be */
    IMPORT_SAME,   /* registered just so */
    IMPORT_REFUSE,
};

/* One line as it was judged. */
struct import_line {
    enum import_verdict verdict;
    struct findings *findings;
    struct registration *registration; /* as the line has it; of use unless refused */
    char *taken_id;                    /* of the registration with that address, or NULL */
    GPtrArray *differences;            /* of a change: as import_differences() has them; or NULL */
    guint first;                       /* the line of the file that had the address before, or 0 */
};

void import_line_free(struct import_line *line);
DEFINE_AUTO(import_line, import_line_free)

/* Checks the names of the columns; APPSMTP_ERROR_INPUT says which is wrong or missing. */
bool import_check_columns(const struct table *table, GError **error);

/*
 * Judges one line (0 is the first after the names). seen: addresses of the lines before,
 * to be kept by the caller between calls (char * to guint; freed with g_free). False
 * when directory or database could not be asked. *line: caller frees.
 */
bool import_judge(const struct office *office, const struct table *table, guint number,
                  GHashTable *seen, gint64 now, struct import_line **line, GError **error);

/*
 * Stores all lines (of struct import_line), none of them refused, in one transaction.
 * A change keeps owners that the line does not name; its sources are the line's. told() hears
 * how many are done.
 */
bool import_store(const struct office *office, const GPtrArray *lines, const struct actor *actor,
                  void (*told)(guint done, guint all), GError **error);

#endif
