/* SPDX-License-Identifier: MIT
 *
 * The history's JSON in words.
 */
#include "service/history.h"

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
    const char *none; /* what is so without a value, where that is not plain */
} values[] = {
    {"address", "Sending address", NULL, NULL},
    {"application_name", "Name of the application", NULL, NULL},
    {"application_type", "Type", type_words, NULL},
    {"recipients_per_hour", "Recipients an hour", NULL, "the rate of its type"},
    {"state", "State", state_words, NULL},
    {"suspended_by_operator", "Suspended by the relay team", NULL, NULL},
    {"confirmed_at", "Confirmed", NULL, NULL},
    {"account", "Account in the directory", NULL, NULL},
    {"locations", "Locations", location_words, NULL},
    {"sources", "Sources", NULL, NULL},
    {"addresses", "Addresses in DNS", NULL, NULL},
    {"owners", "Owners", NULL, NULL},
    {"note", "Note", NULL, NULL},
};

static JsonObject *object_of(JsonNode *node)
{
    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

/* A time of day in words; any other text as it is. Caller frees. */
static char *time_words(const char *member, const char *text)
{
    g_autoptr(GDateTime) time =
        g_str_equal(member, "confirmed_at") ? g_date_time_new_from_iso8601(text, NULL) : NULL;

    return time ? g_date_time_format(time, "%-d %B %Y at %H:%M:%S UTC") : g_strdup(text);
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

    if (node && json_node_get_value_type(node) == G_TYPE_BOOLEAN) {
        g_string_append(text, json_node_get_boolean(node) ? "yes" : "no");
    } else if (node && JSON_NODE_HOLDS_VALUE(node)) {
        g_autofree char *words = time_words(values[which].member, json_node_get_string(node));
        add_text(text, config, which, words);
    }
    array = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
    for (guint i = 0; array && i < json_array_get_length(array); i++)
        add_text(text, config, which, json_array_get_string_element(array, i));
    return g_string_free(text, FALSE);
}

static void value_free(gpointer data)
{
    struct history_value *value = data;

    g_free(value->before);
    g_free(value->after);
    g_free(value);
}

/* Takes the text; caller frees. */
static char *or_none(char *text, size_t which)
{
    if (*text || !values[which].none)
        return text;
    g_free(text);
    return g_strdup(values[which].none);
}

static void add_value(GPtrArray *changed, const struct config *config, JsonObject *before,
                      JsonObject *after, size_t which)
{
    g_autofree char *was = value_text(config, before, which);
    g_autofree char *is = value_text(config, after, which);
    struct history_value *value;

    if (g_str_equal(was, is) || (!before && g_str_equal(is, "no")))
        return;
    value = g_new0(struct history_value, 1);
    value->name = values[which].name;
    value->before = before ? or_none(g_steal_pointer(&was), which) : NULL;
    value->after = or_none(g_steal_pointer(&is), which);
    g_ptr_array_add(changed, value);
}

GPtrArray *history_values(const struct config *config, const struct history_entry *entry)
{
    GPtrArray *changed = g_ptr_array_new_with_free_func(value_free);
    g_autoptr(JsonNode) before = *entry->before ? json_from_string(entry->before, NULL) : NULL;
    g_autoptr(JsonNode) after = *entry->after ? json_from_string(entry->after, NULL) : NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
        add_value(changed, config, object_of(before), object_of(after), i);
    return changed;
}

char *history_action(const struct history_entry *entry)
{
    char *action = g_strdup(entry->action);

    *action = g_ascii_toupper(*action);
    return action;
}
