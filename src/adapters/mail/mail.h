/* SPDX-License-Identifier: MIT
 *
 * Writing one message. Floor: adapters. Hides GMime.
 */
#ifndef APPSMTP_MAIL_H
#define APPSMTP_MAIL_H

#include <glib.h>

/* Addresses are sound ones (rules/address.h), everything else is any UTF-8. */
struct mail {
    const char *from;
    const char *from_name; /* shown before the address */
    const char *to;
    const char *subject;
    const char *message_id; /* without angle brackets (RFC 5322 3.6.4) */
    gint64 date;            /* seconds since 1970; written as UTC */
    const char *text;       /* plain, lines ended by \n */
};

/* Once in a program, before the first mail_compose(). */
void mail_init(void);

/*
 * The message as it goes over the wire: headers, Auto-Submitted (RFC 3834 5) among
 * them, and the text in UTF-8; lines end with CRLF, dots are not doubled. The same
 * input gives the same bytes. A control character in a header is a blank, so that no
 * value can end its line. Caller frees.
 */
char *mail_compose(const struct mail *mail);

#endif
