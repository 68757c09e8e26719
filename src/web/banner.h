/* SPDX-License-Identifier: MIT
 *
 * What the next page says first, kept with the session: a change is answered by a
 * redirect. Floor: web.
 */
#ifndef APPSMTP_WEB_BANNER_H
#define APPSMTP_WEB_BANNER_H

#include "web/page.h"
#include "web/request.h"

/* Texts (char *) for the page of that path. welcome: the registration is new. */
bool banner_say(struct request *request, bool welcome, const GPtrArray *messages, const char *path,
                GError **error);

/* Those for the request's path, which are then gone. *messages is NULL when there are none;
   caller unrefs. */
bool banner_read(struct request *request, bool *welcome, GPtrArray **messages, GError **error);

/* Shows them in {{#DONE}}; NULL shows nothing. */
void banner_show(struct page *body, const GPtrArray *messages);

#endif
