/* SPDX-License-Identifier: MIT
 *
 * Folding to ASCII, by Unicode's compatibility forms (UAX 15) and general categories.
 */
#include "rules/secret/fold.h"

static void fold_character(struct wiped *folded, gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_FORMAT:
        return;
    case G_UNICODE_DASH_PUNCTUATION:
        c = '-';
        break;
    case G_UNICODE_SPACE_SEPARATOR:
        c = ' ';
        break;
    default:
        if (c == 0x2212) /* the minus sign */
            c = '-';
    }
    wiped_add(folded, c < 0x80 ? (guint8)c : 0x80);
}

static bool is_ascii(struct view text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] >= 0x80)
            return false;
    return true;
}

/* Wipes a text and frees it. */
static void forget_text(char *text)
{
    explicit_bzero(text, strlen(text));
    g_free(text);
}

struct wiped *fold_text(struct view text)
{
    struct wiped *folded;
    char *whole, *plain;

    if (is_ascii(text))
        return NULL;
    whole = g_utf8_make_valid((const char *)text.at, (gssize)text.size);
    plain = g_utf8_normalize(whole, -1, G_NORMALIZE_NFKC);
    folded = wiped_new(strlen(plain));
    for (const char *at = plain; *at; at = g_utf8_next_char(at))
        fold_character(folded, g_utf8_get_char(at));
    forget_text(whole);
    forget_text(plain);
    return folded;
}
