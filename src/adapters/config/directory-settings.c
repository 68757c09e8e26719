/* SPDX-License-Identifier: MIT
 *
 * The <directory> part of the configuration.
 */
#include "adapters/config/parse.h"

static void role_rule_free(gpointer data)
{
    struct role_rule *rule = data;

    g_free(rule->value);
    g_free(rule);
}

static void address_attribute_free(gpointer data)
{
    struct address_attribute *attribute = data;

    g_free(attribute->attribute);
    g_free(attribute->prefix);
    g_free(attribute);
}

static void holder_search_free(gpointer data)
{
    struct holder_search *search = data;

    g_free(search->base);
    g_free(search->filter);
    g_free(search);
}

static struct role_rule *role_rule(const xmlNode *node)
{
    static const char *const attributes[] = {
        [ROLE_BY_DN_ATTRIBUTE] = "dn-attribute",
        [ROLE_BY_LOGIN_ATTRIBUTE] = "login-attribute",
        [ROLE_BY_PERSON_ATTRIBUTE] = "person-attribute",
        [ROLE_BY_GROUP_TEMPLATE] = "group-template",
    };
    struct role_rule *rule = g_new0(struct role_rule, 1);

    for (unsigned kind = 0; kind < G_N_ELEMENTS(attributes) && !rule->value; kind++) {
        rule->kind = kind;
        rule->value = xml_text(node, attributes[kind], NULL);
    }
    return rule;
}

static GPtrArray *role_rules(const xmlNode *accounts, const char *role)
{
    GPtrArray *rules = g_ptr_array_new_with_free_func(role_rule_free);

    for (const xmlNode *node = xml_child(accounts, role); node; node = xml_next(node))
        g_ptr_array_add(rules, role_rule(node));
    return rules;
}

static void parse_connection(struct directory_settings *s, const xmlNode *node)
{
    s->uris = g_ptr_array_new_with_free_func(g_free);
    for (const xmlNode *server = xml_child(node, "server"); server; server = xml_next(server))
        g_ptr_array_add(s->uris, xml_text(server, "uri", NULL));
    s->starttls = xml_is(node, "starttls", "yes");
    s->ca_file = xml_text(node, "ca-file", "/etc/ssl/certs/ca-certificates.crt");
    s->verify = xml_is(node, "tls-verify", "never") ? TLS_VERIFY_NEVER : TLS_VERIFY_DEMAND;
    s->unprotected = xml_is(node, "unprotected", "allowed");
    s->certificate_file = xml_text(node, "certificate-file", "");
    s->key_file = xml_text(node, "key-file", "");
    s->connect_ms = xml_milliseconds(node, "connect-seconds", 2000);
    s->operation_ms = xml_milliseconds(node, "operation-seconds", 3000);
    s->total_ms = xml_milliseconds(node, "total-seconds", 8000);
    s->page_size = xml_number(node, "page-size", 500);
    s->ignore_references = xml_is(node, "references", "ignore");
}

static void parse_bind(struct directory_settings *s, const xmlNode *node)
{
    s->bind = xml_is(node, "method", "external") ? BIND_EXTERNAL : BIND_SIMPLE;
    s->bind_dn = xml_text(node, "dn", "");
    s->password_file = xml_text(node, "password-file", "");
}

/* The attribute's words, each an entry. */
static GPtrArray *words(const xmlNode *node, const char *attribute, const char *otherwise)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *text = xml_text(node, attribute, otherwise);
    g_auto(GStrv) parts = g_strsplit_set(text, " \t\r\n", -1);

    for (char **part = parts; *part; part++)
        if (**part)
            g_ptr_array_add(list, g_strdup(*part));
    return list;
}

/* The base of the attribute, and those of child elements. */
static GPtrArray *bases(const xmlNode *node)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    char *first = xml_text(node, "base", NULL);

    if (first)
        g_ptr_array_add(list, first);
    for (const xmlNode *base = xml_child(node, "base"); base; base = xml_next(base))
        g_ptr_array_add(list, xml_content(base));
    return list;
}

static void parse_people(struct directory_settings *s, const xmlNode *node)
{
    s->user_bases = bases(node);
    s->user_filter = xml_text(node, "filter", NULL);
    s->user_eligible_filter = xml_text(node, "eligible-filter", "");
    s->login_scopes = words(node, "login-scope", "");
    s->login_domains = words(node, "domain", "");
    s->login_case = xml_is(node, "login-case", "exact") ? LOGIN_EXACT_CASE : LOGIN_IGNORE_CASE;
    s->user_login_attribute = xml_text(node, "login-attribute", "sAMAccountName");
    s->user_name_attribute = xml_text(node, "name-attribute", "displayName");
    s->user_mail_attribute = xml_text(node, "mail-attribute", "mail");
    s->user_id_attribute = xml_text(node, "id-attribute", s->id_attribute);
}

static void parse_addresses(struct directory_settings *s, const xmlNode *node)
{
    s->address_attributes = g_ptr_array_new_with_free_func(address_attribute_free);
    for (const xmlNode *at = xml_child(node, "address"); at; at = xml_next(at)) {
        struct address_attribute *attribute = g_new0(struct address_attribute, 1);
        attribute->attribute = xml_text(at, "attribute", NULL);
        attribute->prefix = xml_text(at, "prefix", "");
        g_ptr_array_add(s->address_attributes, attribute);
    }
    s->domains = g_ptr_array_new_with_free_func(g_free);
    for (const xmlNode *at = xml_child(node, "domain"); at; at = xml_next(at)) {
        g_autofree char *domain = xml_content(at);
        g_ptr_array_add(s->domains, g_ascii_strdown(domain, -1));
    }
}

static void parse_accounts(struct directory_settings *s, const xmlNode *node)
{
    s->account_base = xml_text(node, "base", NULL);
    s->account_filter = xml_text(node, "filter", NULL);
    s->account_eligible_filter = xml_text(node, "eligible-filter", "");
    s->primary_only = xml_is(node, "match", "primary");
    s->id_attribute = xml_text(node, "id-attribute", "objectGUID");
    s->label_attribute = xml_text(node, "label-attribute", "displayName");
    s->max_list = xml_number(node, "most-listed", 5000);
    s->owner_rules = role_rules(node, "owner");
    s->administrator_rules = role_rules(node, "administrator");
    parse_addresses(s, node);
}

static void add_holder_search(GPtrArray *searches, const char *base, const char *filter)
{
    struct holder_search *search = g_new0(struct holder_search, 1);

    search->base = g_strdup(base);
    search->filter = g_strdup(filter);
    g_ptr_array_add(searches, search);
}

/* Unless the site says where: among people. */
static void parse_holders(struct directory_settings *s, const xmlNode *node)
{
    s->holder_searches = g_ptr_array_new_with_free_func(holder_search_free);
    if (xml_is(node, "holders", "accounts"))
        return;
    for (const xmlNode *at = xml_child(node, "holders"); at; at = xml_next(at)) {
        g_autofree char *base = xml_text(at, "base", "");
        g_autofree char *filter = xml_text(at, "filter", "");
        add_holder_search(s->holder_searches, base, filter);
    }
    for (guint i = 0; i < s->user_bases->len && !xml_child(node, "holders"); i++)
        add_holder_search(s->holder_searches, s->user_bases->pdata[i], "");
}

/* "client" is what "recursion" was called first. */
static enum nested_groups nested(const xmlNode *node)
{
    return !node || xml_is(node, "nested", "none") ? NESTED_NONE
           : xml_is(node, "nested", "direct")      ? NESTED_DIRECT
           : xml_is(node, "nested", "chain")       ? NESTED_CHAIN
           : xml_is(node, "nested", "memberof")    ? NESTED_MEMBEROF
                                                   : NESTED_RECURSION;
}

static void parse_groups(struct directory_settings *s, const xmlNode *node)
{
    s->group_base = xml_text(node, "base", "");
    s->group_filter = xml_text(node, "filter", "(objectClass=group)");
    s->group_member_attributes = words(node, "member-attribute", "member");
    s->group_member_uid_attribute = xml_text(node, "member-uid-attribute", "");
    s->member_of_attribute = xml_text(node, "member-of-attribute", "memberOf");
    s->primary_group = !xml_is(node, "primary-group", "no");
    s->group_name_attribute = xml_text(node, "name-attribute", "sAMAccountName");
    s->group_id_attribute = xml_text(node, "id-attribute", s->id_attribute);
    s->nested = nested(node);
    s->nested_depth = xml_number(node, "depth", 10);
    s->max_groups = xml_number(node, "most", 2000);
}

struct directory_settings *directory_settings_parse(const xmlNode *node, GError **error)
{
    struct directory_settings *s = g_new0(struct directory_settings, 1);

    parse_connection(s, node);
    parse_bind(s, xml_child(node, "bind"));
    parse_accounts(s, xml_child(node, "accounts"));
    parse_people(s, xml_child(node, "people"));
    parse_holders(s, xml_child(node, "accounts"));
    parse_groups(s, xml_child(node, "groups"));
    s->operators_group = xml_text(xml_child(node, "operators"), "group", "");
    s->support_group = xml_text(xml_child(node, "support-desk"), "group", "");
    if (!secret_check(xml_child(node, "bind"), "password-file", s->password_file, error)) {
        directory_settings_free(s);
        return NULL;
    }
    return s;
}

void directory_settings_free(struct directory_settings *s)
{
    if (!s)
        return;
    g_ptr_array_unref(s->uris);
    g_ptr_array_unref(s->user_bases);
    g_ptr_array_unref(s->login_scopes);
    g_ptr_array_unref(s->login_domains);
    g_ptr_array_unref(s->holder_searches);
    g_ptr_array_unref(s->address_attributes);
    g_ptr_array_unref(s->domains);
    g_ptr_array_unref(s->owner_rules);
    g_ptr_array_unref(s->administrator_rules);
    g_ptr_array_unref(s->group_member_attributes);
    char *const strings[] = {
        s->ca_file,        s->certificate_file,     s->key_file,
        s->bind_dn,        s->password_file,        s->user_id_attribute,
        s->user_filter,    s->user_eligible_filter,
        s->user_login_attribute, s->user_name_attribute, s->user_mail_attribute,
        s->account_base,   s->account_filter,       s->account_eligible_filter,
        s->id_attribute,   s->label_attribute,      s->group_base,
        s->group_filter,   s->group_member_uid_attribute, s->member_of_attribute,
        s->operators_group,
        s->support_group,  s->group_name_attribute, s->group_id_attribute,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(strings); i++)
        g_free(strings[i]);
    g_free(s);
}
