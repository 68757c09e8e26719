/* SPDX-License-Identifier: MIT
 *
 * Whether the bases and filters of the settings find anything, and whether what decides about
 * people, accounts and groups is shown to the portal's account: where it is not, every answer
 * would be a "no".
 */
#include "adapters/directory/explain.h"
#include "adapters/directory/filter.h"

#define MAY_NOT_READ "the portal's account may not read it, or it is another attribute"

/* Entries of one kind. */
struct kind {
    const char *attempt; /* "search for accounts" */
    const char *base;
    const char *filter;
};

/* Whether any of them matches the filter, which may be "", and shows the attribute. */
static bool any_shows(struct connection *connection, const struct kind *kind, const char *filter,
                      const char *attribute, bool *shows, GError **error)
{
    g_autofree char *has_value = g_strdup_printf("(%s=*)", attribute);
    g_autofree char *whole = filter_all(kind->filter, has_value, filter);
    const char *const attributes[] = {attribute, NULL};
    struct search search = {.attempt = kind->attempt,
                            .base = kind->base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = whole,
                            .attributes = attributes};

    return search_shows(connection, &search, shows, error);
}

/* ---- people */

static bool survey_ids(struct connection *connection, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    bool shown;

    if (!people_show(connection, settings->user_id_attribute, "", &shown, error))
        return false;
    if (!shown)
        directory_mistake(connection->directory,
                          "id-attribute %s of people: no entry shows it; " MAY_NOT_READ
                          ". Who somebody is cannot be told, so nobody can sign in",
                          settings->user_id_attribute);
    return true;
}

static bool survey_eligible_people(struct connection *connection, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = filter_now(settings->user_eligible_filter);
    bool shown;

    if (!people_show(connection, settings->user_login_attribute, filter, &shown, error))
        return false;
    if (!shown)
        directory_mistake(connection->directory, "the eligible-filter of people matches nobody: %s",
                          filter);
    return true;
}

static bool survey_mail(struct connection *connection, GError **error)
{
    const char *attribute = connection->directory->settings->user_mail_attribute;
    bool shown;

    if (!people_show(connection, attribute, "", &shown, error))
        return false;
    if (!shown)
        directory_mistake(connection->directory,
                          "mail-attribute %s of people: no entry shows it; " MAY_NOT_READ
                          ". No notice finds anybody",
                          attribute);
    return true;
}

bool survey_people(struct connection *connection, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    bool shown;

    if (!people_show(connection, settings->user_login_attribute, "", &shown, error))
        return false;
    if (!shown) {
        directory_mistake(connection->directory,
                          "the bases and the filter of people find nobody who shows %s",
                          settings->user_login_attribute);
        return true;
    }
    return survey_ids(connection, error) && survey_eligible_people(connection, error) &&
           survey_mail(connection, error);
}

/* ---- accounts */

static bool count_entry(struct connection *connection G_GNUC_UNUSED,
                        LDAPMessage *entry G_GNUC_UNUSED, void *data)
{
    unsigned *count = data;

    ++*count;
    return true;
}

static bool count_accounts(struct connection *connection, const char *eligible, unsigned *count,
                           GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = filter_all(settings->account_filter, eligible, "");
    struct search search = {.attempt = "search for accounts",
                            .base = settings->account_base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = filter};

    *count = 0;
    return search_each(connection, &search, count_entry, count, NULL, error);
}

static bool survey_account_ids(struct connection *connection, const struct kind *accounts,
                               GError **error)
{
    const char *attribute = connection->directory->settings->id_attribute;
    bool shown;

    if (!any_shows(connection, accounts, "", attribute, &shown, error))
        return false;
    if (!shown)
        directory_mistake(connection->directory,
                          "id-attribute %s of accounts: no account shows it; " MAY_NOT_READ,
                          attribute);
    return true;
}

/* An address that begins as none of the configured attributes says is no account's. */
static bool survey_addresses(struct connection *connection, const struct kind *accounts,
                             GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    bool any = false;

    for (guint i = 0; i < settings->address_attributes->len && !any; i++) {
        const struct address_attribute *one = settings->address_attributes->pdata[i];
        g_autofree char *begins =
            *one->prefix ? g_strdup_printf("(%s=%s*)", one->attribute, one->prefix) : g_strdup("");
        if (!any_shows(connection, accounts, begins, one->attribute, &any, error))
            return false;
    }
    if (!any)
        directory_mistake(connection->directory,
                          "no account shows an address with the configured prefix; the portal's "
                          "account may not read it, or attribute or prefix is another one");
    return true;
}

/* Those of a rule that is not about the accounts' own attributes are not looked at. */
static bool is_of_accounts(const struct role_rule *rule)
{
    return rule->kind == ROLE_BY_DN_ATTRIBUTE || rule->kind == ROLE_BY_LOGIN_ATTRIBUTE;
}

/* One of several may be there for a day to come; but all of them give nobody a role. */
static bool survey_roles(struct connection *connection, const struct kind *accounts,
                         GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    const GPtrArray *const lists[] = {settings->owner_rules, settings->administrator_rules};
    bool any = false;

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        for (guint k = 0; k < lists[i]->len; k++) {
            const struct role_rule *rule = lists[i]->pdata[k];
            bool shows = true;
            if (is_of_accounts(rule) &&
                !any_shows(connection, accounts, "", rule->value, &shows, error))
                return false;
            if (!shows)
                directory_tell(connection->directory, "no account shows %s, which gives a role",
                               rule->value);
            any |= shows;
        }
    if (!any)
        directory_mistake(connection->directory,
                          "no account shows an attribute that gives a role; the portal's account "
                          "may not read them, or they are others");
    return true;
}

static bool survey_eligible_accounts(struct connection *connection, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = filter_now(settings->account_eligible_filter);
    unsigned count;

    if (!*filter)
        return true;
    if (!count_accounts(connection, filter, &count, error))
        return false;
    directory_tell(connection->directory, "%u of them match the eligible-filter %s", count, filter);
    if (count == 0)
        directory_mistake(connection->directory, "the eligible-filter of accounts matches none: %s",
                          filter);
    return true;
}

bool survey_accounts(struct connection *connection, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    const struct kind accounts = {"search for accounts", settings->account_base,
                                  settings->account_filter};
    unsigned count;

    if (!count_accounts(connection, "", &count, error))
        return false;
    directory_tell(connection->directory, "%u accounts below \"%s\" match the filter %s", count,
                   settings->account_base, settings->account_filter);
    if (count == 0) {
        directory_mistake(connection->directory, "the base and filter of accounts find none that "
                                                 "the portal may see");
        return true;
    }
    return survey_eligible_accounts(connection, error) &&
           survey_account_ids(connection, &accounts, error) &&
           survey_addresses(connection, &accounts, error) &&
           survey_roles(connection, &accounts, error);
}

/* ---- groups */

static bool see_group(struct connection *connection, LDAPMessage *entry,
                      void *data G_GNUC_UNUSED)
{
    const char *attribute = connection->directory->settings->group_id_attribute;
    g_autofree char *dn = entry_dn(connection, entry);
    g_autofree char *id = entry_id(connection, entry, attribute);

    if (id)
        directory_tell(connection->directory, "groups are known by %s: that of %s is %s", attribute,
                       dn, id);
    else
        directory_tell(connection->directory,
                       "%s shows no %s: groups are known by their names alone, so that one that is "
                       "renamed loses what it owns, and one made anew inherits it",
                       dn, attribute);
    return false;
}

/* The first one that there is. */
static bool survey_group_ids(struct connection *connection, const struct kind *groups,
                             GError **error)
{
    const char *const attributes[] = {connection->directory->settings->group_id_attribute, NULL};
    struct search search = {.attempt = groups->attempt,
                            .base = groups->base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = groups->filter,
                            .attributes = attributes};

    return search_each(connection, &search, see_group, NULL, NULL, error);
}

/* No group at all with a member is none that the portal could see. */
bool survey_groups(struct connection *connection, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree const char **names = group_member_names(settings);
    const struct kind groups = {"search for groups", settings->group_base, settings->group_filter};
    bool shown = false, member = false;

    if (!*settings->group_base)
        return true;
    if (!any_shows(connection, &groups, "", "objectClass", &shown, error))
        return false;
    for (const char **name = names; shown && !member && *name; name++)
        if (!any_shows(connection, &groups, "", *name, &member, error))
            return false;
    if (!shown)
        directory_mistake(connection->directory, "the base and filter of groups find none that the "
                                                 "portal may see");
    else if (!member)
        directory_mistake(connection->directory,
                          "member-attribute %s of groups: no group shows it; " MAY_NOT_READ,
                          *names);
    return !shown || survey_group_ids(connection, &groups, error);
}
