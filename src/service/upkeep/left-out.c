/* SPDX-License-Identifier: MIT
 *
 * The round of what a relay leaves out.
 */
#include "adapters/database/upkeep.h"
#include "rules/left-out.h"
#include "service/upkeep/upkeep.h"

#define ROUND_MS 60000
#define LISTED 8 /* in one notice */

/* Of these the rounds of the certificates and of the hostnames tell. */
static bool is_told_elsewhere(enum left_out reason)
{
    return left_out_is_expected(reason) || reason == LEFT_OUT_NO_ADDRESS ||
           reason == LEFT_OUT_NOT_LOOKED_UP;
}

/* Their codes, separated by blanks. Caller frees. */
static char *told_elsewhere(void)
{
    GString *codes = g_string_new(NULL);

    for (int reason = 0; reason < LEFT_OUT_REASONS; reason++)
        if (is_told_elsewhere((enum left_out)reason))
            g_string_append_printf(codes, "%s%s", codes->len > 0 ? " " : "",
                                   left_out_code((enum left_out)reason));
    return g_string_free(codes, FALSE);
}

static void add_line(GString *list, guint count, guint all, const char *line)
{
    if (count < LISTED)
        g_string_append_printf(list, "%s  %s", count ? "\n" : "", line);
    else if (count == LISTED)
        g_string_append_printf(list, "\n  and %u more", all - LISTED);
}

/* "10.1.2.0/24 is outside its locations (campus)". Caller frees. */
static char *describe(const struct upkeep_omission *one)
{
    g_autofree char *words = left_out_words(one->reason, one->detail);

    return g_strdup_printf("%s %s", one->source, words);
}

/* How many from there on are of the same registration. */
static guint count_same(const GPtrArray *list, guint first)
{
    const struct upkeep_omission *one = g_ptr_array_index(list, first);
    guint count = 1;

    for (; first + count < list->len; count++) {
        const struct upkeep_omission *other = g_ptr_array_index(list, first + count);
        if (!g_str_equal(one->registration, other->registration))
            break;
    }
    return count;
}

static bool tell(const struct upkeep *upkeep, const GPtrArray *list, guint first, guint count,
                 const struct tidings *team, GError **error)
{
    const struct upkeep_omission *one = g_ptr_array_index(list, first);
    g_autoptr(GPtrArray) subjects = g_ptr_array_new();
    g_autoptr(GString) lines = g_string_new(NULL);
    g_autofree char *what =
        count == 1 ? g_strdup(one->source) : g_strdup_printf("%u sources", count);
    const char *values[] = {"what", what, "list", NULL, NULL};
    const struct tidings tidings = {.kind = "left-out", .values = values};
    const struct upkeep_omitted omitted = {one->registration, subjects, &tidings, team};

    for (guint i = 0; i < count; i++) {
        const struct upkeep_omission *other = g_ptr_array_index(list, first + i);
        g_autofree char *line = describe(other);
        add_line(lines, i, count, line);
        g_ptr_array_add(subjects, other->subject);
    }
    values[3] = lines->str;
    database_set_deadline(upkeep->database, deadline_in(ROUND_MS));
    return upkeep_tell_omitted(upkeep->database, &omitted, upkeep->now, error);
}

static guint count_registrations(const GPtrArray *list)
{
    guint count = 0;

    for (guint i = 0; i < list->len; i += count_same(list, i))
        count++;
    return count;
}

/* A line a registration, with the first of its sources. */
static char *list_registrations(const GPtrArray *list, guint all)
{
    GString *lines = g_string_new(NULL);
    guint count = 0;

    for (guint i = 0; i < list->len; i += count_same(list, i)) {
        const struct upkeep_omission *one = g_ptr_array_index(list, i);
        g_autofree char *words = describe(one);
        g_autofree char *line = g_strdup_printf("%s: %s", one->address, words);
        add_line(lines, count++, all, line);
    }
    return g_string_free(lines, FALSE);
}

/* The relay team is told once of all, with the first of the registrations. */
static bool tell_all(const struct upkeep *upkeep, const GPtrArray *list, GError **error)
{
    guint all = count_registrations(list);
    g_autofree char *lines = list_registrations(list, all);
    g_autofree char *count = g_strdup_printf("%u registration%s", all, all == 1 ? "" : "s");
    g_autoptr(GPtrArray) others = g_ptr_array_new();
    const char *const values[] = {"count", count, "list", lines, NULL};
    const struct tidings team = {"left-out-list", values, others};

    g_ptr_array_add(others, upkeep->config->notices->relay_team);
    for (guint i = 0; i < list->len; i += count_same(list, i))
        if (!tell(upkeep, list, i, count_same(list, i), i == 0 ? &team : NULL, error))
            return false;
    return true;
}

bool upkeep_round_left_out(const struct upkeep *upkeep, GError **error)
{
    g_autofree char *elsewhere = told_elsewhere();
    g_autoptr(GPtrArray) list = NULL;

    database_set_deadline(upkeep->database, deadline_in(ROUND_MS));
    return upkeep_omissions(upkeep->database, elsewhere, upkeep->now, &list, error) &&
           tell_all(upkeep, list, error);
}
