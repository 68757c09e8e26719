/* SPDX-License-Identifier: MIT
 *
 * A proxy in front of an LDAP server that meddles with one of its answers, or with that and all
 * after it: another result code, other names, references, nothing. In clear (ldap://) only.
 */
#ifndef APPSMTP_TEST_MEDDLER_H
#define APPSMTP_TEST_MEDDLER_H

#include <stdbool.h>

enum meddling {
    MEDDLE_CODE_ALONE,   /* no entries, and the result's code is another one */
    MEDDLE_CODE,         /* the entries, and the result's code is another one */
    MEDDLE_CODE_EARLY,   /* only the first entry, likewise */
    MEDDLE_OTHER_NAME,   /* the entries have another name */
    MEDDLE_ONLY_REFERS,  /* in place of the entries a reference to another server; success */
    MEDDLE_ALSO_REFERS,  /* one besides the entries */
    MEDDLE_NOTHING,      /* no entries; success */
    MEDDLE_OTHER_ID,     /* the answer to another question */
    MEDDLE_OTHER_ANSWER, /* no entries, and the result of a bind */
    MEDDLE_CLOSE,        /* the connection is closed in place of the result */
    MEDDLE_HUGE,         /* a message that says that it has 2 GB, and bytes until nobody reads them */
    MEDDLE_ENDLESS,      /* likewise messages without end */
};

struct meddle_plan {
    const char *server; /* "127.0.0.1:PORT" */
    unsigned answer;    /* which one, from 0, over all connections */
    bool and_later;     /* and all after it */
    enum meddling how;
    unsigned code;     /* for the first three */
    unsigned delay_ms; /* every answer comes so much later */
};

struct meddler;

struct meddler *meddler_new(const struct meddle_plan *plan);
unsigned meddler_port(const struct meddler *meddler);

/* How many answers have passed, binds' among them. */
unsigned meddler_answers(struct meddler *meddler);

/* Whether the answers from that one on, counted from 0, that have passed include a bind's. */
bool meddler_met_bind(struct meddler *meddler);

void meddler_free(struct meddler *meddler);

#endif
