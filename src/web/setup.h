/* SPDX-License-Identifier: MIT
 *
 * "Set up your application": what to enter where, ready to copy. Floor: web.
 */
#ifndef APPSMTP_WEB_SETUP_H
#define APPSMTP_WEB_SETUP_H

#include "rules/registration.h"
#include "web/page.h"
#include "web/request.h"

/* Fills {{>SETUP}} of a page for one registration. */
void setup_show(struct page *body, const struct request *request,
                const struct registration *registration);

/* Fills {{MEGABYTES}}, the relay's largest message, and {{FILE_MEGABYTES}}, the files that fit into one. */
void setup_show_size(struct page *part, const struct request *request);

#endif
