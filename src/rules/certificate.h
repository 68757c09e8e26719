/* SPDX-License-Identifier: MIT
 *
 * The verdict over certificates: what the service takes in 2026 and later.
 * Floor: rules; pure. Works on plain facts; who reads them out of a certificate
 * is adapters/certificate, which also verifies signatures and builds the path.
 *
 * Sources: RFC 5280; CA/Browser Forum Baseline Requirements (BR) 6.1, 7.1.
 */
#ifndef APPSMTP_RULES_CERTIFICATE_H
#define APPSMTP_RULES_CERTIFICATE_H

#include "rules/finding.h"

enum certificate_key {
    CERTIFICATE_KEY_RSA,
    CERTIFICATE_KEY_EC, /* on a named curve */
    CERTIFICATE_KEY_ED25519,
    CERTIFICATE_KEY_OTHER,
};

/* Bits of purposes, the extended key usage (RFC 5280 4.2.1.12). */
enum certificate_purpose {
    CERTIFICATE_SERVER = 1 << 0,
    CERTIFICATE_CLIENT = 1 << 1,
    CERTIFICATE_ANY = 1 << 2,
    CERTIFICATE_OTHER = 1 << 3, /* at least one that is none of the above */
};

enum certificate_name_kind {
    CERTIFICATE_NAME_DNS,
    CERTIFICATE_NAME_ADDRESS, /* an IP address as text, without prefix length */
    CERTIFICATE_NAME_MAIL,
};

/* One subject alternative name; what is not printable in it is escaped with a backslash. */
struct certificate_name {
    enum certificate_name_kind kind;
    char *text;
};

/* What the rules want to know of one certificate. Texts are printable UTF-8. */
struct certificate_facts {
    char *subject;
    unsigned version;  /* 1, 2 or 3 */
    gint64 not_before; /* seconds since 1970; when unreadable, later than not_after */
    gint64 not_after;
    bool serial_fits; /* positive, at most 20 octets */

    enum certificate_key key;
    unsigned key_bits;
    char *key_name;       /* "RSA", "P-256", "DSA" ... */
    const char *key_flaw; /* NULL, or static words: what is wrong with these numbers */

    char *signature_name;
    bool signature_is_weak;       /* MD5, SHA-1 ... */
    bool signature_is_usual;      /* a kind that TLS software verifies everywhere */
    bool signature_is_consistent; /* the algorithm inside the signed part is the one outside */

    char *unknown_critical; /* name or OID of a critical extension nobody knows, or NULL */
    char *duplicate;        /* name or OID of an extension that occurs twice, or NULL */
    bool has_name_constraints;
    bool may_sign; /* keyUsage is absent or has digitalSignature */

    unsigned purposes;   /* bits; 0: no such extension */
    char *purposes_text; /* for a person, comma-separated; or NULL */
    bool purposes_critical;

    bool has_subject;
    bool names_critical;
    GPtrArray *names; /* of struct certificate_name */
};

/* Facts with nothing wrong and no names, to be filled in. */
struct certificate_facts *certificate_facts_new(void);
void certificate_facts_free(struct certificate_facts *facts);
DEFINE_AUTO(certificate_facts, certificate_facts_free)

/* text is copied. */
void certificate_facts_add_name(struct certificate_facts *facts, enum certificate_name_kind kind,
                                const char *text);

/* What kind of root the path leads to. */
enum certificate_root {
    CERTIFICATE_ROOT_UNKNOWN, /* no path was found */
    CERTIFICATE_ROOT_COMMON,
    CERTIFICATE_ROOT_ADDED, /* a private one that the site trusts */
};

/*
 * Judges the leaf by itself: time, key, signature, encoding, purposes, names.
 * now: seconds since 1970. name: a host name or IP address that the leaf has to
 * carry (RFC 6125 6.4; a wildcard stands for one left-most label), with A-labels or
 * U-labels, with or without a final dot; or NULL.
 * Purposes: serverAuth, clientAuth or both are fine; none is only for an added
 * root (and not judged while the root is unknown); others alone are refused.
 * Lifetime: one that is longer than common authorities may issue is a warning.
 */
void certificate_judge_leaf(const struct certificate_facts *leaf, enum certificate_root root,
                            gint64 now, const char *name, struct findings *findings);

/* Judges one intermediate of the leaf's path: time, key, signature, purposes. */
void certificate_judge_issuer(const struct certificate_facts *issuer,
                              const struct certificate_facts *leaf, gint64 now,
                              struct findings *findings);

/*
 * Judges the root's time and purposes, and whether it issued the leaf while it was trusted.
 * distrust_after: what begins later is refused (seconds since 1970); 0: there is no such
 * date. Its own signature says nothing, and its key is the store's choice.
 */
void certificate_judge_root(const struct certificate_facts *root, gint64 distrust_after,
                            const struct certificate_facts *leaf, gint64 now,
                            struct findings *findings);

/*
 * Judges only whether the leaf begins while the root, known by its name, was trusted:
 * distrust_after as above.
 */
void certificate_judge_distrust(const char *root, gint64 distrust_after,
                                const struct certificate_facts *leaf, struct findings *findings);

/*
 * What makes a certificate too costly to look at any further: an RSA key above
 * LIMIT_RSA_BITS, more than LIMIT_SAN_NAMES names. True when there is nothing.
 * Reads subject, key, key_bits and names only.
 */
bool certificate_judge_cost(const struct certificate_facts *facts, struct findings *findings);

/* "12 days", "1 day", "5 hours": rounded down, so that nobody counts on more. Caller frees. */
char *certificate_duration(gint64 seconds);

/* Whether presented, a DNS name of a certificate, is that of host (RFC 6125 6.4.3). */
bool certificate_name_matches(const char *presented, const char *host);

#endif
