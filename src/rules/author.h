/* SPDX-License-Identifier: MIT
 *
 * Who a message says it is from, against who sent it. Floor: rules; pure.
 *
 * The relay knows the envelope's sender; people see the headers From: and Sender:
 * (RFC 5322 3.6.2), and the Resent- ones of a message that somebody sends on (3.6.6).
 * Each has to be the envelope's sender or another address that is registered for the
 * same source; and so has an address that could be registered and stands in the name
 * beside it, for many programs show the name alone. Somebody else reads the headers and
 * looks up; this judges what was found.
 */
#ifndef APPSMTP_RULES_AUTHOR_H
#define APPSMTP_RULES_AUTHOR_H

#include "rules/finding.h"

/* What a header turned out to hold. Only AUTHOR_ONE can pass. */
enum author_reading {
    AUTHOR_ABSENT,     /* there is no such header */
    AUTHOR_TWICE,      /* there are several */
    AUTHOR_TOO_LONG,   /* more than LIMIT_HEADER */
    AUTHOR_NOT_ASCII,  /* raw bytes above 127 */
    AUTHOR_GROUP,      /* "name: address, ...;" (RFC 6854) */
    AUTHOR_SEVERAL,    /* more than one address */
    AUTHOR_NO_DOMAIN,  /* a name only, as "root (Cron Daemon)" */
    AUTHOR_UNREADABLE, /* no address, or one that no registration can have */
    AUTHOR_ONE,
};

struct author {
    enum author_reading reading;
    const char *address; /* of AUTHOR_ONE, lower case; else NULL */
    bool registered;     /* the address is the envelope's, or registered for the same source */
    const char *named;   /* an address in its name that could be registered, and is not for that
                            source; NULL: there is none */
};

/* The headers that say who a message is from. Only From: has to be there. */
enum author_header {
    AUTHOR_FROM,
    AUTHOR_SENDER,
    AUTHOR_RESENT_FROM,
    AUTHOR_RESENT_SENDER,
    AUTHOR_HEADERS, /* how many there are */
};

/* "From", without the colon. Static. */
const char *author_header_name(enum author_header header);

struct author_message {
    const char *sender; /* the envelope's, lower case; "" is the null sender */
    const char *client; /* IP address as text */
    const char *portal; /* base URL, for the advice in refusals */
    struct author authors[AUTHOR_HEADERS];
    const GPtrArray *domains; /* of addresses that can be registered, as in struct decision_policy;
                                 NULL is not known */
};

/*
 * Judges: adds one finding for each header that is refused ("header.from-missing",
 * "header.not-registered" ...), or "header.permitted" when none is. Each text is one
 * line of printable ASCII.
 */
void author_judge(const struct author_message *message, struct findings *findings);

#endif
