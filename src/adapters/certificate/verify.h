/* SPDX-License-Identifier: MIT
 *
 * One path, verified by OpenSSL and judged by the rules. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_VERIFY_H
#define APPSMTP_CERTIFICATE_VERIFY_H

#include "adapters/certificate/openssl.h"
#include "rules/certificate.h"

struct verify {
    const struct certificate_facts *leaf;
    GHashTable *known; /* facts of certificates seen before: X509 * to struct certificate_facts * */
    gint64 now;
};

/* An empty table for struct verify. */
GHashTable *verify_facts_new(void);

/*
 * path: of X509 *, the leaf and its intermediates in order; anchor: the root that
 * is trusted for this one path. What is wrong with the path is a finding; what is
 * wrong with the leaf alone is left to certificate_judge_leaf().
 */
void verify_path(const struct verify *verify, const GPtrArray *path, X509 *anchor,
                 struct findings *findings);

#endif
