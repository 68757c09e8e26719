/* SPDX-License-Identifier: MIT
 *
 * /registrations/{id}/owners and /join: who manages a registration together.
 */
#include "base/limits.h"
#include "service/owners.h"
#include "web/banner.h"
#include "web/draft.h"
#include "web/form-view.h"
#include "web/layout.h"
#include "web/outcome.h"
#include "web/pages.h"
#include "web/portal.h"
#include "web/registration-view.h"
#include "web/visible.h"

const struct field owners_form[] = {
    {"csrf_token", FIELD_TEXT, 100},
    {"login", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {NULL, FIELD_TEXT, 0},
};

static struct page *show(struct request *request, const struct registration *registration,
                         const struct findings *findings, struct page **summary)
{
    static const char *const fields[] = {"login", NULL};
    g_autofree char *title = outcome_title(findings, "Owners");
    struct page *body;
    struct page *layout = layout_new(request, title, "owners.tpl", &body);

    page_set(body, "ID", registration->id);
    page_set(body, "ADDRESS", registration->address);
    page_set(body, "CSRF_TOKEN", request->session->csrf_token);
    page_set(body, "LOGIN", request_text(request, "login"));
    registration_view_owners(body, request, registration);
    *summary = layout_show_findings(request, body, findings, fields);
    return layout;
}

struct response *page_owners(struct request *request, GError **error)
{
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) none = findings_new();
    struct page *summary;
    bool restored;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration || registration->state == REGISTRATION_RETIRED)
        return layout_not_found(request);
    if (!draft_restore_form(request, owners_form, &restored, error))
        return NULL;
    return layout_response(200, show(request, registration, none, &summary));
}

/* After all that can be asked for here: the registration's page, or the form again. */
static struct response *answer(struct request *request, const char *done,
                               const struct findings *findings, GError **error)
{
    auto_ptr(registration) registration = NULL;
    struct page *summary, *layout;

    if (findings_verdict(findings) == VERDICT_ACCEPT)
        return outcome_done(request, done, findings);
    if (!registry_find(request->portal->office.database, request->id, &registration, error))
        return NULL;
    layout = show(request, registration, findings, &summary);
    return outcome_refuse(layout, summary, findings);
}

struct response *page_owners_submit(struct request *request, GError **error)
{
    const struct actor actor = outcome_actor(request);
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) findings = findings_new();
    bool changed;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (!owners_add(&request->portal->office, registration->id, request_text(request, "login"),
                    &actor, request->deadline, findings, &changed, error))
        return NULL;
    return answer(request, changed ? "The owner is added." : NULL, findings, error);
}

/* Who takes themself off, or a group that is not besides their name, may not see the
   registration any more. */
static bool may_be_out(const struct request *request, const struct registration *before)
{
    const struct session *session = request->session;
    const struct owner *owner = registration_owner(before, request->login);

    return owner && (owner_is_person(owner, session->login, session->person_id) ||
                     (owner_is_group(owner->written) &&
                      !registration_person(before, session->login, session->person_id)));
}

/* To the list, which says first of what they are no owner any more. */
static struct response *leave(struct request *request, const struct registration *registration)
{
    g_autofree char *text =
        g_strdup_printf("You are no longer an owner of %s.", registration->address);
    g_autoptr(GPtrArray) messages = g_ptr_array_new();

    g_ptr_array_add(messages, text);
    banner_say(request, false, messages, "/registrations", NULL);
    return outcome_go(request, "/registrations", "The owner has left.");
}

struct response *page_owner_remove(struct request *request, GError **error)
{
    const struct actor actor = outcome_actor(request);
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) findings = findings_new();
    bool changed;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (!owners_remove(request->portal->office.database, registration->id, request->login, &actor,
                       findings, &changed, error))
        return NULL;
    if (changed && may_be_out(request, registration))
        return leave(request, registration);
    return answer(request, changed ? "The owner is removed." : NULL, findings, error);
}

struct response *page_join(struct request *request, GError **error)
{
    const struct actor actor = outcome_actor(request);
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) findings = findings_new();
    bool changed;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (!owners_join(&request->portal->office, registration->id, &actor, request->deadline,
                     findings, &changed, error))
        return NULL;
    return answer(request, changed ? "You are an owner now." : NULL, findings, error);
}
