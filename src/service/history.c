/* SPDX-License-Identifier: MIT
 *
 * The history's JSON in words.
 */
#include "service/history.h"

#include <json-glib/json-glib.h>

/* The values that the history keeps, in the words of the form. */
static const char *const names[][2] = {
    {"address", "Sending address"},
    {"application_name", "Name of the application"},
    {"application_type", "Type"},
    {"state", "State"},
    {"locations", "Locations"},
    {"sources", "Sources"},
    {"owners", "Owners"},
    {"note", "Note"},
};

static JsonObject *object_of(JsonNode *node)
{
    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

/* A member as text; the members of a list joined by commas. Caller frees. */
static char *value_text(JsonObject *object, const char *name)
{
    JsonNode *node = object ? json_object_get_member(object, name) : NULL;
    GString *text = g_string_new(NULL);
    JsonArray *array;

    if (node && JSON_NODE_HOLDS_VALUE(node))
        g_string_append(text, json_node_get_string(node));
    array = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
    for (guint i = 0; array && i < json_array_get_length(array); i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "",
                               json_array_get_string_element(array, i));
    return g_string_free(text, FALSE);
}

static void value_free(gpointer data)
{
    struct history_value *value = data;

    g_free(value->before);
    g_free(value->after);
    g_free(value);
}

static void add_value(GPtrArray *values, JsonObject *before, JsonObject *after, size_t which)
{
    g_autofree char *was = value_text(before, names[which][0]);
    g_autofree char *is = value_text(after, names[which][0]);
    struct history_value *value;

    if (g_str_equal(was, is))
        return;
    value = g_new0(struct history_value, 1);
    value->name = names[which][1];
    value->before = before ? g_steal_pointer(&was) : NULL;
    value->after = g_steal_pointer(&is);
    g_ptr_array_add(values, value);
}

GPtrArray *history_values(const struct history_entry *entry)
{
    GPtrArray *values = g_ptr_array_new_with_free_func(value_free);
    g_autoptr(JsonNode) before = *entry->before ? json_from_string(entry->before, NULL) : NULL;
    g_autoptr(JsonNode) after = *entry->after ? json_from_string(entry->after, NULL) : NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        add_value(values, object_of(before), object_of(after), i);
    return values;
}

char *history_action(const struct history_entry *entry)
{
    char *action = g_strdup(entry->action);

    *action = g_ascii_toupper(*action);
    return action;
}
