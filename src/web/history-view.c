/* SPDX-License-Identifier: MIT
 *
 * A history on a page.
 */
#include "web/history-view.h"

#include "service/history.h"

static void show_value(struct page *part, const struct history_value *value)
{
    struct page *row = page_show(part, "VALUE");

    page_set(row, "NAME", value->name);
    page_set(row, "AFTER", value->after);
    if (value->before)
        page_set(page_show(row, "WAS"), "BEFORE", value->before);
}

static void show_entry(struct page *body, const struct config *config,
                       const struct history_entry *entry)
{
    struct page *part = page_show(body, "ENTRY");
    g_autofree char *action = history_action(entry);
    g_autoptr(GPtrArray) values = history_values(config, entry);

    page_set(part, "ACTION", action);
    page_set(part, "LOGIN", entry->login);
    page_set(part, "AT", entry->at);
    if (*entry->address)
        page_set(page_show(part, "FROM"), "CLIENT", entry->address);
    if (*entry->reason)
        page_set(page_show(part, "WHY"), "REASON", entry->reason);
    for (guint i = 0; i < values->len; i++)
        show_value(part, g_ptr_array_index(values, i));
}

void history_view_show(struct page *body, const struct config *config, const GPtrArray *entries)
{
    struct page *history = page_include(body, "HISTORY", "history-entries.tpl");

    for (guint i = 0; i < entries->len; i++)
        show_entry(history, config, g_ptr_array_index(entries, i));
}
