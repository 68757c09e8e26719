/* SPDX-License-Identifier: MIT
 *
 * What follows a change.
 */
#include "web/outcome.h"

#include "web/banner.h"
#include "web/layout.h"
#include "web/pages.h"

/* Forms that are only a button, and those that ask why. */
const struct field button_form[] = {
    {"csrf_token", FIELD_TEXT, 100},
    {NULL, FIELD_TEXT, 0},
};

const struct field reason_form[] = {
    {"csrf_token", FIELD_TEXT, 100},
    {"reason", FIELD_TEXT, 10000},
    {NULL, FIELD_TEXT, 0},
};

struct actor outcome_actor(const struct request *request)
{
    return (struct actor){request->session->login, request->session->person_id, request->client,
                          request->session->id};
}

struct response *outcome_go(struct request *request, const char *path, const char *what)
{
    if (what)
        g_message("registration %s: %s, by %s from %s", request->id, what, request->session->login,
                  request->client);
    return response_redirect(path);
}

struct response *outcome_done(struct request *request, const char *done,
                              const struct findings *findings)
{
    g_autofree char *path = g_strconcat("/registrations/", request->id, NULL);
    g_autoptr(GPtrArray) messages = g_ptr_array_new();

    if (done)
        g_ptr_array_add(messages, (char *)done);
    for (size_t i = 0; i < findings_count(findings); i++)
        g_ptr_array_add(messages, findings_at(findings, i)->text);
    /* The change is stored: that the message could not be kept changes nothing. */
    if (messages->len > 0)
        banner_say(request, false, messages, path, NULL);
    return outcome_go(request, path, done);
}

struct response *outcome_refuse(struct page *layout, struct page *summary,
                                const struct findings *findings)
{
    bool refused = findings_verdict(findings) == VERDICT_REFUSE;
    struct response *response;

    if (!refused)
        page_set(page_show(summary, "PARAGRAPH"), "TEXT",
                 "Nothing was saved. Everything that you typed is still here: try again in a "
                 "minute.");
    response = layout_response(refused ? 422 : 503, layout);
    response->retry_after = refused ? 0 : 30;
    return response;
}

char *outcome_title(const struct findings *findings, const char *title)
{
    return findings_verdict(findings) == VERDICT_ACCEPT ? g_strdup(title)
                                                        : g_strconcat("Error: ", title, NULL);
}
