/* SPDX-License-Identifier: MIT
 *
 * sendmail's maps of a generation: the pair as one key. Floor: service. Runs makemap(8).
 *
 *     appsmtp, appsmtp.db       10.1.2/app@example.edu         OK
 *                               ipv6:2001:db8:c0:1/app@...     OK
 *                               aa:bb:...:ff/app@example.edu   OK, SHA-256 of a certificate
 *     locations, locations.db   10                             OK, where clients may be
 *
 * The ruleset (deploy/sendmail) takes one part after the other off the client's
 * address, so a network is written as those that end where a part ends. Locations stand
 * by themselves: a sender may be called anything, so every word beside addresses
 * would be one.
 *
 * Cannot: public keys (a renewed certificate has to be registered), the null sender, rates,
 * IPv6 networks that are more than 256 such keys.
 */
#ifndef APPSMTP_SENDMAIL_H
#define APPSMTP_SENDMAIL_H

#include "service/relay/format.h"

bool sendmail_write(struct format_job *job, GError **error);

#endif
