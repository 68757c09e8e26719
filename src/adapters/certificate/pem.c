/* SPDX-License-Identifier: MIT
 *
 * PEM blocks out of any text.
 */
#include "adapters/certificate/pem.h"

#include <openssl/evp.h>

static const char BEGIN[] = "-----BEGIN ";
static const char DASHES[] = "-----";

enum { LABEL_MAX = 64 };

const guint8 *view_find(struct view in, const char *text)
{
    return in.size > 0 ? memmem(in.at, in.size, text, strlen(text)) : NULL;
}

/* The part of the view from a place in it on. */
static struct view view_from(struct view in, const guint8 *at)
{
    return (struct view){at, in.size - (size_t)(at - in.at)};
}

struct wiped *wiped_new(size_t room)
{
    struct wiped *wiped = g_new0(struct wiped, 1);

    wiped->bytes = g_malloc0(room + 1);
    wiped->room = room + 1;
    return wiped;
}

void wiped_free(struct wiped *wiped)
{
    explicit_bzero(wiped->bytes, wiped->room);
    g_free(wiped->bytes);
    g_free(wiped);
}

/*
 * White space, the two characters "\n" as JSON and environment files write it,
 * and the invisible characters that word processors put in (never ASCII). What
 * is lost by dropping too much is noticed: the signature no longer fits.
 */
static size_t skip_blank(const guint8 *at, const guint8 *end)
{
    if (*at >= 0x80 || g_ascii_isspace(*at))
        return 1;
    if (*at == '\\' && end - at > 1 && (at[1] == 'n' || at[1] == 'r'))
        return 2;
    return 0;
}

struct wiped *pem_decode(struct view base64)
{
    auto_ptr(wiped) compact = wiped_new(base64.size);
    const guint8 *end = base64.at + base64.size;
    struct wiped *der;
    int size;

    for (const guint8 *at = base64.at; at < end;) {
        size_t blank = skip_blank(at, end);
        if (blank == 0)
            compact->bytes[compact->size++] = *at++;
        at += blank;
    }
    if (compact->size == 0 || compact->size % 4 != 0 || compact->size > G_MAXINT)
        return NULL;
    der = wiped_new(compact->size);
    size = EVP_DecodeBlock(der->bytes, compact->bytes, (int)compact->size);
    if (size < 0) {
        wiped_free(der);
        return NULL;
    }
    /* The decoder counts the padding as bytes. */
    for (size_t i = compact->size; i > compact->size - 2 && compact->bytes[i - 1] == '='; i--)
        size--;
    der->size = (size_t)size;
    return der;
}

/* The label after BEGIN, which ends at the next dashes in the same line; NULL when it has none. */
static char *label_at(struct view text)
{
    struct view near = {text.at, MIN(text.size, LABEL_MAX + strlen(DASHES))};
    const guint8 *end = view_find(near, DASHES);

    if (!end || memchr(text.at, '\n', (size_t)(end - text.at)))
        return NULL;
    return g_strndup((const char *)text.at, (size_t)(end - text.at));
}

/* Splits *rest at the end line of the label; false when another block or nothing comes first. */
static bool split_at_end(struct view *rest, const char *label, struct view *body)
{
    g_autofree char *line = g_strdup_printf("-----END %s-----", label);
    const guint8 *other = view_find(*rest, BEGIN);
    struct view own = {rest->at, other ? (size_t)(other - rest->at) : rest->size};
    const guint8 *end = view_find(own, line);

    if (!end)
        return false;
    *body = (struct view){rest->at, (size_t)(end - rest->at)};
    *rest = view_from(*rest, end + strlen(line));
    return true;
}

enum pem_outcome pem_next(struct view *rest, char **label, struct wiped **der)
{
    const guint8 *begin = view_find(*rest, BEGIN);
    struct view body;

    if (!begin)
        return PEM_NO_MORE;
    *rest = view_from(*rest, begin + strlen(BEGIN));
    *label = label_at(*rest);
    if (!*label)
        return PEM_TRUNCATED;
    *rest = view_from(*rest, rest->at + strlen(*label) + strlen(DASHES));
    if (!split_at_end(rest, *label, &body))
        return PEM_TRUNCATED;
    *der = pem_decode(body);
    return *der ? PEM_BLOCK : PEM_DAMAGED;
}

bool pem_has_private_key(struct view text)
{
    const struct view whole = text;

    for (const guint8 *begin; (begin = view_find(text, "BEGIN "));) {
        struct view label = view_from(text, begin);
        const guint8 *line;
        label.size = MIN(label.size, LABEL_MAX);
        line = memchr(label.at, '\n', label.size);
        label.size = line ? (size_t)(line - label.at) : label.size;
        if (view_find(label, "PRIVATE KEY"))
            return true;
        text = view_from(text, begin + 1);
    }
    /* Also the end alone: people copy one line too few. */
    return view_find(whole, "PRIVATE KEY-----") || view_find(whole, "PuTTY-User-Key-File");
}
