/* SPDX-License-Identifier: MIT
 *
 * Why a look-up found nothing: the same question asked of the whole directory and without the
 * settings' filters, and what stands in the way of each entry that comes.
 */
#include "adapters/directory/explain.h"
#include "adapters/directory/filter.h"

#include "base/error.h"

/* So many entries and values are told. */
#define MOST_TOLD 20

void directory_explain(struct directory *directory)
{
    directory->explains = true;
}

unsigned directory_mistakes(const struct directory *directory)
{
    return directory->mistakes;
}

void directory_mistake(struct directory *directory, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    directory->mistakes++;
    directory_tell(directory, "mistake: %s", text);
}

/* An explanation that cannot be had leaves the answer as it is. */
void explain_failure(struct directory *directory, const GError *failure)
{
    if (failure &&
        (failure->code == APPSMTP_ERROR_CONFIGURATION || failure->code == APPSMTP_ERROR_LIMIT))
        directory_mistake(directory, "%s", failure->message);
    else if (failure)
        directory_tell(directory, "could not look further: %s", failure->message);
}

static bool is_below_any(const char *dn, const GPtrArray *bases)
{
    for (guint i = 0; i < bases->len; i++)
        if (dn_below(dn, bases->pdata[i]))
            return true;
    return false;
}

/* ---- the whole directory */

/* The entries that one filter finds, and what is told of each. */
struct sighting {
    const char *filter;
    const char *const *attributes;
    entry_visitor visitor;
    void *data;
};

static bool search_all(struct connection *connection, const struct sighting *sighting,
                       GError **error)
{
    g_autoptr(GPtrArray) contexts = NULL;

    if (!search_contexts(connection, &contexts, error))
        return false;
    for (guint i = 0; i < contexts->len; i++) {
        struct search search = {.attempt = "search the whole directory",
                                .base = contexts->pdata[i],
                                .scope = LDAP_SCOPE_SUBTREE,
                                .filter = sighting->filter,
                                .attributes = sighting->attributes,
                                .missing = MISSING_IS_NOTHING};
        if (!search_each(connection, &search, sighting->visitor, sighting->data, NULL, error))
            return false;
    }
    return true;
}

static void explain_all(struct connection *connection, const struct sighting *sighting)
{
    g_autoptr(GError) failure = NULL;

    if (!search_all(connection, sighting, &failure))
        explain_failure(connection->directory, failure);
}

/* ---- a login that nobody has */

static bool see_person(struct connection *connection, LDAPMessage *entry, void *data)
{
    const struct directory_settings *settings = connection->directory->settings;
    const char *login = data;
    g_autofree char *dn = entry_dn(connection, entry);
    bool inside = is_below_any(dn, settings->user_bases);

    directory_tell(connection->directory, "%s has the %s %s, but %s", dn,
                   settings->user_login_attribute, login,
                   inside ? "does not match the filter of people"
                          : "is outside of the bases of people");
    return true;
}

void explain_person(struct connection *connection, const char *login)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = filter_equals(settings->user_login_attribute, "", login);
    const struct sighting sighting = {
        .filter = filter, .visitor = see_person, .data = (void *)login};

    explain_all(connection, &sighting);
}

/* ---- an address that no account has */

struct address_sighting {
    const char *address;
    bool explained; /* this entry: by its value of an address attribute */
};

/* Told where the value is the address but for the prefix, or for how it is written. */
static bool see_value(struct connection *connection, const char *dn, guint attribute, GBytes *value,
                      struct address_sighting *sighting)
{
    const char *address = sighting->address;
    const struct directory_settings *settings = connection->directory->settings;
    const struct address_attribute *from = settings->address_attributes->pdata[attribute];
    g_autofree char *text = value_text(value);
    g_autofree char *lower = text ? g_ascii_strdown(text, -1) : g_strdup("");
    g_autofree char *end = g_strconcat(":", address, NULL);
    bool primary;
    g_autofree char *held = account_address(settings, attribute, value, &primary);

    if (held || !strstr(lower, address))
        return held && strcmp(held, address) == 0;
    sighting->explained = true;
    if (!*from->prefix && g_str_has_suffix(lower, end))
        directory_mistake(connection->directory,
                          "%s of %s holds \"%s\", and no prefix is configured for it",
                          from->attribute, dn, text);
    else
        directory_tell(connection->directory,
                       "%s of %s holds \"%s\", which is not the address behind the prefix \"%s\"",
                       from->attribute, dn, text, from->prefix);
    return false;
}

static bool see_address(struct connection *connection, LDAPMessage *entry, void *data)
{
    const struct directory_settings *settings = connection->directory->settings;
    struct address_sighting *sighting = data;
    g_autofree char *dn = entry_dn(connection, entry);
    g_autofree char *mail = entry_text(connection, entry, settings->user_mail_attribute);
    bool holds = false;

    sighting->explained = false;
    if (!dn_below(dn, settings->account_base))
        directory_tell(connection->directory, "%s has it, but is outside of the base of accounts",
                       dn);
    for (guint i = 0; i < settings->address_attributes->len; i++) {
        const struct address_attribute *from = settings->address_attributes->pdata[i];
        g_autoptr(GPtrArray) values = entry_values(connection, entry, from->attribute);
        for (guint k = 0; k < values->len; k++)
            holds |= see_value(connection, dn, i, values->pdata[k], sighting);
    }
    if (holds && dn_below(dn, settings->account_base))
        directory_tell(connection->directory,
                       "%s has it, but does not match the filter of accounts", dn);
    if (!holds && !sighting->explained && mail && g_ascii_strcasecmp(mail, sighting->address) == 0)
        directory_tell(connection->directory, "%s has it as %s only", dn,
                       settings->user_mail_attribute);
    return true;
}

/* As it is, with the configured prefix, and with the one that a site may have forgotten. */
static char *address_clauses(const struct directory_settings *settings, const char *address)
{
    g_autoptr(GPtrArray) clauses = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < settings->address_attributes->len; i++) {
        const struct address_attribute *from = settings->address_attributes->pdata[i];
        g_ptr_array_add(clauses, filter_equals(from->attribute, from->prefix, address));
        g_ptr_array_add(clauses, filter_equals(from->attribute, "", address));
        g_ptr_array_add(clauses, filter_equals(from->attribute, "smtp:", address));
    }
    g_ptr_array_add(clauses, filter_equals(settings->user_mail_attribute, "", address));
    return filter_any(clauses, 0);
}

void explain_address(struct connection *connection, const char *address)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = address_clauses(settings, address);
    g_autofree const char **of_account = account_attributes(settings);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    struct address_sighting found = {.address = address};
    struct sighting sighting = {.filter = filter, .visitor = see_address, .data = &found};

    for (const char **name = of_account; *name; name++)
        g_ptr_array_add(names, (char *)*name);
    g_ptr_array_add(names, settings->user_mail_attribute);
    g_ptr_array_add(names, NULL);
    sighting.attributes = (const char *const *)names->pdata;
    explain_all(connection, &sighting);
}

/* ---- what says who has a role */

static bool matches_groups(struct connection *connection, const char *dn)
{
    g_autoptr(GPtrArray) clauses = list_of(connection->directory->settings->group_filter);
    bool matches = false;

    return entry_matches(connection, dn, clauses, MISSING_IS_NOTHING, &matches, NULL) && matches;
}

/* What of the entry that has a role stands in the way: it, or its members, are not shown. */
void explain_group(struct connection *connection, const char *dn)
{
    g_autofree const char **names = group_member_names(connection->directory->settings);
    g_autoptr(GError) failure = NULL;
    g_autoptr(LDAPMessage) result = NULL;
    bool member = false;

    if (!search_entry(connection, dn, names, &result, &failure)) {
        explain_failure(connection->directory, failure);
        return;
    }
    if (!result) {
        directory_tell(connection->directory, "%s does not exist, or is not shown", dn);
        return;
    }
    for (const char **name = names; *name; name++)
        member |= entry_has(connection, ldap_first_entry(connection->ldap, result), *name);
    if (!member && matches_groups(connection, dn))
        directory_tell(connection->directory,
                       "%s is a group that has no member, or its members are not shown", dn);
}

/* False where the value is not of the kind that the rule is about. */
static bool tell_value(struct connection *connection, const char *dn, const struct role_rule *rule,
                       const char *text)
{
    bool names_entry = dn_is_sound(text);

    directory_tell(connection->directory, "%s of %s: %s", rule->value, dn, text);
    if (rule->kind == ROLE_BY_DN_ATTRIBUTE && names_entry)
        explain_group(connection, text);
    return rule->kind == ROLE_BY_DN_ATTRIBUTE      ? names_entry
           : rule->kind == ROLE_BY_LOGIN_ATTRIBUTE ? !names_entry && !strpbrk(text, "@\\")
                                                   : true;
}

static void tell_values(struct connection *connection, const char *dn, LDAPMessage *entry,
                        const struct role_rule *rule)
{
    g_autoptr(GPtrArray) values = entry_values(connection, entry, rule->value);
    guint told = MIN(values->len, MOST_TOLD), other = 0;

    if (values->len == 0)
        directory_tell(connection->directory, "%s of %s: (no value, or not readable)", rule->value,
                       dn);
    for (guint i = 0; i < told; i++) {
        g_autofree char *text = value_text(values->pdata[i]);
        other += !tell_value(connection, dn, rule, text ? text : "(not a text)");
    }
    if (values->len > told)
        directory_tell(connection->directory, "%s of %s: %u more", rule->value, dn,
                       values->len - told);
    if (told > 0 && other == told)
        directory_mistake(connection->directory, "%s of %s holds %s, and the rule for it is a %s",
                          rule->value, dn,
                          rule->kind == ROLE_BY_DN_ATTRIBUTE ? "no name of an entry (DN)"
                                                             : "no login",
                          rule->kind == ROLE_BY_DN_ATTRIBUTE ? "dn-attribute" : "login-attribute");
}

static bool tell_rule(struct connection *connection, const struct role_rule *rule,
                      const struct candidate *candidate, const struct person *person,
                      GError **error)
{
    const char *const attributes[] = {rule->value, NULL};
    const char *dn = rule->kind == ROLE_BY_PERSON_ATTRIBUTE ? person->dn : candidate->account->dn;
    g_autoptr(LDAPMessage) result = NULL;

    if (rule->kind == ROLE_BY_GROUP_TEMPLATE) {
        if (!candidate->login)
            directory_tell(connection->directory,
                           "%s of %s: (no value, or not readable), so that no group of the "
                           "template \"%s\" is its",
                           connection->directory->settings->user_login_attribute,
                           candidate->account->dn, rule->value);
        return true;
    }
    if (!search_entry(connection, dn, attributes, &result, error))
        return false;
    if (result)
        tell_values(connection, dn, ldap_first_entry(connection->ldap, result), rule);
    return true;
}

void explain_rules(struct connection *connection, const struct candidate *candidate,
                   const struct person *person)
{
    const struct directory_settings *settings = connection->directory->settings;
    const GPtrArray *const lists[] = {settings->owner_rules, settings->administrator_rules};

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        for (guint k = 0; k < lists[i]->len; k++) {
            g_autoptr(GError) failure = NULL;
            if (!tell_rule(connection, lists[i]->pdata[k], candidate, person, &failure))
                explain_failure(connection->directory, failure);
        }
}

/* ---- groups that do not count */

static bool see_group(struct connection *connection, LDAPMessage *entry, void *data)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *dn = entry_dn(connection, entry);
    unsigned *told = data;

    if (!dn_below(dn, settings->group_base))
        directory_tell(connection->directory,
                       "%s holds the person, but is outside of the base of groups", dn);
    else if (!matches_groups(connection, dn))
        directory_tell(connection->directory,
                       "%s holds the person, but does not match the filter of groups", dn);
    else
        return true;
    return ++*told < MOST_TOLD;
}

void explain_groups(struct connection *connection, const struct person *person)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = group_member_filter(settings, person);
    unsigned told = 0;
    const struct sighting sighting = {.filter = filter, .visitor = see_group, .data = &told};

    if (!*settings->group_base)
        directory_tell(connection->directory, "groups are not configured, so that they count for "
                                              "nothing");
    else
        explain_all(connection, &sighting);
}
