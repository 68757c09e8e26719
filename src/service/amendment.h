/* SPDX-License-Identifier: MIT
 *
 * Changing what is written in a registration: name, type, locations, note.
 * Floor: service.
 */
#ifndef APPSMTP_SERVICE_AMENDMENT_H
#define APPSMTP_SERVICE_AMENDMENT_H

#include "adapters/database/registry.h"
#include "service/office.h"

/* The form as it was typed; no member is NULL. */
struct amendment_form {
    const char *application_name;
    const char *application_type;
    char *const *locations; /* ended by NULL */
    const char *note;
    const char *version; /* of the registration that the form showed first */
};

/* What became of it. */
struct amendment {
    struct findings *findings;
    struct registration *typed;  /* what was typed, as far as it could be read */
    struct registration *stored; /* as it is now, when the form was older; else NULL */
    bool changed;
};

void amendment_free(struct amendment *amendment);
DEFINE_AUTO(amendment, amendment_free)

/*
 * Judges the form and stores it. seen: the registration as the caller knows it. A form
 * that is older than the registration is refused, unless it says what is stored already.
 * A location that a source needs cannot be taken away. False and the error as
 * enrolment_register(); DNS that could not be asked is a finding. *amendment: caller frees.
 */
bool amendment_make(const struct office *office, const struct registration *seen,
                    const struct amendment_form *form, const struct actor *actor,
                    struct deadline deadline, struct amendment **amendment, GError **error);

#endif
