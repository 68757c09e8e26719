/* SPDX-License-Identifier: MIT
 *
 * Filters and names (DNs) put together from values that others chose.
 *
 * Every value goes through here, so that none of its characters means anything
 * to the directory: a filter's value is escaped as RFC 4515 3 says, a value
 * inside a DN as RFC 4514 2.4 says. All results are freed by the caller.
 */
#ifndef APPSMTP_DIRECTORY_FILTER_H
#define APPSMTP_DIRECTORY_FILTER_H

#include <glib.h>
#include <stdbool.h>

/* So many clauses go into one filter: servers get slow with hundreds. */
#define CLAUSES_IN_FILTER 40

/* "(attribute=" prefix and value, escaped, ")". */
char *filter_equals(const char *attribute, const char *prefix, const char *value);

/* "(attribute=" the bytes that the hexadecimal digits stand for, escaped, ")"; NULL when they are
 * none. */
char *filter_equals_bytes(const char *attribute, const char *hexadecimal);

/* The configured filter with each %u replaced by the escaped login. */
char *filter_for_login(const char *filter, const char *login);

/* The configured filter with each %u replaced by "*": for whoever has a login. NULL where that is
 * no filter. */
char *filter_for_anybody(const char *filter);

/*
 * The configured filter with the time in it: %time as generalized time ("20261201045500Z"), and
 * %filetime as Windows counts it, in tenths of microseconds since 1601.
 */
char *filter_now(const char *filter);

/* "(|" the clauses (of char *) from that one on, at most CLAUSES_IN_FILTER, ")"; the only one as
   it is. */
char *filter_any(const GPtrArray *clauses, guint from);

/* "(&" first, second and third ")"; "" is left out. */
char *filter_all(const char *first, const char *second, const char *third);

/* Whether libldap can encode it; unknown attributes are not noticed. */
bool filter_is_sound(const char *filter);

/* Whether it is written as a DN is. */
bool dn_is_sound(const char *dn);

/* The same for two spellings of one DN, mostly: good for "seen before", not for "allowed". */
char *dn_key(const char *dn);

/*
 * Whether both are spellings of one DN, as a server may write one that it was asked for: with
 * other blanks, letters, escapes, or order within an RDN. False where that cannot be told.
 */
bool dn_same(const char *dn, const char *other);

/* Whether the DN is the base or below it, likewise by spelling: to explain and to offer by, not to
   allow by. */
bool dn_below(const char *dn, const char *base);

/* The template with {account} replaced by the account's name, escaped for a DN. */
char *dn_from_template(const char *pattern, const char *account);

/* The account's name if the DN is one of that template, else NULL. */
char *dn_account_of_template(const char *pattern, const char *dn);

#endif
