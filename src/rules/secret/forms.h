/* SPDX-License-Identifier: MIT
 *
 * Private keys as bytes: how each format begins. Private to this folder.
 */
#ifndef APPSMTP_RULES_SECRET_FORMS_H
#define APPSMTP_RULES_SECRET_FORMS_H

#include "base/wiped.h"
#include "rules/secret/secret.h"

/* What begins anywhere in the bytes, whole or cut off. */
enum secret forms_find(struct view data);

#endif
