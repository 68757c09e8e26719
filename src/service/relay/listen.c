/* SPDX-License-Identifier: MIT
 *
 * Listening sockets.
 */
#include "service/relay/listen.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <errno.h>
#include <gio/gio.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define BACKLOG 1024

bool listen_is_path(const char *where)
{
    return strchr(where, '/') || !strchr(where, ':');
}

static int fail(const char *where, const char *reason, enum appsmtp_error code, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, (gint)code, "could not listen at \"%s\": %s", where, reason);
    return -1;
}

static int open_socket(int family)
{
    const int yes = 1;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 && family != AF_UNIX)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return fd;
}

static bool somebody_listens(const struct sockaddr_un *address)
{
    auto_fd fd = open_socket(AF_UNIX);

    return connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN;
}

static int listen_at_path(const char *path, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    auto_fd fd = open_socket(AF_UNIX);
    struct stat stat;

    if (g_strlcpy(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
        return fail(path, "the path is too long for a socket", APPSMTP_ERROR_USAGE, error);
    if (lstat(path, &stat) == 0 && S_ISSOCK(stat.st_mode)) {
        if (somebody_listens(&address))
            return fail(path, "another one is running", APPSMTP_ERROR_BUSY, error);
        unlink(path);
    }
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        chmod(path, 0666) != 0 || listen(fd, BACKLOG) != 0)
        return fail(path, g_strerror(errno), APPSMTP_ERROR_CREATE, error);
    return fd_steal(&fd);
}

static int listen_at_address(const struct addrinfo *address)
{
    auto_fd fd = open_socket(address->ai_family);

    if (fd < 0 || bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)
        return -1;
    return fd_steal(&fd);
}

static int listen_at_port(const char *where, GError **error)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    g_autoptr(GSocketConnectable) parsed = g_network_address_parse(where, 0, NULL);
    GNetworkAddress *named = parsed ? G_NETWORK_ADDRESS(parsed) : NULL;
    g_autofree char *port = NULL;
    struct addrinfo *found = NULL;
    int fd, code;

    if (!named || g_network_address_get_port(named) == 0)
        return fail(where, "it is neither a path nor HOST:PORT", APPSMTP_ERROR_USAGE, error);
    port = g_strdup_printf("%u", g_network_address_get_port(named));
    code = getaddrinfo(g_network_address_get_hostname(named), port, &hints, &found);
    if (code != 0)
        return fail(where, gai_strerror(code), APPSMTP_ERROR_CREATE, error);
    fd = listen_at_address(found);
    freeaddrinfo(found);
    return fd < 0 ? fail(where, g_strerror(errno), APPSMTP_ERROR_CREATE, error) : fd;
}

int listen_at(const char *where, GError **error)
{
    return listen_is_path(where) ? listen_at_path(where, error) : listen_at_port(where, error);
}

bool listen_free(const char *where, GError **error)
{
    auto_fd fd = listen_at(where, error);

    if (fd >= 0 && listen_is_path(where))
        unlink(where);
    return fd >= 0;
}
