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

/* What the bases and filters of each kind find, and what decides is shown of it. An error says
 * that it could not be found out. */
bool survey_people(struct connection *connection, GError **error);
bool survey_accounts(struct connection *connection, GError **error);
bool survey_groups(struct connection *connection, GError **error);

/* Which entries have the login although nobody was found by it, and why they do not count. */
void explain_person(struct connection *connection, const char *login);

/* Likewise the address, for which no account was found. */
void explain_address(struct connection *connection, const char *address);

/* What the attributes hold that say who has a role, before it is asked. */
void explain_rules(struct connection *connection, const struct candidate *candidate,
                   const struct person *person);

/* Whether the group itself stands in the way: it shows no member. */
void explain_group(struct connection *connection, const char *dn);

/* The groups that hold the person and do not count. */
void explain_groups(struct connection *connection, const struct person *person);

#endif
