/* SPDX-License-Identifier: MIT
 *
 * A history on a page and as a file.
 */
#include "web/history-view.h"

#include "adapters/database/registry.h"
#include "web/csv.h"

#include <json-glib/json-glib.h>

/* The values that the history keeps, in the words of the form. */
static const char *const values[][2] = {
    {"address", "Sending address"},
    {"application_name", "Name of the application"},
    {"application_type", "Type"},
    {"state", "State"},
    {"suspended_by_operator", "Suspended by the relay team"},
    {"confirmed_at", "Confirmed"},
    {"account", "Account in the directory"},
    {"locations", "Locations"},
    {"sources", "Sources"},
    {"owners", "Owners"},
    {"note", "Note"},
};

static JsonObject *object_of(JsonNode *node)
{
    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

/* A time of day in words; any other text as it is. Caller frees. */
static char *text_in_words(const char *name, const char *text)
{
    g_autoptr(GDateTime) time =
        g_str_equal(name, "confirmed_at") ? g_date_time_new_from_iso8601(text, NULL) : NULL;

    return time ? g_date_time_format(time, "%-d %B %Y at %H:%M:%S UTC") : g_strdup(text);
}

static char *scalar_text(const char *name, JsonNode *node)
{
    if (json_node_get_value_type(node) == G_TYPE_BOOLEAN)
        return g_strdup(json_node_get_boolean(node) ? "yes" : "no");
    return text_in_words(name, json_node_get_string(node));
}

/* A member as text; the members of a list joined by commas. Caller frees. */
static char *value_text(JsonObject *object, const char *name)
{
    JsonNode *node = object ? json_object_get_member(object, name) : NULL;
    GString *text;
    JsonArray *array;

    if (node && JSON_NODE_HOLDS_VALUE(node))
        return scalar_text(name, node);
    text = g_string_new(NULL);
    array = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
    for (guint i = 0; array && i < json_array_get_length(array); i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "",
                               json_array_get_string_element(array, i));
    return g_string_free(text, FALSE);
}

/* Of a creation every value but what it is not, of a change those that it changed. */
static void show_value(struct page *part, JsonObject *before, JsonObject *after, size_t which)
{
    g_autofree char *was = value_text(before, values[which][0]);
    g_autofree char *is = value_text(after, values[which][0]);
    struct page *row;

    if (g_str_equal(was, is) || (!before && g_str_equal(is, "no")))
        return;
    row = page_show(part, "VALUE");
    page_set(row, "NAME", values[which][1]);
    page_set(row, "AFTER", is);
    if (before)
        page_set(page_show(row, "WAS"), "BEFORE", was);
}

static void show_entry(struct page *body, const struct history_entry *entry)
{
    struct page *part = page_show(body, "ENTRY");
    g_autoptr(JsonNode) before = *entry->before ? json_from_string(entry->before, NULL) : NULL;
    g_autoptr(JsonNode) after = *entry->after ? json_from_string(entry->after, NULL) : NULL;
    g_autofree char *action = g_strdup(entry->action);

    *action = g_ascii_toupper(*action);
    page_set(part, "ACTION", action);
    page_set(part, "LOGIN", entry->login);
    page_set(part, "AT", entry->at);
    if (*entry->address)
        page_set(page_show(part, "FROM"), "CLIENT", entry->address);
    if (*entry->reason)
        page_set(page_show(part, "WHY"), "REASON", entry->reason);
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        show_value(part, object_of(before), object_of(after), i);
}

void history_view_show(struct page *body, const GPtrArray *entries)
{
    struct page *history = page_include(body, "HISTORY", "history-entries.tpl");

    for (guint i = 0; i < entries->len; i++)
        show_entry(history, g_ptr_array_index(entries, i));
}

char *history_view_csv(const GPtrArray *entries)
{
    GString *text = g_string_new(NULL);

    csv_add(text, "at", "login", "from", "action", "reason", "before", "after", NULL);
    for (guint i = 0; i < entries->len; i++) {
        const struct history_entry *entry = g_ptr_array_index(entries, i);
        csv_add(text, entry->at, entry->login, entry->address, entry->action, entry->reason,
                entry->before, entry->after, NULL);
    }
    return g_string_free(text, FALSE);
}
