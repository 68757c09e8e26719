/* SPDX-License-Identifier: MIT
 *
 * Looking up, connecting, and the lowest layer of libldap's input and output.
 */
#include "adapters/directory/transport.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "base/lookup.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openldap.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Where Debian's slapd listens. */
#define DEFAULT_SOCKET "/run/slapd/ldapi"
/* For the farewell, which fits into the socket's buffer unless that is full. */
#define CLOSE_MS 20
/* So long may what was sent go unacknowledged, even between two questions. */
#define UNACKNOWLEDGED_MS 10000

/* ---- input and output ---------------------------------------------------------------------- */

static bool is_late(struct transport *transport)
{
    if (deadline_left(transport->deadline) > 0)
        return false;
    transport->late = true;
    errno = ETIMEDOUT;
    return true;
}

static bool has_to_wait(ssize_t done)
{
    return done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

static bool is_flood(struct transport *transport)
{
    transport->flooded = transport->received > LIMIT_DIRECTORY_ANSWER;
    if (transport->flooded)
        errno = EMSGSIZE;
    return transport->flooded;
}

static ber_slen_t read_some(Sockbuf_IO_Desc *layer, void *buffer, ber_len_t size)
{
    struct transport *transport = layer->sbiod_pvt;

    while (!is_late(transport) && !is_flood(transport)) {
        ssize_t got = recv(transport->fd, buffer, size, MSG_DONTWAIT);
        if (got > 0)
            transport->received += (size_t)got;
        if (!has_to_wait(got))
            return got;
        deadline_poll(transport->deadline, transport->fd, POLLIN);
    }
    return -1;
}

static ber_slen_t write_some(Sockbuf_IO_Desc *layer, void *buffer, ber_len_t size)
{
    struct transport *transport = layer->sbiod_pvt;

    while (!is_late(transport)) {
        ssize_t sent = send(transport->fd, buffer, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (!has_to_wait(sent))
            return sent;
        deadline_poll(transport->deadline, transport->fd, POLLOUT);
    }
    return -1;
}

static int set_up(Sockbuf_IO_Desc *layer, void *transport)
{
    layer->sbiod_pvt = transport;
    return 0;
}

/* Nothing is held back here, and nothing else can be set. */
static int control(Sockbuf_IO_Desc *layer, int option, void *value)
{
    (void)layer;
    (void)option;
    (void)value;
    return 0;
}

static int close_socket(Sockbuf_IO_Desc *layer)
{
    struct transport *transport = layer->sbiod_pvt;

    close(transport->fd);
    transport->fd = -1;
    return 0;
}

static Sockbuf_IO lowest_layer = {.sbi_setup = set_up,
                                  .sbi_ctrl = control,
                                  .sbi_read = read_some,
                                  .sbi_write = write_some,
                                  .sbi_close = close_socket};

/* ---- connecting */

/* What connect(2) came to in the end; 0 is success. */
static int outcome_of_connecting(int fd, struct deadline deadline)
{
    int failure = 0;
    socklen_t size = sizeof failure;

    if (errno != EINPROGRESS && errno != EINTR)
        return errno;
    if (!deadline_poll(deadline, fd, POLLOUT))
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 ? failure : errno;
}

/* The descriptor, or -1 with errno. */
static int connect_to(const struct sockaddr *name, socklen_t size, struct deadline deadline)
{
    auto_fd fd = socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int failure = fd < 0 ? errno : 0;

    if (fd >= 0 && connect(fd, name, size) != 0)
        failure = outcome_of_connecting(fd, deadline);
    if (failure == 0)
        return fd_steal(&fd);
    errno = failure;
    return -1;
}

static int connect_local(const char *path, struct deadline deadline)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    if (g_strlcpy(name.sun_path, path, sizeof name.sun_path) >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return connect_to((const struct sockaddr *)&name, sizeof name, deadline);
}

static void watch_over(int fd)
{
    const int on = 1;
    const unsigned unacknowledged = UNACKNOWLEDGED_MS;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged, sizeof unacknowledged);
}

/* The descriptor, or -1 with errno. */
static int connect_address(const char *address, const char *port, struct deadline deadline)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int fd = -1, failure = EADDRNOTAVAIL;

    if (getaddrinfo(address, port, &hints, &found) == 0) {
        fd = connect_to(found->ai_addr, found->ai_addrlen, deadline);
        failure = errno;
        freeaddrinfo(found);
    }
    errno = failure;
    return fd;
}

/* No address may use up the time of those after it. */
static int connect_any(const GPtrArray *addresses, int port, struct deadline deadline)
{
    g_autofree char *number = g_strdup_printf("%d", port);
    int fd = -1;

    for (guint i = 0; i < addresses->len && fd < 0; i++) {
        unsigned share = (unsigned)deadline_left(deadline) / (addresses->len - i);
        fd = connect_address(addresses->pdata[i], number, deadline_sooner(deadline, share));
    }
    if (fd >= 0)
        watch_over(fd);
    return fd;
}

static GPtrArray *addresses_of(const char *host, struct deadline deadline, char **reason)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *addresses = lookup_addresses(host, deadline, &error);

    if (!addresses)
        *reason = g_strdup_printf("could not look up the name \"%s\": %s", host, error->message);
    return addresses;
}

static int connect_server(const LDAPURLDesc *server, struct deadline deadline, char **reason)
{
    const char *host = server->lud_host && *server->lud_host ? server->lud_host : NULL;
    g_autoptr(GPtrArray) addresses = NULL;
    int fd;

    if (strcmp(server->lud_scheme, "ldapi") == 0) {
        fd = connect_local(host ? host : DEFAULT_SOCKET, deadline);
    } else {
        addresses = addresses_of(host ? host : "localhost", deadline, reason);
        if (!addresses)
            return -1;
        fd = connect_any(addresses, server->lud_port, deadline);
    }
    if (fd < 0)
        *reason = g_strdup(g_strerror(errno));
    return fd;
}

/* ---- the handle */

static LDAP *handle_on(struct transport *transport, const char *uri, char **reason)
{
    ber_len_t most = LIMIT_DIRECTORY_MESSAGE;
    Sockbuf *buffer = NULL;
    LDAP *ldap = NULL;
    int failure = ldap_init_fd(transport->fd, LDAP_PROTO_EXT, uri, &ldap);

    if (failure == LDAP_SUCCESS) {
        ldap_get_option(ldap, LDAP_OPT_SOCKBUF, &buffer);
        ber_sockbuf_add_io(buffer, &lowest_layer, LBER_SBIOD_LEVEL_PROVIDER, transport);
        ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &most);
        return ldap;
    }
    close(transport->fd);
    *reason = g_strdup(ldap_err2string(failure));
    return NULL;
}

LDAP *transport_open(struct transport *transport, const char *uri, char **reason)
{
    LDAPURLDesc *server = NULL;

    if (ldap_url_parse(uri, &server) != LDAP_URL_SUCCESS) {
        *reason = g_strdup("it is not the uri of a server");
        return NULL;
    }
    transport->fd = connect_server(server, transport->deadline, reason);
    ldap_free_urldesc(server);
    return transport->fd < 0 ? NULL : handle_on(transport, uri, reason);
}

void transport_close(struct transport *transport, LDAP *ldap)
{
    transport->deadline = deadline_in(CLOSE_MS);
    ldap_unbind_ext(ldap, NULL, NULL);
}
