/* SPDX-License-Identifier: MIT
 *
 * Who makes a request.
 */
#include "web/identity.h"

#include "base/error.h"
#include "rules/browser.h"
#include "service/owners.h"
#include "web/draft.h"
#include "web/portal.h"

#define SESSION_COOKIE "appsmtp-session"
#define DEVICE_COOKIE "appsmtp-device"
#define DEVICE_SECONDS (365 * 24 * 3600)

/* How old the directory's word may be. */
#define CHANGE_SECONDS 60
#define READ_SECONDS 300

static bool find_session(struct request *request, GError **error)
{
    struct portal *portal = request->portal;
    struct database *database = portal->office.database;

    g_free(request->session_token);
    g_clear_pointer(&request->past, session_free);
    request->session_token = request_cookie(request, SESSION_COOKIE);
    if (!request->session_token)
        return true;
    return session_find(database, request->session_token, &portal->config->sign_in,
                        &request->session, error) &&
           (request->session ||
            session_find_past(database, request->session_token, &request->past, error));
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static bool end_session(struct request *request, GError **error)
{
    if (request->session_token &&
        !session_end(request->portal->office.database, request->session_token, error))
        return false;
    g_clear_pointer(&request->session, session_free);
    g_clear_pointer(&request->session_token, g_free);
    return true;
}

bool identity_end(struct request *request, GError **error)
{
    if (!end_session(request, error))
        return false;
    request_set_cookie(request, SESSION_COOKIE, NULL, 0);
    return draft_forget_form(request, error);
}

char *identity_device(const struct request *request)
{
    return request_cookie(request, DEVICE_COOKIE);
}

/* Behind single sign-on there is nothing to throttle, and so no browser to be known. */
static bool remember_device(struct request *request, const struct newcomer *newcomer,
                            char **token, char **device, GError **error)
{
    g_autofree char *shown = identity_device(request);

    return request->portal->config->sign_in.kind != SIGN_IN_DIRECTORY ||
           device_remember(request->portal->office.database, newcomer, shown, token, device, error);
}

bool identity_start(struct request *request, const struct person *person, GError **error)
{
    struct database *database = request->portal->office.database;
    struct actor actor = {person->login, person->id, request->client, NULL};
    g_autofree char *browser =
        browser_name(exchange_parameter(request->exchange, "HTTP_USER_AGENT"));
    g_autofree char *token = NULL;
    g_autofree char *device = NULL;
    struct newcomer newcomer = {person->login,   person->id, person->name, request->client,
                                request->network, browser,   NULL};

    if (!end_session(request, error) ||
        !remember_device(request, &newcomer, &token, &device, error))
        return false;
    newcomer.device = device;
    if (!session_start(database, &newcomer, &request->portal->config->sign_in,
                       &request->session_token, &request->session, error))
        return false;
    actor.session = request->session->id;
    if (!owners_follow(database, &actor, error))
        return false;
    request_set_cookie(request, SESSION_COOKIE, request->session_token, 0);
    if (token)
        request_set_cookie(request, DEVICE_COOKIE, token, DEVICE_SECONDS);
    return draft_claim_form(request, error);
}

/* ---- the directory's word -------------------------------------------------------------------- */

static bool is_due(const struct session *session, enum identity_use use)
{
    if (use == IDENTITY_NAME)
        return false;
    return session->unknown ||
           (use == IDENTITY_CHANGE ? session->checked >= CHANGE_SECONDS
                                   : session->asked >= READ_SECONDS);
}

/* The directory could not be asked. Who only reads goes on, and is asked for later again. */
static bool excuse(struct request *request, enum identity_use use, GError *reason, GError **error)
{
    if (use != IDENTITY_READ || request->session->unknown) {
        g_propagate_error(error, reason);
        return false;
    }
    g_message("%s is not asked for again yet: %s", request->session->login, reason->message);
    g_error_free(reason);
    return session_note_asked(request->portal->office.database, request->session, error);
}

/* Still there. A new login is the session's from now on, and that of the ownerships. */
static bool keep_session(struct request *request, const struct person *person, GError **error)
{
    struct session *session = request->session;
    struct database *database = request->portal->office.database;
    const struct actor actor = {person->login, person->id, request->client, session->id};
    bool news = session->unknown || !g_str_equal(session->login, person->login) ||
                !g_str_equal(session->person_id, person->id);

    g_free(session->login);
    g_free(session->person_id);
    g_free(session->name);
    session->login = g_strdup(person->login);
    session->person_id = g_strdup(person->id);
    session->name = g_strdup(person->name);
    session->unknown = false;
    return session_confirm(database, session, error) &&
           (!news || owners_follow(database, &actor, error));
}

/* Gone, switched off, or somebody else has the login now. */
static bool expel(struct request *request, GError **error)
{
    g_message("sessions of %s end, the last one from %s: the directory does not have this person "
              "any more, or not as eligible",
              request->session->login, request->client);
    if (!sessions_end_person(request->portal->office.database, request->session, "", error))
        return false;
    session_free(request->past);
    request->past = g_steal_pointer(&request->session);
    g_clear_pointer(&request->session_token, g_free);
    request_set_cookie(request, SESSION_COOKIE, NULL, 0);
    request->ended = true;
    return true;
}

/* *person is NULL when they are not there; by login only where no id is known. */
static bool ask_for_person(struct request *request, const char *login, const char *id,
                           struct person **person, GError **error)
{
    struct directory *directory = request->portal->office.directory;
    const struct person_key key = {id, login};
    enum person_answer answer;

    if (*id ? !directory_find_person_by_id(directory, &key, request->deadline, &answer, person,
                                           error)
            : !directory_find_person(directory, login, request->deadline, &answer, person, error))
        return false;
    if (answer != PERSON_SEVERAL)
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY,
                "more than one entry of the directory has the login %s", login);
    return false;
}

static bool check_session(struct request *request, enum identity_use use, GError **error)
{
    const struct session *session = request->session;
    auto_ptr(person) person = NULL;
    GError *reason = NULL;

    if (!session || !is_due(session, use))
        return true;
    if (!ask_for_person(request, session->login, session->person_id, &person, &reason))
        return excuse(request, use, reason, error);
    return person ? keep_session(request, person, error) : expel(request, error);
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

/* Whether the session is of the person whom the front names by that login. */
static bool is_of(const struct session *session, const struct person *person)
{
    return session->unknown || g_str_equal(session->person_id, person->id);
}

/*
 * The session has to be the fronted person's: the front knows a login only, so that is what the
 * directory is asked for, and the id tells whether it still is the same person's.
 */
static bool follow_front(struct request *request, const char *login, enum identity_use use,
                         GError **error)
{
    g_autofree char *plain = directory_plain_login(request->portal->office.directory, login);
    auto_ptr(person) person = NULL;
    GError *reason = NULL;

    if (request->session && (!plain || !g_str_equal(request->session->login, plain)))
        g_clear_pointer(&request->session, session_free);
    if (request->session && !is_due(request->session, use))
        return true;
    if (!ask_for_person(request, login, "", &person, &reason)) {
        if (request->session)
            return excuse(request, use, reason, error);
        g_propagate_error(error, reason);
        return false;
    }
    if (person && request->session && is_of(request->session, person))
        return keep_session(request, person, error);
    request->stranger = !person;
    return person ? identity_start(request, person, error)
                  : !request->session || expel(request, error);
}

/* The front knows nobody any more; what the browser sends yet is still of whom it had named. */
static bool remember_past(struct request *request, GError **error)
{
    if (!find_session(request, error))
        return false;
    if (request->session)
        request->past = g_steal_pointer(&request->session);
    g_clear_pointer(&request->session_token, g_free);
    return true;
}

bool identity_find(struct request *request, enum identity_use use, bool *forged, GError **error)
{
    const char *login;

    *forged = false;
    if (request->portal->config->sign_in.kind == SIGN_IN_DIRECTORY)
        return find_session(request, error) && check_session(request, use, error);
    login = fronted_login(request, forged);
    if (*forged)
        return true;
    if (!login)
        return remember_past(request, error);
    return find_session(request, error) && follow_front(request, login, use, error);
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
    return g_strconcat("/sign-in?next=", escaped, request->ended ? "&ended=yes" : "", NULL);
}
