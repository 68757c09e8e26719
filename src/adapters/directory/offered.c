/* SPDX-License-Identifier: MIT
 *
 * The addresses that a person may register, for the form to offer, and those that
 * they are responsible for. The same
 * rules as for one account, asked the other way round: from the person to the
 * accounts. What is offered is checked again when it is registered.
 */
#include "adapters/directory/filter.h"
#include "adapters/directory/lookup.h"
#include "rules/address.h"

/* Of so many at a time it is asked who else holds them: one filter each. */
#define ADDRESSES_AT_ONCE (CLAUSES_IN_FILTER / CLAUSES_OF_HOLDERS)

/* Which addresses are wanted. */
struct wanted {
    const char *eligible;     /* filter that the accounts have to meet as well, or "" */
    const GPtrArray *domains; /* allowed ones; or NULL: all */
    bool one_holder;          /* only what nobody else holds */
};

struct offer {
    char *label;
    char *dn;    /* of the account */
    bool shared; /* another entry holds the address as well */
    bool judged; /* whether one does was found out */
};

struct offer_question {
    const char *login;
    const struct wanted *wanted;
    GHashTable *offers; /* address to struct offer */
    bool more;
};

static void offer_free(void *data)
{
    struct offer *offer = data;

    g_free(offer->label);
    g_free(offer->dn);
    g_free(offer);
}

static void offered_address_free(void *data)
{
    struct offered_address *offered = data;

    g_free(offered->address);
    g_free(offered->label);
    g_free(offered);
}

static void add_offer(struct offer_question *question, const char *address, const char *label,
                      const char *dn)
{
    struct offer *offer = g_hash_table_lookup(question->offers, address);

    if (offer) {
        offer->shared |= !dn_same(offer->dn, dn);
        return;
    }
    offer = g_new0(struct offer, 1);
    offer->label = g_strdup(label ? label : address);
    offer->dn = g_strdup(dn);
    g_hash_table_insert(question->offers, g_strdup(address), offer);
}

static bool is_wanted(const struct wanted *wanted, const char *address)
{
    auto_ptr(findings) findings = findings_new();
    g_autofree char *allowed = address_check(address, wanted->domains, findings);

    return allowed != NULL;
}

static void offer_values(struct connection *connection, LDAPMessage *entry, guint attribute,
                         struct offer_question *question)
{
    const struct directory_settings *settings = connection->directory->settings;
    const struct address_attribute *from = settings->address_attributes->pdata[attribute];
    g_autofree char *label = entry_text(connection, entry, settings->label_attribute);
    g_autofree char *dn = entry_dn(connection, entry);
    g_autoptr(GPtrArray) values = entry_values(connection, entry, from->attribute);

    for (guint i = 0; i < values->len; i++) {
        bool primary;
        g_autofree char *address = account_address(settings, attribute, values->pdata[i], &primary);
        if (address && (primary || !settings->primary_only) && is_wanted(question->wanted, address))
            add_offer(question, address, label, dn);
    }
}

/* False when there are more than may be listed. */
static bool offer_account(struct connection *connection, LDAPMessage *entry, void *data)
{
    const struct directory_settings *settings = connection->directory->settings;
    struct offer_question *question = data;

    for (guint i = 0; i < settings->address_attributes->len; i++)
        offer_values(connection, entry, i, question);
    return g_hash_table_size(question->offers) <= settings->max_list;
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
static bool groups_of(struct connection *connection, const struct person *person,
                      GPtrArray **groups, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;

    if (settings->nested == NESTED_NONE &&
        (!has_rule(settings, ROLE_BY_GROUP_TEMPLATE) || !*settings->group_base)) {
        *groups = g_ptr_array_new();
        return true;
    }
    return groups_above(connection, person, groups_nest(settings), groups, error);
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
        else if (rule->kind == ROLE_BY_GROUP_TEMPLATE)
            add_templates(clauses, settings->user_login_attribute, rule->value, groups);
    }
}

static bool search_accounts(struct connection *connection, const char *base, int scope,
                            const char *roles, struct offer_question *question, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter =
        filter_all(settings->account_filter, question->wanted->eligible, roles);
    g_autofree const char **attributes = account_attributes(settings);
    struct search search = {.attempt = "search for accounts",
                            .base = base,
                            .scope = scope,
                            .filter = filter,
                            .attributes = attributes,
                            .missing = scope == LDAP_SCOPE_BASE ? MISSING_IS_NOTHING
                                                                : MISSING_IS_MISCONFIGURED};
    bool whole = true;

    if (!search_each(connection, &search, offer_account, question, &whole, error))
        return false;
    question->more |= !whole;
    return true;
}

/* ---- accounts that the person's own entry names */

static void add_named(const struct directory_settings *settings, const char *name,
                      GPtrArray *clauses)
{
    g_autofree char *address = sound_address(name);

    if (address)
        g_ptr_array_add(clauses, account_address_filter(settings, address));
    g_ptr_array_add(clauses, filter_equals(settings->user_login_attribute, "", name));
}

/* Only below the accounts' base, as for one account. */
static bool offer_dn(struct connection *connection, const char *name,
                     struct offer_question *question, GError **error)
{
    const char *base = connection->directory->settings->account_base;

    return !strchr(name, '=') || !dn_below(name, base) ||
           search_accounts(connection, name, LDAP_SCOPE_BASE, "", question, error);
}

static bool names_of_person(struct connection *connection, const struct person *person,
                            const char *attribute, GPtrArray *names, GError **error)
{
    const char *const attributes[] = {attribute, NULL};
    struct search search = {.attempt = "read a person",
                            .base = person->dn,
                            .scope = LDAP_SCOPE_BASE,
                            .filter = "(objectClass=*)",
                            .attributes = attributes,
                            .missing = MISSING_IS_CHANGED};
    g_autoptr(LDAPMessage) result = NULL;
    g_autoptr(GPtrArray) values = NULL;
    unsigned count;

    if (!search_one(connection, &search, &count, &result, error))
        return false;
    if (count != 1)
        return true;
    values = entry_values(connection, ldap_first_entry(connection->ldap, result), attribute);
    for (guint i = 0; i < values->len; i++) {
        char *name = value_text(values->pdata[i]);
        if (name)
            g_ptr_array_add(names, name);
    }
    return true;
}

static bool add_names_of_person(struct connection *connection, const GPtrArray *rules,
                                const struct person *person, GPtrArray *names, GError **error)
{
    for (guint i = 0; i < rules->len; i++) {
        const struct role_rule *rule = rules->pdata[i];
        if (rule->kind == ROLE_BY_PERSON_ATTRIBUTE &&
            !names_of_person(connection, person, rule->value, names, error))
            return false;
    }
    return true;
}

/* Those named by DN are offered at once; the other names become clauses. */
static bool meet_named(struct connection *connection, const struct person *person,
                       struct offer_question *question, GPtrArray *clauses, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    if (!add_names_of_person(connection, settings->owner_rules, person, names, error) ||
        !add_names_of_person(connection, settings->administrator_rules, person, names, error))
        return false;
    for (guint i = 0; i < names->len && !question->more; i++) {
        add_named(settings, names->pdata[i], clauses);
        if (!offer_dn(connection, names->pdata[i], question, error))
            return false;
    }
    return true;
}

/* ---- who else holds an address */

static void note_value(struct connection *connection, LDAPMessage *entry, GBytes *value, int from,
                       GHashTable *offers)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *dn = entry_dn(connection, entry);
    g_autofree char *text = value_text(value);
    bool primary;
    g_autofree char *address = from >= 0 ? account_address(settings, (guint)from, value, &primary)
                               : text    ? sound_address(text)
                                         : NULL;
    struct offer *offer = address ? g_hash_table_lookup(offers, address) : NULL;

    if (offer)
        offer->shared |= !dn_same(offer->dn, dn);
}

static bool note_holder(struct connection *connection, LDAPMessage *entry, void *data)
{
    const struct directory_settings *settings = connection->directory->settings;
    int count = (int)settings->address_attributes->len;

    for (int from = -1; from < count; from++) {
        const struct address_attribute *one =
            from >= 0 ? settings->address_attributes->pdata[from] : NULL;
        g_autoptr(GPtrArray) values =
            entry_values(connection, entry, one ? one->attribute : settings->user_mail_attribute);
        for (guint i = 0; i < values->len; i++)
            note_value(connection, entry, values->pdata[i], from, data);
    }
    return true;
}

static bool judge_some(struct connection *connection, const GPtrArray *addresses, guint from,
                       struct offer_question *question, GError **error)
{
    g_autoptr(GPtrArray) some = g_ptr_array_new();

    for (guint i = from; i < addresses->len && i < from + ADDRESSES_AT_ONCE; i++)
        g_ptr_array_add(some, addresses->pdata[i]);
    if (!holders_search(connection, some, true, note_holder, question->offers, error))
        return false;
    for (guint i = 0; i < some->len; i++) {
        struct offer *offer = g_hash_table_lookup(question->offers, some->pdata[i]);
        offer->judged = true;
    }
    return true;
}

static int by_text(gconstpointer a, gconstpointer b)
{
    const char *const *one = a, *const *other = b;

    return strcmp(*one, *other);
}

/*
 * In the order in which they are shown, while there is time for one more operation that takes as
 * long as one may: a list of thousands is worth more than none.
 */
static bool leave_out_shared(struct connection *connection, struct offer_question *question,
                             GError **error)
{
    int longest = (int)connection->directory->settings->operation_ms;
    g_autoptr(GPtrArray) addresses = g_ptr_array_new();
    GHashTableIter each;
    void *address;

    g_hash_table_iter_init(&each, question->offers);
    while (question->wanted->one_holder && g_hash_table_iter_next(&each, &address, NULL))
        g_ptr_array_add(addresses, address);
    g_ptr_array_sort(addresses, by_text);
    for (guint from = 0; from < addresses->len; from += ADDRESSES_AT_ONCE) {
        if (from > 0 && deadline_left(connection->deadline) <= longest)
            return true;
        if (!judge_some(connection, addresses, from, question, error))
            return false;
    }
    return true;
}

/* ---- the question */

static bool ask_accounts(struct connection *connection, const struct person *person,
                         struct offer_question *question, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autoptr(GPtrArray) clauses = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) groups = NULL;

    if (!groups_of(connection, person, &groups, error))
        return false;
    add_clauses(settings, settings->owner_rules, person, groups, clauses);
    add_clauses(settings, settings->administrator_rules, person, groups, clauses);
    if (!meet_named(connection, person, question, clauses, error))
        return false;
    for (guint i = 0; i < clauses->len && !question->more; i += CLAUSES_IN_FILTER) {
        g_autofree char *roles = filter_any(clauses, i);
        if (!search_accounts(connection, settings->account_base, LDAP_SCOPE_SUBTREE, roles,
                             question, error))
            return false;
    }
    return leave_out_shared(connection, question, error);
}

static bool ask_offers(struct connection *connection, void *data, GError **error)
{
    struct offer_question *question = data;
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    g_hash_table_remove_all(question->offers);
    question->more = false;
    if (!person_look_up(connection, question->login, &answer, &person, error))
        return false;
    return !person || ask_accounts(connection, person, question, error);
}

static int by_address(gconstpointer a, gconstpointer b)
{
    const struct offered_address *const *one = a, *const *other = b;

    return strcmp((*one)->address, (*other)->address);
}

static GPtrArray *sorted(const struct offer_question *question, guint most)
{
    GPtrArray *addresses = g_ptr_array_new_with_free_func(offered_address_free);
    GHashTableIter each;
    void *address, *value;

    g_hash_table_iter_init(&each, question->offers);
    while (g_hash_table_iter_next(&each, &address, &value)) {
        const struct offer *offer = value;
        struct offered_address *offered;
        if (offer->shared && question->wanted->one_holder)
            continue;
        offered = g_new0(struct offered_address, 1);
        offered->address = g_strdup(address);
        offered->label = g_strdup(offer->label);
        offered->judged = offer->judged || !question->wanted->one_holder;
        g_ptr_array_add(addresses, offered);
    }
    g_ptr_array_sort(addresses, by_address);
    if (addresses->len > most)
        g_ptr_array_set_size(addresses, (int)most);
    return addresses;
}

static bool list_addresses(struct directory *directory, const char *login,
                           const struct wanted *wanted, struct deadline deadline,
                           GPtrArray **addresses, bool *more, GError **error)
{
    g_autofree char *name = login_check(directory->settings, login);
    g_autoptr(GHashTable) offers =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, offer_free);
    struct offer_question question = {.login = name, .wanted = wanted, .offers = offers};

    if (name && !directory_ask(directory, deadline, ask_offers, &question, error))
        return false;
    *addresses = sorted(&question, directory->settings->max_list);
    *more = question.more;
    return true;
}

bool directory_list_addresses(struct directory *directory, const char *login,
                              struct deadline deadline, GPtrArray **addresses, bool *more,
                              GError **error)
{
    const struct directory_settings *settings = directory->settings;
    g_autofree char *eligible = filter_now(settings->account_eligible_filter);
    const struct wanted wanted = {eligible, settings->domains, true};

    return list_addresses(directory, login, &wanted, deadline, addresses, more, error);
}

bool offered_unjudged(const GPtrArray *addresses)
{
    for (guint i = 0; i < addresses->len; i++)
        if (!((const struct offered_address *)addresses->pdata[i])->judged)
            return true;
    return false;
}

bool directory_list_held(struct directory *directory, const char *login, struct deadline deadline,
                         GPtrArray **addresses, bool *more, GError **error)
{
    const struct wanted wanted = {"", NULL, false};

    return list_addresses(directory, login, &wanted, deadline, addresses, more, error);
}
