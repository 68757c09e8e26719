/* SPDX-License-Identifier: MIT
 *
 * Writes one snapshot: LMDB's pages, then the seal. LMDB without lock file, since
 * nobody reads a file that is still being written.
 */
#include "adapters/snapshot/format.h"
#include "adapters/snapshot/snapshot.h"
#include "base/error.h"
#include "rules/rate.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* Address space, not memory or disk: the file is as large as what is in it. valgrind has no more. */
#define MAP_SIZE ((size_t)16 << 30)
/* Pages that a transaction changed stay in memory until its end. */
#define PUTS_IN_TRANSACTION 4096

struct snapshot_writer {
    char *file;
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    unsigned puts;
    guint64 count;
    bool finished;
};

static bool fail(const struct snapshot_writer *writer, int code, enum appsmtp_error kind,
                 GError **error)
{
    g_set_error(error, APPSMTP_ERROR, (gint)kind, "could not write \"%s\": %s", writer->file,
                mdb_strerror(code));
    return false;
}

static int start(struct snapshot_writer *writer)
{
    const unsigned flags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC | MDB_NORDAHEAD;
    int code = mdb_env_create(&writer->env);

    if (!code)
        code = mdb_env_set_mapsize(writer->env, MAP_SIZE);
    if (!code)
        code = mdb_env_open(writer->env, writer->file, flags, 0644);
    if (!code)
        code = mdb_txn_begin(writer->env, NULL, 0, &writer->txn);
    if (!code)
        code = mdb_dbi_open(writer->txn, NULL, 0, &writer->dbi);
    return code;
}

struct snapshot_writer *snapshot_writer_new(const char *folder, GError **error)
{
    auto_ptr(snapshot_writer) writer = g_new0(struct snapshot_writer, 1);
    int code;

    writer->file = g_build_filename(folder, SNAPSHOT_FILE, NULL);
    unlink(writer->file);
    code = start(writer);
    if (code) {
        fail(writer, code, APPSMTP_ERROR_CREATE, error);
        return NULL;
    }
    return g_steal_pointer(&writer);
}

static void close_env(struct snapshot_writer *writer)
{
    if (writer->txn)
        mdb_txn_abort(writer->txn);
    if (writer->env)
        mdb_env_close(writer->env);
    writer->txn = NULL;
    writer->env = NULL;
}

void snapshot_writer_free(struct snapshot_writer *writer)
{
    if (!writer)
        return;
    close_env(writer);
    if (!writer->finished)
        unlink(writer->file);
    g_free(writer->file);
    g_free(writer);
}

static int commit(struct snapshot_writer *writer)
{
    int code = mdb_txn_commit(writer->txn);

    writer->txn = NULL;
    writer->puts = 0;
    return code;
}

/* *value is what stands there already when it is MDB_KEYEXIST. */
static int put(struct snapshot_writer *writer, struct snapshot_key *key, MDB_val *value,
               unsigned flags)
{
    MDB_val name = snapshot_key_value(key);
    int code = mdb_put(writer->txn, writer->dbi, &name, value, flags);

    if (code || ++writer->puts < PUTS_IN_TRANSACTION)
        return code;
    code = commit(writer);
    return code ? code : mdb_txn_begin(writer->env, NULL, 0, &writer->txn);
}

/* A source that another sender has, too, is there already: the larger rate stays. */
static int put_source(struct snapshot_writer *writer, struct snapshot_key *key, unsigned per_hour)
{
    guint32 bytes = snapshot_rate_bytes(per_hour);
    MDB_val value = {sizeof bytes, &bytes};
    int code = put(writer, key, &value, MDB_NOOVERWRITE);
    unsigned there;

    if (code != MDB_KEYEXIST)
        return code;
    there = snapshot_rate_read(&value);
    if (rate_larger(there, per_hour) == there)
        return 0;
    value = (MDB_val){sizeof bytes, &bytes};
    return put(writer, key, &value, 0);
}

static int put_sources(struct snapshot_writer *writer, const struct decision_entry *entry)
{
    struct snapshot_key key;
    int code = 0;

    for (guint i = 0; !code && i < entry->networks->len; i++) {
        snapshot_key_network(&key, &g_array_index(entry->networks, struct network, i));
        code = put_source(writer, &key, entry->per_hour);
    }
    for (guint i = 0; !code && i < entry->spkis->len; i++)
        code = snapshot_key_spki(&key, g_ptr_array_index(entry->spkis, i))
                   ? put_source(writer, &key, entry->per_hour)
                   : EINVAL;
    return code;
}

bool snapshot_writer_add(struct snapshot_writer *writer, const char *sender,
                         const struct decision_entry *entry, GError **error)
{
    struct snapshot_key key;
    g_autoptr(GByteArray) bytes = NULL;
    int code = put_sources(writer, entry);

    if (!code && (!*sender || !snapshot_key_sender(&key, sender)))
        code = EINVAL;
    if (!code) {
        bytes = snapshot_entry_write(entry);
        code = put(writer, &key, &(MDB_val){bytes->len, bytes->data}, MDB_NOOVERWRITE);
    }
    if (code)
        return fail(writer, code, APPSMTP_ERROR_OUTPUT, error);
    writer->count++;
    return true;
}

/* The policy, LMDB's own end, and all of it out of our hands. */
static int end_pages(struct snapshot_writer *writer, const struct decision_policy *policy,
                     guint64 serial)
{
    struct snapshot_facts facts = {serial, writer->count};
    g_autofree char *text = snapshot_policy_write(policy, &facts);
    struct snapshot_key key = {{'P'}, 1};
    MDB_val name = snapshot_key_value(&key);
    MDB_val value = {strlen(text), text};
    int code = mdb_put(writer->txn, writer->dbi, &name, &value, MDB_NOOVERWRITE);

    if (!code)
        code = commit(writer);
    if (!code)
        code = mdb_env_sync(writer->env, 1);
    close_env(writer);
    return code;
}

static bool digest_all(int fd, guint8 digest[SNAPSHOT_DIGEST])
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree guint8 *buffer = g_malloc(65536);
    gsize length = SNAPSHOT_DIGEST;
    ssize_t got;

    while ((got = read(fd, buffer, 65536)) > 0)
        g_checksum_update(sum, buffer, got);
    g_checksum_get_digest(sum, digest, &length);
    return got == 0;
}

static bool seal(const char *file)
{
    guint8 bytes[SNAPSHOT_SEAL] = SNAPSHOT_MAGIC;
    auto_fd fd = open(file, O_RDWR | O_CLOEXEC);

    return fd >= 0 && digest_all(fd, bytes + sizeof SNAPSHOT_MAGIC - 1) &&
           write(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes && fsync(fd) == 0;
}

bool snapshot_writer_finish(struct snapshot_writer *writer, const struct decision_policy *policy,
                            guint64 serial, GError **error)
{
    int code = end_pages(writer, policy, serial);

    if (code)
        return fail(writer, code, APPSMTP_ERROR_OUTPUT, error);
    errno = 0;
    if (!seal(writer->file))
        return fail(writer, errno ? errno : ENOSPC, APPSMTP_ERROR_OUTPUT, error);
    writer->finished = true;
    return true;
}
