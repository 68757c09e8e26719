/* SPDX-License-Identifier: MIT
 *
 * GET /registrations: mine, those of groups that I am in, and those of accounts on which
 * I have a role.
 */
#include "adapters/database/registry.h"
#include "base/limits.h"
#include "service/condition.h"
#include "web/banner.h"
#include "web/layout.h"
#include "web/listing.h"
#include "web/outcome.h"
#include "web/pages.h"
#include "web/portal.h"
#include "web/staff.h"

const struct field registrations_query[] = {
    {"q", FIELD_TEXT, LIMIT_ADDRESS},
    {"state", FIELD_TEXT, 20},
    {"sort", FIELD_TEXT, 20},
    {"page", FIELD_TEXT, 10},
    {NULL, FIELD_TEXT, 0},
};

/* The addresses on which the directory gives the person a role; few or none in an outage. */
static GPtrArray *own_addresses(struct request *request, bool *asked)
{
    g_autoptr(GPtrArray) offered = NULL;
    g_autoptr(GError) reason = NULL;
    GPtrArray *addresses = g_ptr_array_new_with_free_func(g_free);
    bool more;

    *asked = directory_list_held(request->portal->office.directory, request->session->login,
                                 request->deadline, &offered, &more, &reason);
    if (!*asked)
        g_message("GET /registrations: %s", reason->message);
    for (guint i = 0; offered && i < offered->len; i++) {
        const struct offered_address *one = g_ptr_array_index(offered, i);
        g_ptr_array_add(addresses, g_strdup(one->address));
    }
    return addresses;
}

/*
 * Of all the groups that own something those that the person is in; none in an outage. Where
 * no group owns anything, the directory is not asked.
 */
static bool own_groups(struct request *request, bool *asked, GPtrArray **all, GPtrArray **groups,
                       GError **error)
{
    const struct office *office = &request->portal->office;
    g_autoptr(GError) reason = NULL;

    *groups = NULL;
    if (!registry_groups(office->database, all, error))
        return false;
    if (!*asked || (*all)->len == 0)
        return true;
    *asked = directory_member_of(office->directory, request->session->login, *all,
                                 request->deadline, groups, &reason);
    if (!*asked)
        g_message("GET /registrations: %s", reason->message);
    return true;
}

/* ---- which, in what order ---- */

/* The states that one can ask for, in the words of the choice. */
static const struct {
    enum condition condition;
    const char *words;
} conditions[] = {
    {CONDITION_LEFT_OUT, "Not on the relay"},
    {CONDITION_ATTENTION, "Needs attention"},
    {CONDITION_WAITING, "Waiting for the next export"},
    {CONDITION_ON_RELAY, "On the relay"},
    {CONDITION_SUSPENDED, "Suspended"},
};

static int by_name(gconstpointer a, gconstpointer b)
{
    const struct registration *one = *(struct registration *const *)a;
    const struct registration *other = *(struct registration *const *)b;

    return listing_compare(one->application_name, other->application_name);
}

static int by_state(gconstpointer a, gconstpointer b)
{
    const struct registration *one = *(struct registration *const *)a;
    const struct registration *other = *(struct registration *const *)b;

    return (int)condition_of(one) - (int)condition_of(other);
}

static int by_age(gconstpointer a, gconstpointer b)
{
    const struct registration *one = *(struct registration *const *)a;
    const struct registration *other = *(struct registration *const *)b;

    return (other->created_at > one->created_at) - (other->created_at < one->created_at);
}

/* The list comes sorted by address, and the sort is stable. */
static const struct {
    const char *id;
    const char *words;
    GCompareFunc compare;
} orders[] = {
    {"address", "Sending address", NULL},
    {"name", "Application", by_name},
    {"state", "State, urgent first", by_state},
    {"newest", "Newest first", by_age},
};

static bool is_wanted(const struct request *request, const struct registration *registration)
{
    const char *searched = request_query_text(request, "q");
    const char *state = request_query_text(request, "state");

    if (*state && !g_str_equal(state, condition_name(condition_of(registration))))
        return false;
    return listing_has(registration->address, searched) ||
           listing_has(registration->application_name, searched);
}

/* What of the list was asked for; it stays the owner of what is in it. */
static GPtrArray *choose(const struct request *request, const GPtrArray *list)
{
    GPtrArray *chosen = g_ptr_array_new();

    for (guint i = 0; i < list->len; i++)
        if (is_wanted(request, g_ptr_array_index(list, i)))
            g_ptr_array_add(chosen, g_ptr_array_index(list, i));
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++)
        if (orders[i].compare && g_str_equal(request_query_text(request, "sort"), orders[i].id))
            g_ptr_array_sort(chosen, orders[i].compare);
    return chosen;
}

/* ---- showing it ---- */

static void show_choice(struct page *form, const char *section, const char *id, const char *words,
                        const char *chosen)
{
    struct page *option = page_show(form, section);

    page_set(option, "ID", id);
    page_set(option, "WORDS", words);
    if (g_str_equal(id, chosen))
        page_show(option, "CHOSEN");
}

static void show_filter(struct page *body, const struct request *request)
{
    const char *state = request_query_text(request, "state");
    const char *sort = request_query_text(request, "sort");
    struct page *form = page_show(body, "FILTER");

    page_set(body, "SEARCHED", request_query_text(request, "q"));
    page_set(body, "WANTED_STATE", state);
    page_set(body, "WANTED_ORDER", sort);
    show_choice(form, "STATE_OPTION", "", "All", state);
    for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++)
        show_choice(form, "STATE_OPTION", condition_name(conditions[i].condition),
                    conditions[i].words, state);
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++)
        show_choice(form, "ORDER_OPTION", orders[i].id, orders[i].words, sort);
}

static void show_row(struct page *table, const struct request *request,
                     const struct registration *registration)
{
    struct page *row = page_show(table, "ROW");
    g_autofree char *state = condition_sentence(request->portal->config, registration);

    page_set(row, "ID", registration->id);
    page_set(row, "ADDRESS", registration->address);
    page_set(row, "APPLICATION_NAME", registration->application_name);
    page_set(row, "STATE", state);
    page_set(row, "CONDITION", condition_name(condition_of(registration)));
}

static void show_list(struct page *body, const struct request *request, const GPtrArray *list)
{
    g_autoptr(GPtrArray) chosen = choose(request, list);
    struct page *table;
    guint first, end;

    show_filter(body, request);
    listing_range(request_query_text(request, "page"), chosen->len, &first, &end);
    if (chosen->len == 0) {
        page_show(body, "NONE_FOUND");
        return;
    }
    table = page_show(body, "TABLE");
    for (guint i = first; i < end; i++)
        show_row(table, request, g_ptr_array_index(chosen, i));
    listing_show_pages(body, first, end, chosen->len);
}

struct response *page_registrations(struct request *request, GError **error)
{
    bool asked, welcome;
    g_autoptr(GPtrArray) addresses = own_addresses(request, &asked);
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GPtrArray) groups = NULL;
    g_autoptr(GPtrArray) messages = NULL;
    g_autoptr(GPtrArray) list = NULL;
    const struct actor person = outcome_actor(request);
    struct page *body, *layout;

    /* Here one lands after signing in: only a link depends on it, so an outage matters not. */
    if (asked)
        staff_find(request, NULL);
    if (!own_groups(request, &asked, &all, &groups, error) ||
        !registry_list(request->portal->office.database, &person, groups, addresses, &list,
                       error) ||
        !banner_read(request, &welcome, &messages, error))
        return NULL;
    layout = layout_new(request, "Your registrations", "registrations.tpl", &body);
    banner_show(body, messages);
    if (!asked)
        page_show(body, "DIRECTORY_DOWN");
    if (list->len == 0)
        page_show(body, "EMPTY");
    else
        show_list(body, request, list);
    return layout_response(200, layout);
}
