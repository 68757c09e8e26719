/* SPDX-License-Identifier: MIT
 *
 * What all pages share: the layout around a page's own template, error
 * summaries, pages about problems. Floor: web.
 */
#ifndef APPSMTP_WEB_LAYOUT_H
#define APPSMTP_WEB_LAYOUT_H

#include "rules/finding.h"
#include "web/page.h"
#include "web/request.h"
#include "web/response.h"

#define LAYOUT_RETRY_SECONDS 30 /* after an outage */

/* The layout with a page's template in it; *body is the page's own part. */
struct page *layout_new(const struct request *request, const char *title,
                        const char *template_name, struct page **body);

/* {{>HELP_CONTACT}}: whom to ask; a link where it is a mail address. */
void layout_show_help_contact(struct page *part, const struct request *request);

/* The response of a filled layout; frees it. */
struct response *layout_response(unsigned status, struct page *layout);

/*
 * Shows findings at their fields: the error summary, and for each of the names
 * (ended by NULL) its texts and marks. Markers: {{>SUMMARY}}; for a field
 * "address" {{>ADDRESS_ERRORS}}, {{#ADDRESS_BAD}}, {{#ADDRESS_BAD_ID}}.
 * findings may be NULL; those of the request's private keys come first in any case.
 * Returns the summary, or NULL when nothing refused the form.
 */
struct page *layout_show_findings(const struct request *request, struct page *body,
                                  const struct findings *findings, const char *const *fields);

/* A page of its own about the private keys that were sent; path: where the rest is kept, or NULL. */
struct response *layout_secret(const struct request *request, const char *path);

/* A page that says what the matter is; paragraphs end with NULL. */
struct response *layout_problem(const struct request *request, unsigned status,
                                const char *heading, ...) G_GNUC_NULL_TERMINATED;

/* The 404 page: what does not exist and what one may not see are the same. */
struct response *layout_not_found(const struct request *request);

/* The 503 page of an outage: which part could not be asked, that nothing was saved. */
struct response *layout_outage(const struct request *request, const GError *error);

/* One sentence that names the part that could not be asked. Static. */
const char *layout_outage_text(const GError *error);

#endif
