/* SPDX-License-Identifier: MIT
 *
 * What several pages show of one registration.
 */
#include "web/registration-view.h"

#include "adapters/database/search.h"
#include "service/allowance.h"
#include "service/condition.h"
#include "service/sources.h"
#include "web/portal.h"

static char *join(const GPtrArray *texts, const char *separator)
{
    GString *joined = g_string_new(NULL);

    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(joined, "%s%s", i ? separator : "",
                               (const char *)g_ptr_array_index(texts, i));
    return g_string_free(joined, FALSE);
}

/* ---- facts ----------------------------------------------------------------------------- */

char *registration_view_locations(const struct config *config,
                                  const struct registration *registration)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; i < registration->locations->len; i++) {
        char *id = g_ptr_array_index(registration->locations, i);
        const struct location *location = location_find(config->locations, id);
        g_ptr_array_add(names, location ? location->name : id);
    }
    return join(names, ", ");
}

/* What is used of it is the relay's to say, and it knows only what is live. */
static void show_rate(struct page *facts, const struct config *config,
                      const struct registration *registration, const struct usage *usage)
{
    g_autofree char *rate = allowance_words(config, registration);
    g_autofree char *origin = allowance_origin(registration, usage);
    g_autofree char *use = allowance_use(config, registration, usage);

    page_set(facts, "RATE", rate);
    if (registration->recipients_per_hour)
        page_set(page_show(facts, "OWN_RATE"), "ORIGIN", origin);
    if (registration->state == REGISTRATION_LIVE)
        page_set(page_show(facts, "USE_ROW"), "USED", use);
}

void registration_view_facts(struct page *body, const struct request *request,
                             const struct registration *registration, const struct usage *usage)
{
    const struct config *config = request->portal->config;
    const struct application_type *type =
        config_application_type(config, registration->application_type);
    g_autofree char *locations = registration_view_locations(config, registration);
    g_autofree char *owners = registration_owners_text(registration, ", ");
    g_autofree char *created = condition_day(registration->created_at);
    g_autofree char *confirmed = condition_day(registration->confirmed_at);
    struct page *facts = page_include(body, "FACTS", "facts.tpl");

    page_set(facts, "TYPE", type ? type->name : registration->application_type);
    show_rate(facts, config, registration, usage);
    page_set(facts, "LOCATIONS", locations);
    page_set(facts, "OWNERS", owners);
    page_set(facts, "ACCOUNT", registration->account_label);
    page_set(facts, "CREATED", created);
    if (!g_str_equal(created, confirmed))
        page_set(page_show(facts, "CONFIRMED_ROW"), "CONFIRMED", confirmed);
    if (*registration->note)
        page_set(page_show(facts, "NOTE_ROW"), "NOTE", registration->note);
}

/* ---- sources --------------------------------------------------------------------------- */

static void show_certificate(struct page *row, const struct certificate *certificate)
{
    g_autofree char *names = join(certificate->names, ", ");
    g_autofree char *until = condition_day(certificate->not_after);
    bool ended = g_get_real_time() / G_USEC_PER_SEC > certificate->not_after;
    g_autofree char *value = g_strdup_printf("%s. Issued by %s, %s %s", names, certificate->issuer,
                                             ended ? "expired on" : "good until", until);
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

static struct page *show_source(struct page *table, const struct source *source)
{
    struct page *row = page_show(table, "SOURCE");

    if (source->kind == SOURCE_CERTIFICATE) {
        show_certificate(row, source->certificate);
    } else if (source->kind == SOURCE_NETWORK) {
        show_network(row, &source->network);
    } else {
        page_set(row, "KIND", "DNS hostname");
        page_set(row, "VALUE", source->hostname);
        page_set(row, "LOOKED_FOR", "A connection from an address that DNS gives for this name");
    }
    return row;
}

static void show_added(struct page *row, const struct source *source)
{
    g_autofree char *day = condition_day(source->added_at);

    page_set(row, "ADDED", day);
}

/* Nothing is said where no relay tells. */
static void show_use(struct page *row, const struct source *source)
{
    g_autofree char *day = NULL, *used = NULL;

    if (source->last_used < 0)
        return;
    day = source->last_used ? condition_day(source->last_used) : NULL;
    used = day ? g_strdup_printf("Last used on %s", day) : g_strdup("Not used so far");
    page_set(page_show(row, "USE"), "USED", used);
}

static void show_buttons(struct page *row, const struct source *source, bool only)
{
    struct page *buttons = page_show(row, "BUTTONS");
    g_autofree char *described = sources_describe(source);

    page_set(row, "SOURCE_ID", source->id);
    page_set(row, "DESCRIBED", described);
    if (source->kind == SOURCE_CERTIFICATE)
        page_show(buttons, "RENEW");
    if (!only)
        page_show(buttons, "REMOVE");
}

static void show_shared(struct page *row, const struct source *source, enum sources_view view,
                        const GPtrArray *shared)
{
    bool told = false;

    for (guint i = 0; i < shared->len; i++) {
        const struct shared_source *one = g_ptr_array_index(shared, i);
        if (!g_str_equal(one->source, source->id))
            continue;
        if (view != SOURCES_STAFF && !told)
            page_show(row, "SHARED");
        told = true;
        if (view != SOURCES_STAFF)
            continue;
        struct page *other = page_show(row, "SHARED_WITH");
        page_set(other, "OTHER_ID", one->other);
        page_set(other, "OTHER_ADDRESS", one->other_address);
        page_set(other, "OTHER_SOURCE", one->other_source);
    }
}

static bool has_certificate(const struct registration *registration)
{
    for (guint i = 0; i < registration->sources->len; i++)
        if (((const struct source *)g_ptr_array_index(registration->sources, i))->kind ==
            SOURCE_CERTIFICATE)
            return true;
    return false;
}

static void show_stolen(struct page *table, const struct registration *registration)
{
    struct page *part = page_show(table, "STOLEN");

    if (registration->sources->len == 1)
        page_show(part, "ONLY");
}

void registration_view_sources(struct page *body, const struct request *request,
                               const struct registration *registration, enum sources_view view,
                               const GPtrArray *shared)
{
    struct page *table = page_include(body, "SOURCES", "sources-table.tpl");

    page_set(table, "ID", registration->id);
    page_set(table, "CSRF_TOKEN", request->session->csrf_token);
    if (view == SOURCES_CHANGE)
        page_show(table, "BUTTON_COLUMN");
    if (view == SOURCES_CHANGE && has_certificate(registration))
        show_stolen(table, registration);
    for (guint i = 0; i < registration->sources->len; i++) {
        const struct source *source = g_ptr_array_index(registration->sources, i);
        struct page *row = show_source(table, source);
        show_added(row, source);
        show_use(row, source);
        if (source->left_out && registration->on_relay_since)
            page_set(page_show(row, "LEFT_OUT"), "WHY", source->left_out);
        if (view == SOURCES_CHANGE)
            show_buttons(row, source, registration->sources->len == 1);
        if (shared)
            show_shared(row, source, view, shared);
    }
}

/* ---- owners ---------------------------------------------------------------------------- */

void registration_view_owners(struct page *body, const struct request *request,
                              const struct registration *registration)
{
    struct page *table = page_include(body, "OWNER_TABLE", "owners-table.tpl");

    page_set(table, "ID", registration->id);
    page_set(table, "CSRF_TOKEN", request->session->csrf_token);
    for (guint i = 0; i < registration->owners->len; i++) {
        const struct owner *owner = g_ptr_array_index(registration->owners, i);
        struct page *row = page_show(table, "OWNER");
        page_set(row, "LOGIN", owner_name(owner->written));
        if (owner_is_group(owner->written))
            page_show(row, "GROUP");
        if (owner_is_person(owner, request->session->login, request->session->person_id))
            page_show(row, "YOU");
        if (registration->owners->len > 1)
            page_show(row, "REMOVE");
    }
}
