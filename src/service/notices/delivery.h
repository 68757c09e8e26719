/* SPDX-License-Identifier: MIT
 *
 * Sending the notices that wait in the queue. Floor: service.
 *
 * An attempt is noted before it is made, once more just before the message's end is
 * sent, and its success after. So, whatever moment the program ends at, each notice is
 * sent once, or once more with the same Message-ID where the mail server had it and we
 * did not get to note that; never a third time.
 */
#ifndef APPSMTP_SERVICE_NOTICES_DELIVERY_H
#define APPSMTP_SERVICE_NOTICES_DELIVERY_H

#include "adapters/config/config.h"
#include "adapters/database/database.h"
#include "adapters/directory/directory.h"
#include "adapters/mail/smtp.h"
#include "service/notices/reasons.h"

struct delivery {
    const struct config *config; /* with <notices> */
    struct database *database;
    struct directory *directory;
    struct smtp *smtp;
    gint64 now;                           /* seconds since 1970 */
    struct reasons *reasons;              /* why some of this run were not sent */
    unsigned sent, skipped, failed, held; /* of this run */
    bool unserved; /* the mail server refused one of them, or could not be asked */
    bool stopped;  /* it could not be asked: the others were not tried */
};

/*
 * Sends what is due. A recipient whom the directory does not know or who has no
 * address of mail, and one whom the mail server refuses, is tried again after growing
 * pauses, and skipped after LIMIT_NOTICE_REFUSED_DAYS: the queue says why. What is no
 * recipient at all is skipped at once. A group gets it at its own address or, where it has
 * none, the first LIMIT_NOTICE_MEMBERS of its members get it instead. What is beyond an
 * address's share of the hour (LIMIT_NOTICES_TO_ONE), and is not urgent, is told in a digest
 * an hour later. false with the error when the database or the directory could not be asked:
 * what is left waits. While the directory is down, notices to addresses of mail are sent all
 * the same.
 */
bool delivery_run(struct delivery *delivery, GError **error);

#endif
