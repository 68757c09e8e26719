/* SPDX-License-Identifier: MIT
 *
 * A thread for each connection: what the client says passes, what the server says is taken
 * apart into messages (RFC 4511 4.1.1) and put together again.
 */
#include "meddler.h"
#include "base/cleanup.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#define SEQUENCE 0x30
#define INTEGER 0x02
#define ENUMERATED 0x0a
#define OCTETS 0x04
#define BIND_RESPONSE 0x61
#define ENTRY 0x64
#define SEARCH_DONE 0x65
#define REFERENCE 0x73
#define EXTENDED_RESPONSE 0x78

#define OTHER_NAME "cn=somebody.else,ou=People,dc=example,dc=edu"
#define OTHER_SERVER "ldap://192.0.2.1/ou=elsewhere,dc=example,dc=edu"
#define OTHER_ID 1000

struct meddler {
    struct meddle_plan plan;
    char *server;
    int listener, wake;
    unsigned port;
    atomic_uint answers;
    atomic_bool met_bind;
    GThread *thread;
    GPtrArray *links; /* of GThread *: one for each connection */
};

struct link {
    struct meddler *meddler;
    int client, server;
    GByteArray *raw;    /* from the server, not yet a whole message */
    GPtrArray *pending; /* of GBytes: messages of the answer so far */
    bool over;
};

/* ---- encoding ------------------------------------------------------------------------------- */

/* One element: its tag, and its content within the buffer that it was read from. */
struct element {
    guint8 tag;
    const guint8 *content;
    size_t size;
    size_t whole; /* with tag and length */
};

/* False when there is not all of it. */
static bool read_element(const guint8 *data, size_t size, struct element *element)
{
    size_t head = 2, length, octets;

    if (size < 2)
        return false;
    length = data[1];
    if (length & 0x80) {
        octets = length & 0x7f;
        if (size < 2 + octets)
            return false;
        length = 0;
        for (size_t i = 0; i < octets; i++)
            length = length << 8 | data[2 + i];
        head += octets;
    }
    *element = (struct element){data[0], data + head, length, head + length};
    return size >= element->whole;
}

static struct element must_read(const guint8 *data, size_t size)
{
    struct element element = {0};

    g_assert_true(read_element(data, size, &element));
    return element;
}

static void append_element(GByteArray *to, guint8 tag, const void *content, size_t size)
{
    const guint8 head[] = {
        tag, 0x84, (guint8)(size >> 24), (guint8)(size >> 16), (guint8)(size >> 8), (guint8)size};

    g_byte_array_append(to, head, sizeof head);
    g_byte_array_append(to, content, (guint)size);
}

static GBytes *wrap(unsigned id, guint8 tag, const GByteArray *operation)
{
    const guint8 number[] = {(guint8)(id >> 24 & 0x7f), (guint8)(id >> 16), (guint8)(id >> 8),
                             (guint8)id};
    g_autoptr(GByteArray) inner = g_byte_array_new();
    GByteArray *message = g_byte_array_new();

    append_element(inner, INTEGER, number, sizeof number);
    append_element(inner, tag, operation->data, operation->len);
    append_element(message, SEQUENCE, inner->data, inner->len);
    return g_byte_array_free_to_bytes(message);
}

static GBytes *result_message(unsigned id, guint8 tag, unsigned code)
{
    g_autoptr(GByteArray) result = g_byte_array_new();
    const guint8 number = (guint8)code;

    append_element(result, ENUMERATED, &number, 1);
    append_element(result, OCTETS, "", 0);
    append_element(result, OCTETS, "", 0);
    return wrap(id, tag, result);
}

static GBytes *reference_message(unsigned id)
{
    g_autoptr(GByteArray) uris = g_byte_array_new();

    append_element(uris, OCTETS, OTHER_SERVER, strlen(OTHER_SERVER));
    return wrap(id, REFERENCE, uris);
}

/* ---- messages ------------------------------------------------------------------------------- */

struct message {
    unsigned id;
    struct element operation;
};

static struct message parse(GBytes *bytes)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    struct element sequence = must_read(data, size);
    struct element number = must_read(sequence.content, sequence.size);
    struct message message = {0};

    for (size_t i = 0; i < number.size; i++)
        message.id = message.id << 8 | number.content[i];
    message.operation = must_read(sequence.content + number.whole, sequence.size - number.whole);
    return message;
}

static GBytes *with_other_name(GBytes *bytes)
{
    struct message message = parse(bytes);
    struct element name = must_read(message.operation.content, message.operation.size);
    g_autoptr(GByteArray) entry = g_byte_array_new();

    append_element(entry, OCTETS, OTHER_NAME, strlen(OTHER_NAME));
    g_byte_array_append(entry, message.operation.content + name.whole,
                        (guint)(message.operation.size - name.whole));
    return wrap(message.id, ENTRY, entry);
}

static GBytes *with_other_id(GBytes *bytes)
{
    struct message message = parse(bytes);
    g_autoptr(GByteArray) operation = g_byte_array_new();

    g_byte_array_append(operation, message.operation.content, (guint)message.operation.size);
    return wrap(message.id + OTHER_ID, message.operation.tag, operation);
}

static void deliver(struct link *link, GBytes *bytes)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    ssize_t sent;

    for (; size > 0 && !link->over; data += sent, size -= (gsize)sent) {
        sent = send(link->client, data, size, MSG_NOSIGNAL);
        if (sent < 0) {
            link->over = true;
            return;
        }
    }
}

static void deliver_new(struct link *link, GBytes *made)
{
    deliver(link, made);
    g_bytes_unref(made);
}

static void deliver_entries(struct link *link, guint most, GBytes *(*change)(GBytes *))
{
    for (guint i = 0; i + 1 < link->pending->len && i < most; i++) {
        GBytes *one = link->pending->pdata[i];
        if (change && parse(one).operation.tag == ENTRY)
            deliver_new(link, change(one));
        else
            deliver(link, one);
    }
}

/* ---- more than anybody can hold ---- */

static void deliver_for_ever(struct link *link, GBytes *piece)
{
    while (!link->over)
        deliver(link, piece);
    g_bytes_unref(piece);
}

static void deliver_huge(struct link *link)
{
    static const guint8 head[] = {SEQUENCE, 0x84, 0x7f, 0xff, 0xff, 0xff};

    deliver_new(link, g_bytes_new_static(head, sizeof head));
    deliver_for_ever(link, g_bytes_new_take(g_malloc0(65536), 65536));
}

/* Each far below what one message may have. */
static void deliver_endless(struct link *link, unsigned id)
{
    g_autoptr(GByteArray) uris = g_byte_array_new();
    g_autofree char *uri = g_strdup_printf("ldap://192.0.2.1/ou=%0*d", 1 << 20, 0);

    append_element(uris, OCTETS, uri, strlen(uri));
    deliver_for_ever(link, wrap(id, REFERENCE, uris));
}

/* ---- meddling ------------------------------------------------------------------------------- */

static void meddle(struct link *link, const struct meddle_plan *plan)
{
    GBytes *last = link->pending->pdata[link->pending->len - 1];
    struct message result = parse(last);
    bool is_search = result.operation.tag == SEARCH_DONE;

    if (plan->how == MEDDLE_CODE || plan->how == MEDDLE_ALSO_REFERS)
        deliver_entries(link, G_MAXUINT, NULL);
    if (plan->how == MEDDLE_CODE_EARLY)
        deliver_entries(link, 1, NULL);
    if (plan->how == MEDDLE_OTHER_NAME)
        deliver_entries(link, G_MAXUINT, with_other_name);
    if (is_search && (plan->how == MEDDLE_ONLY_REFERS || plan->how == MEDDLE_ALSO_REFERS))
        deliver_new(link, reference_message(result.id));
    if (plan->how == MEDDLE_HUGE)
        deliver_huge(link);
    if (plan->how == MEDDLE_ENDLESS)
        deliver_endless(link, result.id);
    if (plan->how == MEDDLE_CLOSE)
        link->over = true;
    else if (plan->how <= MEDDLE_CODE_EARLY)
        deliver_new(link, result_message(result.id, result.operation.tag, plan->code));
    else if (plan->how == MEDDLE_OTHER_ID)
        deliver_new(link, with_other_id(last));
    else if (plan->how == MEDDLE_OTHER_ANSWER)
        deliver_new(link, result_message(result.id, is_search ? BIND_RESPONSE : SEARCH_DONE, 0));
    else
        deliver(link, last);
}

static bool ends_answer(guint8 tag)
{
    return tag == BIND_RESPONSE || tag == SEARCH_DONE || tag == EXTENDED_RESPONSE;
}

static void take_message(struct link *link, GBytes *bytes)
{
    const struct meddle_plan *plan = &link->meddler->plan;
    guint8 tag = parse(bytes).operation.tag;
    unsigned number;

    g_ptr_array_add(link->pending, bytes);
    if (!ends_answer(tag))
        return;
    /* A slow server is what is played here, so it sleeps. */
    g_usleep(plan->delay_ms * 1000UL);
    number = atomic_fetch_add(&link->meddler->answers, 1);
    if (number == plan->answer || (plan->and_later && number > plan->answer)) {
        if (tag == BIND_RESPONSE)
            atomic_store(&link->meddler->met_bind, true);
        meddle(link, plan);
    } else {
        deliver_entries(link, G_MAXUINT, NULL);
        deliver(link, bytes);
    }
    g_ptr_array_set_size(link->pending, 0);
}

static void from_server(struct link *link)
{
    guint8 held[16384];
    ssize_t got = recv(link->server, held, sizeof held, 0);
    struct element message;

    if (got <= 0) {
        link->over = true;
        return;
    }
    g_byte_array_append(link->raw, held, (guint)got);
    while (!link->over && read_element(link->raw->data, link->raw->len, &message)) {
        take_message(link, g_bytes_new(link->raw->data, message.whole));
        g_byte_array_remove_range(link->raw, 0, (guint)message.whole);
    }
}

static void from_client(struct link *link)
{
    guint8 held[16384];
    ssize_t got = recv(link->client, held, sizeof held, 0);

    if (got <= 0 || send(link->server, held, (size_t)got, MSG_NOSIGNAL) != got)
        link->over = true;
}

/* ---- connections ---------------------------------------------------------------------------- */

static void *serve_link(void *data)
{
    struct link *link = data;
    struct pollfd polled[] = {{.fd = link->client, .events = POLLIN},
                              {.fd = link->server, .events = POLLIN},
                              {.fd = link->meddler->wake, .events = POLLIN}};

    while (!link->over && poll(polled, G_N_ELEMENTS(polled), -1) > 0 && !polled[2].revents) {
        if (polled[0].revents)
            from_client(link);
        if (!link->over && polled[1].revents)
            from_server(link);
    }
    close(link->client);
    close(link->server);
    g_byte_array_unref(link->raw);
    g_ptr_array_unref(link->pending);
    g_free(link);
    return NULL;
}

static struct sockaddr_in name_of_port(unsigned port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((guint16)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* Several small messages make one answer: none of them is to wait for the one before. */
static void send_at_once(int fd)
{
    const int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void accept_link(struct meddler *meddler)
{
    unsigned port = (unsigned)g_ascii_strtoull(strrchr(meddler->server, ':') + 1, NULL, 10);
    struct sockaddr_in name = name_of_port(port);
    auto_fd client = accept4(meddler->listener, NULL, NULL, SOCK_CLOEXEC);
    auto_fd server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct link *link;

    if (client < 0 || connect(server, (struct sockaddr *)&name, sizeof name) != 0)
        return;
    send_at_once(client);
    send_at_once(server);
    link = g_new0(struct link, 1);
    link->meddler = meddler;
    link->client = fd_steal(&client);
    link->server = fd_steal(&server);
    link->raw = g_byte_array_new();
    link->pending = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_ptr_array_add(meddler->links, g_thread_new("meddler", serve_link, link));
}

static void *serve(void *data)
{
    struct meddler *meddler = data;
    struct pollfd polled[] = {{.fd = meddler->listener, .events = POLLIN},
                              {.fd = meddler->wake, .events = POLLIN}};

    while (poll(polled, G_N_ELEMENTS(polled), -1) > 0 && !polled[1].revents)
        accept_link(meddler);
    return NULL;
}

static void listen_anywhere(struct meddler *meddler)
{
    struct sockaddr_in name = name_of_port(0);
    socklen_t size = sizeof name;

    meddler->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(meddler->listener, (struct sockaddr *)&name, size), ==, 0);
    g_assert_cmpint(listen(meddler->listener, 16), ==, 0);
    g_assert_cmpint(getsockname(meddler->listener, (struct sockaddr *)&name, &size), ==, 0);
    meddler->port = ntohs(name.sin_port);
}

struct meddler *meddler_new(const struct meddle_plan *plan)
{
    struct meddler *meddler = g_new0(struct meddler, 1);

    meddler->plan = *plan;
    meddler->server = g_strdup(plan->server);
    meddler->links = g_ptr_array_new();
    meddler->wake = eventfd(0, EFD_CLOEXEC);
    g_assert_cmpint(meddler->wake, >=, 0);
    listen_anywhere(meddler);
    meddler->thread = g_thread_new("meddler", serve, meddler);
    return meddler;
}

unsigned meddler_port(const struct meddler *meddler)
{
    return meddler->port;
}

unsigned meddler_answers(struct meddler *meddler)
{
    return atomic_load(&meddler->answers);
}

bool meddler_met_bind(struct meddler *meddler)
{
    return atomic_load(&meddler->met_bind);
}

void meddler_free(struct meddler *meddler)
{
    guint64 one = 1;

    g_assert_cmpint(write(meddler->wake, &one, sizeof one), ==, sizeof one);
    g_thread_join(meddler->thread);
    for (guint i = 0; i < meddler->links->len; i++)
        g_thread_join(meddler->links->pdata[i]);
    g_ptr_array_unref(meddler->links);
    close(meddler->listener);
    close(meddler->wake);
    g_free(meddler->server);
    g_free(meddler);
}
