/* SPDX-License-Identifier: MIT
 *
 * Registrations in the database. Floor: adapters. All SQL about them is here.
 *
 * Every change is one transaction with its history row. All functions: false
 * and an error of database.h when the database could not be asked.
 */
#ifndef APPSMTP_REGISTRY_H
#define APPSMTP_REGISTRY_H

#include "adapters/database/database.h"
#include "rules/registration.h"

/* Who makes a change, and from where. */
struct actor {
    const char *login;
    const char *person_id; /* the directory's id of the person; "": none */
    const char *address; /* the IP address of the browser; NULL: on this machine */
    const char *session; /* its id, by which the database knows who makes the change and writes
                            the history; NULL: on this machine */
};

/*
 * Adds a whole registration; its id and those of its sources are set by the
 * caller. *taken: another live or suspended registration has the address, and
 * nothing was added. When the answer to COMMIT is lost, looks whether the
 * registration is there; APPSMTP_ERROR_UNKNOWN_OUTCOME when that fails as well.
 */
bool registry_add(struct database *database, const struct registration *registration,
                  const struct actor *actor, bool *taken, GError **error);

/* The registration of that id, whatever its state; *found is NULL when there is none. Caller frees. */
bool registry_find(struct database *database, const char *id, struct registration **found,
                   GError **error);

/* The live or suspended registration of that address (lower case), likewise. */
bool registry_find_by_address(struct database *database, const char *address,
                              struct registration **found, GError **error);

/*
 * The registrations that list the person or one of the groups (of struct owner; or NULL) as
 * owner or have one of the addresses (of char *), ordered by address, retired ones left out.
 * *list: of struct registration, without sources; caller unrefs.
 */
bool registry_list(struct database *database, const struct actor *person, const GPtrArray *groups,
                   const GPtrArray *addresses, GPtrArray **list, GError **error);

/* All groups that own a registration that is not retired: of struct owner, caller unrefs. */
bool registry_groups(struct database *database, GPtrArray **groups, GError **error);

/*
 * Who has the login now is known to be that person: rows of the login without an id are theirs
 * from now on. Without an id nothing is done.
 */
bool registry_adopt(struct database *database, const struct actor *person, GError **error);

/* The registrations that list the person under another login: of char *, ids; caller unrefs. */
bool registry_outdated(struct database *database, const struct actor *person, GPtrArray **ids,
                       GError **error);

/*
 * The ids of all owners are unknown from now on, and all sign-ins end: for a directory that has
 * others. Each registration's history has a row. *owners: how many had an id.
 */
bool registry_forget_ids(struct database *database, const struct actor *actor, const char *reason,
                         guint *owners, GError **error);

struct history_entry {
    char *at; /* "2026-11-23 12:05:01" UTC */
    char *login;
    char *address;
    char *action; /* "created" ... */
    char *before; /* JSON, or "" */
    char *after;
    char *reason;
};

/* The history, newest first: of struct history_entry; caller unrefs. */
bool registry_history(struct database *database, const char *id, GPtrArray **entries,
                      GError **error);

/* How a registration came to be suspended. */
struct suspension {
    gint64 at;    /* seconds since 1970 */
    char *reason; /* one sentence, or less */
    char *cause;  /* "ownership" or "confirmation" when appsmtp-notify did it, else "" */
};

void suspension_free(struct suspension *suspension);
DEFINE_AUTO(suspension, suspension_free)

/* The last time that it was suspended; *found is NULL when the history has none. Caller frees. */
bool registry_suspension(struct database *database, const char *id, struct suspension **found,
                         GError **error);

#endif
