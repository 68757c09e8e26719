/* SPDX-License-Identifier: MIT
 *
 * GET /operator/registrations: all of them, or those that a search finds; as a page or
 * as a file.
 */
#include "adapters/database/search.h"
#include "service/csv.h"
#include "web/layout.h"
#include "web/listing.h"
#include "web/pages.h"
#include "web/portal.h"

const struct field operator_search_query[] = {
    {"q", FIELD_TEXT, 1000},    {"list", FIELD_TEXT, 20}, {"page", FIELD_TEXT, 10},
    {"format", FIELD_TEXT, 10}, {NULL, FIELD_TEXT, 0},
};

static void show_row(struct page *table, const struct search_row *found)
{
    struct page *row = page_show(table, "ROW");

    page_set(row, "ID", found->id);
    page_set(row, "ADDRESS", found->address);
    page_set(row, "APPLICATION_NAME", found->application_name);
    page_set(row, "STATE", found->state);
    page_set(row, "OWNERS", found->owners);
    page_set(row, "SOURCE_LIST", found->sources);
}

/* The list that was asked for; "" when it is none. */
static const char *chosen_list(const struct request *request)
{
    const char *asked = request_query_text(request, "list");

    for (size_t i = 0; search_lists[i][0]; i++)
        if (g_str_equal(search_lists[i][0], asked))
            return search_lists[i][0];
    return "";
}

static void show_lists(struct page *body, const char *chosen)
{
    page_set(body, "CHOSEN_LIST", chosen);
    for (size_t i = 0; search_lists[i][0]; i++) {
        struct page *option = page_show(body, "LIST");
        page_set(option, "NAME", search_lists[i][0]);
        page_set(option, "WORDS", search_lists[i][1]);
        if (g_str_equal(search_lists[i][0], chosen))
            page_show(option, "CHOSEN");
    }
}

struct response *page_operator_search(struct request *request, GError **error)
{
    const char *searched = request_query_text(request, "q");
    const char *list = chosen_list(request);
    g_autoptr(GPtrArray) found = NULL;
    struct page *body, *layout, *table;
    guint first, end;

    if (!search_registrations(request->portal->office.database, searched, list, 0, &found, error))
        return NULL;
    if (g_str_equal(request_query_text(request, "format"), "csv"))
        return response_csv("registrations.csv", csv_of_registrations(found));
    layout = layout_new(request, "Registrations", "operator-search.tpl", &body);
    page_set(body, "SEARCHED", searched);
    show_lists(body, list);
    if (found->len == 0)
        page_show(body, "NONE_FOUND");
    listing_range(request_query_text(request, "page"), found->len, &first, &end);
    table = found->len ? page_show(body, "TABLE") : NULL;
    for (guint i = first; i < end; i++)
        show_row(table, g_ptr_array_index(found, i));
    listing_show_pages(body, first, end, found->len);
    return layout_response(200, layout);
}
