/* SPDX-License-Identifier: MIT
 *
 * Exim's maps of a generation: the exact pair, by look-ups in constant databases.
 * Floor: service.
 *
 *     sources.cdb       sender -> "10.1.2.0/24 ; 2001:db8:c0::22", a host list
 *     certificates.cdb  "SHA-256 of the certificate:sender", in capitals and small
 *     rates.cdb         sender -> "200", this relay's part of the recipients an hour; or
 *                       "200 source", where each address that sends may have so many
 *     locations         a network a line: a client outside all of them is refused
 *
 * Cannot: public keys (a renewed certificate has to be registered), the null sender.
 */
#ifndef APPSMTP_EXIM_H
#define APPSMTP_EXIM_H

#include "service/relay/format.h"

bool exim_write(struct format_job *job, GError **error);

#endif
