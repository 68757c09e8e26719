/* SPDX-License-Identifier: MIT
 *
 * Pages of a list.
 */
#include "web/listing.h"

void listing_range(const char *page, guint count, guint *first, guint *end)
{
    guint64 last = count ? (count - 1) / LISTING_SIZE + 1 : 1;
    guint64 number;

    if (!g_ascii_string_to_unsigned(page, 10, 1, G_MAXUINT32, &number, NULL))
        number = 1;
    *first = (guint)(MIN(number, last) - 1) * LISTING_SIZE;
    *end = MIN(*first + LISTING_SIZE, count);
}

void listing_show_pages(struct page *body, guint first, guint end, guint count)
{
    guint page = first / LISTING_SIZE + 1;
    struct page *pages;

    if (count <= LISTING_SIZE)
        return;
    pages = page_show(body, "PAGES");
    page_set_number(pages, "FIRST", first + 1);
    page_set_number(pages, "LAST", end);
    page_set_number(pages, "COUNT", count);
    if (first > 0)
        page_set_number(page_show(pages, "PREVIOUS"), "PAGE", page - 1);
    if (end < count)
        page_set_number(page_show(pages, "NEXT"), "PAGE", page + 1);
}

bool listing_has(const char *text, const char *searched)
{
    g_autofree char *folded = g_utf8_casefold(text, -1);
    g_autofree char *part = g_utf8_casefold(searched, -1);

    return strstr(folded, g_strstrip(part)) != NULL;
}

/* Base letters in one case; the locale C.UTF-8 has no order but that of the code points. */
static char *sort_key(const char *text)
{
    g_autofree char *folded = g_utf8_casefold(text, -1);
    g_autofree char *parts = g_utf8_normalize(folded, -1, G_NORMALIZE_ALL);
    GString *key = g_string_new(NULL);

    for (const char *at = parts; at && *at; at = g_utf8_next_char(at))
        if (!g_unichar_ismark(g_utf8_get_char(at)))
            g_string_append_unichar(key, g_utf8_get_char(at));
    return g_string_free(key, FALSE);
}

int listing_compare(const char *one, const char *other)
{
    g_autofree char *key = sort_key(one);
    g_autofree char *other_key = sort_key(other);
    int order = strcmp(key, other_key);

    return order ? order : strcmp(one, other);
}
