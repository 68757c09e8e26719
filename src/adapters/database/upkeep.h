/* SPDX-License-Identifier: MIT
 *
 * What appsmtp-notify reads and changes to keep registrations true: certificates
 * that end, confirmations, ownership. Floor: adapters.
 *
 * Every change is one transaction with its history row (whose login is
 * "appsmtp-notify") and its notices. All functions: false and an error of database.h
 * when the database could not be asked. Times are seconds since 1970; `now` is the
 * caller's, and no statement looks at the server's clock. Lists are unref'd by the caller.
 */
#ifndef APPSMTP_UPKEEP_H
#define APPSMTP_UPKEEP_H

#include "adapters/database/database.h"
#include "rules/registration.h"

/* A notice to all owners of one registration. */
struct tidings {
    const char *kind;          /* as in service/notices/texts.def */
    const char *const *values; /* its details: name, value, name, value ... NULL */
    const GPtrArray *others;   /* further recipients (char *), or NULL */
};

/* ---- certificates that end ---- */

struct ending {
    char *registration;
    char *subject; /* of the reminder */
    int stage;     /* of the last reminder; 0 is none */
    char *serial;
    char *names;  /* separated by commas */
    char *other;  /* another source of the registration that is good for longer, or "" */
    char *source; /* id of its source */
    char *seen;   /* SHA-256 (64 hex digits) of another certificate with the same key, by which a
                     relay has seen the application come last, or "" */
    gint64 seen_at;
    gint64 begins, ends;
    bool replaced; /* by one with a name in common, but another key */
};

/* Certificates of live registrations that have no more than a third of their lifetime
 * left, but those that one with the same key and a later end has replaced, and those
 * whose last stage is `over`: of struct ending. */
bool upkeep_endings(struct database *database, gint64 now, int over, GPtrArray **list,
                    GError **error);

/* ---- hostnames without an address ---- */

struct nameless {
    char *registration;
    char *hostname;
    char *subject; /* of the reminder */
};

/*
 * Hostnames of live registrations for which the last run of some relay, within a day
 * before now, had no address, and whose owners were not told: of struct nameless. Those
 * that have an address again are forgotten, so that their owners are told the next time.
 */
bool upkeep_nameless(struct database *database, gint64 now, GPtrArray **list, GError **error);

/* ---- what a relay leaves out ---- */

/* A source of a live registration; see rules/left-out.h. */
struct upkeep_omission {
    char *registration, *address;
    char *source; /* as text */
    char *reason, *detail;
    char *subject; /* of the reminder */
};

/*
 * Those that a relay has left out in its last run, within a day before now, and whose
 * owners were not told: of struct upkeep_omission, by registration, each source once. Those that
 * are taken in again are forgotten, so that their owners are told the next time.
 * elsewhere: codes of rules/left-out.h, separated by blanks. What a relay leaves out for one of
 * these is no omission here, and hides none that another relay makes for another reason.
 */
bool upkeep_omissions(struct database *database, const char *elsewhere, gint64 now,
                      GPtrArray **list, GError **error);

/*
 * Tells of several of one registration at once: a notice for its owners, and another for the
 * relay team. Nobody is told when another run has told them.
 */
struct upkeep_omitted {
    const char *registration;
    const GPtrArray *subjects; /* of char * */
    const struct tidings *tidings;
    const struct tidings *team; /* for its `others` alone; or NULL */
};
bool upkeep_tell_omitted(struct database *database, const struct upkeep_omitted *omitted,
                         gint64 now, GError **error);

/* ---- rates ---- */

/* The fullest hour of a registration that a relay has reported, and nobody has looked at yet. */
struct fullness {
    char *registration;
    char *type; /* of the application */
    gint64 used, allowed; /* recipients; of the fullest source where each has its own rate */
    gint64 seen;          /* when it was reported */
    bool live;
};

/* Those that came near their limit: of struct fullness. */
bool upkeep_fullnesses(struct database *database, GPtrArray **list, GError **error);

/*
 * Tells the owners, unless they were told of the same kind, or of a full hour, within 24 hours.
 * Either way its peaks that are no fuller are removed.
 */
bool upkeep_warn_of_rate(struct database *database, const struct fullness *fullness, bool full,
                         const struct tidings *tidings, gint64 now, GError **error);

/* ---- yearly confirmations ---- */

struct confirmation {
    char *registration;
    char *subject;
    int stage;
    gint64 first_at; /* of the first reminder; 0: there was none */
    gint64 due;      /* a year after the last confirmation */
};

/* Of live registrations, due within 30 days or before now: of struct confirmation. */
bool upkeep_confirmations(struct database *database, gint64 now, GPtrArray **list, GError **error);

/* Registrations (char *, ids) that were suspended for want of an answer and are confirmed now. */
bool upkeep_answered(struct database *database, gint64 now, GPtrArray **list, GError **error);

/* ---- ownership ---- */

struct checked {
    char *registration;
    char *address;
    char *account_id; /* as stored */
    GPtrArray *owners; /* of struct owner */
    bool live;        /* else suspended for ownership */
    char *fault;      /* of the last check, or "" */
    bool lasting;     /* a fault was found LIMIT_FAULT_HOURS ago, and ever since */
    gint64 told_at;   /* 0: nobody was told of the fault */
    GPtrArray *absent;         /* of struct owner: whom the last check did not find */
    GPtrArray *absent_lasting; /* of these: not found for LIMIT_FAULT_HOURS */
};

/* Registrations without a definite answer for LIMIT_CHECK_HOURS: of struct checked. At most
 * 500, in the order of their ids, after that one ("" for the first). */
bool upkeep_unchecked(struct database *database, const char *after, gint64 now, GPtrArray **list,
                      GError **error);

/* What was noted of a registration, and nothing has come of it yet. */
struct unsettled {
    char *registration;
    char *address;
    bool fault;        /* nobody was told of it; not one that all its owners are absent */
    GPtrArray *absent; /* of struct owner: no look after LIMIT_FAULT_HOURS has missed them */
};

/* All of them, checked lately or not: of struct unsettled. */
bool upkeep_unsettled(struct database *database, GPtrArray **list, GError **error);

/* How many registrations the directory is asked about each day, and how many owners they have,
 * of whom each counts once. */
bool upkeep_count(struct database *database, guint *registrations, guint *owners, GError **error);

/*
 * Notes a definite answer: the fault's name (as the table ownership_check has it),
 * or NULL when all is well; back is then told, if anybody was told of a fault. absent:
 * owners that were not found (const struct owner *).
 */
bool upkeep_note_check(struct database *database, const char *registration, const char *fault,
                       const GPtrArray *absent, const struct tidings *back, gint64 now,
                       GError **error);

/* Tells everybody of the fault, once: the grace begins now. */
bool upkeep_tell_fault(struct database *database, const char *registration,
                       const struct tidings *tidings, gint64 now, GError **error);

/* Stores another account of the same address. */
bool upkeep_take_account(struct database *database, const struct checked *checked, const char *id,
                         const char *label, const char *reason, GError **error);

/* What the directory says of a listed owner. */
struct recognised {
    const struct owner *owner; /* as listed; has to outlive this */
    char *name;                /* the login, or the group's name, of now; NULL: another row is the same
                                  owner's, and this one goes */
    char *person_id;           /* or "" */
};

void recognised_free(struct recognised *recognised);

/*
 * Brings the list up to date: of struct recognised, all in one step, for two may have
 * swapped their names. The history has a row when a name changes.
 */
bool upkeep_recognise(struct database *database, const struct checked *checked,
                      const GPtrArray *list, GError **error);

/*
 * Takes an owner off the list, unless it is the last one, or the row is of somebody else by now
 * who has the login.
 */
bool upkeep_remove_owner(struct database *database, const char *registration,
                         const struct owner *owner, const char *reason,
                         const struct tidings *tidings, gint64 now, GError **error);

/* ---- what comes of it ---- */

/*
 * Writes the notice, unless the reminder of that subject has this stage or a
 * higher one already.
 */
bool upkeep_remind(struct database *database, const char *registration, const char *subject,
                   int stage, const struct tidings *tidings, gint64 now, GError **error);

/* A notice by itself. */
bool upkeep_tell(struct database *database, const char *registration,
                 const struct tidings *tidings, gint64 now, GError **error);

/* Suspends a live registration. cause: "ownership" or "confirmation". */
bool upkeep_suspend(struct database *database, const char *registration, const char *cause,
                    const char *reason, const struct tidings *tidings, gint64 now, GError **error);

/* Resumes one that upkeep_suspend() has suspended, and nobody has touched since. */
bool upkeep_resume(struct database *database, const char *registration, const char *reason,
                   const struct tidings *tidings, gint64 now, GError **error);

#endif
