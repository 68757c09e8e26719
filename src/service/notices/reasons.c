/* SPDX-License-Identifier: MIT
 *
 * Telling reasons apart.
 */
#include "service/notices/reasons.h"

#include "base/limits.h"

struct reasons {
    GPtrArray *texts;   /* of char *, in the order in which they came */
    GHashTable *counts; /* of them */
};

struct reasons *reasons_new(void)
{
    struct reasons *reasons = g_new0(struct reasons, 1);

    reasons->texts = g_ptr_array_new_with_free_func(g_free);
    reasons->counts = g_hash_table_new(g_str_hash, g_str_equal);
    return reasons;
}

void reasons_free(struct reasons *reasons)
{
    g_hash_table_unref(reasons->counts);
    g_ptr_array_unref(reasons->texts);
    g_free(reasons);
}

void reasons_add(struct reasons *reasons, const char *reason)
{
    g_autofree char *cut =
        g_utf8_substring(reason, 0, MIN(g_utf8_strlen(reason, -1), LIMIT_NOTICE_REASON));
    gpointer key, count;

    if (!g_hash_table_lookup_extended(reasons->counts, cut, &key, &count)) {
        key = g_steal_pointer(&cut);
        count = NULL;
        g_ptr_array_add(reasons->texts, key);
    }
    g_hash_table_insert(reasons->counts, key, GUINT_TO_POINTER(GPOINTER_TO_UINT(count) + 1));
}

char *reasons_text(const struct reasons *reasons)
{
    GString *text;
    guint told = MIN(reasons->texts->len, LIMIT_NOTICE_REASONS);
    guint others = reasons->texts->len - told;

    if (told == 0)
        return NULL;
    text = g_string_new(NULL);
    for (guint i = 0; i < told; i++) {
        const char *reason = g_ptr_array_index(reasons->texts, i);
        g_string_append_printf(text, "%s\"%s\" (%u)", i ? "; " : "", reason,
                               GPOINTER_TO_UINT(g_hash_table_lookup(reasons->counts, reason)));
    }
    if (others)
        g_string_append_printf(text, "; and %u other reason%s", others, others == 1 ? "" : "s");
    return g_string_free(text, FALSE);
}
