/* SPDX-License-Identifier: MIT
 *
 * Sharing rates, and wording what is above them.
 */
#include "rules/rate.h"

#include "base/limits.h"
#include "rules/typed.h"

#include <string.h>

unsigned rate_share(unsigned per_hour, unsigned relays)
{
    return per_hour / relays + (per_hour % relays > 0);
}

unsigned rate_larger(unsigned a, unsigned b)
{
    return a == 0 || b == 0 ? 0 : MAX(a, b);
}

/* "1 minute", "2 minutes". Caller frees. */
static char *count_of(unsigned count, const char *thing)
{
    return g_strdup_printf("%u %s%s", count, thing, count == 1 ? "" : "s");
}

struct decision *rate_decide(const struct rate_excess *excess)
{
    auto_ptr(findings) found = findings_new();
    g_autofree char *sender = *excess->sender ? decision_printable(excess->sender) : g_strdup("<>");
    g_autofree char *portal = decision_printable(excess->portal);
    g_autofree char *most = count_of(excess->rate.per_hour, "recipient");
    g_autofree char *allowed =
        g_strconcat(most, excess->rate.per_source ? " an hour from one address" : " an hour", NULL);
    g_autofree char *recipients = g_strdup_printf("%u", excess->recipients);
    g_autofree char *wait = count_of((excess->wait - 1) / 60 + 1, "minute");

    if (excess->recipients > excess->rate.per_hour)
        findings_add(found, FINDING_MESSAGE_TOO_MANY_RECIPIENTS, sender, allowed, recipients, most,
                     portal, NULL);
    else
        findings_add(found, FINDING_MESSAGE_TOO_MANY, sender, allowed, wait, NULL);
    return decision_from_findings(found);
}

enum rate_mark rate_mark(gint64 used, gint64 allowed)
{
    if (allowed <= 0)
        return RATE_FREE;
    if (used >= allowed)
        return RATE_FULL;
    return used * 100 >= allowed * RATE_NEAR_PERCENT ? RATE_NEAR : RATE_FREE;
}

bool rate_check(const char *typed, unsigned *per_hour, struct findings *findings)
{
    g_autofree char *clean = typed_clean(typed);
    g_autofree char *shown = typed_show(clean);
    guint64 number = 0;

    if (strspn(clean, "0123456789") != strlen(clean)) {
        findings_add(findings, FINDING_RATE_NUMBER, shown, NULL);
        return false;
    }
    if (*clean && !g_ascii_string_to_unsigned(clean, 10, 1, LIMIT_RECIPIENTS_PER_HOUR, &number, NULL)) {
        findings_add(findings, FINDING_RATE_RANGE, shown, NULL);
        return false;
    }
    *per_hour = (unsigned)number;
    return true;
}
