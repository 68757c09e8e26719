/* SPDX-License-Identifier: MIT
 *
 * Reads one snapshot. LMDB follows whatever its pages say, so they are compared
 * with the seal before LMDB sees them, and a file that was changed in place
 * afterwards answers nothing any more.
 */
#include "adapters/snapshot/snapshot.h"

#include "adapters/snapshot/format.h"
#include "base/error.h"
#include "rules/address.h"
#include "rules/rate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* One step of loading: about a millisecond. */
#define STEP (256 * 1024)

struct snapshot_loading {
    char *file;
    int fd;
    struct stat stat;
    goffset left; /* bytes before the seal that are still to be read */
    GChecksum *sum;
};

struct snapshot {
    char *file;
    struct stat stat;
    MDB_env *env;
    MDB_txn *txn; /* for the snapshot's life: the file never changes */
    MDB_dbi dbi;
    struct decision_policy *policy;
    struct snapshot_facts facts;
};

static bool fail(const char *file, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_SNAPSHOT,
                "could not read the snapshot \"%s\": %s", file, reason);
    return false;
}

char *snapshot_file(const char *folder)
{
    g_autofree char *current = g_build_filename(folder, "current", NULL);
    struct stat stat;

    if (lstat(current, &stat) == 0)
        return g_build_filename(current, SNAPSHOT_FILE, NULL);
    return g_build_filename(folder, SNAPSHOT_FILE, NULL);
}

/* ---- loading ---- */

struct snapshot_loading *snapshot_loading_new(const char *folder, GError **error)
{
    auto_ptr(snapshot_loading) loading = g_new0(struct snapshot_loading, 1);

    loading->file = snapshot_file(folder);
    loading->sum = g_checksum_new(G_CHECKSUM_SHA256);
    loading->fd = open(loading->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (loading->fd < 0 || fstat(loading->fd, &loading->stat) != 0) {
        fail(loading->file, g_strerror(errno), error);
        return NULL;
    }
    loading->left = loading->stat.st_size - (goffset)SNAPSHOT_SEAL;
    if (!S_ISREG(loading->stat.st_mode) || loading->left <= 0) {
        fail(loading->file, "it is not a whole snapshot", error);
        return NULL;
    }
    return g_steal_pointer(&loading);
}

void snapshot_loading_free(struct snapshot_loading *loading)
{
    if (!loading)
        return;
    if (loading->fd >= 0)
        close(loading->fd);
    g_checksum_free(loading->sum);
    g_free(loading->file);
    g_free(loading);
}

static bool read_part(struct snapshot_loading *loading, GError **error)
{
    g_autofree guint8 *buffer = g_malloc(STEP);
    ssize_t got = read(loading->fd, buffer, (size_t)MIN(loading->left, STEP));

    if (got <= 0)
        return fail(loading->file, got < 0 ? g_strerror(errno) : "it is cut off", error);
    g_checksum_update(loading->sum, buffer, got);
    loading->left -= got;
    return true;
}

static bool check_seal(struct snapshot_loading *loading, GError **error)
{
    guint8 expected[SNAPSHOT_SEAL] = SNAPSHOT_MAGIC, found[SNAPSHOT_SEAL];
    gsize length = SNAPSHOT_DIGEST;

    g_checksum_get_digest(loading->sum, expected + sizeof SNAPSHOT_MAGIC - 1, &length);
    if (read(loading->fd, found, sizeof found) != (ssize_t)sizeof found ||
        memcmp(expected, found, sizeof found) != 0)
        return fail(loading->file, "it is damaged or of another version", error);
    return true;
}

static int open_env(struct snapshot *snapshot, const char *file, size_t size)
{
    const unsigned flags = MDB_RDONLY | MDB_NOLOCK | MDB_NOSUBDIR | MDB_NOTLS;
    int code = mdb_env_create(&snapshot->env);

    if (!code)
        code = mdb_env_set_mapsize(snapshot->env, size);
    if (!code)
        code = mdb_env_open(snapshot->env, file, flags, 0);
    if (!code)
        code = mdb_txn_begin(snapshot->env, NULL, MDB_RDONLY, &snapshot->txn);
    if (!code)
        code = mdb_dbi_open(snapshot->txn, NULL, 0, &snapshot->dbi);
    return code;
}

/* The inode that was compared with its seal, and not changed since. */
static bool is_unchanged(const struct snapshot *snapshot)
{
    struct stat now;
    int fd;

    return mdb_env_get_fd(snapshot->env, &fd) == 0 && fstat(fd, &now) == 0 &&
           now.st_ino == snapshot->stat.st_ino && now.st_dev == snapshot->stat.st_dev &&
           now.st_size == snapshot->stat.st_size &&
           now.st_mtim.tv_sec == snapshot->stat.st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == snapshot->stat.st_mtim.tv_nsec;
}

/* 0 or LMDB's code; *value is only good while the snapshot is. */
static int get(const struct snapshot *snapshot, struct snapshot_key *key, MDB_val *value)
{
    MDB_val name = snapshot_key_value(key);

    return mdb_get(snapshot->txn, snapshot->dbi, &name, value);
}

static struct snapshot *open_sealed(const struct snapshot_loading *loading, GError **error)
{
    auto_ptr(snapshot) snapshot = g_new0(struct snapshot, 1);
    struct snapshot_key key = {{'P'}, 1};
    MDB_val value;
    int code;

    snapshot->file = g_strdup(loading->file);
    snapshot->stat = loading->stat;
    code = open_env(snapshot, loading->file, (size_t)loading->stat.st_size);
    if (!code && !is_unchanged(snapshot))
        code = EAGAIN;
    if (!code)
        code = get(snapshot, &key, &value);
    if (!code)
        snapshot->policy = snapshot_policy_read(&value, &snapshot->facts);
    if (!snapshot->policy) {
        fail(loading->file, code ? mdb_strerror(code) : "it is of another version", error);
        return NULL;
    }
    return g_steal_pointer(&snapshot);
}

bool snapshot_loading_step(struct snapshot_loading *loading, struct snapshot **ready,
                           GError **error)
{
    *ready = NULL;
    if (loading->left > 0)
        return read_part(loading, error);
    if (!check_seal(loading, error))
        return false;
    *ready = open_sealed(loading, error);
    return *ready != NULL;
}

struct snapshot *snapshot_open(const char *folder, GError **error)
{
    auto_ptr(snapshot_loading) loading = snapshot_loading_new(folder, error);
    struct snapshot *ready = NULL;

    while (loading && !ready)
        if (!snapshot_loading_step(loading, &ready, error))
            return NULL;
    return ready;
}

void snapshot_close(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    if (snapshot->txn)
        mdb_txn_abort(snapshot->txn);
    if (snapshot->env)
        mdb_env_close(snapshot->env);
    decision_policy_free(snapshot->policy);
    g_free(snapshot->file);
    g_free(snapshot);
}

/* ---- asking ---- */

const struct decision_policy *snapshot_policy(const struct snapshot *snapshot)
{
    return snapshot->policy;
}

guint64 snapshot_serial(const struct snapshot *snapshot)
{
    return snapshot->facts.serial;
}

size_t snapshot_count(const struct snapshot *snapshot)
{
    return (size_t)snapshot->facts.count;
}

/* 0 with *entry, MDB_NOTFOUND, or why it could not be looked up. */
static int find_sender(const struct snapshot *snapshot, const char *typed,
                       struct decision_entry **entry)
{
    g_autofree char *sender = address_normalise(typed);
    struct snapshot_key key;
    MDB_val value;
    int code;

    if (!*sender || !snapshot_key_sender(&key, sender))
        return MDB_NOTFOUND;
    code = get(snapshot, &key, &value);
    if (code)
        return code;
    *entry = snapshot_entry_read(&value);
    return *entry ? 0 : MDB_CORRUPTED;
}

/* What was found of any registration: as much as the one that may have the most. */
static void take_larger(struct decision_entry *entry, const MDB_val *value)
{
    unsigned per_hour = snapshot_rate_read(value);
    bool first = entry->networks->len + entry->spkis->len == 0;

    entry->per_hour = first ? per_hour : rate_larger(entry->per_hour, per_hour);
}

/* Adds every registered network that holds the client: one look-up for each prefix length. */
static int find_networks(const struct snapshot *snapshot, const struct network *client,
                         struct decision_entry *entry)
{
    struct snapshot_key key;
    MDB_val value;

    for (unsigned prefix = 0; prefix <= network_bits(client); prefix++) {
        struct network outer = network_cut(client, prefix);
        int code;
        snapshot_key_network(&key, &outer);
        code = get(snapshot, &key, &value);
        if (code && code != MDB_NOTFOUND)
            return code;
        if (code)
            continue;
        take_larger(entry, &value);
        g_array_append_val(entry->networks, outer);
    }
    return 0;
}

static int find_spki(const struct snapshot *snapshot, const char *spki,
                     struct decision_entry *entry)
{
    struct snapshot_key key;
    MDB_val value;
    int code;

    if (!snapshot_key_spki(&key, spki))
        return 0;
    code = get(snapshot, &key, &value);
    if (code)
        return code == MDB_NOTFOUND ? 0 : code;
    take_larger(entry, &value);
    g_ptr_array_add(entry->spkis, g_strdup(spki));
    return 0;
}

/*
 * For the null sender: what any registration has that matches the source. It counts by
 * its source, since no sender stands for the others there.
 */
static int find_source(const struct snapshot *snapshot, const struct decision_query *query,
                       struct decision_entry **entry)
{
    auto_ptr(decision_entry) found = decision_entry_new();
    struct network client;
    int code;

    if (!decision_client(query->client, &client))
        return MDB_NOTFOUND;
    code = find_networks(snapshot, &client, found);
    if (!code)
        code = find_spki(snapshot, query->spki_sha256, found);
    found->per_source = true;
    if (code || (found->networks->len == 0 && found->spkis->len == 0))
        return code ? code : MDB_NOTFOUND;
    *entry = g_steal_pointer(&found);
    return 0;
}

static int find_entry(const struct snapshot *snapshot, const struct decision_query *query,
                      struct decision_entry **entry)
{
    return *query->sender ? find_sender(snapshot, query->sender, entry)
                          : find_source(snapshot, query, entry);
}

typedef struct decision *decide(const struct decision_policy *policy,
                                const struct decision_query *query,
                                const struct decision_entry *entry);

static struct decision *look_up_and(decide *make, const struct snapshot *snapshot,
                                    const struct decision_query *query)
{
    auto_ptr(decision_entry) entry = NULL;
    int code;

    if (!is_unchanged(snapshot))
        return decision_unavailable();
    code = find_entry(snapshot, query, &entry);
    if (code && code != MDB_NOTFOUND)
        return decision_unavailable();
    return make(snapshot->policy, query, entry);
}

struct decision *snapshot_decide(const struct snapshot *snapshot,
                                 const struct decision_query *query)
{
    return look_up_and(decision_make, snapshot, query);
}

struct decision *snapshot_decide_unseen(const struct snapshot *snapshot,
                                        const struct decision_query *query)
{
    return look_up_and(decision_make_unseen, snapshot, query);
}

/* The name leads through the link "current". */
bool snapshot_is_current(const struct snapshot *snapshot)
{
    struct stat now;

    return stat(snapshot->file, &now) == 0 && now.st_ino == snapshot->stat.st_ino &&
           now.st_dev == snapshot->stat.st_dev;
}

enum decision_answer snapshot_same_source(const struct snapshot *snapshot, const char *client,
                                          const char *sender, const char *author)
{
    auto_ptr(decision_entry) sender_entry = NULL;
    auto_ptr(decision_entry) author_entry = NULL;
    int code = is_unchanged(snapshot) ? find_sender(snapshot, author, &author_entry) : EAGAIN;

    if (!code)
        code = find_sender(snapshot, sender, &sender_entry);
    if (code && code != MDB_NOTFOUND)
        return DECISION_UNAVAILABLE;
    return decision_same_source(snapshot->policy, client, sender_entry, author_entry)
               ? DECISION_PERMIT
               : DECISION_REFUSE;
}

bool snapshot_rate(const struct snapshot *snapshot, const struct decision_query *query,
                   struct rate *rate)
{
    auto_ptr(decision_entry) entry = NULL;
    int code = is_unchanged(snapshot) ? find_entry(snapshot, query, &entry) : EAGAIN;

    if (code && code != MDB_NOTFOUND)
        return false;
    *rate = (struct rate){0, false};
    if (entry)
        *rate = (struct rate){rate_share(entry->per_hour, snapshot->policy->relays),
                              entry->per_source};
    return true;
}

gint64 snapshot_written(const struct snapshot *snapshot)
{
    return snapshot->stat.st_mtim.tv_sec;
}

/* ---- the sources of all senders ---- */

/* Hands one record on; past the last source *more becomes false. */
static bool hand_source(const MDB_val *key, snapshot_source *source, void *data, bool *more,
                        GError **error)
{
    const guint8 *bytes = key->mv_data;
    g_autofree char *spki = NULL;
    struct network network;

    *more = bytes[0] <= 'N';
    if (bytes[0] == 'N' && snapshot_network_from_key(key, &network))
        return source(&network, NULL, data, error);
    if (bytes[0] != 'K' || key->mv_size != 1 + SNAPSHOT_DIGEST)
        return true;
    spki = snapshot_hex(bytes + 1);
    return source(NULL, spki, data, error);
}

bool snapshot_each_source(const struct snapshot *snapshot, snapshot_source *source, void *data,
                          GError **error)
{
    char first = 'K';
    MDB_val key = {1, &first}, value;
    MDB_cursor *cursor;
    bool good = true, more = true;
    int code = mdb_cursor_open(snapshot->txn, snapshot->dbi, &cursor);

    if (code)
        return fail(snapshot->file, mdb_strerror(code), error);
    code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    while (!code && good && more) {
        good = hand_source(&key, source, data, &more, error);
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    if (good && code && code != MDB_NOTFOUND)
        return fail(snapshot->file, mdb_strerror(code), error);
    return good;
}
