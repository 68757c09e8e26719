/* SPDX-License-Identifier: MIT
 *
 * Names looked up in DNS for whoever visits the portal, so that nobody's silent names
 * keep the others waiting: a person has two look-ups at a time, and all strangers
 * together have one, which is short. Floor: service.
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
 * the visitor's other look-ups are not over; no name was asked for then. Where the database
 * cannot be asked about them, the names are looked up. Caller unrefs.
 */
GPtrArray *lookup_names(const struct office *office, struct lookup_visitor visitor,
                        const GPtrArray *names, bool reverse, struct deadline deadline);

#endif
