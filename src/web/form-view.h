/* SPDX-License-Identifier: MIT
 *
 * Parts that several forms have, filled from the request's fields. Floor: web.
 */
#ifndef APPSMTP_WEB_FORM_VIEW_H
#define APPSMTP_WEB_FORM_VIEW_H

#include "rules/finding.h"
#include "web/page.h"
#include "web/request.h"

/* {{>APPLICATION_FIELDS}}: name, type and locations, with their findings (or NULL). */
void form_view_application(struct page *body, const struct request *request,
                           const struct findings *findings);

/* {{>SOURCE_FIELDS}}: the method and the inputs of each, likewise. */
void form_view_source(struct page *body, const struct request *request,
                      const struct findings *findings);

#endif
