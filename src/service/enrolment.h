/* SPDX-License-Identifier: MIT
 *
 * Registering an application: all rules over one form, then the one
 * transaction. Floor: service.
 */
#ifndef APPSMTP_SERVICE_ENROLMENT_H
#define APPSMTP_SERVICE_ENROLMENT_H

#include "adapters/database/registry.h"
#include "service/office.h"

/* The form as it was typed; no member is NULL but certificate. */
struct enrolment_form {
    const char *address;
    const char *application_name;
    const char *application_type;
    char *const *locations; /* ended by NULL */
    const char *method;     /* of the inputs for the source only this one's is read */
    GBytes *certificate;    /* the uploaded file, or NULL */
    const char *certificate_text;
    const char *hostnames;
    const char *networks;
    const char *owners;
    const char *note;
};

/* What became of it. */
struct enrolment {
    struct findings *findings; /* refusals and warnings, in the order of the form */
    char *id;                  /* of the new registration; NULL when nothing was stored */
    char *taken_id;            /* of the registration that has the address, if the person may see it */
};

void enrolment_free(struct enrolment *enrolment);
DEFINE_AUTO(enrolment, enrolment_free)

/*
 * Judges the form and, when nothing refuses it, stores the registration with
 * the person as its first owner. now: seconds since 1970. false and the error
 * when directory or database could not be asked: nothing was stored then,
 * unless the error is APPSMTP_ERROR_UNKNOWN_OUTCOME. DNS that could not be asked
 * is a finding (verdict UNAVAILABLE). *enrolment: caller frees.
 */
bool enrolment_register(const struct office *office, const struct enrolment_form *form,
                        const struct actor *actor, gint64 now, struct deadline deadline,
                        struct enrolment **enrolment, GError **error);

/*
 * Only judges, by the same rules, a form that somebody else brings for the person of
 * that login. An address that is registered already refuses nothing: taken_id then says
 * where. *judged: the registration with its ids, of use when nothing refuses it; it may
 * lack what was refused. Caller frees both.
 */
bool enrolment_judge(const struct office *office, const struct enrolment_form *form,
                     const char *login, gint64 now, struct deadline deadline,
                     struct enrolment **enrolment, struct registration **judged, GError **error);

#endif
