/* SPDX-License-Identifier: MIT
 *
 * Notes uses in memory, and adds them to the file.
 */
#include "service/relay/uses.h"

#include "base/error.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

struct use {
    gint64 at; /* seconds since 1970 */
    guint64 messages;
    char *certificate; /* or "" */
    char *instance;    /* of the last message, or NULL */
};

struct sent {
    gint64 at; /* seconds since 1970 */
    unsigned used, allowed;
};

struct uses {
    GHashTable *uses;      /* "sender<TAB>kind<TAB>value" -> struct use */
    GHashTable *decisions; /* code -> how many, as a pointer */
    GHashTable *rates;     /* sender -> struct sent */
};

static void use_free(gpointer data)
{
    struct use *use = data;

    g_free(use->certificate);
    g_free(use->instance);
    g_free(use);
}

struct uses *uses_new(void)
{
    struct uses *uses = g_new0(struct uses, 1);

    uses->uses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, use_free);
    uses->decisions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    uses->rates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return uses;
}

void uses_free(struct uses *uses)
{
    g_hash_table_unref(uses->uses);
    g_hash_table_unref(uses->decisions);
    g_hash_table_unref(uses->rates);
    g_free(uses);
}

/* ---- noting ---- */

/* NULL when there is no room for another one. */
static struct use *find(struct uses *uses, const char *sender, const char *source)
{
    g_autofree char *key = g_strconcat(sender, "\t", source, NULL);
    struct use *use = g_hash_table_lookup(uses->uses, key);

    if (!use && g_hash_table_size(uses->uses) < LIMIT_POLICY_USES) {
        use = g_new0(struct use, 1);
        g_hash_table_insert(uses->uses, g_steal_pointer(&key), use);
    }
    return use;
}

void uses_note(struct uses *uses, const char *sender, const char *source, const char *certificate,
               const char *instance)
{
    struct use *use = *sender ? find(uses, sender, source) : NULL;

    if (!use)
        return;
    use->at = g_get_real_time() / G_USEC_PER_SEC;
    if (!instance || g_strcmp0(use->instance, instance) != 0)
        use->messages++;
    g_free(use->instance);
    use->instance = g_strdup(instance);
    g_free(use->certificate);
    use->certificate = g_strdup(certificate);
}

void uses_count(struct uses *uses, const char *code)
{
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(uses->decisions, code));

    g_hash_table_insert(uses->decisions, g_strdup(code), GUINT_TO_POINTER(count + 1));
}

void uses_rate(struct uses *uses, const char *sender, unsigned used, unsigned allowed)
{
    const struct sent sent = {g_get_real_time() / G_USEC_PER_SEC, used, allowed};

    if (g_hash_table_size(uses->rates) < LIMIT_POLICY_USES ||
        g_hash_table_contains(uses->rates, sender))
        g_hash_table_insert(uses->rates, g_strdup(sender), g_memdup2(&sent, sizeof sent));
}

/* ---- writing ---- */

static void add_lines(const struct uses *uses, GString *text)
{
    GHashTableIter iter;
    gpointer key, value;

    g_hash_table_iter_init(&iter, uses->uses);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        const struct use *use = value;
        g_string_append_printf(text, "use\t%s\t%" G_GINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t%s\n",
                               (const char *)key, use->at, use->messages,
                               *use->certificate ? use->certificate : "-");
    }
    g_hash_table_iter_init(&iter, uses->decisions);
    while (g_hash_table_iter_next(&iter, &key, &value))
        g_string_append_printf(text, "decision\t%s\t%u\n", (const char *)key,
                               GPOINTER_TO_UINT(value));
    g_hash_table_iter_init(&iter, uses->rates);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        const struct sent *sent = value;
        g_string_append_printf(text, "rate\t%s\t%u\t%u\t%" G_GINT64_FORMAT "\n",
                               (const char *)key, sent->used, sent->allowed, sent->at);
    }
}

/*
 * The locked descriptor of the file that stands at the path, and its size; -1. The export
 * may have taken the file away between opening and locking it: then there is another.
 */
static int open_locked(const char *path, struct stat *file)
{
    for (int tries = 0; tries < 10; tries++) {
        struct stat there;
        auto_fd fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, file) != 0)
            return -1;
        if (stat(path, &there) == 0 && there.st_ino == file->st_ino && there.st_dev == file->st_dev)
            return fd_steal(&fd);
    }
    errno = EBUSY;
    return -1;
}

/* All of it, or the file as it was; where even that fails, a part counts as all: never twice. */
static bool append(int fd, off_t size, const GString *text)
{
    ssize_t put = write(fd, text->str, text->len);
    int reason = put < 0 ? errno : ENOSPC;

    if (put == (ssize_t)text->len || (put > 0 && ftruncate(fd, size) != 0))
        return true;
    errno = reason;
    return false;
}

static bool write_to(const struct uses *uses, const char *path)
{
    g_autoptr(GString) text = g_string_new(NULL);
    struct stat file;
    auto_fd fd = open_locked(path, &file);

    if (fd < 0)
        return false;
    if (file.st_size > LIMIT_USES_FILE)
        return true;
    if (file.st_size == 0)
        g_string_append_printf(text, USES_HEAD "%" G_GINT64_FORMAT "\n", g_get_real_time());
    add_lines(uses, text);
    return append(fd, file.st_size, text);
}

bool uses_flush(struct uses *uses, const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, USES_OPEN, NULL);

    if (g_hash_table_size(uses->uses) + g_hash_table_size(uses->decisions) +
            g_hash_table_size(uses->rates) ==
        0)
        return true;
    if (!write_to(uses, path)) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT,
                    "could not note which sources were used in \"%s\": %s", path,
                    g_strerror(errno));
        return false;
    }
    g_hash_table_remove_all(uses->uses);
    g_hash_table_remove_all(uses->decisions);
    g_hash_table_remove_all(uses->rates);
    return true;
}
