/* SPDX-License-Identifier: MIT
 *
 * Sending addresses: one reason for each way in which one can be refused.
 */
#include "rules/address.h"

#include "base/limits.h"
#include "rules/hostname.h"
#include "rules/typed.h"

#include <string.h>

/* What a dot-string may hold besides letters and digits (RFC 5322 3.2.3, atext). */
#define ATEXT_SIGNS "!#$%&'*+-/=?^_`{|}~"

static bool is_atext(char c)
{
    return g_ascii_isalnum(c) || (c && strchr(ATEXT_SIGNS, c));
}

/* The first character that a dot-string cannot hold, as text; NULL when there is none. */
static char *odd_character(const char *local)
{
    for (; *local; local++)
        if (!is_atext(*local) && *local != '.')
            return g_strndup(local, 1);
    return NULL;
}

static bool has_misplaced_dot(const char *local)
{
    return local[0] == '.' || g_str_has_suffix(local, ".") || strstr(local, "..");
}

/* The shape around the part before and the part after the @. */
static bool check_shape(const char *address, struct findings *findings)
{
    g_autofree char *shown = typed_show(address);
    const char *at = strchr(address, '@');
    enum finding_id id;

    if (!*address)
        id = FINDING_ADDRESS_EMPTY;
    else if (strpbrk(address, ",;") || (at && strpbrk(at, " \n") && strchr(at + 1, '@')))
        id = FINDING_ADDRESS_SEVERAL;
    else if (strpbrk(address, "<>"))
        id = FINDING_ADDRESS_DISPLAY_NAME;
    else if (!g_str_is_ascii(address))
        id = FINDING_ADDRESS_NOT_ASCII;
    else if (strchr(address, '"'))
        id = FINDING_ADDRESS_QUOTED;
    else if (strpbrk(address, " \n"))
        id = FINDING_ADDRESS_BLANK;
    else if (!at)
        id = FINDING_ADDRESS_NO_AT;
    else if (strchr(at + 1, '@'))
        id = FINDING_ADDRESS_SECOND_AT;
    else
        return true;
    findings_add(findings, id, shown, NULL);
    return false;
}

static bool check_local_part(const char *local, const char *shown, struct findings *findings)
{
    g_autofree char *odd = odd_character(local);

    if (!*local)
        findings_add(findings, FINDING_ADDRESS_NO_LOCAL_PART, shown, NULL);
    else if (strlen(local) > LIMIT_LOCAL_PART)
        findings_add(findings, FINDING_ADDRESS_LOCAL_TOO_LONG, NULL);
    else if (odd)
        findings_add(findings, FINDING_ADDRESS_CHARACTERS, shown, odd, NULL);
    else if (*local == '#')
        findings_add(findings, FINDING_ADDRESS_HASH, shown, NULL);
    else if (has_misplaced_dot(local))
        findings_add(findings, FINDING_ADDRESS_DOTS, shown, NULL);
    else
        return true;
    return false;
}

static bool is_allowed(const char *domain, const GPtrArray *domains)
{
    return !domains ||
           g_ptr_array_find_with_equal_func((GPtrArray *)domains, domain, g_str_equal, NULL);
}

char *address_list_domains(const GPtrArray *domains, guint most)
{
    GString *list = g_string_new(NULL);
    guint shown = MIN(domains->len, most);

    for (guint i = 0; i < shown; i++) {
        if (i > 0)
            g_string_append(list, i + 1 < domains->len ? ", " : " or ");
        g_string_append_printf(list, "@%s", (const char *)g_ptr_array_index(domains, i));
    }
    if (shown < domains->len)
        g_string_append_printf(list, " or %u other%s", domains->len - shown,
                               domains->len - shown > 1 ? "s" : "");
    return g_string_free(list, FALSE);
}

static bool check_domain(const char *domain, const GPtrArray *domains, const char *shown,
                         struct findings *findings)
{
    if (!*domain) {
        findings_add(findings, FINDING_ADDRESS_NO_DOMAIN, shown, NULL);
    } else if (*domain == '[') {
        findings_add(findings, FINDING_ADDRESS_LITERAL, shown, NULL);
    } else if (!hostname_is_plain(domain)) {
        g_autofree char *shown_domain = typed_show(domain);
        findings_add(findings, FINDING_ADDRESS_DOMAIN_SYNTAX, shown, shown_domain, NULL);
    } else if (!is_allowed(domain, domains)) {
        g_autofree char *list = address_list_domains(domains, G_MAXUINT);
        findings_add(findings, FINDING_ADDRESS_DOMAIN, shown, list, NULL);
    } else {
        return true;
    }
    return false;
}

/* Takes a separator at the end and one pair of angle brackets off, in place. */
static char *unwrap(char *address)
{
    size_t length = strlen(address);

    if (length > 0 && strchr(",;", address[length - 1]))
        address[--length] = '\0';
    if (length < 2 || address[0] != '<' || address[length - 1] != '>')
        return address;
    memmove(address, address + 1, length - 2);
    address[length - 2] = '\0';
    return g_strstrip(address);
}

char *address_check(const char *typed, const GPtrArray *domains, struct findings *findings)
{
    g_autofree char *clean = unwrap(typed_clean(typed));
    g_autofree char *address = address_normalise(clean);
    g_autofree char *shown = typed_show(clean);
    g_autofree char *local = NULL;
    const char *domain;
    bool good;

    if (!check_shape(clean, findings))
        return NULL;
    if (strlen(address) > LIMIT_ADDRESS) {
        findings_add(findings, FINDING_ADDRESS_TOO_LONG, NULL);
        return NULL;
    }
    domain = strchr(address, '@') + 1;
    local = g_strndup(address, (size_t)(domain - 1 - address));
    good = check_local_part(local, shown, findings);
    good = check_domain(domain, domains, shown, findings) && good;
    return good ? g_steal_pointer(&address) : NULL;
}

char *address_normalise(const char *address)
{
    char *lower = g_ascii_strdown(address, -1);

    if (g_str_has_suffix(lower, "."))
        lower[strlen(lower) - 1] = '\0';
    return lower;
}

char *address_reverse_path(const char *typed)
{
    size_t length = strlen(typed);
    g_autofree char *bare = length >= 2 && typed[0] == '<' && typed[length - 1] == '>'
                                ? g_strndup(typed + 1, length - 2)
                                : g_strdup(typed);

    return address_normalise(bare);
}
