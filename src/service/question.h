/* SPDX-License-Identifier: MIT
 *
 * "Would this message be accepted?", as a person asks it. Floor: service.
 *
 * The answer is that of the relay's policy daemon: the same decision over the
 * same snapshot. Nobody's role is looked at, and nothing else is revealed.
 */
#ifndef APPSMTP_SERVICE_QUESTION_H
#define APPSMTP_SERVICE_QUESTION_H

#include "base/deadline.h"
#include "rules/decision.h"
#include "service/lookup.h"

/* As it was typed; no member is NULL but certificate. */
struct question {
    const char *sender;
    const char *client;    /* IP address or hostname; may be blank when there is a certificate */
    GBytes *certificate;   /* the uploaded file, or NULL */
    const char *certificate_text;
    struct lookup_visitor visitor; /* who waits for DNS */
};

/* The decision for one address of the client. */
struct verdict_for {
    char *client;
    struct decision *decision;
};

struct answer {
    struct findings *findings; /* what of the question cannot be understood */
    GPtrArray *verdicts;       /* of struct verdict_for; empty when a finding refuses */
    bool anywhere;             /* of a certificate alone: one verdict, for any network */
    char *hostname;            /* that the client's addresses were found by, or NULL */
    char *sender;              /* as the relay looks it up */
    char *spki_sha256;         /* of the certificate's key, or "" */
};

void answer_free(struct answer *answer);
DEFINE_AUTO(answer, answer_free)

/*
 * Answers. A hostname is answered for each of its addresses. A snapshot that
 * cannot be read gives DECISION_UNAVAILABLE, as at the relay. Never NULL; caller frees.
 */
struct answer *question_answer(const struct office *office, const struct question *question,
                               struct deadline deadline);

#endif
