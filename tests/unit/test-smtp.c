/* SPDX-License-Identifier: MIT
 *
 * Giving a message to a mail server that stops, or drips, after each byte of a whole
 * conversation: it ends by its deadline, and never in a wrong answer.
 */
#include "adapters/mail/smtp.h"

#include "base/deadline.h"
#include "base/error.h"
#include "stall.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>

#define DEADLINE_MS 400
#define AFTER_MS 1000
#define GOOD_BYE_MS 1000 /* as smtp_free() says */
#define SURELY_MS 20000
#define STEP 61 /* bytes between two tries, where not every one is tried */

/* ---- a mail server ---- */

struct server {
    char *folder, *text, *certificate;
    GPid pid;
    int input;
};

static void make_certificate(struct server *server, const char *key)
{
    const char *const words[] = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                 "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                                 "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                                 key, "-out", server->certificate, NULL};
    int status = -1;

    g_assert_true(g_spawn_sync(NULL, (char **)words, NULL,
                               G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                               NULL, &status, NULL));
    g_assert_cmpint(status, ==, 0);
}

static void server_start(struct server *server, gconstpointer tls)
{
    g_autofree char *script = g_build_filename(g_getenv("TEST_SRCDIR"), "unit", "smtp-server", NULL);
    g_autofree char *key = NULL;
    char port[16] = "";
    int output;

    server->folder = g_dir_make_tmp("smtp-XXXXXX", NULL);
    server->certificate = g_build_filename(server->folder, "cert.pem", NULL);
    key = g_build_filename(server->folder, "key.pem", NULL);
    make_certificate(server, key);
    {
        const char *const words[] = {"/usr/bin/python3", script, tls ? server->certificate : "-",
                                     tls ? key : "-", NULL};
        g_assert_true(g_spawn_async_with_pipes(NULL, (char **)words, NULL,
                                               G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &server->pid,
                                               &server->input, &output, NULL, NULL));
    }
    for (size_t got = 0; !strchr(port, '\n'); got++)
        g_assert_true(got < sizeof port - 1 && read(output, port + got, 1) == 1);
    close(output);
    server->text = g_strdup_printf("127.0.0.1:%s", g_strchomp(port));
}

static void server_stop(struct server *server, gconstpointer tls G_GNUC_UNUSED)
{
    static const char *const names[] = {"cert.pem", "key.pem"};

    close(server->input);
    waitpid(server->pid, NULL, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(server->folder, names[i], NULL);
        g_unlink(path);
    }
    g_rmdir(server->folder);
    g_free(server->folder);
    g_free(server->text);
    g_free(server->certificate);
}

/* ---- one message ---- */

static bool hand_over(void *user, GError **error G_GNUC_UNUSED)
{
    *(bool *)user = true;
    return true;
}

struct try {
    const struct server *server;
    struct stall_plan plan;
    unsigned deadline_ms;
    size_t from_server, from_client;
};

static gint64 milliseconds_since(gint64 start)
{
    return (g_get_monotonic_time() - start) / 1000;
}

/* That a server has it is only said when it said so. */
static void send_one(struct smtp *smtp, struct try *try)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *reason = NULL;
    enum smtp_answer answer = SMTP_REFUSED;
    bool handed_over = false;
    gint64 start = g_get_monotonic_time();
    bool good = smtp_send(smtp, "ow1@example.edu", "Subject: x\r\n\r\nHello\r\n", hand_over,
                          &handed_over, &answer, &reason, &error);

    g_test_message("%zu, %zu: %s after %d ms", try->plan.from_server, try->plan.from_client,
                   good ? "taken" : error->message, (int)milliseconds_since(start));
    g_assert_cmpint(milliseconds_since(start), <=, try->deadline_ms + AFTER_MS);
    g_assert_true(good ? answer == SMTP_TAKEN && handed_over
                       : g_error_matches(error, APPSMTP_ERROR, APPSMTP_ERROR_MAIL));
}

static void run(struct try *try)
{
    struct stall *stall = stall_new(&try->plan);
    g_autofree char *text = g_strdup_printf("127.0.0.1:%u", stall_port(stall));
    const struct notices_settings settings = {
        .smtp = text,
        .from = (char *)"portal@example.edu",
        .tls = SMTP_TLS_TRY,
        .ca_file = try->server->certificate,
        .deadline_ms = try->deadline_ms};
    struct smtp *smtp = smtp_new(&settings);
    gint64 start;

    send_one(smtp, try);
    start = g_get_monotonic_time();
    smtp_free(smtp);
    g_assert_cmpint(milliseconds_since(start), <=, GOOD_BYE_MS + AFTER_MS);
    try->from_server = stall_from_server(stall);
    try->from_client = stall_from_client(stall);
    stall_free(stall);
}

static void run_pooled(gpointer data, gpointer user G_GNUC_UNUSED)
{
    g_autofree struct try *try = data;

    run(try);
}

static void push(GThreadPool *pool, const struct server *server, struct stall_plan plan)
{
    struct try try = {.server = server, .plan = plan, .deadline_ms = DEADLINE_MS};

    g_thread_pool_push(pool, g_memdup2(&try, sizeof try), NULL);
}

/* Every byte where there is time for it; else the first, the last, and some in between. */
static size_t next(size_t count, size_t whole)
{
    bool all = g_strcmp0(g_getenv("APPSMTP_TEST_LONG"), "yes") == 0;

    return count + (all || count < 3 || count + 2 > whole ? 1 : MIN(STEP, whole - 1 - count));
}

static void test_stalls(struct server *server, gconstpointer tls)
{
    struct try whole = {.server = server, .deadline_ms = SURELY_MS,
                        .plan = {.server = server->text, .from_server = STALL_NEVER,
                                 .from_client = STALL_NEVER}};
    GThreadPool *pool = g_thread_pool_new(run_pooled, NULL, 16, TRUE, NULL);

    run(&whole);
    g_test_message("%zu bytes of the server, %zu of ours", whole.from_server, whole.from_client);
    g_assert_cmpuint(whole.from_server, >, tls ? 1000 : 100);
    for (unsigned drip = 0; drip <= 1000; drip += 1000) {
        for (size_t count = 0; count <= whole.from_server; count = next(count, whole.from_server))
            push(pool, server, (struct stall_plan){.server = server->text, .from_server = count,
                                                   .from_client = STALL_NEVER, .drip_ms = drip});
        for (size_t count = 0; count <= whole.from_client; count = next(count, whole.from_client))
            push(pool, server, (struct stall_plan){.server = server->text, .from_client = count,
                                                   .from_server = STALL_NEVER, .drip_ms = drip});
    }
    g_thread_pool_free(pool, FALSE, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    signal(SIGPIPE, SIG_IGN);
    g_test_add("/smtp/stalls", struct server, NULL, server_start, test_stalls, server_stop);
    g_test_add("/smtp/stalls-tls", struct server, "tls", server_start, test_stalls, server_stop);
    return g_test_run();
}
