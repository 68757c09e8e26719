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

struct delivery {
    const struct config *config; /* with <notices> */
    struct database *database;
    struct directory *directory;
    struct smtp *smtp;
    gint64 now;           /* seconds since 1970 */
    unsigned sent, skipped, failed; /* of this run */
};

/*
 * Sends what is due. A recipient whom the directory does not know or who has no
 * address of mail, and one whom the mail server refuses, is tried again after growing
 * pauses, and skipped after LIMIT_NOTICE_REFUSED_DAYS: the queue says why. What is no
 * recipient at all is skipped at once. A group gets it at its own address or, where it has
 * none, the first LIMIT_NOTICE_MEMBERS of its members get it instead. false with the
 * error when the database, the mail server or
 * the directory could not be asked: what is left waits. While the directory is down,
 * notices to addresses of mail are sent all the same.
 */
bool delivery_run(struct delivery *delivery, GError **error);

#endif
