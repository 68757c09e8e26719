/* SPDX-License-Identifier: MIT
 *
 * Wording a run.
 */
#include "service/relay/export-report.h"

/* Names are letters, digits, dots and hyphens: they need no escaping. */
static void append_names(GString *json, const char *key, const GPtrArray *names)
{
    g_string_append_printf(json, ", \"%s\": [", key);
    for (guint i = 0; i < names->len; i++)
        g_string_append_printf(json, "%s\"%s\"", i ? ", " : "",
                               (const char *)g_ptr_array_index(names, i));
    g_string_append_c(json, ']');
}

char *export_details(const struct gather *gather, const struct hostnames *hostnames,
                     const struct uses_report *uses, guint64 lost)
{
    GString *json = g_string_new(NULL);
    g_autofree char *used = uses_report_json(uses);

    g_string_append_printf(json,
                           "{\"suspended\": %" G_GUINT64_FORMAT ", \"expired\": %" G_GUINT64_FORMAT
                           ", \"outside\": %" G_GUINT64_FORMAT
                           ", \"unfit\": %" G_GUINT64_FORMAT ", \"lost\": %" G_GUINT64_FORMAT,
                           gather->suspended, gather->expired, gather->outside, gather->unfit, lost);
    append_names(json, "hostnames_without_address", hostnames_without(hostnames));
    append_names(json, "hostnames_kept", hostnames_kept(hostnames));
    if (used)
        g_string_append_printf(json, ", %s", used);
    g_string_append_c(json, '}');
    return g_string_free(json, FALSE);
}

static void append_list(GString *text, const char *what, const GPtrArray *names)
{
    for (guint i = 0; i < names->len && i < 5; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : what,
                               (const char *)g_ptr_array_index(names, i));
    if (names->len > 5)
        g_string_append_printf(text, " and %u more", names->len - 5);
}

static void append_count(GString *text, guint64 count, const char *what)
{
    if (count)
        g_string_append_printf(text, "; %" G_GUINT64_FORMAT " %s", count, what);
}

char *export_remarks(const struct gather *gather, const struct hostnames *hostnames, guint64 lost)
{
    GString *text = g_string_new(NULL);

    append_count(text, gather->suspended, "registrations suspended");
    append_count(text, gather->expired, "expired");
    append_count(text, gather->outside, "outside their locations");
    append_count(text, gather->unfit, "that no map can hold");
    append_count(text, lost, "registrations lose something in this format");
    if (hostnames_moved(hostnames)->len > 0) {
        append_count(text, hostnames_moved(hostnames)->len, "hostnames moved");
        append_list(text, ": ", hostnames_moved(hostnames));
    }
    append_list(text, "; no address: ", hostnames_without(hostnames));
    append_list(text, "; last addresses kept: ", hostnames_kept(hostnames));
    return g_string_free(text, FALSE);
}
