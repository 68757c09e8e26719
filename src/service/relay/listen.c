/* SPDX-License-Identifier: MIT
 *
 * Listening sockets, and where they stand.
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

void listen_place_clear(struct listen_place *place)
{
    g_free(place->path);
    g_free(place->draft);
    *place = (struct listen_place){0};
}

/* A short name: with its folders a socket's has at most 107 bytes. */
static char *draft_of(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);

    return g_strdup_printf("%s/.%08x", folder, g_random_int());
}

static bool address_of(const char *path, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    return g_strlcpy(address->sun_path, path, sizeof address->sun_path) < sizeof address->sun_path;
}

static bool refuse_path(const char *path, const char *reason, enum appsmtp_error code, GError **error)
{
    fail(path, reason, code, error);
    return false;
}

static bool prepare_path(const char *path, struct listen_place *place, GError **error)
{
    g_autofree char *draft = draft_of(path);
    struct sockaddr_un address, draft_address;
    struct stat stat;
    bool there = lstat(path, &stat) == 0;

    if (!address_of(path, &address) || !address_of(draft, &draft_address))
        return refuse_path(path, "the path is too long for a socket", APPSMTP_ERROR_USAGE, error);
    if (there && !S_ISSOCK(stat.st_mode))
        return refuse_path(path, "something else than a socket is there", APPSMTP_ERROR_CREATE,
                           error);
    if (there && somebody_listens(&address))
        return refuse_path(path, "another one is running", APPSMTP_ERROR_BUSY, error);
    place->path = g_strdup(path);
    place->draft = g_steal_pointer(&draft);
    return true;
}

bool listen_settle(struct listen_place *place, GError **error)
{
    if (!place->path)
        return true;
    if (chmod(place->draft, 0660) == 0 && lstat(place->draft, &place->own) == 0 &&
        rename(place->draft, place->path) == 0)
        return true;
    fail(place->path, g_strerror(errno), APPSMTP_ERROR_CREATE, error);
    unlink(place->draft);
    return false;
}

bool listen_holds(const struct listen_place *place, GError **error)
{
    struct stat now = {.st_ino = 0};
    bool there = place->path && lstat(place->path, &now) == 0;

    if (!place->path || (there && now.st_dev == place->own.st_dev && now.st_ino == place->own.st_ino))
        return true;
    if (!there && errno != ENOENT && errno != ENOTDIR)
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_BUSY, "lost the socket \"%s\": %s", place->path,
                there ? "another one has taken its place" : "somebody has removed it");
    return false;
}

static int listen_at_path(struct listen_place *place, GError **error)
{
    auto_fd fd = open_socket(AF_UNIX);
    struct sockaddr_un address;

    address_of(place->draft, &address);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        return fail(place->path, g_strerror(errno), APPSMTP_ERROR_CREATE, error);
    if (listen(fd, BACKLOG) == 0)
        return listen_settle(place, error) ? fd_steal(&fd) : -1;
    fail(place->path, g_strerror(errno), APPSMTP_ERROR_CREATE, error);
    unlink(place->draft);
    return -1;
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

int listen_at(const char *where, struct listen_place *place, GError **error)
{
    if (!listen_is_path(where))
        return listen_at_port(where, error);
    return prepare_path(where, place, error) ? listen_at_path(place, error) : -1;
}

/* A port is free again when the socket that tried it is closed. */
bool listen_prepare(const char *where, struct listen_place *place, GError **error)
{
    auto_fd fd = -1;

    if (listen_is_path(where))
        return prepare_path(where, place, error);
    fd = listen_at_port(where, error);
    return fd >= 0;
}
