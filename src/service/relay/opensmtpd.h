/* SPDX-License-Identifier: MIT
 *
 * OpenSMTPD's rules of a generation: one a registration, to be included. Floor: service.
 *
 *     relay.rules   match from src { 10.1.2.0/24 } mail-from "app@example.edu" ...
 *
 * Cannot: certificates, the null sender, addresses whose name part has a sign that
 * its configuration or its table of addresses could take for something else.
 */
#ifndef APPSMTP_OPENSMTPD_H
#define APPSMTP_OPENSMTPD_H

#include "service/relay/format.h"

bool opensmtpd_write(struct format_job *job, GError **error);

#endif
