/* SPDX-License-Identifier: MIT
 *
 * Drafts, as JSON in the database, found again by a cookie and by whose they are.
 */
#include "web/draft.h"

#include "adapters/certificate/certificate.h"
#include "web/portal.h"

#include <json-glib/json-glib.h>

#define DRAFT_COOKIE "appsmtp-draft"
#define DRAFT_SECONDS 3600

static bool keep(struct request *request, JsonNode *root, const char *path, bool *full,
                 GError **error)
{
    const struct draft_owner owner = {request->session ? request->session : request->past,
                                      request->client, request->network};
    g_autofree char *json = json_to_string(root, FALSE);
    g_autofree char *token = NULL;

    if (!draft_keep(request->portal->office.database, path, json, &owner, &token, full, error))
        return false;
    if (!*full)
        request_set_cookie(request, DRAFT_COOKIE, token, DRAFT_SECONDS);
    return true;
}

/* The person's draft of the request's path, which is then gone; *root NULL when there is none. */
static bool take(struct request *request, JsonNode **root, GError **error)
{
    struct database *database = request->portal->office.database;
    g_autofree char *token = request_cookie(request, DRAFT_COOKIE);
    g_autofree char *json = NULL;

    *root = NULL;
    if (!token)
        return true;
    if (!draft_find(database, token, request->path, request->session, &json, error))
        return false;
    if (!json)
        return true;
    *root = json_from_string(json, NULL);
    request_set_cookie(request, DRAFT_COOKIE, NULL, 0);
    return draft_drop(database, token, error);
}

/* A file is kept as the text that its field's neighbour `..._text` takes. */
static void add_file(JsonObject *object, const struct request *request, const char *name)
{
    GBytes *file = request_file(request, name);
    g_autofree char *pem = NULL;
    g_autofree char *neighbour = g_strconcat(name, "_text", NULL);
    JsonArray *texts;

    if (file)
        pem = certificate_as_pem(g_bytes_get_data(file, NULL), g_bytes_get_size(file));
    if (!pem)
        return;
    texts = json_array_new();
    json_array_add_string_element(texts, pem);
    json_object_set_array_member(object, neighbour, texts);
}

/* What cannot be read as a certificate may be anything, and is not kept. */
static bool is_unreadable(const char *name, const char *text)
{
    g_autofree char *pem = NULL;

    if (!g_str_has_prefix(name, "certificate"))
        return false;
    pem = certificate_as_pem(text, strlen(text));
    return !pem;
}

static void add_field(JsonObject *object, const struct request *request, const char *name)
{
    g_autofree char **texts = request_texts(request, name);
    JsonArray *array;

    if (!*texts || json_object_has_member(object, name) || is_unreadable(name, *texts))
        return;
    array = json_array_new();
    for (char **text = texts; *text; text++)
        json_array_add_string_element(array, *text);
    json_object_set_array_member(object, name, array);
}

bool draft_save_form(struct request *request, const struct field *fields, const char *path,
                     bool *full, GError **error)
{
    g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
    JsonObject *object = json_object_new();

    json_node_take_object(root, object);
    for (const struct field *field = fields; field->name; field++) {
        if (field->kind == FIELD_FILE)
            add_file(object, request, field->name);
        else if (field->kind != FIELD_PASSWORD && !g_str_equal(field->name, "csrf_token"))
            add_field(object, request, field->name);
    }
    if (json_object_get_size(object) == 0)
        return true;
    return keep(request, root, path, full, error);
}

static void restore_field(struct request *request, JsonObject *object, const char *name)
{
    JsonArray *texts;

    if (!json_object_has_member(object, name))
        return;
    texts = json_object_get_array_member(object, name);
    for (guint i = 0; i < json_array_get_length(texts); i++)
        request_set_text(request, name, json_array_get_string_element(texts, i));
}

bool draft_restore_form(struct request *request, const struct field *fields, bool *restored,
                        GError **error)
{
    g_autoptr(JsonNode) root = NULL;

    *restored = request_has_secret(request);
    if (*restored)
        return true;
    if (!take(request, &root, error))
        return false;
    if (!root || !JSON_NODE_HOLDS_OBJECT(root))
        return true;
    for (const struct field *field = fields; field->name; field++)
        if (field->kind != FIELD_FILE)
            restore_field(request, json_node_get_object(root), field->name);
    *restored = true;
    return true;
}

bool draft_claim_form(struct request *request, GError **error)
{
    g_autofree char *token = request_cookie(request, DRAFT_COOKIE);
    bool kept;

    if (!token)
        return true;
    if (!draft_claim(request->portal->office.database, token, request->session, &kept, error))
        return false;
    if (!kept)
        request_set_cookie(request, DRAFT_COOKIE, NULL, 0);
    return true;
}

bool draft_forget_form(struct request *request, GError **error)
{
    g_autofree char *token = request_cookie(request, DRAFT_COOKIE);

    if (!token)
        return true;
    request_set_cookie(request, DRAFT_COOKIE, NULL, 0);
    return draft_drop(request->portal->office.database, token, error);
}
