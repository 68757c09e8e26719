/* SPDX-License-Identifier: MIT
 *
 * DNS questions by c-ares: one channel for each call, so that a changed
 * resolv.conf and a server that came back are seen at once.
 */
#include "adapters/resolver/resolver.h"

#include "base/error.h"
#include "base/limits.h"
#include "rules/source.h"

/* What took the place of these functions came with c-ares 1.28; Debian 12 has 1.18. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <arpa/nameser.h>
#include <gio/gio.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

DEFINE_AUTO(hostent, ares_free_hostent)
DEFINE_AUTO(ares_channeldata, ares_destroy)

/* Fewer than the 150 that dnsmasq forwards at a time. */
#define MOST_IN_FLIGHT 100
/* Each server has one UDP and one TCP socket at most, and ares_getsock() tells of 16. */
#define MOST_SERVERS 8
#define TRY_MS 1200
#define TRIES 3
#define DNS_PORT 53

struct resolver {
    char *servers; /* c-ares' form: "192.0.2.53:53,[::1]:53"; "" is resolv.conf's */
};

/* One question, and where its answer goes: either reverse or answers is NULL. */
struct question {
    char *name;
    int type;
    struct hostname_answers *answers;
    struct hostname_reverse *reverse;
    unsigned *in_flight;
};

static void question_free(gpointer data)
{
    struct question *question = data;

    g_free(question->name);
    g_free(question);
}

/* ---- servers ---- */

static bool add_server(const char *text, GString *servers, GError **error)
{
    g_autoptr(GSocketConnectable) parsed = g_network_address_parse(text, DNS_PORT, NULL);
    GNetworkAddress *server = parsed ? G_NETWORK_ADDRESS(parsed) : NULL;
    const char *host = server ? g_network_address_get_hostname(server) : "";
    struct network address;

    if (strchr(host, '/') || network_parse(host, &address) != NETWORK_OK) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "cannot use DNS server \"%s\": not an IP address with or without a port", text);
        return false;
    }
    g_string_append_printf(servers, "%s%s%s%s:%u", servers->len ? "," : "",
                           strchr(host, ':') ? "[" : "", host, strchr(host, ':') ? "]" : "",
                           g_network_address_get_port(server));
    return true;
}

struct resolver *resolver_new(const GPtrArray *servers, GError **error)
{
    auto_ptr(resolver) resolver = g_new0(struct resolver, 1);
    g_autoptr(GString) list = g_string_new(NULL);
    int answer = ares_library_init(ARES_LIB_INIT_ALL);

    if (answer != ARES_SUCCESS)
        g_error("could not start c-ares: %s", ares_strerror(answer));
    if (servers->len > MOST_SERVERS) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "cannot use %u DNS servers: %d are enough", servers->len, MOST_SERVERS);
        return NULL;
    }
    for (guint i = 0; i < servers->len; i++)
        if (!add_server(g_ptr_array_index(servers, i), list, error))
            return NULL;
    resolver->servers = g_strdup(list->str);
    return g_steal_pointer(&resolver);
}

void resolver_free(struct resolver *resolver)
{
    if (!resolver)
        return;
    g_free(resolver->servers);
    g_free(resolver);
    ares_library_cleanup();
}

/* NULL when c-ares cannot start: then nothing can be asked. */
static struct ares_channeldata *open_channel(const struct resolver *resolver)
{
    struct ares_options options = {
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
        .timeout = TRY_MS,
        .tries = TRIES,
        .lookups = (char *)"b",
    };
    auto_ptr(ares_channeldata) channel = NULL;

    if (ares_init_options(&channel, &options,
                          ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                              ARES_OPT_LOOKUPS) != ARES_SUCCESS)
        return NULL;
    if (*resolver->servers &&
        ares_set_servers_ports_csv(channel, resolver->servers) != ARES_SUCCESS)
        return NULL;
    return g_steal_pointer(&channel);
}

/* ---- answers ---- */

static enum dns_answer answer_of(int status)
{
    switch (status) {
    case ARES_SUCCESS:
        return DNS_FOUND;
    case ARES_ENODATA:
        return DNS_NO_DATA;
    case ARES_ENOTFOUND:
        return DNS_NO_NAME;
    default:
        return DNS_UNAVAILABLE;
    }
}

/* Through text, because reading it turns an IPv4-mapped address into IPv4. */
static void add_address(GArray *addresses, int family, const void *bytes)
{
    char text[INET6_ADDRSTRLEN];
    struct network address;

    if (ares_inet_ntop(family, bytes, text, sizeof text) &&
        network_parse(text, &address) == NETWORK_OK)
        g_array_append_val(addresses, address);
}

static int read_addresses(const struct question *question, const unsigned char *reply, int size)
{
    auto_ptr(hostent) host = NULL;
    int status = question->type == T_A ? ares_parse_a_reply(reply, size, &host, NULL, NULL)
                                       : ares_parse_aaaa_reply(reply, size, &host, NULL, NULL);

    if (status != ARES_SUCCESS)
        return status;
    for (char **address = host->h_addr_list; *address; address++)
        add_address(question->answers->addresses, host->h_addrtype, *address);
    return host->h_addr_list[0] ? ARES_SUCCESS : ARES_ENODATA;
}

static int read_names(const struct question *question, const unsigned char *reply, int size)
{
    const struct network *address = &question->reverse->address;
    auto_ptr(hostent) host = NULL;
    int status = ares_parse_ptr_reply(reply, size, address->bytes, (int)network_bits(address) / 8,
                                      address->family, &host);

    if (status != ARES_SUCCESS)
        return status;
    for (char **name = host->h_aliases; *name; name++) {
        char *lower = g_ascii_strdown(*name, -1);
        if (g_str_has_suffix(lower, "."))
            lower[strlen(lower) - 1] = '\0';
        g_ptr_array_add(question->reverse->names, lower);
    }
    return host->h_aliases[0] ? ARES_SUCCESS : ARES_ENODATA;
}

static void take_reply(void *data, int status, G_GNUC_UNUSED int timeouts, unsigned char *reply,
                       int size)
{
    struct question *question = data;

    --*question->in_flight;
    if (status == ARES_SUCCESS)
        status = question->reverse ? read_names(question, reply, size)
                                   : read_addresses(question, reply, size);
    if (question->reverse)
        question->reverse->answer = answer_of(status);
    else if (question->type == T_A)
        question->answers->ipv4 = answer_of(status);
    else
        question->answers->ipv6 = answer_of(status);
}

/* ---- asking ---- */

/* What poll(2) should wait for. c-ares' own macros shift a signed 1 by 31. */
static nfds_t list_sockets(struct ares_channeldata *channel, struct pollfd *polled)
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    unsigned mask = (unsigned)ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
    nfds_t count = 0;

    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        short events = (short)((mask >> i & 1 ? POLLIN : 0) |
                               (mask >> (i + ARES_GETSOCK_MAXNUM) & 1 ? POLLOUT : 0));
        if (events)
            polled[count++] = (struct pollfd){.fd = sockets[i], .events = events};
    }
    return count;
}

/* Waits until a socket is ready, a try has lasted long enough or the deadline passes. */
static void wait_and_process(struct ares_channeldata *channel, struct deadline deadline)
{
    struct pollfd polled[ARES_GETSOCK_MAXNUM];
    nfds_t count = list_sockets(channel, polled);
    int left = deadline_left(deadline);
    struct timeval most = {.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
    struct timeval next_try;
    /* The sooner of both. c-ares writes next_try only when it is that. */
    const struct timeval *wait = ares_timeout(channel, &most, &next_try);

    if (poll(polled, count, (int)(wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000)) <= 0)
        count = 0;
    for (nfds_t i = 0; i < count; i++)
        ares_process_fd(channel, polled[i].revents & ~POLLOUT ? polled[i].fd : ARES_SOCKET_BAD,
                        polled[i].revents & POLLOUT ? polled[i].fd : ARES_SOCKET_BAD);
    ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

/* Asks all questions; what is not answered by the deadline keeps DNS_UNAVAILABLE. */
static void ask_all(const struct resolver *resolver, GPtrArray *questions, struct deadline deadline)
{
    unsigned in_flight = 0;
    guint next = 0;
    auto_ptr(ares_channeldata) channel = open_channel(resolver);

    if (!channel)
        return;
    while ((next < questions->len || in_flight > 0) && deadline_left(deadline) > 0) {
        while (next < questions->len && in_flight < MOST_IN_FLIGHT) {
            struct question *question = g_ptr_array_index(questions, next++);
            question->in_flight = &in_flight;
            in_flight++;
            ares_query(channel, question->name, C_IN, question->type, take_reply, question);
        }
        if (in_flight > 0)
            wait_and_process(channel, deadline);
    }
    ares_cancel(channel);
}

static void add_question(GPtrArray *questions, const char *name, int type,
                         struct hostname_answers *answers, struct hostname_reverse *reverse)
{
    struct question *question = g_new0(struct question, 1);

    question->name = g_strdup(name);
    question->type = type;
    question->answers = answers;
    question->reverse = reverse;
    g_ptr_array_add(questions, question);
}

/* "3.2.1.10.in-addr.arpa" (RFC 1035 3.5), or nibbles below ip6.arpa (RFC 3596 2.5). */
static char *reverse_name(const struct network *address)
{
    GString *name = g_string_new(NULL);

    for (unsigned i = network_bits(address) / 8; i-- > 0;) {
        if (address->family == AF_INET)
            g_string_append_printf(name, "%u.", address->bytes[i]);
        else
            g_string_append_printf(name, "%x.%x.", address->bytes[i] & 15U, address->bytes[i] >> 4);
    }
    g_string_append(name, address->family == AF_INET ? "in-addr.arpa" : "ip6.arpa");
    return g_string_free(name, FALSE);
}

static void add_reverse_questions(GPtrArray *questions, struct hostname_answers *answers)
{
    for (guint i = 0; i < answers->addresses->len; i++) {
        const struct network *address = &g_array_index(answers->addresses, struct network, i);
        g_autofree char *name = reverse_name(address);
        add_question(questions, name, T_PTR, NULL, hostname_answers_add_reverse(answers, address));
    }
}

static void answers_release(gpointer answers)
{
    hostname_answers_free(answers);
}

GPtrArray *resolver_ask(struct resolver *resolver, const GPtrArray *names, bool reverse,
                        struct deadline deadline)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(answers_release);
    g_autoptr(GPtrArray) forward = g_ptr_array_new_with_free_func(question_free);
    g_autoptr(GPtrArray) backward = g_ptr_array_new_with_free_func(question_free);

    for (guint i = 0; i < names->len; i++) {
        struct hostname_answers *answers = hostname_answers_new(g_ptr_array_index(names, i));
        g_ptr_array_add(all, answers);
        add_question(forward, answers->name, T_A, answers, NULL);
        add_question(forward, answers->name, T_AAAA, answers, NULL);
    }
    ask_all(resolver, forward, deadline);
    for (guint i = 0; i < all->len; i++) {
        struct hostname_answers *answers = g_ptr_array_index(all, i);
        /* Of single addresses that sorts, and takes out what came twice. */
        source_merge_networks(answers->addresses);
        if (reverse && answers->addresses->len <= LIMIT_HOSTNAME_ADDRESSES)
            add_reverse_questions(backward, answers);
    }
    ask_all(resolver, backward, deadline);
    return all;
}
