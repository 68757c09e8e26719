/* SPDX-License-Identifier: MIT
 *
 * The list of a digest.
 */
#include "service/notices/digest.h"

#include "adapters/database/notices.h"
#include "base/limits.h"
#include "service/notices/text.h"

#define DATABASE_MS 30000

static const char *value_of(const struct notice *notice, const char *name)
{
    const char *value = g_hash_table_lookup(notice->values, name);

    return value ? value : "";
}

/* "  direct@example.edu: nb1 is an owner now (by ow1)". Caller frees. */
static char *line_of(const struct notice *notice)
{
    g_autofree char *subject = notice_subject(notice->kind, notice->values);
    const char *by = value_of(notice, "by");

    return *by ? g_strdup_printf("  %s (by %s)\n", subject, by)
               : g_strdup_printf("  %s\n", subject);
}

struct digest_list {
    const char *base_url;
    const GPtrArray *notices;
    guint count;         /* of these, that are in the list */
    guint registrations; /* of them */
    GString *text;
};

/*
 * Adds those of the same registration as the first one that is not in the list. Who is told of
 * one change in two roles, as an owner and as a member of a group, reads it once.
 */
static void add_registration(struct digest_list *list)
{
    const struct notice *first = g_ptr_array_index(list->notices, list->count);
    const char *registration = value_of(first, "registration");
    g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (; list->count < list->notices->len && list->text->len < LIMIT_DIGEST_TEXT * 3 / 4;
         list->count++) {
        const struct notice *notice = g_ptr_array_index(list->notices, list->count);
        g_autofree char *line = line_of(notice);
        if (!g_str_equal(value_of(notice, "registration"), registration))
            break;
        if (g_hash_table_add(told, g_strconcat(value_of(notice, "history"), line, NULL)))
            g_string_append(list->text, line);
    }
    g_string_append_printf(list->text, "  %s/registrations/%s\n", list->base_url, registration);
    list->registrations++;
}

static bool make(const struct delivery *delivery, const char *address, const GPtrArray *notices,
                 GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    struct digest_list list = {delivery->config->base_url, notices, 0, 0, text};
    g_autofree char *summary = NULL;

    while (list.count < notices->len && text->len < LIMIT_DIGEST_TEXT * 3 / 4) {
        if (text->len > 0)
            g_string_append_c(text, '\n');
        add_registration(&list);
    }
    g_string_truncate(text, text->len - 1);
    summary = g_strdup_printf("%u notice%s about %u registration%s", list.count,
                              list.count == 1 ? "" : "s", list.registrations,
                              list.registrations == 1 ? "" : "s");
    return notices_digest(
        delivery->database,
        &(struct notices_digest){address, notices, list.count, summary, text->str}, delivery->now,
        error);
}

bool digests_make(const struct delivery *delivery, GError **error)
{
    g_autoptr(GPtrArray) addresses = NULL;

    database_set_deadline(delivery->database, deadline_in(DATABASE_MS));
    if (!notices_digests_due(delivery->database, delivery->now, &addresses, error))
        return false;
    for (guint i = 0; i < addresses->len; i++) {
        const char *address = g_ptr_array_index(addresses, i);
        g_autoptr(GPtrArray) notices = NULL;
        database_set_deadline(delivery->database, deadline_in(DATABASE_MS));
        if (!notices_held_for(delivery->database, address, LIMIT_DIGEST, &notices, error))
            return false;
        if (notices->len > 0 && !make(delivery, address, notices, error))
            return false;
    }
    return true;
}
