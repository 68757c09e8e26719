/* SPDX-License-Identifier: MIT
 *
 * Comparing two files "pairs". Both are sorted, so one pass is enough; their heads,
 * which are short, are compared as sets.
 */
#include "service/relay/plan.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "service/relay/pairs.h"

#include <errno.h>

#define LEAST_ADDED_TO 100
#define HUNK_LINES 4096 /* a longer one is cut in two, which means the same */

/* One of the two files. */
struct side {
    char *path;
    FILE *file;
    char *line; /* the next pair, or NULL at the end */
    size_t room;
    GString *last; /* the pair before */
    guint64 number, pairs;
    GPtrArray *head; /* lines that count, of char * */
    bool whole;
};

/* A registration in the making: on which side it is, and whether it has a source there. */
struct tally {
    char *sender;
    bool there[2], alive[2];
    GHashTable *only[2]; /* set of sources of a line that the other side lacks */
};

struct comparison {
    struct side side[2];
    struct plan *plan;
    plan_show *show;
    void *data;
    GPtrArray *hunk;
    guint64 start[2], length[2];
    struct tally tally;
    GHashTable *left_out; /* see plan_sides; or NULL */
    GPtrArray *gaining; /* senders, of char *; or NULL */
    guint most;         /* of these */
    GChecksum *sum;
};

static bool fail(const struct side *side, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD, "could not compare \"%s\": %s",
                side->path, reason);
    return false;
}

/* ---- reading ---- */

static bool is_volatile(const char *line)
{
    return g_str_has_prefix(line, "# serial ") || g_str_has_prefix(line, "# time ") ||
           g_str_has_prefix(line, "# snapshot ") || g_str_has_prefix(line, "# end ");
}

static bool next_line(struct side *side)
{
    ssize_t length = side->file ? getline(&side->line, &side->room, side->file) : -1;

    if (length <= 0) {
        g_clear_pointer(&side->line, free);
        side->room = 0;
        return false;
    }
    side->number++;
    side->line[strcspn(side->line, "\n")] = '\0';
    return true;
}

/* What is compared line by line has to be in order, and each line to have its parts. */
static bool check_pair(struct side *side, GError **error)
{
    const char *tab = strchr(side->line, '\t');
    bool good = tab && tab != side->line && strchr(tab + 1, '\t') &&
                strcmp(side->last->str, side->line) < 0;

    g_string_assign(side->last, side->line);
    side->pairs++;
    return good || fail(side, "it is damaged", error);
}

/* Steps to the next pair; at the end the trailer has to have said how many there are. */
static bool next_pair(struct side *side, GError **error)
{
    while (next_line(side)) {
        g_autofree char *trailer = NULL;
        if (*side->line != '#')
            return check_pair(side, error);
        trailer = g_strdup_printf("# end %" G_GUINT64_FORMAT, side->pairs);
        side->whole = g_str_equal(side->line, trailer);
        if (!is_volatile(side->line))
            g_ptr_array_add(side->head, g_strdup(side->line));
    }
    return !side->file || side->whole || fail(side, "it is not whole", error);
}

static bool side_open(struct side *side, const char *folder, GError **error)
{
    side->head = g_ptr_array_new_with_free_func(g_free);
    side->last = g_string_new(NULL);
    if (!folder)
        return true;
    side->path = g_build_filename(folder, PAIRS_FILE, NULL);
    if (!g_file_test(side->path, G_FILE_TEST_EXISTS) ||
        g_file_test(side->path, G_FILE_TEST_IS_REGULAR))
        side->file = fopen(side->path, "re");
    else
        errno = EINVAL;
    return side->file ? next_pair(side, error) : fail(side, g_strerror(errno), error);
}

static void side_close(struct side *side)
{
    if (side->file)
        fclose(side->file);
    g_ptr_array_unref(side->head);
    g_string_free(side->last, TRUE);
    g_free(side->path);
    free(side->line);
}

/* ---- hunks ---- */

static void emit(struct comparison *c)
{
    g_autofree char *head = NULL;

    if (c->hunk->len == 0)
        return;
    head = g_strdup_printf("@@ -%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT " +%" G_GUINT64_FORMAT
                           ",%" G_GUINT64_FORMAT " @@",
                           c->start[0] - (c->length[0] == 0), c->length[0],
                           c->start[1] - (c->length[1] == 0), c->length[1]);
    c->show(head, c->data);
    for (guint i = 0; i < c->hunk->len; i++)
        c->show(g_ptr_array_index(c->hunk, i), c->data);
    g_ptr_array_set_size(c->hunk, 0);
}

/* A line that only one side has: 0 is the old one. */
static void differ(struct comparison *c, int side, const char *line)
{
    g_autofree char *shown = g_strdup_printf("%c%s", "-+"[side], line);

    *(side ? &c->plan->lines_added : &c->plan->lines_removed) += 1;
    g_checksum_update(c->sum, (const guchar *)shown, (gssize)strlen(shown) + 1);
    if (!c->show)
        return;
    if (c->hunk->len == HUNK_LINES)
        emit(c);
    if (c->hunk->len == 0)
        for (int i = 0; i < 2; i++) {
            c->start[i] = MAX(c->side[i].number, 1);
            c->length[i] = 0;
        }
    c->length[side]++;
    g_ptr_array_add(c->hunk, g_steal_pointer(&shown));
}

static bool has_line(const GPtrArray *lines, const char *line)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)lines, line, g_str_equal, NULL);
}

static void compare_heads(struct comparison *c)
{
    for (int side = 0; side < 2; side++)
        for (guint i = 0; i < c->side[side].head->len; i++) {
            const char *line = g_ptr_array_index(c->side[side].head, i);
            if (!has_line(c->side[!side].head, line))
                differ(c, side, line);
        }
    if (c->show)
        emit(c);
}

/* ---- registrations ---- */

/* A line that is another one by its type or rate alone gives nobody a source. */
static bool gains(const struct tally *tally)
{
    GHashTableIter iter;
    gpointer source;

    g_hash_table_iter_init(&iter, tally->only[1]);
    while (g_hash_table_iter_next(&iter, &source, NULL))
        if (!g_hash_table_contains(tally->only[0], source))
            return true;
    return false;
}

/* Whether one of the sources that it had is left out now. */
static bool is_unasked(const struct comparison *c)
{
    GHashTableIter iter;
    gpointer source;

    if (!c->left_out)
        return false;
    g_hash_table_iter_init(&iter, c->tally.only[0]);
    while (g_hash_table_iter_next(&iter, &source, NULL)) {
        g_autofree char *key = g_strdup_printf("%s\t%.*s", c->tally.sender,
                                               (int)strcspn(source, "="), (const char *)source);
        if (g_hash_table_contains(c->left_out, key))
            return true;
    }
    return false;
}

/* It had a source, and has none any more. */
static void note_lost(struct comparison *c)
{
    struct plan *plan = c->plan;

    if (!c->tally.there[1] && plan->gone->len < PLAN_FEW)
        g_ptr_array_add(plan->gone, g_strdup(c->tally.sender));
    else if (c->tally.there[1] && plan->unasked->len < PLAN_FEW && is_unasked(c))
        g_ptr_array_add(plan->unasked, g_strdup(c->tally.sender));
}

static void count_registration(struct comparison *c)
{
    const struct tally *tally = &c->tally;
    struct plan *plan = c->plan;

    if (!tally->sender)
        return;
    plan->before += tally->there[0];
    plan->after += tally->there[1];
    if (tally->there[0] && (!tally->there[1] || (tally->alive[0] && !tally->alive[1])))
        plan->removed++;
    if (tally->alive[0] && !tally->alive[1])
        note_lost(c);
    if (tally->there[1] && (!tally->there[0] || (tally->alive[1] && !tally->alive[0])))
        plan->added++;
    if (c->gaining && c->gaining->len < c->most && gains(tally))
        g_ptr_array_add(c->gaining, g_strdup(tally->sender));
}

static void start_registration(struct tally *tally, const char *sender, size_t length)
{
    g_free(tally->sender);
    tally->sender = g_strndup(sender, length);
    for (int side = 0; side < 2; side++) {
        tally->there[side] = tally->alive[side] = false;
        g_hash_table_remove_all(tally->only[side]);
    }
}

/* "network<TAB>10.1.2.0/24" of what stands behind the sender. Caller frees. */
static char *source_of(const char *rest)
{
    size_t kind = strcspn(rest, "\t") + 1;

    return g_strndup(rest, kind + strcspn(rest + kind, "\t"));
}

/* only: the other side has no such line. */
static void note(struct comparison *c, int side, bool only)
{
    const char *line = c->side[side].line;
    size_t length = strcspn(line, "\t");
    struct tally *tally = &c->tally;

    if (!tally->sender || strncmp(tally->sender, line, length) != 0 || tally->sender[length]) {
        count_registration(c);
        start_registration(tally, line, length);
    }
    tally->there[side] = true;
    if (g_str_has_prefix(line + length, "\tnone\t"))
        return;
    tally->alive[side] = true;
    if ((c->gaining || c->left_out) && only)
        g_hash_table_add(tally->only[side], source_of(line + length + 1));
}

/* ---- the pass ---- */

/* Negative: the old side's line comes first; positive: the new one's; 0: they are the same. */
static int compare(const struct comparison *c)
{
    if (!c->side[0].line || !c->side[1].line)
        return c->side[0].line ? -1 : 1;
    return strcmp(c->side[0].line, c->side[1].line);
}

static bool pass(struct comparison *c, GError **error)
{
    while (c->side[0].line || c->side[1].line) {
        int order = compare(c);
        if (order == 0 && c->show)
            emit(c);
        for (int side = 0; side < 2; side++) {
            if (order != 0 && side != (order > 0))
                continue;
            note(c, side, order != 0);
            if (order != 0)
                differ(c, side, c->side[side].line);
            if (!next_pair(&c->side[side], error))
                return false;
        }
    }
    count_registration(c);
    if (c->show)
        emit(c);
    return true;
}

static void show_names(struct comparison *c)
{
    g_autofree char *old = g_strconcat("--- ", c->side[0].path ? c->side[0].path : "/dev/null", NULL);

    if (!c->show)
        return;
    c->show(old, c->data);
    c->show("+++ " PAIRS_FILE, c->data);
}

static bool compare_all(struct comparison *c, const char *old, const char *fresh, GError **error)
{
    bool good;

    plan_clear(c->plan);
    c->plan->unasked = g_ptr_array_new_with_free_func(g_free);
    c->plan->gone = g_ptr_array_new_with_free_func(g_free);
    c->hunk = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < 2; i++)
        c->tally.only[i] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    c->sum = g_checksum_new(G_CHECKSUM_SHA256);
    good = side_open(&c->side[0], old, error);
    good = side_open(&c->side[1], fresh, good ? error : NULL) && good;
    if (good) {
        show_names(c);
        compare_heads(c);
        good = pass(c, error);
    }
    g_strlcpy(c->plan->id, g_checksum_get_string(c->sum), sizeof c->plan->id);
    g_checksum_free(c->sum);
    g_ptr_array_unref(c->hunk);
    g_free(c->tally.sender);
    for (int i = 0; i < 2; i++)
        g_hash_table_unref(c->tally.only[i]);
    side_close(&c->side[0]);
    side_close(&c->side[1]);
    return good;
}

void plan_clear(struct plan *plan)
{
    g_clear_pointer(&plan->unasked, g_ptr_array_unref);
    g_clear_pointer(&plan->gone, g_ptr_array_unref);
    *plan = (struct plan){0};
}

bool plan_make(const struct plan_sides *sides, plan_show *show, void *data, struct plan *plan,
               GError **error)
{
    struct comparison c = {.plan = plan, .show = show, .data = data, .left_out = sides->left_out};

    return compare_all(&c, sides->old, sides->fresh, error);
}

GPtrArray *plan_gaining(const char *old, const char *fresh, unsigned most, GError **error)
{
    g_autoptr(GPtrArray) senders = g_ptr_array_new_with_free_func(g_free);
    struct plan plan = {0};
    struct comparison c = {.plan = &plan, .gaining = senders, .most = most};
    bool good = compare_all(&c, old, fresh, error);

    plan_clear(&plan);
    return good ? g_steal_pointer(&senders) : NULL;
}

static char *join(const GPtrArray *senders)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < senders->len; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "",
                               (const char *)g_ptr_array_index(senders, i));
    return g_string_free(text, FALSE);
}

static char *stopped_by_removal(const struct plan *plan, unsigned most)
{
    g_autofree char *names = NULL;

    if (most >= 100)
        return NULL;
    if (plan->before >= PLAN_FEW)
        return plan->removed * 100 <= plan->before * most
                   ? NULL
                   : g_strdup_printf("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                                     " registrations would go, more than %u %%",
                                     plan->removed, plan->before, most);
    if (plan->unasked->len == 0)
        return NULL;
    names = join(plan->unasked);
    return g_strdup_printf("%u of %" G_GUINT64_FORMAT " registrations would go that nobody has "
                           "retired, suspended or changed: %s",
                           plan->unasked->len, plan->before, names);
}

char *plan_stopped(const struct plan *plan, const struct plan_guards *guards)
{
    char *reason = stopped_by_removal(plan, guards->most_removed);

    if (!reason && plan->before >= LEAST_ADDED_TO &&
        plan->added * 100 > plan->before * guards->most_added)
        return g_strdup_printf("%" G_GUINT64_FORMAT " registrations would come to %" G_GUINT64_FORMAT
                               ", more than %u %%",
                               plan->added, plan->before, guards->most_added);
    return reason;
}
