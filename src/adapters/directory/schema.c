/* SPDX-License-Identifier: MIT
 *
 * Whether the directory knows the attributes that the settings name: a filter with one that it
 * does not know matches nothing, without a word.
 */
#include "adapters/directory/explain.h"

#include <ldap_schema.h>

/* Attribute name or OID, in lower case, to its rule of equality; "" where that is not shown. */
static GHashTable *rules_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void add_rule(GHashTable *rules, const char *name, const char *rule)
{
    g_hash_table_replace(rules, g_ascii_strdown(name, -1), g_strdup(rule ? rule : ""));
}

static void add_type(GHashTable *rules, const char *text)
{
    const char *fault;
    int code;
    LDAPAttributeType *type = ldap_str2attributetype(text, &code, &fault, LDAP_SCHEMA_ALLOW_ALL);

    if (!type)
        return;
    if (type->at_oid)
        add_rule(rules, type->at_oid, type->at_equality_oid);
    for (char **name = type->at_names; name && *name; name++)
        add_rule(rules, *name, type->at_equality_oid);
    ldap_attributetype_free(type);
}

/* *rules stays NULL where the server shows no schema. */
static bool read_schema(struct connection *connection, const char *subentry, GHashTable **rules,
                        GError **error)
{
    const char *const attributes[] = {"attributeTypes", NULL};
    g_autoptr(LDAPMessage) result = NULL;
    g_autoptr(GPtrArray) types = NULL;

    if (!search_entry(connection, subentry, attributes, &result, error))
        return false;
    if (!result)
        return true;
    types = entry_values(connection, ldap_first_entry(connection->ldap, result), "attributeTypes");
    if (types->len > 0)
        *rules = rules_new();
    for (guint i = 0; i < types->len; i++) {
        g_autofree char *text = value_text(types->pdata[i]);
        if (text)
            add_type(*rules, text);
    }
    return true;
}

static bool find_schema(struct connection *connection, GHashTable **rules, GError **error)
{
    const char *const attributes[] = {"subschemaSubentry", NULL};
    g_autoptr(LDAPMessage) result = NULL;
    g_autofree char *subentry = NULL;

    if (!search_entry(connection, "", attributes, &result, error))
        return false;
    if (result)
        subentry =
            entry_text(connection, ldap_first_entry(connection->ldap, result), "subschemaSubentry");
    return !subentry || read_schema(connection, subentry, rules, error);
}

/* ---- the settings' names */

struct name_check {
    struct directory *directory;
    GHashTable *rules;
};

static void check_name(const struct name_check *check, const char *name, const char *where)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);

    lower[strcspn(lower, ";")] = '\0';
    if (!*lower || g_hash_table_contains(check->rules, lower))
        return;
    directory_mistake(check->directory, "the directory knows no attribute \"%s\" (%s)", name,
                      where);
}

/* Each name stands between an opening parenthesis and what compares. */
static void check_filter_names(const struct name_check *check, const char *filter,
                               const char *where)
{
    for (const char *at = strchr(filter, '('); at; at = strchr(at + 1, '(')) {
        size_t length = strcspn(at + 1, "=~<>:()");
        g_autofree char *name = g_strndup(at + 1, length);
        if (*name != '&' && *name != '|' && *name != '!')
            check_name(check, name, where);
    }
}

static void check_roles_of(const struct name_check *check, const GPtrArray *rules,
                           const char *where)
{
    for (guint i = 0; i < rules->len; i++) {
        const struct role_rule *rule = rules->pdata[i];
        if (rule->kind != ROLE_BY_GROUP_TEMPLATE)
            check_name(check, rule->value, where);
    }
}

static void check_people(const struct name_check *check, const struct directory_settings *settings)
{
    check_filter_names(check, settings->user_filter, "filter of people");
    check_filter_names(check, settings->user_eligible_filter, "eligible-filter of people");
    check_name(check, settings->user_login_attribute, "login-attribute of people");
    check_name(check, settings->user_id_attribute, "id-attribute of people");
    check_name(check, settings->user_name_attribute, "name-attribute of people");
    check_name(check, settings->user_mail_attribute, "mail-attribute of people");
}

static void check_accounts(const struct name_check *check,
                           const struct directory_settings *settings)
{
    check_filter_names(check, settings->account_filter, "filter of accounts");
    check_filter_names(check, settings->account_eligible_filter, "eligible-filter of accounts");
    check_name(check, settings->id_attribute, "id-attribute of accounts");
    check_name(check, settings->label_attribute, "label-attribute of accounts");
    for (guint i = 0; i < settings->address_attributes->len; i++) {
        const struct address_attribute *one = settings->address_attributes->pdata[i];
        check_name(check, one->attribute, "address of accounts");
    }
    for (guint i = 0; i < settings->holder_searches->len; i++) {
        const struct holder_search *one = settings->holder_searches->pdata[i];
        check_filter_names(check, one->filter, "filter of holders");
    }
    check_roles_of(check, settings->owner_rules, "owner");
    check_roles_of(check, settings->administrator_rules, "administrator");
}

static void check_groups(const struct name_check *check, const struct directory_settings *settings)
{
    if (!*settings->group_base)
        return;
    check_filter_names(check, settings->group_filter, "filter of groups");
    for (guint i = 0; i < settings->group_member_attributes->len; i++)
        check_name(check, settings->group_member_attributes->pdata[i],
                   "member-attribute of groups");
    check_name(check, settings->group_member_uid_attribute, "member-uid-attribute of groups");
    if (settings->nested == NESTED_MEMBEROF)
        check_name(check, settings->member_of_attribute, "member-of-attribute of groups");
    check_name(check, settings->group_name_attribute, "name-attribute of groups");
    check_name(check, settings->group_id_attribute, "id-attribute of groups");
}

/* The rule of equality that regards case, or NULL. A server may write it as its OID. */
static const char *exact_rule(const struct name_check *check, const char *attribute)
{
    g_autofree char *lower = g_ascii_strdown(attribute, -1);
    const char *rule = g_hash_table_lookup(check->rules, lower);
    bool exact = rule && (g_ascii_strncasecmp(rule, "caseExact", strlen("caseExact")) == 0 ||
                          strcmp(rule, "2.5.13.5") == 0);

    return exact ? rule : NULL;
}

/* Kept in lower case, a login would not be found again. */
static void check_case(const struct name_check *check, const struct directory_settings *settings)
{
    const char *rule = exact_rule(check, settings->user_login_attribute);

    if (rule && settings->login_case == LOGIN_IGNORE_CASE)
        directory_mistake(check->directory,
                          "the directory compares %s with regard to case (%s): set "
                          "login-case=\"exact\" of people",
                          settings->user_login_attribute, rule);
}

/* Kept in lower case, an id of small and capital letters would not be found again. */
static void check_id_case(const struct name_check *check, const char *attribute, const char *whose)
{
    const char *rule = exact_rule(check, attribute);

    if (rule)
        directory_mistake(check->directory,
                          "the directory compares %s with regard to case (%s), and ids are kept in "
                          "lower case: take another id-attribute of %s",
                          attribute, rule, whose);
}

bool explain_schema(struct connection *connection, GError **error)
{
    struct directory *directory = connection->directory;
    g_autoptr(GHashTable) rules = NULL;
    struct name_check check = {.directory = directory};

    if (!find_schema(connection, &rules, error))
        return false;
    if (!rules) {
        directory_tell(directory, "could not look the attributes up: the server does not show its "
                                  "schema to the portal's account");
        return true;
    }
    check.rules = rules;
    check_people(&check, directory->settings);
    check_accounts(&check, directory->settings);
    check_groups(&check, directory->settings);
    check_case(&check, directory->settings);
    check_id_case(&check, directory->settings->user_id_attribute, "people");
    if (*directory->settings->group_base)
        check_id_case(&check, directory->settings->group_id_attribute, "groups");
    return true;
}
