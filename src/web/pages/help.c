/* SPDX-License-Identifier: MIT
 *
 * GET /help, /help/... and /accessibility: pages that are only words.
 */
#include "service/allowance.h"
#include "service/condition.h"
#include "web/layout.h"
#include "web/pages.h"
#include "web/portal.h"
#include "web/setup.h"

static const struct {
    const char *path;
    const char *title;
    const char *template_name;
} topics[] = {
    {"/help", "Help", "help.tpl"},
    {"/help/sources", "Certificate, hostname or network?", "help-sources.tpl"},
    {"/help/nat", "NAT and load balancers", "help-nat.tpl"},
    {"/help/address", "What is my address?", "help-address.tpl"},
    {"/help/printers", "Printers by the hundred", "help-printers.tpl"},
    {"/help/rates", "How much an application may send", "help-rates.tpl"},
    {"/help/sending-addresses", "Which addresses can be registered", "help-sending-addresses.tpl"},
    {"/help/renewal", "Renewing a certificate", "help-renewal.tpl"},
    {"/help/stolen-keys", "When a key is stolen or lost", "help-stolen-keys.tpl"},
    {"/help/certificates-2026", "What changed for certificates in 2026",
     "help-certificates-2026.tpl"},
    {"/accessibility", "Accessibility statement", "accessibility.tpl"},
};

static void show_locations(struct page *body, const struct config *config)
{
    for (guint i = 0; i < config->locations->len; i++) {
        const struct location *location = g_ptr_array_index(config->locations, i);
        struct page *row = page_show(body, "LOCATION");
        page_set(row, "NAME", location->name);
        page_set_number(row, "LARGEST_IPV4", location->largest_ipv4);
        page_set_number(row, "LARGEST_IPV6", location->largest_ipv6);
    }
}

static void show_types(struct page *body, const struct config *config)
{
    bool each = false;

    for (guint i = 0; i < config->application_types->len; i++) {
        const struct application_type *type = g_ptr_array_index(config->application_types, i);
        struct page *row = page_show(body, "TYPE");
        g_autofree char *rate = allowance_type_words(type);
        page_set(row, "NAME", type->name);
        page_set(row, "RATE", rate);
        each |= type->per_source;
    }
    if (each)
        page_show(body, "EACH_SOURCE");
    if (config->relay.relays > 1)
        page_set_number(page_show(body, "PARTS"), "RELAYS", config->relay.relays);
}

/* What a printer may send, and whether its fellows take it from it. */
static void show_scanner(struct page *body, const struct request *request)
{
    const struct config *config = request->portal->config;
    const struct application_type *type = config_application_type(config, "scanner");
    g_autofree char *rate = type ? allowance_type_words(type) : NULL;
    struct page *part;

    if (!type)
        return;
    part = page_show(body, type->per_source ? "SCANNER_EACH" : "SCANNER_TOGETHER");
    page_set(part, "NAME", type->name);
    page_set(part, "RATE", rate);
    layout_show_help_contact(part, request);
}

struct response *page_help(struct request *request, GError **error G_GNUC_UNUSED)
{
    const struct config *config = request->portal->config;
    g_autofree char *wait = condition_wait(config);
    struct page *body, *layout;
    size_t topic = 0;

    while (!g_str_equal(topics[topic].path, request->path))
        topic++;
    layout = layout_new(request, topics[topic].title, topics[topic].template_name, &body);
    page_set(body, "HEADING", topics[topic].title);
    page_set(body, "SITE", config->site_name);
    layout_show_help_contact(body, request);
    page_set(body, "BASE_URL", config->base_url);
    page_set(body, "RELAY_HOST", config->relay.host);
    page_set_number(body, "RELAY_PORT", config->relay.port);
    page_set(body, "WAIT", wait);
    page_set_number(body, "GRACE_DAYS", config->certificates.grace_days);
    page_set(body, "CLIENT", request->client);
    setup_show_size(body, request);
    show_locations(body, config);
    show_types(body, config);
    show_scanner(body, request);
    return layout_response(200, layout);
}
