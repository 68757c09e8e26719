/* SPDX-License-Identifier: MIT
 *
 * Messages as JSON: whether it is a welcome, then the texts.
 */
#include "web/banner.h"

#include "web/portal.h"

#include <json-glib/json-glib.h>

bool banner_say(struct request *request, bool welcome, const GPtrArray *messages, const char *path,
                GError **error)
{
    g_autoptr(JsonNode) root = json_node_new(JSON_NODE_ARRAY);
    g_autofree char *json = NULL;
    JsonArray *array = json_array_new();

    json_node_take_array(root, array);
    json_array_add_boolean_element(array, welcome);
    for (guint i = 0; i < messages->len; i++)
        json_array_add_string_element(array, g_ptr_array_index(messages, i));
    json = json_to_string(root, FALSE);
    return banner_keep(request->portal->office.database, request->session, path, json, error);
}

bool banner_read(struct request *request, bool *welcome, GPtrArray **messages, GError **error)
{
    g_autofree char *json = NULL;
    g_autoptr(JsonNode) root = NULL;
    JsonArray *array;

    *messages = NULL;
    if (!banner_take(request->portal->office.database, request->session, request->path, &json,
                     error))
        return false;
    root = json ? json_from_string(json, NULL) : NULL;
    if (!root)
        return true;
    array = json_node_get_array(root);
    *messages = g_ptr_array_new_with_free_func(g_free);
    *welcome = json_array_get_boolean_element(array, 0);
    for (guint i = 1; i < json_array_get_length(array); i++)
        g_ptr_array_add(*messages, g_strdup(json_array_get_string_element(array, i)));
    return true;
}

void banner_show(struct page *body, const GPtrArray *messages)
{
    struct page *banner = messages ? page_show(body, "DONE") : NULL;

    for (guint i = 0; messages && i < messages->len; i++)
        page_set(page_show(banner, "ADVICE"), "TEXT", g_ptr_array_index(messages, i));
}
