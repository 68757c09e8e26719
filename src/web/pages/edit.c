/* SPDX-License-Identifier: MIT
 *
 * GET and POST /registrations/{id}/edit: all but the address and the sources.
 */
#include "base/limits.h"
#include "service/amendment.h"
#include "web/draft.h"
#include "web/form-view.h"
#include "web/layout.h"
#include "web/outcome.h"
#include "web/pages.h"
#include "web/portal.h"
#include "web/registration-view.h"
#include "web/visible.h"

const struct field edit_form[] = {
    {"csrf_token", FIELD_TEXT, 100},
    {"version", FIELD_TEXT, 20},
    {"application_name", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {"application_type", FIELD_TEXT, 100},
    {"location", FIELD_REPEATED, 100},
    {"note", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {NULL, FIELD_TEXT, 0},
};

static struct page *show(struct request *request, const struct registration *registration,
                         const struct findings *findings, const char *version, struct page **body,
                         struct page **summary)
{
    static const char *const fields[] = {"note", NULL};
    g_autofree char *title = outcome_title(findings, "Change this registration");
    struct page *layout = layout_new(request, title, "edit.tpl", body);

    page_set(*body, "ID", registration->id);
    page_set(*body, "ADDRESS", registration->address);
    page_set(*body, "CSRF_TOKEN", request->session->csrf_token);
    page_set(*body, "VERSION", version);
    page_set(*body, "NOTE", request_text(request, "note"));
    form_view_application(*body, request, findings);
    *summary = layout_show_findings(request, *body, findings, fields);
    return layout;
}

/* The form as the registration is. */
static void fill(struct request *request, const struct registration *registration)
{
    g_autofree char *version = g_strdup_printf("%u", registration->version);

    request_set_text(request, "version", version);
    request_set_text(request, "application_name", registration->application_name);
    request_set_text(request, "application_type", registration->application_type);
    request_set_text(request, "note", registration->note);
    for (guint i = 0; i < registration->locations->len; i++)
        request_set_text(request, "location", g_ptr_array_index(registration->locations, i));
}

struct response *page_edit(struct request *request, GError **error)
{
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) none = findings_new();
    struct page *body, *summary, *layout;
    bool restored;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration || registration->state == REGISTRATION_RETIRED)
        return layout_not_found(request);
    if (!draft_restore_form(request, edit_form, &restored, error))
        return NULL;
    if (!restored)
        fill(request, registration);
    layout = show(request, registration, none, request_text(request, "version"), &body, &summary);
    if (restored && !request_has_secret(request))
        page_show(body, "RESTORED");
    return layout_response(200, layout);
}

/* ---- judging it ------------------------------------------------------------------------------ */

static void show_difference(struct page *table, const char *name, const char *stored,
                            const char *typed)
{
    struct page *row;

    if (g_str_equal(stored, typed))
        return;
    row = page_show(table, "DIFFERENCE");
    page_set(row, "NAME", name);
    page_set(row, "STORED", *stored ? stored : "(empty)");
    page_set(row, "TYPED", *typed ? typed : "(empty)");
}

/* Both versions, field by field; the form keeps what was typed and is now of the stored version. */
static void show_both(struct page *body, const struct request *request,
                      const struct registration *stored, const struct registration *typed)
{
    const struct config *config = request->portal->config;
    g_autofree char *stored_locations = registration_view_locations(config, stored);
    g_autofree char *typed_locations = registration_view_locations(config, typed);
    struct page *table = page_show(body, "OLDER");

    show_difference(table, "Name of the application", stored->application_name,
                    typed->application_name);
    show_difference(table, "Type", config_application_type(config, stored->application_type)->name,
                    config_application_type(config, typed->application_type)->name);
    show_difference(table, "Locations", stored_locations, typed_locations);
    show_difference(table, "Note", stored->note, typed->note);
}

static struct response *refuse(struct request *request, const struct registration *registration,
                               const struct amendment *amendment)
{
    const struct registration *stored = amendment->stored;
    g_autofree char *version = stored ? g_strdup_printf("%u", stored->version)
                                      : g_strdup(request_text(request, "version"));
    struct page *body, *summary;
    struct page *layout =
        show(request, registration, amendment->findings, version, &body, &summary);

    if (stored)
        show_both(body, request, stored, amendment->typed);
    return outcome_refuse(layout, summary, amendment->findings);
}

struct response *page_edit_submit(struct request *request, GError **error)
{
    g_autofree char **locations = request_texts(request, "location");
    const struct amendment_form form = {
        .application_name = request_text(request, "application_name"),
        .application_type = request_text(request, "application_type"),
        .locations = locations,
        .note = request_text(request, "note"),
        .version = request_text(request, "version"),
    };
    const struct actor actor = outcome_actor(request);
    auto_ptr(registration) registration = NULL;
    auto_ptr(amendment) amendment = NULL;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (!amendment_make(&request->portal->office, registration, &form, &actor, request->deadline,
                        &amendment, error))
        return NULL;
    if (findings_verdict(amendment->findings) != VERDICT_ACCEPT)
        return refuse(request, registration, amendment);
    return outcome_done(request, amendment->changed ? "The registration is changed." : NULL,
                        amendment->findings);
}
