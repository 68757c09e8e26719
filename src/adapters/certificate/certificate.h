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

/*
 * Loads PEM files of roots: the store of common roots, then added private ones
 * (of char *, may be NULL). NULL and APPSMTP_ERROR_CONFIGURATION when a file
 * cannot be read or holds no certificate.
 */
struct trust *trust_load(const char *store, const GPtrArray *private_roots, GError **error);
void trust_free(struct trust *trust);
DEFINE_AUTO(trust, trust_free)

/* For a self-test of one path only; NULL accepts every name. */
struct certificate_options {
    gint64 now;       /* seconds since 1970 */
    const char *name; /* a host name that the leaf has to carry (RFC 6125), or NULL */
};

/*
 * Judges one upload (any container, any order). data is not changed. Every
 * refusal and warning goes to findings, codes "certificate.*". Returns the leaf
 * when one was found and no finding is an error, else NULL.
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
 * The two fingerprints of the first certificate found in a file (any container),
 * judged by nothing: for "would this message be accepted?". False and
 * APPSMTP_ERROR_INPUT when there is none. The outputs are as in struct
 * certificate; caller frees.
 */
bool certificate_fingerprints(const void *data, size_t size, char **sha256, char **spki_sha256,
                              GError **error);

#endif
