/* SPDX-License-Identifier: MIT
 *
 * Groups by the name that people know them by: whether one is there, who is in it,
 * and in which of some a person is.
 */
#include "adapters/directory/filter.h"
#include "adapters/directory/lookup.h"
#include "rules/registration.h"

void directory_group_free(struct directory_group *group)
{
    if (!group)
        return;
    g_free(group->mail);
    g_clear_pointer(&group->members, g_ptr_array_unref);
    g_free(group);
}

/* ---- the group of a name ---------------------------------------------------------------------- */

/* Whether it really is the name: servers compare by rules of their own. */
static bool has_name(struct connection *connection, LDAPMessage *entry, const char *name)
{
    const char *attribute = connection->directory->settings->group_name_attribute;
    g_autoptr(GPtrArray) values = entry_values(connection, entry, attribute);

    for (guint i = 0; i < values->len; i++) {
        g_autofree char *one = value_text(values->pdata[i]);
        g_autofree char *folded = one ? login_fold(one) : NULL;
        if (folded && strcmp(folded, name) == 0)
            return true;
    }
    return false;
}

static bool search_name(struct connection *connection, const char *name, unsigned *count,
                        LDAPMessage **result, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *named = filter_equals(settings->group_name_attribute, "", name);
    g_autofree char *filter = filter_all(settings->group_filter, named, "");
    const char *const attributes[] = {settings->group_name_attribute,
                                      settings->user_mail_attribute, NULL};
    struct search search = {.attempt = "search for a group",
                            .base = settings->group_base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = filter,
                            .attributes = attributes};

    return search_one(connection, &search, count, result, error);
}

/* *dn and *mail are set with GROUP_FOUND only; caller frees both. */
static bool look_up(struct connection *connection, const char *name, enum group_answer *answer,
                    char **dn, char **mail, GError **error)
{
    g_autoptr(LDAPMessage) result = NULL;
    LDAPMessage *entry;
    unsigned count;

    if (!search_name(connection, name, &count, &result, error))
        return false;
    *answer = count > 1 ? GROUP_AMBIGUOUS : GROUP_NOT_FOUND;
    entry = count == 1 ? ldap_first_entry(connection->ldap, result) : NULL;
    if (entry && has_name(connection, entry, name)) {
        *answer = GROUP_FOUND;
        *dn = entry_dn(connection, entry);
        *mail = entry_text(connection, entry, connection->directory->settings->user_mail_attribute);
    }
    directory_tell(connection->directory, "%s group has the name %s",
                   *answer == GROUP_FOUND ? "one" : count > 1 ? "more than one" : "no", name);
    return true;
}

/* ---- who is in it ------------------------------------------------------------------------------- */

/* Downward from the group, level by level. */
struct descent {
    GPtrArray *names; /* DNs met, each once: the group itself first */
    GHashTable *seen; /* dn_key() of each */
    struct directory_group *group;
    guint most;
};

static void meet(struct descent *descent, const char *dn)
{
    if (g_hash_table_add(descent->seen, dn_key(dn)))
        g_ptr_array_add(descent->names, g_strdup(dn));
}

/* *result stays NULL when the entry is gone or does not match. */
static bool read_entry(struct connection *connection, const char *dn, const char *filter,
                       const char *const *attributes, LDAPMessage **result, GError **error)
{
    struct search search = {.attempt = "read a group's member",
                            .base = dn,
                            .scope = LDAP_SCOPE_BASE,
                            .filter = filter,
                            .attributes = attributes,
                            .missing = MISSING_IS_NOTHING};
    unsigned count;

    return search_one(connection, &search, &count, result, error);
}

/* A group of POSIX has its members by their logins. */
static bool note_logins(struct connection *connection, LDAPMessage *entry, struct descent *descent,
                        GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autoptr(GPtrArray) values =
        entry_values(connection, entry, settings->group_member_uid_attribute);

    for (guint i = 0; i < values->len && descent->group->members->len < descent->most; i++) {
        g_autofree char *value = value_text(values->pdata[i]);
        g_autofree char *login = value ? login_check(settings, value) : NULL;
        auto_ptr(person) person = NULL;
        enum person_answer answer;
        if (login && !person_look_up(connection, login, &answer, &person, error))
            return false;
        if (person)
            g_ptr_array_add(descent->group->members, g_strdup(person->login));
    }
    return true;
}

static void meet_members(struct connection *connection, LDAPMessage *entry, struct descent *descent)
{
    const GPtrArray *attributes = connection->directory->settings->group_member_attributes;

    for (guint i = 0; i < attributes->len; i++) {
        g_autoptr(GPtrArray) values = entry_values(connection, entry, attributes->pdata[i]);
        for (guint k = 0; k < values->len; k++) {
            g_autofree char *member = value_text(values->pdata[k]);
            if (member)
                meet(descent, member);
        }
    }
}

static bool open_group(struct connection *connection, const char *dn, struct descent *descent,
                       bool *is_group, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    bool inner = descent->names->len > 1;
    g_autofree const char **attributes = group_member_names(settings);
    g_autoptr(LDAPMessage) result = NULL;
    LDAPMessage *entry;

    if (!read_entry(connection, dn, settings->group_filter, attributes, &result, error))
        return false;
    *is_group = result != NULL;
    if (!result || (inner && !groups_nest(settings)))
        return true;
    entry = ldap_first_entry(connection->ldap, result);
    meet_members(connection, entry, descent);
    return !*settings->group_member_uid_attribute || note_logins(connection, entry, descent, error);
}

/* Contacts and computers have no login that a person could sign in with. */
static bool note_person(struct connection *connection, const char *dn, struct descent *descent,
                        GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *has_login = g_strdup_printf("(%s=*)", settings->user_login_attribute);
    g_autofree char *eligible = filter_now(settings->user_eligible_filter);
    g_autofree char *filter = filter_all(has_login, eligible, "");
    const char *const attributes[] = {settings->user_login_attribute, NULL};
    g_autoptr(LDAPMessage) result = NULL;
    g_autoptr(GPtrArray) logins = NULL;
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    if (!read_entry(connection, dn, filter, attributes, &result, error))
        return false;
    if (!result)
        return true;
    logins = entry_logins(connection, ldap_first_entry(connection->ldap, result));
    if (!person_recognise(connection, dn, logins, &answer, &person, error))
        return false;
    if (answer == PERSON_FOUND)
        g_ptr_array_add(descent->group->members, g_strdup(person->login));
    /* Somebody, whose login does not say who. */
    descent->group->more |= answer == PERSON_SEVERAL;
    return true;
}

static bool descend(struct connection *connection, struct descent *descent, GError **error)
{
    guint most_steps = connection->directory->settings->max_groups;
    GPtrArray *members = descent->group->members;
    guint i;

    for (i = 0; i < descent->names->len && i < most_steps && members->len < descent->most; i++) {
        const char *dn = g_ptr_array_index(descent->names, i);
        bool is_group;
        if (!open_group(connection, dn, descent, &is_group, error) ||
            (!is_group && !note_person(connection, dn, descent, error)))
            return false;
    }
    descent->group->more |= i < descent->names->len;
    return true;
}

static bool read_members(struct connection *connection, const char *dn, guint most,
                         struct directory_group *group, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct descent descent = {.names = names, .seen = seen, .group = group, .most = most};

    meet(&descent, dn);
    return descend(connection, &descent, error);
}

/* ---- the question -------------------------------------------------------------------------------- */

struct group_question {
    const char *name;
    guint most;
    enum group_answer answer;
    struct directory_group *group;
};

static bool ask_group(struct connection *connection, void *data, GError **error)
{
    struct group_question *question = data;
    auto_ptr(directory_group) group = g_new0(struct directory_group, 1);
    g_autofree char *dn = NULL;

    group->members = g_ptr_array_new_with_free_func(g_free);
    if (!look_up(connection, question->name, &question->answer, &dn, &group->mail, error))
        return false;
    if (question->answer != GROUP_FOUND)
        return true;
    if (!group->mail)
        group->mail = g_strdup("");
    if (question->most > 0 && !read_members(connection, dn, question->most, group, error))
        return false;
    question->group = g_steal_pointer(&group);
    return true;
}

static bool is_remembered(const struct directory *directory, const char *name,
                          enum group_answer *answer)
{
    int known = directory->groups
                    ? GPOINTER_TO_INT(g_hash_table_lookup(directory->groups, name))
                    : 0;

    if (known)
        *answer = (enum group_answer)(known - 1);
    return known;
}

bool directory_find_group(struct directory *directory, const char *name, guint most,
                          struct deadline deadline, enum group_answer *answer,
                          struct directory_group **group, GError **error)
{
    g_autofree char *lower = login_fold(name);
    struct group_question question = {.name = lower, .most = most, .answer = GROUP_NOT_ASKED};

    if (!group && is_remembered(directory, lower, answer))
        return true;
    if (*directory->settings->group_base && login_is_well_formed(lower) &&
        !directory_ask(directory, deadline, ask_group, &question, error))
        return false;
    if (directory->groups)
        g_hash_table_insert(directory->groups, g_strdup(lower),
                            GINT_TO_POINTER((int)question.answer + 1));
    *answer = question.answer;
    if (group && question.group)
        *group = question.group;
    else
        directory_group_free(question.group);
    return true;
}

/* ---- in which of them a person is ------------------------------------------------------------------ */

struct membership_question {
    const char *login;
    const GPtrArray *names;
    GPtrArray *held;
};

/* That the person is in one group of that name says nothing where there are two. */
static bool keep_if_only_one(struct connection *connection, const char *name, GPtrArray *held,
                             GError **error)
{
    g_autofree char *dn = NULL;
    g_autofree char *mail = NULL;
    enum group_answer answer;

    if (!look_up(connection, name, &answer, &dn, &mail, error))
        return false;
    if (answer == GROUP_FOUND)
        g_ptr_array_add(held, g_strdup(name));
    return true;
}

static bool ask_groups_of(struct connection *connection, const struct person *person,
                          const struct membership_question *question, GError **error)
{
    bool deep = groups_nest(connection->directory->settings);
    g_autoptr(GHashTable) above = NULL;

    if (!group_names_above(connection, person, deep, &above, error))
        return false;
    for (guint i = 0; i < question->names->len; i++) {
        const char *name = g_ptr_array_index(question->names, i);
        if (g_hash_table_contains(above, name) &&
            !keep_if_only_one(connection, name, question->held, error))
            return false;
    }
    return true;
}

static bool ask_membership(struct connection *connection, void *data, GError **error)
{
    struct membership_question *question = data;
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    g_ptr_array_set_size(question->held, 0);
    return person_look_up(connection, question->login, &answer, &person, error) &&
           (!person || ask_groups_of(connection, person, question, error));
}

bool directory_member_of(struct directory *directory, const char *login, const GPtrArray *names,
                         struct deadline deadline, GPtrArray **held, GError **error)
{
    g_autofree char *name = login_check(directory->settings, login);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    struct membership_question question = {.login = name, .names = names, .held = found};

    if (name && names->len > 0 && *directory->settings->group_base &&
        !directory_ask(directory, deadline, ask_membership, &question, error))
        return false;
    *held = g_steal_pointer(&found);
    return true;
}
