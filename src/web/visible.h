/* SPDX-License-Identifier: MIT
 *
 * Who sees which registration, and what state it is in. Floor: web.
 */
#ifndef APPSMTP_WEB_VISIBLE_H
#define APPSMTP_WEB_VISIBLE_H

#include "adapters/database/registry.h"
#include "web/request.h"

/*
 * The registration of the request's {id}, if the signed-in person may see it:
 * its owners, and owners and administrators of its EGA. *found is NULL
 * otherwise, the same for one that does not exist. Caller frees.
 */
bool visible_registration(struct request *request, struct registration **found, GError **error);

/* Whether the signed-in person may see a registration that is at hand. */
bool visible_to_person(struct request *request, const struct registration *registration,
                       bool *may_see, GError **error);

/* What a person has to know of a registration first; the first that is so. */
enum visible_condition {
    CONDITION_RETIRED,
    CONDITION_SUSPENDED,
    CONDITION_ATTENTION, /* a certificate is to be renewed, or the yearly confirmation is due */
    CONDITION_WAITING,   /* for the next export */
    CONDITION_ON_RELAY,
};

enum visible_condition visible_condition(const struct registration *registration);

/* "retired", "suspended", "attention", "waiting", "relay": in lists and the style sheet. Static. */
const char *visible_condition_name(enum visible_condition condition);

/* Whether somebody is asked to say that it is still needed; also while it is suspended. */
bool visible_is_confirmation_due(const struct registration *registration);

/* When the relay stops accepting its messages, should nobody say so. */
gint64 visible_confirmation_end(const struct registration *registration);

/* What the relay makes of a certificate that ends then. */
enum certificate_term visible_term(const struct request *request, gint64 not_after);

/* Whether the relay, once it has the registration, still recognises one of its sources. */
bool visible_is_recognised(const struct request *request, const struct registration *registration);

/* How long a change takes to reach the relay at most: "5 minutes". Caller frees. */
char *visible_wait(const struct config *config);

/* The state in one sentence. Caller frees. */
char *visible_state(const struct request *request, const struct registration *registration);

/* The same without what needs attention: whether the relay has it. Caller frees. */
char *visible_on_relay(const struct request *request, const struct registration *registration);

#endif
