/* SPDX-License-Identifier: MIT
 *
 * The milter: every line of tests/rules/author.tsv over a snapshot, generations that
 * come and break, and how the program begins and ends.
 */
#include "adapters/mail/mail.h"
#include "adapters/milter/milter.h"
#include "service/relay/milter-session.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SECOND "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

enum column { SENDER, CLIENT, HEADERS, CODE, HOLDS, COLUMNS };

static char *folder;
static int told;

static void on_say(const char *text)
{
    g_test_message("%s", text);
    g_atomic_int_inc(&told);
}

/* ---- a generation ---- */

static void add(struct snapshot_writer *writer, const char *sender, const char *network,
                const char *first, const char *second)
{
    auto_ptr(decision_entry) entry = decision_entry_new();
    struct network parsed;

    if (network) {
        g_assert_cmpint(network_parse(network, &parsed), ==, NETWORK_OK);
        g_array_append_val(entry->networks, parsed);
    }
    if (first)
        g_ptr_array_add(entry->spkis, g_strdup(first));
    if (second)
        g_ptr_array_add(entry->spkis, g_strdup(second));
    g_assert_true(snapshot_writer_add(writer, sender, entry, NULL));
}

static bool null_sender = true;

static void write_generation(const char *path, guint64 serial)
{
    auto_ptr(decision_policy) policy = decision_policy_new();
    auto_ptr(snapshot_writer) writer = NULL;
    struct location *campus = location_new("campus", "Campus");
    struct network all;

    network_parse("10.0.0.0/8", &all);
    g_array_append_val(campus->networks, all);
    g_ptr_array_add(policy->locations, campus);
    g_free(policy->portal);
    policy->portal = g_strdup("https://portal.example.edu");
    policy->null_sender = null_sender;
    g_ptr_array_add(policy->domains, g_strdup("example.edu"));
    g_mkdir(path, 0755);
    writer = snapshot_writer_new(path, NULL);
    add(writer, "both@example.edu", "10.1.2.0/24", FIRST, NULL);
    add(writer, "direct@example.edu", "10.1.2.0/24", NULL, NULL);
    add(writer, "far@example.edu", "10.9.0.0/16", NULL, NULL);
    add(writer, "key@example.edu", NULL, FIRST, NULL);
    add(writer, "keys@example.edu", NULL, FIRST, SECOND);
    add(writer, "other@example.edu", "10.1.2.0/24", NULL, NULL);
    add(writer, "second@example.edu", NULL, SECOND, NULL);
    g_assert_true(snapshot_writer_finish(writer, policy, serial, NULL));
}

static void publish(const char *name, bool damaged)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *file = g_build_filename(path, SNAPSHOT_FILE, NULL);
    g_autofree char *link = g_build_filename(folder, "current.new", NULL);
    g_autofree char *current = g_build_filename(folder, "current", NULL);

    write_generation(path, 1);
    if (damaged)
        g_assert_cmpint(truncate(file, 5000), ==, 0);
    g_assert_cmpint(symlink(name, link), ==, 0);
    g_assert_cmpint(g_rename(link, current), ==, 0);
}

/* ---- messages ---- */

/* The text with each {N*x} written out. */
static char *expand(const char *text)
{
    GString *out = g_string_new(NULL);

    while (*text) {
        char *end = NULL;
        guint64 times = *text == '{' ? g_ascii_strtoull(text + 1, &end, 10) : 0;
        if (times > 0 && end[0] == '*' && end[2] == '}') {
            for (guint64 i = 0; i < times; i++)
                g_string_append_c(out, end[1]);
            text = end + 3;
        } else
            g_string_append_c(out, *text++);
    }
    return g_string_free(out, FALSE);
}

/* As a mail server tells them: name, and value without the first blank, folded by \n. */
static void hand_headers(struct milter_session *session, const char *escaped)
{
    g_autofree char *wide = expand(escaped);
    g_autofree char *text = g_strcompress(wide);
    char *next;

    for (char *line = text; line && *line; line = next) {
        char *colon = strchr(line, ':');
        next = strchr(line, '\n');
        while (next && (next[1] == ' ' || next[1] == '\t'))
            next = strchr(next + 1, '\n');
        if (next)
            *next++ = '\0';
        g_assert_nonnull(colon);
        *colon = '\0';
        milter_session_header(session, line, colon[1] == ' ' ? colon + 2 : colon + 1);
    }
}

static struct decision *verdict_over(struct live *live, const char *const *field)
{
    const char *client = g_str_equal(field[CLIENT], "unknown") ? NULL : field[CLIENT];
    auto_ptr(milter_session) session = milter_session_new(live, client);

    milter_session_begin(session, "far@example.edu");
    hand_headers(session, "From: a message before\\nSender: x");
    milter_session_begin(session, field[SENDER]);
    hand_headers(session, field[HEADERS]);
    return milter_session_verdict(session);
}

static void check_line(struct live *live, char **field, bool seen[FINDING_COUNT])
{
    auto_ptr(decision) decision = verdict_over(live, (const char *const *)field);
    bool permitted = g_str_equal(field[CODE], "header.permitted");
    bool unavailable = g_str_equal(field[CODE], "message.unavailable");

    g_test_message("%s %.200s: %s %s", field[SENDER], field[HEADERS], decision->code, decision->text);
    g_assert_cmpstr(decision->code, ==, field[CODE]);
    g_assert_nonnull(strstr(decision->text, field[HOLDS]));
    g_assert_cmpint(decision->answer, ==, permitted     ? DECISION_PERMIT
                                          : unavailable ? DECISION_UNAVAILABLE
                                                        : DECISION_REFUSE);
    g_assert_cmpuint(strlen(decision->text), <, 500);
    for (const char *at = decision->text; *at; at++)
        g_assert_true(g_ascii_isprint(*at));
    for (int id = 0; id < FINDING_COUNT; id++)
        seen[id] = seen[id] || g_str_equal(findings_catalogue(id).code, decision->code);
}

static void test_table(void)
{
    g_autofree char *file = g_build_filename(g_getenv("TEST_SRCDIR"), "rules", "author.tsv", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    bool seen[FINDING_COUNT] = {false};
    auto_ptr(live) live = NULL;

    publish("gen-1", false);
    live = live_new(folder, on_say);
    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) field = g_strsplit(*line, "\t", -1);
        if (**line == '#' || !**line)
            continue;
        g_assert_cmpuint(g_strv_length(field), ==, COLUMNS);
        check_line(live, field, seen);
    }
    for (int id = 0; id < FINDING_COUNT; id++)
        if (g_str_has_prefix(findings_catalogue(id).code, "header."))
            g_assert_true(seen[id]);
}

/* ---- generations ---- */

static void expect(struct live *live, enum decision_answer answer)
{
    const char *field[] = {"direct@example.edu", "10.1.2.3", "From: direct@example.edu", NULL};
    auto_ptr(decision) decision = verdict_over(live, field);

    g_assert_cmpint(decision->answer, ==, answer);
}

static void wait_until_told(int times)
{
    for (int tries = 0; tries < 400 && g_atomic_int_get(&told) < times; tries++)
        g_usleep(10000);
    g_assert_cmpint(g_atomic_int_get(&told), ==, times);
}

static void test_generations(void)
{
    auto_ptr(live) live = NULL;

    g_atomic_int_set(&told, 0);
    live = live_new(folder, on_say);
    wait_until_told(1);
    expect(live, DECISION_UNAVAILABLE);
    publish("gen-1", true);
    wait_until_told(2);
    expect(live, DECISION_UNAVAILABLE);
    publish("gen-2", false);
    wait_until_told(3);
    expect(live, DECISION_PERMIT);
    publish("gen-3", true);
    wait_until_told(4);
    expect(live, DECISION_PERMIT);
}

/* A file that is changed in place answers nothing any more. */
static void test_changed_in_place(void)
{
    g_autofree char *file = g_build_filename(folder, "current", SNAPSHOT_FILE, NULL);
    const char *other[] = {"direct@example.edu", "10.1.2.3", "From: other@example.edu", NULL};
    auto_ptr(live) live = NULL;
    auto_ptr(decision) decision = NULL;

    publish("gen-1", false);
    live = live_new(folder, on_say);
    g_assert_cmpint(utimensat(AT_FDCWD, file, NULL, 0), ==, 0);
    decision = verdict_over(live, other);
    g_assert_cmpint(decision->answer, ==, DECISION_UNAVAILABLE);
}

/* As the daemon: where it is not allowed, no header helps. */
static void test_null_sender(void)
{
    const char *field[] = {"", "10.1.2.3", "From: direct@example.edu", NULL};
    auto_ptr(live) live = NULL;
    auto_ptr(decision) decision = NULL;

    null_sender = false;
    publish("gen-1", false);
    null_sender = true;
    live = live_new(folder, on_say);
    decision = verdict_over(live, field);
    g_assert_cmpint(decision->answer, ==, DECISION_REFUSE);
    g_assert_cmpstr(decision->code, ==, "message.null-sender");
}

/* The daemon may have permitted by what this does not know yet. */
static void test_behind(void)
{
    const char *wrong[] = {"no@example.edu", "10.1.2.3", "From: no@example.edu", NULL};
    auto_ptr(live) live = NULL;
    auto_ptr(decision) before = NULL;
    auto_ptr(decision) after = NULL;

    publish("gen-1", false);
    live = live_new(folder, on_say);
    before = verdict_over(live, wrong);
    g_assert_cmpint(before->answer, ==, DECISION_REFUSE);
    publish("gen-2", true);
    after = verdict_over(live, wrong);
    g_assert_cmpint(after->answer, ==, DECISION_UNAVAILABLE);
    expect(live, DECISION_PERMIT);
}

static void expect_code(struct live *live, const char *sender, const char *header, const char *code)
{
    const char *field[] = {sender, "10.1.2.3", header, NULL};
    auto_ptr(decision) decision = verdict_over(live, field);

    g_assert_cmpstr(decision->code, ==, code);
}

/* As the daemon: what is registered and not published yet is to come again. */
static void test_awaited(void)
{
    g_autoptr(GPtrArray) senders = g_ptr_array_new();
    auto_ptr(live) live = NULL;

    g_ptr_array_add(senders, (char *)"far@example.edu");
    g_ptr_array_add(senders, (char *)"new@example.edu");
    publish("gen-1", false);
    g_assert_true(awaited_write(folder, 1, senders, NULL));
    live = live_new(folder, on_say);
    expect_code(live, "new@example.edu", "From: new@example.edu", "message.not-on-relay-yet");
    expect_code(live, "far@example.edu", "From: far@example.edu", "message.not-on-relay-yet");
    expect_code(live, "no@example.edu", "From: no@example.edu", "message.sender-not-registered");
    expect_code(live, "direct@example.edu", "From: New@example.edu", "message.not-on-relay-yet");
    expect_code(live, "direct@example.edu", "From: direct@example.edu\\nSender: far@example.edu",
                "message.not-on-relay-yet");
    expect_code(live, "direct@example.edu", "From: no@example.edu", "header.not-registered");
    expect_code(live, "direct@example.edu", "From: direct@example.edu", "header.permitted");
}

/* A list that cannot be read could name anybody; what is right is right all the same. */
static void test_awaited_damaged(void)
{
    g_autofree char *path = g_build_filename(folder, AWAITED_FILE, NULL);
    auto_ptr(live) live = NULL;

    publish("gen-1", false);
    g_assert_true(g_file_set_contents(path, "half of a line", -1, NULL));
    live = live_new(folder, on_say);
    expect_code(live, "no@example.edu", "From: no@example.edu", "message.unavailable");
    expect_code(live, "direct@example.edu", "From: no@example.edu", "message.unavailable");
    expect_code(live, "direct@example.edu", "From: direct@example.edu", "header.permitted");
}

static void test_no_message(void)
{
    auto_ptr(live) live = NULL;
    auto_ptr(milter_session) session = NULL;
    auto_ptr(decision) decision = NULL;

    publish("gen-1", false);
    live = live_new(folder, on_say);
    session = milter_session_new(live, "10.1.2.3");
    milter_session_header(session, "From", "direct@example.edu");
    decision = milter_session_verdict(session);
    g_assert_cmpint(decision->answer, ==, DECISION_UNAVAILABLE);
}

/* ---- the program ---- */

static GSubprocess *start(const char *socket)
{
    g_autofree char *program = g_test_build_filename(G_TEST_BUILT, "appsmtp-milter", NULL);

    return g_subprocess_new(G_SUBPROCESS_FLAGS_STDERR_SILENCE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE,
                            NULL, program, "--snapshot", folder, "--socket", socket, NULL);
}

static void expect_status(GSubprocess *process, int status)
{
    g_assert_true(g_subprocess_wait(process, NULL, NULL));
    g_assert_true(g_subprocess_get_if_exited(process));
    g_assert_cmpint(g_subprocess_get_exit_status(process), ==, status);
}

static bool dial(const char *socket)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(socket);
    g_autoptr(GSocketConnection) connection =
        g_socket_client_connect(client, G_SOCKET_CONNECTABLE(address), NULL, NULL);

    return connection != NULL;
}

static void wait_until_dialled(const char *socket)
{
    for (int tries = 0; tries < 800 && !dial(socket); tries++)
        g_usleep(25000);
    g_assert_true(dial(socket));
}

static void test_program(void)
{
    g_autofree char *socket = g_build_filename(folder, "socket", NULL);
    g_autoptr(GSubprocess) first = start(socket);
    g_autoptr(GSubprocess) second = NULL, third = NULL, wrong = start("nowhere:port"), lost = start("/no/folder/s");
    struct stat stat;

    wait_until_dialled(socket);
    expect_status(wrong, 64);
    expect_status(lost, 73);
    second = start(socket);
    expect_status(second, 75);
    g_assert_cmpint(lstat(socket, &stat), ==, 0);
    g_assert_cmpint(stat.st_mode & 0777, ==, 0660);
    g_subprocess_force_exit(first);
    g_subprocess_wait(first, NULL, NULL);
    third = start(socket);
    wait_until_dialled(socket);
    g_subprocess_send_signal(third, SIGTERM);
    expect_status(third, 0);
}

/* libmilter removes at its end what stands at its path: that must not be the successor's. */
static void test_successor(void)
{
    g_autofree char *socket = g_build_filename(folder, "socket", NULL);
    g_autoptr(GSubprocess) first = start(socket), second = NULL;

    wait_until_dialled(socket);
    g_subprocess_send_signal(first, SIGTERM);
    for (int tries = 0; tries < 800 && dial(socket); tries++)
        g_usleep(10000);
    second = start(socket);
    wait_until_dialled(socket);
    expect_status(first, 0);
    g_assert_true(dial(socket));
    g_subprocess_send_signal(second, SIGTERM);
    expect_status(second, 0);
}

/* One that nobody can come to any more ends, and leaves what another one has put there. */
static void test_lost_socket(void)
{
    g_autofree char *socket = g_build_filename(folder, "socket", NULL);
    g_autoptr(GSubprocess) first = start(socket), second = NULL;

    wait_until_dialled(socket);
    g_assert_cmpint(g_unlink(socket), ==, 0);
    second = start(socket);
    expect_status(first, 75);
    wait_until_dialled(socket);
    g_assert_cmpint(g_unlink(socket), ==, 0);
    expect_status(second, 75);
}

static void test_policy_place(void)
{
    g_autofree char *program = g_test_build_filename(G_TEST_BUILT, "appsmtp-milter", NULL);
    g_autofree char *socket = g_build_filename(folder, "socket", NULL);
    g_autoptr(GSubprocess) wrong =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL, program, "--snapshot", folder,
                         "--socket", socket, "--policy", "relay.example.edu:10040", NULL);

    expect_status(wrong, 64);
}

static void test_text(void)
{
    g_autofree char *line = milter_text("a%b\r\nc\303\251");
    g_autofree char *long_text = g_strnfill(2000, '%');
    g_autofree char *cut = milter_text(long_text);

    g_assert_cmpstr(line, ==, "a%%b??c??");
    g_assert_cmpuint(strlen(cut), ==, 500);
}

/* ---- */

static void remove_folder(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);

    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        if (g_file_test(inner, G_FILE_TEST_IS_DIR) && !g_file_test(inner, G_FILE_TEST_IS_SYMLINK))
            remove_folder(inner);
        g_unlink(inner);
    }
    g_rmdir(path);
}

static void in_folder(gconstpointer test)
{
    folder = g_dir_make_tmp("milter-XXXXXX", NULL);
    ((void (*)(void))test)();
    remove_folder(folder);
    g_free(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    mail_init();
    g_test_add_data_func("/milter/table", test_table, in_folder);
    g_test_add_data_func("/milter/generations", test_generations, in_folder);
    g_test_add_data_func("/milter/changed-in-place", test_changed_in_place, in_folder);
    g_test_add_data_func("/milter/null-sender", test_null_sender, in_folder);
    g_test_add_data_func("/milter/behind", test_behind, in_folder);
    g_test_add_data_func("/milter/awaited", test_awaited, in_folder);
    g_test_add_data_func("/milter/awaited-damaged", test_awaited_damaged, in_folder);
    g_test_add_data_func("/milter/no-message", test_no_message, in_folder);
    g_test_add_data_func("/milter/program", test_program, in_folder);
    g_test_add_data_func("/milter/successor", test_successor, in_folder);
    g_test_add_data_func("/milter/lost-socket", test_lost_socket, in_folder);
    g_test_add_data_func("/milter/policy-place", test_policy_place, in_folder);
    g_test_add_func("/milter/text", test_text);
    return g_test_run();
}
