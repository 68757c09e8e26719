/* SPDX-License-Identifier: MIT
 *
 * GET /registrations/{id}/history, and the same for staff: who changed what, when, from
 * where, why.
 */
#include "service/csv.h"
#include "web/history-view.h"
#include "web/layout.h"
#include "web/pages.h"
#include "web/portal.h"
#include "web/visible.h"

const struct field history_query[] = {
    {"format", FIELD_TEXT, 10},
    {NULL, FIELD_TEXT, 0},
};

/* pages: the path of all registrations, below which this one's page is. */
static struct response *answer(struct request *request, const struct registration *registration,
                               const char *pages, GError **error)
{
    g_autoptr(GPtrArray) entries = NULL;
    g_autofree char *path = NULL;
    struct page *body, *layout;

    if (!registration)
        return layout_not_found(request);
    if (!registry_history(request->portal->office.database, registration->id, &entries, error))
        return NULL;
    if (g_str_equal(request_query_text(request, "format"), "csv"))
        return response_csv("history.csv", csv_of_history(entries));
    layout = layout_new(request, "History", "history.tpl", &body);
    path = g_strdup_printf("%s/%s", pages, registration->id);
    page_set(body, "PATH", path);
    page_set(body, "ADDRESS", registration->address);
    history_view_show(body, request->portal->config, entries);
    return layout_response(200, layout);
}

struct response *page_history(struct request *request, GError **error)
{
    auto_ptr(registration) registration = NULL;

    if (!visible_registration(request, &registration, error))
        return NULL;
    return answer(request, registration, "/registrations", error);
}

struct response *page_operator_history(struct request *request, GError **error)
{
    auto_ptr(registration) registration = NULL;

    if (!registry_find(request->portal->office.database, request->id, &registration, error))
        return NULL;
    return answer(request, registration, "/operator/registrations", error);
}
