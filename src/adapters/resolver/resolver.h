/* SPDX-License-Identifier: MIT
 *
 * DNS questions. Floor: adapters. Hides c-ares.
 *
 * Names are asked as they are, without a search list and without /etc/hosts.
 * A and AAAA are two questions, because one that failed must not look like
 * "no such record" when the other was answered.
 */
#ifndef APPSMTP_RESOLVER_H
#define APPSMTP_RESOLVER_H

#include "base/deadline.h"
#include "rules/hostname.h"

struct resolver;

/*
 * servers: of char *, "192.0.2.53", "127.0.0.1:5353" or "[::1]:53"; an empty
 * list asks those of /etc/resolv.conf. NULL and APPSMTP_ERROR_CONFIGURATION
 * when a server's text is wrong.
 */
struct resolver *resolver_new(const GPtrArray *servers, GError **error);
void resolver_free(struct resolver *resolver);
DEFINE_AUTO(resolver, resolver_free)

/*
 * Asks A and AAAA of all names at once and, with reverse, PTR of what they
 * answer, unless that is more than LIMIT_HOSTNAME_ADDRESSES. What has no answer by the deadline is DNS_UNAVAILABLE. Returns a list
 * of struct hostname_answers in the order of names; caller unrefs. Never fails
 * as a whole: each question has its own outcome.
 */
GPtrArray *resolver_ask(struct resolver *resolver, const GPtrArray *names, bool reverse,
                        struct deadline deadline);

#endif
