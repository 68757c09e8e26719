/* SPDX-License-Identifier: MIT
 *
 * The configuration: one XML file, checked by schema/appsmtp.rng, as plain
 * structures. Floor: adapters. Hides libxml2.
 *
 * Every setting has a default or is asked for with file, line and reason.
 * Secrets are only named as files. A part that no element configures is NULL:
 * a relay's own file needs no <directory>; config_need() asks for what a
 * program cannot do without. Strings are never NULL unless said so here; a
 * setting left away is its default or "".
 */
#ifndef APPSMTP_CONFIG_H
#define APPSMTP_CONFIG_H

#include "base/cleanup.h"
#include "rules/location.h"

#include <glib.h>
#include <stdbool.h>

enum sign_in_kind {
    SIGN_IN_DIRECTORY,      /* the portal's own page, by a directory bind */
    SIGN_IN_SINGLE_SIGN_ON, /* the web server in front says who it is */
};

struct sign_in_settings {
    enum sign_in_kind kind;
    unsigned idle_minutes;    /* a session unused for longer ends; 30 */
    unsigned absolute_hours;  /* a session ends then in any case; 12 */
    unsigned failures;         /* failed sign-ins of one account from one network or known browser
                                  ... 4 */
    unsigned account_failures; /* ... of one account, whoever tries: below the directory's own
                                  limit ... 8 */
    unsigned network_failures; /* ... from one network, of whatever accounts ... 100 */
    unsigned failure_minutes;  /* ... until there was none for so many minutes; 30 */
    /* Single sign-on only. */
    char *user_parameter;   /* FastCGI parameter with the login; "PORTAL_USER" */
    char *secret_parameter; /* FastCGI parameter with the shared secret; "PORTAL_FRONT" */
    char *secret_file;      /* file with the secret */
    char *sign_in_url;      /* where the front signs people in; "next" is appended, escaped */
};

enum role_rule_kind {
    ROLE_BY_DN_ATTRIBUTE,    /* the account's attribute holds DNs of persons or groups */
    ROLE_BY_LOGIN_ATTRIBUTE, /* the account's attribute holds logins */
    ROLE_BY_PERSON_ATTRIBUTE, /* the person's attribute names accounts: by DN, login or address */
    ROLE_BY_GROUP_TEMPLATE,  /* membership of the group whose DN this is, {account} replaced */
};

struct role_rule {
    enum role_rule_kind kind;
    char *value; /* attribute name or DN template */
};

/* Where somebody else than an account may hold one of its addresses. */
struct holder_search {
    char *base;
    char *filter; /* or "" */
};

struct address_attribute {
    char *attribute; /* "proxyAddresses" */
    char *prefix;    /* "smtp:", or "" */
};

enum tls_verify { TLS_VERIFY_DEMAND, TLS_VERIFY_NEVER };
enum bind_method { BIND_SIMPLE, BIND_EXTERNAL };
enum login_case {
    LOGIN_IGNORE_CASE, /* compared without regard to case and kept in lower case */
    LOGIN_EXACT_CASE,  /* compared and kept byte for byte */
};
/* How groups in groups are found: all ways but the last two. */
enum nested_groups {
    NESTED_RECURSION, /* level by level */
    NESTED_CHAIN,     /* by Active Directory's rule LDAP_MATCHING_RULE_IN_CHAIN */
    NESTED_MEMBEROF,  /* by the attribute that the server keeps of them */
    NESTED_DIRECT,    /* only the groups that hold the person themselves */
    NESTED_NONE,
};

struct directory_settings {
    GPtrArray *uris; /* of char *, in the order of preference; at least one */
    bool starttls;   /* only with ldap:// */
    char *ca_file;   /* "/etc/ssl/certs/ca-certificates.crt" */
    enum tls_verify verify;
    bool unprotected; /* may be asked over a network without TLS that knows the server; no */
    char *certificate_file; /* the client's own, or "" */
    char *key_file;         /* or "" */
    enum bind_method bind;
    char *bind_dn;
    char *password_file;
    unsigned connect_ms;   /* 2000 */
    unsigned operation_ms; /* 3000 */
    unsigned total_ms;     /* 8000 */
    unsigned page_size;    /* 500; 0 is never paged */
    bool ignore_references; /* to other servers: no, an answer of them alone is none */

    GPtrArray *user_bases;      /* of char *: where people are; at least one */
    char *user_filter;          /* with %u for the escaped login */
    char *user_eligible_filter; /* or ""; with %time or %filetime for the time, as the next one */
    GPtrArray *login_scopes;    /* of char *: "example.edu" of "alice@example.edu": stripped,
                                   others refused */
    GPtrArray *login_domains;   /* of char *: "EXAD" of "EXAD\\alice", likewise */
    enum login_case login_case; /* LOGIN_IGNORE_CASE */
    char *user_login_attribute; /* "sAMAccountName": the directory's own spelling of a login */
    char *user_id_attribute;    /* of what lasts when a login changes; the accounts' one */
    char *user_name_attribute;  /* "displayName" */
    char *user_mail_attribute;  /* "mail" */

    char *account_base;
    char *account_filter;          /* what is an EGA */
    char *account_eligible_filter; /* or "" */
    GPtrArray *address_attributes; /* of struct address_attribute; at least one */
    GPtrArray *holder_searches;    /* of struct holder_search; none: among the accounts only */
    bool primary_only;             /* only the primary address (prefix in capitals) may be registered */
    GPtrArray *domains;            /* of char *: allowed domains of sending addresses, lower case */
    char *id_attribute;            /* "objectGUID" (binary) or "entryUUID" */
    char *label_attribute;         /* "displayName" */
    GPtrArray *owner_rules;         /* of struct role_rule; one of these two lists has a rule */
    GPtrArray *administrator_rules; /* of struct role_rule */

    char *group_base;
    char *group_filter;           /* "(objectClass=group)" */
    GPtrArray *group_member_attributes; /* of char *, DNs: "member"; at least one */
    char *group_member_uid_attribute;   /* of logins: "memberUid" of POSIX; "" is none */
    char *member_of_attribute;          /* of an entry: "memberOf" */
    bool primary_group; /* primaryGroupID counts, and is looked up; yes */
    char *group_name_attribute;   /* "sAMAccountName": the name that people know a group by */
    char *group_id_attribute;     /* of what lasts when that name changes; the accounts' one */
    enum nested_groups nested;
    unsigned nested_depth; /* 10 */
    unsigned max_groups;   /* 2000 */
    unsigned max_list;     /* 5000 */

    char *operators_group; /* DN of the relay team's group, or "" */
    char *support_group;   /* DN of the support desk's group, or "" */
};

struct application_type {
    char *id;   /* "web-application", "scanner", "device-monitor" */
    char *name; /* "Web Application" */
    char *text; /* one sentence for the form */
    unsigned recipients_per_hour; /* of a registration without a rate of its own */
    bool per_source; /* of each client address by itself, not of the sender; yes for "scanner" */
};

struct database_role {
    char *user;
    char *password_file; /* or "": the server then recognises the user some other way */
};

struct database_settings {
    char *connection; /* libpq's keywords without user and password: "host=db dbname=appsmtp" */
    bool unprotected; /* may be asked over a network without TLS; no */
    struct database_role portal;
    struct database_role export;
    struct database_role notify;
    struct database_role admin; /* owner of the schema */
};

struct resolver_settings {
    GPtrArray *servers;   /* of char *: "192.0.2.53" or "127.0.0.1:5353"; none is resolv.conf's */
    unsigned deadline_ms; /* for all questions of one form; 5000. An export takes longer */
};

/* Where Debian's package openssl-blacklist had its lists, when there was one. */
#define CERTIFICATE_WEAK_KEYS "/usr/share/openssl-blacklist"

struct certificate_settings {
    char *trust_store;        /* PEM file of the common roots */
    GPtrArray *private_roots; /* of char *: further PEM files */
    char *weak_keys;          /* folder of lists; CERTIFICATE_WEAK_KEYS */
    unsigned grace_days;      /* a key is recognised that long after its certificate's end; 30 */
};

struct relay_settings {
    char *host; /* to show to people: "appsmtp.example.edu" */
    unsigned port;
    char *name;       /* of this relay in export runs; "relay" */
    bool null_sender; /* whether <> may send from a registered source; no */
    unsigned relays;         /* that the senders use at a time, and so share the rates; 1 */
    unsigned export_minutes; /* an export at least so often: "at most 5 minutes"; 5 */
    unsigned message_megabytes; /* the relay's largest message, for people to read; 1 to 1000, 25 */
    char *output;     /* the relay's export folder */
    char *uses;       /* where the policy daemon says which sources were used; "uses" in output */
    char *postmap;    /* "/usr/sbin/postmap" */
};

enum smtp_tls {
    SMTP_TLS_TRY,    /* used when the server offers it, whoever its certificate names */
    SMTP_TLS_DEMAND, /* nothing is sent without it, nor to another server than smtp names */
    SMTP_TLS_NEVER,
};

struct notices_settings {
    char *smtp;       /* the mail server: "localhost:25" */
    char *from;       /* sender of notices, and where answers and bounces go */
    char *relay_team; /* who is told, besides the owners, of a registration in danger */
    enum smtp_tls tls; /* try */
    char *ca_file;    /* "/etc/ssl/certs/ca-certificates.crt" */
    unsigned deadline_ms; /* for one message; 60000 */
};

/* What appsmtp-export does unless its command line says otherwise. */
struct export_defaults {
    char *format;          /* "postfix" */
    unsigned most_removed; /* percent of the registrations that may go in one run; 30 */
    unsigned most_added;   /* percent that may come; 200 */
    bool skip_unfit;       /* leave out a registration that no map can hold, instead of stopping */
    unsigned gone_hours;   /* a hostname that does not exist for so long loses its addresses; 24 */
    char *makemap;         /* sendmail's; "/usr/sbin/makemap" */
    unsigned program_seconds; /* that postmap, makemap or the next may take; 120 */
    char *reload;          /* command that tells the target of new maps, or "" */
};

struct config {
    char *file;      /* the name it was read from */
    char *site_name; /* "Example University" */
    char *help_contact;
    char *base_url; /* "https://appsmtp.example.edu", no slash at the end */
    bool secure;    /* base_url is https: cookies are __Host- and Secure */
    char *templates; /* folder of the page templates */
    unsigned request_ms; /* deadline of one request; 9000 */
    unsigned workers;    /* of the portal, that answer requests at a time; 4 */
    struct relay_settings relay;
    struct export_defaults export;
    GPtrArray *locations;         /* of struct location; at least one */
    GPtrArray *application_types; /* of struct application_type, the three */
    struct certificate_settings certificates;
    struct resolver_settings resolver;
    struct sign_in_settings sign_in;
    struct directory_settings *directory; /* or NULL */
    struct database_settings *database;   /* or NULL */
    struct notices_settings *notices;     /* or NULL */
};

/*
 * Reads and checks the file. NULL and APPSMTP_ERROR_CONFIGURATION, with file,
 * line and reason, when it cannot be read, does not fit the schema, names a
 * secret that others can read, or says something that cannot be.
 */
struct config *config_read(const char *file, GError **error);

/*
 * The same, with every part that is wrong. *mistakes: of char *, "file:line: reason"; empty
 * unless NULL is returned. Caller frees and unrefs.
 */
struct config *config_test(const char *file, GPtrArray **mistakes);

void config_free(struct config *config);
DEFINE_AUTO(config, config_free)

/* The file to read: the argument if not NULL, else $APPSMTP_CONFIG, else the installed default. */
const char *config_file(const char *argument);

/* Whether the element is configured; false and APPSMTP_ERROR_CONFIGURATION when it is not. */
bool config_need_directory(const struct config *config, GError **error);
bool config_need_database(const struct config *config, GError **error);
bool config_need_notices(const struct config *config, GError **error);

/*
 * Reads a secret: the file's content without one ending newline. NULL and
 * CONFIGURATION when it cannot be read, is empty, larger than 4 KiB, or can be
 * read by others. Caller frees.
 */
char *config_secret(const char *file, GError **error);

/* The application type of that id, or NULL. */
const struct application_type *config_application_type(const struct config *config, const char *id);

/* Where templates, static files and schemas are: $APPSMTP_DATADIR, else the installed folder. */
const char *config_data_folder(void);

#endif
