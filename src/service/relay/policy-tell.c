/* SPDX-License-Identifier: MIT
 *
 * One request on a connection of its own, with one deadline over all of it.
 */
#include "service/relay/policy-tell.h"

#include "base/error.h"
#include "service/relay/listen.h"
#include "service/relay/policy-request.h"

#include <errno.h>
#include <gio/gio.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#define WAIT (G_USEC_PER_SEC / 4)

struct policy_tell {
    char *where;
    struct sockaddr_storage address;
    socklen_t length;
};

static bool refuse_place(const char *where, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE,
                "there can be no policy daemon at \"%s\": %s", where, reason);
    return false;
}

static bool set_path(struct policy_tell *tell, GError **error)
{
    struct sockaddr_un *address = (struct sockaddr_un *)(void *)&tell->address;

    address->sun_family = AF_UNIX;
    tell->length = sizeof *address;
    return g_strlcpy(address->sun_path, tell->where, sizeof address->sun_path) <
               sizeof address->sun_path ||
           refuse_place(tell->where, "the path is too long for a socket", error);
}

static bool set_port(struct policy_tell *tell, GError **error)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    g_autoptr(GSocketConnectable) parsed = g_network_address_parse(tell->where, 0, NULL);
    GNetworkAddress *named = parsed ? G_NETWORK_ADDRESS(parsed) : NULL;
    g_autofree char *port = named ? g_strdup_printf("%u", g_network_address_get_port(named)) : NULL;
    struct addrinfo *found = NULL;

    if (!named || g_network_address_get_port(named) == 0 ||
        getaddrinfo(g_network_address_get_hostname(named), port, &hints, &found) != 0)
        return refuse_place(tell->where, "it is neither a path nor ADDRESS:PORT", error);
    memcpy(&tell->address, found->ai_addr, found->ai_addrlen);
    tell->length = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

struct policy_tell *policy_tell_new(const char *where, GError **error)
{
    auto_ptr(policy_tell) tell = g_new0(struct policy_tell, 1);

    tell->where = g_strdup(where);
    if (!(listen_is_path(where) ? set_path(tell, error) : set_port(tell, error)))
        return NULL;
    return g_steal_pointer(&tell);
}

void policy_tell_free(struct policy_tell *tell)
{
    if (!tell)
        return;
    g_free(tell->where);
    g_free(tell);
}

/* ---- one request ---- */

/* False and ETIMEDOUT when nothing happens until then. */
static bool wait_for(int fd, short events, gint64 until)
{
    struct pollfd poll_fd = {fd, events, 0};
    gint64 left = MAX(until - g_get_monotonic_time(), 0);
    int ready = poll(&poll_fd, 1, (int)((left + 999) / 1000));

    if (ready == 0)
        errno = ETIMEDOUT;
    return ready > 0;
}

/* A local socket whose queue is full answers EAGAIN: that daemon has no moment for us. */
static bool dial(int fd, const struct policy_tell *tell, gint64 until)
{
    int reason = 0;
    socklen_t length = sizeof reason;

    if (connect(fd, (const struct sockaddr *)&tell->address, tell->length) == 0)
        return true;
    if (errno != EINPROGRESS || !wait_for(fd, POLLOUT, until) ||
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &reason, &length) != 0)
        return false;
    errno = reason;
    return reason == 0;
}

static bool exchange(int fd, const char *request, gint64 until)
{
    ssize_t length = (ssize_t)strlen(request);
    char answer[64];
    ssize_t got;

    if (send(fd, request, length, MSG_NOSIGNAL) != length || !wait_for(fd, POLLIN, until))
        return false;
    got = recv(fd, answer, sizeof answer, 0);
    if (got == 0)
        errno = ECONNRESET;
    return got > 0;
}

bool policy_tell_refused(const struct policy_tell *tell, const char *queue_id, GError **error)
{
    g_autofree char *request =
        g_strdup_printf("request=" POLICY_REFUSED "\nqueue_id=%s\n\n", queue_id);
    gint64 until = g_get_monotonic_time() + WAIT;
    auto_fd fd = socket(tell->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 && dial(fd, tell, until) && exchange(fd, request, until))
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT,
                "could not tell the policy daemon at \"%s\" what was refused: %s", tell->where,
                g_strerror(errno));
    return false;
}
