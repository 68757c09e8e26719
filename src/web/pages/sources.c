/* SPDX-License-Identifier: MIT
 *
 * /registrations/{id}/sources: adding, renewing and removing sources.
 */
#include "base/limits.h"
#include "service/sources.h"
#include "web/draft.h"
#include "web/form-view.h"
#include "web/layout.h"
#include "web/outcome.h"
#include "web/pages.h"
#include "web/portal.h"
#include "web/registration-view.h"
#include "web/visible.h"

const struct field sources_query[] = {
    {"method", FIELD_TEXT, 20},
    {NULL, FIELD_TEXT, 0},
};

const struct field sources_form[] = {
    {"csrf_token", FIELD_TEXT, 100},
    {"method", FIELD_TEXT, 100},
    {"certificate", FIELD_FILE, LIMIT_REQUEST_BODY},
    {"certificate_text", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {"hostnames", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {"networks", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {NULL, FIELD_TEXT, 0},
};

static struct page *show(struct request *request, const struct registration *registration,
                         const struct findings *findings, struct page **body,
                         struct page **summary)
{
    static const char *const none[] = {NULL};
    g_autofree char *title = outcome_title(findings, "Add a source");
    struct page *layout = layout_new(request, title, "sources.tpl", body);

    page_set(*body, "ID", registration->id);
    page_set(*body, "ADDRESS", registration->address);
    page_set(*body, "CSRF_TOKEN", request->session->csrf_token);
    registration_view_sources(*body, request, registration,
                              registration->state == REGISTRATION_RETIRED ? SOURCES_ONLY
                                                                          : SOURCES_CHANGE,
                              NULL);
    form_view_source(*body, request, findings);
    *summary = layout_show_findings(request, *body, findings, none);
    return layout;
}

struct response *page_sources(struct request *request, GError **error)
{
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) none = findings_new();
    struct page *body, *summary, *layout;
    bool restored;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration || registration->state == REGISTRATION_RETIRED)
        return layout_not_found(request);
    if (!draft_restore_form(request, sources_form, &restored, error))
        return NULL;
    if (!restored)
        request_set_text(request, "method", request_query_text(request, "method"));
    layout = show(request, registration, none, &body, &summary);
    if (restored && !request_has_secret(request))
        page_show(body, "RESTORED");
    return layout_response(200, layout);
}

/* The form again, with the sources as they are now. */
static struct response *refuse(struct request *request, const struct findings *findings,
                               GError **error)
{
    auto_ptr(registration) registration = NULL;
    struct page *body, *summary, *layout;

    if (!registry_find(request->portal->office.database, request->id, &registration, error))
        return NULL;
    layout = show(request, registration, findings, &body, &summary);
    return outcome_refuse(layout, summary, findings);
}

struct response *page_sources_submit(struct request *request, GError **error)
{
    const struct sources_form form = {.method = request_text(request, "method"),
                                      .certificate = request_file(request, "certificate"),
                                      .certificate_text = request_text(request, "certificate_text"),
                                      .hostnames = request_text(request, "hostnames"),
                                      .networks = request_text(request, "networks"),
                                      .visitor = {.login = request->session->login}};
    const struct actor actor = outcome_actor(request);
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) findings = findings_new();
    bool changed;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (!sources_add(&request->portal->office, registration, &form, &actor,
                     g_get_real_time() / G_USEC_PER_SEC, request->deadline, findings, &changed,
                     error))
        return NULL;
    if (findings_verdict(findings) != VERDICT_ACCEPT)
        return refuse(request, findings, error);
    return outcome_done(request, changed ? "The sources are changed." : NULL, findings);
}

struct response *page_source_remove(struct request *request, GError **error)
{
    const struct actor actor = outcome_actor(request);
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) findings = findings_new();
    bool changed;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (!sources_remove(request->portal->office.database, registration->id, request->source,
                        &actor, findings, &changed, error))
        return NULL;
    if (findings_verdict(findings) != VERDICT_ACCEPT)
        return refuse(request, findings, error);
    return outcome_done(request, changed ? "The source is removed." : NULL, findings);
}

/* One upload and nothing else to fill in: where a reminder leads to. */
struct response *page_source_renewal(struct request *request, GError **error)
{
    auto_ptr(registration) registration = NULL;
    const struct source *source;
    g_autofree char *described = NULL;
    struct page *body, *layout;

    if (!visible_registration(request, &registration, error))
        return NULL;
    source = registration ? registration_source(registration, request->source) : NULL;
    if (!source || source->kind != SOURCE_CERTIFICATE ||
        registration->state == REGISTRATION_RETIRED)
        return layout_not_found(request);
    described = sources_describe(source);
    layout = layout_new(request, "Renew a certificate", "source-renewal.tpl", &body);
    page_set(body, "ID", registration->id);
    page_set(body, "ADDRESS", registration->address);
    page_set(body, "CSRF_TOKEN", request->session->csrf_token);
    page_set(body, "DESCRIBED", described);
    return layout_response(200, layout);
}
