/* SPDX-License-Identifier: MIT
 *
 * GET /addresses: the sending addresses that I may register, to choose from.
 */
#include "adapters/database/registry.h"
#include "base/limits.h"
#include "web/layout.h"
#include "web/listing.h"
#include "web/outcome.h"
#include "web/pages.h"
#include "web/portal.h"

const struct field addresses_query[] = {
    {"q", FIELD_TEXT, LIMIT_ADDRESS},
    {"page", FIELD_TEXT, 10},
    {NULL, FIELD_TEXT, 0},
};

/* What of the offered was searched for; they stay the owner's. */
static GPtrArray *choose(const struct request *request, const GPtrArray *offered)
{
    const char *searched = request_query_text(request, "q");
    GPtrArray *chosen = g_ptr_array_new();

    for (guint i = 0; i < offered->len; i++) {
        struct offered_address *one = g_ptr_array_index(offered, i);
        if (listing_has(one->address, searched) || listing_has(one->label, searched))
            g_ptr_array_add(chosen, one);
    }
    return chosen;
}

/* address -> id of its registration, for those that have one; the list owns the texts. */
static GHashTable *registered(const GPtrArray *list)
{
    GHashTable *ids = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < list->len; i++) {
        const struct registration *registration = g_ptr_array_index(list, i);
        g_hash_table_insert(ids, registration->address, registration->id);
    }
    return ids;
}

static void show_row(struct page *table, const struct offered_address *one, const char *id)
{
    struct page *row = page_show(table, "ROW");

    page_set(row, "ADDRESS", one->address);
    page_set(row, "LABEL", one->label);
    if (id)
        page_set(page_show(row, "TAKEN"), "ID", id);
    else
        page_show(row, "FREE");
}

static void show_list(struct page *body, const struct request *request, const GPtrArray *offered,
                      GHashTable *ids)
{
    g_autoptr(GPtrArray) chosen = choose(request, offered);
    struct page *table = chosen->len ? page_show(body, "TABLE") : NULL;
    guint first, end;

    page_set(body, "SEARCHED", request_query_text(request, "q"));
    page_show(body, "FILTER");
    if (!table)
        page_show(body, "NONE_FOUND");
    listing_range(request_query_text(request, "page"), chosen->len, &first, &end);
    for (guint i = first; i < end; i++) {
        const struct offered_address *one = g_ptr_array_index(chosen, i);
        show_row(table, one, g_hash_table_lookup(ids, one->address));
    }
    listing_show_pages(body, first, end, chosen->len);
}

static GPtrArray *texts_of(const GPtrArray *offered)
{
    GPtrArray *texts = g_ptr_array_new();

    for (guint i = 0; i < offered->len; i++)
        g_ptr_array_add(texts, ((struct offered_address *)g_ptr_array_index(offered, i))->address);
    return texts;
}

struct response *page_addresses(struct request *request, GError **error)
{
    const struct office *office = &request->portal->office;
    g_autoptr(GPtrArray) offered = NULL, texts = NULL, list = NULL;
    g_autoptr(GHashTable) ids = NULL;
    const struct actor person = outcome_actor(request);
    struct page *body, *layout;
    bool more;

    if (!directory_list_addresses(office->directory, request->session->login, request->deadline,
                                  &offered, &more, error))
        return NULL;
    texts = texts_of(offered);
    if (!registry_list(office->database, &person, NULL, texts, &list, error))
        return NULL;
    ids = registered(list);
    layout = layout_new(request, "Your sending addresses", "addresses.tpl", &body);
    if (more)
        page_show(body, "MORE");
    if (offered_unjudged(offered))
        page_show(body, "UNJUDGED");
    if (offered->len)
        show_list(body, request, offered, ids);
    else
        page_show(body, "EMPTY");
    return layout_response(200, layout);
}
