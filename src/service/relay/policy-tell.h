/* SPDX-License-Identifier: MIT
 *
 * Telling the policy daemon that a message was refused after it was counted. Floor:
 * service. May be used by several threads at a time.
 */
#ifndef APPSMTP_POLICY_TELL_H
#define APPSMTP_POLICY_TELL_H

#include "base/cleanup.h"

#include <glib.h>
#include <stdbool.h>

struct policy_tell;

/*
 * where: the daemon's socket, a path or ADDRESS:PORT; no name, since DNS may not answer
 * just when it is asked. Nobody has to listen there yet. NULL and APPSMTP_ERROR_USAGE when
 * it cannot be one.
 */
struct policy_tell *policy_tell_new(const char *where, GError **error);
void policy_tell_free(struct policy_tell *tell);
DEFINE_AUTO(policy_tell, policy_tell_free)

/*
 * The message of that queue id was not accepted. Returns when the daemon has answered,
 * or after a quarter of a second. False and APPSMTP_ERROR_OUTPUT when it did not.
 */
bool policy_tell_refused(const struct policy_tell *tell, const char *queue_id, GError **error);

#endif
