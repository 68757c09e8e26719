/* SPDX-License-Identifier: MIT
 *
 * The policy daemon's textfile.
 */
#include "service/relay/policy-counts.h"

#include "base/error.h"

#include <errno.h>
#include <glib/gstdio.h>

struct policy_counts {
    GHashTable *codes; /* code -> guint64 */
};

struct policy_counts *policy_counts_new(void)
{
    struct policy_counts *counts = g_new0(struct policy_counts, 1);

    counts->codes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return counts;
}

void policy_counts_free(struct policy_counts *counts)
{
    g_hash_table_unref(counts->codes);
    g_free(counts);
}

void policy_counts_add(struct policy_counts *counts, const char *code)
{
    guint64 *count = g_hash_table_lookup(counts->codes, code);

    if (!count) {
        count = g_new0(guint64, 1);
        g_hash_table_insert(counts->codes, g_strdup(code), count);
    }
    ++*count;
}

static char *format_counts(const struct policy_counts *counts, guint64 serial, gint64 since)
{
    GString *text = g_string_new("# HELP appsmtp_policy_decisions_total Answers by code.\n"
                                 "# TYPE appsmtp_policy_decisions_total counter\n");
    g_autoptr(GList) codes = g_hash_table_get_keys(counts->codes);

    codes = g_list_sort(codes, (GCompareFunc)strcmp);
    for (const GList *at = codes; at; at = at->next)
        g_string_append_printf(text, "appsmtp_policy_decisions_total{code=\"%s\"} %" G_GUINT64_FORMAT
                               "\n", (const char *)at->data,
                               *(const guint64 *)g_hash_table_lookup(counts->codes, at->data));
    g_string_append_printf(
        text,
        "# HELP appsmtp_policy_generation Serial number of the generation that answers; 0 is none.\n"
        "# TYPE appsmtp_policy_generation gauge\nappsmtp_policy_generation %" G_GUINT64_FORMAT "\n"
        "# HELP appsmtp_policy_generation_timestamp_seconds When it was written.\n"
        "# TYPE appsmtp_policy_generation_timestamp_seconds gauge\n"
        "appsmtp_policy_generation_timestamp_seconds %" G_GINT64_FORMAT "\n", serial, since);
    return g_string_free(text, FALSE);
}

bool policy_counts_write(const struct policy_counts *counts, const char *file, guint64 serial,
                         gint64 since, GError **error)
{
    g_autofree char *text = format_counts(counts, serial, since);
    g_autofree char *fresh = g_strconcat(file, ".new", NULL);

    errno = 0;
    if (g_file_set_contents_full(fresh, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, NULL) &&
        g_rename(fresh, file) == 0)
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT, "could not write \"%s\": %s", file,
                g_strerror(errno));
    return false;
}
