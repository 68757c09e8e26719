/* SPDX-License-Identifier: MIT
 *
 * What the rates are told by the daemon's file of uses. Floor: service.
 */
#ifndef APPSMTP_RATES_REPORT_H
#define APPSMTP_RATES_REPORT_H

#include "service/relay/rates.h"
#include "service/relay/uses.h"

struct rates_report;

struct rates_report *rates_report_new(void);
void rates_report_free(struct rates_report *report);
DEFINE_AUTO(rates_report, rates_report_free)

/*
 * Notes how many recipients each sender had in the last hour, and how many it may have
 * here: all of its, or those of the source that had the most where each counts by itself.
 * Only what is news since the last time: a sender that took some since, or has others in
 * the hour by now. The null sender is nobody's.
 */
void rates_report_tell(struct rates_report *report, struct rates *rates, struct uses *uses,
                       gint64 now);

#endif
