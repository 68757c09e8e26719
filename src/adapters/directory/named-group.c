/* SPDX-License-Identifier: MIT
 *
 * Groups by the name that people know them by, and by what lasts when that changes: whether
 * one is there, who is in it, and in which of some a person is.
 */
#include "adapters/directory/filter.h"
#include "adapters/directory/lookup.h"
#include "rules/registration.h"

void directory_group_free(struct directory_group *group)
{
    if (!group)
        return;
    g_free(group->name);
    g_free(group->id);
    g_free(group->mail);
    g_clear_pointer(&group->members, g_ptr_array_unref);
    g_free(group);
}

static struct directory_group *group_new(const char *name, const char *id, const char *mail)
{
    struct directory_group *group = g_new0(struct directory_group, 1);

    group->name = g_strdup(name);
    group->id = g_strdup(id ? id : "");
    group->mail = g_strdup(mail ? mail : "");
    group->members = g_ptr_array_new_with_free_func(g_free);
    return group;
}

/* ---- the group of a name, or of an id ------------------------------------------------------------ */

/* The entry's names, folded, of char *; caller unrefs. Servers compare by rules of their own. */
static GPtrArray *names_of_entry(struct connection *connection, LDAPMessage *entry)
{
    const char *attribute = connection->directory->settings->group_name_attribute;
    g_autoptr(GPtrArray) values = entry_values(connection, entry, attribute);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < values->len; i++) {
        g_autofree char *one = value_text(values->pdata[i]);
        if (one)
            g_ptr_array_add(names, login_fold(one));
    }
    return names;
}

static bool has_name(const GPtrArray *names, const char *name)
{
    for (guint i = 0; i < names->len; i++)
        if (strcmp(names->pdata[i], name) == 0)
            return true;
    return false;
}

/* That one, or else the first that can be written as an owner. */
static const char *choose_name(const GPtrArray *names, const char *name)
{
    if (has_name(names, name))
        return name;
    for (guint i = 0; i < names->len; i++)
        if (login_is_well_formed(names->pdata[i]))
            return names->pdata[i];
    return "";
}

static struct directory_group *read_group(struct connection *connection, LDAPMessage *entry,
                                          const char *name)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autoptr(GPtrArray) names = names_of_entry(connection, entry);
    g_autofree char *id = entry_id(connection, entry, settings->group_id_attribute);
    g_autofree char *mail = entry_text(connection, entry, settings->user_mail_attribute);

    return group_new(choose_name(names, name), id, mail);
}

static bool search_group(struct connection *connection, const char *clause, unsigned *count,
                         LDAPMessage **result, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = filter_all(settings->group_filter, clause, "");
    const char *const attributes[] = {settings->group_name_attribute, settings->group_id_attribute,
                                      settings->user_mail_attribute, NULL};
    struct search search = {.attempt = "search for a group",
                            .base = settings->group_base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = filter,
                            .attributes = attributes};

    return search_one(connection, &search, count, result, error);
}

/* What a look-up finds. */
struct found {
    enum group_answer answer;
    char *dn; /* this and the group are set with GROUP_FOUND only */
    struct directory_group *group;
};

static void found_clear(struct found *found)
{
    g_clear_pointer(&found->dn, g_free);
    g_clear_pointer(&found->group, directory_group_free);
}

#define auto_found __attribute__((cleanup(found_clear))) struct found

static bool look_up(struct connection *connection, const char *name, struct found *found,
                    GError **error)
{
    const char *attribute = connection->directory->settings->group_name_attribute;
    g_autofree char *clause = filter_equals(attribute, "", name);
    g_autoptr(LDAPMessage) result = NULL;
    g_autoptr(GPtrArray) names = NULL;
    LDAPMessage *entry;
    unsigned count;

    if (!search_group(connection, clause, &count, &result, error))
        return false;
    found->answer = count > 1 ? GROUP_AMBIGUOUS : GROUP_NOT_FOUND;
    entry = count == 1 ? ldap_first_entry(connection->ldap, result) : NULL;
    names = entry ? names_of_entry(connection, entry) : NULL;
    if (entry && has_name(names, name)) {
        found->answer = GROUP_FOUND;
        found->dn = entry_dn(connection, entry);
        found->group = read_group(connection, entry, name);
    }
    directory_tell(connection->directory, "%s group has the name %s",
                   found->group ? "one" : count > 1 ? "more than one" : "no", name);
    return true;
}

/* Nobody has the id. Where a group has the name, and does not show its id, it may be that one. */
static bool look_up_veiled(struct connection *connection, const char *name, struct found *found,
                           GError **error)
{
    auto_found named = {0};

    if (!look_up(connection, name, &named, error))
        return false;
    found->answer = named.answer == GROUP_AMBIGUOUS || (named.group && !*named.group->id)
                        ? GROUP_VEILED
                        : GROUP_NOT_FOUND;
    return true;
}

static bool look_up_id(struct connection *connection, const struct owner *owner,
                       struct found *found, GError **error)
{
    const char *attribute = connection->directory->settings->group_id_attribute;
    const char *name = owner_name(owner->written);
    g_autofree char *clause = id_filter(attribute, owner->person_id);
    g_autoptr(LDAPMessage) result = NULL;
    g_autofree char *id = NULL;
    unsigned count = 0;

    if (clause && !search_group(connection, clause, &count, &result, error))
        return false;
    id = count == 1 ? entry_id(connection, ldap_first_entry(connection->ldap, result), attribute)
                    : NULL;
    directory_tell(connection->directory, "%s group has the id %s",
                   count > 1 ? "more than one" : id ? "one" : "no", owner->person_id);
    if (count <= 1 && (!id || strcmp(id, owner->person_id) != 0))
        return look_up_veiled(connection, name, found, error);
    found->answer = count > 1 ? GROUP_AMBIGUOUS : GROUP_FOUND;
    if (count == 1) {
        LDAPMessage *entry = ldap_first_entry(connection->ldap, result);
        found->dn = entry_dn(connection, entry);
        found->group = read_group(connection, entry, name);
    }
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

/* ---- remembered ---------------------------------------------------------------------------------- */

struct remembered_group {
    enum group_answer answer;
    struct directory_group *group; /* without its members; or NULL */
};

static void remembered_release(void *data)
{
    struct remembered_group *remembered = data;

    directory_group_free(remembered->group);
    g_free(remembered);
}

GHashTable *groups_remembered(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, remembered_release);
}

static struct directory_group *group_copy(const struct directory_group *group)
{
    return group ? group_new(group->name, group->id, group->mail) : NULL;
}

static void remember_group(struct directory *directory, const char *name, enum group_answer answer,
                           const struct directory_group *group)
{
    struct remembered_group *remembered = g_new0(struct remembered_group, 1);

    remembered->answer = answer;
    remembered->group = group_copy(group);
    g_hash_table_insert(directory->groups, g_strdup(name), remembered);
}

static const struct remembered_group *recall_group(const struct directory *directory,
                                                   const char *name)
{
    return directory->groups ? g_hash_table_lookup(directory->groups, name) : NULL;
}

/* ---- the question -------------------------------------------------------------------------------- */

struct group_question {
    const char *name;          /* or */
    const struct owner *owner; /* with an id */
    guint most;
    struct found found;
};

static bool ask_group(struct connection *connection, void *data, GError **error)
{
    struct group_question *question = data;
    struct found *found = &question->found;

    found_clear(found);
    if (!(question->owner ? look_up_id(connection, question->owner, found, error)
                          : look_up(connection, question->name, found, error)))
        return false;
    return !found->group || question->most == 0 ||
           read_members(connection, found->dn, question->most, found->group, error);
}

/* Takes what was found. */
static void give_group(struct found *found, enum group_answer *answer,
                       struct directory_group **group)
{
    *answer = found->answer;
    if (group && found->group)
        *group = g_steal_pointer(&found->group);
    found_clear(found);
}

bool directory_find_group(struct directory *directory, const char *name, guint most,
                          struct deadline deadline, enum group_answer *answer,
                          struct directory_group **group, GError **error)
{
    g_autofree char *lower = login_fold(name);
    const struct remembered_group *known = most == 0 ? recall_group(directory, lower) : NULL;
    struct group_question question = {.name = lower, .most = most, .found = {GROUP_NOT_ASKED}};

    if (known) {
        question.found = (struct found){known->answer, NULL, group_copy(known->group)};
    } else if (*directory->settings->group_base && login_is_well_formed(lower) &&
               !directory_ask(directory, deadline, ask_group, &question, error)) {
        found_clear(&question.found);
        return false;
    } else if (directory->groups) {
        remember_group(directory, lower, question.found.answer, question.found.group);
    }
    give_group(&question.found, answer, group);
    return true;
}

bool directory_find_owner_group(struct directory *directory, const struct owner *owner, guint most,
                                struct deadline deadline, enum group_answer *answer,
                                struct directory_group **group, GError **error)
{
    struct group_question question = {
        .owner = owner, .most = most, .found = {GROUP_NOT_ASKED}};

    if (!*owner->person_id)
        return directory_find_group(directory, owner_name(owner->written), most, deadline, answer,
                                    group, error);
    if (*directory->settings->group_base &&
        !directory_ask(directory, deadline, ask_group, &question, error)) {
        found_clear(&question.found);
        return false;
    }
    give_group(&question.found, answer, group);
    return true;
}

/* ---- in which of them a person is ------------------------------------------------------------------ */

struct membership_question {
    const char *login;
    const GPtrArray *groups;
    GPtrArray *held;
};

/* That the person is in one group of that name says nothing where there are two. */
static bool is_only_one(struct connection *connection, const char *name, bool *only, GError **error)
{
    auto_found found = {0};

    if (!look_up(connection, name, &found, error))
        return false;
    *only = found.answer == GROUP_FOUND;
    return true;
}

/* The person is in a group of that name, which may be the one. */
static bool refuse_veiled(struct connection *connection, const char *name, GError **error)
{
    const char *attribute = connection->directory->settings->group_id_attribute;
    g_autofree char *reason = g_strdup_printf(
        "the portal's account may not see %s of the group \"%s\"", attribute, name);
    g_autofree char *advice = g_strdup_printf("let it read %s of groups", attribute);

    connection_limited(connection, "tell the person's groups", reason, advice, error);
    return false;
}

static bool ask_group_of(struct connection *connection, const struct owner *group,
                         const struct group_names *above, bool *held, GError **error)
{
    const char *name = owner_name(group->written);

    if (*group->person_id) {
        *held = g_hash_table_contains(above->ids, group->person_id);
        return *held || !g_hash_table_contains(above->veiled, name) ||
               refuse_veiled(connection, name, error);
    }
    *held = g_hash_table_contains(above->names, name);
    return !*held || is_only_one(connection, name, held, error);
}

static GHashTable *new_set(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static bool ask_groups_of(struct connection *connection, const struct person *person,
                          const struct membership_question *question, GError **error)
{
    bool deep = groups_nest(connection->directory->settings);
    g_autoptr(GHashTable) names = new_set();
    g_autoptr(GHashTable) ids = new_set();
    g_autoptr(GHashTable) veiled = new_set();
    const struct group_names above = {names, ids, veiled};

    if (!group_names_above(connection, person, deep, &above, error))
        return false;
    for (guint i = 0; i < question->groups->len; i++) {
        struct owner *group = g_ptr_array_index(question->groups, i);
        bool held;
        if (!ask_group_of(connection, group, &above, &held, error))
            return false;
        if (held)
            g_ptr_array_add(question->held, group);
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

bool directory_member_of(struct directory *directory, const char *login, const GPtrArray *groups,
                         struct deadline deadline, GPtrArray **held, GError **error)
{
    g_autofree char *name = login_check(directory->settings, login);
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    struct membership_question question = {.login = name, .groups = groups, .held = found};

    if (name && groups->len > 0 && *directory->settings->group_base &&
        !directory_ask(directory, deadline, ask_membership, &question, error))
        return false;
    *held = g_steal_pointer(&found);
    return true;
}
