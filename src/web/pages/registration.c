/* SPDX-License-Identifier: MIT
 *
 * GET /registrations/{id}: one registration.
 */
#include "web/draft.h"
#include "web/layout.h"
#include "web/pages.h"
#include "web/portal.h"
#include "web/setup.h"
#include "web/visible.h"

static char *join(const GPtrArray *texts, const char *separator)
{
    GString *joined = g_string_new(NULL);

    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(joined, "%s%s", i ? separator : "",
                               (const char *)g_ptr_array_index(texts, i));
    return g_string_free(joined, FALSE);
}

static char *day(gint64 at)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(at);

    return g_date_time_format(time, "%-d %B %Y");
}

static void show_certificate(struct page *row, const struct certificate *certificate)
{
    g_autofree char *names = join(certificate->names, ", ");
    g_autofree char *until = day(certificate->not_after);
    g_autofree char *value =
        g_strdup_printf("%s. Issued by %s, good until %s", names, certificate->issuer, until);
    g_autofree char *looked_for = g_strconcat(
        "Its public key (SHA-256 ", certificate->spki_sha256,
        "): a certificate renewed with the same key is recognised as well", NULL);

    page_set(row, "KIND", "TLS certificate");
    page_set(row, "VALUE", value);
    page_set(row, "LOOKED_FOR", looked_for);
}

static void show_network(struct page *row, const struct network *network)
{
    bool single = network->prefix == network_bits(network);
    g_autofree char *value = single ? network_format_address(network) : network_format(network);

    page_set(row, "KIND", single ? "IP address" : "Network");
    page_set(row, "VALUE", value);
    page_set(row, "LOOKED_FOR", single ? "A connection from this address"
                                       : "A connection from an address of this network");
}

static void show_source(struct page *body, const struct source *source)
{
    struct page *row = page_show(body, "SOURCE");

    if (source->kind == SOURCE_CERTIFICATE) {
        show_certificate(row, source->certificate);
    } else if (source->kind == SOURCE_NETWORK) {
        show_network(row, &source->network);
    } else {
        page_set(row, "KIND", "DNS hostname");
        page_set(row, "VALUE", source->hostname);
        page_set(row, "LOOKED_FOR", "A connection from an address that DNS gives for this name");
    }
}

static void show_sources(struct page *body, const struct registration *registration)
{
    for (guint i = 0; i < registration->sources->len; i++)
        show_source(body, g_ptr_array_index(registration->sources, i));
}

static char *location_names(const struct config *config, const struct registration *registration)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; i < registration->locations->len; i++) {
        char *id = g_ptr_array_index(registration->locations, i);
        const struct location *location = location_find(config->locations, id);
        g_ptr_array_add(names, location ? location->name : id);
    }
    return join(names, ", ");
}

static void show_facts(struct page *body, const struct request *request,
                       const struct registration *registration)
{
    const struct config *config = request->portal->config;
    const struct application_type *type =
        config_application_type(config, registration->application_type);
    g_autofree char *locations = location_names(config, registration);
    g_autofree char *owners = join(registration->owners, ", ");
    g_autofree char *created = day(registration->created_at);

    page_set(body, "ID", registration->id);
    page_set(body, "ADDRESS", registration->address);
    page_set(body, "APPLICATION_NAME", registration->application_name);
    page_set(body, "TYPE", type ? type->name : registration->application_type);
    page_set(body, "LOCATIONS", locations);
    page_set(body, "OWNERS", owners);
    page_set(body, "ACCOUNT", registration->account_label);
    page_set(body, "CREATED", created);
    if (*registration->note)
        page_set(page_show(body, "NOTE_ROW"), "NOTE", registration->note);
}

/* The one sentence; where it is about something else, also whether the relay has it. */
static void show_state(struct page *body, const struct request *request,
                       const struct registration *registration)
{
    enum visible_condition condition = visible_condition(registration);
    g_autofree char *state = visible_state(request, registration);
    g_autofree char *on_relay = visible_on_relay(request, registration);

    page_set(body, "STATE", state);
    page_set(body, "CONDITION", visible_condition_name(condition));
    if (condition != CONDITION_ATTENTION)
        return;
    page_show(body, "RENEW");
    page_set(page_show(body, "ON_RELAY_ROW"), "ON_RELAY", on_relay);
}

static void show_messages(struct page *body, const struct request *request,
                          const struct registration *registration, const GPtrArray *messages)
{
    struct page *banner = page_show(body, "REGISTERED");
    g_autofree char *wait = visible_wait(request->portal->config);

    page_set(banner, "ADDRESS", registration->address);
    page_set(banner, "WAIT", wait);
    for (guint i = 0; i < messages->len; i++)
        page_set(page_show(banner, "ADVICE"), "TEXT", g_ptr_array_index(messages, i));
}

struct response *page_registration(struct request *request, GError **error)
{
    auto_ptr(registration) registration = NULL;
    g_autoptr(GPtrArray) messages = NULL;
    struct page *body, *layout;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (!draft_take_messages(request, &messages, error))
        return NULL;
    layout = layout_new(request, registration->address, "registration.tpl", &body);
    if (messages)
        show_messages(body, request, registration, messages);
    show_facts(body, request, registration);
    show_state(body, request, registration);
    show_sources(body, registration);
    setup_show(body, request, registration);
    return layout_response(200, layout);
}
