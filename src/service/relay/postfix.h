/* SPDX-License-Identifier: MIT
 *
 * Postfix's own maps of a generation: the coarse wall beside the policy daemon.
 * Floor: service. Runs postmap(1).
 *
 *     senders, senders.lmdb            full addresses, and <> where it is allowed
 *     certificates, certificates.lmdb  SHA-256 of public keys, as Postfix shows them
 *     addresses, addresses.lmdb        single addresses
 *     networks.cidr                    networks; nested when there are many
 *
 * They know who sends and from where, but not the pair.
 */
#ifndef APPSMTP_POSTFIX_H
#define APPSMTP_POSTFIX_H

#include "service/relay/format.h"

/* A format's write. APPSMTP_ERROR_OUTPUT when an index is not what its text says. */
bool postfix_write(struct format_job *job, GError **error);

#endif
