/* SPDX-License-Identifier: MIT
 *
 * GET /registrations/new and POST /registrations: Create Registration ...
 * Register Application.
 */
#include "base/error.h"
#include "base/limits.h"
#include "service/enrolment.h"
#include "web/banner.h"
#include "web/draft.h"
#include "web/form-view.h"
#include "web/layout.h"
#include "web/outcome.h"
#include "web/pages.h"
#include "web/portal.h"

#define MOST_OFFERED 500

const struct field new_registration_query[] = {
    {"address", FIELD_TEXT, LIMIT_ADDRESS},
    {NULL, FIELD_TEXT, 0},
};

const struct field new_registration_form[] = {
    {"csrf_token", FIELD_TEXT, 100},
    {"address", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {"application_name", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {"application_type", FIELD_TEXT, 100},
    {"location", FIELD_REPEATED, 100},
    {"method", FIELD_TEXT, 100},
    {"certificate", FIELD_FILE, LIMIT_REQUEST_BODY},
    {"certificate_text", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {"hostnames", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {"networks", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {"owners", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {"note", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {NULL, FIELD_TEXT, 0},
};

/* In the order of the form; each has a place for its findings. */
static const char *const form_fields[] = {
    "address",     "application_name", "application_type", "location", "method",
    "certificate", "hostnames",        "networks",         "owners",   "note",
    NULL,
};

/* ---- showing the form -------------------------------------------------------------------------- */

static void show_offered(struct page *body, const GPtrArray *offered)
{
    const struct offered_address *first = offered->len ? g_ptr_array_index(offered, 0) : NULL;
    struct page *example = page_show(body, first ? "EXAMPLE" : "NONE_OFFERED");

    if (!first)
        return;
    page_set(example, "ADDRESS", first->address);
    page_set_number(body, "OFFERED_COUNT", offered->len);
    if (offered->len > 1)
        page_show(body, "SEVERAL");
    for (guint i = 0; i < offered->len && i < MOST_OFFERED; i++) {
        const struct offered_address *one = g_ptr_array_index(offered, i);
        struct page *option = page_show(body, "OFFERED");
        page_set(option, "ADDRESS", one->address);
        page_set(option, "LABEL", one->label);
    }
    if (offered_unjudged(offered))
        page_show(body, "UNJUDGED");
}

/*
 * The whole form; offered NULL: the directory could not be asked for the person's
 * addresses. findings may be NULL.
 */
static struct page *show_form(struct request *request, const char *title, const GPtrArray *offered,
                              const struct findings *findings, struct page **body)
{
    struct page *layout = layout_new(request, title, "registration-form.tpl", body);

    page_set(*body, "CSRF_TOKEN", request->session->csrf_token);
    page_set(*body, "ADDRESS", request_text(request, "address"));
    page_set(*body, "OWNERS", request_text(request, "owners"));
    page_set(*body, "NOTE", request_text(request, "note"));
    form_view_application(*body, request, findings);
    form_view_source(*body, request, findings);
    if (offered)
        show_offered(*body, offered);
    return layout;
}

static bool ask_offered(struct request *request, GPtrArray **offered, GError **error)
{
    bool more;

    return directory_list_addresses(request->portal->office.directory, request->session->login,
                                    request->deadline, offered, &more, error);
}

struct response *page_new_registration(struct request *request, GError **error)
{
    g_autoptr(GPtrArray) offered = NULL;
    struct page *body, *layout;
    bool restored;

    /* The draft last: once restored it is gone, and an outage of the directory must not lose it. */
    if (!ask_offered(request, &offered, error) ||
        !draft_restore_form(request, new_registration_form, &restored, error))
        return NULL;
    if (*request_query_text(request, "address") && !*request_text(request, "address"))
        request_set_text(request, "address", request_query_text(request, "address"));
    layout = show_form(request, "Create Registration", offered, NULL, &body);
    layout_show_findings(request, body, NULL, form_fields);
    if (restored && !request_has_secret(request))
        page_show(body, "RESTORED");
    return layout_response(200, layout);
}

/* ---- judging it ---------------------------------------------------------------------------------- */

static struct response *refuse(struct request *request, const struct enrolment *enrolment)
{
    g_autoptr(GPtrArray) offered = NULL;
    bool refused = findings_verdict(enrolment->findings) == VERDICT_REFUSE;
    struct page *body, *layout, *summary;
    struct response *response;

    ask_offered(request, &offered, NULL);
    layout = show_form(request, "Error: Create Registration", offered, enrolment->findings,
                       &body);
    summary = layout_show_findings(request, body, enrolment->findings, form_fields);
    if (!refused)
        page_set(page_show(summary, "PARAGRAPH"), "TEXT",
                 "Nothing was saved. Everything that you typed is still here: try again in a "
                 "minute.");
    if (enrolment->taken_id)
        page_set(page_show(summary, "REGISTRATION_LINK"), "ID", enrolment->taken_id);
    response = layout_response(refused ? 422 : 503, layout);
    response->retry_after = refused ? 0 : 30;
    return response;
}

/* The form again, with what could not be asked; nothing of what was typed is lost. */
static struct response *excuse(struct request *request, const GError *error)
{
    struct page *body;
    struct page *layout = show_form(request, "Service unavailable: Create Registration", NULL,
                                    NULL, &body);
    struct page *summary = page_include(body, "SUMMARY", "summary.tpl");
    struct response *response;

    page_set(page_show(summary, "PARAGRAPH"), "TEXT", layout_outage_text(error));
    page_set(page_show(summary, "PARAGRAPH"), "TEXT",
             "Nothing was saved. Everything that you typed is still here: try again in a minute.");
    response = layout_response(503, layout);
    response->retry_after = 30;
    return response;
}

/* What the registration's page says first: that it is registered, and the warnings. */
static struct response *welcome(struct request *request, const struct enrolment *enrolment)
{
    g_autoptr(GPtrArray) messages = g_ptr_array_new();
    g_autofree char *path = g_strconcat("/registrations/", enrolment->id, NULL);

    for (size_t i = 0; i < findings_count(enrolment->findings); i++)
        g_ptr_array_add(messages, findings_at(enrolment->findings, i)->text);
    /* The registration is stored: that the message could not be kept changes nothing. */
    banner_say(request, true, messages, path, NULL);
    g_message("registration %s created by %s from %s", enrolment->id, request->session->login,
              request->client);
    return response_redirect(path);
}

static struct enrolment_form read_form(const struct request *request, char *const *locations)
{
    return (struct enrolment_form){
        .address = request_text(request, "address"),
        .application_name = request_text(request, "application_name"),
        .application_type = request_text(request, "application_type"),
        .locations = locations,
        .method = request_text(request, "method"),
        .certificate = request_file(request, "certificate"),
        .certificate_text = request_text(request, "certificate_text"),
        .hostnames = request_text(request, "hostnames"),
        .networks = request_text(request, "networks"),
        .owners = request_text(request, "owners"),
        .note = request_text(request, "note"),
    };
}

struct response *page_new_registration_submit(struct request *request, GError **error)
{
    g_autofree char **locations = request_texts(request, "location");
    struct enrolment_form form = read_form(request, locations);
    const struct actor actor = outcome_actor(request);
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    auto_ptr(enrolment) enrolment = NULL;
    g_autoptr(GError) reason = NULL;

    if (enrolment_register(&request->portal->office, &form, &actor, now, request->deadline,
                           &enrolment, &reason))
        return enrolment->id ? welcome(request, enrolment) : refuse(request, enrolment);
    if (g_error_matches(reason, APPSMTP_ERROR, APPSMTP_ERROR_UNKNOWN_OUTCOME)) {
        g_propagate_error(error, g_steal_pointer(&reason));
        return NULL;
    }
    g_message("POST /registrations: %s", reason->message);
    return excuse(request, reason);
}
