/* SPDX-License-Identifier: MIT
 *
 * Wrappings of text.
 */
#include "rules/secret/layers.h"

#include "base/base64.h"

enum {
    SHORTEST_RUN = 24, /* digits of base64 or hexadecimal: the beginning of a key */
    SHORTEST_TEXT = 20,
    SHORTEST_LIST = 16, /* numbers, or bytes of a dump */
    LONGEST_TAG = 64,
    DUMPED_BYTES = 16, /* of one line; the same again as characters follows */
};

/* The bytes of the printable character or blank at the beginning; 0 when there is none. */
static size_t printable_size(struct view data)
{
    gunichar c;

    if (*data.at < 0x80)
        return g_ascii_isprint((char)*data.at) || g_ascii_isspace((char)*data.at);
    c = g_utf8_get_char_validated((const char *)data.at, (gssize)MIN(data.size, 4));
    return c < 0x110000 ? (size_t)g_unichar_to_utf8(c, NULL) : 0;
}

bool layers_is_text(struct view data)
{
    unsigned length = 0;

    while (data.size > 0 && length < SHORTEST_TEXT) {
        size_t size = printable_size(data);
        if (size > 0)
            length++;
        else if (*data.at != '\0')
            length = 0;
        data = view_from(data, data.at + MAX(size, 1));
    }
    return length == SHORTEST_TEXT;
}

/* ---- UTF-16 and UTF-32 ----------------------------------------------------------------------- */

/* Of ASCII they are ASCII with zero bytes between. */
struct wiped *layers_take_off_zeros(struct view text)
{
    struct wiped *out;
    size_t zeros = 0;

    for (size_t i = 0; i < text.size; i++)
        zeros += text.at[i] == '\0';
    if (zeros == 0 || zeros < text.size / 8)
        return NULL;
    out = wiped_new(text.size);
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] != '\0')
            wiped_add(out, text.at[i]);
    return out;
}

/* ---- single characters ---------------------------------------------------------------------- */

static void add_character(struct wiped *out, gunichar c)
{
    char utf8[6];
    int size = g_unichar_validate(c) ? g_unichar_to_utf8(c, utf8) : 0;

    for (int i = 0; i < size; i++)
        wiped_add(out, (guint8)utf8[i]);
}

/* A number of at most `most` digits; the digits read, 0 when there are none. */
static size_t read_figures(struct view text, unsigned base, size_t most, gunichar *number)
{
    size_t count;

    *number = 0;
    for (count = 0; count < MIN(most, text.size); count++) {
        int digit = g_ascii_xdigit_value((char)text.at[count]);
        if (digit < 0 || (unsigned)digit >= base)
            break;
        *number = *number * base + (unsigned)digit;
    }
    return count;
}

/* Reads one escape at the beginning of the text: its size, or 0 when there is none. */
typedef size_t replace_one(struct view text, struct wiped *out);

/* NULL when nothing was replaced. */
static struct wiped *replace_all(struct view text, replace_one *replace)
{
    auto_ptr(wiped) out = wiped_new(text.size);
    size_t replaced = 0;

    for (const guint8 *at = text.at; at < text.at + text.size;) {
        size_t size = replace(view_from(text, at), out);
        if (size == 0)
            wiped_add(out, *at);
        replaced += size;
        at += MAX(size, 1);
    }
    return replaced ? g_steal_pointer(&out) : NULL;
}

/* %2B (RFC 3986 2.1). */
static size_t replace_percent(struct view text, struct wiped *out)
{
    gunichar byte;

    if (text.size < 3 || read_figures(view_from(text, text.at + 1), 16, 2, &byte) != 2)
        return 0;
    wiped_add(out, (guint8)byte);
    return 3;
}

/* =2B, and = at the end of a line (RFC 2045 6.7). */
static size_t replace_quoted(struct view text, struct wiped *out)
{
    gunichar byte;

    if (*text.at != '=')
        return 0;
    if (text.size >= 2 && text.at[1] == '\n')
        return 2;
    if (text.size >= 3 && text.at[1] == '\r' && text.at[2] == '\n')
        return 3;
    if (text.size < 3 || read_figures(view_from(text, text.at + 1), 16, 2, &byte) != 2)
        return 0;
    wiped_add(out, (guint8)byte);
    return 3;
}

struct wiped *layers_take_off_quoted(struct view text)
{
    return replace_all(text, replace_quoted);
}

/* \n, \/, \x2b, \u002b, \053 of C, JSON, YAML and shells; \ at the end of a line joins it. */
static size_t replace_backslash(struct view text, struct wiped *out)
{
    static const char names[] = "n\nr\rt\tb\bf\fv\ve\033a\a0";
    struct view rest = view_from(text, text.at + 1);
    gunichar number;
    size_t digits;
    const char *name;

    if (rest.size == 0)
        return 0;
    if (*rest.at == 'x' || *rest.at == 'u' || *rest.at == 'U') {
        size_t most = *rest.at == 'x' ? 2 : *rest.at == 'u' ? 4 : 8;
        digits = read_figures(view_from(rest, rest.at + 1), 16, most, &number);
        if (digits > 0)
            *rest.at == 'x' ? wiped_add(out, (guint8)number) : add_character(out, number);
        return digits ? 2 + digits : 0;
    }
    digits = read_figures(rest, 8, 3, &number);
    name = digits ? NULL : memchr(names, *rest.at, sizeof names - 2);
    if (digits)
        wiped_add(out, (guint8)number);
    else if (*rest.at != '\n' && *rest.at != '\r')
        wiped_add(out, name && g_ascii_isalpha(*name) ? (guint8)name[1] : *rest.at);
    return 1 + MAX(digits, 1);
}

/* &#43;, &#x2b;, and the names of what occurs in keys (HTML 13.5). */
static size_t replace_entity(struct view text, struct wiped *out)
{
    static const struct {
        const char *name;
        char character;
    } names[] = {{"amp", '&'},   {"lt", '<'},     {"gt", '>'},       {"quot", '"'},
                 {"apos", '\''}, {"nbsp", ' '},   {"NewLine", '\n'}, {"Tab", '\t'},
                 {"plus", '+'},  {"sol", '/'},    {"equals", '='},   {"hyphen", '-'},
                 {"dash", '-'},  {"lowbar", '_'}, {"ndash", '-'},    {"mdash", '-'},
                 {"minus", '-'}, {"colon", ':'},  {"comma", ','},    {"shy", ' '}};
    struct view rest = view_from(text, text.at + 1);
    bool hexadecimal = rest.size > 1 && (rest.at[1] == 'x' || rest.at[1] == 'X');
    gunichar number;
    size_t digits;

    if (rest.size > 2 && *rest.at == '#') {
        rest = view_from(rest, rest.at + (hexadecimal ? 2 : 1));
        digits = read_figures(rest, hexadecimal ? 16 : 10, 7, &number);
        if (digits == 0)
            return 0;
        add_character(out, number);
        return (hexadecimal ? 3 : 2) + digits + (digits < rest.size && rest.at[digits] == ';');
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        size_t size = strlen(names[i].name);
        if (!view_begins_with(rest, names[i].name, size) || size == rest.size ||
            rest.at[size] != ';')
            continue;
        wiped_add(out, (guint8)names[i].character);
        return size + 2;
    }
    return 0;
}

static size_t replace_escape(struct view text, struct wiped *out)
{
    switch (*text.at) {
    case '%':
        return replace_percent(text, out);
    case '\\':
        return replace_backslash(text, out);
    case '&':
        return replace_entity(text, out);
    default:
        return 0;
    }
}

/* All of them at once: none of their marks occurs in a key's own text. */
struct wiped *layers_take_off_escapes(struct view text)
{
    return replace_all(text, replace_escape);
}

static size_t replace_form(struct view text, struct wiped *out)
{
    if (*text.at != '+')
        return replace_escape(text, out);
    wiped_add(out, ' ');
    return 1;
}

struct wiped *layers_take_off_form(struct view text)
{
    bool is_form =
        text.size > 0 && memchr(text.at, '%', text.size) && memchr(text.at, '+', text.size);

    return is_form ? replace_all(text, replace_form) : NULL;
}

/* ---- what stands around lines --------------------------------------------------------------- */

/* Quoting, indentation, numbers of lines; what is left of the line. */
static struct view without_margin(struct view line)
{
    struct view rest = line;
    gunichar number;
    size_t digits;

    while (rest.size > 0 && (g_ascii_isspace((char)*rest.at) || strchr(">|#*", *rest.at)))
        rest = view_from(rest, rest.at + 1);
    digits = read_figures(rest, 10, 6, &number);
    if (digits == 0 || digits >= rest.size || !strchr(":.|) \t", rest.at[digits]))
        return rest;
    rest = view_from(rest, rest.at + digits + 1);
    while (rest.size > 0 && g_ascii_isspace((char)*rest.at))
        rest = view_from(rest, rest.at + 1);
    return rest;
}

/* The next line, without its end; moves *text behind it. */
static struct view take_next_line(struct view *text)
{
    const guint8 *end = memchr(text->at, '\n', text->size);
    struct view line = {text->at, end ? (size_t)(end - text->at) : text->size};

    *text = view_from(*text, text->at + MIN(line.size + 1, text->size));
    return line;
}

/* The line without <br> and all other tags that are short. */
static void add_bare_line(struct wiped *out, struct view line)
{
    while (line.size > 0) {
        const guint8 *end =
            *line.at == '<' ? memchr(line.at, '>', MIN(line.size, LONGEST_TAG)) : NULL;
        if (!end)
            wiped_add(out, *line.at);
        line = view_from(line, (end ? end : line.at) + 1);
    }
    wiped_add(out, '\n');
}

struct wiped *layers_take_off_margins(struct view text)
{
    auto_ptr(wiped) out = wiped_new(text.size);
    size_t before = text.size;

    while (text.size > 0)
        add_bare_line(out, without_margin(take_next_line(&text)));
    return out->size < before ? g_steal_pointer(&out) : NULL;
}

/* ---- runs of digits -------------------------------------------------------------------------- */

enum { BETWEEN = -1, OTHER = -2 };

/* What may stand between the digits of one value: line breaks, quoting, string concatenation. */
static bool is_between(guint8 c)
{
    return g_ascii_isspace((char)c) || c >= 0x80 || c == '\0' || strchr("\"'`,\\>|", c);
}

static int digit_of_base64(guint8 c)
{
    int digit = base64_digit(c);

    return digit >= 0 ? digit : is_between(c) ? BETWEEN : OTHER;
}

static int digit_of_hex(guint8 c)
{
    int digit = g_ascii_xdigit_value((char)c);

    return digit >= 0 ? digit : is_between(c) || strchr(":-;{}()[]", c) ? BETWEEN : OTHER;
}

/* The digit, BETWEEN or OTHER of each character: asked once for each, not at each place. */
static void fill_table(gint8 table[256], int (*digit_of)(guint8 c))
{
    for (unsigned c = 0; c < 256; c++)
        table[c] = (gint8)digit_of((guint8)c);
}

/* A sign of base64 by itself is none: the + between two strings of a program, the - of a list. */
static bool is_lonely(struct view text, const guint8 *at)
{
    return !g_ascii_isalnum((char)*at) && at > text.at && is_between(at[-1]) &&
           at + 1 < text.at + text.size && is_between(at[1]);
}

/* Between strings there is more than a comma; one alone is an end, as in data:...;base64, */
static bool is_comma(struct view text, const guint8 *at)
{
    return *at == ',' && at > text.at && g_ascii_isalnum((char)at[-1]) &&
           at + 1 < text.at + text.size && g_ascii_isalnum((char)at[1]);
}

/* Reads the next run of base64 digits into digits (values 0 to 63); moves *rest behind it. */
static void next_base64(struct view *rest, const gint8 table[256], struct wiped *digits)
{
    const guint8 *at = rest->at;
    const guint8 *end = rest->at + rest->size;

    digits->size = 0;
    for (; at < end && table[*at] != OTHER && !is_comma(*rest, at); at++)
        if (table[*at] >= 0 && !is_lonely(*rest, at))
            wiped_add(digits, (guint8)table[*at]);
    *rest = at < end ? view_from(*rest, at + 1) : (struct view){end, 0};
}

static void add_run(struct wiped *out, struct view digits)
{
    base64_add(out, digits);
    wiped_add(out, '\n');
}

/* Where in a run the value begins is not known: each phase is one reading of all runs. */
static struct wiped *read_base64_runs(struct view text, size_t phase)
{
    auto_ptr(wiped) out = wiped_new(text.size + SHORTEST_RUN);
    auto_ptr(wiped) digits = wiped_new(text.size);
    gint8 table[256];

    fill_table(table, digit_of_base64);
    while (text.size > 0) {
        next_base64(&text, table, digits);
        if (digits->size >= SHORTEST_RUN)
            add_run(out, (struct view){digits->bytes + phase, digits->size - phase});
    }
    return out->size ? g_steal_pointer(&out) : NULL;
}

struct wiped *layers_take_off_base64(struct view text)
{
    return read_base64_runs(text, 0);
}

static struct wiped *take_off_base64_1(struct view text)
{
    return read_base64_runs(text, 1);
}

static struct wiped *take_off_base64_2(struct view text)
{
    return read_base64_runs(text, 2);
}

static struct wiped *take_off_base64_3(struct view text)
{
    return read_base64_runs(text, 3);
}

/* The same of hexadecimal digits, with colons or 0x between them. */
static void next_hex(struct view *rest, const gint8 table[256], struct wiped *digits)
{
    const guint8 *at = rest->at;
    const guint8 *end = rest->at + rest->size;

    digits->size = 0;
    for (; at < end && table[*at] != OTHER; at++) {
        if (*at == '0' && end - at > 1 && (at[1] == 'x' || at[1] == 'X'))
            at++;
        else if (table[*at] >= 0)
            wiped_add(digits, (guint8)table[*at]);
    }
    *rest = at < end ? view_from(*rest, at + 1) : (struct view){end, 0};
}

static struct wiped *read_hex_runs(struct view text, size_t phase)
{
    auto_ptr(wiped) out = wiped_new(text.size);
    auto_ptr(wiped) digits = wiped_new(text.size);
    gint8 table[256];

    fill_table(table, digit_of_hex);
    while (text.size > 0) {
        next_hex(&text, table, digits);
        if (digits->size < SHORTEST_RUN)
            continue;
        for (size_t i = phase; i + 1 < digits->size; i += 2)
            wiped_add(out, (guint8)(digits->bytes[i] << 4 | digits->bytes[i + 1]));
        wiped_add(out, '\n');
    }
    return out->size ? g_steal_pointer(&out) : NULL;
}

static struct wiped *take_off_hex_0(struct view text)
{
    return read_hex_runs(text, 0);
}

static struct wiped *take_off_hex_1(struct view text)
{
    return read_hex_runs(text, 1);
}

/* The bytes of one line of a dump (xxd, hexdump -C, od): an offset, then groups of digits. */
static void add_dumped(struct wiped *out, struct view line)
{
    gunichar number;
    size_t digits = read_figures(line, 16, 8, &number), bytes = 0;

    if (digits < 4 || digits == line.size || !strchr(": ", line.at[digits]))
        return;
    line = view_from(line, line.at + digits);
    while (line.size > 1 && bytes < DUMPED_BYTES) {
        if (read_figures(line, 16, 2, &number) == 2) {
            wiped_add(out, (guint8)number);
            line = view_from(line, line.at + 2);
            bytes++;
        } else if (*line.at == ' ' || *line.at == ':') {
            line = view_from(line, line.at + 1);
        } else {
            return;
        }
    }
}

static struct wiped *take_off_dump(struct view text)
{
    auto_ptr(wiped) out = wiped_new(text.size);

    while (text.size > 0) {
        add_dumped(out, take_next_line(&text));
    }
    return out->size >= SHORTEST_LIST ? g_steal_pointer(&out) : NULL;
}

/* [48, 130, 4] or [48, -126, 4]: bytes as programs print lists of them. */
static struct wiped *take_off_numbers(struct view text)
{
    auto_ptr(wiped) out = wiped_new(text.size);
    unsigned count = 0, most = 0;

    for (const guint8 *at = text.at; at < text.at + text.size; at++) {
        gunichar number;
        size_t digits =
            g_ascii_isdigit((char)*at) ? read_figures(view_from(text, at), 10, 4, &number) : 0;
        if (digits > 0 && number < 256) {
            wiped_add(out, (guint8)(at > text.at && at[-1] == '-' ? 256 - number : number));
            most = MAX(most, ++count);
            at += digits - 1;
        } else if (digits > 0 || digit_of_hex(*at) != BETWEEN) {
            count = 0;
        }
    }
    return most >= SHORTEST_LIST ? g_steal_pointer(&out) : NULL;
}

layer_take_off *const layers[] = {
    layers_take_off_escapes,
    layers_take_off_form,
    layers_take_off_quoted,
    layers_take_off_margins,
    layers_take_off_base64,
    take_off_base64_1,
    take_off_base64_2,
    take_off_base64_3,
    take_off_hex_0,
    take_off_hex_1,
    take_off_dump,
    take_off_numbers,
    NULL,
};
