/* SPDX-License-Identifier: MIT
 *
 * Comma-separated values.
 */
#include "service/csv.h"

#include "adapters/database/registry.h"
#include "adapters/database/search.h"

#include <stdarg.h>
#include <string.h>

/* Spreadsheets take such a beginning for a formula, in its full width as well. */
static bool begins_a_formula(const char *value)
{
    g_autofree char *narrow = g_utf8_normalize(value, -1, G_NORMALIZE_ALL);

    return !narrow || (*narrow && strchr("=+-@\t\r\n", *narrow));
}

static void add_value(GString *text, const char *value)
{
    g_string_append_c(text, '"');
    if (begins_a_formula(value))
        g_string_append_c(text, '\'');
    for (; *value; value++) {
        if (*value == '"')
            g_string_append_c(text, '"');
        g_string_append_c(text, *value);
    }
    g_string_append_c(text, '"');
}

/* One line; the values end with NULL. */
static void G_GNUC_NULL_TERMINATED add_line(GString *text, ...)
{
    const char *separator = "";
    va_list values;

    va_start(values, text);
    for (const char *value; (value = va_arg(values, const char *)); separator = ",") {
        g_string_append(text, separator);
        add_value(text, value);
    }
    va_end(values);
    g_string_append(text, "\r\n");
}

char *csv_of_registrations(const GPtrArray *found)
{
    GString *text = g_string_new(NULL);

    add_line(text, "address", "application_name", "application_type", "state", "owners",
             "locations", "sources", "created", "confirmed", "id", NULL);
    for (guint i = 0; i < found->len; i++) {
        const struct search_row *row = g_ptr_array_index(found, i);
        add_line(text, row->address, row->application_name, row->application_type, row->state,
                 row->owners, row->locations, row->sources, row->created, row->confirmed, row->id,
                 NULL);
    }
    return g_string_free(text, FALSE);
}

char *csv_of_omissions(const GPtrArray *found)
{
    GString *text = g_string_new(NULL);

    add_line(text, "address", "source", "why", "relay", "since", "id", "source_id", NULL);
    for (guint i = 0; i < found->len; i++) {
        const struct search_omission *one = g_ptr_array_index(found, i);
        add_line(text, one->address, one->source, one->why, one->relay, one->since,
                 one->registration, one->id, NULL);
    }
    return g_string_free(text, FALSE);
}

char *csv_of_history(const GPtrArray *entries)
{
    GString *text = g_string_new(NULL);

    add_line(text, "at", "login", "from", "action", "reason", "before", "after", NULL);
    for (guint i = 0; i < entries->len; i++) {
        const struct history_entry *entry = g_ptr_array_index(entries, i);
        add_line(text, entry->at, entry->login, entry->address, entry->action, entry->reason,
                 entry->before, entry->after, NULL);
    }
    return g_string_free(text, FALSE);
}
