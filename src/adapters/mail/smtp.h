/* SPDX-License-Identifier: MIT
 *
 * Giving one message to the mail server. Floor: adapters. Hides libcurl.
 *
 * One connection is kept between messages. No credentials, no proxy, nothing of
 * the environment.
 */
#ifndef APPSMTP_SMTP_H
#define APPSMTP_SMTP_H

#include "adapters/config/config.h"
#include "base/cleanup.h"

#include <stdbool.h>

struct smtp;

/* Connects to nobody yet. The settings must outlive the result. smtp_free() takes leave of the
 * server, for which it has a second. */
struct smtp *smtp_new(const struct notices_settings *settings);
void smtp_free(struct smtp *smtp);
DEFINE_AUTO(smtp, smtp_free)

enum smtp_answer {
    SMTP_TAKEN,   /* the server has the message now and answers for it */
    SMTP_LATER,   /* it refused this recipient or message for the time being (4xx) */
    SMTP_REFUSED, /* it refused them for good (5xx) */
};

/* false with the error: stop here, and the server does not get the message. */
typedef bool smtp_handing_over(void *user, GError **error);

/*
 * Sends the message (as mail_compose() writes it) to one recipient, within the deadline of
 * the settings, whatever the server does.
 * false and APPSMTP_ERROR_MAIL when the server could not be asked, its answer was lost,
 * or it refuses us before it heard of the recipient, which the error then says in its own
 * words: whether it has the message is then known only to it. The same trouble has the same
 * text each time. *reason: the server's own words with LATER and REFUSED, else NULL;
 * caller frees.
 *
 * handing_over(user) is called once the server was given all of the message but its end
 * (RFC 5321 4.1.1.4): before that call it cannot have it, after it may. Its error is ours.
 */
bool smtp_send(struct smtp *smtp, const char *to, const char *message,
               smtp_handing_over *handing_over, void *user, enum smtp_answer *answer, char **reason,
               GError **error);

#endif
