/* SPDX-License-Identifier: MIT
 *
 * The sources of a registration: judged as they are typed, added, renewed,
 * removed. Floor: service.
 */
#ifndef APPSMTP_SERVICE_SOURCES_H
#define APPSMTP_SERVICE_SOURCES_H

#include "adapters/database/registry.h"
#include "service/lookup.h"

/* As it was typed; no member is NULL but certificate. Only the method's input is read. */
struct sources_form {
    const char *method;
    GBytes *certificate; /* the uploaded file, or NULL: it wins over the text */
    const char *certificate_text;
    const char *hostnames;
    const char *networks;
    struct lookup_visitor visitor; /* who waits for DNS */
};

/*
 * Judges the form. chosen: the locations (of const struct location *). now: seconds
 * since 1970. Adds to sources (of struct source *, which takes them) what was typed,
 * each with an id; it is of use when no finding of this call is an error. DNS that
 * could not be asked is a finding, and so is a visitor whose turn it is not.
 */
void sources_check(const struct office *office, const struct sources_form *form,
                   const GPtrArray *chosen, gint64 now, struct deadline deadline,
                   struct findings *findings, GPtrArray *sources);

/*
 * Adds what was typed to a registration. A certificate with the key of a registered one
 * renews that: same source, new dates. What is there already is not added again. seen:
 * the registration as the caller knows it. *changed: something was stored. All else is
 * in the findings: refusals, and as warnings what a person ought to know. False and the
 * error as enrolment_register().
 */
bool sources_add(const struct office *office, const struct registration *seen,
                 const struct sources_form *form, const struct actor *actor, gint64 now,
                 struct deadline deadline, struct findings *findings, bool *changed,
                 GError **error);

/* Removes one; the last one is refused, one that is gone changes nothing. As sources_add(). */
bool sources_remove(struct database *database, const char *id, const char *source_id,
                    const struct actor *actor, struct findings *findings, bool *changed,
                    GError **error);

/* A source in one or two words: "10.1.2.0/24", the hostname, the certificate's first name and end. */
char *sources_describe(const struct source *source);

#endif
