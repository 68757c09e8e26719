/* SPDX-License-Identifier: MIT
 *
 * The rates of a daemon that ended, for the next one. Floor: service.
 *
 * The file "rates" of a folder, replaced whole:
 *     # appsmtp rates 1 1795600000000000
 *     app@example.edu<TAB><TAB>1000<TAB>812500<TAB>40 0 0 150
 *     scan@example.edu<TAB>10.1.2.3<TAB>200<TAB>0<TAB>200
 *     # end 64 hex digits
 * The head has the time, in microseconds since 1970; then come sender, client address
 * ("" where all are one), size of the bucket, thousandths of recipients that are in it,
 * and the recipients of each twelfth of the last hour, the newest first, up to the last
 * that had any; at the end the SHA-256 of all before it.
 */
#ifndef APPSMTP_RATES_FILE_H
#define APPSMTP_RATES_FILE_H

#include "service/relay/rates.h"

#define RATES_FILE "rates"

/* Two clocks at one moment, in microseconds. */
struct rates_time {
    gint64 now;  /* the one of rates.h */
    gint64 wall; /* since 1970 */
};

/*
 * Replaces the file by rename, without waiting for the disk: it is new again soon. False
 * and APPSMTP_ERROR_OUTPUT when it fails; the file is as it was then.
 */
bool rates_save(struct rates *rates, const char *folder, const struct rates_time *time,
                GError **error);

/*
 * Reads the file, which need not be there; since then the buckets have filled. False and
 * APPSMTP_ERROR_INPUT when it cannot be read, is damaged, or is from a time to come:
 * then nothing was taken from it.
 */
bool rates_load(struct rates *rates, const char *folder, const struct rates_time *time,
                GError **error);

#endif
