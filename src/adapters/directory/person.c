/* SPDX-License-Identifier: MIT
 *
 * People: the one entry that holds a login, or a lasting id.
 */
#include "adapters/directory/explain.h"
#include "adapters/directory/filter.h"
#include "adapters/directory/membership.h"

void person_free(struct person *person)
{
    if (!person)
        return;
    g_free(person->login);
    g_free(person->id);
    g_free(person->dn);
    g_free(person->name);
    g_free(person->mail);
    membership_unref(person->membership);
    g_free(person);
}

static struct person *read_person(struct connection *connection, LDAPMessage *entry,
                                  const char *login)
{
    const struct directory_settings *settings = connection->directory->settings;
    struct person *person = g_new0(struct person, 1);

    person->dn = entry_dn(connection, entry);
    person->login = g_strdup(login);
    person->id = entry_id(connection, entry, settings->user_id_attribute);
    person->name = entry_text(connection, entry, settings->user_name_attribute);
    person->mail = entry_text(connection, entry, settings->user_mail_attribute);
    person->membership = membership_read(connection, entry, login);
    if (!person->id)
        person->id = g_strdup("");
    if (!person->name)
        person->name = g_strdup(person->login);
    if (!person->mail)
        person->mail = g_strdup("");
    return person;
}

/* Servers take no notice of blanks around a value, nor of how many stand in a row. */
static char *squeeze_login(char *login)
{
    char *end = login;

    g_strstrip(login);
    for (const char *at = login; *at; at++)
        if (*at != ' ' || at[1] != ' ')
            *end++ = *at;
    *end = '\0';
    return login;
}

GPtrArray *entry_logins(struct connection *connection, LDAPMessage *entry)
{
    const char *attribute = connection->directory->settings->user_login_attribute;
    g_autoptr(GPtrArray) values = entry_values(connection, entry, attribute);
    GPtrArray *logins = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < values->len; i++) {
        char *login = value_text(values->pdata[i]);
        if (login)
            g_ptr_array_add(logins, squeeze_login(login));
    }
    return logins;
}

/* ---- by login ------------------------------------------------------------------------------- */

struct hunt {
    const char *key; /* login_key() of the login */
    struct person *person;
    bool several;
};

/* The server's own comparison is wider than ours: it may leave accents out of account, and the
   filter may name other attributes. */
static bool holds_login(struct connection *connection, LDAPMessage *entry, const char *key)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autoptr(GPtrArray) logins = entry_logins(connection, entry);

    for (guint i = 0; i < logins->len; i++) {
        g_autofree char *held = login_key(settings, logins->pdata[i]);
        if (strcmp(held, key) == 0)
            return true;
    }
    return false;
}

/* False as soon as there are two. */
static bool meet_person(struct connection *connection, LDAPMessage *entry, void *data)
{
    struct hunt *hunt = data;
    g_autofree char *dn = entry_dn(connection, entry);

    if (!holds_login(connection, entry, hunt->key)) {
        directory_tell(connection->directory,
                       "%s is found, but none of its values of %s is the login %s", dn,
                       connection->directory->settings->user_login_attribute, hunt->key);
        return true;
    }
    /* One base may lie within another one. */
    if (hunt->person && dn_same(hunt->person->dn, dn))
        return true;
    hunt->several = hunt->person != NULL;
    if (!hunt->person)
        hunt->person = read_person(connection, entry, hunt->key);
    return !hunt->several;
}

bool people_search(struct connection *connection, const char *filter, entry_visitor visitor,
                   void *data, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    const char *const attributes[] = {settings->user_login_attribute, settings->user_id_attribute,
                                      settings->user_name_attribute,  settings->user_mail_attribute,
                                      MEMBERSHIP_ATTRIBUTES,          NULL};
    const struct visiting visiting = {visitor, data, NULL};
    struct search search = {.attempt = "search for people",
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = filter,
                            .attributes = attributes};

    for (guint i = 0; i < settings->user_bases->len; i++)
        directory_tell(connection->directory, "searches for people below \"%s\": %s",
                       (const char *)settings->user_bases->pdata[i], filter);
    return search_bases(connection, &search, settings->user_bases, &visiting, error);
}

bool person_is_eligible(struct connection *connection, const char *dn, enum base_missing missing,
                        bool *eligible, GError **error)
{
    g_autofree char *filter = filter_now(connection->directory->settings->user_eligible_filter);
    g_autoptr(GPtrArray) clauses = list_of(filter);

    *eligible = true;
    return !*filter || entry_matches(connection, dn, clauses, missing, eligible, error);
}

static bool judge_eligible(struct connection *connection, const struct person *person,
                           enum person_answer *answer, GError **error)
{
    bool eligible;

    if (!person_is_eligible(connection, person->dn, MISSING_IS_CHANGED, &eligible, error))
        return false;
    *answer = eligible ? PERSON_FOUND : PERSON_NOT_ELIGIBLE;
    directory_tell(connection->directory, "found person %s (login %s, id %s)%s", person->dn,
                   person->login, *person->id ? person->id : "none",
                   eligible ? "" : ", who does not match the filter of eligible people");
    return true;
}

bool person_seek(struct connection *connection, const char *login, enum person_answer *answer,
                 struct person **person, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = filter_for_login(settings->user_filter, login);
    g_autofree char *key = login_key(settings, login);
    struct hunt hunt = {.key = key};
    bool asked = people_search(connection, filter, meet_person, &hunt, error);
    auto_ptr(person) found = hunt.person;

    if (!asked)
        return false;
    if (found && !hunt.several) {
        *person = g_steal_pointer(&found);
        return judge_eligible(connection, *person, answer, error);
    }
    directory_tell(connection->directory, "%s has the login %s",
                   hunt.several ? "more than one entry" : "nobody", login);
    if (!hunt.several && connection->directory->explains)
        explain_person(connection, login);
    *answer = hunt.several ? PERSON_SEVERAL : PERSON_NOT_FOUND;
    return true;
}

/* ---- the lasting id ------------------------------------------------------------------------- */

static void cannot_identify(const struct connection *connection, const char *who, GError **error)
{
    const char *attribute = connection->directory->settings->user_id_attribute;
    g_autofree char *reason = g_strdup_printf("%s no %s that the portal's account may see", who,
                                              attribute);
    g_autofree char *remedy =
        g_strdup_printf("let it read %s, or name another id-attribute of people", attribute);

    connection_limited(connection, "tell who somebody is", reason, remedy, error);
}

bool person_need_id(const struct connection *connection, const struct person *person,
                    GError **error)
{
    g_autofree char *dn = printable(person->dn);
    g_autofree char *who = g_strdup_printf("\"%s\" has", dn);

    if (!*person->id)
        cannot_identify(connection, who, error);
    return *person->id;
}

bool people_show(struct connection *connection, const char *attribute, const char *filter,
                 bool *show, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *anybody = filter_for_anybody(settings->user_filter);
    g_autofree char *has_value = g_strdup_printf("(%s=*)", attribute);
    g_autofree char *whole = filter_all(anybody ? anybody : "", has_value, filter);
    const char *const attributes[] = {attribute, NULL};
    struct search search = {.attempt = "search for people",
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = whole,
                            .attributes = attributes};

    *show = false;
    for (guint i = 0; i < settings->user_bases->len && !*show; i++) {
        search.base = settings->user_bases->pdata[i];
        if (!search_shows(connection, &search, show, error))
            return false;
    }
    return true;
}

/* ---- remembered ----------------------------------------------------------------------------- */

struct remembered {
    enum person_answer answer;
    struct person *person; /* or NULL */
};

static void remembered_free(gpointer data)
{
    struct remembered *remembered = data;

    person_free(remembered->person);
    g_free(remembered);
}

void directory_remember_people(struct directory *directory)
{
    if (directory->people)
        return;
    directory->people = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, remembered_free);
    directory->groups = groups_remembered();
}

struct person *person_copy(const struct person *person)
{
    struct person *copy = g_new0(struct person, 1);

    *copy = (struct person){.login = g_strdup(person->login),
                            .id = g_strdup(person->id),
                            .dn = g_strdup(person->dn),
                            .name = g_strdup(person->name),
                            .mail = g_strdup(person->mail),
                            .membership = membership_ref(person->membership)};
    return copy;
}

/* Under its key: "AnnaB" and "annab" are two people where logins are case-exact. */
static void remember(struct directory *directory, const char *login, enum person_answer answer,
                     const struct person *person)
{
    struct remembered *remembered = g_new0(struct remembered, 1);

    remembered->answer = answer;
    remembered->person = person ? person_copy(person) : NULL;
    g_hash_table_insert(directory->people, login_key(directory->settings, login), remembered);
}

static const struct remembered *recall(const struct directory *directory, const char *login)
{
    g_autofree char *key = login_key(directory->settings, login);

    return directory->people ? g_hash_table_lookup(directory->people, key) : NULL;
}

/* As person_seek(), but what is remembered is not asked for. */
static bool recall_or_seek(struct connection *connection, const char *login,
                           enum person_answer *answer, struct person **person, GError **error)
{
    struct directory *directory = connection->directory;
    const struct remembered *known = recall(directory, login);
    auto_ptr(person) found = NULL;

    if (known) {
        *answer = known->answer;
        *person = known->person ? person_copy(known->person) : NULL;
        return true;
    }
    if (!person_seek(connection, login, answer, &found, error))
        return false;
    if (directory->people)
        remember(directory, login, *answer, found);
    *person = g_steal_pointer(&found);
    return true;
}

bool person_look_up(struct connection *connection, const char *login, enum person_answer *answer,
                    struct person **person, GError **error)
{
    auto_ptr(person) found = NULL;

    if (!recall_or_seek(connection, login, answer, &found, error))
        return false;
    *person = *answer == PERSON_FOUND ? g_steal_pointer(&found) : NULL;
    return true;
}

/* ---- by entry and by id --------------------------------------------------------------------- */

/* The filter of people is about a login, so each of the entry's is looked up; the right one is the
   one that leads back to the entry. */
bool person_recognise(struct connection *connection, const char *dn, const GPtrArray *logins,
                      enum person_answer *answer, struct person **person, GError **error)
{
    *answer = PERSON_NOT_FOUND;
    for (guint i = 0; i < logins->len; i++) {
        auto_ptr(person) found = NULL;
        g_autofree char *login = login_check(connection->directory->settings, logins->pdata[i]);
        enum person_answer one;
        if (!login)
            continue;
        if (!recall_or_seek(connection, login, &one, &found, error))
            return false;
        if (found && dn_same(found->dn, dn)) {
            *answer = one;
            *person = g_steal_pointer(&found);
            return true;
        }
        /* The entry may be one of them. */
        if (one == PERSON_SEVERAL)
            *answer = one;
    }
    return true;
}

struct id_hunt {
    const char *id;
    char *dn; /* of the first entry with that id; or NULL */
    GPtrArray *logins;
    bool several;
};

static void id_hunt_clear(struct id_hunt *hunt)
{
    g_free(hunt->dn);
    g_clear_pointer(&hunt->logins, g_ptr_array_unref);
}

static bool meet_id(struct connection *connection, LDAPMessage *entry, void *data)
{
    const struct directory_settings *settings = connection->directory->settings;
    struct id_hunt *hunt = data;
    g_autofree char *id = entry_id(connection, entry, settings->user_id_attribute);

    g_autofree char *dn = entry_dn(connection, entry);

    if (!id || strcmp(id, hunt->id) != 0 || (hunt->dn && dn_same(hunt->dn, dn)))
        return true;
    hunt->several = hunt->dn != NULL;
    if (hunt->several)
        return false;
    hunt->dn = g_steal_pointer(&dn);
    hunt->logins = entry_logins(connection, entry);
    return true;
}

/* Whether who holds the login now shows an id. */
struct id_sighting {
    const char *key; /* login_key() of the login */
    bool shown;
    char *hidden; /* DN of one who shows none; or NULL */
};

static bool see_id(struct connection *connection, LDAPMessage *entry, void *data)
{
    const struct directory_settings *settings = connection->directory->settings;
    struct id_sighting *sighting = data;
    g_autofree char *id = entry_id(connection, entry, settings->user_id_attribute);

    if (!holds_login(connection, entry, sighting->key))
        return true;
    sighting->shown |= id != NULL;
    if (!id && !sighting->hidden)
        sighting->hidden = entry_dn(connection, entry);
    return true;
}

/*
 * Nobody has the id. That says something only where ids are shown: that of who has the login,
 * which may be the one that was asked for, and where nobody has it, anybody's.
 */
static bool need_ids(struct connection *connection, const char *login, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = filter_for_login(settings->user_filter, login);
    g_autofree char *key = login_key(settings, login);
    struct id_sighting sighting = {.key = key};
    bool asked = people_search(connection, filter, see_id, &sighting, error);
    g_autofree char *hidden = sighting.hidden;
    g_autofree char *who = hidden ? g_strdup_printf("\"%s\" has", hidden) : NULL;
    bool shown = sighting.shown;

    if (!asked || (!hidden && !shown &&
                   !people_show(connection, settings->user_id_attribute, "", &shown, error)))
        return false;
    if (hidden || !shown)
        cannot_identify(connection, hidden ? who : "nobody has", error);
    return !hidden && shown;
}

char *id_filter(const char *attribute, const char *id)
{
    g_autofree char *capitals = g_ascii_strup(id, -1);
    g_autoptr(GPtrArray) clauses = g_ptr_array_new_with_free_func(g_free);
    char *bytes = filter_equals_bytes(attribute, id);

    if (bytes)
        g_ptr_array_add(clauses, bytes);
    if (g_ascii_strcasecmp(attribute, "objectGUID") != 0) {
        g_ptr_array_add(clauses, filter_equals(attribute, "", id));
        g_ptr_array_add(clauses, filter_equals(attribute, "", capitals));
    }
    return clauses->len ? filter_any(clauses, 0) : NULL;
}

struct person_question {
    const char *id; /* or NULL */
    const char *login;
    enum person_answer answer;
    struct person *person;
};

static bool ask_by_id(struct connection *connection, void *data, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    struct person_question *question = data;
    __attribute__((cleanup(id_hunt_clear))) struct id_hunt hunt = {.id = question->id};
    g_autofree char *filter = id_filter(settings->user_id_attribute, question->id);

    question->answer = PERSON_NOT_FOUND;
    if (!filter)
        return true;
    if (!people_search(connection, filter, meet_id, &hunt, error))
        return false;
    if (!hunt.dn && !need_ids(connection, question->login, error))
        return false;
    if (!hunt.dn || hunt.several)
        directory_tell(connection->directory, "%s has the id %s",
                       hunt.several ? "more than one entry" : "nobody", question->id);
    if (hunt.several)
        question->answer = PERSON_SEVERAL;
    return !hunt.dn || hunt.several ||
           person_recognise(connection, hunt.dn, hunt.logins, &question->answer, &question->person,
                            error);
}

bool directory_find_person_by_id(struct directory *directory, const struct person_key *key,
                                 struct deadline deadline, enum person_answer *answer,
                                 struct person **person, GError **error)
{
    struct person_question question = {.id = key->id, .login = key->login};

    if (!directory_ask(directory, deadline, ask_by_id, &question, error))
        return false;
    *answer = question.answer;
    if (question.answer == PERSON_FOUND)
        *person = question.person;
    else
        person_free(question.person);
    return true;
}

/* ---- the question -----------------------------------------------------------------------------
 */

static bool ask_person(struct connection *connection, void *data, GError **error)
{
    struct person_question *question = data;
    auto_ptr(person) found = NULL;

    if (!person_look_up(connection, question->login, &question->answer, &found, error) ||
        (found && !person_need_id(connection, found, error)))
        return false;
    question->person = g_steal_pointer(&found);
    return true;
}

bool directory_find_person(struct directory *directory, const char *login, struct deadline deadline,
                           enum person_answer *answer, struct person **person, GError **error)
{
    g_autofree char *name = login_check(directory->settings, login);
    struct person_question question = {.login = name};

    if (!name) {
        *answer = PERSON_BAD_LOGIN;
        return true;
    }
    if (!directory_ask(directory, deadline, ask_person, &question, error))
        return false;
    *answer = question.answer;
    if (question.answer == PERSON_FOUND)
        *person = question.person;
    return true;
}
