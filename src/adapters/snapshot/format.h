/* SPDX-License-Identifier: MIT
 *
 * How the snapshot's file is laid out; private to this folder. Floor: adapters.
 *
 * One LMDB database. Keys are a letter and what it says:
 *     P                                the policy, as lines of text
 *     S sender                         the sender's sources, as bytes
 *     N family bytes prefix            a network that some sender has, and the largest rate
 *     K 32 bytes                       a key that some sender has, likewise
 * N and K are for the null sender, which no registration has, and sort as
 * network_compare() does. After LMDB's pages stands a seal: SNAPSHOT_MAGIC and the
 * SHA-256 of all before it, since LMDB itself trusts its pages blindly.
 *
 * A snapshot of the version before, which knows nothing of rates by source, of relays
 * and of what the null sender may have, is read as if there were none of that.
 */
#ifndef APPSMTP_SNAPSHOT_FORMAT_H
#define APPSMTP_SNAPSHOT_FORMAT_H

#include "rules/decision.h"

#include <lmdb.h>

#define SNAPSHOT_MAGIC "appsmtp1"
#define SNAPSHOT_DIGEST 32
#define SNAPSHOT_SEAL (sizeof SNAPSHOT_MAGIC - 1 + SNAPSHOT_DIGEST)
#define SNAPSHOT_KEY 511 /* LMDB's longest key */

struct snapshot_key {
    guint8 bytes[SNAPSHOT_KEY];
    size_t length;
};

/* What the policy's record holds beside the policy. */
struct snapshot_facts {
    guint64 serial;
    guint64 count;
};

/* False when the sender is longer than a key can be: then it is not in any snapshot. */
bool snapshot_key_sender(struct snapshot_key *key, const char *sender);
void snapshot_key_network(struct snapshot_key *key, const struct network *network);
/* False when the text is not 64 hex digits. */
bool snapshot_key_spki(struct snapshot_key *key, const char *hex);
MDB_val snapshot_key_value(struct snapshot_key *key);

/* The network of an N key; false when the bytes are none. */
bool snapshot_network_from_key(const MDB_val *key, struct network *network);
/* The 64 hex digits of 32 bytes. Caller frees. */
char *snapshot_hex(const guint8 *bytes);

/* The value of an N or K record, and the recipients an hour that one says; 0 is no limit. */
guint32 snapshot_rate_bytes(unsigned per_hour);
unsigned snapshot_rate_read(const MDB_val *value);

/* The entry as bytes, and back; NULL when the bytes are not what was written. */
GByteArray *snapshot_entry_write(const struct decision_entry *entry);
struct decision_entry *snapshot_entry_read(const MDB_val *value);

/* The policy as text, and back; NULL likewise. Caller frees. */
char *snapshot_policy_write(const struct decision_policy *policy, const struct snapshot_facts *facts);
struct decision_policy *snapshot_policy_read(const MDB_val *value, struct snapshot_facts *facts);

#endif
