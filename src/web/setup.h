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

#endif
