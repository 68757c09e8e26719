/* SPDX-License-Identifier: MIT
 *
 * The certificate of a form that is shown again: its text, and as it was read.
 * Floor: web.
 */
#ifndef APPSMTP_WEB_CERTIFICATE_VIEW_H
#define APPSMTP_WEB_CERTIFICATE_VIEW_H

#include "web/page.h"
#include "web/request.h"

/*
 * An uploaded file cannot be put back into a file field, so its certificates go
 * into the field certificate_text, which is sent again with the form:
 * {{CERTIFICATE_TEXT}}, {{#UPLOAD_KEPT}} or {{#NO_UPLOAD_KEPT}}. A certificate that would be accepted is described in
 * {{>CERTIFICATE_READ}}.
 */
void certificate_view_show(struct page *body, const struct request *request);

#endif
