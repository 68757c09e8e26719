/* SPDX-License-Identifier: MIT
 *
 * An address may hold signs that a configuration or a program's text reads as
 * its own: each snippet gets it quoted as it needs it.
 */
#include "web/setup.h"

#include "web/portal.h"

#include <string.h>

/* sign -> replacement, in a copy. Caller frees. */
static char *replaced(const char *text, const char *sign, const char *replacement)
{
    g_auto(GStrv) parts = g_strsplit(text, sign, -1);

    return g_strjoinv(replacement, parts);
}

/* What Exim expands stands for itself behind a backslash. Caller frees. */
static char *quoted_for_exim(const char *address)
{
    GString *quoted = g_string_new(NULL);

    for (; *address; address++) {
        if (strchr("${}", *address))
            g_string_append_c(quoted, '\\');
        g_string_append_c(quoted, *address);
    }
    return g_string_free(quoted, FALSE);
}

static void show_quoted(struct page *part, const char *address)
{
    g_autofree char *shell = g_shell_quote(address);
    g_autofree char *regexp = replaced(address, "$", "$$");
    g_autofree char *exim = quoted_for_exim(address);
    g_autofree char *return_path = g_strdup_printf("${if def:return_path {%s}}", exim);
    g_autofree char *php = replaced(address, "'", "\\'");
    g_autofree char *powershell = replaced(address, "'", "''");

    page_set(part, "ADDRESS_SHELL", shell);
    page_set(part, "ADDRESS_REGEXP", regexp);
    page_set(part, "ADDRESS_EXIM", exim);
    page_set(part, "RETURN_PATH_EXIM", return_path);
    page_set(part, "ADDRESS_PHP", php);
    page_set(part, "ADDRESS_POWERSHELL", powershell);
}

static bool has_certificate(const struct registration *registration)
{
    for (guint i = 0; i < registration->sources->len; i++) {
        const struct source *source = g_ptr_array_index(registration->sources, i);
        if (source->kind == SOURCE_CERTIFICATE)
            return true;
    }
    return false;
}

/* Three bytes of a file are four of a message (RFC 2045 6.8), and each line has its end. */
void setup_show_size(struct page *part, const struct request *request)
{
    unsigned megabytes = request->portal->config->relay.message_megabytes;

    page_set_number(part, "MEGABYTES", megabytes);
    page_set_number(part, "FILE_MEGABYTES", MAX(1, megabytes * 73 / 100));
}

void setup_show(struct page *body, const struct request *request,
                const struct registration *registration)
{
    const struct relay_settings *relay = &request->portal->config->relay;
    struct page *part = page_include(body, "SETUP", "setup.tpl");
    const char *at = strrchr(registration->address, '@');
    g_autofree char *recipient = g_strconcat("you", at ? at : "", NULL);

    page_set(part, "ADDRESS", registration->address);
    page_set(part, "RECIPIENT", recipient);
    page_set(part, "RELAY_HOST", relay->host);
    page_set_number(part, "RELAY_PORT", relay->port);
    setup_show_size(part, request);
    show_quoted(part, registration->address);
    page_show(part, has_certificate(registration) ? "WITH_CERTIFICATE" : "WITHOUT_CERTIFICATE");
}
