/* SPDX-License-Identifier: MIT
 *
 * GET /registrations: mine, and those of accounts on which I have a role.
 */
#include "adapters/database/registry.h"
#include "web/layout.h"
#include "web/pages.h"
#include "web/portal.h"
#include "web/visible.h"

/* The addresses on which the directory gives the person a role; few or none in an outage. */
static GPtrArray *own_addresses(struct request *request, bool *asked)
{
    g_autoptr(GPtrArray) offered = NULL;
    g_autoptr(GError) reason = NULL;
    GPtrArray *addresses = g_ptr_array_new_with_free_func(g_free);
    bool more;

    *asked = directory_list_addresses(request->portal->office.directory, request->session->login,
                                      request->deadline, &offered, &more, &reason);
    if (!*asked)
        g_message("GET /registrations: %s", reason->message);
    for (guint i = 0; offered && i < offered->len; i++) {
        const struct offered_address *one = g_ptr_array_index(offered, i);
        g_ptr_array_add(addresses, g_strdup(one->address));
    }
    return addresses;
}

static void show_row(struct page *table, const struct request *request,
                     const struct registration *registration)
{
    struct page *row = page_show(table, "ROW");
    g_autofree char *state = visible_state(request, registration);

    page_set(row, "ID", registration->id);
    page_set(row, "ADDRESS", registration->address);
    page_set(row, "APPLICATION_NAME", registration->application_name);
    page_set(row, "STATE", state);
}

struct response *page_registrations(struct request *request, GError **error)
{
    bool asked;
    g_autoptr(GPtrArray) addresses = own_addresses(request, &asked);
    g_autoptr(GPtrArray) list = NULL;
    struct page *body, *layout;

    if (!registry_list(request->portal->office.database, request->session->login, addresses, &list,
                       error))
        return NULL;
    layout = layout_new(request, "Your registrations", "registrations.tpl", &body);
    if (!asked)
        page_show(body, "DIRECTORY_DOWN");
    if (list->len == 0)
        page_show(body, "EMPTY");
    struct page *table = list->len ? page_show(body, "TABLE") : NULL;
    for (guint i = 0; i < list->len; i++)
        show_row(table, request, g_ptr_array_index(list, i));
    return layout_response(200, layout);
}
