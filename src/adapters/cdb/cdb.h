/* SPDX-License-Identifier: MIT
 *
 * Constant databases, as Exim and others look keys up in them. Floor: adapters.
 * Hides tinycdb's libcdb.
 */
#ifndef APPSMTP_CDB_H
#define APPSMTP_CDB_H

#include "base/cleanup.h"

#include <glib.h>
#include <stdbool.h>

/* ---- writing ---- */

struct cdb_writer;

/* Creates the file, which must not exist; NULL and APPSMTP_ERROR_CREATE when that fails. */
struct cdb_writer *cdb_writer_new(const char *path, GError **error);
void cdb_writer_free(struct cdb_writer *writer);
DEFINE_AUTO(cdb_writer, cdb_writer_free)

/* Each key once. APPSMTP_ERROR_OUTPUT when it cannot be written. */
bool cdb_writer_add(struct cdb_writer *writer, const char *key, const char *value, GError **error);

/* Completes the file; nobody can look anything up before. */
bool cdb_writer_finish(struct cdb_writer *writer, GError **error);

/* ---- reading ---- */

struct cdb_reader;

/* NULL and APPSMTP_ERROR_OUTPUT when the file is no such database. */
struct cdb_reader *cdb_reader_new(const char *path, GError **error);
void cdb_reader_free(struct cdb_reader *reader);
DEFINE_AUTO(cdb_reader, cdb_reader_free)

/* The key's value, or NULL. Caller frees. */
char *cdb_reader_get(struct cdb_reader *reader, const char *key);

/* How many keys there are. */
guint64 cdb_reader_count(struct cdb_reader *reader);

#endif
