/* SPDX-License-Identifier: MIT
 *
 * /operator/registrations/{id}: one registration as the relay team sees it; suspending,
 * resuming, bringing back.
 */
#include "adapters/database/search.h"
#include "service/allowance.h"
#include "service/condition.h"
#include "service/standing.h"
#include "web/draft.h"
#include "web/form-view.h"
#include "web/history-view.h"
#include "web/layout.h"
#include "web/outcome.h"
#include "web/pages.h"
#include "web/portal.h"
#include "web/registration-view.h"

static gint64 now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

/* What can be done with it, as one form; nothing for the support desk. */
static void show_form(struct page *body, const struct request *request,
                      const struct registration *registration, const struct findings *findings)
{
    static const char *const fields[] = {"reason", NULL};
    bool live = registration->state == REGISTRATION_LIVE;
    struct page *form;

    if (request->staff != STAFF_OPERATOR)
        return;
    if (registration->state == REGISTRATION_RETIRED &&
        !standing_is_restorable(registration, now()))
        return;
    form = page_include(page_show(body, "FORM"), "REASON_FORM", "operator-form.tpl");
    page_set(form, "ID", registration->id);
    page_set(form, "CSRF_TOKEN", request->session->csrf_token);
    page_set(form, "REASON", request_text(request, "reason"));
    page_set(form, "ACT", live ? "suspend"
                          : registration->state == REGISTRATION_SUSPENDED ? "resume"
                                                                          : "restore");
    page_set(form, "ACT_WORDS", live ? "Suspend"
                                : registration->state == REGISTRATION_SUSPENDED ? "Resume"
                                                                                : "Bring back");
    /* One that others suspended becomes the relay team's by suspending it once more. */
    if (registration->state == REGISTRATION_SUSPENDED && !registration->suspended_by_operator)
        page_show(form, "ALSO_SUSPEND");
    layout_show_findings(request, form, findings, fields);
}

/* What is known of it besides itself. */
struct surroundings {
    struct usage *usage;
    GPtrArray *shared;  /* of struct shared_source */
    GPtrArray *entries; /* of struct history_entry */
};

static void surroundings_clear(struct surroundings *around)
{
    usage_free(around->usage);
    g_clear_pointer(&around->shared, g_ptr_array_unref);
    g_clear_pointer(&around->entries, g_ptr_array_unref);
}

#define auto_surroundings __attribute__((cleanup(surroundings_clear))) struct surroundings

static bool find_surroundings(const struct request *request, struct surroundings *around,
                              GError **error)
{
    struct database *database = request->portal->office.database;

    return search_shared(database, request->id, &around->shared, error) &&
           registry_history(database, request->id, &around->entries, error) &&
           allowance_find_usage(request->portal->config, database, request->id, &around->usage,
                                error);
}

static struct page *show(struct request *request, const struct registration *registration,
                         const struct surroundings *around, const struct findings *findings,
                         struct page **summary)
{
    static const char *const none[] = {NULL};
    g_autofree char *title = outcome_title(findings, registration->address);
    g_autofree char *state = condition_sentence(request->portal->config, registration);
    struct page *body, *layout = layout_new(request, title, "operator-registration.tpl", &body);

    page_set(body, "ID", registration->id);
    page_set(body, "ADDRESS", registration->address);
    page_set(body, "APPLICATION_NAME", registration->application_name);
    page_set(body, "STATE", state);
    page_set(body, "CONDITION", condition_name(condition_of(registration)));
    registration_view_facts(body, request, registration, around->usage);
    if (request->staff == STAFF_OPERATOR && registration->state != REGISTRATION_RETIRED)
        page_show(body, "CHANGE_RATE");
    registration_view_sources(body, request, registration, SOURCES_STAFF, around->shared);
    show_form(body, request, registration, findings);
    history_view_show(body, request->portal->config, around->entries);
    *summary = layout_show_findings(request, body, findings, none);
    return layout;
}

/* The page; with findings that refuse something, 422. */
static struct response *answer(struct request *request, const struct findings *findings,
                               GError **error)
{
    struct database *database = request->portal->office.database;
    auto_ptr(registration) registration = NULL;
    auto_surroundings around = {NULL, NULL, NULL};
    struct page *summary, *layout;

    if (!registry_find(database, request->id, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (!find_surroundings(request, &around, error))
        return NULL;
    layout = show(request, registration, &around, findings, &summary);
    return findings_verdict(findings) == VERDICT_ACCEPT
               ? layout_response(200, layout)
               : outcome_refuse(layout, summary, findings);
}

struct response *page_operator_registration(struct request *request, GError **error)
{
    auto_ptr(findings) none = findings_new();
    bool restored;

    if (!draft_restore_form(request, reason_form, &restored, error))
        return NULL;
    return answer(request, none, error);
}

/* ---- what operators do ---------------------------------------------------------------------- */

enum act { ACT_SUSPEND, ACT_RESUME, ACT_RESTORE };

static bool make(struct request *request, enum act act, const char *reason,
                 struct findings *findings, bool *changed, GError **error)
{
    struct database *database = request->portal->office.database;
    const struct actor actor = outcome_actor(request);

    switch (act) {
    case ACT_SUSPEND:
        return standing_suspend(database, request->id, reason, &actor, findings, changed, error);
    case ACT_RESUME:
        return standing_resume(database, request->id, reason, &actor, findings, changed, error);
    case ACT_RESTORE:
    default:
        return standing_restore(database, request->id, reason, now(), &actor, findings, changed,
                                error);
    }
}

static struct response *submit(struct request *request, enum act act, const char *what,
                               GError **error)
{
    g_autofree char *path = g_strconcat("/operator/registrations/", request->id, NULL);
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) findings = findings_new();
    g_autofree char *reason = NULL;
    bool changed = false;

    if (!registry_find(request->portal->office.database, request->id, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    reason = registration_check_reason(request_text(request, "reason"), false, findings);
    if (reason && !make(request, act, reason, findings, &changed, error))
        return NULL;
    if (findings_verdict(findings) != VERDICT_ACCEPT)
        return answer(request, findings, error);
    return outcome_go(request, path, changed ? what : NULL);
}

struct response *page_operator_suspend(struct request *request, GError **error)
{
    return submit(request, ACT_SUSPEND, "suspended", error);
}

struct response *page_operator_resume(struct request *request, GError **error)
{
    return submit(request, ACT_RESUME, "resumed", error);
}

struct response *page_operator_restore(struct request *request, GError **error)
{
    return submit(request, ACT_RESTORE, "brought back", error);
}
