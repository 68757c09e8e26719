/* SPDX-License-Identifier: MIT
 *
 * Networks as sources of a registration. Floor: rules; pure.
 */
#ifndef APPSMTP_RULES_SOURCE_H
#define APPSMTP_RULES_SOURCE_H

#include "rules/finding.h"
#include "rules/location.h"

/*
 * Checks one network that a person typed: syntax, host bits ("did you mean
 * 10.1.2.0/24?"), size and place. all: every configured location; chosen: those
 * ticked in the form (of const struct location *); when chosen is empty the
 * place is checked against all. Returns true and sets *network when no finding
 * of this call is an error.
 */
bool source_check_network(const char *typed, const GPtrArray *all, const GPtrArray *chosen,
                          struct findings *findings, struct network *network);

/*
 * Takes out of the list what another entry of it already holds (duplicates, and
 * networks inside others), and sorts it. networks: of struct network.
 */
void source_merge_networks(GArray *networks);

/*
 * Splits a multi-line field: entries are separated by newlines, commas,
 * semicolons, blanks. Invisible characters that pasting brings (zero width,
 * byte order mark, no-break space) are dropped. Returns the entries in order,
 * none empty; caller frees with g_strfreev().
 */
char **source_split(const char *typed);

#endif
