/* SPDX-License-Identifier: MIT
 *
 * The one question of whoever takes in what people send: is there a private key in it?
 * Floor: rules; pure.
 */
#ifndef APPSMTP_RULES_SECRET_GATE_H
#define APPSMTP_RULES_SECRET_GATE_H

#include "rules/finding.h"

/*
 * Adds the finding at that field of a form (its name, as in "application_name") when its
 * value holds, or usually holds, a private key. True when it does: the caller wipes the
 * value then, and goes on as if it was empty.
 */
bool gate_refuses(const char *field, const void *value, size_t size, struct findings *findings);

#endif
