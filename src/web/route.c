/* SPDX-License-Identifier: MIT
 *
 * The table of routes.
 */
#include "web/route.h"

#include "rules/registration.h"
#include "web/pages.h"
#include "web/portal.h"

#define CHANGE (ROUTE_SIGNED_IN | ROUTE_TOKEN)
#define REGISTRATION "/registrations/{id}"
#define STAFF (ROUTE_SIGNED_IN | ROUTE_STAFF)
#define OPERATE (ROUTE_SIGNED_IN | ROUTE_TOKEN | ROUTE_OPERATOR)
#define OPERATED "/operator/registrations/{id}"

static const struct route routes[] = {
    {"GET", "/", ROUTE_OPEN, NULL, NULL, NULL, page_start},
    {"GET", "/sign-in", ROUTE_SIGN_IN, sign_in_query, NULL, NULL, page_sign_in},
    {"POST", "/sign-in", ROUTE_SIGN_IN, NULL, sign_in_form, NULL, page_sign_in_submit},
    {"POST", "/sign-out", ROUTE_SIGNED_IN | ROUTE_TOKEN | ROUTE_SIGN_IN, NULL, sign_out_form, NULL,
     page_sign_out},
    {"GET", "/sessions", ROUTE_SIGNED_IN, NULL, NULL, NULL, page_sessions},
    {"POST", "/sessions/end", CHANGE, NULL, button_form, "/sessions", page_sessions_end_others},
    {"POST", "/sessions/{id}/end", CHANGE, NULL, button_form, "/sessions", page_session_end},
    {"GET", "/registrations", ROUTE_SIGNED_IN, registrations_query, NULL, NULL, page_registrations},
    {"POST", "/registrations", ROUTE_SIGNED_IN | ROUTE_TOKEN, NULL, new_registration_form,
     "/registrations/new", page_new_registration_submit},
    {"GET", "/registrations/new", ROUTE_SIGNED_IN, new_registration_query, NULL, NULL,
     page_new_registration},
    {"GET", "/registrations/{id}", ROUTE_SIGNED_IN, NULL, NULL, NULL, page_registration},
    {"GET", "/registrations/{id}/history", ROUTE_SIGNED_IN, history_query, NULL, NULL, page_history},
    /* Changing a registration. */
    {"GET", "/registrations/{id}/sources", ROUTE_SIGNED_IN, sources_query, NULL, NULL, page_sources},
    {"POST", "/registrations/{id}/sources", CHANGE, NULL, sources_form,
     "/registrations/{id}/sources", page_sources_submit},
    {"GET", "/registrations/{id}/sources/{source}", ROUTE_SIGNED_IN, NULL, NULL, NULL,
     page_source_renewal},
    {"POST", "/registrations/{id}/sources/{source}/remove", CHANGE, NULL, button_form, REGISTRATION,
     page_source_remove},
    {"GET", "/registrations/{id}/edit", ROUTE_SIGNED_IN, NULL, NULL, NULL, page_edit},
    {"POST", "/registrations/{id}/edit", CHANGE, NULL, edit_form, "/registrations/{id}/edit",
     page_edit_submit},
    {"GET", "/registrations/{id}/owners", ROUTE_SIGNED_IN, NULL, NULL, NULL, page_owners},
    {"POST", "/registrations/{id}/owners", CHANGE, NULL, owners_form, "/registrations/{id}/owners",
     page_owners_submit},
    {"POST", "/registrations/{id}/owners/{login}/remove", CHANGE, NULL, button_form, REGISTRATION,
     page_owner_remove},
    {"POST", "/registrations/{id}/join", CHANGE, NULL, button_form, REGISTRATION, page_join},
    {"GET", "/registrations/{id}/retire", ROUTE_SIGNED_IN, NULL, NULL, NULL, page_retire},
    {"POST", "/registrations/{id}/retire", CHANGE, NULL, reason_form, "/registrations/{id}/retire",
     page_retire_submit},
    {"POST", "/registrations/{id}/confirm", CHANGE, NULL, button_form, REGISTRATION, page_confirm},
    /* For the relay team and the support desk. */
    {"GET", "/operator", STAFF, NULL, NULL, NULL, page_operator},
    {"GET", "/operator/registrations", STAFF, operator_search_query, NULL, NULL,
     page_operator_search},
    {"GET", "/operator/sessions", STAFF, operator_sessions_query, NULL, NULL,
     page_operator_sessions},
    {"POST", "/operator/sessions/end", OPERATE, NULL, operator_sessions_form, "/operator/sessions",
     page_operator_sessions_end},
    {"GET", OPERATED, STAFF, NULL, NULL, NULL, page_operator_registration},
    {"GET", OPERATED "/history", STAFF, history_query, NULL, NULL, page_operator_history},
    {"POST", OPERATED "/suspend", OPERATE, NULL, reason_form, OPERATED, page_operator_suspend},
    {"POST", OPERATED "/resume", OPERATE, NULL, reason_form, OPERATED, page_operator_resume},
    {"POST", OPERATED "/restore", OPERATE, NULL, reason_form, OPERATED, page_operator_restore},
    {"GET", OPERATED "/rate", STAFF | ROUTE_OPERATOR, NULL, NULL, NULL, page_operator_rate},
    {"POST", OPERATED "/rate", OPERATE, NULL, rate_form, OPERATED "/rate",
     page_operator_rate_submit},
    {"GET", "/my-address", ROUTE_QUIET, NULL, NULL, NULL, page_my_address},
    {"GET", "/healthz", ROUTE_QUIET, NULL, NULL, NULL, page_alive},
    {"GET", "/readyz", ROUTE_QUIET, NULL, NULL, NULL, page_ready},
    {"GET", "/addresses", ROUTE_SIGNED_IN, addresses_query, NULL, NULL, page_addresses},
    {"GET", "/check", ROUTE_OPEN, check_query, NULL, NULL, page_question},
    {"POST", "/check", ROUTE_OPEN, NULL, check_form, NULL, page_question_submit},
    {"GET", "/help", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/sources", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/nat", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/address", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/printers", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/rates", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/sending-addresses", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/renewal", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/stolen-keys", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/certificates-2026", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/accessibility", ROUTE_OPEN, NULL, NULL, NULL, page_help},
};

/* A UUID, in lower case as we write them; NULL for anything else. Caller frees. */
static char *uuid_of(const char *text)
{
    return g_uuid_string_is_valid(text) ? g_ascii_strdown(text, -1) : NULL;
}

/* As the site's logins are kept, or the name of a group. */
static char *login_of(const struct request *request, const char *text)
{
    g_autofree char *plain = directory_plain_login(request->portal->office.directory, text);

    if (!plain && login_is_well_formed(text))
        return g_strdup(text);
    return g_steal_pointer(&plain);
}

/* Fills the hole of that name; false when the text does not belong there. */
static bool fill(struct request *request, const char *hole, const char *text)
{
    char **place = g_str_equal(hole, "{id}")       ? &request->id
                   : g_str_equal(hole, "{source}") ? &request->source
                                                   : &request->login;

    g_free(*place);
    *place = place == &request->login ? login_of(request, text) : uuid_of(text);
    return *place != NULL;
}

static bool match(const char *pattern, struct request *request)
{
    g_auto(GStrv) wanted = g_strsplit(pattern, "/", -1);
    g_auto(GStrv) given = g_strsplit(request->path, "/", -1);
    guint count = g_strv_length(wanted);

    if (g_strv_length(given) != count)
        return false;
    for (guint i = 0; i < count; i++)
        if (*wanted[i] == '{' ? !fill(request, wanted[i], given[i])
                              : !g_str_equal(wanted[i], given[i]))
            return false;
    return true;
}

char *route_fill(const char *pattern, const struct request *request)
{
    g_auto(GStrv) parts = g_strsplit(pattern, "{id}", 2);

    return parts[1] ? g_strconcat(parts[0], request->id, parts[1], NULL) : g_strdup(pattern);
}

const struct route *route_of_form(const struct route *route)
{
    const char *pattern = route->draft_path ? route->draft_path : route->pattern;

    for (size_t i = 0; i < G_N_ELEMENTS(routes); i++)
        if (g_str_equal(routes[i].method, "GET") && g_str_equal(routes[i].pattern, pattern))
            return &routes[i];
    return NULL;
}

static void add_method(char **allow, const char *method)
{
    g_autofree char *before = *allow;

    *allow = before ? g_strconcat(before, ", ", method, NULL) : g_strdup(method);
}

const struct route *route_find(struct request *request, unsigned absent, char **allow)
{
    const char *wanted = g_str_equal(request->method, "HEAD") ? "GET" : request->method;

    *allow = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(routes); i++) {
        if (routes[i].flags & absent || !match(routes[i].pattern, request))
            continue;
        if (g_str_equal(routes[i].method, wanted)) {
            g_clear_pointer(allow, g_free);
            return &routes[i];
        }
        add_method(allow, routes[i].method);
    }
    return NULL;
}
