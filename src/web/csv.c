/* SPDX-License-Identifier: MIT
 *
 * Comma-separated values.
 */
#include "web/csv.h"

#include <stdarg.h>
#include <string.h>

static void add_value(GString *text, const char *value)
{
    g_string_append_c(text, '"');
    if (*value && strchr("=+-@\t\r", *value))
        g_string_append_c(text, '\'');
    for (; *value; value++) {
        if (*value == '"')
            g_string_append_c(text, '"');
        g_string_append_c(text, *value);
    }
    g_string_append_c(text, '"');
}

void csv_add(GString *text, ...)
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
