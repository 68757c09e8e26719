/* SPDX-License-Identifier: MIT
 *
 * GET /: what the service is, and what one needs before one starts.
 */
#include "service/condition.h"
#include "web/layout.h"
#include "web/pages.h"
#include "web/portal.h"

/* "a", "a or b", "a, b or c": what stands before the item. */
static const char *separator(guint index, guint count)
{
    if (index == 0)
        return "";
    return index + 1 == count ? " or " : ", ";
}

static void show_types(struct page *body, const struct config *config)
{
    for (guint i = 0; i < config->application_types->len; i++) {
        const struct application_type *type = g_ptr_array_index(config->application_types, i);
        struct page *item = page_show(body, "TYPE");
        page_set(item, "SEPARATOR", separator(i, config->application_types->len));
        page_set(item, "NAME", type->name);
    }
}

static void show_locations(struct page *body, const struct config *config)
{
    for (guint i = 0; i < config->locations->len; i++) {
        const struct location *location = g_ptr_array_index(config->locations, i);
        struct page *item = page_show(body, "LOCATION");
        page_set(item, "SEPARATOR", separator(i, config->locations->len));
        page_set(item, "NAME", location->name);
    }
}

struct response *page_start(struct request *request, GError **error G_GNUC_UNUSED)
{
    const struct config *config = request->portal->config;
    g_autofree char *wait = condition_wait(config);
    struct page *body;
    struct page *layout = layout_new(request, "Start", "start.tpl", &body);

    page_set(body, "SITE", config->site_name);
    page_set(body, "RELAY", config->relay.host);
    page_set(body, "BASE_URL", config->base_url);
    page_set(body, "WAIT", wait);
    show_types(body, config);
    show_locations(body, config);
    return layout_response(200, layout);
}
