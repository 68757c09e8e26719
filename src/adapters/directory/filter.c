/* SPDX-License-Identifier: MIT
 *
 * Escaping, by libldap wherever it has a function for it.
 */
#include "adapters/directory/filter.h"

#include <ldap.h>

#define PLACE "{account}"

/* From 1601, when Windows begins to count. */
#define SECONDS_BEFORE_1970 G_GINT64_CONSTANT(11644473600)

static void append_escaped(GString *filter, const char *value)
{
    struct berval in = {.bv_len = strlen(value), .bv_val = (char *)value};
    struct berval out = {0};

    /* Of nothing the function makes NULL, not "". */
    if (in.bv_len == 0)
        return;
    if (ldap_bv2escaped_filter_value(&in, &out) != 0)
        g_error("could not escape a value for a filter: out of memory");
    g_string_append(filter, out.bv_val);
    ber_memfree(out.bv_val);
}

char *filter_equals(const char *attribute, const char *prefix, const char *value)
{
    GString *filter = g_string_new("(");

    g_string_append_printf(filter, "%s=", attribute);
    append_escaped(filter, prefix);
    append_escaped(filter, value);
    g_string_append_c(filter, ')');
    return g_string_free(filter, FALSE);
}

char *filter_equals_bytes(const char *attribute, const char *hexadecimal)
{
    size_t digits = strlen(hexadecimal);
    GString *filter;

    if (digits == 0 || digits % 2 || strspn(hexadecimal, "0123456789abcdefABCDEF") != digits)
        return NULL;
    filter = g_string_new("(");
    g_string_append_printf(filter, "%s=", attribute);
    for (size_t i = 0; i < digits; i += 2)
        g_string_append_printf(filter, "\\%.2s", hexadecimal + i);
    g_string_append_c(filter, ')');
    return g_string_free(filter, FALSE);
}

char *filter_for_login(const char *filter, const char *login)
{
    g_autoptr(GString) escaped = g_string_new("");
    GString *made = g_string_new(filter);

    append_escaped(escaped, login);
    g_string_replace(made, "%u", escaped->str, 0);
    return g_string_free(made, FALSE);
}

char *filter_for_anybody(const char *filter)
{
    GString *made = g_string_new(filter);

    g_string_replace(made, "%u", "*", 0);
    if (filter_is_sound(made->str))
        return g_string_free(made, FALSE);
    g_string_free(made, TRUE);
    return NULL;
}

char *filter_now(const char *filter)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *time = g_date_time_format(now, "%Y%m%d%H%M%SZ");
    g_autofree char *filetime = g_strdup_printf(
        "%" G_GINT64_FORMAT, (g_date_time_to_unix(now) + SECONDS_BEFORE_1970) * 10000000);
    GString *made = g_string_new(filter);

    g_string_replace(made, "%filetime", filetime, 0);
    g_string_replace(made, "%time", time, 0);
    return g_string_free(made, FALSE);
}

char *filter_any(const GPtrArray *clauses, guint from)
{
    GString *filter;

    /* 389 Directory Server 2.3 finds nothing by "(|(&...(!(|(a)(b)))))", though by what is in it. */
    if (clauses->len == from + 1)
        return g_strdup(clauses->pdata[from]);
    filter = g_string_new("(|");
    for (guint i = from; i < clauses->len && i < from + CLAUSES_IN_FILTER; i++)
        g_string_append(filter, clauses->pdata[i]);
    g_string_append_c(filter, ')');
    return g_string_free(filter, FALSE);
}

char *filter_all(const char *first, const char *second, const char *third)
{
    return g_strconcat("(&", first, second, third, ")", NULL);
}

/*
 * The one public function of libldap that parses a whole filter is a search: it
 * fails differently on the filter than on the server, which here cannot exist.
 */
bool filter_is_sound(const char *filter)
{
    LDAP *ldap = NULL;
    int message, result;

    if (ldap_initialize(&ldap, "ldapi://%2f") != LDAP_SUCCESS)
        g_error("could not make a handle of libldap: out of memory");
    result =
        ldap_search_ext(ldap, "", LDAP_SCOPE_BASE, filter, NULL, 0, NULL, NULL, NULL, 0, &message);
    ldap_unbind_ext(ldap, NULL, NULL);
    return result != LDAP_FILTER_ERROR;
}

bool dn_is_sound(const char *dn)
{
    LDAPDN parsed = NULL;
    bool sound = ldap_str2dn(dn, &parsed, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS && parsed;

    ldap_dnfree(parsed);
    return sound;
}

char *dn_key(const char *dn)
{
    LDAPDN parsed = NULL;
    char *written = NULL;
    char *key;

    if (ldap_str2dn(dn, &parsed, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS)
        ldap_dn2str(parsed, &written, LDAP_DN_FORMAT_LDAPV3);
    key = g_ascii_strdown(written ? written : dn, -1);
    ldap_dnfree(parsed);
    ldap_memfree(written);
    return key;
}

/* The names that RFC 4514 3 gives these, and mail's. */
static const char *name_of_type(const char *type)
{
    static const struct {
        const char *number, *name;
    } known[] = {
        {"2.5.4.3", "cn"},
        {"2.5.4.4", "sn"},
        {"2.5.4.6", "c"},
        {"2.5.4.7", "l"},
        {"2.5.4.8", "st"},
        {"2.5.4.9", "street"},
        {"2.5.4.10", "o"},
        {"2.5.4.11", "ou"},
        {"0.9.2342.19200300.100.1.1", "uid"},
        {"0.9.2342.19200300.100.1.3", "mail"},
        {"0.9.2342.19200300.100.1.25", "dc"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (strcmp(type, known[i].number) == 0)
            return known[i].name;
    return type;
}

/* Without regard to case and to blanks at the ends, and one blank for several: RFC 4518 2.6. */
static char *folded_value(const struct berval *value)
{
    g_autofree char *text = g_strndup(value->bv_val, value->bv_len);
    g_autofree char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_ALL);
    g_autofree char *folded = composed
                                  ? g_utf8_casefold(composed, -1)
                                  : g_base64_encode((const guchar *)value->bv_val, value->bv_len);
    GString *squeezed = g_string_new("");

    for (const char *at = g_strstrip(folded); *at; at++)
        if (*at != ' ' || at[-1] != ' ')
            g_string_append_c(squeezed, *at);
    return g_string_free(squeezed, FALSE);
}

static int by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Its parts, each with its length in front, so that no value passes for two. */
static void append_rdn(GString *key, LDAPRDN rdn)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);

    for (LDAPAVA **ava = rdn; *ava; ava++) {
        g_autofree char *type = g_strndup((*ava)->la_attr.bv_val, (*ava)->la_attr.bv_len);
        g_autofree char *lower = g_ascii_strdown(type, -1);
        g_autofree char *value = folded_value(&(*ava)->la_value);
        g_ptr_array_add(parts, g_strdup_printf("%s=%s", name_of_type(lower), value));
    }
    g_ptr_array_sort(parts, by_text);
    for (guint i = 0; i < parts->len; i++)
        g_string_append_printf(key, "%c%zu %s", i ? '+' : ',', strlen(parts->pdata[i]),
                               (const char *)parts->pdata[i]);
}

/* NULL when it cannot be read. */
static char *folded_dn(const char *dn)
{
    GString *key = g_string_new("");
    LDAPDN parsed = NULL;

    if (ldap_str2dn(dn, &parsed, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS) {
        g_string_free(key, TRUE);
        return NULL;
    }
    for (LDAPRDN *rdn = parsed; rdn && *rdn; rdn++)
        append_rdn(key, *rdn);
    ldap_dnfree(parsed);
    return g_string_free(key, FALSE);
}

bool dn_below(const char *dn, const char *base)
{
    g_autofree char *key = dn_key(dn);
    g_autofree char *end = dn_key(base);
    g_autofree char *suffix = g_strconcat(",", end, NULL);

    return strcmp(key, end) == 0 || g_str_has_suffix(key, suffix);
}

bool dn_same(const char *dn, const char *other)
{
    g_autofree char *one = folded_dn(dn);
    g_autofree char *two = folded_dn(other);

    return strcmp(dn, other) == 0 || (one && two && strcmp(one, two) == 0);
}

static void append_dn_value(GString *dn, const char *value)
{
    for (const char *at = value; *at; at++) {
        bool blank_at_edge = *at == ' ' && (at == value || !at[1]);
        if (g_ascii_iscntrl(*at)) {
            g_string_append_printf(dn, "\\%02X", (guchar)*at);
            continue;
        }
        if (blank_at_edge || (*at == '#' && at == value) || strchr(",+\"\\<>;=", *at))
            g_string_append_c(dn, '\\');
        g_string_append_c(dn, *at);
    }
}

char *dn_from_template(const char *pattern, const char *account)
{
    const char *place = strstr(pattern, PLACE);
    GString *dn = g_string_new_len(pattern, place - pattern);

    append_dn_value(dn, account);
    g_string_append(dn, place + strlen(PLACE));
    return g_string_free(dn, FALSE);
}

/* The value of an attribute written as in a DN; NULL when the text is more or less than one. */
static char *dn_value(const char *written)
{
    g_autofree char *text = g_strconcat("cn=", written, NULL);
    LDAPDN dn = NULL;
    char *value = NULL;

    if (ldap_str2dn(text, &dn, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
        return NULL;
    if (dn[0] && !dn[1] && dn[0][0] && !dn[0][1])
        value = g_strndup(dn[0][0]->la_value.bv_val, dn[0][0]->la_value.bv_len);
    ldap_dnfree(dn);
    return value;
}

char *dn_account_of_template(const char *pattern, const char *dn)
{
    g_autofree char *wanted = dn_key(pattern);
    g_autofree char *key = dn_key(dn);
    char *place = strstr(wanted, PLACE);
    const char *after;

    if (!place)
        return NULL;
    *place = '\0';
    after = place + strlen(PLACE);
    if (strlen(key) <= strlen(wanted) + strlen(after) || !g_str_has_prefix(key, wanted) ||
        !g_str_has_suffix(key, after))
        return NULL;
    key[strlen(key) - strlen(after)] = '\0';
    return dn_value(key + strlen(wanted));
}
