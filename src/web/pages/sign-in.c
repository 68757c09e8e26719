/* SPDX-License-Identifier: MIT
 *
 * GET and POST /sign-in, POST /sign-out: the portal's own sign-in, by a bind to
 * the directory.
 */
#include "adapters/database/attempts.h"
#include "base/limits.h"
#include "service/ownership.h"
#include "web/identity.h"
#include "web/layout.h"
#include "web/pages.h"
#include "web/portal.h"

#define NEXT_LENGTH 1000

const struct field sign_in_query[] = {
    {"next", FIELD_TEXT, NEXT_LENGTH},
    {"ended", FIELD_TEXT, 10},
    {NULL, FIELD_TEXT, 0},
};

const struct field sign_in_form[] = {
    {"login", FIELD_TEXT, 4 * LIMIT_LOGIN},
    {"password", FIELD_PASSWORD, LIMIT_PASSWORD},
    {"next", FIELD_TEXT, NEXT_LENGTH},
    {"csrf_token", FIELD_TEXT, 100}, /* there is no sign-in yet that it could prove */
    {NULL, FIELD_TEXT, 0},
};

const struct field sign_out_form[] = {
    {"csrf_token", FIELD_TEXT, 100},
    {NULL, FIELD_TEXT, 0},
};

/* Only a path of this site, with nothing in it that a browser reads as a host. */
static const char *safe_next(const char *next)
{
    if (next[0] != '/' || next[1] == '/' || strchr(next, '\\'))
        return "/registrations";
    for (const char *at = next; *at; at++)
        if ((guchar)*at <= ' ' || (guchar)*at >= 0x7f)
            return "/registrations";
    return next;
}

static struct response *show(struct request *request, unsigned status, const char *next,
                             const struct findings *findings)
{
    static const char *const fields[] = {"login", "password", NULL};
    bool refused = findings_count(findings) > 0;
    g_autofree char *draft = request_cookie(request, "appsmtp-draft");
    struct page *body;
    struct page *layout = layout_new(request, refused ? "Error: Sign in" : "Sign in",
                                     "sign-in.tpl", &body);

    page_set(body, "NEXT", safe_next(next));
    page_set(body, "LOGIN", request_text(request, "login"));
    if (draft && !g_str_equal(next, "/registrations"))
        page_show(body, "KEPT");
    if (*request_query_text(request, "ended"))
        page_show(body, "ENDED");
    layout_show_findings(request, body, findings, fields);
    return layout_response(status, layout);
}

struct response *page_sign_in(struct request *request, GError **error G_GNUC_UNUSED)
{
    auto_ptr(findings) none = findings_new();

    return show(request, 200, request_text_anywhere(request, "next"), none);
}

static struct response *refuse(struct request *request, unsigned status, enum finding_id id)
{
    auto_ptr(findings) findings = findings_new();

    findings_add(findings, id, NULL);
    return show(request, status, request_text(request, "next"), findings);
}

static struct response *make_wait(struct request *request, const char *login, gint64 seconds)
{
    auto_ptr(findings) findings = findings_new();
    gint64 minutes = (seconds + 59) / 60;
    g_autofree char *wait = g_strdup_printf("%" G_GINT64_FORMAT " minute%s", minutes,
                                            minutes == 1 ? "" : "s");
    struct response *response;

    g_message("throttled sign-in of %s from %s", login, request->client);
    findings_add(findings, FINDING_SIGN_IN_THROTTLED, wait, NULL);
    response = show(request, 429, request_text(request, "next"), findings);
    response->retry_after = (unsigned)seconds;
    return response;
}

static struct response *accept(struct request *request, const struct attempt *attempt,
                               const struct person *person, GError **error)
{
    if (!attempt_succeeded(request->portal->office.database, attempt, error) ||
        !identity_start(request, person, error))
        return NULL;
    g_message("sign-in of %s from %s", person->login, request->client);
    return response_redirect(safe_next(request_text(request, "next")));
}

/*
 * The attempt is counted already. It is taken back unless the directory may have counted it as
 * well: the password was wrong, or was sent and not answered.
 */
static struct response *try(struct request *request, const char *login,
                            const struct applicant *applicant, const struct attempt *attempt,
                            GError **error)
{
    const struct office *office = &request->portal->office;
    struct sign_in sign_in;
    auto_ptr(person) person = NULL;

    if (!directory_try_password(office->directory, applicant, request_text(request, "password"),
                                request->deadline, &sign_in, error)) {
        if (!sign_in.unanswered)
            attempt_take_back(office->database, attempt, NULL);
        return NULL;
    }
    person = sign_in.person;
    if (sign_in.answer == SIGN_IN_ACCEPTED)
        return accept(request, attempt, person, error);
    if (sign_in.answer != SIGN_IN_WRONG && !attempt_take_back(office->database, attempt, error))
        return NULL;
    g_message("failed sign-in of %s from %s: %s", login, request->client, sign_in.reason);
    return refuse(request, 422, ownership_explain_sign_in(sign_in.answer));
}

static struct response *refuse_login(struct request *request, const char *typed)
{
    g_autofree char *escaped = g_strescape(typed, NULL);

    g_message("failed sign-in of %s from %s: not a login's syntax", escaped, request->client);
    return refuse(request, 422, ownership_explain_sign_in(SIGN_IN_BAD_LOGIN));
}

/* What may be tried is counted by whom the login leads to, so the directory is asked first. */
static struct response *submit(struct request *request, const char *login, GError **error)
{
    const struct office *office = &request->portal->office;
    g_autofree char *device = identity_device(request);
    struct attempt_by by = {.login = login, .network = request->network, .device = device};
    auto_ptr(applicant) applicant = NULL;
    const struct person *person;
    struct attempt attempt;

    if (!directory_find_applicant(office->directory, login, request->deadline, &applicant, error))
        return NULL;
    person = applicant_person(applicant);
    if (person) {
        by.person_id = person->id;
        by.dn = person->dn;
    }
    if (!attempt_count(office->database, &by, &office->config->sign_in, &attempt, error))
        return NULL;
    if (attempt.wait)
        return make_wait(request, login, attempt.wait);
    return try(request, login, applicant, &attempt, error);
}

struct response *page_sign_in_submit(struct request *request, GError **error)
{
    g_autofree char *typed = g_strstrip(g_strdup(request_text(request, "login")));
    g_autofree char *login = directory_plain_login(request->portal->office.directory, typed);

    if (!*typed)
        return refuse(request, 422, FINDING_SIGN_IN_NO_LOGIN);
    if (!*request_text(request, "password"))
        return refuse(request, 422, FINDING_SIGN_IN_NO_PASSWORD);
    return login ? submit(request, login, error) : refuse_login(request, typed);
}

struct response *page_sign_out(struct request *request, GError **error)
{
    g_message("sign-out of %s from %s", request->session->login, request->client);
    return identity_end(request, error) ? response_redirect("/") : NULL;
}
