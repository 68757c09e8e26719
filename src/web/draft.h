/* SPDX-License-Identifier: MIT
 *
 * What was typed into a form, kept for the page that shows it again. Floor: web.
 *
 * A draft is that of a browser and of a person: who is signed in, or whose sign-in had ended in
 * that browser; where nobody had signed in, who signs in there next. Nobody else sees it.
 */
#ifndef APPSMTP_WEB_DRAFT_H
#define APPSMTP_WEB_DRAFT_H

#include "web/request.h"

/*
 * Keeps the request's declared fields (a file as text, see the form) for path, but
 * nothing in place of a certificate that cannot be read as one,
 * and sets the cookie. *full is set when the person, or nobody at this address, has kept too
 * many, and nothing is kept then. A form that is only a button needs nothing kept.
 */
bool draft_save_form(struct request *request, const struct field *fields, const char *path,
                     bool *full, GError **error);

/*
 * Fills the request's fields from the signed-in person's draft of its path, if there is one, and
 * forgets it. *restored says whether there was; a form that is shown again because of a
 * private key has its own fields, and counts as restored.
 */
bool draft_restore_form(struct request *request, const struct field *fields, bool *restored,
                        GError **error);

/* Somebody has signed in: nobody's draft in this browser is theirs now, somebody else's goes. */
bool draft_claim_form(struct request *request, GError **error);

/* What this browser has kept is dropped. */
bool draft_forget_form(struct request *request, GError **error);

#endif
