/* SPDX-License-Identifier: MIT
 *
 * Postfix's own maps of a generation: the coarse wall before the policy daemon.
 * Floor: service. Runs postmap(1).
 *
 *     senders, senders.lmdb            full addresses, and <> where it is allowed
 *     certificates, certificates.lmdb  SHA-256 of public keys, as Postfix shows them
 *     networks.cidr                    networks and addresses, the wider first
 *
 * They know who sends and from where, but not the pair.
 */
#ifndef APPSMTP_POSTFIX_H
#define APPSMTP_POSTFIX_H

#include "service/relay/format.h"

/*
 * Writes the maps of the generation in that folder from its pairs and snapshot.
 * Each index is read back and compared with its text, since postmap's exit status
 * proves nothing: APPSMTP_ERROR_OUTPUT when it differs or postmap cannot be run.
 */
bool postfix_write(struct format_job *job, GError **error);

#endif
