/* SPDX-License-Identifier: MIT
 *
 * Cleaning and cutting of what people type and paste.
 */
#include "rules/typed.h"

#include <stdbool.h>
#include <string.h>

#define SHOWN_CHARACTERS 80

static bool is_invisible(gunichar c)
{
    return c == 0xad || c == 0xfeff || c == 0x34f || c == 0x180e ||
           (g_unichar_type(c) == G_UNICODE_FORMAT && c < 0xe0000);
}

static gunichar readable(gunichar c)
{
    if (c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029)
        return '\n';
    if (g_unichar_isspace(c))
        return ' ';
    return g_unichar_iscntrl(c) ? 0xfffd : c;
}

char *typed_clean(const char *typed)
{
    g_autofree char *whole = g_utf8_make_valid(typed, -1);
    GString *clean = g_string_sized_new(strlen(whole));

    for (const char *at = whole; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (!is_invisible(c))
            g_string_append_unichar(clean, readable(c));
    }
    return g_strstrip(g_string_free(clean, FALSE));
}

char *typed_show(const char *clean)
{
    bool longer = g_utf8_strlen(clean, -1) > SHOWN_CHARACTERS;
    g_autofree char *cut = longer ? g_utf8_substring(clean, 0, SHOWN_CHARACTERS) : g_strdup(clean);

    return g_strconcat(g_strdelimit(cut, "\n", ' '), longer ? "…" : "", NULL);
}
