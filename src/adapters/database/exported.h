/* SPDX-License-Identifier: MIT
 *
 * What the export reads of the database, and the row that it leaves there.
 * Floor: adapters. All SQL of the export is here.
 */
#ifndef APPSMTP_EXPORTED_H
#define APPSMTP_EXPORTED_H

#include "adapters/database/database.h"

/* What one run sees. */
struct exported_view {
    char *snapshot; /* pg_current_snapshot(), as text */
    char *started;  /* the database's time */
    guint64 count;  /* sources of live registrations */
    guint64 suspended; /* registrations that are left out for that */
};

void exported_view_clear(struct exported_view *view);

/* One source of a live registration; the texts are good during the call only. */
struct exported_source {
    const char *address;
    const char *kind;      /* "network", "hostname" or "certificate" */
    const char *network;   /* the one of the kind is set, the others are "" */
    const char *hostname;
    const char *spki;      /* 64 hex digits */
    gint64 not_after;      /* end of the certificate, seconds since 1970 */
    const char *locations; /* ids, separated by blanks */
    const char *sha256;    /* of the certificate, 64 hex digits, or "" */
    const char *type;      /* the registration's application type: "scanner" */
    const char *id;        /* of the source */
    unsigned recipients_per_hour; /* of the registration by exception; 0 is the type's rate */
};

typedef bool exported_row(const struct exported_source *source, void *data, GError **error);

/* What a run leaves behind. */
struct exported_run {
    const char *relay;
    guint64 generation;
    const struct exported_view *view;
    const char *outcome; /* "published", "unchanged" or "rolled-back" */
    guint64 senders, sources, left_out;
    const char *details; /* JSON */
};

/*
 * Begins the one transaction that all reading is in; fills *view. A million rows need
 * a database without a limit on statements: the caller's deadline holds.
 */
bool exported_begin(struct database *database, struct exported_view *view, GError **error);

/* Adds every registered hostname (char *) to the list, each once. Outside that transaction, too. */
bool exported_hostnames(struct database *database, GPtrArray *names, GError **error);

/* Calls row() for each source, ordered by the bytes of the address, in constant memory. */
bool exported_each(struct database *database, exported_row *row, void *data, GError **error);

/*
 * Adds those of these addresses (of char *) to the list that are not in force though nobody
 * has taken them out: neither is their registration suspended, nor was it retired.
 */
bool exported_vanished(struct database *database, const GPtrArray *addresses, GPtrArray *vanished,
                       GError **error);

/* Ends the transaction. */
bool exported_end(struct database *database, GError **error);

/* Adds the row, from which the portal says since when a registration is on the relay. */
bool exported_record(struct database *database, const struct exported_run *run, GError **error);

#endif
