/* SPDX-License-Identifier: MIT
 *
 * Would this message be accepted? Floor: rules; pure.
 *
 * The one decision that the policy daemon, the portal's checker and
 * appsmtp-check all make: sender and source have to belong to the same live
 * registration. The caller looks the sender up; this judges what was found.
 */
#ifndef APPSMTP_RULES_DECISION_H
#define APPSMTP_RULES_DECISION_H

#include "base/cleanup.h"
#include "rules/finding.h"
#include "rules/location.h"

enum decision_answer {
    DECISION_PERMIT,
    DECISION_REFUSE,
    DECISION_UNAVAILABLE, /* could not ask: the relay defers */
};

/* What the relay knows of one message. */
struct decision_query {
    const char *sender;             /* reverse-path without brackets; "" is the null sender */
    const char *client;             /* IP address as text */
    const char *certificate_sha256; /* fingerprints as 64 lower-case hex digits, or "" */
    const char *spki_sha256;
};

/* What all registrations of a generation share. */
struct decision_policy {
    GPtrArray *locations; /* of struct location; a client outside all of them is refused */
    bool null_sender;     /* whether <> may be sent from a registered source */
    char *portal;         /* base URL, for the advice in refusals */
    unsigned relays;      /* that share each sender's rate; at least 1 */
    GPtrArray *domains;   /* of char *, lower case: of addresses that can be registered; empty when
                             that is not known, so that no text speaks of it */
};

/* The sources registered with one sender, hostnames already resolved. */
struct decision_entry {
    GArray *networks; /* of struct network */
    GPtrArray *spkis; /* of char *: SHA-256 of public keys, 64 lower-case hex digits */
    GPtrArray *certificates; /* likewise of whole certificates, for relays that know no keys: the
                                decision does not look at them, and the snapshot has none */
    unsigned per_hour;       /* recipients that the sender may have in an hour, at all relays; 0
                                is no limit. The decision does not look at it either. */
    bool per_source;         /* that each of its client addresses may have, rather */
};

struct decision_policy *decision_policy_new(void);
void decision_policy_free(struct decision_policy *policy);
DEFINE_AUTO(decision_policy, decision_policy_free)

struct decision_entry *decision_entry_new(void);
void decision_entry_free(struct decision_entry *entry);
DEFINE_AUTO(decision_entry, decision_entry_free)

struct decision {
    enum decision_answer answer;
    const char *code; /* "message.permitted", "message.sender-not-registered" ...; static */
    char *text;       /* one line of printable ASCII that tells the sending admin what to do */
    char *source;     /* what a permitted message matched: "network<TAB>10.1.2.0/24" or
                         "spki<TAB>64 hex digits", as in the file "pairs"; else NULL */
};

void decision_free(struct decision *decision);
DEFINE_AUTO(decision, decision_free)

/*
 * Judges. entry: what is registered for the sender, NULL when nothing is.
 * For the null sender entry is what matched the source in any registration
 * (the caller looks the source up), NULL when none did. Never NULL; caller frees.
 */
struct decision *decision_make(const struct decision_policy *policy,
                               const struct decision_query *query,
                               const struct decision_entry *entry);

/*
 * The same for one who is not shown the client's certificate, such as a milter; the
 * query's fingerprints are not looked at. It never refuses what decision_make() would
 * permit: where a key of the sender's could explain the message, and for the null
 * sender any key, it is a permit, and the source is NULL.
 */
struct decision *decision_make_unseen(const struct decision_policy *policy,
                                      const struct decision_query *query,
                                      const struct decision_entry *entry);

/* Whether it was permitted for its certificate, so that the address did not matter. */
bool decision_is_by_certificate(const struct decision *decision);

/* The decision when the look-up itself failed. */
struct decision *decision_unavailable(void);

/*
 * Whether it is a refusal only because of what is registered in this generation, or because
 * of the domains that it has.
 */
bool decision_depends_on_generation(const struct decision *decision);

/* The decision over a sender whose registration is known, but not in force yet. */
struct decision *decision_not_yet(const char *sender);
bool decision_is_not_yet(const struct decision *decision);

/* The decision that findings come to: the verdict over all, code and text of the first. */
struct decision *decision_from_findings(const struct findings *findings);

/*
 * Whether author may stand in the headers of a message that the relay accepted of
 * sender from the client: each is what is registered for that address, NULL when
 * nothing is (the null sender has nothing). The one who asks knows the client's
 * address, but not its certificate. So author's networks must hold the client; or,
 * where sender's do not, sender must have come by a certificate, and then each of
 * sender's keys must be author's, too. Where it cannot be known by which of both
 * sender came, the networks count: it never passes what is not registered for the
 * same source, and may refuse an author that only shares a key.
 */
bool decision_same_source(const struct decision_policy *policy, const char *client,
                          const struct decision_entry *sender,
                          const struct decision_entry *author);

/*
 * Whether an address that is not registered could be: its syntax is that of a sending
 * address, and its domain is one of domains, when there are any.
 */
bool decision_can_be_registered(const char *address, const GPtrArray *domains);

/* What a stranger sent, fit for a line of an SMTP reply: printable ASCII, cut. Caller frees. */
char *decision_printable(const char *text);

/*
 * Reads the client's address; false when the text is none (a network is none
 * either). An IPv4-mapped address becomes the IPv4 one.
 */
bool decision_client(const char *text, struct network *client);

/* A fingerprint as Postfix shows it: "AB:CD:...", from hex digits. Caller frees. */
char *decision_fingerprint(const char *hex);

#endif
