/* SPDX-License-Identifier: MIT
 *
 * Authors by GMime.
 */
#include "adapters/mail/author.h"

#include "rules/address.h"
#include "rules/typed.h"

#include <config.h>
#include <gmime/gmime.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParserOptions, g_mime_parser_options_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(InternetAddressList, g_object_unref)

static void on_warning(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer warned)
{
    (void)offset;
    (void)code;
    (void)item;
    *(bool *)warned = true;
}

static InternetAddressList *parse(const char *line, GMimeRfcComplianceMode mode, bool *warned)
{
    g_autoptr(GMimeParserOptions) options = g_mime_parser_options_new();

    g_mime_parser_options_set_address_compliance_mode(options, mode);
    g_mime_parser_options_set_rfc2047_compliance_mode(options, mode);
#if HAVE_GMIME_WARNING_DESTROY
    g_mime_parser_options_set_warning_callback(options, on_warning, warned, NULL);
#else
    g_mime_parser_options_set_warning_callback(options, on_warning, warned);
#endif
    return internet_address_list_parse(options, line);
}

/* One line; NULL when a control character is left in it. Caller frees. */
static char *unfold(const char *value)
{
    GString *line = g_string_new(NULL);

    for (const char *at = value; *at; at++) {
        bool folds = at[0] == '\n' && (at[1] == ' ' || at[1] == '\t');
        if (g_ascii_iscntrl(*at) && *at != '\t' && !folds)
            return g_string_free(line, TRUE);
        if (!folds)
            g_string_append_c(line, *at);
    }
    return g_string_free(line, FALSE);
}

static size_t count(const char *line, char wanted)
{
    size_t found = 0;

    for (; *line; line++)
        found += *line == wanted;
    return found;
}

/* A name with brackets is an address to who decodes it first and reads it then. */
static bool has_plain_name(InternetAddress *one)
{
    const char *name = internet_address_get_name(one);

    return !name || !strpbrk(name, "<>\r\n");
}

/* The address of a list of one mailbox; NULL when it is none. Owned by the list. */
static const char *only_address(InternetAddressList *list)
{
    InternetAddress *one =
        list && internet_address_list_length(list) == 1 ? internet_address_list_get_address(list, 0) : NULL;

    if (!one || !INTERNET_ADDRESS_IS_MAILBOX(one) || !has_plain_name(one))
        return NULL;
    return internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(one));
}

/* Whether an @ stands before the end, and not in quotation marks, or those are not closed there. */
static bool has_bare_at(const char *line, const char *end)
{
    bool quoted = false;

    for (; line < end; line++) {
        if (*line == '@' && !quoted)
            return true;
        if (*line == '\\' && quoted)
            line++;
        else if (*line == '"')
            quoted = !quoted;
    }
    return quoted;
}

/* In brackets, what stands in them; else the line, whose comments must not hold an @. */
static bool shows_plainly(const char *line, const char *address)
{
    const char *opening = strchr(line, '<');
    const char *closing = strchr(line, '>');
    size_t length = strlen(address);
    g_autofree char *lower = g_ascii_strdown(line, -1);

    if (!opening && !closing)
        return count(line, '@') == 1 && strstr(lower, address);
    return count(line, '<') == 1 && count(line, '>') == 1 &&
           closing == opening + 1 + length && !has_bare_at(line, opening) &&
           strncmp(lower + (opening - line) + 1, address, length) == 0;
}

/* A sound address in lower case, or NULL. */
static char *sound_address(const char *found)
{
    auto_ptr(findings) findings = findings_new();
    g_autofree char *sound = found ? address_check(found, NULL, findings) : NULL;
    g_autofree char *lower = g_ascii_strdown(found ? found : "", -1);

    return g_strcmp0(sound, lower) == 0 ? g_steal_pointer(&sound) : NULL;
}

/* "root (Cron Daemon)". What is encoded may hold an @, and so may what follows an open quotation mark. */
static bool is_name_alone(const char *line)
{
    const char *first = line + strspn(line, " \t\"");

    return g_ascii_isalnum(*first) && !strpbrk(line, "@<>") && !strstr(line, "=?") &&
           count(line, '"') % 2 == 0;
}

/* Why it is not one address, as far as GMime made something of it. */
static enum author_reading reading_of(const char *line, InternetAddressList *list)
{
    int length = list ? internet_address_list_length(list) : 0;

    for (int i = 0; i < length; i++)
        if (INTERNET_ADDRESS_IS_GROUP(internet_address_list_get_address(list, i)))
            return AUTHOR_GROUP;
    if (length > 1)
        return AUTHOR_SEVERAL;
    return is_name_alone(line) ? AUTHOR_NO_DOMAIN : AUTHOR_UNREADABLE;
}

/* ---- addresses in the name ---- */

/* No name needs more; a longer list is not read, and so not let pass. */
#define MOST_NAMED 20

#define LOCAL_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+/=?^_`{|}~-"
#define DOMAIN_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-"

/* The address around that @ of the text, or NULL; a full stop behind it ends the sentence. */
static char *address_around(const char *text, const char *at)
{
    const char *start = at, *end = at + 1 + strspn(at + 1, DOMAIN_CHARACTERS);
    g_autofree char *found = NULL;

    while (start > text && strchr(LOCAL_CHARACTERS, start[-1]))
        start--;
    while (end > at && end[-1] == '.')
        end--;
    found = g_strndup(start, end - start);
    return sound_address(found);
}

static void add_addresses(const char *text, const char *own, GPtrArray *named)
{
    for (const char *at = strchr(text, '@'); at && named->len <= MOST_NAMED;
         at = strchr(at + 1, '@')) {
        g_autofree char *found = address_around(text, at);
        if (found && !g_str_equal(found, own))
            g_ptr_array_add(named, g_steal_pointer(&found));
    }
}

/* In the compatibility form, in which a full-width @ is one, and without what nobody sees. */
static char *as_seen(const char *name)
{
    g_autofree char *clean = typed_clean(name);

    return g_utf8_normalize(clean, -1, G_NORMALIZE_ALL_COMPOSE);
}

/* In the decoded name, and in what stands behind the brackets. */
static GPtrArray *addresses_beside(const char *line, InternetAddressList *list, const char *own)
{
    GPtrArray *named = g_ptr_array_new_with_free_func(g_free);
    const char *name = internet_address_get_name(internet_address_list_get_address(list, 0));
    g_autofree char *seen = as_seen(name ? name : "");
    const char *closing = strchr(line, '>');

    if (seen)
        add_addresses(seen, own, named);
    if (closing)
        add_addresses(closing, own, named);
    return named;
}

enum author_reading mail_author(const char *value, char **address, GPtrArray **named)
{
    g_autofree char *line = unfold(value);
    g_autofree char *sound = NULL;
    g_autoptr(InternetAddressList) loose = NULL;
    g_autoptr(InternetAddressList) strict = NULL;
    g_autoptr(GPtrArray) beside = NULL;
    bool ignored = false, warned = false;

    if (!line)
        return AUTHOR_UNREADABLE;
    if (!g_str_is_ascii(line))
        return AUTHOR_NOT_ASCII;
    loose = parse(line, GMIME_RFC_COMPLIANCE_LOOSE, &ignored);
    sound = sound_address(only_address(loose));
    /* GMime 3.2 loses a few bytes over some lines in its strict mode: nearly all are refused here. */
    if (!sound || !shows_plainly(line, sound))
        return reading_of(line, loose);
    strict = parse(line, GMIME_RFC_COMPLIANCE_STRICT, &warned);
    if (warned || g_strcmp0(only_address(strict), only_address(loose)) != 0)
        return reading_of(line, strict);
    beside = addresses_beside(line, loose, sound);
    if (beside->len > MOST_NAMED)
        return AUTHOR_UNREADABLE;
    *named = g_steal_pointer(&beside);
    *address = g_steal_pointer(&sound);
    return AUTHOR_ONE;
}
