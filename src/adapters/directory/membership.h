/* SPDX-License-Identifier: MIT
 *
 * By what groups hold a person: by name (member), by login (memberUid of POSIX groups), as the
 * primary group, which Active Directory and POSIX keep in the person's entry only, and as a
 * foreign security principal, which stands for them in another domain of Active Directory.
 */
#ifndef APPSMTP_DIRECTORY_MEMBERSHIP_H
#define APPSMTP_DIRECTORY_MEMBERSHIP_H

#include "adapters/directory/lookup.h"

/* Read with the person's entry, so that no group is asked for who the person is. */
struct membership {
    char *dn;
    GPtrArray *others; /* of char *: clauses that match the groups that hold the person, but not by
                          name */
    char *sid;         /* objectSid in hexadecimal, or NULL */
    char *primary;     /* the primary group's, likewise; NULL where there is none, or not known */
    char *primary_id;  /* primaryGroupID, or NULL */
    char *number;      /* gidNumber, or NULL where it does not count */
    bool hides_number; /* an account of POSIX, which has one, but shows none */
};

/* What has to be asked for with a person's entry, besides the login attribute. */
#define MEMBERSHIP_ATTRIBUTES "objectClass", "objectSid", "primaryGroupID", "gidNumber"

/* The entry must have been read with those attributes. Caller unrefs. */
struct membership *membership_read(struct connection *connection, LDAPMessage *entry,
                                   const char *login);
struct membership *membership_ref(struct membership *membership);
void membership_unref(struct membership *membership); /* NULL is allowed */

/* False with APPSMTP_ERROR_LIMIT where there is a primary group, or has to be, but no telling
 * which. */
bool membership_check(struct connection *connection, const struct membership *membership,
                      GError **error);

/*
 * The name that stands for the person in the domain of where, a DN: NULL where that is the
 * person's own domain, or there is no such name. Where such names are kept, but not shown, or the
 * person's SID is not, it is APPSMTP_ERROR_LIMIT. Caller frees.
 */
bool membership_foreign(struct connection *connection, const struct membership *membership,
                        const char *where, char **name, GError **error);

/* The end of the DN that names its domain, "DC=ad,DC=example,DC=edu"; "" where there is none. */
const char *domain_of(const char *dn);

#endif
