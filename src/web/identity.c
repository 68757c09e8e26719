/* SPDX-License-Identifier: MIT
 *
 * Who makes a request.
 */
#include "web/identity.h"

#include "web/portal.h"

#define SESSION_COOKIE "appsmtp-session"

static bool find_session(struct request *request, GError **error)
{
    struct portal *portal = request->portal;

    request->session_token = request_cookie(request, SESSION_COOKIE);
    if (!request->session_token)
        return true;
    return session_find(portal->office.database, request->session_token, &portal->config->sign_in,
                        &request->session, error);
}

bool identity_end(struct request *request, GError **error)
{
    if (request->session_token &&
        !session_end(request->portal->office.database, request->session_token, error))
        return false;
    g_clear_pointer(&request->session, session_free);
    g_clear_pointer(&request->session_token, g_free);
    request_set_cookie(request, SESSION_COOKIE, NULL, 0);
    return true;
}

bool identity_start(struct request *request, const struct person *person, GError **error)
{
    struct database *database = request->portal->office.database;

    if (request->session_token && !session_end(database, request->session_token, error))
        return false;
    g_clear_pointer(&request->session_token, g_free);
    g_clear_pointer(&request->session, session_free);
    if (!session_start(database, person->login, person->name, request->client,
                       &request->session_token, &request->session, error))
        return false;
    request_set_cookie(request, SESSION_COOKIE, request->session_token, 0);
    return true;
}

/* ---- single sign-on -------------------------------------------------------------------------- */

/* Takes as long for a wrong first byte as for a wrong last one. */
static bool equal_secret(const char *given, const char *secret)
{
    g_autofree char *a = g_compute_checksum_for_string(G_CHECKSUM_SHA256, given, -1);
    g_autofree char *b = g_compute_checksum_for_string(G_CHECKSUM_SHA256, secret, -1);
    guint8 difference = 0;

    for (size_t i = 0; a[i]; i++)
        difference |= (guint8)(a[i] ^ b[i]);
    return difference == 0;
}

/* The login that the front vouches for; NULL when it names nobody. */
static const char *fronted_login(struct request *request, bool *forged)
{
    const struct sign_in_settings *settings = &request->portal->config->sign_in;
    const char *login = exchange_parameter(request->exchange, settings->user_parameter);
    const char *secret = exchange_parameter(request->exchange, settings->secret_parameter);

    *forged = exchange_count(request->exchange, settings->user_parameter) > 1 ||
              exchange_count(request->exchange, settings->secret_parameter) != 1 ||
              !equal_secret(secret ? secret : "", request->portal->front_secret);
    return !*forged && login && *login ? login : NULL;
}

/* The session has to be the fronted person's; a new one is started for another. */
static bool follow_front(struct request *request, const char *login, GError **error)
{
    struct portal *portal = request->portal;
    enum person_answer answer;
    auto_ptr(person) person = NULL;
    g_autofree char *plain = directory_plain_login(portal->office.directory, login);

    if (request->session && plain && g_str_equal(request->session->login, plain))
        return true;
    g_clear_pointer(&request->session, session_free);
    if (!directory_find_person(portal->office.directory, login, request->deadline, &answer,
                               &person, error))
        return false;
    request->stranger = answer != PERSON_FOUND;
    return request->stranger || identity_start(request, person, error);
}

bool identity_find(struct request *request, bool *forged, GError **error)
{
    const char *login;

    *forged = false;
    if (request->portal->config->sign_in.kind == SIGN_IN_DIRECTORY)
        return find_session(request, error);
    login = fronted_login(request, forged);
    if (*forged || !login)
        return true;
    return find_session(request, error) && follow_front(request, login, error);
}

char *identity_sign_in_path(const struct request *request, const char *next)
{
    const struct config *config = request->portal->config;
    g_autofree char *escaped = NULL;
    g_autofree char *whole = g_strconcat(config->base_url, next, NULL);

    if (config->sign_in.kind == SIGN_IN_SINGLE_SIGN_ON) {
        escaped = g_uri_escape_string(whole, NULL, FALSE);
        return g_strconcat(config->sign_in.sign_in_url, escaped, NULL);
    }
    escaped = g_uri_escape_string(next, NULL, FALSE);
    return g_strconcat("/sign-in?next=", escaped, NULL);
}
