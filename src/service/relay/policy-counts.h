/* SPDX-License-Identifier: MIT
 *
 * What the policy daemon has answered, counted for Prometheus. Floor: service.
 */
#ifndef APPSMTP_POLICY_COUNTS_H
#define APPSMTP_POLICY_COUNTS_H

#include "base/cleanup.h"

#include <glib.h>
#include <stdbool.h>

struct policy_counts;

struct policy_counts *policy_counts_new(void);
void policy_counts_free(struct policy_counts *counts);
DEFINE_AUTO(policy_counts, policy_counts_free)

/* One more answer with that code of the catalogue: "message.permitted". */
void policy_counts_add(struct policy_counts *counts, const char *code);

/*
 * Replaces the file by rename, without waiting for the disk: it is new again soon.
 * serial: of the generation that answers, 0 when there is none; since: when it was
 * written, seconds since 1970. False and APPSMTP_ERROR_OUTPUT when it fails.
 */
bool policy_counts_write(const struct policy_counts *counts, const char *file, guint64 serial,
                         gint64 since, GError **error);

#endif
