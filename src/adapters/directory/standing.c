/* SPDX-License-Identifier: MIT
 *
 * How an account stands by itself: whether it is there, may send, and has anybody
 * who is responsible for it.
 */
#include "adapters/directory/filter.h"
#include "adapters/directory/lookup.h"

void standing_free(struct standing *standing)
{
    if (!standing)
        return;
    if (standing->holders)
        g_ptr_array_unref(standing->holders);
    g_free(standing->id);
    g_free(standing->label);
    g_free(standing);
}

struct standing_question {
    const char *address;
    struct standing *standing;
    GHashTable *seen; /* DNs looked at already */
};

static bool matches(struct connection *connection, const char *dn, const char *filter,
                    bool *does, GError **error)
{
    g_autoptr(GPtrArray) clauses = list_of(filter);

    return entry_matches(connection, dn, clauses, MISSING_IS_NOTHING, does, error);
}

/* By the login, so that a listed owner is not told twice; people elsewhere in the tree have none. */
static bool add_holder(struct connection *connection, const char *dn, struct standing *standing,
                       GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    const char *const attributes[] = {settings->user_login_attribute,
                                      settings->user_mail_attribute, NULL};
    struct search search = {.attempt = "read a person",
                            .base = dn,
                            .scope = LDAP_SCOPE_BASE,
                            .filter = "(objectClass=*)",
                            .attributes = attributes,
                            .missing = MISSING_IS_NOTHING};
    g_autoptr(LDAPMessage) result = NULL;
    g_autoptr(GPtrArray) logins = NULL;
    auto_ptr(person) person = NULL;
    enum person_answer answer;
    LDAPMessage *entry;
    unsigned count;
    char *name;

    if (!search_one(connection, &search, &count, &result, error))
        return false;
    if (count != 1)
        return true;
    entry = ldap_first_entry(connection->ldap, result);
    logins = entry_logins(connection, entry);
    if (!person_recognise(connection, dn, logins, &answer, &person, error))
        return false;
    name = answer == PERSON_FOUND ? g_strdup(person->login)
                                  : entry_text(connection, entry, settings->user_mail_attribute);
    if (name)
        g_ptr_array_add(standing->holders, name);
    return true;
}

/* A group with a member, or "no", which a person is as well. */
static bool is_filled_group(struct connection *connection, const char *dn, bool *filled,
                            GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = group_filled_filter(settings);

    *filled = false;
    return matches(connection, dn, filter, filled, error);
}

/* The filter of eligible people says nothing of groups: an empty one is not to pass for a person. */
static bool is_person(struct connection *connection, const char *dn, bool *person, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *login = g_strdup_printf("(%s=*)", settings->user_login_attribute);
    g_autofree char *no_group = g_strdup_printf("(!%s)", settings->group_filter);
    g_autofree char *eligible = filter_now(settings->user_eligible_filter);
    g_autofree char *filter = filter_all(login, no_group, eligible);

    *person = false;
    return matches(connection, dn, filter, person, error);
}

static bool meet_holder(struct connection *connection, const char *dn,
                        struct standing_question *question, GError **error)
{
    bool group, person;

    if (!g_hash_table_add(question->seen, dn_key(dn)))
        return true;
    if (!is_filled_group(connection, dn, &group, error) ||
        !is_person(connection, dn, &person, error))
        return false;
    question->standing->held |= group || person;
    return !person || add_holder(connection, dn, question->standing, error);
}

static bool meet_login(struct connection *connection, const char *value,
                       struct standing_question *question, GError **error)
{
    g_autofree char *login = login_check(connection->directory->settings, value);
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    if (!login)
        return true;
    if (!person_look_up(connection, login, &answer, &person, error))
        return false;
    /* One of them is somebody, whoever it is. */
    question->standing->held |= answer == PERSON_SEVERAL;
    return !person || meet_holder(connection, person->dn, question, error);
}

static bool meet_values(struct connection *connection, LDAPMessage *entry,
                        const struct role_rule *rule, struct standing_question *question,
                        GError **error)
{
    g_autoptr(GPtrArray) values = entry_values(connection, entry, rule->value);

    for (guint i = 0; i < values->len; i++) {
        g_autofree char *value = value_text(values->pdata[i]);
        if (!value)
            continue;
        if (!(rule->kind == ROLE_BY_DN_ATTRIBUTE ? meet_holder : meet_login)(connection, value,
                                                                            question, error))
            return false;
    }
    return true;
}

static bool meet_template(struct connection *connection, const char *login,
                          const struct role_rule *rule, struct standing_question *question,
                          GError **error)
{
    g_autofree char *group = login ? dn_from_template(rule->value, login) : NULL;

    return !group || meet_holder(connection, group, question, error);
}

static bool note_dn(struct connection *connection, LDAPMessage *entry, void *data)
{
    g_ptr_array_add(data, entry_dn(connection, entry));
    return true;
}

/* The people who name the account. */
static bool meet_namers(struct connection *connection, const struct candidate *candidate,
                        const struct role_rule *rule, struct standing_question *question,
                        GError **error)
{
    g_autoptr(GPtrArray) clauses = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) people = g_ptr_array_new_with_free_func(g_free);

    account_add_names(candidate, rule->value, clauses);
    for (guint i = 0; i < clauses->len; i += CLAUSES_IN_FILTER) {
        g_autofree char *filter = filter_any(clauses, i);
        if (!people_search(connection, filter, note_dn, people, error))
            return false;
    }
    for (guint i = 0; i < people->len; i++)
        if (!meet_holder(connection, people->pdata[i], question, error))
            return false;
    return true;
}

static bool meet_rule(struct connection *connection, LDAPMessage *entry,
                      const struct candidate *candidate, const struct role_rule *rule,
                      struct standing_question *question, GError **error)
{
    switch (rule->kind) {
    case ROLE_BY_GROUP_TEMPLATE:
        return meet_template(connection, candidate->login, rule, question, error);
    case ROLE_BY_PERSON_ATTRIBUTE:
        return meet_namers(connection, candidate, rule, question, error);
    case ROLE_BY_DN_ATTRIBUTE:
    case ROLE_BY_LOGIN_ATTRIBUTE:
    default:
        return meet_values(connection, entry, rule, question, error);
    }
}

static bool meet_rules(struct connection *connection, LDAPMessage *entry,
                       const struct candidate *candidate, const GPtrArray *rules,
                       struct standing_question *question, GError **error)
{
    for (guint i = 0; i < rules->len; i++)
        if (!meet_rule(connection, entry, candidate, rules->pdata[i], question, error))
            return false;
    return true;
}

static const char **rule_attributes(const struct directory_settings *settings)
{
    const GPtrArray *const lists[] = {settings->owner_rules, settings->administrator_rules};
    GPtrArray *names = g_ptr_array_new();

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        for (guint k = 0; k < lists[i]->len; k++) {
            const struct role_rule *rule = lists[i]->pdata[k];
            if (rule->kind == ROLE_BY_DN_ATTRIBUTE || rule->kind == ROLE_BY_LOGIN_ATTRIBUTE)
                g_ptr_array_add(names, rule->value);
        }
    if (names->len == 0)
        g_ptr_array_add(names, settings->id_attribute);
    g_ptr_array_add(names, NULL);
    return (const char **)g_ptr_array_free(names, FALSE);
}

static bool find_holders(struct connection *connection, const struct candidate *candidate,
                         struct standing_question *question, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree const char **attributes = rule_attributes(settings);
    struct search search = {.attempt = "read an account",
                            .base = candidate->account->dn,
                            .scope = LDAP_SCOPE_BASE,
                            .filter = "(objectClass=*)",
                            .attributes = attributes,
                            .missing = MISSING_IS_CHANGED};
    g_autoptr(LDAPMessage) result = NULL;
    LDAPMessage *entry;
    unsigned count;

    if (!search_one(connection, &search, &count, &result, error))
        return false;
    entry = count == 1 ? ldap_first_entry(connection->ldap, result) : NULL;
    return !entry ||
           (meet_rules(connection, entry, candidate, settings->owner_rules, question, error) &&
            meet_rules(connection, entry, candidate, settings->administrator_rules, question,
                       error));
}

static enum standing_answer answer_of(enum role_answer answer)
{
    return answer == ROLE_NOT_FOUND   ? STANDING_NOT_FOUND
           : answer == ROLE_AMBIGUOUS ? STANDING_AMBIGUOUS
           : answer == ROLE_NONE      ? STANDING_GOOD
                                      : STANDING_NOT_ELIGIBLE;
}

static void begin_anew(struct standing_question *question)
{
    standing_free(question->standing);
    question->standing = g_new0(struct standing, 1);
    question->standing->holders = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_remove_all(question->seen);
}

static bool ask_standing(struct connection *connection, void *data, GError **error)
{
    struct standing_question *question = data;
    auto_ptr(candidate) candidate = NULL;
    enum role_answer answer;

    begin_anew(question);
    if (!account_look_up(connection, question->address, &answer, &candidate, error))
        return false;
    if (candidate) {
        question->standing->id = g_strdup(candidate->account->id);
        question->standing->label = g_strdup(candidate->account->label);
        answer = ROLE_NONE;
        if (!account_check(connection, candidate->account, &answer, error))
            return false;
    }
    question->standing->answer = answer_of(answer);
    return !candidate || find_holders(connection, candidate, question, error);
}

bool directory_standing(struct directory *directory, const char *address, struct deadline deadline,
                        struct standing **standing, GError **error)
{
    g_autofree char *sound = sound_address(address);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct standing_question question = {.address = sound, .seen = seen};

    if (!sound) {
        begin_anew(&question);
        question.standing->answer = STANDING_NOT_FOUND;
    } else if (!directory_ask(directory, deadline, ask_standing, &question, error)) {
        standing_free(question.standing);
        return false;
    }
    *standing = question.standing;
    return true;
}
