/* SPDX-License-Identifier: MIT
 *
 * Name constraints (RFC 5280 4.2.1.10): what one authority on a path lets the leaf
 * be called, whoever else is on it. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_CONSTRAINTS_H
#define APPSMTP_CERTIFICATE_CONSTRAINTS_H

#include "adapters/certificate/openssl.h"
#include "rules/certificate.h"

enum constraints_answer {
    CONSTRAINTS_PERMIT,
    CONSTRAINTS_FORBID,
    CONSTRAINTS_UNREADABLE, /* they or the leaf's names cannot be compared */
    CONSTRAINTS_MALFORMED,  /* a DNS name in them begins with a dot, which means nothing */
};

/* The names and constraints of certificates seen before, and how much comparing they have cost. */
struct constraints;

struct constraints *constraints_new(void);
void constraints_free(struct constraints *constraints);
DEFINE_AUTO(constraints, constraints_free)

/*
 * Whether one more look at the names of this path (of X509 *, the leaf first, the anchor
 * last) is within what comparing may cost for one upload, LIMIT_NAME_COMPARISONS; it is
 * then paid for.
 */
bool constraints_pay(struct constraints *constraints, const GPtrArray *chain);

/*
 * What the authority says to the leaf. As OpenSSL, and besides: a wildcard that stands for
 * an excluded name is forbidden. facts: the leaf's.
 */
enum constraints_answer constraints_ask(struct constraints *constraints, X509 *authority,
                                        X509 *leaf, const struct certificate_facts *facts);

#endif
