/* SPDX-License-Identifier: MIT
 *
 * The groups above a person: directly, and groups in groups in one of three ways.
 *
 *   recursion  upward level by level. No group's members are ever read: there may be
 *              thousands, and of large groups Active Directory shows none.
 *   chain      Active Directory's own rule, in one search: quicker there for who is in
 *              hundreds of groups. Elsewhere it matches nothing, so it is not used before the
 *              server has said that it is one. It goes up members only, never managedBy, by
 *              which who manages a group would pass for its members.
 *   memberof   the attribute in which some servers keep the groups of each entry.
 */
#include "adapters/directory/explain.h"
#include "adapters/directory/filter.h"
#include "adapters/directory/membership.h"
#include "rules/registration.h"

#define IN_CHAIN ":1.2.840.113556.1.4.1941:"

/* What meet_group() and note_names() read of an entry, wherever it was found. */
#define READ_OF_A_GROUP(settings) \
    (settings)->group_name_attribute, (settings)->group_id_attribute, "objectSid", "gidNumber"

struct climb {
    const struct membership *from;
    GHashTable *seen;  /* dn_key() of every DN met: a circle of groups ends here */
    GPtrArray *groups; /* all that were found, in that order */
    const struct group_names *names; /* what they are known by; or NULL: not asked for */
    bool met_primary;
    bool met_number; /* the group of the person's gidNumber */
    guint searches;
    gint64 began, answered; /* monotonic microseconds: at first, and when the last answer came */
};

bool groups_nest(const struct directory_settings *settings)
{
    return settings->nested != NESTED_DIRECT && settings->nested != NESTED_NONE;
}

GPtrArray *list_of(const char *text)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(list, g_strdup(text));
    return list;
}

/* ---- clauses */

/* rule: "", or IN_CHAIN. */
static void add_member_clauses(const struct directory_settings *settings, const char *name,
                               const char *rule, GPtrArray *clauses)
{
    for (guint i = 0; i < settings->group_member_attributes->len; i++) {
        g_autofree char *left =
            g_strconcat(settings->group_member_attributes->pdata[i], rule, NULL);
        g_ptr_array_add(clauses, filter_equals(left, "", name));
    }
}

static GPtrArray *member_clauses(const struct directory_settings *settings, const GPtrArray *names,
                                 guint from, const char *rule)
{
    GPtrArray *clauses = g_ptr_array_new_with_free_func(g_free);

    for (guint i = from; i < names->len; i++)
        add_member_clauses(settings, names->pdata[i], rule, clauses);
    return clauses;
}

static void add_others(const struct membership *from, GPtrArray *clauses)
{
    for (guint i = 0; i < from->others->len; i++)
        g_ptr_array_add(clauses, g_strdup(from->others->pdata[i]));
}

/* The person's own name, and the one in the domain of where, if there is another. */
static bool names_of(struct connection *connection, const struct membership *from,
                     const char *where, GPtrArray **names, GError **error)
{
    g_autoptr(GPtrArray) found = list_of(from->dn);
    char *foreign = NULL;

    if (!membership_foreign(connection, from, where, &foreign, error))
        return false;
    if (foreign) {
        directory_tell(connection->directory, "is %s in another domain", foreign);
        g_ptr_array_add(found, foreign);
    }
    *names = g_steal_pointer(&found);
    return true;
}

char *group_member_filter(const struct directory_settings *settings, const struct person *person)
{
    g_autoptr(GPtrArray) names = list_of(person->dn);
    g_autoptr(GPtrArray) clauses = member_clauses(settings, names, 0, "");

    add_others(person->membership, clauses);
    return filter_any(clauses, 0);
}

const char **group_member_names(const struct directory_settings *settings)
{
    GPtrArray *names = g_ptr_array_new();

    for (guint i = 0; i < settings->group_member_attributes->len; i++)
        g_ptr_array_add(names, settings->group_member_attributes->pdata[i]);
    if (*settings->group_member_uid_attribute)
        g_ptr_array_add(names, settings->group_member_uid_attribute);
    g_ptr_array_add(names, NULL);
    return (const char **)g_ptr_array_free(names, FALSE);
}

char *group_filled_filter(const struct directory_settings *settings)
{
    g_autoptr(GPtrArray) clauses = g_ptr_array_new_with_free_func(g_free);
    g_autofree const char **names = group_member_names(settings);
    g_autofree char *any = NULL;

    for (const char **name = names; *name; name++)
        g_ptr_array_add(clauses, g_strdup_printf("(%s=*)", *name));
    any = filter_any(clauses, 0);
    return filter_all(settings->group_filter, any, "");
}

/* ---- meeting groups */

static void note_names(struct connection *connection, LDAPMessage *entry,
                       const struct group_names *names)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autoptr(GPtrArray) values = entry_values(connection, entry, settings->group_name_attribute);
    char *id = entry_id(connection, entry, settings->group_id_attribute);

    for (guint i = 0; i < values->len; i++) {
        g_autofree char *name = value_text(values->pdata[i]);
        if (!name)
            continue;
        g_hash_table_add(names->names, login_fold(name));
        if (!id)
            g_hash_table_add(names->veiled, login_fold(name));
    }
    if (id)
        g_hash_table_add(names->ids, id);
}

/* False as soon as there are more than may be. */
static bool meet_name(struct connection *connection, char *dn, struct climb *climb)
{
    if (!g_hash_table_add(climb->seen, dn_key(dn))) {
        g_free(dn);
        return true;
    }
    directory_tell(connection->directory, "is in the group %s", dn);
    g_ptr_array_add(climb->groups, dn);
    return climb->groups->len <= connection->directory->settings->max_groups;
}

static bool meet_group(struct connection *connection, LDAPMessage *entry, void *data)
{
    struct climb *climb = data;

    climb->met_primary |= climb->from->primary &&
                          entry_holds_bytes(connection, entry, "objectSid", climb->from->primary);
    climb->met_number |= climb->from->number &&
                         entry_holds_text(connection, entry, "gidNumber", climb->from->number);
    if (climb->names)
        note_names(connection, entry, climb->names);
    return meet_name(connection, entry_dn(connection, entry), climb);
}

static bool too_many(struct connection *connection, GError **error)
{
    g_autofree char *reason = g_strdup_printf("there are more than %u of them",
                                              connection->directory->settings->max_groups);

    connection_limited(connection, "follow groups in groups", reason,
                       "raise most of <groups>, or narrow its base or filter", error);
    return false;
}

static bool too_deep(struct connection *connection, GError **error)
{
    g_autofree char *reason = g_strdup_printf("there are more than %u levels of them",
                                              connection->directory->settings->nested_depth);

    connection_limited(connection, "follow groups in groups", reason, "raise depth of <groups>",
                       error);
    return false;
}

static bool search_groups(struct connection *connection, const char *members, struct climb *climb,
                          GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = filter_all(settings->group_filter, members, "");
    const char *const attributes[] = {READ_OF_A_GROUP(settings), NULL};
    struct search search = {.attempt = "search for groups",
                            .base = settings->group_base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = filter,
                            .attributes = attributes};
    bool whole = true;

    if (!search_each(connection, &search, meet_group, climb, &whole, error))
        return false;
    climb->searches++;
    climb->answered = g_get_monotonic_time();
    return whole || too_many(connection, error);
}

/* Adds the groups that one of the clauses matches. */
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

/* It may stand elsewhere than below the base of groups; it holds the person all the same. */
static bool find_primary(struct connection *connection, struct climb *climb, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = filter_equals_bytes("objectSid", climb->from->primary);
    const char *const attributes[] = {READ_OF_A_GROUP(settings), NULL};
    const char *domain = domain_of(climb->from->dn);
    struct search search = {.attempt = "search for the primary group",
                            .base = *domain ? domain : settings->group_base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = filter,
                            .attributes = attributes,
                            .missing = MISSING_IS_NOTHING};
    g_autoptr(LDAPMessage) result = NULL;
    g_autofree char *reason = NULL;
    unsigned number;

    if (!search_one(connection, &search, &number, &result, error))
        return false;
    if (number == 1)
        return meet_group(connection, ldap_first_entry(connection->ldap, result), climb) ||
               too_many(connection, error);
    reason = g_strdup_printf("%s group has the person's primaryGroupID %s below \"%s\"",
                             number ? "more than one" : "no", climb->from->primary_id, search.base);
    connection_limited(connection, "tell the person's groups", reason,
                       "let the portal's account read it, or set primary-group=\"no\" where no "
                       "account is owned through a primary group",
                       error);
    return false;
}

/* What is asked of the whole directory about groups of POSIX. */
static struct search search_posix(const char *filter, const char *const *attributes)
{
    return (struct search){.attempt = "search for the group of a gidNumber",
                           .scope = LDAP_SCOPE_SUBTREE,
                           .filter = filter,
                           .attributes = attributes,
                           .missing = MISSING_IS_NOTHING};
}

/* Groups with that gidNumber, or "*", and not the people who have one, too. */
static char *posix_filter(const struct directory_settings *settings, const char *number)
{
    g_autofree char *numbered = g_strdup_printf("(gidNumber=%s)", number);
    g_autofree char *group =
        g_strdup_printf("(|(objectClass=posixGroup)%s)", settings->group_filter);

    return filter_all(numbered, group, "");
}

/* It may stand elsewhere as well. */
static bool find_numbered(struct connection *connection, const GPtrArray *contexts,
                          struct climb *climb, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = posix_filter(settings, climb->from->number);
    const char *const attributes[] = {READ_OF_A_GROUP(settings), NULL};
    struct search search = search_posix(filter, attributes);
    bool whole = true;

    return search_bases(connection, &search, contexts,
                        &(struct visiting){meet_group, climb, &whole}, error) &&
           (whole || too_many(connection, error));
}

/* That there is none counts where others are shown: not each number is that of a group. */
static bool need_numbers(struct connection *connection, const GPtrArray *contexts,
                         const struct climb *climb, GError **error)
{
    g_autofree char *filter = posix_filter(connection->directory->settings, "*");
    const char *const attributes[] = {"gidNumber", NULL};
    struct search search = search_posix(filter, attributes);
    g_autofree char *reason = NULL;

    for (guint i = 0; i < contexts->len; i++) {
        bool shown;
        search.base = contexts->pdata[i];
        if (!search_shows(connection, &search, &shown, error))
            return false;
        if (shown)
            return true;
    }
    reason = g_strdup_printf("no group shows a gidNumber, and that of the person is %s",
                             climb->from->number);
    connection_limited(connection, "tell the person's groups", reason,
                       "let the portal's account read it, or set primary-group=\"no\" where no "
                       "account is owned through a primary group",
                       error);
    return false;
}

static bool need_numbered(struct connection *connection, struct climb *climb, GError **error)
{
    g_autoptr(GPtrArray) contexts = NULL;

    return search_contexts(connection, &contexts, error) &&
           find_numbered(connection, contexts, climb, error) &&
           (climb->met_number || need_numbers(connection, contexts, climb, error));
}

static bool need_primary(struct connection *connection, struct climb *climb, GError **error)
{
    const struct membership *from = climb->from;

    return membership_check(connection, from, error) &&
           (!from->primary || climb->met_primary || find_primary(connection, climb, error)) &&
           (!from->number || climb->met_number || need_numbered(connection, climb, error));
}

/* ---- level by level */

/* The groups that hold the person, by whatever. */
static bool climb_first(struct connection *connection, struct climb *climb, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autoptr(GPtrArray) names = NULL;
    g_autoptr(GPtrArray) clauses = NULL;

    if (!names_of(connection, climb->from, settings->group_base, &names, error))
        return false;
    clauses = member_clauses(settings, names, 0, "");
    add_others(climb->from, clauses);
    return climb_one(connection, clauses, climb, error) && need_primary(connection, climb, error);
}

/* The groups above those that were found so far. */
static bool climb_on(struct connection *connection, struct climb *climb, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    guint from = 0;

    for (unsigned level = 1; from < climb->groups->len; level++) {
        g_autoptr(GPtrArray) clauses = member_clauses(settings, climb->groups, from, "");
        /* Asked one level further than may be, to know that there is nothing. */
        if (level > settings->nested_depth)
            return too_deep(connection, error);
        from = climb->groups->len;
        if (!climb_one(connection, clauses, climb, error))
            return false;
    }
    return true;
}

/* ---- by the rule for chains */

static bool need_chains(struct connection *connection, GError **error)
{
    bool knows;

    if (!search_active_directory(connection, &knows, error))
        return false;
    if (!knows)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "cannot ask the directory: %s: cannot follow groups in groups: the server is "
                    "no Active Directory and knows no nested=\"chain\"; set nested=\"recursion\"",
                    connection->server->uri);
    return knows;
}

/*
 * The rule looks at every group, so it is asked for the person only; above the primary group
 * there are few.
 */
static bool climb_chain(struct connection *connection, struct climb *climb, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autoptr(GPtrArray) names = NULL;
    g_autoptr(GPtrArray) clauses = NULL;

    if (!need_chains(connection, error) ||
        !names_of(connection, climb->from, settings->group_base, &names, error) ||
        !climb_one(connection, climb->from->others, climb, error) ||
        !need_primary(connection, climb, error) || !climb_on(connection, climb, error))
        return false;
    clauses = member_clauses(settings, names, 0, IN_CHAIN);
    return climb_one(connection, clauses, climb, error);
}

/* ---- by what the entry says */

static bool meet_member_of(struct connection *connection, LDAPMessage *entry, struct climb *climb,
                           GError **error)
{
    const char *attribute = connection->directory->settings->member_of_attribute;
    g_autoptr(GPtrArray) values = entry_values(connection, entry, attribute);

    for (guint i = 0; i < values->len; i++) {
        char *dn = value_text(values->pdata[i]);
        if (dn && !meet_name(connection, dn, climb))
            return too_many(connection, error);
    }
    return true;
}

/* All of its values, also where the server gives only so many at once. */
static bool read_member_of(struct connection *connection, const char *dn, struct climb *climb,
                           GError **error)
{
    const char *attribute = connection->directory->settings->member_of_attribute;
    g_autofree char *wanted = g_strdup(attribute);

    while (wanted) {
        const char *const attributes[] = {wanted, NULL};
        struct search search = {.attempt = "read in which groups an entry is",
                                .base = dn,
                                .scope = LDAP_SCOPE_BASE,
                                .filter = "(objectClass=*)",
                                .attributes = attributes,
                                .missing = MISSING_IS_CHANGED};
        g_autoptr(LDAPMessage) result = NULL;
        LDAPMessage *entry;
        unsigned number;
        if (!search_one(connection, &search, &number, &result, error))
            return false;
        entry = number == 1 ? ldap_first_entry(connection->ldap, result) : NULL;
        g_clear_pointer(&wanted, g_free);
        if (entry && !meet_member_of(connection, entry, climb, error))
            return false;
        wanted = entry ? entry_rest(connection, entry, attribute) : NULL;
    }
    return true;
}

/* The attribute is "no" for all where the server does not keep it, or does not show it. */
static bool need_member_of(struct connection *connection, struct climb *climb, GError **error)
{
    guint before = climb->groups->len;

    if (!climb_first(connection, climb, error))
        return false;
    if (climb->groups->len == before)
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                "cannot ask the directory: %s: cannot follow groups in groups: \"%s\" is a member "
                "of groups, but has no %s that the portal's account may see; let it, or set "
                "nested=\"recursion\"",
                connection->server->uri, climb->from->dn,
                connection->directory->settings->member_of_attribute);
    return false;
}

/* What people call a group stands in its own entry. */
static bool read_names(struct connection *connection, struct climb *climb, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    const char *const attributes[] = {READ_OF_A_GROUP(settings), NULL};

    for (guint i = 0; climb->names && i < climb->groups->len; i++) {
        struct search search = {.attempt = "read a group",
                                .base = climb->groups->pdata[i],
                                .scope = LDAP_SCOPE_BASE,
                                .filter = settings->group_filter,
                                .attributes = attributes,
                                .missing = MISSING_IS_NOTHING};
        g_autoptr(LDAPMessage) result = NULL;
        unsigned number;
        if (!search_one(connection, &search, &number, &result, error))
            return false;
        if (number == 1)
            note_names(connection, ldap_first_entry(connection->ldap, result), climb->names);
    }
    return true;
}

static bool climb_member_of(struct connection *connection, struct climb *climb, GError **error)
{
    guint others;

    if (!climb_one(connection, climb->from->others, climb, error) ||
        !need_primary(connection, climb, error))
        return false;
    others = climb->groups->len;
    if (!read_member_of(connection, climb->from->dn, climb, error))
        return false;
    if (climb->groups->len == others && !need_member_of(connection, climb, error))
        return false;
    for (guint i = 0; i < others; i++)
        if (!read_member_of(connection, climb->groups->pdata[i], climb, error))
            return false;
    return read_names(connection, climb, error);
}

/* ---- the answer */

static bool climb_all(struct connection *connection, bool deep, struct climb *climb, GError **error)
{
    if (!deep)
        return climb_first(connection, climb, error);
    switch (connection->directory->settings->nested) {
    case NESTED_CHAIN:
        return climb_chain(connection, climb, error);
    case NESTED_MEMBEROF:
        return climb_member_of(connection, climb, error);
    default:
        return climb_first(connection, climb, error) && climb_on(connection, climb, error);
    }
}

/*
 * Whether the time went by on searches that were answered one after the other, or on one for
 * many groups after others had been answered: that will be so the next time.
 */
static bool took_all_time(const struct connection *connection, const struct climb *climb)
{
    gint64 spent = (climb->answered - climb->began) / 1000;
    bool many = climb->groups->len > CLAUSES_IN_FILTER;

    if (deadline_left(connection->deadline) > 0 && !connection->timed_out)
        return false;
    return climb->searches > (many ? 0 : 1) &&
           (many || spent >= connection->directory->settings->total_ms / 2);
}

static void explain_time(const struct connection *connection, const struct climb *climb,
                         GError **error)
{
    g_autofree char *reason =
        g_strdup_printf("after %u searches and %u groups the time for it was over", climb->searches,
                        climb->groups->len);

    g_clear_error(error);
    connection_limited(connection, "follow groups in groups", reason,
                       "set nested=\"chain\" (Active Directory) or \"memberof\" (servers that keep "
                       "it for groups in groups), or raise operation-seconds, total-seconds and "
                       "request-seconds",
                       error);
}

static bool climb_from(struct connection *connection, const struct person *person, bool deep,
                       const struct group_names *names, GPtrArray **groups, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) failure = NULL;
    struct climb climb = {.from = person->membership,
                          .seen = seen,
                          .groups = found,
                          .names = names,
                          .began = g_get_monotonic_time()};

    g_hash_table_add(seen, dn_key(person->dn));
    if (!climb_all(connection, deep, &climb, &failure)) {
        if (took_all_time(connection, &climb))
            explain_time(connection, &climb, &failure);
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    *groups = g_steal_pointer(&found);
    return true;
}

bool groups_above(struct connection *connection, const struct person *person, bool deep,
                  GPtrArray **groups, GError **error)
{
    return climb_from(connection, person, deep, NULL, groups, error);
}

bool group_names_above(struct connection *connection, const struct person *person, bool deep,
                       const struct group_names *names, GError **error)
{
    g_autoptr(GPtrArray) groups = NULL;

    return climb_from(connection, person, deep, names, &groups, error);
}

bool group_holds(struct connection *connection, const char *group, const GPtrArray *names,
                 enum base_missing missing, bool *holds, GError **error)
{
    g_autoptr(GPtrArray) clauses = member_clauses(connection->directory->settings, names, 0, "");

    return entry_matches(connection, group, clauses, missing, holds, error);
}

bool group_holds_person(struct connection *connection, const char *group,
                        const struct person *person, enum base_missing missing, bool *holds,
                        GError **error)
{
    g_autoptr(GPtrArray) names = NULL;
    g_autoptr(GPtrArray) clauses = NULL;

    if (!names_of(connection, person->membership, group, &names, error))
        return false;
    clauses = member_clauses(connection->directory->settings, names, 0, "");
    add_others(person->membership, clauses);
    return entry_matches(connection, group, clauses, missing, holds, error) &&
           (*holds || membership_check(connection, person->membership, error));
}

/* ---- the group of a setting */

struct member_question {
    const char *login;
    const char *group;
    bool member;
};

static bool is_member_through_groups(struct connection *connection, const struct person *person,
                                     struct member_question *question, GError **error)
{
    g_autoptr(GPtrArray) groups = NULL;

    return groups_above(connection, person, true, &groups, error) &&
           group_holds(connection, question->group, groups, MISSING_IS_MISCONFIGURED,
                       &question->member, error);
}

static bool ask_member(struct connection *connection, void *data, GError **error)
{
    struct member_question *question = data;
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    question->member = false;
    if (!person_look_up(connection, question->login, &answer, &person, error))
        return false;
    if (!person)
        return true;
    if (!group_holds_person(connection, question->group, person, MISSING_IS_MISCONFIGURED,
                            &question->member, error))
        return false;
    if (!question->member && groups_nest(connection->directory->settings) &&
        !is_member_through_groups(connection, person, question, error))
        return false;
    if (!question->member && connection->directory->explains)
        explain_group(connection, question->group);
    return true;
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
