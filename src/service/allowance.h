/* SPDX-License-Identifier: MIT
 *
 * How many recipients a registration may have in an hour, and how many it has had.
 * Floor: service.
 */
#ifndef APPSMTP_SERVICE_ALLOWANCE_H
#define APPSMTP_SERVICE_ALLOWANCE_H

#include "adapters/config/config.h"
#include "adapters/database/registry.h"
#include "adapters/database/usage.h"

/* Its own rate or else that of its type; 0 is no limit. */
unsigned allowance_per_hour(const struct config *config, const struct registration *registration);

/* "Up to 200 recipients an hour for each device or server", or "No limit". Caller frees. */
char *allowance_words(const struct config *config, const struct registration *registration);

/* Likewise, of a type. */
char *allowance_type_words(const struct application_type *type);

/* Whose rate it is: its type's, or who gave it its own, when and why. Caller frees. */
char *allowance_origin(const struct registration *registration, const struct usage *usage);

/* "120 of 200, as reported at 12:05 today", or that it is not known. Caller frees. */
char *allowance_use(const struct config *config, const struct registration *registration,
                    const struct usage *usage);

/* As usage_find(): a report counts for two export intervals and an hour. */
bool allowance_find_usage(const struct config *config, struct database *database, const char *id,
                          struct usage **found, GError **error);

/* What an operator wants, and who says so. */
struct allowance_order {
    const struct config *config;
    unsigned per_hour;  /* 1 to LIMIT_RECIPIENTS_PER_HOUR; 0: the rate of its type */
    const char *reason; /* as registration_check_reason() gives it */
    const struct actor *actor;
};

/*
 * Gives it that rate. *changed: something was stored; the rate that it has already is a no-op.
 * Refusals are findings. False and the error when the database could not be asked, as
 * enrolment_register(). Whether the actor may do it is the caller's to know.
 */
bool allowance_set(struct database *database, const char *id, const struct allowance_order *order,
                   struct findings *findings, bool *changed, GError **error);

#endif
