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

#include "rules/decision.h"

#define SNAPSHOT_FILE "snapshot.mdb"

/* ---- reading ---- */

struct snapshot;

/*
 * Opens a generation: folder is the export's output folder (its "current" is
 * read) or a generation folder itself. False-like NULL and
 * APPSMTP_ERROR_SNAPSHOT when it is missing, damaged or of another format.
 */
struct snapshot *snapshot_open(const char *folder, GError **error);
void snapshot_close(struct snapshot *snapshot);
DEFINE_AUTO(snapshot, snapshot_close)

/* The policy of the generation; owned by the snapshot. */
const struct decision_policy *snapshot_policy(const struct snapshot *snapshot);

/* The generation's serial number, and how many senders it holds. */
guint64 snapshot_serial(const struct snapshot *snapshot);
size_t snapshot_count(const struct snapshot *snapshot);

/* The whole decision: looks up, then decision_make(). Never NULL; caller frees. */
struct decision *snapshot_decide(const struct snapshot *snapshot,
                                 const struct decision_query *query);

/* ---- writing ---- */

struct snapshot_writer;

/* Creates folder/snapshot.mdb; NULL and APPSMTP_ERROR_CREATE when that fails. */
struct snapshot_writer *snapshot_writer_new(const char *folder, GError **error);
void snapshot_writer_free(struct snapshot_writer *writer); /* without finish: throws it away */
DEFINE_AUTO(snapshot_writer, snapshot_writer_free)

/* One sender (lower case) and its sources; each sender once. */
bool snapshot_writer_add(struct snapshot_writer *writer, const char *sender,
                         const struct decision_entry *entry, GError **error);

/* The policy and serial, then everything to the disk. */
bool snapshot_writer_finish(struct snapshot_writer *writer, const struct decision_policy *policy,
                            guint64 serial, GError **error);

#endif
