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

#include "adapters/database/change.h"
#include "service/office.h"

/* What the directory says of a name that is to be an owner. */
enum owner_answer {
    OWNER_FOUND,
    OWNER_NOT_FOUND,    /* neither a person nor a group */
    OWNER_NOT_ELIGIBLE, /* a person who is switched off */
    OWNER_AMBIGUOUS,    /* a person and a group, or several groups */
};

/*
 * Looks a name up among people and groups. *owner is set with OWNER_FOUND only; caller
 * frees.
 */
bool owners_look_up(const struct office *office, const char *name, struct deadline deadline,
                    enum owner_answer *answer, struct owner **owner, GError **error);

/*
 * Adds the owner, who is not listed, as a step of the change. Where somebody is listed who
 * had the login before, the directory is asked who that is now: their row gets the login
 * that they have now, or goes when they have none.
 */
bool owners_put(const struct office *office, struct change *change, const struct owner *owner,
                struct deadline deadline, GError **error);

/*
 * The person has just been recognised by login and id: the id is noted with the rows of the
 * login that have none yet, and rows of theirs with an older login get this one, each with
 * its history row. A row with this login of somebody else is in the way, until the daily
 * look at the directory.
 */
bool owners_follow(struct database *database, const struct actor *person, GError **error);

/* Adds the person or group of that name, as typed, whom the directory has to know. */
bool owners_add(const struct office *office, const char *id, const char *typed,
                const struct actor *actor, struct deadline deadline, struct findings *findings,
                bool *changed, GError **error);

/* Takes the person or group of that name off the list; the last one is refused. */
bool owners_remove(struct database *database, const char *id, const char *name,
                   const struct actor *actor, struct findings *findings, bool *changed,
                   GError **error);

/* The actor, who has a role on the EGA, becomes an owner. */
bool owners_join(const struct office *office, const char *id, const struct actor *actor,
                 struct deadline deadline, struct findings *findings, bool *changed,
                 GError **error);

#endif
