/* SPDX-License-Identifier: MIT
 *
 * The exported snapshot: what the relay decides from, without database,
 * directory or DNS. Floor: adapters. Hides LMDB.
 *
 * One file of a generation, written once and never changed: sender ->
 * sources, and the policy that all share.
 */
#ifndef APPSMTP_SNAPSHOT_H
#define APPSMTP_SNAPSHOT_H

#include "rules/rate.h"

#define SNAPSHOT_FILE "snapshot.mdb"

/* ---- reading ---- */

struct snapshot;

/*
 * Opens a generation: folder is the export's output folder (its "current" is
 * read) or a generation folder itself. NULL and APPSMTP_ERROR_SNAPSHOT when it
 * is missing, of another format, or differs in one bit from what was written.
 */
struct snapshot *snapshot_open(const char *folder, GError **error);
void snapshot_close(struct snapshot *snapshot);
DEFINE_AUTO(snapshot, snapshot_close)

/* The file that snapshot_open() would read at this time. Caller frees. */
char *snapshot_file(const char *folder);

/*
 * The same in steps of about a millisecond, for a program that has to answer
 * others meanwhile: call step until *ready is set (the caller's from then on) or
 * false is returned.
 */
struct snapshot_loading;

struct snapshot_loading *snapshot_loading_new(const char *folder, GError **error);
void snapshot_loading_free(struct snapshot_loading *loading);
DEFINE_AUTO(snapshot_loading, snapshot_loading_free)
bool snapshot_loading_step(struct snapshot_loading *loading, struct snapshot **ready,
                           GError **error);

/* The policy of the generation; owned by the snapshot. */
const struct decision_policy *snapshot_policy(const struct snapshot *snapshot);

/* The generation's serial number, and how many senders it holds. */
guint64 snapshot_serial(const struct snapshot *snapshot);
size_t snapshot_count(const struct snapshot *snapshot);

/*
 * The whole decision: looks up, then decision_make(). When the file was changed
 * in place, or a record cannot be read, the answer is DECISION_UNAVAILABLE.
 * Never NULL; caller frees.
 */
struct decision *snapshot_decide(const struct snapshot *snapshot,
                                 const struct decision_query *query);

/* The same without the client's certificate, by decision_make_unseen(). */
struct decision *snapshot_decide_unseen(const struct snapshot *snapshot,
                                        const struct decision_query *query);

/*
 * Whether the folder that it was opened from still leads to it. Where another
 * generation is in force by now, others may permit what this one does not know yet.
 */
bool snapshot_is_current(const struct snapshot *snapshot);

/*
 * Whether author is registered for the source that a message of sender ("" is the
 * null sender) came from: looks both up, then decision_same_source(). PERMIT,
 * REFUSE, or UNAVAILABLE where snapshot_decide() would say so.
 */
enum decision_answer snapshot_same_source(const struct snapshot *snapshot, const char *client,
                                          const char *sender, const char *author);

/*
 * How much the sender of that message may send at this relay, one of those that share
 * its rate. For the null sender: by source, as much as the registration with the largest
 * rate whose source it comes from. No limit when nothing is registered. False when it
 * could not be looked up; then *rate is as it was.
 */
bool snapshot_rate(const struct snapshot *snapshot, const struct decision_query *query,
                   struct rate *rate);

/* When the file was written, seconds since 1970. */
gint64 snapshot_written(const struct snapshot *snapshot);

/*
 * Calls source() once for each different source of all senders: keys first (spki
 * is 64 hex digits, network NULL), then networks in the order of
 * network_compare() (spki NULL). It may stop by returning false with the error set.
 */
typedef bool snapshot_source(const struct network *network, const char *spki, void *data,
                             GError **error);
bool snapshot_each_source(const struct snapshot *snapshot, snapshot_source *source, void *data,
                          GError **error);

/* ---- writing ---- */

struct snapshot_writer;

/* Creates folder/snapshot.mdb; NULL and APPSMTP_ERROR_CREATE when that fails. */
struct snapshot_writer *snapshot_writer_new(const char *folder, GError **error);
void snapshot_writer_free(struct snapshot_writer *writer); /* without finish: throws it away */
DEFINE_AUTO(snapshot_writer, snapshot_writer_free)

/*
 * One sender (lower case) and its sources; each sender once. Fastest in the order of
 * the bytes. What was added is thrown away when this fails: free the writer.
 */
bool snapshot_writer_add(struct snapshot_writer *writer, const char *sender,
                         const struct decision_entry *entry, GError **error);

/* The policy and serial, then everything to the disk. */
bool snapshot_writer_finish(struct snapshot_writer *writer, const struct decision_policy *policy,
                            guint64 serial, GError **error);

#endif
