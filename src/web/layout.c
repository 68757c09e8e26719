/* SPDX-License-Identifier: MIT
 *
 * What all pages share.
 */
#include "web/layout.h"

#include "base/error.h"
#include "rules/address.h"
#include "web/portal.h"

#include <stdarg.h>

static bool is_mail_address(const char *text)
{
    auto_ptr(findings) reasons = findings_new();
    g_autofree char *address = address_check(text, NULL, reasons);

    return address && g_ascii_strcasecmp(address, text) == 0;
}

void layout_show_help_contact(struct page *part, const struct request *request)
{
    const char *contact = request->portal->config->help_contact;
    struct page *help = page_include(part, "HELP_CONTACT", "help-contact.tpl");

    page_set(page_show(help, is_mail_address(contact) ? "MAIL" : "WORDS"), "CONTACT", contact);
}

/* A form that held a private key is refused, whatever its page knows of that. */
static char *title_of(const struct request *request, const char *title)
{
    bool told = !request_has_secret(request) || g_str_has_prefix(title, "Error: ");

    return told ? g_strdup(title) : g_strconcat("Error: ", title, NULL);
}

struct page *layout_new(const struct request *request, const char *title,
                        const char *template_name, struct page **body)
{
    const struct config *config = request->portal->config;
    struct page *layout = page_new("layout.tpl");
    g_autofree char *full_title = title_of(request, title);

    page_set(layout, "TITLE", full_title);
    page_set(layout, "SITE", config->site_name);
    layout_show_help_contact(layout, request);
    if (request->session) {
        struct page *signed_in = page_show(layout, "SIGNED_IN");
        page_set(signed_in, "PERSON", request->session->name);
        if (config->sign_in.kind == SIGN_IN_DIRECTORY)
            page_set(page_show(signed_in, "SIGN_OUT"), "CSRF_TOKEN", request->session->csrf_token);
    } else {
        page_show(layout, "SIGN_IN");
    }
    if (request->staff != STAFF_NONE)
        page_show(layout, "STAFF");
    *body = page_include(layout, "BODY", template_name);
    return layout;
}

struct response *layout_response(unsigned status, struct page *layout)
{
    char *html = page_render(layout);

    page_free(layout);
    if (!html)
        g_error("could not read the templates: is the folder complete?");
    return response_html(status, html);
}

/* "application_name" with "_BAD" -> "APPLICATION_NAME_BAD". */
static char *marker(const char *field, const char *suffix)
{
    g_autofree char *name = g_strconcat(field, suffix, NULL);

    return g_ascii_strup(name, -1);
}

/* What there is to say of a form: its private keys, and what its page found. */
struct told {
    const struct findings *secrets;
    const struct findings *findings; /* may be NULL */
};

static size_t told_count(const struct told *told)
{
    return findings_count(told->secrets) + (told->findings ? findings_count(told->findings) : 0);
}

static const struct finding *told_at(const struct told *told, size_t index)
{
    size_t secrets = findings_count(told->secrets);

    return index < secrets ? findings_at(told->secrets, index)
                           : findings_at(told->findings, index - secrets);
}

static bool is_faulty(const struct told *told, const char *field)
{
    for (size_t i = 0; i < told_count(told); i++) {
        const struct finding *finding = told_at(told, i);
        if (finding->severity != SEVERITY_WARNING && g_str_equal(finding->field, field))
            return true;
    }
    return false;
}

/* The page that says more than a sentence can; NULL where the text is enough. */
static const char *help_of(enum finding_id id, const char **title)
{
    static const enum finding_id keys[] = {FINDING_CERTIFICATE_PRIVATE_KEY,
                                           FINDING_CERTIFICATE_PKCS12, FINDING_CERTIFICATE_KEYSTORE,
                                           FINDING_SECRET_PRIVATE_KEY, FINDING_SECRET_KEYSTORE};
    bool is_of_key = false;

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        is_of_key |= id == keys[i];
    if (!is_of_key)
        return NULL;
    *title = "When a key is stolen or lost";
    return "/help/stolen-keys";
}

static void show_finding(struct page *texts, const struct finding *finding)
{
    struct page *row =
        page_show(texts, finding->severity == SEVERITY_WARNING ? "WARNING" : "ERROR");
    const char *title;
    const char *path = help_of(finding->id, &title);
    struct page *more = path ? page_show(row, "MORE") : NULL;

    page_set(row, "TEXT", finding->text);
    if (!more)
        return;
    page_set(more, "PATH", path);
    page_set(more, "TITLE", title);
}

static void show_at_field(struct page *body, const struct told *told, const char *field)
{
    g_autofree char *errors = marker(field, "_ERRORS");
    g_autofree char *bad = marker(field, "_BAD");
    g_autofree char *bad_id = marker(field, "_BAD_ID");
    struct page *texts = NULL;

    for (size_t i = 0; i < told_count(told); i++) {
        const struct finding *finding = told_at(told, i);
        if (!g_str_equal(finding->field, field))
            continue;
        if (!texts)
            texts = page_include(body, errors, "errors.tpl");
        show_finding(texts, finding);
    }
    if (!texts)
        return;
    page_set(texts, "FIELD", field);
    page_show(body, bad_id);
    if (is_faulty(told, field))
        page_show(body, bad);
}

static struct page *show_summary(struct page *body, const struct told *told)
{
    struct page *summary = page_include(body, "SUMMARY", "summary.tpl");

    for (size_t i = 0; i < told_count(told); i++) {
        const struct finding *finding = told_at(told, i);
        if (finding->severity == SEVERITY_WARNING)
            continue;
        struct page *error = page_show(summary, "ERROR");
        page_set(error, "FIELD", finding->field);
        page_set(error, "TEXT", finding->text);
    }
    return summary;
}

struct page *layout_show_findings(const struct request *request, struct page *body,
                                  const struct findings *findings, const char *const *fields)
{
    const struct told told = {request->secrets, findings};

    for (; *fields; fields++)
        show_at_field(body, &told, *fields);
    if (!request_has_secret(request) &&
        (!findings || findings_verdict(findings) == VERDICT_ACCEPT))
        return NULL;
    return show_summary(body, &told);
}

struct response *layout_secret(const struct request *request, const char *path)
{
    static const char heading[] = "A private key was sent";
    struct page *body;
    struct page *layout = layout_new(request, heading, "problem.tpl", &body);

    page_set(body, "HEADING", heading);
    for (size_t i = 0; i < findings_count(request->secrets); i++)
        page_set(page_show(body, "PARAGRAPH"), "TEXT", findings_at(request->secrets, i)->text);
    page_set(page_show(body, "PARAGRAPH"), "TEXT",
             path ? "Nothing was changed. What else you typed is kept." : "Nothing was changed.");
    if (!g_str_equal(request->method, "POST"))
        page_set(page_show(body, "PARAGRAPH"), "TEXT",
                 "The key stands in the address line of your browser: delete it from the browser's "
                 "history too.");
    if (path)
        page_set(page_show(body, "AGAIN"), "PATH", path);
    return layout_response(422, layout);
}

struct response *layout_problem(const struct request *request, unsigned status,
                                const char *heading, ...)
{
    struct page *body;
    struct page *layout = layout_new(request, heading, "problem.tpl", &body);
    va_list paragraphs;

    page_set(body, "HEADING", heading);
    va_start(paragraphs, heading);
    for (const char *text; (text = va_arg(paragraphs, const char *));)
        page_set(page_show(body, "PARAGRAPH"), "TEXT", text);
    va_end(paragraphs);
    /* What may not be seen looks like what is not there, always the same. */
    if (status != 404)
        page_set(page_show(body, "REFERENCE"), "NUMBER", request->reference);
    return layout_response(status, layout);
}

/* The same page for all that does not exist or may not be seen, also in the staff's part. */
struct response *layout_not_found(const struct request *request)
{
    struct request plain = *request;

    plain.staff = STAFF_NONE;
    return layout_problem(&plain, 404, "Page not found",
                          "There is no such page, or you may not see it. If you typed the "
                          "address, check that it is right.",
                          NULL);
}

const char *layout_outage_text(const GError *error)
{
    if (error->domain != APPSMTP_ERROR)
        return "A part of the portal could not do its work.";
    switch ((enum appsmtp_error)error->code) {
    case APPSMTP_ERROR_DIRECTORY:
        return "The university's directory could not be asked.";
    case APPSMTP_ERROR_DATABASE:
    case APPSMTP_ERROR_UNKNOWN_OUTCOME:
        return "The database of registrations could not be asked.";
    case APPSMTP_ERROR_RESOLVER:
        return "DNS could not be asked.";
    case APPSMTP_ERROR_CONFIGURATION:
    case APPSMTP_ERROR_LIMIT:
        return "A part of the portal is not set up as it should be. The help desk can tell the "
               "relay team.";
    default:
        return "A part of the portal could not do its work.";
    }
}

/* What is wrong with the set-up is so in a minute as well. */
static const char *advice_for(const GError *error)
{
    if (error->domain != APPSMTP_ERROR)
        return "Nothing was saved. Try again in a minute.";
    switch ((enum appsmtp_error)error->code) {
    case APPSMTP_ERROR_UNKNOWN_OUTCOME:
        return "It could not be learned whether your change was saved. Look at your "
               "registrations in a minute before you try again.";
    case APPSMTP_ERROR_CONFIGURATION:
    case APPSMTP_ERROR_LIMIT:
        return "Nothing was saved. Trying again will not help before that is put right.";
    default:
        return "Nothing was saved. Try again in a minute.";
    }
}

struct response *layout_outage(const struct request *request, const GError *error)
{
    struct response *response = layout_problem(request, 503, "Service unavailable",
                                               layout_outage_text(error), advice_for(error), NULL);

    response->retry_after = LAYOUT_RETRY_SECONDS;
    return response;
}
