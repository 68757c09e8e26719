/* SPDX-License-Identifier: MIT
 *
 * Names looked up in DNS for whoever visits the portal, so that nobody's silent names
 * keep the others waiting. Floor: service.
 *
 * All visitors together have as many look-ups at a time as half of config->workers, rounded
 * down, and at least one: the other workers answer pages. Of these a person has two, all
 * strangers together one, which is short; and where there are several, nobody has all.
 */
#ifndef APPSMTP_SERVICE_LOOKUP_H
#define APPSMTP_SERVICE_LOOKUP_H

#include "base/deadline.h"
#include "service/office.h"

/* For whom. */
struct lookup_visitor {
    const char *login; /* of a person, or NULL: a stranger */
    bool unlimited;    /* no visitor: a program of the relay team */
};

/*
 * As resolver_ask(), by the sooner of the deadline and what the visitor may have. NULL when
 * there are too many of the visitor's look-ups, or of everybody's; no name was asked for then. Where the database
 * cannot be asked about them, the names are looked up. Caller unrefs.
 */
GPtrArray *lookup_names(const struct office *office, struct lookup_visitor visitor,
                        const GPtrArray *names, bool reverse, struct deadline deadline);

#endif
