/* SPDX-License-Identifier: MIT
 *
 * GET /registrations/{id}: one registration.
 */
#include "adapters/database/search.h"
#include "service/allowance.h"
#include "service/condition.h"
#include "web/banner.h"
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
    g_autofree char *ended = condition_day(ends);
    g_autofree char *until = condition_day(certificate_grace_end(ends, grace_days));
    struct page *part = page_show(body, sections[condition_term(request->portal->config, ends)]);

    page_set(part, "ENDED", ended);
    page_set(part, "UNTIL", until);
}

/* The one sentence; where it is about something else, also whether the relay has it. */
static void show_state(struct page *body, const struct request *request,
                       const struct registration *registration)
{
    enum condition condition = condition_of(registration);
    g_autofree char *state = condition_sentence(request->portal->config, registration);
    g_autofree char *on_relay = condition_on_relay(request->portal->config, registration);

    page_set(body, "STATE", state);
    page_set(body, "CONDITION", condition_name(condition));
    if (condition != CONDITION_ATTENTION)
        return;
    if (registration->renewal_due)
        show_renewal(body, request, registration->renewal_due);
    if (condition_is_recognised(request->portal->config, registration))
        page_set(page_show(body, "ON_RELAY_ROW"), "ON_RELAY", on_relay);
}

/* What is to be done, and by whom. */
static const char *way_out(const struct registration *registration,
                           const struct suspension *suspension)
{
    if (g_str_equal(suspension->cause, "ownership"))
        return "SUSPENDED_OWNERSHIP";
    if (g_str_equal(suspension->cause, "confirmation"))
        return condition_confirmation_due(registration) ? "SUSPENDED_UNCONFIRMED"
                                                         : "SUSPENDED_CONFIRMED";
    return "SUSPENDED_BY_TEAM";
}

static void show_suspension(struct page *body, const struct request *request,
                            const struct registration *registration,
                            const struct suspension *suspension)
{
    g_autofree char *day = condition_day(suspension->at);
    struct page *part = page_show(body, "SUSPENDED");

    page_set(part, "DAY", day);
    page_set(part, "BY", *suspension->cause ? "the portal" : "the relay team");
    page_set(part, "REASON", suspension->reason);
    page_set(part, "DOT", g_str_has_suffix(suspension->reason, ".") ? "" : ".");
    layout_show_help_contact(page_show(part, way_out(registration, suspension)), request);
}

/* Only of a registration in force the relay accepts anything. suspension may be NULL. */
static void show_standing(struct page *body, const struct request *request,
                          const struct registration *registration,
                          const struct suspension *suspension)
{
    static const char *const sections[] = {[REGISTRATION_LIVE] = "SOURCES_LIVE",
                                           [REGISTRATION_SUSPENDED] = "SOURCES_SUSPENDED",
                                           [REGISTRATION_RETIRED] = "SOURCES_RETIRED"};
    g_autofree char *changed = condition_day(registration->changed_at);

    page_show(body, registration->left_out ? "SOURCES_LEFT_OUT" : sections[registration->state]);
    if (registration->state == REGISTRATION_LIVE)
        setup_show(body, request, registration);
    else if (registration->state == REGISTRATION_RETIRED)
        page_set(page_show(body, "RETIRED"), "DAY", changed);
    else if (suspension)
        show_suspension(body, request, registration, suspension);
}

/* What the page says first: that it is registered, or what was changed. */
static void show_messages(struct page *body, const struct request *request,
                          const struct registration *registration, bool welcome,
                          const GPtrArray *messages)
{
    struct page *banner = page_show(body, welcome ? "REGISTERED" : "DONE");
    g_autofree char *wait = condition_wait(request->portal->config);

    if (welcome) {
        page_set(banner, "ADDRESS", registration->address);
        page_set(banner, "WAIT", wait);
    }
    for (guint i = 0; i < messages->len; i++)
        page_set(page_show(banner, "ADVICE"), "TEXT", g_ptr_array_index(messages, i));
}

static void show_confirmation(struct page *body, const struct registration *registration)
{
    g_autofree char *end = condition_day(condition_confirmation_end(registration));
    struct page *part = page_show(body, "CONFIRM");

    if (registration->state == REGISTRATION_LIVE)
        page_set(page_show(part, "OR_ELSE"), "END", end);
}

/* Who is not listed by name; whether a group or a role shows them the registration is not asked. */
static void show_join(struct page *body, const struct registration *registration)
{
    g_autoptr(GPtrArray) groups = registration_groups(registration);
    struct page *part = page_show(body, "JOIN");

    if (groups->len > 0)
        page_show(part, "OR_GROUP");
}

/* What the person can do; nothing is left to do with a retired registration. */
static void show_buttons(struct page *body, const struct request *request,
                         const struct registration *registration)
{
    if (registration->state == REGISTRATION_RETIRED)
        return;
    page_show(body, "CHANGES");
    registration_view_owners(page_show(body, "MANAGE"), request, registration);
    if (!registration_person(registration, request->session->login, request->session->person_id))
        show_join(body, registration);
    if (condition_confirmation_due(registration))
        show_confirmation(body, registration);
}

static struct page *show(struct request *request, const struct registration *registration,
                         const struct suspension *suspension, const GPtrArray *shared,
                         struct page **body)
{
    struct page *layout = layout_new(request, registration->address, "registration.tpl", body);
    bool retired = registration->state == REGISTRATION_RETIRED;

    page_set(*body, "ID", registration->id);
    page_set(*body, "ADDRESS", registration->address);
    page_set(*body, "APPLICATION_NAME", registration->application_name);
    page_set(*body, "CSRF_TOKEN", request->session->csrf_token);
    show_state(*body, request, registration);
    show_standing(*body, request, registration, suspension);
    show_buttons(*body, request, registration);
    registration_view_sources(*body, request, registration, retired ? SOURCES_ONLY : SOURCES_CHANGE,
                              shared);
    return layout;
}

static bool find_suspension(const struct request *request, const struct registration *registration,
                            struct suspension **suspension, GError **error)
{
    return registration->state != REGISTRATION_SUSPENDED ||
           registry_suspension(request->portal->office.database, registration->id, suspension,
                               error);
}

struct response *page_registration(struct request *request, GError **error)
{
    auto_ptr(registration) registration = NULL;
    auto_ptr(suspension) suspension = NULL;
    auto_ptr(usage) usage = NULL;
    g_autoptr(GPtrArray) messages = NULL;
    g_autoptr(GPtrArray) shared = NULL;
    struct page *body, *layout;
    bool welcome;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (!search_shared(request->portal->office.database, registration->id, &shared, error) ||
        !find_suspension(request, registration, &suspension, error) ||
        !allowance_find_usage(request->portal->config, request->portal->office.database,
                              registration->id, &usage, error) ||
        !banner_read(request, &welcome, &messages, error))
        return NULL;
    layout = show(request, registration, suspension, shared, &body);
    registration_view_facts(body, request, registration, usage);
    if (messages)
        show_messages(body, request, registration, welcome, messages);
    return layout_response(200, layout);
}
