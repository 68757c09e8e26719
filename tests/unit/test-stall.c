/* SPDX-License-Identifier: MIT
 *
 * The proxy that freezes, against an echo of our own: other tests rely on it.
 */
#include "stall.h"
#include "base/cleanup.h"
#include "base/deadline.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

/* Long enough on a busy machine; waited out only where a test fails. */
#define SURELY_MS 20000
/* Nothing comes in this time: a machine that is slower hides a fault, but reports none. */
#define NOTHING_MS 100

static void *echo_one(void *data)
{
    auto_fd fd = GPOINTER_TO_INT(data);
    char held[4096];
    ssize_t got;

    while ((got = recv(fd, held, sizeof held, 0)) > 0)
        if (send(fd, held, (size_t)got, MSG_NOSIGNAL) != got)
            break;
    return NULL;
}

static void *echo(void *data)
{
    auto_fd listener = GPOINTER_TO_INT(data);
    int fd;

    while ((fd = accept(listener, NULL, NULL)) >= 0)
        g_thread_unref(g_thread_new("echo", echo_one, GINT_TO_POINTER(fd)));
    return NULL;
}

static struct sockaddr_in name_of_port(unsigned port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((guint16)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* Caller frees. It ends with the program. */
static char *echo_start(void)
{
    struct sockaddr_in name = name_of_port(0);
    socklen_t size = sizeof name;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(bind(fd, (struct sockaddr *)&name, size), ==, 0);
    g_assert_cmpint(listen(fd, 16), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&name, &size), ==, 0);
    g_thread_unref(g_thread_new("echo", echo, GINT_TO_POINTER(fd)));
    return g_strdup_printf("127.0.0.1:%u", ntohs(name.sin_port));
}

static int client_of(const struct stall *stall)
{
    struct sockaddr_in name = name_of_port(stall_port(stall));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(connect(fd, (struct sockaddr *)&name, sizeof name), ==, 0);
    return fd;
}

static void say(int fd, const char *text)
{
    g_assert_cmpint(send(fd, text, strlen(text), MSG_NOSIGNAL), ==, strlen(text));
}

static void expect(int fd, const char *text)
{
    char held[64] = "";
    size_t had = 0;

    while (had < strlen(text)) {
        g_assert_cmpint(deadline_poll(deadline_in(SURELY_MS), fd, POLLIN), !=, 0);
        g_assert_cmpint(recv(fd, held + had, 1, 0), ==, 1);
        had++;
    }
    g_assert_cmpstr(held, ==, text);
}

static void expect_nothing(int fd)
{
    g_assert_cmpint(deadline_poll(deadline_in(NOTHING_MS), fd, POLLIN), ==, 0);
}

static void test_whole(const void *server)
{
    struct stall_plan plan = {
        .server = server, .from_server = STALL_NEVER, .from_client = STALL_NEVER};
    struct stall *stall = stall_new(&plan);
    auto_fd fd = client_of(stall);

    say(fd, "whole");
    expect(fd, "whole");
    g_assert_cmpuint(stall_from_server(stall), ==, 5);
    g_assert_cmpuint(stall_from_client(stall), ==, 5);
    stall_free(stall);
}

static void test_stops(const void *server)
{
    struct stall_plan plan = {.server = server, .from_server = 3, .from_client = STALL_NEVER};
    struct stall *stall = stall_new(&plan);
    auto_fd fd = client_of(stall), other = client_of(stall), healed = -1;

    say(fd, "whole");
    expect(fd, "who");
    expect_nothing(fd);
    say(other, "other");
    expect_nothing(other);
    stall_heal(stall);
    healed = client_of(stall);
    say(healed, "again");
    expect(healed, "again");
    expect_nothing(fd);
    stall_free(stall);
}

static void test_client(const void *server)
{
    struct stall_plan plan = {.server = server, .from_server = STALL_NEVER, .from_client = 2};
    struct stall *stall = stall_new(&plan);
    auto_fd fd = client_of(stall);

    say(fd, "whole");
    expect(fd, "wh");
    expect_nothing(fd);
    stall_free(stall);
}

static void test_drips(const void *server)
{
    struct stall_plan plan = {
        .server = server, .from_server = 1, .from_client = STALL_NEVER, .drip_ms = 50};
    struct stall *stall = stall_new(&plan);
    auto_fd fd = client_of(stall);
    gint64 began = g_get_monotonic_time();

    say(fd, "whole");
    expect(fd, "whole");
    g_assert_cmpint(g_get_monotonic_time() - began, >=, 4 * 50 * 1000);
    stall_free(stall);
}

static void test_local(const void *server)
{
    g_autofree char *folder = g_dir_make_tmp("appsmtp-stall-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "socket", NULL);
    struct stall_plan near = {
        .server = server, .listen = path, .from_server = STALL_NEVER, .from_client = STALL_NEVER};
    struct stall_plan far = {
        .server = path, .from_server = STALL_NEVER, .from_client = STALL_NEVER};
    struct stall *local = stall_new(&near), *stall = stall_new(&far);
    auto_fd fd = client_of(stall);

    say(fd, "whole");
    expect(fd, "whole");
    stall_free(stall);
    stall_free(local);
    g_assert_cmpint(rmdir(folder), ==, 0);
}

int main(int argc, char **argv)
{
    g_autofree char *server = echo_start();

    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/stall/whole", server, test_whole);
    g_test_add_data_func("/stall/stops", server, test_stops);
    g_test_add_data_func("/stall/client", server, test_client);
    g_test_add_data_func("/stall/drips", server, test_drips);
    g_test_add_data_func("/stall/local", server, test_local);
    return g_test_run();
}
