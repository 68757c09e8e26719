/* SPDX-License-Identifier: MIT
 *
 * Status, headers and body of a response.
 */
#include "web/response.h"

#include "web/portal.h"

/* No script, no frame, no foreign host, no plug-in; nothing of a page is kept anywhere. */
static const char security_headers[] =
    "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n"
    "Cache-Control: no-store\r\n";

static struct response *response_new(unsigned status, const char *content_type)
{
    struct response *response = g_new0(struct response, 1);

    response->status = status;
    response->content_type = content_type;
    return response;
}

struct response *response_html(unsigned status, char *body)
{
    struct response *response = response_new(status, "text/html; charset=utf-8");

    response->body = body;
    return response;
}

struct response *response_text(unsigned status, const char *body)
{
    struct response *response = response_new(status, "text/plain; charset=utf-8");

    response->body = g_strdup(body);
    return response;
}

struct response *response_csv(const char *filename, char *body)
{
    struct response *response = response_new(200, "text/csv; charset=utf-8");

    response->filename = g_strdup(filename);
    response->body = body;
    return response;
}

struct response *response_redirect(const char *path)
{
    struct response *response = response_text(303, "");

    response->location = g_strdup(path);
    return response;
}

void response_free(struct response *response)
{
    if (!response)
        return;
    g_free(response->location);
    g_free(response->filename);
    g_free(response->allow);
    g_free(response->body);
    g_free(response);
}

static const char *phrase(unsigned status)
{
    static const struct {
        unsigned status;
        const char *phrase;
    } phrases[] = {
        {200, "OK"},
        {303, "See Other"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {413, "Content Too Large"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(phrases); i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Unknown";
}

static char *headers(const struct response *response, const struct request *request)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "Status: %u %s\r\n", response->status, phrase(response->status));
    g_string_append_printf(text, "Content-Type: %s\r\n", response->content_type);
    g_string_append(text, security_headers);
    if (request->portal->config->secure)
        g_string_append(text, "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n");
    g_string_append_printf(text, "X-Request-Id: %s\r\n", request->reference);
    if (response->location)
        g_string_append_printf(text, "Location: %s\r\n", response->location);
    if (response->filename)
        g_string_append_printf(text, "Content-Disposition: attachment; filename=\"%s\"\r\n",
                               response->filename);
    if (response->allow)
        g_string_append_printf(text, "Allow: %s\r\n", response->allow);
    if (response->retry_after)
        g_string_append_printf(text, "Retry-After: %u\r\n", response->retry_after);
    for (guint i = 0; i < request->cookies->len; i++)
        g_string_append_printf(text, "Set-Cookie: %s\r\n",
                               (const char *)g_ptr_array_index(request->cookies, i));
    g_string_append_printf(text, "Content-Length: %zu\r\n\r\n", strlen(response->body));
    return g_string_free(text, FALSE);
}

void response_send(const struct response *response, const struct request *request)
{
    g_autofree char *head = headers(response, request);

    exchange_write(request->exchange, head, strlen(head));
    if (!g_str_equal(request->method, "HEAD"))
        exchange_write(request->exchange, response->body, strlen(response->body));
}
