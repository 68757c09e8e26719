/* SPDX-License-Identifier: MIT
 *
 * Hostnames: one reason for each way in which one can be refused, and the
 * verdict over the answers of DNS.
 */
#include "rules/hostname.h"

#include "base/limits.h"
#include "rules/source.h"
#include "rules/typed.h"

#include <idn2.h>
#include <string.h>

#define LDH "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

static bool is_address(const char *text)
{
    struct network network;

    return network_parse(text, &network) != NETWORK_NOT_AN_ADDRESS;
}

/* The name in a web address, a path or with a port. */
static char *bare_name(const char *text)
{
    const char *scheme = strstr(text, "://");
    const char *name = scheme ? scheme + 3 : text;

    return g_strndup(name, strcspn(name, "/:?#"));
}

/* What people enter that is something else than a name; false with a finding. */
static bool check_kind(const char *text, const char *shown, struct findings *findings)
{
    g_autofree char *name = bare_name(text);
    g_autofree char *suggestion = typed_show(name);
    enum finding_id id;

    if (!*text)
        id = FINDING_HOSTNAME_EMPTY;
    else if (is_address(text))
        id = FINDING_HOSTNAME_ADDRESS;
    else if (strchr(text, '/'))
        id = FINDING_HOSTNAME_URL;
    else if (strchr(text, '@'))
        id = FINDING_HOSTNAME_MAIL_ADDRESS;
    else if (strchr(text, ':'))
        id = FINDING_HOSTNAME_PORT;
    else if (strchr(text, '*'))
        id = FINDING_HOSTNAME_WILDCARD;
    else
        return true;
    findings_add(findings, id, shown, suggestion, NULL);
    return false;
}

/* International names as A-labels (RFC 5891 5); A-labels are checked likewise. */
static char *to_ascii(const char *text, const char *shown, struct findings *findings)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);
    char *name = NULL;
    int answer;

    if (g_str_is_ascii(lower) && !strstr(lower, "xn--"))
        return g_steal_pointer(&lower);
    answer = idn2_to_ascii_8z(lower, &name, IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
    if (answer == IDN2_OK) {
        char *copy = g_strdup(name);
        idn2_free(name);
        return copy;
    }
    findings_add(findings,
                 answer == IDN2_TOO_BIG_DOMAIN  ? FINDING_HOSTNAME_TOO_LONG
                 : answer == IDN2_TOO_BIG_LABEL ? FINDING_HOSTNAME_LABEL_TOO_LONG
                                                : FINDING_HOSTNAME_IDNA,
                 shown, NULL);
    return NULL;
}

static bool is_number(const char *label)
{
    return label[strspn(label, "0123456789")] == '\0';
}

/* Why one label is wrong; FINDING_COUNT when it is right. */
static enum finding_id judge_label(const char *label)
{
    size_t length = strlen(label);

    if (length == 0)
        return FINDING_HOSTNAME_EMPTY_LABEL;
    if (strchr(label, '_'))
        return FINDING_HOSTNAME_UNDERSCORE;
    if (label[strspn(label, LDH)])
        return FINDING_HOSTNAME_CHARACTERS;
    if (length > LIMIT_LABEL)
        return FINDING_HOSTNAME_LABEL_TOO_LONG;
    if (label[0] == '-' || label[length - 1] == '-')
        return FINDING_HOSTNAME_HYPHEN;
    return FINDING_COUNT;
}

/* Why an ASCII name is wrong (RFC 1123 2.1, RFC 1035 2.3.4); FINDING_COUNT when it is right. */
static enum finding_id judge_name(const char *name)
{
    g_auto(GStrv) labels = g_strsplit(name, ".", -1);
    guint count = g_strv_length(labels);

    if (strlen(name) > LIMIT_HOSTNAME)
        return FINDING_HOSTNAME_TOO_LONG;
    for (char **label = labels; *label; label++) {
        enum finding_id id = judge_label(*label);
        if (id != FINDING_COUNT)
            return id;
    }
    if (count == 0 || is_number(labels[count - 1]))
        return FINDING_HOSTNAME_NUMERIC;
    return count < 2 ? FINDING_HOSTNAME_SINGLE_LABEL : FINDING_COUNT;
}

bool hostname_is_plain(const char *name)
{
    return judge_name(name) == FINDING_COUNT;
}

/* The first character of the name that no hostname has; "" when there is none. */
static char *odd_character(const char *name)
{
    const char *odd = name + strspn(name, LDH ".");

    return g_strndup(odd, *odd ? (gsize)(g_utf8_next_char(odd) - odd) : 0);
}

char *hostname_canonical(const char *typed)
{
    auto_ptr(findings) ignored = findings_new();
    g_autofree char *text = typed_clean(typed);
    char *name = to_ascii(text, text, ignored);

    if (name && g_str_has_suffix(name, ".") && name[1])
        name[strlen(name) - 1] = '\0';
    return name;
}

char *hostname_check(const char *typed, struct findings *findings)
{
    g_autofree char *text = typed_clean(typed);
    g_autofree char *shown = typed_show(text);
    g_autofree char *name = NULL;
    g_autofree char *odd = NULL;
    enum finding_id id;

    if (!check_kind(text, shown, findings))
        return NULL;
    if (g_str_has_suffix(text, ".") && text[1])
        text[strlen(text) - 1] = '\0';
    name = to_ascii(text, shown, findings);
    if (!name)
        return NULL;
    id = judge_name(name);
    if (id == FINDING_COUNT)
        return g_steal_pointer(&name);
    odd = odd_character(name);
    findings_add(findings, id, shown, odd, NULL);
    return NULL;
}

GPtrArray *hostname_check_names(const char *typed, struct findings *findings)
{
    g_auto(GStrv) entries = source_split(typed);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    if (!entries[0])
        findings_add(findings, FINDING_HOSTNAME_EMPTY, NULL);
    if (g_strv_length(entries) > LIMIT_HOSTNAMES) {
        g_autofree char *most = g_strdup_printf("%u", LIMIT_HOSTNAMES);
        findings_add(findings, FINDING_HOSTNAME_TOO_MANY, most, NULL);
        return g_steal_pointer(&names);
    }
    for (char **entry = entries; *entry; entry++) {
        g_autofree char *name = hostname_check(*entry, findings);
        if (name && !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
            g_ptr_array_add(names, g_steal_pointer(&name));
    }
    return g_steal_pointer(&names);
}

static void reverse_free(gpointer data)
{
    struct hostname_reverse *reverse = data;

    g_ptr_array_unref(reverse->names);
    g_free(reverse);
}

struct hostname_answers *hostname_answers_new(const char *name)
{
    struct hostname_answers *answers = g_new0(struct hostname_answers, 1);

    answers->name = g_strdup(name);
    answers->ipv4 = DNS_UNAVAILABLE;
    answers->ipv6 = DNS_UNAVAILABLE;
    answers->addresses = g_array_new(FALSE, FALSE, sizeof(struct network));
    answers->reverse = g_ptr_array_new_with_free_func(reverse_free);
    return answers;
}

void hostname_answers_free(struct hostname_answers *answers)
{
    if (!answers)
        return;
    g_free(answers->name);
    g_array_unref(answers->addresses);
    g_ptr_array_unref(answers->reverse);
    g_free(answers);
}

struct hostname_reverse *hostname_answers_add_reverse(struct hostname_answers *answers,
                                                      const struct network *address)
{
    struct hostname_reverse *reverse = g_new0(struct hostname_reverse, 1);

    reverse->address = *address;
    reverse->answer = DNS_UNAVAILABLE;
    reverse->names = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(answers->reverse, reverse);
    return reverse;
}

static void check_address(const char *name, const struct network *address, const GPtrArray *all,
                          const GPtrArray *chosen, struct findings *findings)
{
    const struct location *other = location_holding(all, address);
    g_autofree char *text = network_format_address(address);

    if (location_holding(chosen->len ? chosen : all, address))
        return;
    if (other)
        findings_add(findings, FINDING_HOSTNAME_OUTSIDE, name, text, other->name, NULL);
    else
        findings_add(findings, FINDING_HOSTNAME_OUTSIDE_ALL, name, text, NULL);
}

static void check_reverse(const char *name, const struct hostname_reverse *reverse,
                          struct findings *findings)
{
    g_autofree char *address = network_format_address(&reverse->address);
    const GPtrArray *names = reverse->names;

    if (reverse->answer == DNS_UNAVAILABLE)
        findings_add(findings, FINDING_HOSTNAME_REVERSE_UNKNOWN, name, address, NULL);
    else if (reverse->answer != DNS_FOUND || names->len == 0)
        findings_add(findings, FINDING_HOSTNAME_NO_REVERSE, name, address, NULL);
    else if (!g_ptr_array_find_with_equal_func((GPtrArray *)names, name, g_str_equal, NULL))
        findings_add(findings, FINDING_HOSTNAME_OTHER_REVERSE, name, address,
                     (const char *)g_ptr_array_index(names, 0), NULL);
}

static void check_existence(const struct hostname_answers *answers, struct findings *findings)
{
    bool nobody = answers->ipv4 == DNS_NO_NAME && answers->ipv6 == DNS_NO_NAME;

    if (answers->ipv4 == DNS_UNAVAILABLE || answers->ipv6 == DNS_UNAVAILABLE)
        findings_add(findings, FINDING_HOSTNAME_UNAVAILABLE, answers->name, NULL);
    else if (answers->addresses->len == 0)
        findings_add(findings, nobody ? FINDING_HOSTNAME_NOT_FOUND : FINDING_HOSTNAME_NO_ADDRESS,
                     answers->name, NULL);
}

/* As many would pass by the largest network that may be registered, and anew with each change
   of a zone. Nothing else is said of such a name. */
static bool check_count(const struct hostname_answers *answers, struct findings *findings)
{
    g_autofree char *count = g_strdup_printf("%u", answers->addresses->len);
    g_autofree char *most = g_strdup_printf("%u", LIMIT_HOSTNAME_ADDRESSES);

    if (answers->addresses->len <= LIMIT_HOSTNAME_ADDRESSES)
        return true;
    findings_add(findings, FINDING_HOSTNAME_TOO_MANY_ADDRESSES, answers->name, count, most, NULL);
    return false;
}

void hostname_check_answers(const struct hostname_answers *answers, const GPtrArray *all,
                            const GPtrArray *chosen, struct findings *findings)
{
    check_existence(answers, findings);
    if (!check_count(answers, findings))
        return;
    for (guint i = 0; i < answers->addresses->len; i++)
        check_address(answers->name, &g_array_index(answers->addresses, struct network, i), all,
                      chosen, findings);
    for (guint i = 0; i < answers->reverse->len; i++)
        check_reverse(answers->name, g_ptr_array_index(answers->reverse, i), findings);
}
