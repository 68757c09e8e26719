/* SPDX-License-Identifier: MIT
 *
 * The file "pairs": which sender may send from which source. Floor: service.
 *
 * The one truth of a generation, from which every other file of it is made, and
 * what a person reads and diffs:
 *     # appsmtp pairs 1
 *     # serial 12
 *     # time 2026-11-23T12:00:00Z
 *     # snapshot 771:771:
 *     # portal https://appsmtp.example.edu
 *     # null-sender no
 *     # domain example.edu
 *     # location campus 10.0.0.0/8 2001:db8:c0::/48
 *     # relays 2
 *     # rate scanner 200 source
 *     # rate web-application 1000
 *     app@example.edu<TAB>certificate<TAB>64 hex digits<TAB>web-application
 *     app@example.edu<TAB>hostname<TAB>web1.example.edu=10.1.2.3<TAB>web-application
 *     app@example.edu<TAB>network<TAB>10.1.2.0/24<TAB>web-application
 *     app@example.edu<TAB>spki<TAB>64 hex digits<TAB>web-application
 *     idle@example.edu<TAB>none<TAB>-<TAB>scanner
 *     mass@example.edu<TAB>network<TAB>10.1.3.4/32<TAB>web-application<TAB>20000
 *     # end 6
 * Lines are sorted by their bytes, none twice. "none" is a registration without any
 * source that counts now: the refusal says so instead of "not registered". A
 * certificate stands there twice, whole (for relays that know no keys) and as its
 * public key (spki). Then comes the application type, whose rate stands in the head:
 * recipients an hour of the sender, or "source": of each client address by itself; at
 * that many relays together. A registration with a rate of its own has it in a last
 * column, instead of the type's number.
 */
#ifndef APPSMTP_PAIRS_H
#define APPSMTP_PAIRS_H

#include "rules/rate.h"

#define PAIRS_FILE "pairs"

struct pairs_head {
    guint64 serial;
    const char *time;     /* ISO 8601, UTC */
    const char *snapshot; /* what the database's transaction saw */
    const struct decision_policy *policy;
    const GPtrArray *rates; /* of struct pairs_rate */
};

struct pairs_rate {
    const char *type; /* application type: a-z and hyphens */
    struct rate rate;
};

/* A registration without its sources. */
struct pairs_registration {
    const char *sender, *type;
    unsigned per_hour; /* its own rate; 0 is the type's */
};

/* ---- writing ---- */

struct pairs_writer;

/* Creates folder/pairs; NULL and APPSMTP_ERROR_CREATE or OUTPUT when that fails. */
struct pairs_writer *pairs_writer_new(const char *folder, const struct pairs_head *head,
                                      GError **error);
void pairs_writer_free(struct pairs_writer *writer);
DEFINE_AUTO(pairs_writer, pairs_writer_free)

/*
 * One registration, its sender after all before it, with its sources: of char *,
 * "kind<TAB>value", which are sorted here and written once each; empty is "none". A
 * sender that a map could misread is APPSMTP_ERROR_GUARD, which names it.
 */
bool pairs_writer_add(struct pairs_writer *writer, const struct pairs_registration *registration,
                      GPtrArray *sources, GError **error);

/* The trailer. *content: SHA-256 of all but serial, time, snapshot; caller frees. */
bool pairs_writer_finish(struct pairs_writer *writer, char **content, GError **error);

/* ---- reading ---- */

/* One line. The texts are good during the call only. */
struct pairs_line {
    const char *sender, *kind, *value, *type;
    unsigned per_hour; /* the registration's own rate; 0 is the type's */
};

typedef bool pairs_each(const struct pairs_line *line, void *data, GError **error);
typedef bool pairs_sender(const char *sender, const struct decision_entry *entry, void *data,
                          GError **error);

/*
 * Reads folder/pairs and calls each() for each sender, in order. Every line has to
 * be one that the writer writes, sorted, and as many as the trailer says, else
 * APPSMTP_ERROR_GUARD with the line's number.
 */
bool pairs_read(const char *folder, pairs_sender *each, void *data, GError **error);

/* The same, line by line. */
bool pairs_read_lines(const char *folder, pairs_each *each, void *data, GError **error);

/* Whether every map can hold that sender: one full address, lower case, no blank, no leading mark. */
bool pairs_sender_fits(const char *sender);

#endif
