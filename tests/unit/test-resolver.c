/* SPDX-License-Identifier: MIT
 *
 * The resolver against a private dnsmasq, a server that is silent and one that
 * answers half of the questions.
 */
#include "adapters/resolver/resolver.h"

#include "base/error.h"
#include "stall.h"

#include <ares.h>
#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define MANY_NAMES 400
#define MANY_ADDRESSES 100

/* ---- a private dnsmasq ---- */

struct server {
    GPid pid;
    char *folder;
    char *text; /* "127.0.0.1:5353" */
};

/* A socket bound to a free loopback port. */
static int bind_free(int type, unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, size), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &size), ==, 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void write_hosts(const char *file)
{
    g_autoptr(GString) hosts = g_string_new(NULL);

    for (int i = 0; i < MANY_NAMES; i++)
        g_string_append_printf(hosts, "10.9.%d.%d h%d.example.edu\n", i / 256, i % 256, i);
    for (int i = 0; i < MANY_ADDRESSES; i++)
        g_string_append_printf(hosts, "10.8.0.%d many.example.edu\n", MANY_ADDRESSES - i);
    g_assert_true(g_file_set_contents(file, hosts->str, -1, NULL));
    g_assert_cmpint(g_chmod(file, 0644), ==, 0);
}

static GPid spawn_dnsmasq(const char *port, const char *hosts)
{
    const char *const command[] = {"/usr/sbin/dnsmasq",
                                   "--no-daemon",
                                   "--conf-file=/dev/null",
                                   "--no-resolv",
                                   "--no-hosts",
                                   "--pid-file=",
                                   "--bind-interfaces",
                                   "--listen-address=127.0.0.1",
                                   "--local=/example.edu/",
                                   "--local=/arpa/",
                                   port,
                                   hosts,
                                   "--host-record=web1.example.edu,127.0.0.21",
                                   "--host-record=web2.example.edu,127.0.0.22,2001:db8:c0::22",
                                   "--host-record=six.example.edu,2001:db8:c0::66",
                                   "--cname=alias.example.edu,web1.example.edu",
                                   "--cname=twice.example.edu,alias.example.edu",
                                   "--address=/noptr.example.edu/127.0.0.23",
                                   "--address=/other.example.edu/127.0.0.24",
                                   "--address=/mapped.example.edu/::ffff:127.0.0.25",
                                   "--ptr-record=24.0.0.127.in-addr.arpa,OTHER-name.example.edu",
                                   "--txt-record=text.example.edu,only",
                                   NULL};
    g_autoptr(GError) error = NULL;
    GPid pid = 0;

    g_spawn_async(NULL, (char **)command, NULL,
                  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &pid, &error);
    g_assert_no_error(error);
    return pid;
}

static struct resolver *resolver_for(const char *server)
{
    g_autoptr(GPtrArray) servers = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    struct resolver *resolver;

    g_ptr_array_add(servers, (gpointer)server);
    resolver = resolver_new(servers, &error);
    g_assert_no_error(error);
    return resolver;
}

/* Asks one name of one server; the caller unrefs. */
static GPtrArray *ask(const char *server, const char *name, unsigned milliseconds)
{
    auto_ptr(resolver) resolver = resolver_for(server);
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    g_ptr_array_add(names, (gpointer)name);
    return resolver_ask(resolver, names, true, deadline_in(milliseconds));
}

static void wait_until_up(const struct server *server)
{
    struct deadline deadline = deadline_in(10000);

    while (deadline_left(deadline) > 0) {
        g_autoptr(GPtrArray) all = ask(server->text, "web1.example.edu", 200);
        const struct hostname_answers *answers = g_ptr_array_index(all, 0);
        if (answers->ipv4 == DNS_FOUND)
            return;
        g_usleep(20000);
    }
    g_error("dnsmasq did not start");
}

static void server_start(struct server *server, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *hosts = NULL;
    g_autofree char *hosts_option = NULL;
    g_autofree char *port_option = NULL;
    unsigned port;

    close(bind_free(SOCK_STREAM, &port));
    server->folder = g_dir_make_tmp("resolver-XXXXXX", NULL);
    g_assert_cmpint(g_chmod(server->folder, 0755), ==, 0);
    hosts = g_build_filename(server->folder, "hosts", NULL);
    hosts_option = g_strdup_printf("--addn-hosts=%s", hosts);
    port_option = g_strdup_printf("--port=%u", port);
    server->text = g_strdup_printf("127.0.0.1:%u", port);
    write_hosts(hosts);
    server->pid = spawn_dnsmasq(port_option, hosts_option);
    wait_until_up(server);
}

static void server_stop(struct server *server, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *hosts = g_build_filename(server->folder, "hosts", NULL);

    kill(server->pid, SIGTERM);
    waitpid(server->pid, NULL, 0);
    g_spawn_close_pid(server->pid);
    g_unlink(hosts);
    g_rmdir(server->folder);
    g_free(server->folder);
    g_free(server->text);
}

/* ---- what a server says ---- */

/* "found/no-data 127.0.0.21 <web1.example.edu>": both answers, each address, what it points to. */
static char *describe(const struct hostname_answers *answers)
{
    static const char *const words[] = {"found", "no-data", "no-name", "unavailable"};
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%s/%s", words[answers->ipv4], words[answers->ipv6]);
    for (guint i = 0; i < answers->addresses->len; i++) {
        g_autofree char *address =
            network_format(&g_array_index(answers->addresses, struct network, i));
        g_string_append_printf(text, " %s", address);
    }
    for (guint i = 0; i < answers->reverse->len; i++) {
        const struct hostname_reverse *reverse = g_ptr_array_index(answers->reverse, i);
        g_string_append_printf(text, " %s", words[reverse->answer]);
        for (guint j = 0; j < reverse->names->len; j++)
            g_string_append_printf(text, ":%s", (char *)g_ptr_array_index(reverse->names, j));
    }
    return g_string_free(text, FALSE);
}

static void check(const struct server *server, const char *name, const char *expected)
{
    g_autoptr(GPtrArray) all = ask(server->text, name, 5000);
    g_autofree char *got = describe(g_ptr_array_index(all, 0));

    g_assert_cmpstr(got, ==, expected);
}

static void test_names(struct server *server, G_GNUC_UNUSED gconstpointer data)
{
    check(server, "web1.example.edu", "found/no-data 127.0.0.21/32 found:web1.example.edu");
    check(server, "web2.example.edu",
          "found/found 127.0.0.22/32 2001:db8:c0::22/128 found:web2.example.edu "
          "found:web2.example.edu");
    check(server, "six.example.edu", "no-data/found 2001:db8:c0::66/128 found:six.example.edu");
    check(server, "noptr.example.edu", "found/no-name 127.0.0.23/32 no-name");
    check(server, "other.example.edu", "found/no-name 127.0.0.24/32 found:other-name.example.edu");
    check(server, "alias.example.edu", "found/no-data 127.0.0.21/32 found:web1.example.edu");
    check(server, "twice.example.edu", "found/no-data 127.0.0.21/32 found:web1.example.edu");
    check(server, "mapped.example.edu", "no-name/found 127.0.0.25/32 no-name");
    check(server, "text.example.edu", "no-data/no-data");
    check(server, "gone.example.edu", "no-name/no-name");
    check(server, "web1.elsewhere.org", "unavailable/unavailable");
}

/* The search list would make web1.example.edu of it; of a name without dots dnsmasq knows nothing.
 */
static void test_no_search(struct server *server, G_GNUC_UNUSED gconstpointer data)
{
    g_setenv("LOCALDOMAIN", "example.edu", TRUE);
    check(server, "web1", "unavailable/unavailable");
    check(server, "localhost", "unavailable/unavailable");
    g_unsetenv("LOCALDOMAIN");
}

/* More than 512 bytes: cut short over UDP, whole over TCP. */
static void test_truncated(struct server *server, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GPtrArray) all = ask(server->text, "many.example.edu", 5000);
    const struct hostname_answers *answers = g_ptr_array_index(all, 0);
    const struct network *addresses = (const struct network *)(void *)answers->addresses->data;

    g_assert_cmpuint(answers->addresses->len, ==, MANY_ADDRESSES);
    for (guint i = 1; i < answers->addresses->len; i++)
        g_assert_cmpint(network_compare(&addresses[i - 1], &addresses[i]), <, 0);
    /* Nobody is asked back about as many. */
    g_assert_cmpuint(answers->reverse->len, ==, 0);
}

/* ---- TCP that stops in the middle ---- */

#define STALL_MS 300
#define AFTER_MS 1000
#define STEP 61 /* bytes between two tries, where not every one is tried */

/* A server that answers each question over UDP with "too long, ask over TCP". */
struct cutter {
    int fd;
    gint stop;
    GThread *thread;
};

static gpointer serve_cut(gpointer data)
{
    struct cutter *cutter = data;

    while (!g_atomic_int_get(&cutter->stop)) {
        struct sockaddr_in peer;
        socklen_t peer_size = sizeof peer;
        guint8 packet[600];
        ssize_t size;
        if (!deadline_poll(deadline_in(50), cutter->fd, POLLIN))
            continue;
        size = recvfrom(cutter->fd, packet, sizeof packet, 0, (struct sockaddr *)&peer, &peer_size);
        packet[2] |= 0x82; /* a reply, truncated (RFC 1035 4.1.1) */
        sendto(cutter->fd, packet, (size_t)size, 0, (struct sockaddr *)&peer, peer_size);
    }
    return NULL;
}

/* On the port of the proxy; false when somebody has it. */
static bool cutter_start(struct cutter *cutter, unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((guint16)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};

    *cutter = (struct cutter){.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (bind(cutter->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(cutter->fd);
        return false;
    }
    cutter->thread = g_thread_new("cutter", serve_cut, cutter);
    return true;
}

static void cutter_stop(struct cutter *cutter)
{
    g_atomic_int_set(&cutter->stop, 1);
    g_thread_join(cutter->thread);
    close(cutter->fd);
}

static struct stall *stall_with_cutter(const struct stall_plan *plan, struct cutter *cutter)
{
    for (;;) {
        struct stall *stall = stall_new(plan);
        if (cutter_start(cutter, stall_port(stall)))
            return stall;
        stall_free(stall);
    }
}

/* What is heard of it is all, or nothing, and by the deadline. Returns how many bytes came. */
static size_t ask_stalled(const struct stall_plan *plan, unsigned milliseconds)
{
    struct cutter cutter;
    struct stall *stall = stall_with_cutter(plan, &cutter);
    g_autofree char *server = g_strdup_printf("127.0.0.1:%u", stall_port(stall));
    gint64 start = g_get_monotonic_time();
    g_autoptr(GPtrArray) all = ask(server, "many.example.edu", milliseconds);
    const struct hostname_answers *answers = g_ptr_array_index(all, 0);
    gint64 took = (g_get_monotonic_time() - start) / 1000;
    size_t came = stall_from_server(stall);

    g_test_message("%zu, %zu: %d after %d ms", plan->from_server, plan->from_client,
                   (int)answers->ipv4, (int)took);
    g_assert_cmpint(took, <=, milliseconds + AFTER_MS);
    g_assert_true(answers->ipv4 == DNS_UNAVAILABLE ? answers->addresses->len == 0
                                                   : answers->addresses->len == MANY_ADDRESSES);
    stall_free(stall);
    cutter_stop(&cutter);
    return came;
}

static void try_stalled(gpointer data, gpointer user G_GNUC_UNUSED)
{
    g_autofree struct stall_plan *plan = data;

    ask_stalled(plan, STALL_MS);
}

static void push_plan(GThreadPool *pool, struct stall_plan plan)
{
    g_thread_pool_push(pool, g_memdup2(&plan, sizeof plan), NULL);
}

/* Stops, or passes a byte a second, after each byte of the conversation. */
static void test_tcp_stalls(struct server *server, G_GNUC_UNUSED gconstpointer data)
{
    struct stall_plan plan = {.server = server->text, .from_server = STALL_NEVER,
                              .from_client = STALL_NEVER};
    bool all = g_strcmp0(g_getenv("APPSMTP_TEST_LONG"), "yes") == 0;
    size_t whole = ask_stalled(&plan, 20000);
    GThreadPool *pool = g_thread_pool_new(try_stalled, NULL, 16, TRUE, NULL);

    g_assert_cmpuint(whole, >, 1600);
    for (unsigned drip = 0; drip <= 1000; drip += 1000) {
        for (size_t count = 0; count < whole; count += all || count < 3 ? 1 : STEP)
            push_plan(pool, (struct stall_plan){.server = server->text, .from_server = count,
                                                .from_client = STALL_NEVER, .drip_ms = drip});
        for (size_t count = 0; count < 60; count += all ? 1 : 7)
            push_plan(pool, (struct stall_plan){.server = server->text, .from_server = STALL_NEVER,
                                                .from_client = count, .drip_ms = drip});
    }
    g_thread_pool_free(pool, FALSE, TRUE);
}

static void test_many_names(struct server *server, G_GNUC_UNUSED gconstpointer data)
{
    auto_ptr(resolver) resolver = resolver_for(server->text);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) all = NULL;

    for (int i = 0; i < MANY_NAMES; i++)
        g_ptr_array_add(names, g_strdup_printf("h%d.example.edu", i));
    all = resolver_ask(resolver, names, true, deadline_in(20000));
    g_assert_cmpuint(all->len, ==, MANY_NAMES);
    for (int i = 0; i < MANY_NAMES; i++) {
        g_autofree char *got = describe(g_ptr_array_index(all, i));
        g_autofree char *expected = g_strdup_printf(
            "found/no-data 10.9.%d.%d/32 found:h%d.example.edu", i / 256, i % 256, i);
        g_assert_cmpstr(got, ==, expected);
    }
}

/* The first server is dead, the second answers. */
static void test_failover(struct server *server, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GPtrArray) servers = g_ptr_array_new();
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    auto_ptr(resolver) resolver = NULL;
    g_autoptr(GPtrArray) all = NULL;

    g_ptr_array_add(servers, (gpointer) "127.0.0.1:1");
    g_ptr_array_add(servers, server->text);
    g_ptr_array_add(names, (gpointer) "web1.example.edu");
    resolver = resolver_new(servers, NULL);
    all = resolver_ask(resolver, names, false, deadline_in(5000));
    g_assert_cmpint(((struct hostname_answers *)g_ptr_array_index(all, 0))->ipv4, ==, DNS_FOUND);
}

/* ---- servers in trouble ---- */

struct timeval *__real_ares_timeout(ares_channel channel, struct timeval *most, struct timeval *wait);
struct timeval *__wrap_ares_timeout(ares_channel channel, struct timeval *most, struct timeval *wait);

static unsigned waits;

/* The linker puts this in front of c-ares' own, which returns either pointer and writes to wait
 * only when it returns that one: whoever reads wait all the same waits for three seconds here. */
struct timeval *__wrap_ares_timeout(ares_channel channel, struct timeval *most, struct timeval *wait)
{
    waits++;
    *wait = (struct timeval){.tv_sec = 3};
    return __real_ares_timeout(channel, most, wait);
}

static void check_dead(const char *server, unsigned most_ms)
{
    gint64 start = g_get_monotonic_time();
    g_autoptr(GPtrArray) all = ask(server, "web1.example.edu", 700);
    g_autofree char *got = describe(g_ptr_array_index(all, 0));

    g_assert_cmpstr(got, ==, "unavailable/unavailable");
    g_assert_cmpint((g_get_monotonic_time() - start) / 1000, <, most_ms);
}

static void test_silent(void)
{
    unsigned port;
    auto_fd fd = bind_free(SOCK_DGRAM, &port);
    g_autofree char *server = g_strdup_printf("127.0.0.1:%u", port);

    waits = 0;
    check_dead(server, 1500);
    /* It sleeps until the deadline; the odd one more is a clock's rounding. */
    g_assert_cmpuint(waits, <=, 10);
}

static void test_nobody_listens(void)
{
    unsigned port;
    g_autofree char *server = NULL;

    close(bind_free(SOCK_DGRAM, &port));
    server = g_strdup_printf("127.0.0.1:%u", port);
    check_dead(server, 1500);
}

/* A server that answers A, and AAAA not at all or with a code. */
struct half {
    int fd;
    int aaaa_code; /* RCODE, RFC 1035 4.1.1; -1 is silence */
    gint stop;
};

/* Turns a question into its reply, in place; returns the size. */
static size_t make_reply(guint8 *packet, size_t size, bool ipv4, int code)
{
    static const guint8 answer[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 21};

    packet[2] |= 0x80;
    packet[3] = (guint8)(0x80 | (ipv4 ? 0 : code));
    if (!ipv4)
        return size;
    packet[7] = 1;
    memcpy(packet + size, answer, sizeof answer);
    return size + sizeof answer;
}

static gpointer serve_half(gpointer data)
{
    struct half *half = data;

    while (!g_atomic_int_get(&half->stop)) {
        struct sockaddr_in peer;
        socklen_t peer_size = sizeof peer;
        guint8 packet[600];
        ssize_t size;
        bool ipv4;
        if (!(deadline_poll(deadline_in(50), half->fd, POLLIN)))
            continue;
        size = recvfrom(half->fd, packet, 512, 0, (struct sockaddr *)&peer, &peer_size);
        ipv4 = packet[size - 3] == 1;
        if (!ipv4 && half->aaaa_code < 0)
            continue;
        size = (ssize_t)make_reply(packet, (size_t)size, ipv4, half->aaaa_code);
        sendto(half->fd, packet, (size_t)size, 0, (struct sockaddr *)&peer, peer_size);
    }
    return NULL;
}

static void check_half(int aaaa_code, const char *expected)
{
    unsigned port;
    auto_fd fd = bind_free(SOCK_DGRAM, &port);
    struct half half = {.fd = fd, .aaaa_code = aaaa_code};
    g_autofree char *server = g_strdup_printf("127.0.0.1:%u", port);
    GThread *thread = g_thread_new("half", serve_half, &half);
    auto_ptr(resolver) resolver = resolver_for(server);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GPtrArray) all = NULL;
    g_autofree char *got = NULL;

    g_ptr_array_add(names, (gpointer) "web1.example.edu");
    all = resolver_ask(resolver, names, false, deadline_in(800));
    g_atomic_int_set(&half.stop, 1);
    g_thread_join(thread);
    got = describe(g_ptr_array_index(all, 0));
    g_assert_cmpstr(got, ==, expected);
}

static void test_half(void)
{
    check_half(0, "found/no-data 127.0.0.21/32");
    check_half(2, "found/unavailable 127.0.0.21/32");
    check_half(5, "found/unavailable 127.0.0.21/32");
    check_half(3, "found/no-name 127.0.0.21/32");
    check_half(-1, "found/unavailable 127.0.0.21/32");
}

static void test_bad_server(void)
{
    static const char *const texts[] = {"dns.example.edu", "", "127.0.0.1/8", "127.0.0.1:x",
                                        "127.0.0.1:99999"};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GPtrArray) servers = g_ptr_array_new();
        g_autoptr(GError) error = NULL;
        g_ptr_array_add(servers, (gpointer)texts[i]);
        g_assert_null(resolver_new(servers, &error));
        g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION);
    }
}

static void test_server_texts(void)
{
    static const char *const texts[] = {"192.0.2.53", "127.0.0.1:5353", "[::1]:53", "::1", "[::1]"};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        auto_ptr(resolver) resolver = resolver_for(texts[i]);
        g_assert_nonnull(resolver);
    }
}

static void add_dnsmasq(const char *path, void (*test)(struct server *, gconstpointer))
{
    g_test_add(path, struct server, NULL, server_start, test, server_stop);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    add_dnsmasq("/resolver/names", test_names);
    add_dnsmasq("/resolver/no-search", test_no_search);
    add_dnsmasq("/resolver/truncated", test_truncated);
    add_dnsmasq("/resolver/tcp-stalls", test_tcp_stalls);
    add_dnsmasq("/resolver/many-names", test_many_names);
    add_dnsmasq("/resolver/failover", test_failover);
    g_test_add_func("/resolver/silent", test_silent);
    g_test_add_func("/resolver/nobody-listens", test_nobody_listens);
    g_test_add_func("/resolver/half", test_half);
    g_test_add_func("/resolver/bad-server", test_bad_server);
    g_test_add_func("/resolver/server-texts", test_server_texts);
    return g_test_run();
}
