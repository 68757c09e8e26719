/* SPDX-License-Identifier: MIT
 *
 * Filling in and wrapping the texts of the catalogue.
 */
#include "service/notices/text.h"

#include "base/limits.h"

#define COLUMNS 72

static const struct {
    const char *kind, *subject, *text;
    bool urgent;
} catalogue[] = {
#define NOTICE(kind, subject, text) {kind, subject, text, false},
#define URGENT(kind, subject, text) {kind, subject, text, true},
#include "service/notices/texts.def"
#undef NOTICE
#undef URGENT
};

static size_t find(const char *kind)
{
    for (size_t i = 1; i < G_N_ELEMENTS(catalogue); i++)
        if (g_str_equal(catalogue[i].kind, kind))
            return i;
    return 0;
}

bool notice_is_known(const char *kind)
{
    return find(kind) > 0;
}

bool notice_is_urgent(const char *kind)
{
    return catalogue[find(kind)].urgent;
}

static bool append_value(GString *filled, GHashTable *values, const char *name)
{
    const char *value = g_hash_table_lookup(values, name);
    g_autofree char *whole = value ? g_utf8_make_valid(value, -1) : NULL;
    g_autofree char *cut = NULL;

    glong most = g_str_equal(name, "notices") ? LIMIT_DIGEST_TEXT : LIMIT_NOTICE_VALUE;

    if (!whole || !*whole)
        return false;
    if (g_utf8_strlen(whole, -1) > most) {
        cut = g_utf8_substring(whole, 0, most);
        g_string_append_printf(filled, "%s ...", cut);
    } else {
        g_string_append(filled, whole);
    }
    return true;
}

/* *complete is false when a value is missing. Caller frees. */
static char *fill(const char *pattern, GHashTable *values, bool *complete)
{
    GString *filled = g_string_new(NULL);
    const char *at = pattern;

    *complete = true;
    for (const char *open; (open = strchr(at, '{')); at = strchr(open, '}') + 1) {
        g_autofree char *name = g_strndup(open + 1, strcspn(open + 1, "}"));
        g_string_append_len(filled, at, open - at);
        if (!append_value(filled, values, name))
            *complete = false;
    }
    g_string_append(filled, at);
    return g_string_free(filled, FALSE);
}

char *notice_subject(const char *kind, GHashTable *values)
{
    bool complete;

    return fill(catalogue[find(kind)].subject, values, &complete);
}

static void wrap_line(GString *text, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    glong column = 0;

    for (char **word = words; *word; word++) {
        glong length = g_utf8_strlen(*word, -1);
        bool breaks = column > 0 && column + 1 + length > COLUMNS;
        if (word != words)
            g_string_append_c(text, breaks ? '\n' : ' ');
        g_string_append(text, *word);
        column = word == words || breaks ? length : column + 1 + length;
    }
    g_string_append_c(text, '\n');
}

static void add_paragraph(GString *text, const char *paragraph)
{
    g_auto(GStrv) lines = g_strsplit(paragraph, "\n", -1);

    if (text->len > 0)
        g_string_append_c(text, '\n');
    for (char **line = lines; *line; line++) {
        if (**line == ' ')
            g_string_append_printf(text, "%s\n", *line);
        else
            wrap_line(text, *line);
    }
}

void notice_write(const char *kind, GHashTable *values, char **subject, char **text)
{
    size_t which = find(kind);
    g_auto(GStrv) paragraphs = g_strsplit(catalogue[which].text, "\n\n", -1);
    GString *written = g_string_new(NULL);
    bool complete;

    *subject = notice_subject(kind, values);
    for (char **paragraph = paragraphs; *paragraph; paragraph++) {
        g_autofree char *filled = fill(*paragraph, values, &complete);
        if (complete)
            add_paragraph(written, filled);
    }
    *text = g_string_free(written, FALSE);
}
