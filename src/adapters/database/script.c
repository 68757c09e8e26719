/* SPDX-License-Identifier: MIT
 *
 * Enough of SQL's lexical structure to tell one statement from the next.
 */
#include "adapters/database/script.h"

static const char *after(const char *text, const char *mark)
{
    const char *found = strstr(text, mark);

    return found ? found + strlen(mark) : text + strlen(text);
}

/* Behind 'a string' or "a name"; a doubled quote ends one and begins another. */
static const char *after_quoted(const char *at, bool escapes)
{
    char quote = *at++;

    while (*at && *at != quote)
        at += escapes && *at == '\\' && at[1] ? 2 : 1;
    return *at ? at + 1 : at;
}

/* Behind $tag$ ... $tag$; behind the dollar where it begins no such string. */
static const char *after_dollars(const char *at)
{
    const char *end = at + 1;
    g_autofree char *tag = NULL;

    while (g_ascii_isalnum(*end) || *end == '_')
        end++;
    if (*end != '$' || g_ascii_isdigit(at[1]))
        return at + 1;
    tag = g_strndup(at, (gsize)(end + 1 - at));
    return after(end + 1, tag);
}

/* Behind one comment, string, or character. */
static const char *after_token(const char *at, const char *script)
{
    if (g_str_has_prefix(at, "--"))
        return after(at, "\n");
    if (g_str_has_prefix(at, "/*"))
        return after(at, "*/");
    if (*at == '\'' || *at == '"')
        return after_quoted(at, at > script && (at[-1] == 'E' || at[-1] == 'e'));
    return *at == '$' ? after_dollars(at) : at + 1;
}

/* The first word of what follows. */
static const char *after_blank(const char *at)
{
    while (g_ascii_isspace(*at) || g_str_has_prefix(at, "--") || g_str_has_prefix(at, "/*"))
        at = g_ascii_isspace(*at) ? at + 1 : after_token(at, at);
    return at;
}

static const char *statement_number(const char *script, unsigned number)
{
    const char *at = after_blank(script);

    while (*at && number > 0) {
        number -= *at == ';';
        at = after_token(at, script);
    }
    return after_blank(at);
}

unsigned script_line(const char *script, const struct script_place *place)
{
    glong length = g_utf8_strlen(script, -1);
    const char *at = place->position > 0 && place->position <= length
                         ? g_utf8_offset_to_pointer(script, place->position - 1)
                         : statement_number(script, place->done);
    unsigned line = 1;

    for (const char *one = script; one < at; one++)
        line += *one == '\n';
    return line;
}
