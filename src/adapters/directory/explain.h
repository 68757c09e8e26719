/* SPDX-License-Identifier: MIT
 *
 * What tells a mistake of the set-up from a "no": steps that only a directory that explains takes
 * (directory_explain()). They tell the trace what stands in the way, and change no answer.
 */
#ifndef APPSMTP_DIRECTORY_EXPLAIN_H
#define APPSMTP_DIRECTORY_EXPLAIN_H

#include "adapters/directory/lookup.h"

/* Tells what is certainly wrong with the set-up, whoever is asked about, and counts it. */
void directory_mistake(struct directory *directory, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Tells why a step could not be taken; an error of the set-up is a mistake. NULL: nothing to tell.
 */
void explain_failure(struct directory *directory, const GError *failure);

/* Looks up in the server's schema what attributes the settings name. */
bool explain_schema(struct connection *connection, GError **error);

/* Reads one entry. *result stays NULL when it is not there or not readable; caller frees. */
bool explain_read(struct connection *connection, const char *dn, const char *const *attributes,
                  LDAPMessage **result, GError **error);

/* The naming contexts that a configured base lies in, of char *; caller unrefs. */
bool explain_contexts(struct connection *connection, GPtrArray **contexts, GError **error);

/* Which entries have the login although nobody was found by it, and why they do not count. */
void explain_person(struct connection *connection, const char *login);

/* Likewise the address, for which no account was found. */
void explain_address(struct connection *connection, const char *address);

/* What the attributes hold that say who has a role, before it is asked. */
void explain_rules(struct connection *connection, const struct candidate *candidate,
                   const struct person *person);

/* The groups that hold the person and do not count. */
void explain_groups(struct connection *connection, const struct person *person);

#endif
