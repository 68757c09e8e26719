/* SPDX-License-Identifier: MIT
 *
 * Who manages a registration together. Floor: service.
 *
 * Each function: *changed says whether something was stored; refusals, and as warnings
 * what a person ought to know, are findings. False and the error when directory or
 * database could not be asked, as enrolment_register(). Whether the actor may see the
 * registration is the caller's to know.
 */
#ifndef APPSMTP_SERVICE_OWNERS_H
#define APPSMTP_SERVICE_OWNERS_H

#include "adapters/database/registry.h"
#include "service/office.h"

/* What the directory says of a name that is to be an owner. */
enum owner_answer {
    OWNER_FOUND,
    OWNER_NOT_FOUND,    /* neither a person nor a group */
    OWNER_NOT_ELIGIBLE, /* a person who is switched off */
    OWNER_AMBIGUOUS,    /* a person and a group, or several groups */
};

/*
 * Looks a name up among people and groups. *owner is set with OWNER_FOUND only, as
 * owner_name() reads it; caller frees.
 */
bool owners_look_up(const struct office *office, const char *name, struct deadline deadline,
                    enum owner_answer *answer, char **owner, GError **error);

/* Adds the person or group of that name, as typed, whom the directory has to know. */
bool owners_add(const struct office *office, const char *id, const char *typed,
                const struct actor *actor, struct deadline deadline, struct findings *findings,
                bool *changed, GError **error);

/* Takes the person or group of that name off the list; the last one is refused. */
bool owners_remove(struct database *database, const char *id, const char *name,
                   const struct actor *actor, struct findings *findings, bool *changed,
                   GError **error);

/* The actor, who has a role on the EGA, becomes an owner. */
bool owners_join(struct database *database, const char *id, const struct actor *actor,
                 struct findings *findings, bool *changed, GError **error);

#endif
