/* SPDX-License-Identifier: MIT
 *
 * What a person sees of the certificate that they sent.
 */
#include "web/certificate-view.h"

#include "adapters/certificate/certificate.h"
#include "base/limits.h"
#include "rules/certificate.h"
#include "web/portal.h"

/* What is to stand in the text field. Caller frees. */
static char *kept_text(const struct request *request, bool *uploaded)
{
    GBytes *file = request_file(request, "certificate");
    const char *typed = request_text(request, "certificate_text");
    g_autofree char *pem = NULL;

    if (file)
        pem = certificate_as_pem(g_bytes_get_data(file, NULL), g_bytes_get_size(file));
    *uploaded = pem != NULL;
    if (pem)
        return g_steal_pointer(&pem);
    return g_strdup(typed);
}

static void describe(struct page *body, const struct certificate *leaf, gint64 now)
{
    struct page *part = page_include(body, "CERTIFICATE_READ", "certificate-read.tpl");
    g_autofree char *left = certificate_duration(leaf->not_after - now);
    g_autoptr(GDateTime) end = g_date_time_new_from_unix_local(leaf->not_after);
    g_autofree char *until = g_date_time_format(end, "%-d %B %Y");

    for (guint i = 0; i < leaf->names->len; i++)
        page_set(page_show(part, "NAME"), "TEXT", g_ptr_array_index(leaf->names, i));
    page_set(part, "ISSUER", leaf->issuer);
    page_set(part, "LEFT", left);
    page_set(part, "UNTIL", until);
}

void certificate_view_show(struct page *body, const struct request *request)
{
    const struct certificate_options options = {.now = g_get_real_time() / G_USEC_PER_SEC};
    auto_ptr(findings) shown_elsewhere = findings_new();
    auto_ptr(certificate) leaf = NULL;
    bool uploaded;
    g_autofree char *text = kept_text(request, &uploaded);

    page_set(body, "CERTIFICATE_TEXT", text);
    if (*text && strlen(text) <= LIMIT_CERTIFICATE_FILE)
        leaf = certificate_check(request->portal->office.trust, text, strlen(text), &options,
                                 shown_elsewhere);
    page_show(body, !uploaded                                             ? "NO_UPLOAD_KEPT"
                    : findings_verdict(shown_elsewhere) == VERDICT_REFUSE ? "UPLOAD_REFUSED"
                                                                          : "UPLOAD_KEPT");
    if (leaf)
        describe(body, leaf, options.now);
}
