/* SPDX-License-Identifier: MIT
 *
 * What state a registration is in, as people read it on a page and in the shell.
 * Floor: service; asks nobody but the clock.
 */
#ifndef APPSMTP_SERVICE_CONDITION_H
#define APPSMTP_SERVICE_CONDITION_H

#include "adapters/config/config.h"
#include "rules/certificate.h"
#include "rules/registration.h"

/* What a person has to know of a registration first; the first that is so. */
enum condition {
    CONDITION_RETIRED,
    CONDITION_SUSPENDED,
    CONDITION_LEFT_OUT,  /* the last export leaves out all of its sources */
    CONDITION_ATTENTION, /* a certificate is to be renewed, the yearly confirmation is due, or one
                            of its sources is left out */
    CONDITION_WAITING,   /* for the next export */
    CONDITION_ON_RELAY,
};

enum condition condition_of(const struct registration *registration);

/* "retired", "suspended", "left-out", "attention", "waiting", "relay": in lists and the style sheet. Static. */
const char *condition_name(enum condition condition);

/* Whether somebody is asked to say that it is still needed; also while it is suspended. */
bool condition_confirmation_due(const struct registration *registration);

/* When the relay stops accepting its messages, should nobody say so. */
gint64 condition_confirmation_end(const struct registration *registration);

/* What the relay makes of a certificate that ends then. */
enum certificate_term condition_term(const struct config *config, gint64 not_after);

/* Whether the relay, once it has the registration, still recognises one of its sources. */
bool condition_is_recognised(const struct config *config, const struct registration *registration);

/* "3 December 2026", here. Caller frees. */
char *condition_day(gint64 at);

/* "12:05 today", "12:05 on 3 December 2026", here. Caller frees. */
char *condition_clock(gint64 at);

/* How long a change takes to reach the relay at most: "5 minutes". Caller frees. */
char *condition_wait(const struct config *config);

/* The state in one sentence. Caller frees. */
char *condition_sentence(const struct config *config, const struct registration *registration);

/* The same without what needs attention: whether the relay has it. Caller frees. */
char *condition_on_relay(const struct config *config, const struct registration *registration);

#endif
