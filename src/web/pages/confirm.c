/* SPDX-License-Identifier: MIT
 *
 * POST /registrations/{id}/confirm: it is still needed.
 */
#include "service/standing.h"
#include "web/layout.h"
#include "web/outcome.h"
#include "web/pages.h"
#include "web/portal.h"
#include "web/visible.h"

struct response *page_confirm(struct request *request, GError **error)
{
    const struct actor actor = outcome_actor(request);
    auto_ptr(registration) registration = NULL;
    auto_ptr(findings) findings = findings_new();
    bool changed;

    if (!visible_registration(request, &registration, error))
        return NULL;
    if (!registration)
        return layout_not_found(request);
    if (!standing_confirm(request->portal->office.database, registration->id,
                          g_get_real_time() / G_USEC_PER_SEC, &actor, findings, &changed, error))
        return NULL;
    if (findings_verdict(findings) != VERDICT_ACCEPT)
        return layout_problem(request, 422, "This registration is retired",
                              findings_at(findings, 0)->text, NULL);
    return outcome_done(request, changed ? "The registration is confirmed for another year." : NULL,
                        findings);
}
