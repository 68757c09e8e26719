/* SPDX-License-Identifier: MIT
 *
 * PEM blocks out of any text.
 */
#include "adapters/certificate/pem.h"

#include "base/base64.h"

static const char BEGIN[] = "-----BEGIN ";
static const char DASHES[] = "-----";

enum { LABEL_MAX = 64 };

/* As view_find(), in any case; text in capitals. */
static const guint8 *find_in_any_case(struct view in, const char *text)
{
    size_t size = strlen(text);

    for (const guint8 *at = in.at; in.size >= size && at <= in.at + in.size - size; at++) {
        at = memchr(at, *text, (size_t)(in.at + in.size - at) - size + 1);
        if (!at)
            return NULL;
        if (g_ascii_strncasecmp((const char *)at, text, size) == 0)
            return at;
    }
    return NULL;
}

bool pem_begins(struct view text)
{
    return find_in_any_case(text, BEGIN) != NULL;
}

/* ---- base64 ---------------------------------------------------------------------------------- */

/*
 * White space, the two characters "\n" as JSON and environment files write it,
 * and the invisible characters that word processors put in (never ASCII). What
 * is lost by dropping too much is noticed: the signature no longer fits.
 */
static size_t skip_blank(const guint8 *at, const guint8 *end)
{
    if (*at >= 0x80 || g_ascii_isspace((char)*at))
        return 1;
    if (*at == '\\' && end - at > 1 && (at[1] == 'n' || at[1] == 'r'))
        return 2;
    return 0;
}

/* The digits of one line and its padding; false when there is something else in it. */
static bool add_digits(struct view line, struct wiped *digits, unsigned *padding)
{
    const guint8 *end = line.at + line.size;

    for (const guint8 *at = line.at; at < end;) {
        size_t blank = skip_blank(at, end);
        int digit = base64_digit(*at);
        if (blank == 0 && *at == '=')
            (*padding)++;
        else if (blank == 0 && (digit < 0 || *padding > 0))
            return false;
        else if (blank == 0)
            wiped_add(digits, (guint8)digit);
        at += MAX(blank, 1);
    }
    return true;
}

/* A header (RFC 1421 4.4, RFC 9580 6.2) or comment: no digit of base64 is in its place. */
static bool is_header(struct view line)
{
    return line.size > 0 && (memchr(line.at, ':', line.size) || *line.at == '#');
}

static struct view without_quoting(struct view line)
{
    while (line.size > 0 && (g_ascii_isspace((char)*line.at) || *line.at == '>'))
        line = view_from(line, line.at + 1);
    return line;
}

static bool read_digits(struct view base64, struct wiped *digits, unsigned *padding)
{
    while (base64.size > 0) {
        const guint8 *end = memchr(base64.at, '\n', base64.size);
        struct view line = {base64.at, end ? (size_t)(end - base64.at) : base64.size};
        base64 = view_from(base64, base64.at + MIN(line.size + 1, base64.size));
        line = without_quoting(line);
        if (!is_header(line) && !add_digits(line, digits, padding))
            return false;
    }
    return true;
}

/* Base64url goes without padding (RFC 7515 2); where base64 does, a character was lost. */
static bool is_padded(struct view text, size_t digits, unsigned padding)
{
    bool is_url = memchr(text.at, '-', text.size) || memchr(text.at, '_', text.size);

    if (padding == 0 && is_url)
        return digits % 4 != 1;
    return padding <= 2 && (digits + padding) % 4 == 0;
}

struct wiped *pem_decode(struct view base64)
{
    auto_ptr(wiped) digits = wiped_new(base64.size);
    unsigned padding = 0;
    struct wiped *der;

    if (!read_digits(base64, digits, &padding) || digits->size == 0 ||
        !is_padded(base64, digits->size, padding))
        return NULL;
    der = wiped_new(digits->size);
    base64_add(der, wiped_view(digits));
    return der;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* In capitals, blanks squeezed. */
static char *tidy(struct view label)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < label.size; i++)
        if (!g_ascii_isspace((char)label.at[i]))
            g_string_append_c(text, g_ascii_toupper((char)label.at[i]));
        else if (text->len > 0 && text->str[text->len - 1] != ' ')
            g_string_append_c(text, ' ');
    return g_strchomp(g_string_free(text, FALSE));
}

/* The label after BEGIN, up to the next dashes in the same line; of no size without them. */
static struct view label_at(struct view text)
{
    struct view near = {text.at, MIN(text.size, LABEL_MAX + strlen(DASHES))};
    const guint8 *end = view_find(near, DASHES);

    if (!end || memchr(text.at, '\n', (size_t)(end - text.at)))
        return (struct view){text.at, 0};
    return (struct view){text.at, (size_t)(end - text.at)};
}

/* Splits *rest at the end line of the label; false when another block or nothing comes first. */
static bool split_at_end(struct view *rest, const char *label, struct view *body)
{
    const guint8 *other = find_in_any_case(*rest, BEGIN);
    struct view own = {rest->at, other ? (size_t)(other - rest->at) : rest->size};
    const guint8 *end = find_in_any_case(own, "-----END ");

    while (end) {
        struct view after = view_from(*rest, end + strlen("-----END "));
        struct view name = label_at(after);
        g_autofree char *other_label = tidy(name);
        if (g_str_equal(other_label, label)) {
            *body = (struct view){rest->at, (size_t)(end - rest->at)};
            *rest = view_from(after, name.at + name.size + strlen(DASHES));
            return true;
        }
        end = find_in_any_case(view_from(own, end + 1), "-----END ");
    }
    return false;
}

void pem_block_clear(struct pem_block *block)
{
    g_clear_pointer(&block->label, g_free);
    g_clear_pointer(&block->der, wiped_free);
}

enum pem_outcome pem_next(struct view *rest, struct pem_block *block)
{
    const guint8 *begin = find_in_any_case(*rest, BEGIN);
    struct view label, body;

    pem_block_clear(block);
    block->before = (struct view){rest->at, begin ? (size_t)(begin - rest->at) : rest->size};
    if (!begin)
        return PEM_NO_MORE;
    *rest = view_from(*rest, begin + strlen(BEGIN));
    label = label_at(*rest);
    if (label.size == 0)
        return PEM_TRUNCATED;
    block->label = tidy(label);
    *rest = view_from(*rest, rest->at + label.size + strlen(DASHES));
    if (!split_at_end(rest, block->label, &body))
        return PEM_TRUNCATED;
    block->der = pem_decode(body);
    return block->der ? PEM_BLOCK : PEM_DAMAGED;
}
