/* SPDX-License-Identifier: MIT
 *
 * One handle on one server of the directory: failover, TLS, bind, and how long
 * all of that may take. Private to this folder, like every header here but
 * directory.h.
 *
 * libldap's own list of servers is no failover, and a handle that lost its
 * connection never recovers: so a handle knows one server, and what fails is
 * thrown away with it. A handle is kept for the next call up to 60 seconds.
 * A server that refuses the portal's own bind, or says that it is busy, unwilling or
 * at a limit, is passed over for the next one; only what all of them say is an error.
 */
#ifndef APPSMTP_DIRECTORY_CONNECTION_H
#define APPSMTP_DIRECTORY_CONNECTION_H

#include "adapters/directory/directory.h"
#include "adapters/directory/transport.h"

#include <ldap.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LDAPMessage, ldap_msgfree)

struct server {
    const char *uri;
    gint64 last_until; /* monotonic microseconds: at the end of the order until then */
    bool is_active_directory; /* it has said so */
};

struct connection {
    LDAP *ldap;
    struct transport transport; /* below the handle */
    struct directory *directory;
    struct server *server;
    struct deadline deadline; /* of the call that uses it at this time */
    gint64 used_at;
    bool reused; /* it served an earlier call */
    LDAPPasswordPolicyError policy; /* what the password policy said to the bind */
    bool broken; /* of no use any more: the server is gone, or cannot serve */
    bool lost;      /* gone, that is: whatever is asked on it fails */
    bool timed_out; /* an operation has, which is one reason for that */
};

void connection_free(struct connection *connection);
DEFINE_AUTO(connection, connection_free)

struct directory {
    const struct directory_settings *settings;
    struct server *servers; /* one for each of settings->uris */
    struct connection *kept;
    GHashTable *people; /* login to what is remembered of it; or NULL: nothing is */
    GHashTable *groups; /* likewise, by name; groups_remembered() */
    void (*trace)(const char *text, void *data);
    void *trace_data;
    bool explains;     /* also why an answer is "no" */
    unsigned mistakes; /* of the set-up that it has told */
};

/* One look-up, all of its questions. False with an error when one could not be asked. */
typedef bool (*directory_question)(struct connection *connection, void *data, GError **error);

/*
 * Asks on a connection that is bound as the portal itself, within the sooner of
 * the deadline and the configured total. What lost its connection is asked once
 * more from the start, on a fresh one: a question sets its outputs anew each time.
 */
bool directory_ask(struct directory *directory, struct deadline deadline,
                   directory_question question, void *data, GError **error);

/* Connects and binds as the portal, whatever is kept, and keeps the new connection. */
bool connection_renew(struct directory *directory, struct deadline deadline, GError **error);

/* A person's password, and what came of it. */
struct password_trial {
    const char *dn;       /* neither may be empty: a server may answer that with success */
    const char *password;
    const char *refused; /* why not (static, for the log); NULL: it is the right one */
    bool unanswered;     /* with an error only: it was sent, and the answer did not come, so that
                            the directory may have counted it as wrong */
};

/*
 * Binds as somebody on a handle of its own, which is closed again. False with an error when no
 * server could be asked. The first server's word is final, so that a wrong password counts as one;
 * but one that cannot be reached, or is unwilling, is passed over. One that is sent the password
 * and says nothing is the last one.
 */
bool connection_try_password(struct directory *directory, struct password_trial *trial,
                             struct deadline deadline, GError **error);

/* What such a refusal says to the person: SIGN_IN_WRONG where the server tells no more. */
enum sign_in_answer connection_refusal(const char *refused);

/*
 * Begins an operation: sets the time that it may take, which nothing below it outlasts.
 * False with an error when the deadline has passed, or the connection is lost: libldap might
 * make another one by itself, without deadline, TLS or a name.
 */
bool connection_time(struct connection *connection, const char *attempt, struct timeval *time,
                     GError **error);

/*
 * Sets the error for a result code of libldap. attempt: "search for people", as
 * in "could not ask the directory: URI: could not search for people: reason".
 * Marks the connection as broken where another server may do better. A limit of the
 * server's is APPSMTP_ERROR_LIMIT, with what to set.
 */
void connection_failed(struct connection *connection, int result, const char *attempt,
                       GError **error);

/*
 * Sets APPSMTP_ERROR_LIMIT: "cannot ask the directory: URI: cannot attempt: reason
 * (trying again does not help: remedy)".
 */
void connection_limited(const struct connection *connection, const char *attempt,
                        const char *reason, const char *remedy, GError **error);

/* Tells the trace, if there is one. */
void directory_tell(const struct directory *directory, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* What a server sent, fit for a line of a log: one line, valid UTF-8. Caller frees. */
char *printable(const char *text);

#endif
