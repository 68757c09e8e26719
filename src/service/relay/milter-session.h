/* SPDX-License-Identifier: MIT
 *
 * What the milter knows of one client's message, and its verdict over the headers.
 * Floor: service; no milter protocol of its own.
 *
 * The envelope's sender is judged by itself, whatever accepted it before, and then
 * whether From: and Sender: fit it (rules/author.h). The certificate is not known
 * here: a sender who has one registered may have come by it.
 */
#ifndef APPSMTP_MILTER_SESSION_H
#define APPSMTP_MILTER_SESSION_H

#include "service/relay/live.h"

struct milter_session;

/* client: the IP address of the connection as text; NULL when it is not known. */
struct milter_session *milter_session_new(struct live *live, const char *client);
void milter_session_free(struct milter_session *session);
DEFINE_AUTO(milter_session, milter_session_free)

/* Another message begins, all that was said of the one before is forgotten. sender: with or without brackets. */
void milter_session_begin(struct milter_session *session, const char *sender);

/* A header, folded lines with \n; any but those of rules/author.h is passed over. */
void milter_session_header(struct milter_session *session, const char *name, const char *value);

/*
 * After the last header. PERMIT, REFUSE with one of "message.*" or "header.*" and its
 * text, or UNAVAILABLE: no generation, no client, no sender, a sender or author who waits
 * for another generation (awaited.h), or a refusal while another generation is in force
 * than the one that is loaded. Never NULL; caller frees.
 */
struct decision *milter_session_verdict(const struct milter_session *session);

#endif
