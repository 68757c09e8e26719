/* SPDX-License-Identifier: MIT
 *
 * What was typed into a form, kept for the page that shows it again; and short
 * messages for the next page. Floor: web.
 */
#ifndef APPSMTP_WEB_DRAFT_H
#define APPSMTP_WEB_DRAFT_H

#include "web/request.h"

/*
 * Keeps the request's declared fields (a file as text, see the form) for path, but
 * nothing in place of a certificate that cannot be read as one,
 * and sets the cookie. *full is set when the address has kept too many, and nothing is
 * kept then. A form that is only a button needs nothing kept.
 */
bool draft_save_form(struct request *request, const struct field *fields, const char *path,
                     bool *full, GError **error);

/*
 * Fills the request's fields from the draft of its path, if there is one, and
 * forgets it. *restored says whether there was; a form that is shown again because of a
 * private key has its own fields, and counts as restored.
 */
bool draft_restore_form(struct request *request, const struct field *fields, bool *restored,
                        GError **error);

/*
 * The same for a list of texts: what the page of that path is to say first. welcome:
 * the registration is new. *messages is NULL when there are none; caller unrefs.
 */
bool draft_save_messages(struct request *request, bool welcome, const GPtrArray *messages,
                         const char *path, GError **error);
bool draft_take_messages(struct request *request, bool *welcome, GPtrArray **messages,
                         GError **error);

#endif
