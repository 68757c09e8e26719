/* SPDX-License-Identifier: MIT
 *
 * One account: the address's, and the person's role on it. The person's own name
 * is asked for first, which answers most questions; groups only after that.
 */
#include "adapters/directory/explain.h"
#include "adapters/directory/filter.h"
#include "rules/address.h"

void candidate_free(struct candidate *candidate)
{
    if (!candidate)
        return;
    account_free(candidate->account);
    g_clear_pointer(&candidate->addresses, g_ptr_array_unref);
    g_free(candidate->login);
    g_free(candidate);
}

void account_free(struct account *account)
{
    if (!account)
        return;
    g_free(account->id);
    g_free(account->dn);
    g_free(account->label);
    g_free(account);
}

const char *role_answer_name(enum role_answer answer)
{
    static const char *const names[] = {
        [ROLE_OWNER] = "owner",
        [ROLE_ADMINISTRATOR] = "administrator",
        [ROLE_NONE] = "no-role",
        [ROLE_NOT_FOUND] = "not-found",
        [ROLE_AMBIGUOUS] = "ambiguous",
        [ROLE_NOT_ELIGIBLE] = "not-eligible",
        [ROLE_NOT_PRIMARY] = "not-primary",
        [ROLE_PERSON_SEVERAL] = "person-several",
        [ROLE_PERSON_NOT_FOUND] = "person-not-found",
        [ROLE_PERSON_NOT_ELIGIBLE] = "person-not-eligible",
        [ROLE_SYNTAX] = "syntax",
    };

    return names[answer];
}

char *sound_address(const char *address)
{
    auto_ptr(findings) findings = findings_new();

    return address_check(address, NULL, findings);
}

char *account_address_filter(const struct directory_settings *settings, const char *address)
{
    g_autoptr(GPtrArray) clauses = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < settings->address_attributes->len; i++) {
        const struct address_attribute *one = settings->address_attributes->pdata[i];
        g_ptr_array_add(clauses, filter_equals(one->attribute, one->prefix, address));
    }
    return filter_any(clauses, 0);
}

char *account_address(const struct directory_settings *settings, guint attribute, GBytes *value,
                      bool *primary)
{
    const struct address_attribute *from = settings->address_attributes->pdata[attribute];
    size_t length = strlen(from->prefix);
    g_autofree char *capitals = g_ascii_strup(from->prefix, -1);
    g_autofree char *text = value_text(value);
    g_autofree char *sound = NULL;

    if (!text || g_ascii_strncasecmp(text, from->prefix, length) != 0)
        return NULL;
    sound = sound_address(text + length);
    if (!sound || g_ascii_strcasecmp(sound, text + length) != 0)
        return NULL;
    *primary = length > 0 ? strncmp(text, capitals, length) == 0 : attribute == 0;
    return g_steal_pointer(&sound);
}

const char **account_attributes(const struct directory_settings *settings)
{
    GPtrArray *names = g_ptr_array_new();

    for (guint i = 0; i < settings->address_attributes->len; i++) {
        const struct address_attribute *one = settings->address_attributes->pdata[i];
        g_ptr_array_add(names, one->attribute);
    }
    g_ptr_array_add(names, settings->id_attribute);
    g_ptr_array_add(names, settings->label_attribute);
    g_ptr_array_add(names, settings->user_login_attribute);
    g_ptr_array_add(names, NULL);
    return (const char **)g_ptr_array_free(names, FALSE);
}

static char *hexadecimal(GBytes *value)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(value, &size);
    GString *text = g_string_new("");

    for (gsize i = 0; i < size; i++)
        g_string_append_printf(text, "%02x", data[i]);
    return g_string_free(text, FALSE);
}

char *entry_id(struct connection *connection, LDAPMessage *entry, const char *attribute)
{
    g_autoptr(GPtrArray) values = entry_values(connection, entry, attribute);
    g_autofree char *text = NULL;

    if (values->len == 0)
        return NULL;
    /* The sixteen bytes of an objectGUID may happen to look like text: its name decides. */
    if (g_ascii_strcasecmp(attribute, "objectGUID") != 0)
        text = value_text(values->pdata[0]);
    return text ? g_ascii_strdown(text, -1) : hexadecimal(values->pdata[0]);
}

/* Notes what the entry holds; true when the address is among it: servers compare by rules of their
   own. */
static bool read_addresses(struct connection *connection, LDAPMessage *entry, const char *address,
                           struct candidate *candidate)
{
    const struct directory_settings *settings = connection->directory->settings;
    bool holds = false;

    candidate->addresses = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < settings->address_attributes->len; i++) {
        const struct address_attribute *from = settings->address_attributes->pdata[i];
        g_autoptr(GPtrArray) values = entry_values(connection, entry, from->attribute);
        for (guint k = 0; k < values->len; k++) {
            bool first = false;
            char *one = account_address(settings, i, values->pdata[k], &first);
            if (!one)
                continue;
            g_ptr_array_add(candidate->addresses, one);
            if (strcmp(one, address) != 0)
                continue;
            holds = true;
            candidate->account->primary |= first;
        }
    }
    return holds;
}

static bool read_candidate(struct connection *connection, LDAPMessage *entry, const char *address,
                           struct candidate **candidate, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    auto_ptr(candidate) read = g_new0(struct candidate, 1);

    read->account = g_new0(struct account, 1);
    read->account->dn = entry_dn(connection, entry);
    read->account->id = entry_id(connection, entry, settings->id_attribute);
    read->account->label = entry_text(connection, entry, settings->label_attribute);
    read->login = entry_text(connection, entry, settings->user_login_attribute);
    if (!read->account->label)
        read->account->label = g_strdup(address);
    if (!read->account->id) {
        g_autofree char *dn = printable(read->account->dn);
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "cannot ask the directory: %s: the account \"%s\" has no %s that the portal's "
                    "account may see",
                    connection->server->uri, dn, settings->id_attribute);
        return false;
    }
    if (read_addresses(connection, entry, address, read))
        *candidate = g_steal_pointer(&read);
    return true;
}

static bool search_account(struct connection *connection, const char *address, unsigned *count,
                           LDAPMessage **result, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *of_address = account_address_filter(settings, address);
    g_autofree char *filter = filter_all(settings->account_filter, of_address, "");
    g_autofree const char **attributes = account_attributes(settings);
    struct search search = {.attempt = "search for accounts",
                            .base = settings->account_base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = filter,
                            .attributes = attributes};

    directory_tell(connection->directory, "searches for accounts below \"%s\": %s", search.base,
                   filter);
    return search_one(connection, &search, count, result, error);
}

static void tell_account(const struct directory *directory, const struct account *account,
                         const char *address)
{
    directory_tell(directory, "found account %s (id %s), %s is its %s address", account->dn,
                   account->id, address, account->primary ? "primary" : "secondary");
}

/* *candidate stays NULL when *answer says why there is none. */
static bool find_account(struct connection *connection, const char *address,
                         enum role_answer *answer, struct candidate **candidate, GError **error)
{
    g_autoptr(LDAPMessage) result = NULL;
    unsigned count;

    if (!search_account(connection, address, &count, &result, error))
        return false;
    *answer = count > 1 ? ROLE_AMBIGUOUS : ROLE_NOT_FOUND;
    if (count == 1 && !read_candidate(connection, ldap_first_entry(connection->ldap, result),
                                      address, candidate, error))
        return false;
    if (*candidate)
        tell_account(connection->directory, (*candidate)->account, address);
    else
        directory_tell(connection->directory, "%s account has the address %s",
                       count > 1 ? "more than one" : "no", address);
    if (!*candidate && count <= 1 && connection->directory->explains)
        explain_address(connection, address);
    return true;
}

struct second_holder {
    const char *dn; /* of the first */
    const char *address;
    bool found;
};

static bool meet_holder_of_address(struct connection *connection, LDAPMessage *entry, void *data)
{
    struct second_holder *second = data;
    g_autofree char *dn = entry_dn(connection, entry);

    if (dn_same(dn, second->dn))
        return true;
    directory_tell(connection->directory, "%s holds the address %s as well", dn, second->address);
    second->found = true;
    return false;
}

bool account_look_up(struct connection *connection, const char *address, enum role_answer *answer,
                     struct candidate **candidate, GError **error)
{
    auto_ptr(candidate) found = NULL;
    g_autoptr(GPtrArray) addresses = list_of(address);
    struct second_holder second = {.address = address};

    if (!find_account(connection, address, answer, &found, error))
        return false;
    if (!found)
        return true;
    second.dn = found->account->dn;
    if (!holders_search(connection, addresses, false, meet_holder_of_address, &second, error))
        return false;
    if (second.found)
        *answer = ROLE_AMBIGUOUS;
    else
        *candidate = g_steal_pointer(&found);
    return true;
}

void account_add_names(const struct candidate *candidate, const char *attribute,
                       GPtrArray *clauses)
{
    g_ptr_array_add(clauses, filter_equals(attribute, "", candidate->account->dn));
    if (candidate->login)
        g_ptr_array_add(clauses, filter_equals(attribute, "", candidate->login));
    for (guint i = 0; i < candidate->addresses->len; i++)
        g_ptr_array_add(clauses, filter_equals(attribute, "", candidate->addresses->pdata[i]));
}

/* The rules that the account's own entry answers, as clauses of one filter. */
static GPtrArray *attribute_clauses(const GPtrArray *rules, const GPtrArray *names,
                                    const struct person *person)
{
    GPtrArray *clauses = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < rules->len; i++) {
        const struct role_rule *rule = rules->pdata[i];
        if (rule->kind == ROLE_BY_LOGIN_ATTRIBUTE && person)
            g_ptr_array_add(clauses, filter_equals(rule->value, "", person->login));
        for (guint k = 0; rule->kind == ROLE_BY_DN_ATTRIBUTE && k < names->len; k++)
            g_ptr_array_add(clauses, filter_equals(rule->value, "", names->pdata[k]));
    }
    return clauses;
}

/* Who is asked about: the person by name and login, or the groups above by their names. */
struct holder {
    const GPtrArray *names;      /* DNs */
    const struct person *person; /* whose name that is; NULL: they are groups' */
    bool by_template;            /* whether group templates are asked about these names */
};

static bool template_holds(struct connection *connection, const char *group,
                           const struct holder *holder, bool *holds, GError **error)
{
    return holder->person
               ? group_holds_person(connection, group, holder->person, MISSING_IS_NOTHING, holds,
                                    error)
               : group_holds(connection, group, holder->names, MISSING_IS_NOTHING, holds, error);
}

/* An account that has no such group gives nobody a role by it. */
static bool template_gives(struct connection *connection, const struct candidate *candidate,
                           const GPtrArray *rules, const struct holder *holder, bool *gives,
                           GError **error)
{
    for (guint i = 0; i < rules->len && !*gives; i++) {
        const struct role_rule *rule = rules->pdata[i];
        g_autofree char *group = NULL;
        if (rule->kind != ROLE_BY_GROUP_TEMPLATE || !candidate->login)
            continue;
        group = dn_from_template(rule->value, candidate->login);
        if (!template_holds(connection, group, holder, gives, error))
            return false;
        directory_tell(connection->directory, "the group %s does %shold the person", group,
                       *gives ? "" : "not ");
    }
    return true;
}

/* The rules that the person's own entry answers. */
static bool person_gives(struct connection *connection, const struct candidate *candidate,
                         const GPtrArray *rules, const struct person *person, bool *gives,
                         GError **error)
{
    g_autoptr(GPtrArray) clauses = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < rules->len && person; i++) {
        const struct role_rule *rule = rules->pdata[i];
        if (rule->kind == ROLE_BY_PERSON_ATTRIBUTE)
            account_add_names(candidate, rule->value, clauses);
    }
    return clauses->len == 0 ||
           entry_matches(connection, person->dn, clauses, MISSING_IS_CHANGED, gives, error);
}

static bool rules_give(struct connection *connection, const struct candidate *candidate,
                       const GPtrArray *rules, const struct holder *holder, bool *gives,
                       GError **error)
{
    g_autoptr(GPtrArray) clauses = attribute_clauses(rules, holder->names, holder->person);

    *gives = false;
    if (!entry_matches(connection, candidate->account->dn, clauses, MISSING_IS_CHANGED, gives,
                       error))
        return false;
    if (!*gives && !person_gives(connection, candidate, rules, holder->person, gives, error))
        return false;
    return *gives || !holder->by_template ||
           template_gives(connection, candidate, rules, holder, gives, error);
}

/* ROLE_OWNER, ROLE_ADMINISTRATOR or ROLE_NONE. */
static bool role_of(struct connection *connection, const struct candidate *candidate,
                    const struct holder *holder, enum role_answer *answer, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    bool owner, administrator = false;

    if (!rules_give(connection, candidate, settings->owner_rules, holder, &owner, error))
        return false;
    if (!owner && !rules_give(connection, candidate, settings->administrator_rules, holder,
                              &administrator, error))
        return false;
    *answer = owner ? ROLE_OWNER : administrator ? ROLE_ADMINISTRATOR : ROLE_NONE;
    return true;
}

static bool role_through_groups(struct connection *connection, const struct candidate *candidate,
                                const struct person *person, enum role_answer *answer,
                                GError **error)
{
    bool deep = groups_nest(connection->directory->settings);
    g_autoptr(GPtrArray) groups = NULL;
    struct holder holder = {.by_template = deep};

    if (!groups_above(connection, person, deep, &groups, error))
        return false;
    holder.names = groups;
    return role_of(connection, candidate, &holder, answer, error);
}

static bool find_role(struct connection *connection, const struct candidate *candidate,
                      const struct person *person, enum role_answer *answer, GError **error)
{
    g_autoptr(GPtrArray) own = list_of(person->dn);
    struct holder holder = {.names = own, .person = person, .by_template = true};
    bool explains = connection->directory->explains;

    if (explains)
        explain_rules(connection, candidate, person);
    if (!role_of(connection, candidate, &holder, answer, error))
        return false;
    if (*answer == ROLE_NONE && connection->directory->settings->nested != NESTED_NONE &&
        !role_through_groups(connection, candidate, person, answer, error))
        return false;
    if (*answer == ROLE_NONE && explains)
        explain_groups(connection, person);
    directory_tell(connection->directory, "role of %s: %s", person->login,
                   role_answer_name(*answer));
    return true;
}

/* Only for who has a role: what is wrong with an account is no stranger's business. */
bool account_check(struct connection *connection, const struct account *account,
                   enum role_answer *answer, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = filter_now(settings->account_eligible_filter);
    g_autoptr(GPtrArray) clauses = list_of(filter);
    bool eligible = true;

    if (*filter &&
        !entry_matches(connection, account->dn, clauses, MISSING_IS_CHANGED, &eligible, error))
        return false;
    if (!eligible)
        *answer = ROLE_NOT_ELIGIBLE;
    else if (settings->primary_only && !account->primary)
        *answer = ROLE_NOT_PRIMARY;
    if (!eligible)
        directory_tell(connection->directory, "%s does not match the filter of eligible accounts",
                       account->dn);
    return true;
}

struct role_question {
    const char *login;
    const char *address;
    enum role_answer answer;
    struct account *account;
};

static bool ask_account(struct connection *connection, struct role_question *question,
                        const struct person *person, GError **error)
{
    auto_ptr(candidate) candidate = NULL;

    if (!account_look_up(connection, question->address, &question->answer, &candidate, error))
        return false;
    if (!candidate)
        return true;
    if (!find_role(connection, candidate, person, &question->answer, error))
        return false;
    if (question->answer != ROLE_NONE &&
        !account_check(connection, candidate->account, &question->answer, error))
        return false;
    question->account = g_steal_pointer(&candidate->account);
    return true;
}

static bool ask_role(struct connection *connection, void *data, GError **error)
{
    struct role_question *question = data;
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    if (!person_look_up(connection, question->login, &answer, &person, error))
        return false;
    question->answer = answer == PERSON_NOT_ELIGIBLE ? ROLE_PERSON_NOT_ELIGIBLE
                       : answer == PERSON_SEVERAL    ? ROLE_PERSON_SEVERAL
                                                     : ROLE_PERSON_NOT_FOUND;
    return !person || ask_account(connection, question, person, error);
}

bool directory_role(struct directory *directory, const char *login, const char *address,
                    struct deadline deadline, enum role_answer *answer, struct account **account,
                    GError **error)
{
    g_autofree char *name = login_check(directory->settings, login);
    g_autofree char *sound = sound_address(address);
    struct role_question question = {.login = name, .address = sound, .answer = ROLE_SYNTAX};

    if (name && sound && !directory_ask(directory, deadline, ask_role, &question, error))
        return false;
    *answer = question.answer;
    if (account)
        *account = question.account;
    else
        account_free(question.account);
    return true;
}
