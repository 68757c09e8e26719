/* SPDX-License-Identifier: MIT
 *
 * Requests: path, cookies, and fields that are declared before they are seen.
 */
#include "web/request.h"

#include "base/limits.h"
#include "base/random.h"
#include "rules/secret/gate.h"
#include "rules/network.h"
#include "web/form-body.h"
#include "web/portal.h"

static GHashTable *fields_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                 (GDestroyNotify)g_ptr_array_unref);
}

/* Decoded exactly once; an encoded slash or NUL, or no UTF-8, is no path of ours. */
static char *decode_path(const char *uri)
{
    g_autofree char *raw = g_strndup(uri, strcspn(uri, "?#"));
    g_autofree char *path = g_uri_unescape_string(raw, "/");

    if (!path || *path != '/' || !g_utf8_validate(path, -1, NULL))
        return NULL;
    return g_steal_pointer(&path);
}

static char *new_reference(void)
{
    guint32 number;

    random_fill(&number, sizeof number);
    return g_strdup_printf("%08x", number);
}

/* A log names the path, and a page may: neither is to see a key. */
static void forget_secret_path(struct request *request)
{
    if (!request->path ||
        !gate_refuses("path", request->path, strlen(request->path), request->secrets))
        return;
    explicit_bzero(request->path, strlen(request->path));
    exchange_forget_address(request->exchange);
}

struct request *request_new(struct exchange *exchange, struct portal *portal,
                            enum request_fault *fault)
{
    struct request *request = g_new0(struct request, 1);
    const char *method = exchange_parameter(exchange, "REQUEST_METHOD");
    const char *uri = exchange_parameter(exchange, "REQUEST_URI");
    const char *client = exchange_parameter(exchange, "REMOTE_ADDR");

    request->exchange = exchange;
    request->portal = portal;
    request->deadline = deadline_in(portal->config->request_ms);
    request->method = method ? method : "";
    request->path = decode_path(uri ? uri : "");
    request->client = g_strdup(client ? client : "0.0.0.0");
    request->reference = new_reference();
    request->network = network_of_client(request->client);
    request->query = fields_new();
    request->form = fields_new();
    request->cookies = g_ptr_array_new_with_free_func(g_free);
    request->secrets = findings_new();
    forget_secret_path(request);
    *fault = request->path && exchange_count(exchange, "REQUEST_URI") == 1 ? REQUEST_GOOD
                                                                            : REQUEST_BAD;
    return request;
}

void request_free(struct request *request)
{
    if (!request)
        return;
    g_free(request->path);
    g_free(request->client);
    g_free(request->reference);
    g_free(request->network);
    g_free(request->id);
    g_free(request->source);
    g_free(request->login);
    g_free(request->session_token);
    session_free(request->session);
    session_free(request->past);
    g_hash_table_unref(request->query);
    g_hash_table_unref(request->form);
    g_ptr_array_unref(request->cookies);
    findings_free(request->secrets);
    g_free(request);
}

/* ---- fields ---------------------------------------------------------------------------- */

static const struct field *declared(const struct field *fields, const char *name)
{
    for (; fields && fields->name; fields++)
        if (g_str_equal(fields->name, name))
            return fields;
    return NULL;
}

static bool is_text(GBytes *value)
{
    gsize size;
    const char *text = g_bytes_get_data(value, &size);

    return size == 0 || (g_utf8_validate(text, (gssize)size, NULL) && !memchr(text, '\0', size));
}

bool request_has_secret(const struct request *request)
{
    return findings_count(request->secrets) > 0;
}

static void store(GHashTable *values, const char *name, GBytes *value)
{
    GPtrArray *list = g_hash_table_lookup(values, name);

    if (!list) {
        list = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
        g_hash_table_insert(values, g_strdup(name), list);
    }
    g_ptr_array_add(list, g_bytes_ref(value));
}

/* What a page is to see of a field: nothing when there is a private key in it. Caller unrefs. */
static GBytes *without_secret(const struct field *field, const struct sent_field *sent,
                              struct findings *secrets)
{
    gsize size;
    const char *value = g_bytes_get_data(sent->value, &size);

    if (field->kind != FIELD_PASSWORD && gate_refuses(field->name, value, size, secrets))
        return g_bytes_new_static("", 0);
    return g_bytes_ref(sent->value);
}

/* Only what is declared is let in; a doubled field is a fault, not a choice. */
static bool admit(GHashTable *values, const struct field *fields, const struct sent_field *sent,
                  struct findings *secrets)
{
    g_autoptr(GBytes) value = NULL;
    const struct field *field = declared(fields, sent->name);

    if (!field || (field->kind == FIELD_FILE) != sent->is_file)
        return false;
    if (field->kind != FIELD_REPEATED && g_hash_table_contains(values, sent->name))
        return false;
    value = without_secret(field, sent, secrets);
    if (field->kind != FIELD_FILE &&
        (!is_text(value) || g_bytes_get_size(value) > field->longest))
        return false;
    store(values, sent->name, value);
    return true;
}

static enum request_fault admit_all(GHashTable *values, const struct field *fields,
                                    GPtrArray *sent, struct findings *secrets)
{
    if (!sent)
        return REQUEST_BAD;
    for (guint i = 0; i < sent->len; i++)
        if (!admit(values, fields, g_ptr_array_index(sent, i), secrets))
            return REQUEST_BAD;
    return REQUEST_GOOD;
}

enum request_fault request_read_query(struct request *request, const struct field *fields)
{
    const char *uri = exchange_parameter(request->exchange, "REQUEST_URI");
    const char *query = strchr(uri, '?');
    g_autoptr(GPtrArray) sent = form_body_urlencoded(query ? query + 1 : "");
    enum request_fault fault = admit_all(request->query, fields, sent, request->secrets);

    if (request_has_secret(request))
        exchange_forget_address(request->exchange);
    return fault;
}

/* The whole body, never more than the limit; NULL when it is larger. */
static GBytes *read_body(struct exchange *exchange)
{
    const char *announced = exchange_parameter(exchange, "CONTENT_LENGTH");
    guint64 length = 0;
    g_autofree char *body = NULL;
    size_t size;

    if (announced && *announced &&
        !g_ascii_string_to_unsigned(announced, 10, 0, LIMIT_REQUEST_BODY, &length, NULL))
        return NULL;
    body = g_malloc(length + 1);
    size = exchange_read(exchange, body, length);
    return form_body_wiped(g_steal_pointer(&body), size);
}

enum request_fault request_read_form(struct request *request, const struct field *fields)
{
    const char *type = exchange_parameter(request->exchange, "CONTENT_TYPE");
    g_autoptr(GBytes) body = read_body(request->exchange);
    g_autoptr(GPtrArray) sent = NULL;

    if (!body)
        return REQUEST_TOO_LARGE;
    sent = form_body_read(type ? type : "", body);
    return admit_all(request->form, fields, sent, request->secrets);
}

/* An empty value has no bytes to point to. */
static const char *text_in(GPtrArray *list, guint index)
{
    const char *text = g_bytes_get_data(g_ptr_array_index(list, index), NULL);

    return text ? text : "";
}

static const char *text_of(GHashTable *values, const char *name)
{
    GPtrArray *list = g_hash_table_lookup(values, name);

    return list ? text_in(list, 0) : "";
}

const char *request_text(const struct request *request, const char *name)
{
    return text_of(request->form, name);
}

const char *request_query_text(const struct request *request, const char *name)
{
    return text_of(request->query, name);
}

const char *request_text_anywhere(const struct request *request, const char *name)
{
    const char *text = request_text(request, name);

    return *text ? text : request_query_text(request, name);
}

char **request_texts(const struct request *request, const char *name)
{
    GPtrArray *list = g_hash_table_lookup(request->form, name);
    g_autoptr(GPtrArray) texts = g_ptr_array_new();

    for (guint i = 0; list && i < list->len; i++)
        g_ptr_array_add(texts, (char *)text_in(list, i));
    g_ptr_array_add(texts, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&texts), FALSE);
}

GBytes *request_file(const struct request *request, const char *name)
{
    GPtrArray *list = g_hash_table_lookup(request->form, name);
    GBytes *file = list ? g_ptr_array_index(list, 0) : NULL;

    return file && g_bytes_get_size(file) > 0 ? file : NULL;
}

void request_set_text(struct request *request, const char *name, const char *text)
{
    g_autoptr(GBytes) value = g_bytes_new(text, strlen(text) + 1);

    store(request->form, name, value);
}

/* ---- cookies --------------------------------------------------------------------------- */

/* On https a name that only this host, and only over TLS, can set (RFC 6265bis 4.1.3.2). */
static char *cookie_name(const struct request *request, const char *name)
{
    return g_strconcat(request->portal->config->secure ? "__Host-" : "", name, NULL);
}

char *request_cookie(const struct request *request, const char *name)
{
    const char *header = exchange_parameter(request->exchange, "HTTP_COOKIE");
    g_autofree char *full = cookie_name(request, name);
    g_auto(GStrv) pairs = g_strsplit(header ? header : "", ";", 64);

    for (char **pair = pairs; *pair; pair++) {
        char *equals = strchr(g_strstrip(*pair), '=');
        if (equals && (size_t)(equals - *pair) == strlen(full) && g_str_has_prefix(*pair, full))
            return g_strdup(equals + 1);
    }
    return NULL;
}

void request_set_cookie(struct request *request, const char *name, const char *value,
                        unsigned seconds)
{
    g_autofree char *full = cookie_name(request, name);
    GString *cookie = g_string_new(NULL);

    g_string_printf(cookie, "%s=%s; Path=/; HttpOnly; SameSite=Lax", full, value ? value : "");
    if (request->portal->config->secure)
        g_string_append(cookie, "; Secure");
    if (!value)
        g_string_append(cookie, "; Max-Age=0");
    else if (seconds)
        g_string_append_printf(cookie, "; Max-Age=%u", seconds);
    g_ptr_array_add(request->cookies, g_string_free(cookie, FALSE));
}
