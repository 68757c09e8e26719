/* SPDX-License-Identifier: MIT
 *
 * Groups in groups, asked for upward from the person, level by level. No group's
 * members are ever read: there may be thousands, and of large groups Active
 * Directory shows none. Its own rule for chains is not used: it is slower, and
 * elsewhere it matches nothing.
 */
#include "adapters/directory/filter.h"
#include "adapters/directory/lookup.h"
#include "rules/registration.h"

struct climb {
    GHashTable *seen;  /* dn_key() of every DN met: a circle of groups ends here */
    GPtrArray *groups; /* all that were found, in that order */
    GHashTable *names; /* what people call them, in lower case; or NULL: not asked for */
    guint most;
};

GPtrArray *list_of(const char *text)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(list, g_strdup(text));
    return list;
}

static GPtrArray *member_clauses(struct connection *connection, const GPtrArray *names, guint from)
{
    const char *attribute = connection->directory->settings->group_member_attribute;
    GPtrArray *clauses = g_ptr_array_new_with_free_func(g_free);

    for (guint i = from; i < names->len; i++)
        g_ptr_array_add(clauses, filter_equals(attribute, "", names->pdata[i]));
    return clauses;
}

static void note_names(struct connection *connection, LDAPMessage *entry, GHashTable *names)
{
    const char *attribute = connection->directory->settings->group_name_attribute;
    g_autoptr(GPtrArray) values = entry_values(connection, entry, attribute);

    for (guint i = 0; i < values->len; i++) {
        g_autofree char *name = value_text(values->pdata[i]);
        if (name)
            g_hash_table_add(names, login_fold(name));
    }
}

/* False as soon as there are more than may be. */
static bool meet_group(struct connection *connection, LDAPMessage *entry, void *data)
{
    struct climb *climb = data;
    g_autofree char *dn = entry_dn(connection, entry);

    if (!g_hash_table_add(climb->seen, dn_key(dn)))
        return true;
    directory_tell(connection->directory, "is in the group %s", dn);
    if (climb->names)
        note_names(connection, entry, climb->names);
    g_ptr_array_add(climb->groups, g_steal_pointer(&dn));
    return climb->groups->len <= climb->most;
}

static bool too_many(struct connection *connection, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY,
                "could not ask the directory: %s: could not follow groups in groups: more than %u "
                "of them (most)",
                connection->server->uri, connection->directory->settings->max_groups);
    return false;
}

static bool too_deep(struct connection *connection, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY,
                "could not ask the directory: %s: could not follow groups in groups: more than %u "
                "levels of them (depth)",
                connection->server->uri, connection->directory->settings->nested_depth);
    return false;
}

static bool search_groups(struct connection *connection, const char *members, struct climb *climb,
                          GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = filter_all(settings->group_filter, members, "");
    const char *const names[] = {settings->group_name_attribute, NULL};
    struct search search = {.attempt = "search for groups",
                            .base = settings->group_base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = filter,
                            .attributes = climb->names ? names : NULL};
    bool whole = true;

    if (!search_each(connection, &search, meet_group, climb, &whole, error))
        return false;
    return whole || too_many(connection, error);
}

/* Adds the groups that hold one of the clauses' names. */
static bool climb_one(struct connection *connection, const GPtrArray *clauses, struct climb *climb,
                      GError **error)
{
    for (guint i = 0; i < clauses->len; i += CLAUSES_IN_FILTER) {
        g_autofree char *members = filter_any(clauses, i);
        if (!search_groups(connection, members, climb, error))
            return false;
    }
    return true;
}

static bool climb_all(struct connection *connection, const char *dn, bool deep, struct climb *climb,
                      GError **error)
{
    g_autoptr(GPtrArray) start = list_of(dn);
    const GPtrArray *names = start;
    guint from = 0;

    for (unsigned level = 1; from < names->len; level++) {
        g_autoptr(GPtrArray) clauses = member_clauses(connection, names, from);
        guint before = climb->groups->len;
        if (!climb_one(connection, clauses, climb, error))
            return false;
        if (!deep)
            return true;
        /* Asked one level further than may be, to know that there is nothing. */
        if (level > connection->directory->settings->nested_depth && climb->groups->len > before)
            return too_deep(connection, error);
        names = climb->groups;
        from = before;
    }
    return true;
}

static bool climb_from(struct connection *connection, const char *dn, bool deep,
                       GHashTable *names, GPtrArray **groups, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    struct climb climb = {.seen = seen,
                          .groups = found,
                          .names = names,
                          .most = connection->directory->settings->max_groups};

    g_hash_table_add(seen, dn_key(dn));
    if (!climb_all(connection, dn, deep, &climb, error))
        return false;
    *groups = g_steal_pointer(&found);
    return true;
}

bool groups_above(struct connection *connection, const char *dn, bool deep, GPtrArray **groups,
                  GError **error)
{
    return climb_from(connection, dn, deep, NULL, groups, error);
}

bool group_names_above(struct connection *connection, const char *dn, bool deep,
                       GHashTable **names, GError **error)
{
    g_autoptr(GHashTable) found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) groups = NULL;

    if (!climb_from(connection, dn, deep, found, &groups, error))
        return false;
    *names = g_steal_pointer(&found);
    return true;
}

bool group_holds(struct connection *connection, const char *group, const GPtrArray *names,
                 enum base_missing missing, bool *holds, GError **error)
{
    g_autoptr(GPtrArray) clauses = member_clauses(connection, names, 0);

    return entry_matches(connection, group, clauses, missing, holds, error);
}

struct member_question {
    const char *login;
    const char *group;
    bool member;
};

static bool is_member_through_groups(struct connection *connection, const char *dn,
                                     struct member_question *question, GError **error)
{
    g_autoptr(GPtrArray) groups = NULL;

    return groups_above(connection, dn, true, &groups, error) &&
           group_holds(connection, question->group, groups, MISSING_IS_MISCONFIGURED,
                       &question->member, error);
}

static bool ask_member(struct connection *connection, void *data, GError **error)
{
    struct member_question *question = data;
    auto_ptr(person) person = NULL;
    g_autoptr(GPtrArray) own = NULL;
    enum person_answer answer;

    question->member = false;
    if (!person_look_up(connection, question->login, &answer, &person, error))
        return false;
    if (!person)
        return true;
    own = list_of(person->dn);
    if (!group_holds(connection, question->group, own, MISSING_IS_MISCONFIGURED, &question->member,
                     error))
        return false;
    if (question->member || connection->directory->settings->nested != NESTED_CLIENT)
        return true;
    return is_member_through_groups(connection, person->dn, question, error);
}

bool directory_is_member(struct directory *directory, const char *login, const char *group_dn,
                         struct deadline deadline, bool *member, GError **error)
{
    g_autofree char *name = login_check(directory->settings, login);
    struct member_question question = {.login = name, .group = group_dn};

    if (name && !directory_ask(directory, deadline, ask_member, &question, error))
        return false;
    *member = question.member;
    return true;
}
