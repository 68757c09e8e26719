/* SPDX-License-Identifier: MIT
 *
 * How people write networks when it is not CIDR notation: ranges, stars,
 * netmasks, ports, names. Floor: rules; pure.
 */
#ifndef APPSMTP_RULES_SPELLING_H
#define APPSMTP_RULES_SPELLING_H

#include "rules/finding.h"
#include "rules/network.h"

/*
 * Recognises a text that network_parse() refused. Returns the finding that
 * explains it and sets *meant to what should be entered instead (caller frees),
 * "" where nobody can tell; otherwise is returned for what is not recognised.
 */
enum finding_id spelling_explain(const char *text, enum finding_id otherwise, char **meant);

/* Whether an IPv4 address is a netmask, like 255.255.255.0; of at least 8 bits. */
bool spelling_is_netmask(const struct network *address);

#endif
