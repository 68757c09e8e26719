/* SPDX-License-Identifier: MIT
 *
 * Why notices could not be sent, each reason once, with how often. Floor: service.
 */
#ifndef APPSMTP_SERVICE_NOTICES_REASONS_H
#define APPSMTP_SERVICE_NOTICES_REASONS_H

#include "base/cleanup.h"

struct reasons;

struct reasons *reasons_new(void);
void reasons_free(struct reasons *reasons);
DEFINE_AUTO(reasons, reasons_free)

void reasons_add(struct reasons *reasons, const char *reason);

/*
 * In one line, in the order in which they came: "550 5.1.1 no such user" (2); "..." (1); and
 * 3 other reasons. The first LIMIT_NOTICE_REASONS of them, each cut after LIMIT_NOTICE_REASON
 * characters. Caller frees; NULL when there is none.
 */
char *reasons_text(const struct reasons *reasons);

#endif
