/* SPDX-License-Identifier: MIT
 *
 * The policy daemon as Postfix sees it: the built program on a socket, with
 * requests whole, in pieces, in heaps and in nonsense; and new generations.
 */
#include "adapters/snapshot/snapshot.h"
#include "base/error.h"
#include "service/relay/policy-request.h"
#include "service/relay/policy-tell.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <signal.h>

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SHOWN "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:" \
              "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

/* Silent on both: a pipe to a daemon that outlives a failed test is never at its end. */
#define DAEMON_FLAGS (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE)

struct relay {
    char *folder, *socket, *metrics;
    GSubprocess *daemon;
};

static void write_generation(const char *folder, const char *network, guint64 serial)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(decision_policy) policy = decision_policy_new();
    auto_ptr(decision_entry) entry = decision_entry_new();
    auto_ptr(snapshot_writer) writer = NULL;
    struct location *campus = location_new("campus", "Campus");
    struct network all, own;

    network_parse("10.0.0.0/8", &all);
    network_parse(network, &own);
    g_array_append_val(campus->networks, all);
    g_ptr_array_add(policy->locations, campus);
    g_array_append_val(entry->networks, own);
    g_ptr_array_add(entry->spkis, g_strdup(HEX));
    entry->per_hour = 60;
    g_mkdir(folder, 0755);
    writer = snapshot_writer_new(folder, &error);
    g_assert_no_error(error);
    g_assert_true(snapshot_writer_add(writer, "app@example.edu", entry, &error));
    g_assert_true(snapshot_writer_finish(writer, policy, serial, &error));
}

/* A generation of its own, and current flipped to it as the export does. */
static void publish(const struct relay *relay, const char *name, const char *network, bool damaged)
{
    g_autofree char *folder = g_build_filename(relay->folder, name, NULL);
    g_autofree char *file = g_build_filename(folder, SNAPSHOT_FILE, NULL);
    g_autofree char *link = g_build_filename(relay->folder, "current.new", NULL);
    g_autofree char *current = g_build_filename(relay->folder, "current", NULL);

    write_generation(folder, network, 1);
    if (damaged)
        g_assert_cmpint(truncate(file, 5000), ==, 0);
    g_assert_cmpint(symlink(name, link), ==, 0);
    g_assert_cmpint(g_rename(link, current), ==, 0);
}

static GSocketConnection *dial(const struct relay *relay)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(relay->socket);
    GSocketConnection *connection = NULL;

    for (int tries = 0; tries < 400 && !connection; tries++) {
        connection = g_socket_client_connect(client, G_SOCKET_CONNECTABLE(address), NULL, NULL);
        if (!connection)
            g_usleep(25000);
    }
    g_assert_nonnull(connection);
    g_socket_set_timeout(g_socket_connection_get_socket(connection), 20);
    return connection;
}

static void relay_start(struct relay *relay)
{
    g_autofree char *program = g_test_build_filename(G_TEST_BUILT, "appsmtp-policyd", NULL);
    g_autoptr(GError) error = NULL;

    relay->folder = g_dir_make_tmp("policyd-XXXXXX", NULL);
    relay->socket = g_build_filename(relay->folder, "socket", NULL);
    relay->metrics = g_build_filename(relay->folder, "policyd.prom", NULL);
    relay->daemon =
        g_subprocess_new(DAEMON_FLAGS, &error, program, "--snapshot", relay->folder, "--socket",
                         relay->socket, "--metrics", relay->metrics, NULL);
    g_assert_no_error(error);
}

static void remove_folder(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            remove_folder(path);
        g_unlink(path);
    }
    g_rmdir(folder);
}

static void expect_exit(GSubprocess *daemon, int status)
{
    g_assert_true(g_subprocess_wait(daemon, NULL, NULL));
    g_assert_true(g_subprocess_get_if_exited(daemon));
    g_assert_cmpint(g_subprocess_get_exit_status(daemon), ==, status);
}

/* SIGTERM ends it with 0. */
static void relay_stop(struct relay *relay)
{
    g_subprocess_send_signal(relay->daemon, SIGTERM);
    expect_exit(relay->daemon, 0);
    g_object_unref(relay->daemon);
    remove_folder(relay->folder);
    g_free(relay->folder);
    g_free(relay->socket);
    g_free(relay->metrics);
}

static void put(GSocketConnection *connection, const char *bytes, size_t length)
{
    GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(connection));

    g_assert_true(g_output_stream_write_all(out, bytes, length, NULL, NULL, NULL));
}

/* Reads one answer with its empty line. */
static char *get(GSocketConnection *connection)
{
    GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(connection));
    GString *answer = g_string_new(NULL);
    char byte;

    while (!g_str_has_suffix(answer->str, "\n\n") &&
           g_input_stream_read(in, &byte, 1, NULL, NULL) == 1)
        g_string_append_c(answer, byte);
    return g_string_free(answer, FALSE);
}

static char *request_of(const char *state, const char *sender, const char *client, const char *key)
{
    return g_strdup_printf("request=smtpd_access_policy\nprotocol_state=%s\n"
                           "client_address=%s\nsender=%s\nrecipient=x@y.example\n"
                           "ccert_fingerprint=%s\nccert_pubkey_fingerprint=%s\nunheard_of=1\n\n",
                           state, client, sender, key, key);
}

static void expect(GSocketConnection *connection, const char *request, const char *start)
{
    g_autofree char *answer = NULL;

    put(connection, request, strlen(request));
    answer = get(connection);
    g_test_message("%s", answer);
    g_assert_true(g_str_has_prefix(answer, start));
    g_assert_true(g_str_has_suffix(answer, "\n\n"));
}

static void ask(GSocketConnection *connection, const char *sender, const char *client,
                const char *key, const char *start)
{
    g_autofree char *request = request_of("RCPT", sender, client, key);

    expect(connection, request, start);
}

/* Asks until the answer is that one: the daemon looks twice a second. */
static void ask_until(GSocketConnection *connection, const char *sender, const char *client,
                      const char *start)
{
    g_autofree char *request = request_of("RCPT", sender, client, "");
    bool good = false;

    for (int tries = 0; tries < 200 && !good; tries++) {
        g_autofree char *answer = NULL;
        put(connection, request, strlen(request));
        answer = get(connection);
        good = g_str_has_prefix(answer, start);
        if (!good)
            g_usleep(50000);
    }
    g_assert_true(good);
}

/* A connection to a daemon that has read the generation. */
static GSocketConnection *dial_ready(const struct relay *relay)
{
    GSocketConnection *connection = dial(relay);

    ask_until(connection, "app@example.edu", "10.1.2.3", "action=OK\n");
    return connection;
}

static void test_answers(void)
{
    struct relay relay;
    g_autoptr(GSocketConnection) connection = NULL;
    g_autofree char *data = request_of("DATA", "app@example.edu", "10.1.2.3", "");

    relay_start(&relay);
    connection = dial(&relay);
    ask(connection, "app@example.edu", "10.1.2.3", "", "action=DEFER 4.3.0 ");
    publish(&relay, "gen-1", "10.1.2.0/24", false);
    ask_until(connection, "app@example.edu", "10.1.2.3", "action=OK\n");
    ask(connection, "App@Example.EDU", "10.7.7.7", SHOWN, "action=OK\n");
    ask(connection, "app@example.edu", "10.7.7.7", "", "action=550 5.7.1 app@example.edu is reg");
    ask(connection, "no@example.edu", "10.1.2.3", "", "action=550 5.7.1 The sending address no@");
    ask(connection, "", "10.1.2.3", "", "action=550 5.7.1 The empty sender");
    ask(connection, "app@example.edu", "192.0.2.1", SHOWN, "action=550 5.7.1 This relay");
    expect(connection, data, "action=DUNNO\n");
    relay_stop(&relay);
}

static void test_generations(void)
{
    struct relay relay;
    g_autoptr(GSocketConnection) connection = NULL;

    relay_start(&relay);
    publish(&relay, "gen-1", "10.1.2.0/24", false);
    connection = dial(&relay);
    publish(&relay, "gen-2", "10.9.9.0/24", false);
    ask_until(connection, "app@example.edu", "10.9.9.9", "action=OK\n");
    ask(connection, "app@example.edu", "10.1.2.3", "", "action=550 ");
    publish(&relay, "gen-3", "10.1.2.0/24", true);
    g_usleep(1900000);
    ask(connection, "app@example.edu", "10.9.9.9", "", "action=OK\n");
    publish(&relay, "gen-1", "10.1.2.0/24", false);
    ask_until(connection, "app@example.edu", "10.1.2.3", "action=OK\n");
    relay_stop(&relay);
}

static void await_sender(const struct relay *relay, guint64 serial, const char *sender)
{
    g_autoptr(GPtrArray) senders = g_ptr_array_new();

    g_ptr_array_add(senders, (char *)sender);
    g_assert_true(awaited_write(relay->folder, serial, senders, NULL));
}

static void write_awaited(const struct relay *relay, const char *text)
{
    g_autofree char *path = g_build_filename(relay->folder, AWAITED_FILE, NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* A sender whose registration waits for another generation is to come again; nobody else is. */
static void test_awaited(void)
{
    struct relay relay;
    g_autoptr(GSocketConnection) connection = NULL;
    g_autofree char *data = request_of("DATA", "new@example.edu", "10.1.2.3", "");

    relay_start(&relay);
    publish(&relay, "gen-1", "10.1.2.0/24", false);
    connection = dial(&relay);
    ask_until(connection, "new@example.edu", "10.1.2.3", "action=550 5.7.1 The sending address new@");
    await_sender(&relay, 1, "new@example.edu");
    ask_until(connection, "New@Example.EDU", "10.1.2.3", "action=450 4.7.1 The registration of new@");
    expect(connection, data, "action=450 4.7.1 ");
    ask(connection, "no@example.edu", "10.1.2.3", "", "action=550 5.7.1 The sending address no@");
    ask(connection, "app@example.edu", "10.1.2.3", "", "action=OK\n");
    ask(connection, "new@example.edu", "192.0.2.1", "", "action=550 5.7.1 This relay");
    await_sender(&relay, 2, "new@example.edu");
    ask_until(connection, "new@example.edu", "10.1.2.3", "action=550 5.7.1 The sending address new@");
    write_awaited(&relay, "half of a line");
    ask_until(connection, "no@example.edu", "10.1.2.3", "action=DEFER 4.3.0 The relay could not");
    ask(connection, "app@example.edu", "10.1.2.3", "", "action=OK\n");
    relay_stop(&relay);
}

/*
 * A generation is in force, and the awaited are gone, before it is read here, if it ever can
 * be: what it may permit is not refused meanwhile.
 */
static void test_behind(void)
{
    struct relay relay;
    g_autoptr(GSocketConnection) connection = NULL;

    relay_start(&relay);
    publish(&relay, "gen-1", "10.1.2.0/24", false);
    connection = dial(&relay);
    ask_until(connection, "app@example.edu", "10.9.9.9", "action=550 ");
    publish(&relay, "gen-2", "10.9.9.0/24", true);
    ask(connection, "app@example.edu", "10.9.9.9", "", "action=450 4.7.1 ");
    ask(connection, "new@example.edu", "10.1.2.3", "", "action=450 4.7.1 ");
    ask(connection, "app@example.edu", "10.1.2.3", "", "action=OK\n");
    ask(connection, "app@example.edu", "192.0.2.1", "", "action=550 5.7.1 This relay");
    publish(&relay, "gen-3", "10.9.9.0/24", false);
    ask_until(connection, "app@example.edu", "10.9.9.9", "action=OK\n");
    ask(connection, "app@example.edu", "10.1.2.3", "", "action=550 ");
    relay_stop(&relay);
}

static void test_pieces(void)
{
    struct relay relay;
    g_autoptr(GSocketConnection) connection = NULL;
    g_autofree char *request = request_of("RCPT", "app@example.edu", "10.1.2.3", "");
    g_autoptr(GString) heap = g_string_new(NULL);

    relay_start(&relay);
    publish(&relay, "gen-1", "10.1.2.0/24", false);
    connection = dial_ready(&relay);
    for (const char *at = request; *at; at++) {
        put(connection, at, 1);
        if ((at - request) % 16 == 0)
            g_usleep(500);
    }
    g_free(get(connection));
    for (int i = 0; i < 200; i++)
        g_string_append(heap, request);
    put(connection, heap->str, heap->len);
    for (int i = 0; i < 200; i++) {
        g_autofree char *answer = get(connection);
        g_assert_cmpstr(answer, ==, "action=OK\n\n");
    }
    relay_stop(&relay);
}

/* Nonsense is deferred or hung up on; the daemon lives, and permits nothing. */
static void test_nonsense(void)
{
    struct relay relay;
    g_autofree char *endless = g_strnfill(40000, 'x');
    g_autoptr(GSocketConnection) first = NULL, second = NULL, third = NULL;
    g_autofree char *answer = NULL;

    relay_start(&relay);
    publish(&relay, "gen-1", "10.1.2.0/24", false);
    first = dial_ready(&relay);
    expect(first, "\n", "action=DEFER ");
    expect(first, "no equals sign\n\n", "action=DEFER ");
    expect(first, "request=other\nsender=app@example.edu\nclient_address=10.1.2.3\n\n",
           "action=DEFER ");
    expect(first, "request=smtpd_access_policy\nsender=app@example.edu\n\n", "action=DEFER ");
    expect(first, "request=smtpd_access_policy\nclient_address=10.1.2.3\n\n", "action=DEFER ");
    expect(first, "request=smtpd_access_policy\nclient_address=10.1.2.3\nsender=a@b.c\n"
                  "sender=app@example.edu\n\n", "action=DEFER ");
    second = dial(&relay);
    g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(second)), endless, 40000,
                              NULL, NULL, NULL);
    answer = get(second);
    g_assert_cmpstr(answer, ==, "");
    third = dial(&relay);
    ask(third, "app@example.edu", "10.1.2.3", "", "action=OK\n");
    relay_stop(&relay);
}

static GSubprocess *start_another(const struct relay *relay)
{
    g_autofree char *program = g_test_build_filename(G_TEST_BUILT, "appsmtp-policyd", NULL);

    return g_subprocess_new(DAEMON_FLAGS, NULL, program, "--snapshot", relay->folder, "--socket",
                            relay->socket, NULL);
}

/* A daemon that was killed leaves its socket; the next one takes its place. */
static void test_stale_socket(void)
{
    struct relay relay;
    g_autoptr(GSubprocess) second = NULL;

    relay_start(&relay);
    g_object_unref(dial(&relay));
    second = start_another(&relay);
    expect_exit(second, 75);
    g_subprocess_force_exit(relay.daemon);
    g_subprocess_wait(relay.daemon, NULL, NULL);
    g_object_unref(relay.daemon);
    g_assert_true(g_file_test(relay.socket, G_FILE_TEST_EXISTS));
    relay.daemon = start_another(&relay);
    g_object_unref(dial(&relay));
    relay_stop(&relay);
}

/* One that nobody can come to any more ends, and leaves what another one has put there. */
static void test_lost_socket(void)
{
    struct relay relay;
    g_autoptr(GSubprocess) first = NULL;

    relay_start(&relay);
    g_object_unref(dial(&relay));
    g_assert_cmpint(g_unlink(relay.socket), ==, 0);
    first = relay.daemon;
    relay.daemon = start_another(&relay);
    expect_exit(first, 75);
    g_object_unref(dial(&relay));
    g_assert_cmpint(g_unlink(relay.socket), ==, 0);
    expect_exit(relay.daemon, 75);
    g_object_unref(relay.daemon);
    g_assert_true(g_file_set_contents(relay.socket, "", 0, NULL));
    relay.daemon = start_another(&relay);
    expect_exit(relay.daemon, 73);
    g_object_unref(relay.daemon);
    g_unlink(relay.socket);
    relay.daemon = start_another(&relay);
    g_object_unref(dial(&relay));
    relay_stop(&relay);
}

/* ---- stages of a session ---- */

/* Postfix asks nobody about RCPT TO:<postmaster>: the message is what has to be decided. */
static void test_stages(void)
{
    static const struct {
        const char *state, *right, *wrong;
    } stages[] = {
        {"CONNECT", "action=DUNNO\n", "action=DUNNO\n"},
        {"EHLO", "action=DUNNO\n", "action=DUNNO\n"},
        {"VRFY", "action=DUNNO\n", "action=DUNNO\n"},
        {"MAIL", "action=OK\n", "action=550 5.7.1 "},
        {"RCPT", "action=OK\n", "action=550 5.7.1 "},
        {"DATA", "action=DUNNO\n", "action=550 5.7.1 "},
        {"BDAT", "action=DUNNO\n", "action=550 5.7.1 "},
        {"END-OF-MESSAGE", "action=DUNNO\n", "action=550 5.7.1 "},
        {"SOMETHING-NEW", "action=DUNNO\n", "action=550 5.7.1 "},
    };
    static const char *const senders[] = {"no@example.edu", "", "postmaster", "app"};
    struct relay relay;
    g_autoptr(GSocketConnection) connection = NULL;

    relay_start(&relay);
    publish(&relay, "gen-1", "10.1.2.0/24", false);
    connection = dial_ready(&relay);
    for (size_t i = 0; i < G_N_ELEMENTS(stages); i++) {
        g_autofree char *right = request_of(stages[i].state, "app@example.edu", "10.1.2.3", "");
        g_autofree char *far = request_of(stages[i].state, "app@example.edu", "10.7.7.7", "");
        g_autofree char *outside = request_of(stages[i].state, "app@example.edu", "192.0.2.1", SHOWN);
        expect(connection, right, stages[i].right);
        expect(connection, far, stages[i].wrong);
        expect(connection, outside, stages[i].wrong);
        for (size_t j = 0; j < G_N_ELEMENTS(senders); j++) {
            g_autofree char *wrong = request_of(stages[i].state, senders[j], "10.1.2.3", "");
            expect(connection, wrong, stages[i].wrong);
        }
    }
    relay_stop(&relay);
}

/* A daemon without a generation puts off whatever comes with a sender. */
static void test_stages_unavailable(void)
{
    struct relay relay;
    g_autoptr(GSocketConnection) connection = NULL;
    g_autofree char *data = request_of("DATA", "app@example.edu", "10.1.2.3", "");
    g_autofree char *end = request_of("END-OF-MESSAGE", "app@example.edu", "10.1.2.3", "");

    relay_start(&relay);
    connection = dial(&relay);
    expect(connection, data, "action=DEFER 4.3.0 ");
    expect(connection, end, "action=DEFER 4.3.0 ");
    relay_stop(&relay);
}

static void answer_at(const struct policy_desk *desk, const char *state, const char *client)
{
    g_autofree char *request = request_of(state, "app@example.edu", client, "");

    g_free(policy_answer(request, strlen(request), desk));
}

static char *noted(struct uses *uses)
{
    g_autofree char *folder = g_dir_make_tmp("policyd-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, USES_OPEN, NULL);
    char *text = NULL;

    g_assert_true(uses_flush(uses, folder, NULL));
    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    remove_folder(folder);
    return text;
}

/* Two messages, one with two recipients: what is said of the whole message again is no decision more. */
static void test_counted_once(void)
{
    static const char *const states[] = {"RCPT", "RCPT", "DATA", "END-OF-MESSAGE",
                                         "RCPT", "DATA", "END-OF-MESSAGE"};
    g_autofree char *folder = g_dir_make_tmp("policyd-XXXXXX", NULL);
    auto_ptr(snapshot) snapshot = NULL;
    auto_ptr(rates) rates = rates_new();
    auto_ptr(uses) uses = uses_new();
    auto_ptr(policy_counts) counts = policy_counts_new();
    struct policy_desk desk = {NULL, rates, counts, uses, 0, NULL};
    g_autofree char *text = NULL;

    write_generation(folder, "10.1.2.0/24", 1);
    snapshot = snapshot_open(folder, NULL);
    desk.snapshot = snapshot;
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
        answer_at(&desk, states[i], "10.1.2.3");
    answer_at(&desk, "DATA", "10.7.7.7");
    text = noted(uses);
    g_test_message("%s", text);
    g_assert_nonnull(strstr(text, "\t3\t-\n"));
    g_assert_nonnull(strstr(text, "decision\tmessage.permitted\t3\n"));
    g_assert_nonnull(strstr(text, "decision\tmessage.source-not-registered\t1\n"));
    remove_folder(folder);
}

/* ---- rates ---- */

static char *data_from(const char *client, const char *sender, unsigned recipients,
                       const char *queue_id)
{
    return g_strdup_printf("request=smtpd_access_policy\nprotocol_state=DATA\nsender=%s\n"
                           "client_address=%s\nrecipient_count=%u\nqueue_id=%s\n\n",
                           sender, client, recipients, queue_id);
}

static char *data_of(const char *sender, unsigned recipients)
{
    return data_from("10.1.2.3", sender, recipients, "");
}

/* ---- rates without a daemon ---- */

/* A desk over a snapshot with one rate, that of scan@ by source, shared by two relays. */
struct desk {
    char *folder;
    struct snapshot *snapshot;
    struct policy_desk desk;
};

static void write_rated(const char *folder)
{
    auto_ptr(snapshot_writer) writer = snapshot_writer_new(folder, NULL);
    auto_ptr(decision_policy) policy = decision_policy_new();
    auto_ptr(decision_entry) entry = decision_entry_new();
    struct location *campus = location_new("campus", "Campus");
    struct network all, own;

    network_parse("10.0.0.0/8", &all);
    network_parse("10.1.2.0/24", &own);
    g_array_append_val(campus->networks, all);
    g_ptr_array_add(policy->locations, campus);
    policy->relays = 2;
    policy->null_sender = true;
    g_array_append_val(entry->networks, own);
    entry->per_hour = 120;
    entry->per_source = true;
    g_assert_true(snapshot_writer_add(writer, "scan@example.edu", entry, NULL));
    entry->per_hour = 240;
    entry->per_source = false;
    g_assert_true(snapshot_writer_add(writer, "app@example.edu", entry, NULL));
    g_assert_true(snapshot_writer_finish(writer, policy, 1, NULL));
}

static void desk_open(struct desk *desk)
{
    desk->folder = g_dir_make_tmp("policyd-XXXXXX", NULL);
    write_rated(desk->folder);
    desk->snapshot = snapshot_open(desk->folder, NULL);
    desk->desk = (struct policy_desk){
        .snapshot = desk->snapshot,
        .rates = rates_new(),
        .counts = policy_counts_new(),
        .uses = uses_new(),
    };
}

static void desk_close(struct desk *desk)
{
    rates_free(desk->desk.rates);
    policy_counts_free(desk->desk.counts);
    uses_free(desk->desk.uses);
    snapshot_close(desk->snapshot);
    remove_folder(desk->folder);
    g_free(desk->folder);
}

static void expect_at(const struct desk *desk, const char *request, const char *start)
{
    g_autofree char *answer = policy_answer(request, strlen(request), &desk->desk);

    g_test_message("%s", answer);
    g_assert_true(g_str_has_prefix(answer, start));
}

static void send_at(const struct desk *desk, const char *client, const char *sender,
                    unsigned recipients, const char *start)
{
    g_autofree char *request = data_from(client, sender, recipients, "");

    expect_at(desk, request, start);
}

/* Each of 250 printers has its own; a list that can never pass is told so, and takes nothing. */
static void test_rates_by_source(void)
{
    struct desk desk;

    desk_open(&desk);
    for (int i = 1; i <= 250; i++) {
        g_autofree char *client = g_strdup_printf("10.1.2.%d", i);
        send_at(&desk, client, "scan@example.edu", 61, "action=550 5.7.1 scan@example.edu may have "
                "60 recipients an hour from one address at this relay, and this message alone has 61.");
        send_at(&desk, client, "scan@example.edu", 60, "action=DUNNO\n");
        send_at(&desk, client, "scan@example.edu", 1, "action=450 4.7.1 scan@example.edu may have "
                "60 recipients an hour from one address at this relay");
    }
    send_at(&desk, "10.1.2.1", "app@example.edu", 119, "action=DUNNO\n");
    send_at(&desk, "10.1.2.2", "app@example.edu", 2, "action=450 4.7.1 app@example.edu may have 120 "
            "recipients an hour at this relay");
    send_at(&desk, "10.1.2.2", "app@example.edu", 1, "action=DUNNO\n");
    desk_close(&desk);
}

/* <> has the largest rate of those whose source it comes from, from each address. */
/* What is no number of recipients is no question that can be answered, and takes nothing. */
static void test_rates_numbers(void)
{
    static const char *const wrong[] = {"-1",   "-9223372036854775808", "18446744073709551616",
                                        "1e3",  "0x10", "12 ", " 12", "+12", "1000001", "many"};
    struct desk desk;

    desk_open(&desk);
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autofree char *request = g_strdup_printf(
            "request=smtpd_access_policy\nprotocol_state=DATA\nsender=app@example.edu\n"
            "client_address=10.1.2.3\nrecipient_count=%s\nqueue_id=\n\n", wrong[i]);
        expect_at(&desk, request, "action=DEFER ");
    }
    send_at(&desk, "10.1.2.3", "app@example.edu", 120, "action=DUNNO");
    desk_close(&desk);
}

static void test_rates_null_sender(void)
{
    struct desk desk;

    desk_open(&desk);
    send_at(&desk, "10.1.2.1", "", 100000, "action=550 5.7.1 <> may have 120 recipients");
    send_at(&desk, "10.1.2.1", "", 120, "action=DUNNO\n");
    send_at(&desk, "10.1.2.1", "", 1, "action=450 4.7.1 <> may have 120 recipients");
    send_at(&desk, "10.1.2.2", "", 120, "action=DUNNO\n");
    send_at(&desk, "10.1.2.1", "scan@example.edu", 60, "action=DUNNO\n");
    desk_close(&desk);
}

/* What the milter refused, and what the daemon itself refuses at the end, took nothing. */
static void test_rates_refused(void)
{
    static const char refused[] = "request=appsmtp_refused\nqueue_id=4Q1\n\n";
    static const char end[] = "request=smtpd_access_policy\nprotocol_state=END-OF-MESSAGE\n"
                              "sender=app@example.edu\nclient_address=10.7.7.7\nqueue_id=4Q2\n\n";
    g_autofree char *first = data_from("10.1.2.3", "app@example.edu", 120, "4Q1");
    g_autofree char *second = data_from("10.1.2.3", "app@example.edu", 120, "4Q2");
    struct desk desk;

    desk_open(&desk);
    for (int i = 0; i < 3; i++) {
        expect_at(&desk, first, "action=DUNNO\n");
        send_at(&desk, "10.1.2.3", "app@example.edu", 1, "action=450 ");
        expect_at(&desk, refused, "action=DUNNO\n\n");
        expect_at(&desk, second, "action=DUNNO\n");
        expect_at(&desk, end, "action=550 5.7.1 app@example.edu is registered");
    }
    expect_at(&desk, "request=appsmtp_refused\n\n", "action=DEFER ");
    expect_at(&desk, "request=appsmtp_refused\nqueue_id=\n\n", "action=DUNNO\n");
    send_at(&desk, "10.1.2.3", "app@example.edu", 120, "action=DUNNO\n");
    send_at(&desk, "10.1.2.3", "app@example.edu", 1, "action=450 ");
    desk_close(&desk);
}

/* ---- rates of the daemon ---- */

static void test_data(void)
{
    struct relay relay;
    g_autoptr(GSocketConnection) connection = NULL;
    g_autofree char *fifty = data_of("App@example.edu", 50);
    g_autofree char *eleven = data_of("app@example.edu", 11);
    g_autofree char *unknown = data_of("no@example.edu", 5000);
    g_autofree char *metrics = NULL;

    relay_start(&relay);
    publish(&relay, "gen-1", "10.1.2.0/24", false);
    connection = dial_ready(&relay);
    expect(connection, fifty, "action=DUNNO\n");
    expect(connection, eleven, "action=450 4.7.1 app@example.edu may have 60 recipients an hour at "
                               "this relay, and has had too many for this message: send it again in "
                               "1 minute\n");
    expect(connection, unknown, "action=550 5.7.1 The sending address no@");
    ask(connection, "app@example.edu", "10.1.2.3", "", "action=OK\n");
    g_subprocess_send_signal(relay.daemon, SIGTERM);
    g_assert_true(g_subprocess_wait(relay.daemon, NULL, NULL));
    g_assert_true(g_file_get_contents(relay.metrics, &metrics, NULL, NULL));
    g_assert_nonnull(strstr(metrics, "_total{code=\"message.permitted\"} 2\n"));
    g_assert_nonnull(strstr(metrics, "_total{code=\"message.too-many\"} 1\n"));
    g_assert_nonnull(strstr(metrics, "\nappsmtp_policy_generation 1\n"));
    relay_stop(&relay);
}

static void end_daemon(struct relay *relay)
{
    g_subprocess_send_signal(relay->daemon, SIGTERM);
    g_assert_true(g_subprocess_wait(relay->daemon, NULL, NULL));
    g_clear_object(&relay->daemon);
}

/* Asks a daemon that has read the generation: it does so before it answers anybody. */
static void ask_once(const struct relay *relay, const char *request, const char *start)
{
    g_autoptr(GSocketConnection) connection = dial(relay);

    expect(connection, request, start);
}

/* What its successor has written, a daemon that has lost its socket leaves as it is. */
static void test_lost_socket_keeps_rates(void)
{
    struct relay relay;
    g_autoptr(GSubprocess) first = NULL;
    g_autofree char *one = data_of("app@example.edu", 1), *all = data_of("app@example.edu", 60);
    g_autofree char *uses = NULL;

    relay_start(&relay);
    uses = g_build_filename(relay.folder, "uses", NULL);
    g_assert_cmpint(g_mkdir(uses, 0755), ==, 0);
    publish(&relay, "gen-1", "10.1.2.0/24", false);
    g_object_unref(dial_ready(&relay));
    ask_once(&relay, one, "action=DUNNO\n");
    first = g_steal_pointer(&relay.daemon);
    g_subprocess_send_signal(first, SIGSTOP);
    g_assert_cmpint(g_unlink(relay.socket), ==, 0);
    relay.daemon = start_another(&relay);
    ask_once(&relay, all, "action=DUNNO\n");
    end_daemon(&relay);
    g_subprocess_send_signal(first, SIGCONT);
    expect_exit(first, 75);
    relay.daemon = start_another(&relay);
    ask_once(&relay, one, "action=450 ");
    relay_stop(&relay);
}

/* A restart is no way around a rate, and a file that is none no way to lose mail. */
static void test_restart(void)
{
    struct relay relay;
    g_autofree char *all = data_of("app@example.edu", 60), *five = data_of("app@example.edu", 5);
    g_autofree char *uses = NULL, *file = NULL, *told = NULL, *text = NULL;

    relay_start(&relay);
    g_object_unref(dial(&relay));
    end_daemon(&relay);
    uses = g_build_filename(relay.folder, "uses", NULL);
    file = g_build_filename(uses, "rates", NULL);
    told = g_build_filename(uses, USES_OPEN, NULL);
    g_assert_cmpint(g_mkdir(uses, 0755), ==, 0);
    publish(&relay, "gen-1", "10.1.2.0/24", false);
    relay.daemon = start_another(&relay);
    ask_once(&relay, all, "action=DUNNO\n");
    end_daemon(&relay);
    g_assert_true(g_file_get_contents(told, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "\nrate\tapp@example.edu\t60\t60\t"));
    relay.daemon = start_another(&relay);
    ask_once(&relay, five, "action=450 4.7.1 ");
    end_daemon(&relay);
    g_assert_true(g_file_set_contents(file, "nonsense", -1, NULL));
    relay.daemon = start_another(&relay);
    ask_once(&relay, all, "action=DUNNO\n");
    relay_stop(&relay);
}

/* Over the socket as the milter does it; nobody there is an error soon, and no more. */
static void test_tell(void)
{
    struct relay relay;
    g_autofree char *all = data_from("10.1.2.3", "app@example.edu", 60, "4Q1");
    g_autofree char *again = data_from("10.1.2.3", "app@example.edu", 60, "4Q2");
    g_autoptr(GSocketConnection) connection = NULL;
    g_autoptr(GError) error = NULL;
    auto_ptr(policy_tell) tell = NULL;

    relay_start(&relay);
    g_object_unref(dial(&relay));
    end_daemon(&relay);
    publish(&relay, "gen-1", "10.1.2.0/24", false);
    relay.daemon = start_another(&relay);
    connection = dial(&relay);
    tell = policy_tell_new(relay.socket, NULL);
    expect(connection, all, "action=DUNNO\n");
    g_assert_true(policy_tell_refused(tell, "4Q1", &error));
    g_assert_no_error(error);
    expect(connection, again, "action=DUNNO\n");
    expect(connection, all, "action=450 4.7.1 ");
    end_daemon(&relay);
    g_assert_false(policy_tell_refused(tell, "4Q2", &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT);
    relay.daemon = start_another(&relay);
    g_object_unref(dial(&relay));
    relay_stop(&relay);
}

static void test_tell_place(void)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(policy_tell) here = policy_tell_new("127.0.0.1:10040", NULL);
    auto_ptr(policy_tell) six = policy_tell_new("[::1]:10040", NULL);

    g_assert_nonnull(here);
    g_assert_nonnull(six);
    g_assert_null(policy_tell_new("relay.example.edu:10040", &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE);
}

static int status_at_data(const struct relay *relay, const char *recipients)
{
    g_autofree char *program = g_test_build_filename(G_TEST_BUILT, "appsmtp-policyd", NULL);
    g_autofree char *word = g_strconcat("recipient_count=", recipients, NULL);
    g_autoptr(GSubprocess) once =
        g_subprocess_new(DAEMON_FLAGS, NULL, program, "--snapshot", relay->folder, "--test",
                         "sender=app@example.edu", "client_address=10.1.2.3",
                         "protocol_state=DATA", word, NULL);

    g_assert_true(g_subprocess_wait(once, NULL, NULL));
    return g_subprocess_get_exit_status(once);
}

static void expect_status(const struct relay *relay, const char *sender, int status)
{
    g_autofree char *program = g_test_build_filename(G_TEST_BUILT, "appsmtp-policyd", NULL);
    g_autofree char *word = g_strconcat("sender=", sender, NULL);
    g_autoptr(GSubprocess) once =
        g_subprocess_new(DAEMON_FLAGS, NULL, program, "--snapshot", relay->folder, "--test", word,
                         "client_address=10.1.2.3", NULL);

    g_assert_true(g_subprocess_wait(once, NULL, NULL));
    g_assert_cmpint(g_subprocess_get_exit_status(once), ==, status);
}

static void test_once(void)
{
    struct relay relay;

    relay_start(&relay);
    g_object_unref(dial(&relay));
    expect_status(&relay, "app@example.edu", 69);
    publish(&relay, "gen-1", "10.1.2.0/24", false);
    expect_status(&relay, "app@example.edu", 0);
    expect_status(&relay, "no@example.edu", 1);
    g_assert_cmpint(status_at_data(&relay, "60"), ==, 0);
    g_assert_cmpint(status_at_data(&relay, "61"), ==, 1);
    relay_stop(&relay);
}

static void test_length(void)
{
    g_assert_cmpuint(policy_request_length("", 0), ==, 0);
    g_assert_cmpuint(policy_request_length("\n", 1), ==, 1);
    g_assert_cmpuint(policy_request_length("a=b\n", 4), ==, 0);
    g_assert_cmpuint(policy_request_length("a=b\n\nc", 6), ==, 5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/policyd/length", test_length);
    g_test_add_func("/policyd/answers", test_answers);
    g_test_add_func("/policyd/generations", test_generations);
    g_test_add_func("/policyd/awaited", test_awaited);
    g_test_add_func("/policyd/behind", test_behind);
    g_test_add_func("/policyd/pieces", test_pieces);
    g_test_add_func("/policyd/nonsense", test_nonsense);
    g_test_add_func("/policyd/stale-socket", test_stale_socket);
    g_test_add_func("/policyd/stages", test_stages);
    g_test_add_func("/policyd/stages-unavailable", test_stages_unavailable);
    g_test_add_func("/policyd/counted-once", test_counted_once);
    g_test_add_func("/policyd/lost-socket", test_lost_socket);
    g_test_add_func("/policyd/lost-socket-keeps-rates", test_lost_socket_keeps_rates);
    g_test_add_func("/policyd/rates-by-source", test_rates_by_source);
    g_test_add_func("/policyd/rates-numbers", test_rates_numbers);
    g_test_add_func("/policyd/rates-null-sender", test_rates_null_sender);
    g_test_add_func("/policyd/rates-refused", test_rates_refused);
    g_test_add_func("/policyd/data", test_data);
    g_test_add_func("/policyd/restart", test_restart);
    g_test_add_func("/policyd/tell", test_tell);
    g_test_add_func("/policyd/tell-place", test_tell_place);
    g_test_add_func("/policyd/once", test_once);
    return g_test_run();
}
