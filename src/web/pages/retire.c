/* SPDX-License-Identifier: MIT
 *
 * GET and POST /registrations/{id}/retire: a page that says what will stop.
 */
#include "base/limits.h"
#include "service/condition.h"
#include "service/standing.h"
#include "web/draft.h"
#include "web/form-view.h"
#include "web/layout.h"
#include "web/outcome.h"
#include "web/pages.h"
#include "web/portal.h"
#include "web/registration-view.h"
#include "web/visible.h"

static struct page *show(struct request *request, const struct registration *registration,
                         const struct findings *findings, struct page **summary)
{
    static const char *const fields[] = {"reason", NULL};
    g_autofree char *title = outcome_title(findings, "Retire a registration");
    g_autofree char *wait = condition_wait(request->portal->config);
    struct page *body;
    struct page *layout = layout_new(request, title, "retire.tpl", &body);

    page_set(body, "ID", registration->id);
    page_set(body, "ADDRESS", registration->address);
    page_set(body, "APPLICATION_NAME", registration->application_name);
    page_set(body, "CSRF_TOKEN", request->session->csrf_token);
    page_set(body, "WAIT", wait);
    page_set_number(body, "DAYS", LIMIT_RESTORE_DAYS);
    page_set(body, "REASON", request_text(request, "reason"));
    registration_view_sources(body, request, registration, SOURCES_ONLY, NULL);
    *summary = layout_show_findings(request, body, findings, fields);
    return layout;
}

struct response *page_retire(struct request *request, GError **error)
{
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) none = findings_new();
    struct page *summary;
    bool restored;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration || registration->state == REGISTRATION_RETIRED)
        return layout_not_found(request);
    if (!draft_restore_form(request, reason_form, &restored, error))
        return NULL;
    return layout_response(200, show(request, registration, none, &summary));
}

struct response *page_retire_submit(struct request *request, GError **error)
{
    const struct actor actor = outcome_actor(request);
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) findings = findings_new();
    g_autofree char *reason =
        registration_check_reason(request_text(request, "reason"), true, findings);
    struct page *summary, *layout;
    bool changed = false;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (reason && !standing_retire(request->portal->office.database, registration->id, reason,
                                   &actor, findings, &changed, error))
        return NULL;
    if (findings_verdict(findings) == VERDICT_ACCEPT)
        return outcome_done(request, changed ? "The registration is retired." : NULL, findings);
    layout = show(request, registration, findings, &summary);
    return outcome_refuse(layout, summary, findings);
}
