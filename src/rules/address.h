/* SPDX-License-Identifier: MIT
 *
 * Sending addresses: syntax and allowed domains. Floor: rules; pure.
 *
 * The syntax is RFC 5321 4.1.2's Mailbox with a dot-string as local part:
 * quoted local parts, address literals and non-ASCII are refused, because no
 * relay map could carry them. Addresses compare without case, as Exchange does.
 */
#ifndef APPSMTP_RULES_ADDRESS_H
#define APPSMTP_RULES_ADDRESS_H

#include "rules/finding.h"

/*
 * Checks what a person typed. Invisible characters, blanks around it, one comma
 * or semicolon at its end and one pair of angle brackets are taken off. domains:
 * of char *, lower case; NULL allows every domain. Returns the address in lower
 * case, caller frees; NULL when findings ("address.empty", "address.too-long",
 * "address.no-at", "address.domain" ...) say why it is refused.
 */
char *address_check(const char *typed, const GPtrArray *domains, struct findings *findings);

/*
 * Domains for a text: "@example.edu, @dept.example.edu or @mail.example.edu", the first ones
 * that are at most that many, and "or 2 others" for what is left. Caller frees.
 */
char *address_list_domains(const GPtrArray *domains, guint most);

/*
 * The address as Postfix, the snapshot and the registry key it: lower case,
 * without one dot at the end. No check of its syntax. Caller frees.
 */
char *address_normalise(const char *address);

/* The same for a sender as SMTP has it: brackets around it are taken off, "<>" is "". Caller frees. */
char *address_reverse_path(const char *typed);

#endif
