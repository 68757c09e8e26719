/* SPDX-License-Identifier: MIT
 *
 * Digests: many notices to one address in one. Floor: service.
 */
#ifndef APPSMTP_SERVICE_NOTICES_DIGEST_H
#define APPSMTP_SERVICE_NOTICES_DIGEST_H

#include "service/notices/delivery.h"

/*
 * Puts a digest into the queue for each address for which notices are held and whose hour is
 * over. It names all of them by registration; those that are more than LIMIT_DIGEST or
 * LIMIT_DIGEST_TEXT stay for the next one. false with the error when the database could not be
 * asked.
 */
bool digests_make(const struct delivery *delivery, GError **error);

#endif
