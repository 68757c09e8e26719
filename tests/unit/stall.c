/* SPDX-License-Identifier: MIT
 *
 * One thread, one poll(2): pairs of connections, each with a flow in either direction.
 */
#include "stall.h"
#include "base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

/* One direction, over all connections. */
struct course {
    size_t limit;
    atomic_size_t passed;
    gint64 next_drip; /* monotonic microseconds */
};

/* One direction of one connection. */
struct flow {
    struct course *course;
    int from, to;
    char held[16384];
    size_t begin, end; /* of what has been read and not yet written */
    bool ended;        /* the sender sends no more */
};

struct pair {
    int client, server;
    bool whole; /* made after the healing */
    bool gone;
    struct flow up, down; /* to the server, to the client */
};

struct stall {
    int listener, wake;
    unsigned port, drip_ms;
    char *server, *listen;
    struct course from_server, from_client;
    atomic_bool healed, over;
    GPtrArray *pairs;
    GThread *thread;
};

static void pair_free(void *data)
{
    struct pair *pair = data;

    close(pair->client);
    close(pair->server);
    g_free(pair);
}

union name {
    struct sockaddr any;
    struct sockaddr_in internet;
    struct sockaddr_un local;
};

/* "127.0.0.1:25" or a path. Returns the size of the name. */
static socklen_t name_of(const char *text, union name *name)
{
    const char *colon = strrchr(text, ':');

    *name = (union name){0};
    if (*text == '/') {
        name->local.sun_family = AF_UNIX;
        g_assert_cmpuint(strlen(text), <, sizeof name->local.sun_path);
        g_strlcpy(name->local.sun_path, text, sizeof name->local.sun_path);
        return sizeof name->local;
    }
    g_assert_nonnull(colon);
    name->internet.sin_family = AF_INET;
    name->internet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name->internet.sin_port = htons((guint16)g_ascii_strtoull(colon + 1, NULL, 10));
    return sizeof name->internet;
}

static int socket_for(const union name *name)
{
    int fd = socket(name->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(fd, >=, 0);
    return fd;
}

static void listen_on(struct stall *stall)
{
    union name name;
    socklen_t size = name_of(stall->listen ? stall->listen : "127.0.0.1:0", &name);

    stall->listener = socket_for(&name);
    g_assert_cmpint(bind(stall->listener, &name.any, size), ==, 0);
    g_assert_cmpint(listen(stall->listener, 64), ==, 0);
    g_assert_cmpint(getsockname(stall->listener, &name.any, &size), ==, 0);
    stall->port = stall->listen ? 0 : ntohs(name.internet.sin_port);
}

/* Without a server the client is shut out, as it would be without the proxy. */
static void accept_pair(struct stall *stall)
{
    union name name;
    socklen_t size = name_of(stall->server, &name);
    auto_fd client = accept4(stall->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    auto_fd server = socket_for(&name);
    struct pair *pair;

    if (client < 0 || connect(server, &name.any, size) != 0)
        return;
    pair = g_new0(struct pair, 1);
    pair->client = fd_steal(&client);
    pair->server = fd_steal(&server);
    pair->whole = atomic_load(&stall->healed);
    pair->up = (struct flow){&stall->from_client, pair->client, pair->server, .end = 0};
    pair->down = (struct flow){&stall->from_server, pair->server, pair->client, .end = 0};
    g_ptr_array_add(stall->pairs, pair);
}

static bool at_its_end(const struct course *course)
{
    return atomic_load(&course->passed) >= course->limit;
}

/* How many bytes may be read now. */
static size_t allowance(const struct stall *stall, const struct pair *pair, const struct flow *flow)
{
    const struct course *course = flow->course;

    if (pair->whole || course->limit == STALL_NEVER)
        return sizeof flow->held;
    if (!at_its_end(course))
        return MIN(course->limit - atomic_load(&course->passed), sizeof flow->held);
    return stall->drip_ms > 0 && g_get_monotonic_time() >= course->next_drip ? 1 : 0;
}

static void fill(const struct stall *stall, struct pair *pair, struct flow *flow)
{
    size_t most = allowance(stall, pair, flow);
    ssize_t got = most > 0 ? recv(flow->from, flow->held, most, MSG_DONTWAIT) : -1;

    if (most == 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    if (got <= 0) {
        flow->ended = true;
        shutdown(flow->to, SHUT_WR);
        /* Nobody is left to be kept waiting. */
        pair->gone |= got < 0 || (flow == &pair->up && allowance(stall, pair, &pair->down) == 0);
        return;
    }
    flow->begin = 0;
    flow->end = (size_t)got;
    flow->course->next_drip = g_get_monotonic_time() + (gint64)stall->drip_ms * 1000;
    atomic_fetch_add(&flow->course->passed, (size_t)got);
}

static void drain(struct pair *pair, struct flow *flow)
{
    ssize_t sent = send(flow->to, flow->held + flow->begin, flow->end - flow->begin,
                        MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent > 0)
        flow->begin += (size_t)sent;
    else if (errno != EAGAIN && errno != EINTR)
        pair->gone = true;
}

static bool holds(const struct flow *flow)
{
    return flow->begin < flow->end;
}

static struct pollfd wanted(const struct stall *stall, const struct pair *pair,
                            const struct flow *flow)
{
    if (holds(flow))
        return (struct pollfd){.fd = flow->to, .events = POLLOUT};
    if (flow->ended || allowance(stall, pair, flow) == 0)
        return (struct pollfd){.fd = -1};
    return (struct pollfd){.fd = flow->from, .events = POLLIN};
}

static void serve_flow(const struct stall *stall, struct pair *pair, struct flow *flow)
{
    if (holds(flow))
        drain(pair, flow);
    else
        fill(stall, pair, flow);
}

static void serve_pair(const struct stall *stall, struct pair *pair, const struct pollfd *polled)
{
    if (polled[0].revents)
        serve_flow(stall, pair, &pair->up);
    if (polled[1].revents && !pair->gone)
        serve_flow(stall, pair, &pair->down);
    pair->gone |= pair->up.ended && pair->down.ended;
}

static int pause_of(const struct stall *stall)
{
    bool dripping = at_its_end(&stall->from_server) || at_its_end(&stall->from_client);

    return stall->drip_ms > 0 && dripping ? (int)MAX(stall->drip_ms / 4, 1) : -1;
}

static void serve_once(struct stall *stall)
{
    guint pairs = stall->pairs->len;
    g_autofree struct pollfd *polled = g_new0(struct pollfd, 2 + 2 * pairs);

    polled[0] = (struct pollfd){.fd = stall->wake, .events = POLLIN};
    polled[1] = (struct pollfd){.fd = stall->listener, .events = POLLIN};
    for (guint i = 0; i < pairs; i++) {
        const struct pair *pair = stall->pairs->pdata[i];
        polled[2 + 2 * i] = wanted(stall, pair, &pair->up);
        polled[3 + 2 * i] = wanted(stall, pair, &pair->down);
    }
    poll(polled, 2 + 2 * pairs, pause_of(stall));
    for (guint i = pairs; i-- > 0;) {
        struct pair *pair = stall->pairs->pdata[i];
        serve_pair(stall, pair, &polled[2 + 2 * i]);
        if (pair->gone)
            g_ptr_array_remove_index_fast(stall->pairs, i);
    }
    if (polled[1].revents)
        accept_pair(stall);
}

static void *serve(void *data)
{
    struct stall *stall = data;

    while (!atomic_load(&stall->over))
        serve_once(stall);
    return NULL;
}

struct stall *stall_new(const struct stall_plan *plan)
{
    struct stall *stall = g_new0(struct stall, 1);

    stall->server = g_strdup(plan->server);
    stall->listen = g_strdup(plan->listen);
    stall->from_server.limit = plan->from_server;
    stall->from_client.limit = plan->from_client;
    stall->drip_ms = plan->drip_ms;
    stall->pairs = g_ptr_array_new_with_free_func(pair_free);
    stall->wake = eventfd(0, EFD_CLOEXEC);
    g_assert_cmpint(stall->wake, >=, 0);
    listen_on(stall);
    stall->thread = g_thread_new("stall", serve, stall);
    return stall;
}

unsigned stall_port(const struct stall *stall)
{
    return stall->port;
}

void stall_heal(struct stall *stall)
{
    atomic_store(&stall->healed, true);
}

size_t stall_from_server(struct stall *stall)
{
    return atomic_load(&stall->from_server.passed);
}

size_t stall_from_client(struct stall *stall)
{
    return atomic_load(&stall->from_client.passed);
}

void stall_free(struct stall *stall)
{
    guint64 one = 1;

    atomic_store(&stall->over, true);
    g_assert_cmpint(write(stall->wake, &one, sizeof one), ==, sizeof one);
    g_thread_join(stall->thread);
    g_ptr_array_unref(stall->pairs);
    close(stall->listener);
    close(stall->wake);
    if (stall->listen)
        unlink(stall->listen);
    g_free(stall->server);
    g_free(stall->listen);
    g_free(stall);
}
