/* SPDX-License-Identifier: MIT
 *
 * Uploaded certificates: reading every container, finding the leaf, building
 * the path, judging it. Floor: adapters. Hides OpenSSL.
 *
 * No network: nothing is ever fetched for a certificate.
 */
#ifndef APPSMTP_CERTIFICATE_H
#define APPSMTP_CERTIFICATE_H

#include "base/cleanup.h"
#include "rules/finding.h"
#include "rules/registration.h"

/* Trust anchors and known intermediates. */
struct trust;

struct certificate_settings; /* adapters/config/config.h */

/*
 * Loads PEM files of roots: the store of common roots, then added private ones (of char *,
 * names of files; may be NULL). A certificate in them that another one issued is a known
 * intermediate, never an anchor by itself. NULL and APPSMTP_ERROR_CONFIGURATION when a file
 * cannot be read, holds a damaged certificate or no root; APPSMTP_ERROR_BUSY without memory.
 */
struct trust *trust_load(const char *store, const GPtrArray *private_roots, GError **error);

/*
 * The same with the files of the configuration, and its lists of weak keys: see
 * trust_use_weak_keys().
 */
struct trust *trust_open(const struct certificate_settings *settings, GError **error);

/*
 * Loads them anew when one of the files was replaced since. False and the error, once for
 * each such change, when the new ones are no good, half written for instance: those of
 * before then stay in force.
 */
bool trust_refresh(struct trust *trust, GError **error);

void trust_free(struct trust *trust);
DEFINE_AUTO(trust, trust_free)

/*
 * Where lists of weak keys are, in the form of Debian's package openssl-blacklist
 * (blacklist.RSA-2048 ...), if not where that package had them, /usr/share/openssl-blacklist.
 */
void trust_use_weak_keys(struct trust *trust, const char *folder);

/*
 * The kinds of keys of which that folder has a list that can be read, "RSA-2048, RSA-4096";
 * NULL when it has none, and no key is refused for being known. Caller frees.
 */
char *trust_weak_key_lists(const struct trust *trust);

/* A root, as operators see it. */
struct trust_root {
    char *name;
    char *sha256;
    gint64 not_after;      /* seconds since 1970 */
    gint64 distrust_after; /* the last second whose certificates are trusted; 0: no end is set */
    bool added;            /* from a private file of this site */
    bool listed;           /* in the list of common roots that this program knows */
    char *unusable;        /* why no path can end at it; NULL when one can */
};

/* All roots by name, of struct trust_root; caller unrefs. */
GPtrArray *trust_roots(const struct trust *trust);

/*
 * The roots of the list of common ones that are trusted today and that no file holds, by
 * name; of each the name, the fingerprint and that it is listed. Of struct trust_root; caller
 * unrefs.
 */
GPtrArray *trust_absent_roots(const struct trust *trust);

/* Times are seconds since 1970. */
struct trust_summary {
    const char *file;      /* of the common roots; belongs to the trust */
    guint common, added;   /* roots: of the store, of the private files */
    guint distrusted;      /* of the common ones: what they issue now is refused */
    guint unlisted;        /* of the common ones: not in the list that this program knows */
    guint absent;          /* in that list and trusted, but in no file */
    guint unusable;        /* beside them */
    gint64 written;        /* when the file was that is in force; says nothing of what is in it */
    gint64 packaged;       /* of Debian's package that the file was made from; 0: another file */
    const char *weak_keys; /* the folder of lists; belongs to the trust */
    const char *failure;   /* why a newer one is not in force, or NULL; belongs to the trust */
};

struct trust_summary trust_summarise(const struct trust *trust);

/* Whether the package, or where there is none the file, is of more than LIMIT_ROOTS_DAYS ago. */
bool trust_is_old(const struct trust_summary *summary, gint64 now);

/* The day of the list of common roots that this program knows, "YYYY-MM-DD". Static. */
const char *trust_list_date(void);

struct certificate_options {
    gint64 now;       /* seconds since 1970 */
    const char *name; /* a host name that the leaf has to carry (RFC 6125), or NULL */
};

/*
 * Judges one upload: PEM, DER, PKCS#7; any order, at most LIMIT_CERTIFICATE_FILE
 * bytes. Every refusal and warning goes to findings, codes "certificate.*".
 * Returns the leaf when one was found and no finding of this call is an error,
 * else NULL. Nothing is fetched, and nobody is asked about revocation. Without memory
 * the only finding is "certificate.unavailable": neither yes nor no.
 *
 * data is not changed, and no copy of it is left behind; after
 * "certificate.private-key" it is the caller's part to wipe and forget it.
 */
struct certificate *certificate_check(const struct trust *trust, const void *data, size_t size,
                                      const struct certificate_options *options,
                                      struct findings *findings);

/*
 * The certificates of an upload as PEM text, for a form that is shown again;
 * NULL when it holds none or holds a private key. Caller frees.
 */
char *certificate_as_pem(const void *data, size_t size);

/* One DER certificate, already accepted, as PEM text. Caller frees. */
char *certificate_der_as_pem(GBytes *der);

/*
 * The two fingerprints of the leaf of a file (any container, any order), or of
 * its first certificate when there are several leaves; judged by nothing: for
 * "would this message be accepted?". False and APPSMTP_ERROR_INPUT when there is
 * none, or a private key. The outputs are as in struct certificate; caller frees.
 */
bool certificate_fingerprints(const void *data, size_t size, char **sha256, char **spki_sha256,
                              GError **error);

#endif
