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
    const char *address; /* the IP address of the browser; NULL: on this machine */
    const char *session; /* of struct session: it proves the login to the database, which
                            writes the history by it; NULL: on this machine */
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
 * The registrations that list the login or one of the groups (names, of char *; or NULL) as
 * owner or have one of the addresses (of char *), ordered by address, retired ones left out.
 * *list: of struct registration, without sources; caller unrefs.
 */
bool registry_list(struct database *database, const char *login, const GPtrArray *groups,
                   const GPtrArray *addresses, GPtrArray **list, GError **error);

/* The names of all groups that own a registration that is not retired: of char *, caller unrefs. */
bool registry_groups(struct database *database, GPtrArray **groups, GError **error);

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
