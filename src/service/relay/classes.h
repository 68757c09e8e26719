/* SPDX-License-Identifier: MIT
 *
 * The exact pair in Postfix without the policy daemon, for up to SLOTS senders:
 * restriction classes that main.cf declares once, and maps. Floor: service.
 *
 *     locations.cidr        where clients may be; REJECT elsewhere
 *     sources.cidr          network -> the classes of its senders: "appsmtp3, appsmtp17"
 *     keys, keys.lmdb       SHA-256 of a public key, as Postfix shows it -> likewise
 *     pairs-by-slot, .lmdb  "17|app@example.edu" -> OK, which class appsmtp17 looks up
 *
 * Networks overlap, and the first that matches ends a look-up: each names the
 * senders of the wider ones, too.
 */
#ifndef APPSMTP_CLASSES_H
#define APPSMTP_CLASSES_H

#include "service/relay/format.h"

/* A format's write. APPSMTP_ERROR_GUARD when there are too many senders. */
bool classes_write(struct format_job *job, GError **error);

#endif
