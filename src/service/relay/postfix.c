/* SPDX-License-Identifier: MIT
 *
 * Postfix's maps.
 */
#include "service/relay/postfix.h"

#include "base/error.h"
#include "service/relay/pairs.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/socket.h>

#define NULL_SENDER "<>"

/* One text file in the making. */
struct map {
    char *path;
    FILE *file;
};

static bool fail(const char *path, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT, "could not write \"%s\": %s", path,
                reason);
    return false;
}

static bool map_open(struct map *map, const char *folder, const char *name, GError **error)
{
    map->path = g_build_filename(folder, name, NULL);
    map->file = fopen(map->path, "wxe");
    return map->file || fail(map->path, g_strerror(errno), error);
}

static bool map_put(struct map *map, const char *key, GError **error)
{
    return fprintf(map->file, "%s\tOK\n", key) >= 0 || fail(map->path, g_strerror(errno), error);
}

static bool map_close(struct map *map, GError **error)
{
    FILE *file = g_steal_pointer(&map->file);

    return fclose(file) == 0 || fail(map->path, g_strerror(errno), error);
}

static void map_free(struct map *map)
{
    if (map->file)
        fclose(map->file);
    g_free(map->path);
}
DEFINE_AUTO(map, map_free)

/* ---- the texts ---- */

/* Senders in order, with the null sender where it belongs between them. */
struct senders {
    struct map *map;
    bool null_due;
};

static bool put_sender(const char *sender, const struct decision_entry *entry G_GNUC_UNUSED,
                       void *data, GError **error)
{
    struct senders *senders = data;

    if (senders->null_due && strcmp(sender, NULL_SENDER) > 0) {
        senders->null_due = false;
        if (!map_put(senders->map, NULL_SENDER, error))
            return false;
    }
    return map_put(senders->map, sender, error);
}

static bool write_senders(const char *folder, bool null_sender, GError **error)
{
    struct map map = {NULL};
    auto_ptr(map) held = &map;
    struct senders senders = {&map, null_sender};

    return map_open(held, folder, "senders", error) &&
           pairs_read(folder, put_sender, &senders, error) &&
           (!senders.null_due || map_put(held, NULL_SENDER, error)) && map_close(held, error);
}

struct sources {
    struct map networks, certificates;
};

static bool put_source(const struct network *network, const char *spki, void *data, GError **error)
{
    struct sources *sources = data;
    g_autofree char *key = network ? network_format(network) : decision_fingerprint(spki);

    return map_put(network ? &sources->networks : &sources->certificates, key, error);
}

static bool write_sources(const char *folder, const struct snapshot *snapshot, GError **error)
{
    struct sources sources = {{NULL}, {NULL}};
    auto_ptr(map) networks = &sources.networks;
    auto_ptr(map) certificates = &sources.certificates;

    return map_open(networks, folder, "networks.cidr", error) &&
           map_open(certificates, folder, "certificates", error) &&
           snapshot_each_source(snapshot, put_source, &sources, error) &&
           map_close(networks, error) && map_close(certificates, error);
}

/* ---- the indexes ---- */

static bool fail_postmap(const char *path, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT, "could not make the index of \"%s\": %s",
                path, reason);
    return false;
}

static bool make_index(const char *postmap, const char *path, GError **error)
{
    g_autofree char *map = g_strconcat("lmdb:", path, NULL);
    g_autofree char *said = NULL;
    g_autoptr(GError) reason = NULL;
    g_autoptr(GSubprocess) process =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &reason,
                         postmap, map, NULL);

    if (!process || !g_subprocess_communicate_utf8(process, NULL, NULL, &said, NULL, &reason))
        return fail_postmap(path, reason->message, error);
    /* A warning may be about anything in main.cf: reading back shows whether it matters. */
    if (g_subprocess_get_successful(process))
        return true;
    g_strstrip(said);
    g_strdelimit(said, "\n", ' ');
    return fail_postmap(path, *said ? said : "postmap failed", error);
}

/* Postmap folds keys to lower case and tells them in the order of their bytes, as ours are. */
static bool same_line(GDataInputStream *index, FILE *text, bool *more)
{
    g_autofree char *told = g_data_input_stream_read_line(index, NULL, NULL, NULL);
    char line[512];
    char *written = fgets(line, sizeof line, text);

    *more = told && written;
    if (!*more)
        return !told && !written;
    g_strchomp(line);
    return g_ascii_strcasecmp(told, line) == 0;
}

static bool check_index(const char *postmap, const char *path, GError **error)
{
    g_autofree char *map = g_strconcat("lmdb:", path, NULL);
    g_autoptr(FILE) text = fopen(path, "re");
    g_autoptr(GSubprocess) process =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL,
                         postmap, "-s", map, NULL);
    g_autoptr(GDataInputStream) index =
        process ? g_data_input_stream_new(g_subprocess_get_stdout_pipe(process)) : NULL;
    bool more = true;

    if (!text || !index)
        return fail_postmap(path, "it cannot be read back", error);
    while (more)
        if (!same_line(index, text, &more))
            return fail_postmap(path, "it does not hold what the text says", error);
    return g_subprocess_wait_check(process, NULL, NULL) ||
           fail_postmap(path, "it cannot be read back", error);
}

static bool index_map(const char *folder, const char *name, const char *postmap, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    return make_index(postmap, path, error) && check_index(postmap, path, error);
}

bool postfix_write(struct format_job *job, GError **error)
{
    return write_senders(job->folder, snapshot_policy(job->snapshot)->null_sender, error) &&
           write_sources(job->folder, job->snapshot, error) &&
           index_map(job->folder, "senders", job->postmap, error) &&
           index_map(job->folder, "certificates", job->postmap, error);
}
