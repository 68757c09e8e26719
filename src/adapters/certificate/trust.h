/* SPDX-License-Identifier: MIT
 *
 * What is inside struct trust. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_TRUST_H
#define APPSMTP_CERTIFICATE_TRUST_H

#include "adapters/certificate/certificate.h"
#include "adapters/certificate/openssl.h"

struct anchor {
    X509 *certificate;
    bool added;            /* a private root of this site */
    gint64 distrust_after; /* what begins later is refused (seconds since 1970); 0: no such date */
};

/* A root in a file at which no path can end. */
struct unusable_root {
    X509 *certificate;
    char *reason;
};

struct trust {
    GPtrArray *files;         /* of struct root_file (trust.c) */
    GPtrArray *anchors;       /* of struct anchor */
    GPtrArray *intermediates; /* of X509 *: known, not trusted by themselves */
    GPtrArray *unusable;      /* of struct unusable_root */
    char *weak_keys;
    char *failure; /* of the last trust_refresh(), or NULL */
};

#endif
