/* SPDX-License-Identifier: MIT
 *
 * Lasting numbers.
 */
#include "service/relay/slots.h"

#include "base/limits.h"
#include "service/relay/files.h"

#include <string.h>

#define REST_DAYS 2
#define SECONDS_IN_DAY (24 * 60 * 60)
#define NOTHING "-"

struct slot {
    char *sender; /* or NULL: it is free */
    char *freed;  /* the day, or NULL: nobody ever had it */
};

struct slots {
    struct slot slot[SLOTS];
    GHashTable *numbers; /* sender -> number + 1 */
};

static void set(char **place, const char *value)
{
    g_free(*place);
    *place = value && !g_str_equal(value, NOTHING) ? g_strdup(value) : NULL;
}

static void occupy(struct slots *slots, unsigned number, const char *sender)
{
    set(&slots->slot[number].sender, sender);
    set(&slots->slot[number].freed, NULL);
    g_hash_table_insert(slots->numbers, g_strdup(sender), GUINT_TO_POINTER(number + 1));
}

/* Two of the same number, or of the same sender, are what damage looks like. */
static bool is_taken(const struct slots *slots, unsigned number, const char *sender)
{
    return slots->slot[number].sender || g_hash_table_contains(slots->numbers, sender);
}

static void read_line(struct slots *slots, const char *line)
{
    g_auto(GStrv) field = g_strsplit(line, "\t", -1);
    guint64 number;

    if (g_strv_length(field) != 3 ||
        !g_ascii_string_to_unsigned(field[0], 10, 0, SLOTS - 1, &number, NULL))
        return;
    if (g_str_equal(field[1], NOTHING))
        set(&slots->slot[number].freed, field[2]);
    else if (!is_taken(slots, (unsigned)number, field[1]))
        occupy(slots, (unsigned)number, field[1]);
}

/* A line of SLOTS_MAP. */
static void read_pair(struct slots *slots, const char *line)
{
    const char *bar = strchr(line, '|'), *tab = bar ? strchr(bar, '\t') : NULL;
    g_autofree char *digits = tab ? g_strndup(line, (gsize)(bar - line)) : NULL;
    g_autofree char *sender = tab ? g_strndup(bar + 1, (gsize)(tab - bar - 1)) : NULL;
    guint64 number;

    if (sender && g_ascii_string_to_unsigned(digits, 10, 0, SLOTS - 1, &number, NULL) &&
        !is_taken(slots, (unsigned)number, sender))
        occupy(slots, (unsigned)number, sender);
}

static void each_line(struct slots *slots, const char *text,
                      void (*read)(struct slots *slots, const char *line))
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        read(slots, *line);
}

/* A number that changes its sender would be read from two generations at a time. */
static void recover(struct slots *slots, const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "current", SLOTS_MAP, NULL);
    g_autofree char *text = NULL;

    if (file_read(path, LIMIT_EXPORT_FILE, &text, NULL) == FILE_READ)
        each_line(slots, text, read_pair);
}

struct slots *slots_load(const char *folder)
{
    struct slots *slots = g_new0(struct slots, 1);
    g_autofree char *path = g_build_filename(folder, SLOTS_FILE, NULL);
    g_autofree char *text = NULL;

    slots->numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (file_read(path, LIMIT_EXPORT_FILE, &text, NULL) == FILE_READ && file_unseal(text))
        each_line(slots, text, read_line);
    else
        recover(slots, folder);
    return slots;
}

void slots_free(struct slots *slots)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        g_free(slots->slot[i].sender);
        g_free(slots->slot[i].freed);
    }
    g_hash_table_unref(slots->numbers);
    g_free(slots);
}

static char *day_of(gint64 second)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(second);

    return g_date_time_format(time, "%Y-%m-%d");
}

static void free_others(struct slots *slots, const GPtrArray *senders, const char *today)
{
    g_autoptr(GHashTable) wanted = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < senders->len; i++)
        g_hash_table_add(wanted, g_ptr_array_index(senders, i));
    for (unsigned i = 0; i < SLOTS; i++) {
        struct slot *slot = &slots->slot[i];
        if (!slot->sender || g_hash_table_contains(wanted, slot->sender))
            continue;
        g_hash_table_remove(slots->numbers, slot->sender);
        set(&slot->sender, NULL);
        set(&slot->freed, today);
    }
}

/* Days are compared as text: their order is that of the alphabet. */
static bool is_free(const struct slot *slot, const char *rested)
{
    return !slot->sender && (!slot->freed || strcmp(slot->freed, rested) < 0);
}

bool slots_assign(struct slots *slots, const GPtrArray *senders, gint64 now)
{
    g_autofree char *today = day_of(now);
    g_autofree char *rested = day_of(now - REST_DAYS * SECONDS_IN_DAY);
    unsigned number = 0;

    free_others(slots, senders, today);
    for (guint i = 0; i < senders->len; i++) {
        const char *sender = g_ptr_array_index(senders, i);
        if (g_hash_table_contains(slots->numbers, sender))
            continue;
        while (number < SLOTS && !is_free(&slots->slot[number], rested))
            number++;
        if (number == SLOTS)
            return false;
        occupy(slots, number, sender);
    }
    return true;
}

unsigned slots_find(const struct slots *slots, const char *sender)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(slots->numbers, sender)) - 1;
}

bool slots_save(const struct slots *slots, const char *folder, GError **error)
{
    g_autoptr(GString) text = g_string_new("# appsmtp slots 1\n");

    for (unsigned i = 0; i < SLOTS; i++) {
        const struct slot *slot = &slots->slot[i];
        if (slot->sender || slot->freed)
            g_string_append_printf(text, "%u\t%s\t%s\n", i, slot->sender ? slot->sender : NOTHING,
                                   slot->sender ? NOTHING : slot->freed);
    }
    file_seal(text);
    return file_put(folder, SLOTS_FILE, text->str, error);
}
