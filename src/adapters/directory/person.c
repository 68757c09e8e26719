/* SPDX-License-Identifier: MIT
 *
 * People: a login's entry, and its password.
 */
#include "adapters/directory/filter.h"
#include "adapters/directory/lookup.h"
#include "base/limits.h"

void person_free(struct person *person)
{
    if (!person)
        return;
    g_free(person->login);
    g_free(person->dn);
    g_free(person->name);
    g_free(person->mail);
    g_free(person);
}

static bool is_login(const char *login)
{
    size_t length = strspn(login, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789._-");

    return length >= 1 && length <= LIMIT_LOGIN && !login[length];
}

char *login_check(const struct directory_settings *settings, const char *login)
{
    const char *scope = strchr(login, '@');
    g_autofree char *name = scope ? g_strndup(login, scope - login) : g_strdup(login);

    if (scope &&
        (!*settings->login_scope || g_ascii_strcasecmp(scope + 1, settings->login_scope) != 0))
        return NULL;
    return is_login(name) ? g_steal_pointer(&name) : NULL;
}

static struct person *read_person(struct connection *connection, LDAPMessage *entry,
                                  const char *login)
{
    const struct directory_settings *settings = connection->directory->settings;
    struct person *person = g_new0(struct person, 1);
    g_autofree char *held = entry_text(connection, entry, settings->user_login_attribute);

    person->dn = entry_dn(connection, entry);
    person->login = g_ascii_strdown(held ? held : login, -1);
    person->name = entry_text(connection, entry, settings->user_name_attribute);
    person->mail = entry_text(connection, entry, settings->user_mail_attribute);
    if (!person->name)
        person->name = g_strdup(person->login);
    if (!person->mail)
        person->mail = g_strdup("");
    return person;
}

static bool is_eligible(struct connection *connection, const char *dn, bool *eligible,
                        GError **error)
{
    const char *filter = connection->directory->settings->user_eligible_filter;
    g_autoptr(GPtrArray) clauses = list_of(filter);

    *eligible = true;
    return !*filter || entry_matches(connection, dn, clauses, MISSING_IS_CHANGED, eligible, error);
}

static bool search_person(struct connection *connection, const char *login, unsigned *count,
                          LDAPMessage **result, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    g_autofree char *filter = filter_for_login(settings->user_filter, login);
    const char *attributes[] = {settings->user_login_attribute, settings->user_name_attribute,
                                settings->user_mail_attribute, NULL};
    struct search search = {.attempt = "search for people",
                            .base = settings->user_base,
                            .scope = LDAP_SCOPE_SUBTREE,
                            .filter = filter,
                            .attributes = attributes};

    return search_one(connection, &search, count, result, error);
}

static bool ask_for_person(struct connection *connection, const char *login,
                           enum person_answer *answer, struct person **person, GError **error)
{
    struct directory *directory = connection->directory;
    g_autoptr(LDAPMessage) result = NULL;
    auto_ptr(person) found = NULL;
    unsigned count;
    bool eligible;

    if (!search_person(connection, login, &count, &result, error))
        return false;
    if (count != 1) {
        directory_tell(directory, "%s has the login %s", count ? "more than one entry" : "nobody",
                       login);
        *answer = PERSON_NOT_FOUND;
        return true;
    }
    found = read_person(connection, ldap_first_entry(connection->ldap, result), login);
    if (!is_eligible(connection, found->dn, &eligible, error))
        return false;
    directory_tell(directory, "found person %s (login %s)%s", found->dn, found->login,
                   eligible ? "" : ", who does not match the filter of eligible people");
    *answer = eligible ? PERSON_FOUND : PERSON_NOT_ELIGIBLE;
    *person = eligible ? g_steal_pointer(&found) : NULL;
    return true;
}

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
    directory->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static struct person *person_copy(const struct person *person)
{
    struct person *copy = g_new0(struct person, 1);

    *copy = (struct person){g_strdup(person->login), g_strdup(person->dn), g_strdup(person->name),
                            g_strdup(person->mail)};
    return copy;
}

static void remember(GHashTable *people, const char *login, enum person_answer answer,
                     const struct person *person)
{
    struct remembered *remembered = g_new0(struct remembered, 1);

    remembered->answer = answer;
    remembered->person = answer == PERSON_FOUND ? person_copy(person) : NULL;
    g_hash_table_insert(people, g_ascii_strdown(login, -1), remembered);
}

bool person_look_up(struct connection *connection, const char *login, enum person_answer *answer,
                    struct person **person, GError **error)
{
    GHashTable *people = connection->directory->people;
    g_autofree char *lower = g_ascii_strdown(login, -1);
    const struct remembered *known = people ? g_hash_table_lookup(people, lower) : NULL;

    if (known) {
        *answer = known->answer;
        *person = known->person ? person_copy(known->person) : NULL;
        return true;
    }
    if (!ask_for_person(connection, login, answer, person, error))
        return false;
    if (people)
        remember(people, login, *answer, *person);
    return true;
}

struct person_question {
    const char *login;
    enum person_answer answer;
    struct person *person;
};

static bool ask_person(struct connection *connection, void *data, GError **error)
{
    struct person_question *question = data;

    return person_look_up(connection, question->login, &question->answer, &question->person, error);
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

static const char *why_not(enum person_answer answer)
{
    switch (answer) {
    case PERSON_BAD_LOGIN:
        return "not a login's syntax";
    case PERSON_NOT_FOUND:
        return "nobody of that login";
    case PERSON_NOT_ELIGIBLE:
        return "not an eligible person";
    default:
        return NULL;
    }
}

static bool try_password(struct directory *directory, const char *dn, const char *password,
                         struct deadline deadline, const char **refused, GError **error)
{
    *refused = !*password ? "empty password" : !*dn ? "the entry has no DN" : NULL;
    return *refused || connection_try_password(directory, dn, password, deadline, refused, error);
}

bool directory_sign_in(struct directory *directory, const char *login, const char *password,
                       struct deadline deadline, bool *accepted, struct person **person,
                       const char **reason, GError **error)
{
    auto_ptr(person) found = NULL;
    enum person_answer answer;
    const char *refused;

    deadline = deadline_sooner(deadline, directory->settings->total_ms);
    if (!directory_find_person(directory, login, deadline, &answer, &found, error))
        return false;
    refused = why_not(answer);
    if (!refused && !try_password(directory, found->dn, password, deadline, &refused, error))
        return false;
    *accepted = !refused;
    *reason = refused ? refused : "right password";
    if (*accepted)
        *person = g_steal_pointer(&found);
    return true;
}
