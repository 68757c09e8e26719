/* SPDX-License-Identifier: MIT
 *
 * Reads From: and Sender: of other people's messages. Floor: adapters. Hides GMime.
 *
 * Whoever wants to deceive writes what one program reads in one way and the next in
 * another. So a value counts only where all ways lead to the same address: GMime
 * reads it strictly and liberally, and must have nothing to warn of; and the address
 * must stand in the value as it is, alone in the only angle brackets or, without any,
 * as the only thing with an @. Comments inside the address, routes, quoted local
 * parts and brackets in names are refused by that. A name may be anything else; the
 * addresses in it are told.
 */
#ifndef APPSMTP_MAIL_AUTHOR_H
#define APPSMTP_MAIL_AUTHOR_H

#include "rules/author.h"

/*
 * value: all behind the colon, lines folded by \n and a blank. AUTHOR_ONE sets
 * *address to a sound one (rules/address.h) in lower case, which the caller frees,
 * and *named to the other sound ones (of char *, lower case) that stand in the decoded
 * name or a comment, which the caller unrefs; otherwise both are untouched. Never AUTHOR_ABSENT, AUTHOR_TWICE or AUTHOR_TOO_LONG: the
 * caller sees to these. mail_init() has to have been called; not for two threads at once.
 */
enum author_reading mail_author(const char *value, char **address, GPtrArray **named);


#endif
