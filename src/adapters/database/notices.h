/* SPDX-License-Identifier: MIT
 *
 * The queue of notices, as the one who sends them sees it. Floor: adapters.
 *
 * A notice is written into the queue in the transaction of the change that it is
 * about. From there it ends in one of two ways: sent, or skipped because nobody can
 * be sent it. All functions: false and an error of database.h when the database
 * could not be asked. Times are seconds since 1970.
 */
#ifndef APPSMTP_NOTICES_H
#define APPSMTP_NOTICES_H

#include "adapters/database/database.h"

/* One notice that waits. */
struct notice {
    char *id; /* a number, as text */
    char *kind;
    char *recipient; /* an owner as owner_name() reads it, or an address of mail */
    char *person_id; /* whose login it was when the notice was made; "": not known, or nobody's */
    gint64 made_at;
    gint64 attempts;    /* so far */
    gint64 in_doubt;    /* those of them after which the mail server may have it: see
                           notices_handing_over() */
    GHashTable *values; /* char * to char *: its details, and "address", "application",
                           "registration" (the id) of its registration */
};

/* One at a time may send: *alone is false when another one does. As database_hold(). */
bool notices_lock(struct database *database, bool *alone, GError **error);

/*
 * Up to 100 notices that are due, in the order of their making, after the one
 * with that id ("0" for the first ones): of struct notice, caller unrefs. One put
 * off for longer than LIMIT_NOTICE_PAUSE_HOURS was put off by a clock that has jumped
 * back since, and is due.
 */
bool notices_due(struct database *database, const char *after, gint64 now, GPtrArray **list,
                 GError **error);

/*
 * Notes one more attempt, before it is made: until `until` nobody makes another.
 * *mine is false when somebody else has done so in the meantime.
 */
bool notices_claim(struct database *database, const struct notice *notice, gint64 until, bool *mine,
                   GError **error);

/*
 * Notes that the mail server has all of the message but its end; no wait, nor anything
 * else that takes time, stands between that note and the return of the first function,
 * after which the end is to be sent. The second one comes next, and waits for the
 * database. An attempt that never tells what became of it stays counted in in_doubt.
 */
bool notices_handing_over(struct database *database, const struct notice *notice, GError **error);
bool notices_handed_over(struct database *database, GError **error);

/* What became of the attempt: sent; not sent before `until`, and why; never to be sent, and why.
   The remark ("" for none) is what operators read of one sent in an unusual way. */
bool notices_sent(struct database *database, const struct notice *notice, gint64 now,
                  const char *remark, GError **error);
bool notices_failed(struct database *database, const struct notice *notice, gint64 until,
                    const char *reason, GError **error);
bool notices_skip(struct database *database, const struct notice *notice, gint64 now,
                  const char *reason, GError **error);

/*
 * Puts one notice of the same for each of the recipients (of char *) in its place, but for
 * those whom the same is for already. They come after it in the queue. The notice itself
 * counts as sent, with the remark.
 */
bool notices_pass_on(struct database *database, const struct notice *notice,
                     const GPtrArray *recipients, gint64 now, const char *remark, GError **error);

/* One notice that was tried three times or more and still waits. */
struct stuck_notice {
    char *registration; /* its id */
    char *address;      /* and its address */
    char *kind;
    char *recipient;
    char *since; /* when it was made: "2026-11-23 12:05:01" UTC */
    char *last_error;
    gint64 attempts;
};

/* At most so many of them, the oldest first: of struct stuck_notice, caller unrefs. */
bool notices_stuck(struct database *database, guint most, GPtrArray **list, GError **error);

#endif
