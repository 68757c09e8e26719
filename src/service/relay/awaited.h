/* SPDX-License-Identifier: MIT
 *
 * Senders whose sources are registered, and not yet in the generation in force, because a
 * run of the export read them and could not publish: a guard stopped it, the generation is
 * held, the output failed. Floor: service.
 *
 * They turn a refusal into "send it again later", and never anything into a permit. The
 * file "awaited" beside the generations belongs to one of them, holds at most
 * LIMIT_AWAITED senders, sorted, and goes with the next run that publishes:
 *     # appsmtp awaited 1
 *     # generation 12
 *     app@example.edu
 *     # end 1
 */
#ifndef APPSMTP_AWAITED_H
#define APPSMTP_AWAITED_H

#include "rules/decision.h"

#define AWAITED_FILE "awaited"

/* ---- what the export leaves ---- */

/* senders: of char *, sorted. None at all removes the file. */
bool awaited_write(const char *folder, guint64 serial, const GPtrArray *senders, GError **error);

/* ---- what a decision is made with ---- */

struct awaited;

/* For the export's output folder. Nothing is read until awaited_look(). */
struct awaited *awaited_new(const char *folder);
void awaited_free(struct awaited *awaited);
DEFINE_AUTO(awaited, awaited_free)

/*
 * Reads the file where another one is there by now. False and APPSMTP_ERROR_INPUT for one
 * that cannot be read, once for each; until it can, or is gone, anybody may stand in it.
 */
bool awaited_look(struct awaited *awaited, GError **error);

/*
 * What a sender is told whom another generation than that one may permit:
 * decision_not_yet() when it is awaited, decision_unavailable() when the file could not be
 * read, else NULL. Caller frees.
 */
struct decision *awaited_decide(const struct awaited *awaited, guint64 serial, const char *sender);

/*
 * The decision itself or, where it is a refusal that another generation could turn into a
 * permit, awaited_decide()'s in its place. serial: of the generation that it was made with.
 * Takes the decision; caller frees what is returned.
 */
struct decision *awaited_soften(const struct awaited *awaited, guint64 serial, const char *sender,
                                struct decision *decision);

#endif
