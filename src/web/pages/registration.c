/* SPDX-License-Identifier: MIT
 *
 * GET /registrations/{id}: one registration.
 */
#include "adapters/database/search.h"
#include "web/draft.h"
#include "web/layout.h"
#include "web/pages.h"
#include "web/portal.h"
#include "web/registration-view.h"
#include "web/setup.h"
#include "web/visible.h"

/* What has become of the certificate that is to be renewed, and what to do. */
static void show_renewal(struct page *body, const struct request *request, gint64 ends)
{
    static const char *const sections[] = {
        [TERM_LASTING] = "RENEW", [TERM_GRACE] = "RENEW_IN_GRACE", [TERM_OVER] = "RENEW_OVER"};
    unsigned grace_days = request->portal->config->certificates.grace_days;
    g_autofree char *ended = registration_view_day(ends);
    g_autofree char *until = registration_view_day(certificate_grace_end(ends, grace_days));
    struct page *part = page_show(body, sections[visible_term(request, ends)]);

    page_set(part, "ENDED", ended);
    page_set(part, "UNTIL", until);
}

/* The one sentence; where it is about something else, also whether the relay has it. */
static void show_state(struct page *body, const struct request *request,
                       const struct registration *registration)
{
    enum visible_condition condition = visible_condition(registration);
    g_autofree char *state = visible_state(request, registration);
    g_autofree char *on_relay = visible_on_relay(request, registration);

    page_set(body, "STATE", state);
    page_set(body, "CONDITION", visible_condition_name(condition));
    if (condition != CONDITION_ATTENTION)
        return;
    if (registration->renewal_due)
        show_renewal(body, request, registration->renewal_due);
    if (visible_is_recognised(request, registration))
        page_set(page_show(body, "ON_RELAY_ROW"), "ON_RELAY", on_relay);
}

/* What the page says first: that it is registered, or what was changed. */
static void show_messages(struct page *body, const struct request *request,
                          const struct registration *registration, bool welcome,
                          const GPtrArray *messages)
{
    struct page *banner = page_show(body, welcome ? "REGISTERED" : "DONE");
    g_autofree char *wait = visible_wait(request->portal->config);

    if (welcome) {
        page_set(banner, "ADDRESS", registration->address);
        page_set(banner, "WAIT", wait);
    }
    for (guint i = 0; i < messages->len; i++)
        page_set(page_show(banner, "ADVICE"), "TEXT", g_ptr_array_index(messages, i));
}

static void show_confirmation(struct page *body, const struct registration *registration)
{
    g_autofree char *end = registration_view_day(visible_confirmation_end(registration));
    struct page *part = page_show(body, "CONFIRM");

    if (registration->state == REGISTRATION_LIVE)
        page_set(page_show(part, "OR_ELSE"), "END", end);
}

/* What the person can do; nothing is left to do with a retired registration. */
static void show_buttons(struct page *body, const struct request *request,
                         const struct registration *registration)
{
    if (registration->state == REGISTRATION_RETIRED)
        return;
    page_show(body, "CHANGES");
    registration_view_owners(page_show(body, "MANAGE"), request, registration);
    if (!registration_has_owner(registration, request->session->login))
        page_show(body, "JOIN");
    if (visible_is_confirmation_due(registration))
        show_confirmation(body, registration);
}

struct response *page_registration(struct request *request, GError **error)
{
    auto_ptr(registration) registration = NULL;
    g_autoptr(GPtrArray) messages = NULL;
    g_autoptr(GPtrArray) shared = NULL;
    struct page *body, *layout;
    bool welcome;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (!search_shared(request->portal->office.database, registration->id, &shared, error) ||
        !draft_take_messages(request, &welcome, &messages, error))
        return NULL;
    layout = layout_new(request, registration->address, "registration.tpl", &body);
    page_set(body, "ID", registration->id);
    page_set(body, "ADDRESS", registration->address);
    page_set(body, "APPLICATION_NAME", registration->application_name);
    page_set(body, "CSRF_TOKEN", request->session->csrf_token);
    if (messages)
        show_messages(body, request, registration, welcome, messages);
    show_state(body, request, registration);
    show_buttons(body, request, registration);
    registration_view_facts(body, request, registration);
    registration_view_sources(body, request, registration,
                              registration->state == REGISTRATION_RETIRED ? SOURCES_ONLY
                                                                          : SOURCES_CHANGE,
                              shared);
    setup_show(body, request, registration);
    return layout_response(200, layout);
}
