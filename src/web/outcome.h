/* SPDX-License-Identifier: MIT
 *
 * What follows a change that somebody asked for: the page that says it is done, or
 * the form again. Floor: web.
 */
#ifndef APPSMTP_WEB_OUTCOME_H
#define APPSMTP_WEB_OUTCOME_H

#include "adapters/database/registry.h"
#include "rules/finding.h"
#include "web/page.h"
#include "web/request.h"
#include "web/response.h"

/* The signed-in person as the history names them. */
struct actor outcome_actor(const struct request *request);

/*
 * 303 to the registration's page, which first says `done` and the texts of the findings.
 * done is NULL when nothing was changed, because it was so already.
 */
struct response *outcome_done(struct request *request, const char *done,
                              const struct findings *findings);

/*
 * The same for another page of this site, which says nothing of it. what: for the log,
 * or NULL.
 */
struct response *outcome_go(struct request *request, const char *path, const char *what);

/*
 * The form again, 422; or 503 when only somebody could not be asked. summary: of
 * layout_show_findings().
 */
struct response *outcome_refuse(struct page *layout, struct page *summary,
                                const struct findings *findings);

/* A title of a page whose form may have been refused. Caller frees. */
char *outcome_title(const struct findings *findings, const char *title);

#endif
