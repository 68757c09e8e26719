/* SPDX-License-Identifier: MIT
 *
 * The socket below libldap: connected, read and written here, so that every wait ends by a
 * deadline, whatever libldap and its TLS library think of it.
 *
 * Their own time limits do not hold: with half of a TLS record, GnuTLS waits in a blocking
 * read(2) for the other half, the handshake loops or blocks depending on the version
 * (ITS#8047), and a server that drips a byte a second outlasts them all. So the socket is
 * no business of theirs: this is the lowest layer of the handle's Sockbuf, below TLS. It
 * never blocks in the kernel and never says "try again"; it waits in poll(2) until
 * transport.deadline, then fails with ETIMEDOUT, now and whenever it is called again.
 *
 * Nor can a server fill the memory: a message is refused that says of itself that it is longer
 * than LIMIT_DIRECTORY_MESSAGE, before it is read (errno is ERANGE then), and a step that brings
 * more than LIMIT_DIRECTORY_ANSWER ends.
 *
 * The name of the server is looked up by the same deadline (base/lookup.h).
 */
#ifndef APPSMTP_DIRECTORY_TRANSPORT_H
#define APPSMTP_DIRECTORY_TRANSPORT_H

#include "base/deadline.h"

#include <ldap.h>

struct transport {
    int fd;                   /* owned by the handle */
    struct deadline deadline; /* of what is being done now: set it before each step */
    bool late;                /* a wait has ended by it, so the handle is of no use any more */
    size_t received;          /* bytes, during this step */
    bool flooded;             /* there were more than LIMIT_DIRECTORY_ANSWER; likewise of no use */
};

/*
 * Connects to the server of the uri (ldap, ldaps or ldapi) by the transport's deadline, each
 * of its addresses in turn, and makes a handle on that. TLS is not started. The transport
 * must outlive the handle. NULL with *reason, which the caller frees, when nobody could be
 * reached. A handle whose connection is lost has to be thrown away: never ask on it again.
 */
LDAP *transport_open(struct transport *transport, const char *uri, char **reason);

/* Says goodbye if that needs no waiting, and closes the handle. */
void transport_close(struct transport *transport, LDAP *ldap);

#endif
