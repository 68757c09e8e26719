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
 * Up to 100 notices that are due, but those that wait for a digest, in the order of their
 * making, after the one
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

/* What became of the attempt: sent, and to which address ("": not known); not sent before `until`,
   and why; never to be sent, and why. The remark ("" for none) is what operators read of one sent
   in an unusual way. */
bool notices_sent(struct database *database, const struct notice *notice, const char *to,
                  gint64 now, const char *remark, GError **error);
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

/* ---- digests ---- */

/*
 * Nobody's mailbox is filled: whoever has had LIMIT_NOTICES_TO_ONE less one within the hour,
 * whatever the registration and whichever of their roles, gets the next ones in one digest. *held
 * is whether this one waits for it: it does, too, where another one for the address does. An
 * hour later the digest is due.
 */
bool notices_hold(struct database *database, const struct notice *notice, const char *address,
                  gint64 now, bool *held, GError **error);

/* Addresses (char *) whose digest is due; none that has had one within the hour, or still waits for
   one. */
bool notices_digests_due(struct database *database, gint64 now, GPtrArray **addresses,
                         GError **error);

/* The oldest of those that are held for the address: of struct notice, by registration. Both
   lists: caller unrefs. */
bool notices_held_for(struct database *database, const char *address, guint most, GPtrArray **list,
                      GError **error);

struct notices_digest {
    const char *address;
    const GPtrArray *notices; /* as notices_held_for() gives them; the others stay held */
    guint count;              /* of these, that it tells of: at least 1 */
    const char *summary, *text;
};

/* Puts one notice of the kind "digest" in the place of those: they count as sent. */
bool notices_digest(struct database *database, const struct notices_digest *digest, gint64 now,
                    GError **error);

#endif
