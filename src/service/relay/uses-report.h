/* SPDX-License-Identifier: MIT
 *
 * Which sources were used, as the export reads it of the policy daemon's file
 * (uses.h) and tells the database. Floor: service.
 *
 * The file is taken away before it is read and removed when the database has it, so
 * that nothing is lost when a run fails in between; the batch tells the database what it
 * has been told already.
 */
#ifndef APPSMTP_USES_REPORT_H
#define APPSMTP_USES_REPORT_H

#include "base/cleanup.h"

#include <glib.h>
#include <stdbool.h>

struct uses_report;

/*
 * Takes the file of the folder and reads it; a report of nothing when there is none,
 * or no folder. What is no whole line is passed over: the daemon may have been killed.
 * NULL and APPSMTP_ERROR_OUTPUT when the file is there and cannot be taken or read.
 */
struct uses_report *uses_report_take(const char *folder, GError **error);
void uses_report_free(struct uses_report *report);
DEFINE_AUTO(uses_report, uses_report_free)

/*
 * The source of that id is the one ("kind<TAB>value") that the sender used, if it did:
 * adds it to what the database is told. report may be NULL.
 */
void uses_report_match(struct uses_report *report, const char *sender, const char *source,
                       const char *id);

/*
 * What the database is told, as members of a JSON object:
 *     "used": {"batch": 1795600000000000,
 *              "sources": [{"id": "...", "at": 1795600012, "messages": 3, "certificate": "..."}],
 *              "decisions": {"message.permitted": 3}},
 *     "rates": [{"sender": "app@example.edu", "used": 180, "allowed": 200, "at": 1795600012}]
 * and of each sender the last rate only. NULL when the report is of nothing, or NULL. Caller frees.
 */
char *uses_report_json(const struct uses_report *report);

/* The database has it: removes the file. report may be NULL. */
void uses_report_done(const struct uses_report *report);

#endif
