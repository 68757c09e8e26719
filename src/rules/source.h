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
 * place is checked against all. A network inside another one of all is told
 * which to tick. Several findings may be added. Returns true and sets *network
 * when none of this call is an error.
 */
bool source_check_network(const char *typed, const GPtrArray *all, const GPtrArray *chosen,
                          struct findings *findings, struct network *network);

/*
 * Checks a whole field: splits it, refuses an empty one and one with more than
 * LIMIT_SOURCES entries, checks each entry and merges what is good. Returns a
 * list of struct network, caller unrefs; it is complete when no finding of this
 * call is an error.
 */
GArray *source_check_networks(const char *typed, const GPtrArray *all, const GPtrArray *chosen,
                              struct findings *findings);

/*
 * Takes out of the list what another entry of it already holds (duplicates, and
 * networks inside others), and sorts it. networks: of struct network.
 */
void source_merge_networks(GArray *networks);

/*
 * Cleans (rules/typed.h) and splits a field of several entries: they are
 * separated by newlines, commas, semicolons, blanks. A lone dash or slash
 * between two entries joins them ("10.1.2.3 - 10.1.2.9" is one). Returns the
 * entries in order, none empty; caller frees with g_strfreev().
 */
char **source_split(const char *typed);

#endif
