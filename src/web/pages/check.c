/* SPDX-License-Identifier: MIT
 *
 * GET and POST /check: would this message be accepted? Open to everybody, and of any
 * address: the answers are those that the relay gives to whoever comes from there.
 *
 * What is more than that is told to those alone who may know it: the addresses of a name
 * to people who are signed in, all about the registration to those with a role on it. To
 * find out the sources of an address by asking for one after the other is made slow: a
 * login, or the address (of IPv6 the /64) of somebody who is not signed in, has
 * so many questions; and the names of strangers are looked up one at a time.
 */
#include "adapters/database/sessions.h"
#include "adapters/database/attempts.h"
#include "base/limits.h"
#include "service/condition.h"
#include "service/question.h"
#include "web/certificate-view.h"
#include "web/layout.h"
#include "web/pages.h"
#include "web/portal.h"
#include "web/registration-view.h"
#include "web/visible.h"

const struct field check_query[] = {
    {"sender", FIELD_TEXT, LIMIT_ADDRESS},
    {"client", FIELD_TEXT, LIMIT_HOSTNAME},
    {NULL, FIELD_TEXT, 0},
};

const struct field check_form[] = {
    {"csrf_token", FIELD_TEXT, 100},
    {"sender", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {"client", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {"certificate", FIELD_FILE, LIMIT_REQUEST_BODY},
    {"certificate_text", FIELD_TEXT, LIMIT_REQUEST_BODY},
    {NULL, FIELD_TEXT, 0},
};

static const char *const fields[] = {"sender", "client", "certificate", NULL};

/* Which words explain the rule behind a decision, and how to change it. */
static const char *const rules[][3] = {
    {"message.permitted", "RULE_PERMITTED", "HOW_PERMITTED"},
    {"message.client-not-an-address", "RULE_OUTSIDE", "HOW_OUTSIDE"},
    {"message.outside-locations", "RULE_OUTSIDE", "HOW_OUTSIDE"},
    {"message.null-sender", "RULE_NULL_SENDER", "HOW_NULL_SENDER"},
    {"message.sender-not-registered", "RULE_NO_SENDER", "HOW_NO_SENDER"},
    {"message.sender-no-domain", "RULE_NEVER", "HOW_NEVER"},
    {"message.sender-literal", "RULE_NEVER", "HOW_NEVER"},
    {"message.sender-subdomain", "RULE_NEVER", "HOW_NEVER"},
    {"message.sender-foreign", "RULE_NEVER", "HOW_NEVER"},
    {"message.sender-unfit", "RULE_NEVER", "HOW_NEVER"},
    {"message.source-not-registered", "RULE_NO_SOURCE", "HOW_NO_SOURCE"},
    {"message.certificate-not-registered", "RULE_NO_CERTIFICATE", "HOW_NO_CERTIFICATE"},
    {"message.unavailable", "RULE_UNAVAILABLE", "HOW_UNAVAILABLE"},
};

static struct page *show_form(struct request *request, const char *title, const char *sender,
                              const char *client, struct page **body)
{
    struct page *layout = layout_new(request, title, "check.tpl", body);

    page_set(*body, "CSRF_TOKEN", request->session ? request->session->csrf_token : "");
    page_set(*body, "SENDER", sender);
    page_set(*body, "CLIENT", client);
    page_set(*body, "OWN_ADDRESS", request->client);
    certificate_view_show(*body, request);
    return layout;
}

struct response *page_question(struct request *request, GError **error G_GNUC_UNUSED)
{
    struct page *body;
    struct page *layout = show_form(request, "Would this message be accepted?",
                                          request_text_anywhere(request, "sender"),
                                          request_text_anywhere(request, "client"), &body);

    layout_show_findings(request, body, NULL, fields);
    return layout_response(200, layout);
}

/* ---- not too many ---- */

/* Counting is not worth an outage: while the database is away everybody is answered. */
static bool is_too_many(struct request *request)
{
    g_autofree char *visitor = network_of_client(request->client);
    g_autofree char *who = request->session
                               ? g_strconcat("login ", request->session->login, NULL)
                               : g_strconcat("address ", visitor, NULL);
    g_autoptr(GError) reason = NULL;
    unsigned most = request->session ? LIMIT_QUESTIONS : LIMIT_STRANGERS_QUESTIONS;
    bool many = false;

    if (!question_count(request->portal->office.database, who, most, &many, &reason))
        g_message("POST /check: %s", reason->message);
    else if (many)
        g_message("POST /check: too many questions of %s", who);
    return many;
}

static struct response *refuse_more(struct request *request)
{
    struct response *response = layout_problem(
        request, 429, "Too many questions",
        "There were more questions within a few minutes than a person asks. Wait five minutes, "
        "then ask again.",
        "The relay team has appsmtp-check for many questions at a time.", NULL);

    response->retry_after = LIMIT_QUESTION_MINUTES * 60;
    return response;
}

/* ---- the answer ---- */

static const struct verdict_for *verdict_at(const struct answer *answer, guint index)
{
    return g_ptr_array_index(answer->verdicts, index);
}

/* One word over all addresses of the client. */
static const char *summary_of(const struct answer *answer)
{
    static const char *const sections[] = {
        [DECISION_PERMIT] = "ACCEPTED",
        [DECISION_REFUSE] = "REFUSED",
        [DECISION_UNAVAILABLE] = "UNKNOWN",
    };
    enum decision_answer first = verdict_at(answer, 0)->decision->answer;

    for (guint i = 1; i < answer->verdicts->len; i++)
        if (verdict_at(answer, i)->decision->answer != first)
            return "MIXED";
    return sections[first];
}

/* The decision that explains most: the first that is no permit, else the first. */
static const struct decision *decisive(const struct answer *answer)
{
    for (guint i = 0; i < answer->verdicts->len; i++)
        if (verdict_at(answer, i)->decision->answer != DECISION_PERMIT)
            return verdict_at(answer, i)->decision;
    return verdict_at(answer, 0)->decision;
}

/* The sender's registration, for somebody who may see it; otherwise not a word of it. */
static struct registration *own_registration(struct request *request, const char *sender)
{
    auto_ptr(registration) registration = NULL;
    g_autoptr(GError) reason = NULL;
    bool may_see = false;

    if (!request->session || !*sender)
        return NULL;
    if (!registry_find_by_address(request->portal->office.database, sender, &registration,
                                  &reason) ||
        (registration && !visible_to_person(request, registration, &may_see, &reason))) {
        g_message("POST /check: %s", reason->message);
        return NULL;
    }
    return may_see ? g_steal_pointer(&registration) : NULL;
}

static bool is_waiting(const struct registration *registration)
{
    return registration && registration->state == REGISTRATION_LIVE &&
           registration->on_relay_since == 0;
}

/* Its certificate with the key that was asked about, if that is too old for the relay. */
static const struct certificate *find_over(const struct request *request,
                                           const struct registration *registration,
                                           const char *spki_sha256)
{
    for (guint i = 0; i < registration->sources->len; i++) {
        const struct source *source = g_ptr_array_index(registration->sources, i);
        if (source->kind == SOURCE_CERTIFICATE &&
            g_str_equal(source->certificate->spki_sha256, spki_sha256) &&
            condition_term(request->portal->config, source->certificate->not_after) == TERM_OVER)
            return source->certificate;
    }
    return NULL;
}

/* How to change a refusal, by what one may know of one's own registration; false: as anybody. */
static bool show_own_way(struct page *part, const struct request *request,
                         const struct registration *own, const struct answer *answer)
{
    const struct certificate *over = find_over(request, own, answer->spki_sha256);
    g_autofree char *ended = NULL;

    if (own->state == REGISTRATION_SUSPENDED) {
        page_set(page_show(part, "HOW_SUSPENDED"), "ID", own->id);
    } else if (over) {
        ended = condition_day(over->not_after);
        page_set(page_show(part, "HOW_OVER"), "ENDED", ended);
    } else if (is_waiting(own)) {
        page_show(part, "HOW_WAIT");
    } else if (own->left_out_why) {
        page_set(page_show(part, "HOW_LEFT_OUT"), "WHY", own->left_out_why);
    } else {
        return false;
    }
    return true;
}

static void show_rule(struct page *part, const struct request *request,
                      const struct registration *own, const struct answer *answer)
{
    const struct decision *decision = decisive(answer);
    bool refused = decision->answer == DECISION_REFUSE;
    struct page *rule;

    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (!g_str_equal(rules[i][0], decision->code))
            continue;
        rule = page_show(part, rules[i][1]);
        if (!answer->anywhere)
            page_show(rule, "NOR_ADDRESS");
        if (!own || !refused || !show_own_way(part, request, own, answer))
            page_show(part, rules[i][2]);
    }
}

static void show_own(struct page *part, const struct request *request,
                     const struct registration *registration)
{
    g_autofree char *state = condition_sentence(request->portal->config, registration);
    struct page *own = page_show(part, "OWN");

    page_set(own, "ID", registration->id);
    page_set(own, "ADDRESS", registration->address);
    page_set(own, "STATE", state);
    if (is_waiting(registration))
        page_show(own, "NOT_EXPORTED");
}

/* Which words say it where the relay's would name an address that was not asked about. */
static const char *words_of(const struct answer *answer, const struct decision *decision)
{
    if (decision->answer == DECISION_PERMIT && *answer->sender)
        return decision_is_by_certificate(decision) ? "BY_CERTIFICATE" : "BY_ADDRESS";
    if (answer->anywhere && g_str_equal(decision->code, "message.certificate-not-registered"))
        return "NOT_BY_CERTIFICATE";
    if (answer->anywhere && g_str_equal(decision->code, "message.null-sender"))
        return "NOT_WITHOUT_SENDER";
    return "SAID";
}

/* A permit names the source that decided; all else is said as the relay says it. */
static void show_verdict(struct page *part, const struct answer *answer,
                         const struct verdict_for *verdict)
{
    const struct decision *decision = verdict->decision;
    struct page *row = page_show(part, "VERDICT");

    page_set(row, "CLIENT", verdict->client);
    page_set(page_show(row, words_of(answer, decision)), "TEXT", decision->text);
}

/* The site's DNS may say inside what it says to nobody outside: a name stays a name for strangers. */
static void show_verdicts(struct page *part, const struct request *request,
                          const struct answer *answer)
{
    struct page *row;

    if (answer->hostname && !request->session) {
        row = page_show(part, "VERDICT");
        page_set(row, "CLIENT", answer->hostname);
        page_show(row, "NAME_ONLY");
        return;
    }
    for (guint i = 0; i < answer->verdicts->len; i++)
        show_verdict(part, answer, verdict_at(answer, i));
}

static void show_answer(struct page *body, struct request *request, const struct answer *answer)
{
    const struct decision *decision = decisive(answer);
    auto_ptr(registration) own = own_registration(request, answer->sender);
    struct page *part = page_show(body, "ANSWER");

    page_show(part, summary_of(answer));
    show_verdicts(part, request, answer);
    page_set(part, "CODE", decision->code);
    page_set(part, "SENDER", answer->sender);
    show_rule(part, request, own, answer);
    if (own)
        show_own(part, request, own);
}

static unsigned status_of(const struct answer *answer)
{
    switch (findings_verdict(answer->findings)) {
    case VERDICT_REFUSE:
        return 422;
    case VERDICT_UNAVAILABLE:
        return 503;
    default:
        return decisive(answer)->answer == DECISION_UNAVAILABLE ? 503 : 200;
    }
}

static struct response *answer_question(struct request *request, const struct question *question)
{
    auto_ptr(answer) answer =
        question_answer(&request->portal->office, question, request->deadline);
    unsigned status = status_of(answer);
    const char *title = answer->verdicts->len ? "Answer: would this message be accepted?"
                        : status == 503 ? "Service unavailable: would this message be accepted?"
                                        : "Error: would this message be accepted?";
    struct page *body;
    struct page *layout = show_form(request, title, question->sender, question->client, &body);
    struct response *response;

    layout_show_findings(request, body, answer->findings, fields);
    if (answer->verdicts->len)
        show_answer(body, request, answer);
    response = layout_response(status, layout);
    response->retry_after = status == 503 ? 30 : 0;
    return response;
}

struct response *page_question_submit(struct request *request, GError **error G_GNUC_UNUSED)
{
    const struct question question = {
        .sender = request_text(request, "sender"),
        .client = request_text(request, "client"),
        .certificate = request_file(request, "certificate"),
        .certificate_text = request_text(request, "certificate_text"),
        .visitor = {.login = request->session ? request->session->login : NULL},
    };

    return is_too_many(request) ? refuse_more(request) : answer_question(request, &question);
}
