/* SPDX-License-Identifier: MIT
 *
 * Wording a run.
 */
#include "service/relay/export-report.h"

#define LISTED 5 /* of each kind, in the one line of a run */

/* Names are letters, digits, dots and hyphens: they need no escaping. */
static void append_names(GString *json, const char *key, const GPtrArray *names)
{
    g_string_append_printf(json, ", \"%s\": [", key);
    for (guint i = 0; i < names->len; i++)
        g_string_append_printf(json, "%s\"%s\"", i ? ", " : "",
                               (const char *)g_ptr_array_index(names, i));
    g_string_append_c(json, ']');
}

static guint64 count_outside(const struct gather *gather)
{
    return gather->left_out[LEFT_OUT_OUTSIDE] + gather->left_out[LEFT_OUT_NO_LOCATION];
}

char *export_details(const struct gather *gather, const struct hostnames *hostnames,
                     const struct uses_report *uses, guint64 lost)
{
    GString *json = g_string_new(NULL);
    g_autofree char *used = uses_report_json(uses);
    g_autofree char *left_out = omissions_json(gather->omissions);
    g_autofree char *addresses = hostnames_json(hostnames);

    g_string_append_printf(json,
                           "{\"suspended\": %" G_GUINT64_FORMAT ", \"expired\": %" G_GUINT64_FORMAT
                           ", \"outside\": %" G_GUINT64_FORMAT
                           ", \"unfit\": %" G_GUINT64_FORMAT ", \"lost\": %" G_GUINT64_FORMAT,
                           gather->suspended, gather->left_out[LEFT_OUT_CERTIFICATE_ENDED],
                           count_outside(gather), gather->left_out[LEFT_OUT_UNFIT], lost);
    append_names(json, "hostnames_without_address", hostnames_without(hostnames));
    append_names(json, "hostnames_kept", hostnames_kept(hostnames));
    append_names(json, "hostnames_crowded", hostnames_crowded(hostnames));
    g_string_append_printf(json, ", \"left_out\": %s, \"addresses\": %s", left_out, addresses);
    if (used)
        g_string_append_printf(json, ", %s", used);
    g_string_append_c(json, '}');
    return g_string_free(json, FALSE);
}

static void append_list(GString *text, const char *what, const GPtrArray *names)
{
    for (guint i = 0; i < names->len && i < LISTED; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : what,
                               (const char *)g_ptr_array_index(names, i));
    if (names->len > LISTED)
        g_string_append_printf(text, " and %u more", names->len - LISTED);
}

static void add_sentence(const struct omission *one, void *data)
{
    GPtrArray *sentences = data;

    g_ptr_array_add(sentences, omission_sentence(one));
}

/* All of them: appsmtp-admin left-out. */
static void append_omissions(GString *text, const GPtrArray *omissions)
{
    g_autoptr(GPtrArray) sentences = g_ptr_array_new_with_free_func(g_free);

    omissions_each(omissions, add_sentence, sentences);
    append_list(text, "; left out: ", sentences);
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
    append_count(text, gather->left_out[LEFT_OUT_CERTIFICATE_ENDED], "expired");
    append_count(text, count_outside(gather), "outside their locations");
    append_count(text, gather->left_out[LEFT_OUT_UNFIT], "that no map can hold");
    append_count(text, lost, "registrations lose something in this format");
    if (hostnames_moved(hostnames)->len > 0) {
        append_count(text, hostnames_moved(hostnames)->len, "hostnames moved");
        append_list(text, ": ", hostnames_moved(hostnames));
    }
    append_omissions(text, gather->omissions);
    append_list(text, "; last addresses kept: ", hostnames_kept(hostnames));
    append_list(text, "; too many addresses: ", hostnames_crowded(hostnames));
    return g_string_free(text, FALSE);
}
