/* SPDX-License-Identifier: MIT
 *
 * The steps that the look-ups share: who a login is, in which groups, and
 * whether that gives a role. Each step is asked on the connection it is given.
 */
#ifndef APPSMTP_DIRECTORY_LOOKUP_H
#define APPSMTP_DIRECTORY_LOOKUP_H

#include "adapters/directory/search.h"

/*
 * The login as it is searched for: without the configured scope or domain. NULL when it
 * is no login (login_is_well_formed()), would pass for a group as an owner, or has another scope
 * or domain. Caller frees.
 */
char *login_check(const struct directory_settings *settings, const char *login);

/* What two spellings of one login have in common, as person->login has it. Caller frees. */
char *login_key(const struct directory_settings *settings, const char *login);

/*
 * Visits the people that match the filter, in every base; one that two bases hold twice. The
 * entries come with what it takes to read a person.
 */
bool people_search(struct connection *connection, const char *filter, entry_visitor visitor,
                   void *data, GError **error);

/*
 * The one person who holds a login that login_check() has passed. *person is set with
 * PERSON_FOUND and PERSON_NOT_ELIGIBLE; caller frees.
 */
bool person_seek(struct connection *connection, const char *login, enum person_answer *answer,
                 struct person **person, GError **error);

/* Caller frees. */
struct person *person_copy(const struct person *person);

/*
 * False with APPSMTP_ERROR_LIMIT where the entry shows no lasting id: its login may pass to
 * somebody else, who would be taken for the same person.
 */
bool person_need_id(const struct connection *connection, const struct person *person,
                    GError **error);

/* Whether any of the people who match the filter, which may be "", shows a value of the
 * attribute. */
bool people_show(struct connection *connection, const char *attribute, const char *filter,
                 bool *show, GError **error);

/* Whether the entry matches the filter of eligible people. */
bool person_is_eligible(struct connection *connection, const char *dn, enum base_missing missing,
                        bool *eligible, GError **error);

/* As directory_find_person(), for a login that login_check() has passed; what is remembered is not
 * asked for. */
bool person_look_up(struct connection *connection, const char *login, enum person_answer *answer,
                    struct person **person, GError **error);

/* Whether groups in groups count. */
bool groups_nest(const struct directory_settings *settings);

/*
 * The groups that hold the person, each once: of char *, the DNs as the server writes
 * them; caller unrefs. Also the primary group, wherever it stands. deep: groups in groups
 * as well, in the configured way, up to the configured depth and number, beyond which it is
 * an error: a part of the groups would look like "no".
 */
bool groups_above(struct connection *connection, const struct person *person, bool deep,
                  GPtrArray **groups, GError **error);

/* What groups are known by; sets whose keys are freed with them. */
struct group_names {
    GHashTable *names;  /* those that people use, in lower case */
    GHashTable *ids;
    GHashTable *veiled; /* the names of those without an id that the portal may see */
};

/* Likewise what the groups are known by, in place of the groups: added to sets that are empty. */
bool group_names_above(struct connection *connection, const struct person *person, bool deep,
                       const struct group_names *names, GError **error);

/* Whether the group holds one of the names (of char *, DNs of groups) itself. */
bool group_holds(struct connection *connection, const char *group, const GPtrArray *names,
                 enum base_missing missing, bool *holds, GError **error);

/* Whether the group holds the person itself: by name, by login, or as the primary group. */
bool group_holds_person(struct connection *connection, const char *group,
                        const struct person *person, enum base_missing missing, bool *holds,
                        GError **error);

/* An empty table for directory->groups. */
GHashTable *groups_remembered(void);

/* The attributes that hold a group's members, ended by NULL. Caller frees the list only. */
const char **group_member_names(const struct directory_settings *settings);

/* What matches the groups that hold the person themselves, whatever kind of group. Caller frees. */
char *group_member_filter(const struct directory_settings *settings, const struct person *person);

/* The filter of groups that have a member. Caller frees. */
char *group_filled_filter(const struct directory_settings *settings);

/*
 * The person that the entry with that DN is: the one whom one of its logins (of char *, as the
 * entry holds them) leads to. *answer is PERSON_NOT_FOUND where the logins lead elsewhere. *person
 * is set with PERSON_FOUND and PERSON_NOT_ELIGIBLE; caller frees.
 */
bool person_recognise(struct connection *connection, const char *dn, const GPtrArray *logins,
                      enum person_answer *answer, struct person **person, GError **error);

/* The entry's logins, of char *, as it holds them; caller unrefs. */
GPtrArray *entry_logins(struct connection *connection, LDAPMessage *entry);

/*
 * What matches the entries that have that id in the attribute: as text, which the entry may hold in
 * capitals, and as the bytes that it may be the hexadecimal of. NULL when none can. Caller frees.
 */
char *id_filter(const char *attribute, const char *id);

/* A list of char * that holds a copy of that one. Caller unrefs. */
GPtrArray *list_of(const char *text);

/* An account, with what only some rules need. */
struct candidate {
    struct account *account;
    char *login;          /* the account's own; or NULL */
    GPtrArray *addresses; /* of char *: all that it holds, as account_address() writes them */
};

void candidate_free(struct candidate *candidate);
DEFINE_AUTO(candidate, candidate_free)

/*
 * The one account with that address, which nobody else holds. *candidate stays NULL when
 * *answer says why there is none (ROLE_NOT_FOUND, ROLE_AMBIGUOUS). Caller frees.
 */
bool account_look_up(struct connection *connection, const char *address, enum role_answer *answer,
                     struct candidate **candidate, GError **error);

/* The clauses that a person's attribute may meet who names the account in it: by its DN, its
 * login or one of its addresses. Adds to clauses (of char *). */
void account_add_names(const struct candidate *candidate, const char *attribute,
                       GPtrArray *clauses);

/* In the filter of holders_search(), for each address. */
#define CLAUSES_OF_HOLDERS 2

/*
 * Visits what may hold one of the addresses (of char *): the entries of every configured
 * search, and all accounts where that is asked for. They come with the attributes of
 * account_attributes() and a person's mail.
 */
bool holders_search(struct connection *connection, const GPtrArray *addresses, bool accounts,
                    entry_visitor visitor, void *data, GError **error);

/* Sets *answer to ROLE_NOT_ELIGIBLE or ROLE_NOT_PRIMARY where the account is that. */
bool account_check(struct connection *connection, const struct account *account,
                   enum role_answer *answer, GError **error);

/* "(|(proxyAddresses=smtp:...)...)" for the address; caller frees. */
char *account_address_filter(const struct directory_settings *settings, const char *address);

/*
 * The address that a value of the attribute holds, in lower case; NULL when it
 * is none (as "X500:..." is none of prefix "smtp:") or not written as one: with blanks around it
 * or a dot at its end no server finds it by the address, so it is neither offered nor taken.
 * *primary: the prefix stands in capitals, or there is no prefix and it is the first attribute.
 * Caller frees.
 */
char *account_address(const struct directory_settings *settings, guint attribute, GBytes *value,
                      bool *primary);

/* The lasting id in the attribute: a text in lower case, bytes in hexadecimal; NULL when there is
 * none. Caller frees. */
char *entry_id(struct connection *connection, LDAPMessage *entry, const char *attribute);

/* The attributes to ask for so as to know an account, ended by NULL. Caller frees the list only. */
const char **account_attributes(const struct directory_settings *settings);

/*
 * The address in lower case, as rules/address.h writes it; NULL when that finds
 * fault with it. Whether its domain is allowed is not asked. Caller frees.
 */
char *sound_address(const char *address);

#endif
