/* SPDX-License-Identifier: MIT
 *
 * The date before a line of the log. Floor: base.
 *
 * The journal notes the time of each line itself, and a person at a terminal knows it. In a
 * file, or behind a supervisor's pipe, a line of a program that stays has to say it.
 */
#ifndef APPSMTP_DATED_H
#define APPSMTP_DATED_H

#include <glib.h>

/*
 * Whether standard error is the journal's: $JOURNAL_STREAM names its device and inode
 * (systemd.exec(5)). It is inherited by programs whose standard error was put elsewhere.
 */
gboolean log_is_journal(void);

/*
 * "2026-12-01T10:43:22+01:00 " (RFC 3339, local time), or "" where standard error is the
 * journal or a terminal. Caller frees.
 */
char *log_date(void);

/* A writer for g_log_set_writer_func(): GLib's own lines on standard error, with log_date(). */
GLogWriterOutput log_write(GLogLevelFlags level, const GLogField *fields, gsize count,
                           gpointer unused);

#endif
