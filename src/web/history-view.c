/* SPDX-License-Identifier: MIT
 *
 * A history on a page and as a file.
 */
#include "web/history-view.h"

#include "adapters/database/registry.h"
#include "web/csv.h"

#include <json-glib/json-glib.h>

/* A value as the pages say it. Static, or the configuration's. */
typedef const char *words_of(const struct config *config, const char *value);

static const char *type_words(const struct config *config, const char *value)
{
    const struct application_type *type = config_application_type(config, value);

    return type ? type->name : value;
}

static const char *location_words(const struct config *config, const char *value)
{
    const struct location *location = location_find(config->locations, value);

    return location ? location->name : value;
}

static const char *state_words(const struct config *config G_GNUC_UNUSED, const char *value)
{
    static const char *const words[][2] = {
        {"live", "In force"}, {"suspended", "Suspended"}, {"retired", "Retired"}};

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_equal(words[i][0], value))
            return words[i][1];
    return value;
}

/* The values that the history keeps, in the words of the form; NULL: they are words already. */
static const struct {
    const char *member;
    const char *name;
    words_of *words;
} values[] = {
    {"address", "Sending address", NULL},
    {"application_name", "Name of the application", NULL},
    {"application_type", "Type", type_words},
    {"state", "State", state_words},
    {"locations", "Locations", location_words},
    {"sources", "Sources", NULL},
    {"owners", "Owners", NULL},
    {"note", "Note", NULL},
};

static JsonObject *object_of(JsonNode *node)
{
    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static void add_text(GString *text, const struct config *config, size_t which, const char *value)
{
    g_string_append_printf(text, "%s%s", text->len ? ", " : "",
                           values[which].words ? values[which].words(config, value) : value);
}

/* A member as text; the members of a list joined by commas. Caller frees. */
static char *value_text(const struct config *config, JsonObject *object, size_t which)
{
    JsonNode *node = object ? json_object_get_member(object, values[which].member) : NULL;
    GString *text = g_string_new(NULL);
    JsonArray *array;

    if (node && JSON_NODE_HOLDS_VALUE(node))
        add_text(text, config, which, json_node_get_string(node));
    array = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
    for (guint i = 0; array && i < json_array_get_length(array); i++)
        add_text(text, config, which, json_array_get_string_element(array, i));
    return g_string_free(text, FALSE);
}

/* Of a creation every value, of a change those that it changed. */
static void show_value(struct page *part, const struct config *config, JsonObject *before,
                       JsonObject *after, size_t which)
{
    g_autofree char *was = value_text(config, before, which);
    g_autofree char *is = value_text(config, after, which);
    struct page *row;

    if (g_str_equal(was, is))
        return;
    row = page_show(part, "VALUE");
    page_set(row, "NAME", values[which].name);
    page_set(row, "AFTER", is);
    if (before)
        page_set(page_show(row, "WAS"), "BEFORE", was);
}

static void show_entry(struct page *body, const struct config *config,
                       const struct history_entry *entry)
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
        show_value(part, config, object_of(before), object_of(after), i);
}

void history_view_show(struct page *body, const struct config *config, const GPtrArray *entries)
{
    struct page *history = page_include(body, "HISTORY", "history-entries.tpl");

    for (guint i = 0; i < entries->len; i++)
        show_entry(history, config, g_ptr_array_index(entries, i));
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
