/* SPDX-License-Identifier: MIT
 *
 * Parts of forms.
 */
#include "web/form-view.h"

#include "service/allowance.h"
#include "web/certificate-view.h"
#include "web/layout.h"
#include "web/portal.h"

#include <sys/socket.h>

/* Error summaries link to a group's first choice, so that has the field's own name as id. */
static char *choice_id(const char *field, const char *value, guint index)
{
    return index == 0 ? g_strdup(field) : g_strconcat(field, "-", value, NULL);
}

static void show_types(struct page *body, const struct request *request)
{
    const GPtrArray *types = request->portal->config->application_types;

    for (guint i = 0; i < types->len; i++) {
        const struct application_type *type = g_ptr_array_index(types, i);
        struct page *choice = page_show(body, "TYPE");
        g_autofree char *id = choice_id("application_type", type->id, i);
        g_autofree char *rate = allowance_type_words(type);
        page_set(choice, "FIELD_ID", id);
        page_set(choice, "ID", type->id);
        page_set(choice, "NAME", type->name);
        page_set(choice, "TEXT", type->text);
        page_set(choice, "RATE", rate);
        if (g_str_equal(type->id, request_text(request, "application_type")))
            page_show(choice, "CHECKED");
    }
}

static void show_locations(struct page *body, const struct request *request)
{
    const GPtrArray *locations = request->portal->config->locations;
    g_autofree char **chosen = request_texts(request, "location");

    for (guint i = 0; i < locations->len; i++) {
        const struct location *location = g_ptr_array_index(locations, i);
        struct page *choice = page_show(body, "LOCATION");
        g_autofree char *id = choice_id("location", location->id, i);
        page_set(choice, "FIELD_ID", id);
        page_set(choice, "ID", location->id);
        page_set(choice, "NAME", location->name);
        if (g_strv_contains((const char *const *)chosen, location->id))
            page_show(choice, "CHECKED");
    }
}

static void show_method(struct page *body, const struct request *request)
{
    enum source_kind kind;
    g_autofree char *marker = NULL;
    g_autofree char *upper = NULL;

    if (!source_kind_parse(request_text(request, "method"), &kind))
        return;
    marker = g_strconcat("METHOD_", source_kind_name(kind), NULL);
    upper = g_ascii_strup(marker, -1);
    page_show(body, upper);
}

/* An example that would be accepted: the first network's first address. */
static void show_example(struct page *body, const struct config *config)
{
    const struct location *location = g_ptr_array_index(config->locations, 0);
    struct network network = g_array_index(location->networks, struct network, 0);
    g_autofree char *text = NULL;

    network.prefix = network.family == AF_INET ? MAX(network.prefix, location->largest_ipv4)
                                               : MAX(network.prefix, location->largest_ipv6);
    text = network_format(&network);
    page_set(body, "NETWORK_EXAMPLE", text);
}

void form_view_application(struct page *body, const struct request *request,
                           const struct findings *findings)
{
    static const char *const fields[] = {"application_name", "application_type", "location", NULL};
    struct page *part = page_include(body, "APPLICATION_FIELDS", "application-fields.tpl");

    page_set(part, "APPLICATION_NAME", request_text(request, "application_name"));
    show_types(part, request);
    show_locations(part, request);
    layout_show_findings(request, part, findings, fields);
}

void form_view_source(struct page *body, const struct request *request,
                      const struct findings *findings)
{
    static const char *const fields[] = {"method", "certificate", "hostnames", "networks", NULL};
    struct page *part = page_include(body, "SOURCE_FIELDS", "source-fields.tpl");

    page_set(part, "BASE_URL", request->portal->config->base_url);
    page_set(part, "HOSTNAMES", request_text(request, "hostnames"));
    page_set(part, "NETWORKS", request_text(request, "networks"));
    show_method(part, request);
    certificate_view_show(part, request);
    show_example(part, request->portal->config);
    layout_show_findings(request, part, findings, fields);
}
