/* SPDX-License-Identifier: MIT
 *
 * Hostnames as sources: syntax, and the verdict over what DNS answered.
 * Floor: rules; pure (libidn2 is pure). The asking is adapters/resolver.
 */
#ifndef APPSMTP_RULES_HOSTNAME_H
#define APPSMTP_RULES_HOSTNAME_H

#include "rules/finding.h"
#include "rules/location.h"

#include <stdbool.h>

/*
 * Checks what a person typed: letters, digits, hyphens (RFC 1123 2.1), at least
 * two labels, not an address, not a wildcard, no URL; international names become
 * their A-labels (IDNA 2008). One dot at the end is taken off. Returns the name in
 * lower case, caller frees; NULL when a finding says why it is refused.
 */
char *hostname_check(const char *typed, struct findings *findings);

/*
 * A name as DNS and certificates have it, for comparisons: A-labels, lower case, no dot
 * at the end. NULL when it cannot be turned into that; whether it is a hostname is not
 * checked. Caller frees.
 */
char *hostname_canonical(const char *typed);

/*
 * Checks a whole field: splits it (source_split), refuses an empty one and one
 * with more than LIMIT_HOSTNAMES entries, checks each. Returns a list of
 * char *, each name once, in the order typed; caller unrefs; it is complete when
 * no finding of this call is an error.
 */
GPtrArray *hostname_check_names(const char *typed, struct findings *findings);

/* Whether a text is an ASCII hostname of at least two labels; without reasons. */
bool hostname_is_plain(const char *name);

/* What DNS said of one question. */
enum dns_answer {
    DNS_FOUND,       /* at least one record */
    DNS_NO_DATA,     /* the name exists, no record of that type */
    DNS_NO_NAME,     /* NXDOMAIN */
    DNS_UNAVAILABLE, /* SERVFAIL, refused, time-out, ... : could not ask */
};

/* The names that one address points back to. */
struct hostname_reverse {
    struct network address;
    enum dns_answer answer;
    GPtrArray *names; /* of char *, lower case, no dot at the end; or empty */
};

/* All that DNS said of one name; A and AAAA are two questions of their own. */
struct hostname_answers {
    char *name;
    enum dns_answer ipv4;
    enum dns_answer ipv6;
    GArray *addresses;  /* of struct network, /32 and /128, sorted */
    GPtrArray *reverse; /* of struct hostname_reverse, one for each address; may be empty */
};

/* Nothing asked yet: both questions are DNS_UNAVAILABLE. */
struct hostname_answers *hostname_answers_new(const char *name);
void hostname_answers_free(struct hostname_answers *answers);
DEFINE_AUTO(hostname_answers, hostname_answers_free)

/* Adds an entry to reverse, not asked yet; owned by the answers. */
struct hostname_reverse *hostname_answers_add_reverse(struct hostname_answers *answers,
                                                      const struct network *address);

/*
 * The verdict: every address inside the chosen locations; no address at all, and more
 * than LIMIT_HOSTNAME_ADDRESSES, are refused; a question that failed is "could not ask" even when the other was
 * answered; no reverse name, or another one, is a warning with advice.
 * all: every configured location; chosen: those ticked in the form (of const
 * struct location *); when chosen is empty the place is checked against all. An
 * address inside another one of all is told which to tick.
 */
void hostname_check_answers(const struct hostname_answers *answers, const GPtrArray *all,
                            const GPtrArray *chosen, struct findings *findings);

#endif
