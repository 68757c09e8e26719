/* SPDX-License-Identifier: MIT
 *
 * Prometheus' text format.
 */
#include "service/relay/gauges.h"

#include "base/limits.h"
#include "service/relay/files.h"

static void put_value(GString *text, double value)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_printf(text, " %s\n", g_ascii_formatd(number, sizeof number, "%.15g", value));
}

void gauge_head(GString *text, const char *name, const char *help)
{
    g_string_append_printf(text, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

void gauge_put(GString *text, const char *name, const char *help, double value)
{
    gauge_head(text, name, help);
    g_string_append(text, name);
    put_value(text, value);
}

void gauge_put_labelled(GString *text, const char *name, const char *label, const char *content,
                        double value)
{
    g_autofree char *valid = g_utf8_make_valid(content, -1);

    g_string_append_printf(text, "%s{%s=\"", name, label);
    for (const char *at = valid; *at; at++) {
        if (*at == '\\' || *at == '"')
            g_string_append_c(text, '\\');
        g_string_append_c(text, *at == '\n' ? ' ' : *at);
    }
    g_string_append(text, "\"}");
    put_value(text, value);
}

double gauge_last(const char *file, const char *name)
{
    g_autofree char *text = NULL, *start = g_strconcat("\n", name, " ", NULL);
    const char *line;

    if (file_read(file, LIMIT_EXPORT_FILE, &text, NULL) != FILE_READ)
        return 0;
    line = strstr(text, start);
    return line ? g_ascii_strtod(line + strlen(start), NULL) : 0;
}
