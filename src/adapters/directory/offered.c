/* SPDX-License-Identifier: MIT
 *
 * The addresses that a person may register, for the form to offer, and those that
 * they are responsible for. The same
 * rules as for one account, asked the other way round: from the person to the
 * accounts. What is offered is checked again when it is registered.
 */
#include "adapters/directory/filter.h"
#include "adapters/directory/lookup.h"

struct offer_question {
    const char *login;
    const char *eligible; /* filter that the accounts have to meet as well, or "" */
    GHashTable *offered; /* address to struct offered_address, so that each is there once */
    bool more;
};

static void offered_address_free(void *data)
{
    struct offered_address *offered = data;

    g_free(offered->address);
    g_free(offered->label);
    g_free(offered);
}

static void offer(struct offer_question *question, const char *address, const char *label)
{
    struct offered_address *offered = g_new0(struct offered_address, 1);

    offered->address = g_strdup(address);
    offered->label = g_strdup(label ? label : address);
    g_hash_table_replace(question->offered, offered->address, offered);
}

static void offer_values(struct connection *connection, LDAPMessage *entry, guint attribute,
                         struct offer_question *question)
{
    const struct directory_settings *settings = connection->directory->settings;
    const struct address_attribute *from = settings->address_attributes->pdata[attribute];
    g_autofree char *label = entry_text(connection, entry, settings->label_attribute);
    g_autoptr(GPtrArray) values = entry_values(connection, entry, from->attribute);

    for (guint i = 0; i < values->len; i++) {
        bool primary;
        g_autofree char *held = account_address(settings, attribute, values->pdata[i], &primary);
        g_autofree char *address = held ? sound_address(held) : NULL;
        if (address && (primary || !settings->primary_only))
            offer(question, address, label);
    }
}

/* False when there are more than may be listed. */
static bool offer_account(struct connection *connection, LDAPMessage *entry, void *data)
{
    const struct directory_settings *settings = connection->directory->settings;
    struct offer_question *question = data;

    for (guint i = 0; i < settings->address_attributes->len; i++)
        offer_values(connection, entry, i, question);
    return g_hash_table_size(question->offered) <= settings->max_list;
}

static bool has_rule(const struct directory_settings *settings, enum role_rule_kind kind)
{
    const GPtrArray *lists[] = {settings->owner_rules, settings->administrator_rules};

    for (size_t list = 0; list < G_N_ELEMENTS(lists); list++)
        for (guint i = 0; i < lists[list]->len; i++)
            if (((const struct role_rule *)lists[list]->pdata[i])->kind == kind)
                return true;
    return false;
}

/* The groups that count, which for templates are the direct ones at least. */
static bool groups_of(struct connection *connection, const char *dn, GPtrArray **groups,
                      GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;

    if (settings->nested == NESTED_NONE &&
        (!has_rule(settings, ROLE_BY_GROUP_TEMPLATE) || !*settings->group_base)) {
        *groups = g_ptr_array_new();
        return true;
    }
    return groups_above(connection, dn, settings->nested == NESTED_CLIENT, groups, error);
}

static void add_names(GPtrArray *clauses, const char *attribute, const struct person *person,
                      const GPtrArray *groups)
{
    g_ptr_array_add(clauses, filter_equals(attribute, "", person->dn));
    for (guint i = 0; i < groups->len; i++)
        g_ptr_array_add(clauses, filter_equals(attribute, "", groups->pdata[i]));
}

static void add_templates(GPtrArray *clauses, const char *attribute, const char *pattern,
                          const GPtrArray *groups)
{
    for (guint i = 0; i < groups->len; i++) {
        g_autofree char *account = dn_account_of_template(pattern, groups->pdata[i]);
        if (account)
            g_ptr_array_add(clauses, filter_equals(attribute, "", account));
    }
}

static void add_clauses(const struct directory_settings *settings, const GPtrArray *rules,
                        const struct person *person, const GPtrArray *groups, GPtrArray *clauses)
{
    g_autoptr(GPtrArray) nobody = g_ptr_array_new();

    for (guint i = 0; i < rules->len; i++) {
        const struct role_rule *rule = rules->pdata[i];
        if (rule->kind == ROLE_BY_DN_ATTRIBUTE)
            add_names(clauses, rule->value, person,
                      settings->nested == NESTED_NONE ? nobody : groups);
        else if (rule->kind == ROLE_BY_LOGIN_ATTRIBUTE)
            g_ptr_array_add(clauses, filter_equals(rule->value, "", person->login));
        else
            add_templates(clauses, settings->user_login_attribute, rule->value, groups);
    }
}

static bool search_accounts(struct connection *connection, const char *roles,
                            struct offer_question *question, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = filter_all(settings->account_filter, question->eligible, roles);
    g_autofree const char **attributes = account_attributes(settings);
    struct search search = {.attempt = "search for accounts",
                            .base = settings->account_base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = filter,
                            .attributes = attributes};
    bool whole = true;

    if (!search_each(connection, &search, offer_account, question, &whole, error))
        return false;
    question->more = !whole;
    return true;
}

static bool ask_offers(struct connection *connection, void *data, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    struct offer_question *question = data;
    g_autoptr(GPtrArray) clauses = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) groups = NULL;
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    g_hash_table_remove_all(question->offered);
    question->more = false;
    if (!person_look_up(connection, question->login, &answer, &person, error))
        return false;
    if (!person)
        return true;
    if (!groups_of(connection, person->dn, &groups, error))
        return false;
    add_clauses(settings, settings->owner_rules, person, groups, clauses);
    add_clauses(settings, settings->administrator_rules, person, groups, clauses);
    for (guint i = 0; i < clauses->len && !question->more; i += CLAUSES_IN_FILTER) {
        g_autofree char *roles = filter_any(clauses, i);
        if (!search_accounts(connection, roles, question, error))
            return false;
    }
    return true;
}

static int by_address(gconstpointer a, gconstpointer b)
{
    const struct offered_address *const *one = a, *const *other = b;

    return strcmp((*one)->address, (*other)->address);
}

static GPtrArray *sorted(GHashTable *offered, guint most)
{
    GPtrArray *addresses = g_ptr_array_new_with_free_func(offered_address_free);
    GHashTableIter each;
    void *value;

    g_hash_table_iter_init(&each, offered);
    while (g_hash_table_iter_next(&each, NULL, &value)) {
        g_hash_table_iter_steal(&each);
        g_ptr_array_add(addresses, value);
    }
    g_ptr_array_sort(addresses, by_address);
    if (addresses->len > most)
        g_ptr_array_set_size(addresses, (int)most);
    return addresses;
}

static bool list_addresses(struct directory *directory, const char *login, const char *eligible,
                           struct deadline deadline, GPtrArray **addresses, bool *more,
                           GError **error)
{
    g_autofree char *name = login_check(directory->settings, login);
    g_autoptr(GHashTable) offered =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, offered_address_free);
    struct offer_question question = {.login = name, .eligible = eligible, .offered = offered};

    if (name && !directory_ask(directory, deadline, ask_offers, &question, error))
        return false;
    *addresses = sorted(offered, directory->settings->max_list);
    *more = question.more;
    return true;
}

bool directory_list_addresses(struct directory *directory, const char *login,
                              struct deadline deadline, GPtrArray **addresses, bool *more,
                              GError **error)
{
    return list_addresses(directory, login, directory->settings->account_eligible_filter, deadline,
                          addresses, more, error);
}

bool directory_list_held(struct directory *directory, const char *login, struct deadline deadline,
                         GPtrArray **addresses, bool *more, GError **error)
{
    return list_addresses(directory, login, "", deadline, addresses, more, error);
}
