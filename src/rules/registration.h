/* SPDX-License-Identifier: MIT
 *
 * A registration as plain data, and the rules for its simple fields.
 * Floor: rules; pure.
 */
#ifndef APPSMTP_RULES_REGISTRATION_H
#define APPSMTP_RULES_REGISTRATION_H

#include "base/cleanup.h"
#include "rules/finding.h"
#include "rules/location.h"

enum source_kind { SOURCE_CERTIFICATE, SOURCE_HOSTNAME, SOURCE_NETWORK };

/* "certificate", "hostname", "network": the form's method and the database's kind. Static. */
const char *source_kind_name(enum source_kind kind);

/* False when the name is none of the three. */
bool source_kind_parse(const char *name, enum source_kind *kind);

/* One leaf certificate as it is stored. Times are seconds since 1970, UTC. */
struct certificate {
    GBytes *der;
    char *sha256;      /* of the DER: 64 lower-case hex digits */
    char *spki_sha256; /* of the DER SubjectPublicKeyInfo (RFC 5280 4.1.2.7): likewise */
    char *subject;     /* one-line form (RFC 2253), printable */
    char *issuer;
    char *serial;      /* hex digits */
    GPtrArray *names;  /* of char *: DNS names, IP addresses, mail addresses of the SAN */
    gint64 not_before;
    gint64 not_after;
};

void certificate_free(struct certificate *certificate);
DEFINE_AUTO(certificate, certificate_free)

/* What the relay makes of a certificate by its end. */
enum certificate_term {
    TERM_LASTING,
    TERM_GRACE, /* it has expired, and its key is still recognised */
    TERM_OVER,  /* its key is recognised no longer */
};

/* grace_days: for so long after its end a certificate's key is recognised. */
enum certificate_term certificate_term(gint64 not_after, unsigned grace_days, gint64 now);

/* The end of these days. */
gint64 certificate_grace_end(gint64 not_after, unsigned grace_days);

/* One source; only the member of its kind is set. */
struct source {
    char *id; /* UUID */
    enum source_kind kind;
    struct network network;
    char *hostname;
    struct certificate *certificate;
    gint64 added_at;  /* seconds since 1970; 0 is not stored yet */
    char *left_out;   /* why a relay leaves it out: "is outside its locations"; or NULL */
    gint64 last_used; /* by a message that a relay took, seconds since 1970; 0 is never so far,
                         -1 that no relay tells */
};

/* A source without id. The certificate and a copy of the name become its own. */
struct source *source_new_network(const struct network *network);
struct source *source_new_hostname(const char *hostname);
struct source *source_new_certificate(struct certificate *certificate);
void source_free(struct source *source);
DEFINE_AUTO(source, source_free)

enum registration_state { REGISTRATION_LIVE, REGISTRATION_SUSPENDED, REGISTRATION_RETIRED };

struct registration {
    char *id; /* UUID */
    char *address; /* lower case */
    char *application_name;
    char *application_type; /* id of one of the three types */
    unsigned recipients_per_hour; /* its own rate; 0: that of its type */
    char *note;
    char *account_id; /* the EGA's stable identity in the directory */
    char *account_label;
    GPtrArray *locations; /* of char *: ids */
    GPtrArray *owners;    /* of struct owner */
    GPtrArray *sources;   /* of struct source */
    enum registration_state state;
    unsigned version;  /* counts the changes, from 1 */
    gint64 created_at; /* seconds since 1970, as are the next three */
    gint64 changed_at;   /* the last change that the relay has to learn */
    gint64 confirmed_at; /* the last time somebody said that it is still needed */
    gint64 confirmation_due; /* a year after that somebody has to say so again */
    gint64 reminded_at;      /* when the owners were first reminded of that; 0: not yet */
    gint64 on_relay_since; /* 0: the relay does not have it as it is now */
    bool suspended_by_operator;
    gint64 renewal_due;    /* end of the first certificate that is to be renewed now; 0: none is */
    bool left_out;         /* a relay leaves out all of its sources, of which some have not ended */
    char *left_out_why;    /* of one that a relay leaves out: "10.1.2.0/24 is outside ..."; or NULL */
    gint64 sources_end;    /* end of the last certificate, when all sources are such; else 0 */
};

struct registration *registration_new(void);
void registration_free(struct registration *registration);
DEFINE_AUTO(registration, registration_free)

/* ---- owners ---- */

/*
 * An owner is written as a person's login, "ab12", or as "group mail-team": a group of the
 * directory, of which all members are owners. No login begins like that. The name is folded
 * (login_fold()); caller frees.
 */
char *owner_of_group(const char *name);
bool owner_is_group(const char *owner);

/* The login, or the group's name; a part of the text. */
const char *owner_name(const char *owner);

struct owner {
    char *written;   /* as above; of a person the login when the row was last brought up to date */
    char *person_id; /* the directory's id of the person or the group, which outlasts the name; "":
                        not known yet */
};

struct owner *owner_new(const char *written, const char *person_id);
void owner_free(struct owner *owner);
DEFINE_AUTO(owner, owner_free)

/*
 * Whether the owner is the person with that login and id ("" where the directory has none): the
 * ids are equal; or no id is known of the owner yet and the logins are equal. A login that has
 * passed to somebody else inherits nothing.
 */
bool owner_is_person(const struct owner *owner, const char *login, const char *person_id);

/* Whether that person or group is listed; a person: not through a group. */
bool registration_lists(const struct registration *registration, const struct owner *owner);

/* The owner that is the person, or NULL; not through a group. Owned by the registration. */
const struct owner *registration_person(const struct registration *registration,
                                        const char *login, const char *person_id);

/* The owner of that name, person or group, whoever has the login now; or NULL. Likewise. */
const struct owner *registration_owner(const struct registration *registration, const char *name);

/* The owners as they are written, separator between them. Caller frees. */
char *registration_owners_text(const struct registration *registration, const char *separator);

/* The groups among the owners: of those struct owner; caller unrefs. */
GPtrArray *registration_groups(const struct registration *registration);

/* The source of that id, or NULL. Owned by the registration. */
const struct source *registration_source(const struct registration *registration, const char *id);

/* Whether the registration has chosen the location of that id. */
bool registration_has_location(const struct registration *registration, const char *id);

/*
 * The simple fields of the form, as typed; each returns the value to store, or
 * NULL when a finding says why it is refused. Caller frees. blanks around a
 * name are taken off, inner ones squeezed to one.
 */
char *registration_check_name(const char *typed, struct findings *findings);
char *registration_check_note(const char *typed, struct findings *findings);

/* The type's id; types of char *: the configured ids. */
char *registration_check_type(const char *typed, const GPtrArray *types, struct findings *findings);

/*
 * The chosen locations: of const struct location *, in the configured order,
 * each once; caller unrefs. Empty when a finding refuses them.
 */
GPtrArray *registration_check_locations(char *const *typed, const GPtrArray *all,
                                        struct findings *findings);

/*
 * The co-owners' logins and groups' names, one a line or with commas or semicolons between them:
 * of char *, as typed, each once; caller unrefs. Whether they exist, and which are groups, is the directory's to say.
 */
GPtrArray *registration_check_owners(const char *typed, struct findings *findings);

/* One new owner's name, likewise; NULL when a finding refuses it. Caller frees. */
char *registration_check_owner(const char *typed, struct findings *findings);

/* Why a change was made; blanks squeezed. may_be_empty: nobody has to say why. Caller frees. */
char *registration_check_reason(const char *typed, bool may_be_empty, struct findings *findings);

/*
 * Whether the text is a login's syntax, which is that of a group's name as well: 1 to 64
 * characters that show, single blanks between them; not only dots; none of @ \ (which set a
 * domain off), / , ; (which paths and lists are split at), : (which the shell's names in the
 * history have) and " * < > | (which no directory gives out).
 */
bool login_is_well_formed(const char *login);

/*
 * What two spellings of one name have in common where case does not matter: lower case, composed
 * (NFC). By Unicode and not by the locale. Caller frees.
 */
char *login_fold(const char *name);

#endif
