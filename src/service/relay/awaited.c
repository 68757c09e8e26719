/* SPDX-License-Identifier: MIT
 *
 * Writing and reading the file "awaited".
 */
#include "service/relay/awaited.h"

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "service/relay/files.h"

#include <sys/stat.h>

#define HEAD "# appsmtp awaited 1\n# generation "

struct awaited {
    char *path;
    struct stat tried; /* the file that was read last, well or badly */
    bool unread;       /* there is a file, and anybody may stand in it */
    guint64 serial;    /* of the generation that lacks them */
    GHashTable *senders;
};

/* ---- writing ---- */

static bool remove_file(const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, AWAITED_FILE, NULL);

    return path_remove(path, error);
}

bool awaited_write(const char *folder, guint64 serial, const GPtrArray *senders, GError **error)
{
    g_autoptr(GString) text = g_string_new(HEAD);

    if (senders->len == 0)
        return remove_file(folder, error);
    g_string_append_printf(text, "%" G_GUINT64_FORMAT "\n", serial);
    for (guint i = 0; i < senders->len; i++)
        g_string_append_printf(text, "%s\n", (const char *)g_ptr_array_index(senders, i));
    g_string_append_printf(text, "# end %u\n", senders->len);
    return file_put(folder, AWAITED_FILE, text->str, error);
}

/* ---- reading ---- */

/* Takes the lines between head and trailer; false when that is not all of them, sorted. */
static bool take_senders(struct awaited *awaited, char **lines)
{
    g_autofree char *trailer = NULL;
    const char *before = "";
    guint count = 0;

    for (; lines[count] && *lines[count] != '#'; before = lines[count++]) {
        if (strcmp(before, lines[count]) >= 0)
            return false;
        g_hash_table_add(awaited->senders, g_strdup(lines[count]));
    }
    trailer = g_strdup_printf("# end %u", count);
    return lines[count] && g_str_equal(lines[count], trailer) && lines[count + 1] &&
           !*lines[count + 1] && !lines[count + 2];
}

static bool parse(struct awaited *awaited, const char *text)
{
    g_auto(GStrv) lines = NULL;

    if (!g_str_has_prefix(text, HEAD))
        return false;
    lines = g_strsplit(text + strlen(HEAD), "\n", -1);
    return g_ascii_string_to_unsigned(lines[0], 10, 1, G_MAXINT64, &awaited->serial, NULL) &&
           lines[1] && take_senders(awaited, lines + 1);
}

static bool read_file(struct awaited *awaited, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) reason = NULL;
    enum file_answer answer = file_read(awaited->path, LIMIT_EXPORT_FILE, &text, &reason);

    g_hash_table_remove_all(awaited->senders);
    awaited->unread = answer == FILE_UNREADABLE;
    if (answer == FILE_ABSENT || (text && parse(awaited, text)))
        return true;
    if (text)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT,
                    "could not read file \"%s\": it is not whole", awaited->path);
    else
        g_propagate_error(error, g_steal_pointer(&reason));
    awaited->unread = true;
    return false;
}

/* What could not be read is tried again each time: the fault may have been the system's. */
bool awaited_look(struct awaited *awaited, GError **error)
{
    if (file_changed(awaited->path, &awaited->tried))
        return read_file(awaited, error);
    if (awaited->unread)
        read_file(awaited, NULL);
    return true;
}

struct awaited *awaited_new(const char *folder)
{
    struct awaited *awaited = g_new0(struct awaited, 1);

    awaited->path = g_build_filename(folder, AWAITED_FILE, NULL);
    awaited->senders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return awaited;
}

void awaited_free(struct awaited *awaited)
{
    if (!awaited)
        return;
    g_hash_table_unref(awaited->senders);
    g_free(awaited->path);
    g_free(awaited);
}

struct decision *awaited_decide(const struct awaited *awaited, guint64 serial, const char *sender)
{
    if (awaited->unread)
        return decision_unavailable();
    return awaited->serial == serial && g_hash_table_contains(awaited->senders, sender)
               ? decision_not_yet(sender)
               : NULL;
}

struct decision *awaited_soften(const struct awaited *awaited, guint64 serial, const char *sender,
                                struct decision *decision)
{
    struct decision *softer = decision_depends_on_generation(decision)
                                  ? awaited_decide(awaited, serial, sender)
                                  : NULL;

    if (!softer)
        return decision;
    decision_free(decision);
    return softer;
}
