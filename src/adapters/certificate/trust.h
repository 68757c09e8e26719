/* SPDX-License-Identifier: MIT
 *
 * What is inside struct trust. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_TRUST_H
#define APPSMTP_CERTIFICATE_TRUST_H

#include "adapters/certificate/certificate.h"
#include "adapters/certificate/openssl.h"
#include "adapters/certificate/roots.h"

struct anchor {
    X509 *certificate;
    char *sha256;
    bool added;            /* a private root of this site */
    gint64 distrust_after; /* what begins later is refused (seconds since 1970); 0: no such date */
};

/* A root in a file at which no path can end. */
struct unusable_root {
    X509 *certificate;
    char *reason;
};

struct trust {
    GPtrArray *files;               /* of struct root_file (trust.c) */
    GPtrArray *anchors;             /* of struct anchor */
    GPtrArray *intermediates;       /* of X509 *: known, not trusted by themselves */
    GPtrArray *unusable;            /* of struct unusable_root */
    const struct known_root *known; /* the list of common roots; not owned */
    size_t known_count;
    char *weak_keys;
    char *failure; /* of the last trust_refresh(), or NULL */
};

/* Whether a path can end at the root of this fingerprint. */
bool trust_holds(const struct trust *trust, const char *sha256);

/* The root of the list by its fingerprint, or NULL. */
const struct known_root *trust_known(const struct trust *trust, const char *sha256);

/*
 * When the package whose files (*.crt) are in the folder was built, seconds since 1970: its
 * files keep their times when they are installed. 0 when there are none.
 */
gint64 trust_package_time(const char *folder);

/* The file of common roots and its age, as "FILE, written on 3 May 2026". Caller frees. */
char *trust_store_text(const struct trust *trust);

#endif
