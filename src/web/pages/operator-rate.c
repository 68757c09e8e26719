/* SPDX-License-Identifier: MIT
 *
 * /operator/registrations/{id}/rate: how many recipients a registration may have in an
 * hour.
 */
#include "base/limits.h"
#include "rules/rate.h"
#include "service/allowance.h"
#include "web/draft.h"
#include "web/form-view.h"
#include "web/layout.h"
#include "web/outcome.h"
#include "web/pages.h"
#include "web/portal.h"

const struct field rate_form[] = {
    {"csrf_token", FIELD_TEXT, 100},
    {"recipients_per_hour", FIELD_TEXT, 1000},
    {"reason", FIELD_TEXT, 10000},
    {NULL, FIELD_TEXT, 0},
};

/* What it goes back to. */
static void show_type(struct page *body, const struct config *config,
                      const struct registration *registration)
{
    const struct application_type *type =
        config_application_type(config, registration->application_type);
    g_autofree char *rate = type ? allowance_type_words(type) : NULL;
    struct page *part;

    if (!type || !registration->recipients_per_hour)
        return;
    part = page_show(body, "OF_TYPE");
    page_set(part, "TYPE", type->name);
    page_set(part, "RATE", rate);
}

static struct page *show(const struct request *request, const struct registration *registration,
                         const struct usage *usage, const struct findings *findings,
                         struct page **summary)
{
    static const char *const fields[] = {"recipients_per_hour", "reason", NULL};
    const struct config *config = request->portal->config;
    g_autofree char *title = outcome_title(findings, "Recipients an hour");
    g_autofree char *rate = allowance_words(config, registration);
    g_autofree char *origin = allowance_origin(registration, usage);
    g_autofree char *use = allowance_use(config, registration, usage);
    struct page *body, *layout = layout_new(request, title, "operator-rate.tpl", &body);

    page_set(body, "ID", registration->id);
    page_set(body, "ADDRESS", registration->address);
    page_set(body, "CSRF_TOKEN", request->session->csrf_token);
    page_set(body, "RATE", rate);
    page_set(body, "ORIGIN", origin);
    page_set(body, "USED", use);
    page_set_number(body, "MOST", LIMIT_RECIPIENTS_PER_HOUR);
    show_type(body, config, registration);
    page_set(body, "RECIPIENTS_PER_HOUR", request_text(request, "recipients_per_hour"));
    page_set(body, "REASON", request_text(request, "reason"));
    *summary = layout_show_findings(request, body, findings, fields);
    return layout;
}

/* The form; with findings that refuse it, 422. */
static struct response *answer(struct request *request, const struct registration *registration,
                               const struct findings *findings, GError **error)
{
    auto_ptr(usage) usage = NULL;
    struct page *summary, *layout;

    if (!allowance_find_usage(request->portal->config, request->portal->office.database,
                              registration->id, &usage, error))
        return NULL;
    layout = show(request, registration, usage, findings, &summary);
    return findings_verdict(findings) == VERDICT_ACCEPT
               ? layout_response(200, layout)
               : outcome_refuse(layout, summary, findings);
}

/* As it is now, in the field; nothing typed so far. */
static void fill_in(struct request *request, const struct registration *registration)
{
    g_autofree char *number = g_strdup_printf("%u", registration->recipients_per_hour);

    if (registration->recipients_per_hour)
        request_set_text(request, "recipients_per_hour", number);
}

struct response *page_operator_rate(struct request *request, GError **error)
{
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) none = findings_new();
    bool restored;

    if (!registry_find(request->portal->office.database, request->id, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (!draft_restore_form(request, rate_form, &restored, error))
        return NULL;
    if (!restored)
        fill_in(request, registration);
    return answer(request, registration, none, error);
}

/* Both fields are judged, so that one answer names all that is wrong. */
static bool make(struct request *request, struct findings *findings, bool *changed, GError **error)
{
    const struct actor actor = outcome_actor(request);
    struct allowance_order order = {.config = request->portal->config, .actor = &actor};
    bool good = rate_check(request_text(request, "recipients_per_hour"), &order.per_hour, findings);
    g_autofree char *reason =
        registration_check_reason(request_text(request, "reason"), false, findings);

    order.reason = reason;
    return !good || !reason ||
           allowance_set(request->portal->office.database, request->id, &order, findings, changed,
                         error);
}

struct response *page_operator_rate_submit(struct request *request, GError **error)
{
    g_autofree char *path = g_strconcat("/operator/registrations/", request->id, NULL);
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) findings = findings_new();
    bool changed = false;

    if (!registry_find(request->portal->office.database, request->id, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (!make(request, findings, &changed, error))
        return NULL;
    if (findings_verdict(findings) != VERDICT_ACCEPT)
        return answer(request, registration, findings, error);
    return outcome_go(request, path, changed ? "rate changed" : NULL);
}
