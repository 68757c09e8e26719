/* SPDX-License-Identifier: MIT
 *
 * The pairs for everything else: CSV (RFC 4180), JSON (RFC 8259) and XML
 * (schema/export.rng). Floor: service.
 */
#ifndef APPSMTP_LISTING_H
#define APPSMTP_LISTING_H

#include "service/relay/format.h"

bool csv_write(struct format_job *job, GError **error);  /* registrations.csv */
bool json_write(struct format_job *job, GError **error); /* registrations.json */
bool xml_write(struct format_job *job, GError **error);  /* registrations.xml */

#endif
