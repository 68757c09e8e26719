/* SPDX-License-Identifier: MIT
 *
 * What the relay team looks up over all registrations. Floor: adapters.
 *
 * All functions: false and an error of database.h when the database could not be
 * asked; what they give is the caller's to free or unref.
 */
#ifndef APPSMTP_SEARCH_H
#define APPSMTP_SEARCH_H

#include "adapters/database/database.h"

/* One registration in a list; texts, as people read them. */
struct search_row {
    char *id;
    char *address;
    char *application_name;
    char *application_type;
    char *state;     /* "live", "suspended", "retired" */
    char *owners;    /* joined by ", "; so are the next two */
    char *locations;
    char *sources;   /* networks, hostnames, names of certificates */
    char *created;   /* "2026-11-23", UTC; so is the next */
    char *confirmed;
};

/*
 * Finds registrations by what was typed: a part of the address, the application's name,
 * an owner's login, a hostname, a name or the serial of a certificate; an IP address or
 * network (the ranges that hold it, or that it holds); a SHA-256 fingerprint of a
 * certificate or of its key, with or without colons. An empty text finds all. Retired
 * ones come last. At most `most` of them; 0 is all. *rows: of struct search_row.
 * list: one of search_lists, or "" for all.
 */
bool search_registrations(struct database *database, const char *typed, const char *list,
                          guint most, GPtrArray **rows, GError **error);

/* What the relay team looks after: name and words, ended by NULL. */
extern const char *const search_lists[][2];

/* A source of one registration that another live or suspended one uses as well. */
struct shared_source {
    char *source;        /* id, of the one */
    char *other;         /* id of the other registration */
    char *other_address;
    char *other_source;  /* as text */
};

/*
 * The same hostname, the same key, or a network that overlaps. *shared: of struct
 * shared_source, by source.
 */
bool search_shared(struct database *database, const char *id, GPtrArray **shared, GError **error);

/* A source of a registration in force that a relay leaves out. */
struct search_omission {
    char *registration, *address;
    char *id;     /* of the source */
    char *source; /* as text */
    char *why;    /* "is outside its locations" */
    char *relay;
    char *since;  /* "2026-11-23 12:05" UTC */
};

/* The newest first, those that come by themselves last. At most that many; 0 is all. */
bool search_left_out(struct database *database, guint most, GPtrArray **found, GError **error);

/* The last export of one relay. */
struct last_export {
    char *relay;
    char *finished; /* "2026-11-23 12:05:01" UTC */
    char *outcome;
    gint64 generation, senders, sources, left_out;
    gint64 age; /* seconds */
};

/* Whether it is older than three of the usual pauses, of so many minutes. */
bool last_export_is_late(const struct last_export *one, unsigned minutes);

struct overview {
    gint64 live, waiting, suspended, retired;
    gint64 expiring;     /* live ones with a certificate that ends within 30 days */
    gint64 unconfirmed;  /* whose yearly confirmation is due within 30 days, or was */
    gint64 left_out;     /* with a source that a relay leaves out */
    gint64 unused;       /* with a source that no relay has seen used for a year */
    gint64 at_limit;     /* that had all of an hour's recipients, as a relay says */
    gint64 notices;      /* that wait: neither sent nor skipped */
    gint64 held;         /* of these, waiting for a digest */
    gint64 failing;      /* of these, tried, and not sent so far */
    char *oldest;        /* when the oldest of these was made, or "" */
    char *last_error;    /* of one of the failing, or "" */
    GPtrArray *exports;  /* of struct last_export */
};

void overview_free(struct overview *overview);
DEFINE_AUTO(overview, overview_free)
bool search_overview(struct database *database, struct overview **overview, GError **error);

#endif
