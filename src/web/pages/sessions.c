/* SPDX-License-Identifier: MIT
 *
 * /sessions: where somebody is signed in, to end what they do not know; and for the relay
 * team /operator/sessions, of anybody.
 */
#include "base/limits.h"
#include "web/banner.h"
#include "web/layout.h"
#include "web/outcome.h"
#include "web/pages.h"
#include "web/portal.h"

#define MOST_LISTED 500

const struct field operator_sessions_query[] = {
    {"login", FIELD_TEXT, 4 * LIMIT_LOGIN},
    {NULL, FIELD_TEXT, 0},
};

const struct field operator_sessions_form[] = {
    {"csrf_token", FIELD_TEXT, 100},
    {"login", FIELD_TEXT, 4 * LIMIT_LOGIN},
    {NULL, FIELD_TEXT, 0},
};

static struct page *show_row(struct page *table, const struct session_row *found)
{
    struct page *row = page_show(table, "ROW");

    page_set(row, "BROWSER", *found->browser ? found->browser : "Another browser");
    page_set(row, "FROM", found->address);
    page_set(row, "STARTED", found->started);
    page_set(row, "USED", found->used);
    return row;
}

/* The page again, which says first what was done. */
static struct response *go_on(struct request *request, const char *path, const char *message)
{
    g_autoptr(GPtrArray) messages = g_ptr_array_new();

    g_ptr_array_add(messages, (char *)message);
    /* It is done: that the message could not be kept changes nothing. */
    banner_say(request, false, messages, path, NULL);
    return response_redirect(path);
}

/* ---- one's own ----------------------------------------------------------------------------- */

static void show_own(struct page *body, const struct request *request, const GPtrArray *list)
{
    const struct sign_in_settings *settings = &request->portal->config->sign_in;
    g_autofree char *idle = g_strdup_printf("%u", settings->idle_minutes);
    g_autofree char *absolute = g_strdup_printf("%u", settings->absolute_hours);

    page_set(body, "IDLE", idle);
    page_set(body, "ABSOLUTE", absolute);
    for (guint i = 0; i < list->len; i++) {
        const struct session_row *found = g_ptr_array_index(list, i);
        struct page *row = show_row(body, found);
        struct page *button;
        if (g_str_equal(found->id, request->session->id)) {
            page_show(row, "THIS");
            continue;
        }
        button = page_show(row, "END");
        page_set(button, "SESSION", found->id);
        page_set(button, "CSRF_TOKEN", request->session->csrf_token);
    }
    if (list->len > 1)
        page_set(page_show(body, "OTHERS"), "CSRF_TOKEN", request->session->csrf_token);
}

struct response *page_sessions(struct request *request, GError **error)
{
    struct database *database = request->portal->office.database;
    g_autoptr(GPtrArray) list = NULL;
    g_autoptr(GPtrArray) messages = NULL;
    struct page *body, *layout;
    bool welcome;

    if (!sessions_of_person(database, request->session, &request->portal->config->sign_in, &list,
                            error) ||
        !banner_read(request, &welcome, &messages, error))
        return NULL;
    layout = layout_new(request, "Where you are signed in", "sessions.tpl", &body);
    banner_show(body, messages);
    show_own(body, request, list);
    return layout_response(200, layout);
}

struct response *page_session_end(struct request *request, GError **error)
{
    bool ended;

    if (!session_end_own(request->portal->office.database, request->session, request->id, &ended,
                         error))
        return NULL;
    if (!ended)
        return layout_not_found(request);
    g_message("%s ended a session of their own from %s", request->session->login, request->client);
    if (g_str_equal(request->id, request->session->id))
        return response_redirect("/");
    return go_on(request, "/sessions", "That sign-in is ended.");
}

struct response *page_sessions_end_others(struct request *request, GError **error)
{
    if (!sessions_end_person(request->portal->office.database, request->session,
                             request->session->id, error))
        return NULL;
    g_message("%s ended all other sessions of their own from %s", request->session->login,
              request->client);
    return go_on(request, "/sessions", "All your other sign-ins are ended.");
}

/* ---- anybody's ----------------------------------------------------------------------------- */

static void show_all(struct page *body, const struct request *request, const char *login,
                     const GPtrArray *list)
{
    struct page *table = list->len ? page_show(body, "TABLE") : NULL;
    struct page *button;

    if (!table)
        page_show(body, "NONE_FOUND");
    for (guint i = 0; i < list->len; i++) {
        const struct session_row *found = g_ptr_array_index(list, i);
        page_set(show_row(table, found), "LOGIN", found->login);
    }
    if (!table || !*login || request->staff != STAFF_OPERATOR)
        return;
    button = page_show(table, "END");
    page_set(button, "LOGIN", login);
    page_set(button, "CSRF_TOKEN", request->session->csrf_token);
}

/* What was typed as the sessions have it, or as it is when it is no login. */
static char *login_of(const struct request *request, const char *typed)
{
    char *login = directory_plain_login(request->portal->office.directory, typed);

    return login ? login : g_strdup(typed);
}

struct response *page_operator_sessions(struct request *request, GError **error)
{
    static const char *const fields[] = {"login", NULL};
    g_autofree char *login = login_of(request, request_query_text(request, "login"));
    g_autoptr(GPtrArray) list = NULL;
    g_autoptr(GPtrArray) messages = NULL;
    struct page *body, *layout;
    bool welcome;

    if (!sessions_of_login(request->portal->office.database, login,
                           &request->portal->config->sign_in, MOST_LISTED, &list, error) ||
        !banner_read(request, &welcome, &messages, error))
        return NULL;
    layout = layout_new(request, "Who is signed in", "operator-sessions.tpl", &body);
    banner_show(body, messages);
    layout_show_findings(request, body, NULL, fields);
    page_set(body, "SEARCHED", request_query_text(request, "login"));
    show_all(body, request, login, list);
    return layout_response(200, layout);
}

struct response *page_operator_sessions_end(struct request *request, GError **error)
{
    g_autofree char *login = login_of(request, request_text(request, "login"));
    g_autofree char *text = NULL;
    guint ended;

    if (!*login)
        return response_redirect("/operator/sessions");
    if (!sessions_end_login(request->portal->office.database, login, &ended, error))
        return NULL;
    g_message("%u sessions of %s ended by %s from %s", ended, login, request->session->login,
              request->client);
    text = g_strdup_printf("%u sign-in%s of %s ended.", ended, ended == 1 ? "" : "s", login);
    return go_on(request, "/operator/sessions", text);
}
