/* SPDX-License-Identifier: MIT
 *
 * People, accounts and roles in the directory. Floor: adapters. Hides libldap.
 *
 * Three-valued throughout: true with an answer; or false with
 * APPSMTP_ERROR_DIRECTORY (could not ask: try again) or
 * APPSMTP_ERROR_CONFIGURATION (a base that does not exist, a password that every
 * server refuses, files of TLS that cannot be used) or APPSMTP_ERROR_LIMIT (this question
 * meets a limit of the set-up, of the server's or of groups in groups, and will meet it
 * again: the text says what to set), and then nothing is known and the outputs are
 * untouched. Every call has one total deadline, the sooner of the caller's and the
 * configured one, which nothing outlasts: not the name's look-up, a handshake, or a server
 * that stops or drips in the middle of an answer. Servers are tried in the configured
 * order, one that failed comes last for 30 seconds, and a look-up that lost its server, or
 * that it does not want to serve, is asked again from the start, of the next one.
 *
 * One connection is kept between calls, at most 60 seconds unused. It belongs to
 * one process and one thread: make the struct after the last fork(). The program
 * has to ignore SIGPIPE, which a server that goes away would otherwise raise.
 *
 * What is never done: following references to other servers; going on in clear
 * where TLS was asked for; taking a part of an answer for the whole; deciding in C
 * whether two DNs are equal, for only the server knows.
 */
#ifndef APPSMTP_DIRECTORY_H
#define APPSMTP_DIRECTORY_H

#include "adapters/config/config.h"
#include "base/cleanup.h"
#include "base/deadline.h"
#include "base/error.h"
#include "rules/registration.h"

#include <stdbool.h>

struct directory;

/*
 * Checks the settings, connects to nobody. NULL and APPSMTP_ERROR_CONFIGURATION
 * for a filter that is none, a uri over which passwords would travel in clear
 * (ldap:// without STARTTLS, but to loopback), no rule for any role, and the like.
 * A name of an attribute that the directory does not know cannot be told: a filter
 * with it matches nothing. The settings must outlive the result.
 */
struct directory *directory_new(const struct directory_settings *settings, GError **error);
void directory_free(struct directory *directory);
DEFINE_AUTO(directory, directory_free)

struct person {
    char *login; /* the value of the login attribute that equals what was asked for, as
                    directory_plain_login() writes it */
    char *id;    /* lasts when the login changes; written as struct account's */
    char *dn;
    char *name; /* to show; the login when the directory has none */
    char *mail; /* or "" */
    struct membership *membership; /* by what groups hold the person: the adapter's own */
};

void person_free(struct person *person);
DEFINE_AUTO(person, person_free)

enum person_answer {
    PERSON_FOUND,
    PERSON_NOT_FOUND,    /* nobody holds that login, though the server may think it alike to one */
    PERSON_SEVERAL,      /* more than one entry holds it: who is meant cannot be told. Never to be
                            taken for "not found" */
    PERSON_NOT_ELIGIBLE, /* found, but does not match the filter: disabled */
    PERSON_BAD_LOGIN,    /* not a login's syntax; the directory was not asked */
};

/*
 * Looks a login up. A configured scope ("@example.edu") or domain ("EXAD\") is stripped,
 * another one is PERSON_BAD_LOGIN. The entry's login attribute has to hold the login itself,
 * with or without regard to case as configured: what a server takes for alike (other accents, a
 * second attribute of the filter) makes nobody somebody else. An entry without the lasting id,
 * or whose id the portal may not see, is APPSMTP_ERROR_LIMIT: a login alone does not say who
 * somebody is. *person is set with PERSON_FOUND only; caller frees.
 */
bool directory_find_person(struct directory *directory, const char *login,
                           struct deadline deadline, enum person_answer *answer,
                           struct person **person, GError **error);

/* Whom somebody was known as. */
struct person_key {
    const char *id;    /* the lasting one; not "" */
    const char *login; /* the last one known */
};

/*
 * The person with that lasting id, whatever the login is by now: person->login is the first of
 * the entry's logins that can be one. PERSON_NOT_FOUND also where the entry is none of the
 * configured people; but where people's ids are not shown, or not that of who has the login, it
 * is APPSMTP_ERROR_LIMIT. The outputs are those of directory_find_person().
 */
bool directory_find_person_by_id(struct directory *directory, const struct person_key *key,
                                 struct deadline deadline, enum person_answer *answer,
                                 struct person **person, GError **error);

/*
 * The login that was typed as it is kept and compared: trimmed, without its scope or domain, and
 * (unless the site's logins are case-exact) in lower case and composed form (NFC). NULL when it
 * is none. Caller frees.
 */
char *directory_plain_login(const struct directory *directory, const char *typed);

enum sign_in_answer {
    SIGN_IN_ACCEPTED,
    SIGN_IN_WRONG,     /* unknown login, wrong or empty password */
    SIGN_IN_BAD_LOGIN, /* not a login's syntax, or of another domain; nothing was asked */
    SIGN_IN_SEVERAL,   /* more than one entry holds the login */
    /* What the server says, most of it to the right password only: Active Directory says to any
       password that the account is locked, 389 Directory Server also that it is disabled. A bind
       that succeeds is accepted, whatever a password policy has to say besides. */
    SIGN_IN_PASSWORD_EXPIRED,
    SIGN_IN_MUST_CHANGE, /* the password, first */
    SIGN_IN_ACCOUNT_EXPIRED,
    SIGN_IN_LOCKED,
    SIGN_IN_DISABLED, /* or the right password of somebody who is not eligible */
    SIGN_IN_NOT_NOW,  /* not at this time of day */
};

/* Whoever wants to sign in by a login, before the password is looked at. */
struct applicant;

void applicant_free(struct applicant *applicant);
DEFINE_AUTO(applicant, applicant_free)

/*
 * Looks up who signs in by that login; only the configured people can. *applicant is NULL when it
 * is not a login's syntax, or of another domain; caller frees. A login that nobody has costs as
 * much as any other, here and with the password, so that time does not tell.
 */
bool directory_find_applicant(struct directory *directory, const char *login,
                              struct deadline deadline, struct applicant **applicant,
                              GError **error);

/* The one entry with that login, eligible or not; NULL when there is none, or several. */
const struct person *applicant_person(const struct applicant *applicant);

/* What the directory says to a password. */
struct sign_in {
    enum sign_in_answer answer;
    const char *reason;    /* static text, for the log only */
    struct person *person; /* when accepted; caller frees */
    bool unanswered; /* with an error only: the password was sent, and the answer did not come, so
                        that the directory may have counted it as wrong */
};

/*
 * Binds as the applicant on a connection of its own, at one server only. The right password of
 * somebody whose lasting id the portal may not see is APPSMTP_ERROR_LIMIT, as for
 * directory_find_person(); others are not told, to whom it would say that there is such a login.
 */
bool directory_try_password(struct directory *directory, const struct applicant *applicant,
                            const char *password, struct deadline deadline,
                            struct sign_in *sign_in, GError **error);

/*
 * Both, for whoever counts no failures. *reason (static text, always set) is for the log only.
 * *person is set when accepted; caller frees.
 */
bool directory_sign_in(struct directory *directory, const char *login, const char *password,
                       struct deadline deadline, enum sign_in_answer *answer,
                       struct person **person, const char **reason, GError **error);

enum role_answer {
    ROLE_OWNER,
    ROLE_ADMINISTRATOR,
    ROLE_NONE,                /* the account exists, this person has no role on it; it may be
                                 not eligible as well */
    ROLE_NOT_FOUND,           /* no account with that address */
    ROLE_AMBIGUOUS,           /* somebody else holds the address as well: another account, or what
                                 the configured searches for holders find */
    ROLE_NOT_ELIGIBLE,        /* has a role, but the account may not send */
    ROLE_NOT_PRIMARY,         /* has a role, but only primary addresses may be registered */
    ROLE_PERSON_NOT_FOUND,
    ROLE_PERSON_SEVERAL,      /* PERSON_SEVERAL */
    ROLE_PERSON_NOT_ELIGIBLE,
    ROLE_SYNTAX,              /* login or address is none; the directory was not asked */
};

/* "owner", "administrator", "no-role", "not-found", "ambiguous", "not-eligible",
 * "not-primary", "person-not-found", "person-several", "person-not-eligible", "syntax". Static. */
const char *role_answer_name(enum role_answer answer);

/* The account behind an address. */
struct account {
    char *id; /* stable across renames: objectGUID in hex, entryUUID as text; lower case */
    char *dn;
    char *label;  /* to show; the address when the account has none */
    bool primary; /* the address is the account's primary one: its prefix stands in capitals
                     ("SMTP:"), or it is of the first address attribute, without prefix */
};

void account_free(struct account *account);
DEFINE_AUTO(account, account_free)

/*
 * Whether the person is owner or administrator of the one account with that
 * address, directly or through groups in groups. The person's own name is asked
 * for before the groups, owners before administrators, and the first match is the
 * answer. A login attribute names persons only. The group of a template counts when
 * it holds the person or, groups nest, a group above. More groups or
 * levels of them than configured are an error.
 *
 * The address is taken as address_check() writes it; whether its domain is
 * allowed is not asked. *account is set for ROLE_OWNER, ROLE_ADMINISTRATOR,
 * ROLE_NONE, ROLE_NOT_ELIGIBLE and ROLE_NOT_PRIMARY, else NULL; caller frees.
 * account may be NULL. Who has no role is to be told nothing of the account.
 */
bool directory_role(struct directory *directory, const char *login, const char *address,
                    struct deadline deadline, enum role_answer *answer, struct account **account,
                    GError **error);

enum standing_answer {
    STANDING_GOOD,
    STANDING_NOT_FOUND,    /* no account with that address */
    STANDING_AMBIGUOUS,    /* as ROLE_AMBIGUOUS */
    STANDING_NOT_ELIGIBLE, /* one, which may not send, or not as this address */
};

/* How an account stands by itself, whoever asks. */
struct standing {
    enum standing_answer answer;
    char *id;    /* of the account, as struct account has it; NULL unless there is just one */
    char *label; /* likewise */
    /* Of the account, eligible or not: */
    bool held;          /* it has an owner or administrator: an eligible person, or a group with a
                           member */
    GPtrArray *holders; /* of char *: the persons among them, groups' members left out: logins, as
                           struct person has them; of who is found by none, the address of mail */
};

void standing_free(struct standing *standing);
DEFINE_AUTO(standing, standing_free)

/* The standing of the account with that address, written as for directory_role(). Caller frees. */
bool directory_standing(struct directory *directory, const char *address, struct deadline deadline,
                        struct standing **standing, GError **error);

/* One address that a person may register. */
struct offered_address {
    char *address; /* lower case */
    char *label;   /* of its account */
    bool judged;   /* nobody else holds it; false: there was no time to ask, and a submit may find
                      out otherwise */
};

/*
 * The addresses that the person may register: of all eligible accounts on which they have a
 * role, in the allowed domains, sorted, each once. *addresses: of struct offered_address, caller
 * unrefs. *more: the cap was reached and some are left out. Who is unknown, not eligible or
 * several has none. An address that somebody else holds as well is left out; of long lists the
 * first are asked about, for as long as the time for one operation is left.
 */
bool directory_list_addresses(struct directory *directory, const char *login,
                              struct deadline deadline, GPtrArray **addresses, bool *more,
                              GError **error);

/* Likewise, but of accounts that are not eligible, in any domain and whoever else holds them: who
 * has a role on one that may not send any more is still responsible for what is registered with
 * it. */
bool directory_list_held(struct directory *directory, const char *login, struct deadline deadline,
                         GPtrArray **addresses, bool *more, GError **error);

/* Whether one of the list was not judged. */
bool offered_unjudged(const GPtrArray *addresses);

/*
 * Whether the person is a member of the group: directly or, where groups nest, through
 * groups. Who is unknown or not eligible is none. A group that does not exist is
 * APPSMTP_ERROR_CONFIGURATION.
 */
bool directory_is_member(struct directory *directory, const char *login, const char *group_dn,
                         struct deadline deadline, bool *member, GError **error);

/* ---- groups that can own something ---- */

enum group_answer {
    GROUP_FOUND,
    GROUP_NOT_FOUND,
    GROUP_AMBIGUOUS, /* more than one of that name */
    GROUP_NOT_ASKED, /* not a name's syntax (a login's), or the site has no groups configured */
    GROUP_VEILED,    /* one of that name, whose id the portal may not see: whether it is the one that
                        was asked for cannot be told */
};

struct directory_group {
    char *name;         /* that was asked for, or that it has now; "" when none can be an owner's */
    char *id;           /* lasts when the name changes; as struct person's */
    char *mail;         /* its own address, or "" */
    GPtrArray *members; /* of char *: logins of eligible people */
    bool more;          /* there may be others */
};

void directory_group_free(struct directory_group *group);
DEFINE_AUTO(directory_group, directory_group_free)

/*
 * Looks a group up by its name, whatever kind of group it is. Members: the first
 * `most` of them, in it directly or, where groups nest, through groups; 0 reads
 * none. A server shows only a part of a very large group, so that is no way to find
 * out who is none. *group is set with GROUP_FOUND only, caller frees; group may be
 * NULL (and most 0): only whether it is there.
 */
bool directory_find_group(struct directory *directory, const char *name, guint most,
                          struct deadline deadline, enum group_answer *answer,
                          struct directory_group **group, GError **error);

/*
 * Likewise the group that the owner is: where an id is known that with the id, whatever its name
 * is by now (the owner's, if it has that still), and no other of the same name; else by its name.
 */
bool directory_find_owner_group(struct directory *directory, const struct owner *owner, guint most,
                                struct deadline deadline, enum group_answer *answer,
                                struct directory_group **group, GError **error);

/*
 * Those of the groups (of struct owner) that the person is a member of: directly or, where groups
 * nest, through groups. A group with an id is known by it alone; one without by its name, which
 * counts for none where several have it. APPSMTP_ERROR_LIMIT where the person is in a group of
 * the name whose id the portal may not see. Who is unknown or not eligible is in no group. *held:
 * of those owners, caller unrefs.
 */
bool directory_member_of(struct directory *directory, const char *login, const GPtrArray *groups,
                         struct deadline deadline, GPtrArray **held, GError **error);

/*
 * From now on each person, and whether there is a group of a name, is asked for once,
 * and the answer kept until the end: for a run over many registrations of few people, not
 * for a program that lives long.
 */
void directory_remember_people(struct directory *directory);

/* Whether the directory answers at all: connects anew and binds. No base is looked at. */
bool directory_ping(struct directory *directory, struct deadline deadline, GError **error);

/*
 * Called with each step of a look-up ("found person CN=...", "group ... adds 3")
 * for check-directory; text is one line, made printable. NULL switches it off.
 */
void directory_trace(struct directory *directory, void (*trace)(const char *text, void *data),
                     void *data);

/*
 * From now on a look-up that ends in "no" also tells the trace what stands in the way: entries
 * outside of a base or a filter, what the attributes hold that say who has a role, groups that do
 * not count. It takes more questions, and changes no answer. For check-directory.
 */
void directory_explain(struct directory *directory);

/*
 * Looks at the set-up whoever asks: whether the server's schema knows the attributes that the
 * settings name, how many accounts there are, limits on the portal's own account. All goes to the
 * trace.
 */
bool directory_inspect(struct directory *directory, struct deadline deadline, GError **error);

/* How many certain mistakes of the set-up the trace was told so far, each as "mistake: ...". */
unsigned directory_mistakes(const struct directory *directory);

/* When the directory locks somebody out, as far as it shows that to the portal's account. */
struct lockout {
    unsigned failures; /* the least that any policy says; 0: none is shown */
    unsigned seconds;  /* the longest time within which they are counted; 0: not shown, G_MAXUINT:
                          until somebody signs in */
};

/* Looks for policies of passwords, each of which goes to the trace. */
bool directory_lockout(struct directory *directory, struct deadline deadline,
                       struct lockout *lockout, GError **error);

#endif
