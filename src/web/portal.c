/* SPDX-License-Identifier: MIT
 *
 * One request: found its route, its preconditions checked once, its page run,
 * its failure logged once.
 */
#include "web/portal.h"

#include "base/error.h"
#include "web/draft.h"
#include "web/identity.h"
#include "web/layout.h"
#include "web/route.h"
#include "web/staff.h"

/* Nothing that a client sends can begin a line of the log or a terminal's command. */
static void note(struct request *request, const char *what)
{
    g_autofree char *path = g_strescape(request->path ? request->path : "", NULL);
    g_autofree char *method = g_strescape(request->method, NULL);

    g_message("%s %s from %s%s%s: %s (reference %s)", method, path, request->client,
              request->session ? " by " : "", request->session ? request->session->login : "",
              what, request->reference);
    request->noted = true;
}

/* Whoever guesses at what they may not see, or sends forms that are refused, leaves a trace. */
static void note_refusal(struct request *request, unsigned status)
{
    g_autofree char *what = g_strdup_printf("answered %u", status);

    if (status >= 400 && !request->noted)
        note(request, what);
}

/* A refusal is a page like the others: it says who is signed in, where that can be found out. */
static void recognise(struct request *request)
{
    g_autoptr(GError) reason = NULL;
    bool forged;

    if (!request->session && !identity_find(request, IDENTITY_NAME, &forged, &reason))
        note(request, reason->message);
}

static struct response *refuse_fault(struct request *request, enum request_fault fault)
{
    recognise(request);
    if (request_has_secret(request)) {
        note(request, "has a private key in it");
        return layout_secret(request, NULL);
    }
    note(request, fault == REQUEST_TOO_LARGE ? "body too large" : "cannot be read");
    if (fault == REQUEST_TOO_LARGE)
        return layout_problem(request, 413, "The form is too large",
                              "What was sent is larger than 256 KiB, and nothing was saved. The file of "
                              "a certificate, with its intermediate certificates, has a few KiB: "
                              "another file was chosen.",
                              "Go back in the browser, choose the file of the certificate or paste "
                              "its text, and send the form again.",
                              NULL);
    return layout_problem(request, 400, "The request could not be understood",
                          "What was sent is not what the page's form sends. Open the page anew "
                          "and try again.",
                          NULL);
}

static struct response *refuse_route(struct request *request, const char *allow)
{
    struct response *response;

    recognise(request);
    if (!allow)
        return layout_not_found(request);
    response = layout_problem(request, 405, "That is not how this page is used",
                              "The page exists, but not for this kind of request.", NULL);
    response->allow = g_strdup(allow);
    return response;
}

static struct response *refuse_foreign(struct request *request)
{
    recognise(request);
    note(request, "comes from another site or with a wrong token");
    return layout_problem(request, 403, "The form could not be accepted",
                          "It was not sent from a page of your present sign-in. Nothing was "
                          "changed. Go back, reload the page and send it again.",
                          NULL);
}

/*
 * A form that was opened under an earlier sign-in: its token is an old one, and what was
 * typed is kept as if nobody was signed in.
 */
static struct response *refuse_old_form(struct request *request, const struct route *route,
                                        GError **error)
{
    g_autofree char *path = route->draft_path ? route_fill(route->draft_path, request) : NULL;
    bool full = true;
    struct page *layout, *body;

    if (path && !draft_save_form(request, route->form, path, &full, error))
        return NULL;
    if (full)
        return refuse_foreign(request);
    note(request, "has the token of an earlier sign-in");
    layout = layout_new(request, "Look at your form again", "problem.tpl", &body);
    page_set(body, "HEADING", "Look at your form again");
    page_set(page_show(body, "PARAGRAPH"), "TEXT",
             "You have signed in again since this form was opened. Nothing was changed, and what "
             "you typed is kept.");
    page_set(page_show(body, "AGAIN"), "PATH", path);
    return layout_response(403, layout);
}

/* Sending them to the sign-in page would only send them back here. */
static struct response *refuse_stranger(struct request *request)
{
    note(request, "signed in by the front, but not in the directory or not eligible");
    return layout_problem(request, 403, "You cannot use this service",
                          "You are signed in, but the university's directory does not have your "
                          "account, or it is switched off. The help desk can look into it.",
                          NULL);
}

/* "https://appsmtp.example.edu" of an address of that site, without the port that goes without
   saying; NULL when it is none. Caller frees. */
static char *origin_of(const char *url)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
    g_autofree char *host = uri ? g_ascii_strdown(g_uri_get_host(uri) ? g_uri_get_host(uri) : "", -1)
                                : NULL;
    bool plain = uri && (g_uri_get_port(uri) <= 0 ||
                         g_uri_get_port(uri) == (g_str_equal(g_uri_get_scheme(uri), "https") ? 443
                                                                                             : 80));

    if (!host || !*host)
        return NULL;
    return plain ? g_strdup_printf("%s://%s", g_uri_get_scheme(uri), host)
                 : g_strdup_printf("%s://%s:%d", g_uri_get_scheme(uri), host, g_uri_get_port(uri));
}

/* The site of the configuration, or what the browser calls this one: a port may be forwarded. No
   page can make a browser send another Host than that of the request. */
static bool is_own_origin(const struct request *request, const char *url)
{
    const char *host = exchange_parameter(request->exchange, "HTTP_HOST");
    g_autofree char *own = origin_of(request->portal->config->base_url);
    g_autofree char *origin = origin_of(url);
    const char *authority = origin ? strstr(origin, "://") + strlen("://") : NULL;

    return origin && (g_strcmp0(origin, own) == 0 ||
                      (host && g_ascii_strcasecmp(authority, host) == 0));
}

/*
 * A browser says where a form comes from (Fetch Metadata, Origin; of old ones Referer): no other
 * site's may be posted here, nor one of a page without an origin. What says nothing is no browser.
 */
static bool is_foreign_post(const struct request *request)
{
    const char *site = exchange_parameter(request->exchange, "HTTP_SEC_FETCH_SITE");
    const char *origin = exchange_parameter(request->exchange, "HTTP_ORIGIN");
    const char *referer = exchange_parameter(request->exchange, "HTTP_REFERER");

    if (!g_str_equal(request->method, "POST"))
        return false;
    if (site && !g_str_equal(site, "same-origin") && !g_str_equal(site, "none"))
        return true;
    if (origin)
        return !is_own_origin(request, origin);
    return !site && referer && !is_own_origin(request, referer);
}

static bool token_is_good(const struct request *request)
{
    const char *token = request_text(request, "csrf_token");
    const char *good = request->session->csrf_token;
    guint8 difference = strlen(token) != strlen(good);

    for (size_t i = 0; !difference && good[i]; i++)
        difference |= (guint8)(token[i] ^ good[i]);
    return difference == 0;
}

/* Where the person wanted to go; a form is gone back to, because only a form is sent to its route. */
static char *wanted(const struct request *request, const struct route *route)
{
    if (!g_str_equal(request->method, "POST"))
        return g_strdup(exchange_parameter(request->exchange, "REQUEST_URI"));
    return route_fill(route->draft_path ? route->draft_path : "/registrations", request);
}

/* To the sign-in page and on to where the person wanted to go, with what was typed. */
static struct response *send_to_sign_in(struct request *request, const struct route *route,
                                        GError **error)
{
    g_autofree char *next = wanted(request, route);
    g_autofree char *path = identity_sign_in_path(request, next);
    bool full = false;

    if (g_str_equal(request->method, "POST") && route->draft_path &&
        !draft_save_form(request, route->form, next, &full, error))
        return NULL;
    if (full)
        return layout_problem(request, 429, "You are signed out",
                              "What you typed could not be kept, because many forms came from "
                              "your address within the last hour. Sign in in another tab, then "
                              "come back to this one, reload it and send the form again.",
                              NULL);
    return response_redirect(path);
}

static struct response *refuse_outsider(struct request *request, bool support)
{
    note(request, support ? "only for the relay team" : "only for relay team and support desk");
    if (support)
        return layout_problem(request, 403, "Only the relay team can do that",
                              "The support desk sees these pages, and changes nothing. Ask the "
                              "relay team.",
                              NULL);
    return layout_problem(request, 403, "Only for the relay team",
                          "This page is for the relay team and the support desk. Your own "
                          "registrations are under Your registrations.",
                          NULL);
}

/* NULL without an error: the page may run. */
static struct response *check_staff(struct request *request, const struct route *route,
                                    GError **error)
{
    if (!(route->flags & (ROUTE_STAFF | ROUTE_OPERATOR)))
        return NULL;
    if (!staff_find(request, error))
        return NULL;
    if (request->staff == STAFF_NONE)
        return refuse_outsider(request, false);
    if (route->flags & ROUTE_OPERATOR && request->staff != STAFF_OPERATOR)
        return refuse_outsider(request, true);
    return NULL;
}

static enum request_fault read_fields(struct request *request, const struct route *route)
{
    enum request_fault fault = request_read_query(request, route->query);

    if (fault == REQUEST_GOOD && g_str_equal(request->method, "POST"))
        fault = request_read_form(request, route->form);
    return fault;
}

/* The relay team's pages show what a change can do: there, too, it is to be known at once. */
static enum identity_use use_of(const struct route *route)
{
    if (route->flags & ROUTE_SIGN_IN)
        return IDENTITY_NAME;
    return route->flags & (ROUTE_TOKEN | ROUTE_STAFF | ROUTE_OPERATOR) ? IDENTITY_CHANGE
                                                                       : IDENTITY_READ;
}

/* Who it is; an open page is shown also while nobody can say. */
static bool identify(struct request *request, const struct route *route, bool *forged,
                     GError **error)
{
    g_autoptr(GError) reason = NULL;

    if (route->flags & ROUTE_QUIET || identity_find(request, use_of(route), forged, &reason))
        return true;
    if (route->flags == ROUTE_OPEN) {
        note(request, reason->message);
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&reason));
    return false;
}

/* The last precondition asks the directory, so it comes when all others are met. */
static struct response *run_page(struct request *request, const struct route *route,
                                 GError **error)
{
    g_autoptr(GError) reason = NULL;
    struct response *refused = check_staff(request, route, &reason);

    if (refused)
        return refused;
    if (reason) {
        g_propagate_error(error, g_steal_pointer(&reason));
        return NULL;
    }
    return route->run(request, error);
}

/* What else was typed is kept for after signing in, as if there had been no key in it. */
static struct response *refuse_secret_outside(struct request *request, const struct route *route,
                                              GError **error)
{
    bool is_form = g_str_equal(request->method, "POST") && route->draft_path;
    g_autofree char *path = is_form ? route_fill(route->draft_path, request) : NULL;
    bool full = false;

    if (path && !draft_save_form(request, route->form, path, &full, error))
        return NULL;
    return layout_secret(request, full ? NULL : path);
}

/*
 * What was asked with a private key in it is never done. A form is shown again by the page
 * that shows it, which finds the field empty and the finding among the request's.
 */
static struct response *refuse_secret(struct request *request, const struct route *route,
                                      GError **error)
{
    const struct route *form = route_of_form(route);
    bool is_inside = !(route->flags & ROUTE_SIGNED_IN) ||
                     (request->session && (!(route->flags & ROUTE_TOKEN) || token_is_good(request)));
    struct response *response;

    note(request, "has a private key in it");
    if (!g_str_equal(request->method, "POST") || !form || !is_inside)
        return refuse_secret_outside(request, route, error);
    response = run_page(request, form, error);
    if (response && response->status == 200)
        response->status = 422;
    return response;
}

/*
 * The directory cannot say whether the person is still there, and so nothing is changed; what was
 * typed is kept. The caller frees the reason.
 */
static struct response *put_off(struct request *request, const struct route *route,
                                const GError *reason, GError **error)
{
    g_autofree char *path = route->draft_path ? route_fill(route->draft_path, request) : NULL;
    struct page *layout, *body;
    struct response *response;
    bool full = true;

    if (request->session && path && token_is_good(request) &&
        !draft_save_form(request, route->form, path, &full, error))
        return NULL;
    if (full) {
        g_propagate_error(error, g_error_copy(reason));
        return NULL;
    }
    note(request, reason->message);
    layout = layout_new(request, "Service unavailable", "problem.tpl", &body);
    page_set(body, "HEADING", "Service unavailable");
    page_set(page_show(body, "PARAGRAPH"), "TEXT", layout_outage_text(reason));
    page_set(page_show(body, "PARAGRAPH"), "TEXT",
             "Nothing was saved. What you typed is kept: try again in a minute.");
    page_set(page_show(body, "AGAIN"), "PATH", path);
    response = layout_response(503, layout);
    response->retry_after = LAYOUT_RETRY_SECONDS;
    return response;
}

static struct response *run_route(struct request *request, const struct route *route,
                                  GError **error)
{
    enum request_fault fault = read_fields(request, route);
    g_autoptr(GError) reason = NULL;
    bool forged = false;

    if (fault != REQUEST_GOOD)
        return refuse_fault(request, fault);
    if (!identify(request, route, &forged, &reason))
        return put_off(request, route, reason, error);
    if (forged) {
        g_warning("the front's parameters cannot be: two of one name, or a wrong secret");
        return layout_problem(request, 500, "The sign-in could not be trusted",
                              "The web server in front is not set up as it should be. The help "
                              "desk can tell the relay team.",
                              NULL);
    }
    if (route->flags & ROUTE_SIGNED_IN && request->stranger)
        return refuse_stranger(request);
    if (request_has_secret(request))
        return refuse_secret(request, route, error);
    if (route->flags & ROUTE_SIGNED_IN && !request->session)
        return send_to_sign_in(request, route, error);
    if (route->flags & ROUTE_TOKEN && !token_is_good(request))
        return refuse_old_form(request, route, error);
    return run_page(request, route, error);
}

static struct response *answer(struct request *request, enum request_fault fault, GError **error)
{
    const struct route *route;
    g_autofree char *allow = NULL;
    unsigned absent =
        request->portal->config->sign_in.kind == SIGN_IN_DIRECTORY ? 0 : ROUTE_SIGN_IN;

    if (fault != REQUEST_GOOD || request_has_secret(request))
        return refuse_fault(request, fault);
    route = route_find(request, absent, &allow);
    if (!route)
        return refuse_route(request, allow);
    if (is_foreign_post(request))
        return refuse_foreign(request);
    return run_route(request, route, error);
}

/* Told in the log, and to operators on their page; the roots of before do until then. */
static void refresh_roots(struct portal *portal)
{
    g_autoptr(GError) error = NULL;

    if (!trust_refresh(portal->office.trust, &error))
        g_warning("the roots stay as they were: %s", error->message);
}

void portal_answer(struct exchange *exchange, void *data)
{
    struct portal *portal = data;
    enum request_fault fault;
    auto_ptr(request) request = request_new(exchange, portal, &fault);
    g_autoptr(GError) error = NULL;
    auto_ptr(response) response = NULL;

    refresh_roots(portal);
    database_set_deadline(portal->office.database, request->deadline);
    response = answer(request, fault, &error);
    if (!response) {
        note(request, error->message);
        response = layout_outage(request, error);
    }
    note_refusal(request, response->status);
    response_send(response, request);
}
