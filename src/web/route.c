/* SPDX-License-Identifier: MIT
 *
 * The table of routes.
 */
#include "web/route.h"

#include "web/pages.h"

static const struct route routes[] = {
    {"GET", "/", ROUTE_OPEN, NULL, NULL, NULL, page_start},
    {"GET", "/sign-in", ROUTE_SIGN_IN, sign_in_query, NULL, NULL, page_sign_in},
    {"POST", "/sign-in", ROUTE_SIGN_IN, NULL, sign_in_form, NULL, page_sign_in_submit},
    {"POST", "/sign-out", ROUTE_SIGNED_IN | ROUTE_TOKEN | ROUTE_SIGN_IN, NULL, sign_out_form, NULL,
     page_sign_out},
    {"GET", "/registrations", ROUTE_SIGNED_IN, registrations_query, NULL, NULL, page_registrations},
    {"POST", "/registrations", ROUTE_SIGNED_IN | ROUTE_TOKEN, NULL, new_registration_form,
     "/registrations/new", page_new_registration_submit},
    {"GET", "/registrations/new", ROUTE_SIGNED_IN, new_registration_query, NULL, NULL,
     page_new_registration},
    {"GET", "/registrations/{id}", ROUTE_SIGNED_IN, NULL, NULL, NULL, page_registration},
    {"GET", "/registrations/{id}/history", ROUTE_SIGNED_IN, NULL, NULL, NULL, page_history},
    {"GET", "/my-address", ROUTE_QUIET, NULL, NULL, NULL, page_my_address},
    {"GET", "/healthz", ROUTE_QUIET, NULL, NULL, NULL, page_alive},
    {"GET", "/readyz", ROUTE_QUIET, NULL, NULL, NULL, page_ready},
    {"GET", "/addresses", ROUTE_SIGNED_IN, addresses_query, NULL, NULL, page_addresses},
    {"GET", "/check", ROUTE_OPEN, check_query, NULL, NULL, page_question},
    {"POST", "/check", ROUTE_OPEN, NULL, check_form, NULL, page_question_submit},
    {"GET", "/help", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/sources", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/nat", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/address", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/printers", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/sending-addresses", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/renewal", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/help/certificates-2026", ROUTE_OPEN, NULL, NULL, NULL, page_help},
    {"GET", "/accessibility", ROUTE_OPEN, NULL, NULL, NULL, page_help},
};

/* The pattern's {id} matches one UUID, in lower case as we write them. */
static bool match(const char *pattern, const char *path, char **id)
{
    const char *hole = strstr(pattern, "{id}");
    size_t before = hole ? (size_t)(hole - pattern) : 0;
    g_autofree char *middle = NULL;

    if (!hole)
        return g_str_equal(pattern, path);
    if (strncmp(pattern, path, before) != 0 || strlen(path) < before + 36 ||
        !g_str_equal(hole + 4, path + before + 36))
        return false;
    middle = g_strndup(path + before, 36);
    if (!g_uuid_string_is_valid(middle))
        return false;
    g_free(*id);
    *id = g_ascii_strdown(middle, -1);
    return true;
}

static void add_method(char **allow, const char *method)
{
    g_autofree char *before = *allow;

    *allow = before ? g_strconcat(before, ", ", method, NULL) : g_strdup(method);
}

const struct route *route_find(const char *method, const char *path, unsigned absent, char **id,
                               char **allow)
{
    const char *wanted = g_str_equal(method, "HEAD") ? "GET" : method;

    *id = *allow = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(routes); i++) {
        if (routes[i].flags & absent || !match(routes[i].pattern, path, id))
            continue;
        if (g_str_equal(routes[i].method, wanted)) {
            g_clear_pointer(allow, g_free);
            return &routes[i];
        }
        add_method(allow, routes[i].method);
    }
    return NULL;
}
