/* SPDX-License-Identifier: MIT
 *
 * One path, verified by OpenSSL and judged by the rules. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_VERIFY_H
#define APPSMTP_CERTIFICATE_VERIFY_H

#include "adapters/certificate/constraints.h"
#include "adapters/certificate/trust.h"

struct verify {
    const struct certificate_facts *leaf;
    GHashTable *known; /* facts of certificates seen before: X509 * to struct certificate_facts * */
    GHashTable *bad;   /* set of X509 *: no path with one of them can be good */
    struct constraints *constraints;
    gint64 now;
};

/* An empty table for struct verify. */
GHashTable *verify_facts_new(void);

/* The facts of a certificate, read once; they belong to the table. */
const struct certificate_facts *verify_facts(const struct verify *verify, X509 *certificate);

/*
 * path: of X509 *, the leaf and its intermediates in order, each signed by the next;
 * anchor: the root that is trusted for this one path. True when it is good. What is wrong
 * with the path is a finding, and the certificates to blame are added to bad; what is wrong
 * with the leaf alone is left to certificate_judge_leaf().
 */
bool verify_path(const struct verify *verify, const GPtrArray *path, const struct anchor *anchor,
                 struct findings *findings);

#endif
