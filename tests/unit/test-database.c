/* SPDX-License-Identifier: MIT
 *
 * The database's adapter at real servers: deadlines, failover, settings, locks.
 */
#include "postgres.h"
#include "stall.h"
#include "adapters/database/database.h"
#include "base/error.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <glib/gstdio.h>
#include <netdb.h>
#include <sys/socket.h>

static struct postgres *server;

static struct database_settings *at_socket(void)
{
    g_autofree char *words = g_strdup_printf("host=%s port=%u", server->folder, server->port);

    return postgres_settings(server, words);
}

static struct database *open_at(const struct database_settings *settings)
{
    g_autoptr(GError) error = NULL;
    struct database *database = database_new(settings, &settings->portal, 0, &error);

    g_assert_no_error(error);
    return database;
}

static char *ask(struct database *database, const char *statement)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    auto_ptr(rows) rows = NULL;

    database_set_deadline(database, deadline_in(20000));
    rows = database_query_list(database, none, statement, &error);
    g_assert_no_error(error);
    return g_strdup(rows_get(rows, 0, "a"));
}

static void expect(struct database *database, const char *statement, const char *answer)
{
    g_autofree char *got = ask(database, statement);

    g_assert_cmpstr(got, ==, answer);
}

/* ---- what is refused at the start -------------------------------------------------------- */

static void check_settings(const char *words, bool unprotected, const char *part)
{
    struct database_settings *settings = postgres_settings(server, words);
    g_autoptr(GError) error = NULL;
    auto_ptr(database) database = NULL;

    settings->unprotected = unprotected;
    database = database_new(settings, &settings->portal, 0, &error);
    if (part) {
        g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION);
        g_assert_nonnull(strstr(error->message, part));
    } else {
        g_assert_no_error(error);
    }
    g_assert_true(!database == (part != NULL));
    postgres_settings_free(settings);
}

static void test_settings(void)
{
    static const char *const in_clear[] = {"host=db.example.edu",
                                           "host=db.example.edu sslmode=disable",
                                           "host=db.example.edu sslmode=prefer",
                                           "host=db.example.edu sslmode=allow",
                                           "host=/tmp,10.0.0.1",
                                           "host=localhost hostaddr=10.0.0.1",
                                           "hostaddr=10.0.0.1",
                                           "host=127.0.0.1.example.edu",
                                           "host=::ffff:10.0.0.1",
                                           "host=localhost.example.edu"};
    static const char *const fine[] = {
        "host=/tmp",
        "host=@abstract",
        "host=localhost",
        "host=127.9.9.9",
        "host=::1",
        "port=5433",
        "host=db hostaddr=127.0.0.1",
        "host=db.example.edu sslmode=require",
        "host=a,b sslmode=verify-ca",
        "host=10.0.0.1 sslmode=verify-full",
        "host=a,b hostaddr=10.0.0.1,10.0.0.2 port=1,2 sslmode=require",
        "host=a hostaddr='' sslmode=require",
        "host=db.example.edu gssencmode=require"};

    for (size_t i = 0; i < G_N_ELEMENTS(in_clear); i++) {
        check_settings(in_clear[i], false, "without TLS");
        check_settings(in_clear[i], true, NULL);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(fine); i++)
        check_settings(fine[i], false, NULL);
    check_settings("hots=a", false, "hots");
    check_settings("host=a,b port=1,2,3 sslmode=require", false, "3 ports for 2 hosts");
    check_settings("host=a,b hostaddr=10.0.0.1 sslmode=require", false, "hostaddr 1");
    check_settings("service=appsmtp", false, "service");
}

/* ---- a conversation that stops or drips after each of its bytes -------------------------- */

#define CONNECT_MS 500
/* Beyond the deadline; and until all is well again. Longer on a machine, or below a tool, that is
 * slow. */
#define SLACK_MS (1000 + 10 * usual_ms)
#define HEALED_MS (5000 + 10 * usual_ms)

static gint64 usual_ms; /* what a conversation takes that nothing disturbs */

struct trial {
    bool tls, from_server;
    unsigned drip_ms;
    size_t bytes;
};

static bool take_row(const struct rows *rows, void *data, GError **error G_GNUC_UNUSED)
{
    size_t *taken = data;

    *taken += strlen(rows_get(rows, 0, "a"));
    return true;
}

/* Each kind of call, as long as they are answered. False after the first that was not. */
static bool converse(struct database *database)
{
    size_t taken = 0;

    return database_begin(database, NULL) &&
           database_run(database, NULL, "SELECT repeat('x', 300) AS a", DATABASE_END) &&
           database_each(database, "SELECT repeat('y', 20) AS a FROM generate_series(1, 5)",
                         take_row, &taken, NULL) &&
           database_commit(database, NULL) &&
           database_run(database, NULL, "SELECT $1::text AS a", "z", DATABASE_END);
}

static struct database_settings *through(const struct stall *stall, bool tls)
{
    g_autofree char *words =
        g_strdup_printf("host=localhost hostaddr=127.0.0.1 port=%u sslmode=%s sslrootcert=%s",
                        stall_port(stall), tls ? "verify-full" : "disable", server->ca);

    return postgres_settings(server, words);
}

/* Milliseconds that it took. */
static gint64 time_conversation(struct database *database, bool *good)
{
    gint64 begun = g_get_monotonic_time();

    database_set_deadline(database, deadline_in(CONNECT_MS));
    *good = converse(database);
    return (g_get_monotonic_time() - begun) / 1000;
}

static gint64 milliseconds_since(gint64 begun)
{
    return (g_get_monotonic_time() - begun) / 1000;
}

/* Until a conversation is answered in whole; over the time, it was not. */
static gint64 time_healing(struct database *database)
{
    gint64 begun = g_get_monotonic_time();
    bool good = false;

    while (!good && milliseconds_since(begun) <= HEALED_MS) {
        database_rollback(database);
        database_set_deadline(database, deadline_in((unsigned)HEALED_MS));
        good = converse(database);
    }
    return milliseconds_since(begun);
}

static bool holds(const struct trial *trial)
{
    g_autofree char *where = g_strdup_printf("127.0.0.1:%u", server->port);
    struct stall_plan plan = {.server = where,
                              .from_server = trial->from_server ? trial->bytes : STALL_NEVER,
                              .from_client = trial->from_server ? STALL_NEVER : trial->bytes,
                              .drip_ms = trial->drip_ms};
    struct stall *stall = stall_new(&plan);
    struct database_settings *settings = through(stall, trial->tls);
    struct database *database = open_at(settings);
    bool good;
    gint64 took = time_conversation(database, &good), healed, begun;

    stall_heal(stall);
    healed = time_healing(database);
    begun = g_get_monotonic_time();
    database_free(database);
    good = took <= CONNECT_MS + SLACK_MS && healed <= HEALED_MS &&
           milliseconds_since(begun) <= SLACK_MS;
    postgres_settings_free(settings);
    stall_free(stall);
    return good;
}

/* What outlasts its deadline does so each time; a machine that is busy does not. */
static void run_trial(void *data, void *unused G_GNUC_UNUSED)
{
    struct trial *trial = data;
    bool good = false;

    for (int i = 0; i < 5 && !good; i++)
        good = holds(trial);
    if (!good)
        g_error("after byte %zu of the %s (%s, drip %u) the deadline was outlasted", trial->bytes,
                trial->from_server ? "server" : "client", trial->tls ? "TLS" : "plain",
                trial->drip_ms);
    g_free(trial);
}

/* The bytes of a whole conversation, by what a proxy counts that never stops. */
static void measure(bool tls, size_t *from_server, size_t *from_client)
{
    g_autofree char *where = g_strdup_printf("127.0.0.1:%u", server->port);
    struct stall_plan plan = {where, NULL, STALL_NEVER, STALL_NEVER, 0};
    struct stall *stall = stall_new(&plan);
    struct database_settings *settings = through(stall, tls);
    auto_ptr(database) database = open_at(settings);

    database_set_deadline(database, deadline_in(20000));
    usual_ms = -g_get_monotonic_time();
    g_assert_true(converse(database));
    usual_ms = (usual_ms + g_get_monotonic_time()) / 1000;
    *from_server = stall_from_server(stall);
    *from_client = stall_from_client(stall);
    g_clear_pointer(&database, database_free);
    postgres_settings_free(settings);
    stall_free(stall);
}

static void push_trials(GThreadPool *pool, const struct trial *like, size_t last)
{
    bool all = g_strcmp0(g_getenv("APPSMTP_TEST_LONG"), "yes") == 0;
    size_t step = all ? 1 : last / 12 + 1;

    /* A step that is no multiple of a field's length meets other parts of the messages. */
    for (size_t bytes = 0; bytes <= last; bytes += step) {
        struct trial *trial = g_new(struct trial, 1);
        *trial = *like;
        trial->bytes = bytes;
        g_thread_pool_push(pool, trial, NULL);
    }
}

static void stall_all(bool tls)
{
    GThreadPool *pool = g_thread_pool_new(run_trial, NULL, 40, TRUE, NULL);
    size_t from_server, from_client;

    measure(tls, &from_server, &from_client);
    g_test_message("%zu bytes from the server, %zu from the client", from_server, from_client);
    for (unsigned drip = 0; drip <= 1000; drip += 1000) {
        push_trials(pool, &(struct trial){tls, true, drip, 0}, from_server);
        push_trials(pool, &(struct trial){tls, false, drip, 0}, from_client);
    }
    g_thread_pool_free(pool, FALSE, TRUE);
}

static void test_stall_plain(void)
{
    stall_all(false);
}

static void test_stall_tls(void)
{
    stall_all(true);
}

/* A home that cannot be entered, as a unit has it with ProtectHome=, is one without a certificate.
 */
static void test_home(void)
{
    g_autofree char *words = g_strdup_printf(
        "host=127.0.0.1 port=%u sslmode=verify-full sslrootcert=%s", server->port, server->ca);
    struct database_settings *settings = postgres_settings(server, words);
    auto_ptr(database) database = open_at(settings);

    expect(database, "SELECT ssl::text AS a FROM pg_stat_ssl WHERE pid = pg_backend_pid()", "true");
    g_clear_pointer(&database, database_free);
    postgres_settings_free(settings);
}

/* Before anybody asks where the home is. No account's rights lead through a loop, root's neither.
 */
static void lose_home(void)
{
    g_autofree char *loop = g_build_filename(g_get_tmp_dir(), "appsmtp-no-home-XXXXXX", NULL);

    g_assert_nonnull(g_mkdtemp(loop));
    g_assert_cmpint(g_rmdir(loop), ==, 0);
    g_assert_cmpint(symlink(loop, loop), ==, 0);
    g_setenv("HOME", loop, TRUE);
}

/* ---- names ------------------------------------------------------------------------------- */

/* GIO's resolver finds this one before the C library's: a DNS that never answers. */
int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints,
                struct addrinfo **found)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

    if (g_str_equal(name, "silent.example.edu"))
        g_usleep(60 * G_USEC_PER_SEC);
    if (g_str_equal(name, "twice.example.edu"))
        name = "localhost";
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(name, port, hints, found);
}

static void test_name_that_nobody_answers(void)
{
    g_autofree char *words =
        g_strdup_printf("host=silent.example.edu sslmode=require port=%u", server->port);
    struct database_settings *settings = postgres_settings(server, words);
    auto_ptr(database) database = open_at(settings);
    g_autoptr(GError) error = NULL;
    gint64 begun = g_get_monotonic_time();

    database_set_deadline(database, deadline_in(CONNECT_MS));
    g_assert_false(database_run(database, &error, "SELECT", DATABASE_END));
    g_assert_cmpint((g_get_monotonic_time() - begun) / 1000, <=, CONNECT_MS + SLACK_MS);
    g_assert_nonnull(strstr(error->message, "silent.example.edu"));
    g_clear_pointer(&database, database_free);
    postgres_settings_free(settings);
}

/* ---- failover ---------------------------------------------------------------------------- */

/* Accepts, by its kernel, and says nothing. */
static int listen_silently(unsigned *port)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(bind(fd, (struct sockaddr *)&name, size), ==, 0);
    g_assert_cmpint(listen(fd, 16), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&name, &size), ==, 0);
    *port = ntohs(name.sin_port);
    return fd;
}

/* Milliseconds until a statement is answered from nothing. */
static gint64 time_to_ask(struct database *database, unsigned deadline_ms, GError **error)
{
    gint64 begun = g_get_monotonic_time();

    database_set_deadline(database, deadline_in(deadline_ms));
    database_run(database, error, "SELECT", DATABASE_END);
    return (g_get_monotonic_time() - begun) / 1000;
}

static void end_sessions(const struct postgres *postgres)
{
    g_free(postgres_sql(postgres, "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity"
                                  " WHERE pid <> pg_backend_pid() AND usename LIKE 'appsmtp%'"));
}

static void test_silent_host_first(void)
{
    unsigned silent, refusing = postgres_free_port();
    auto_fd fd = listen_silently(&silent);
    g_autofree char *words = g_strdup_printf("host=127.0.0.1,127.0.0.1,localhost port=%u,%u,%u",
                                             silent, refusing, server->port);
    struct database_settings *settings = postgres_settings(server, words);
    auto_ptr(database) database = open_at(settings);
    gint64 took = time_to_ask(database, 20000, NULL);

    expect(database, "SELECT inet_server_port() AS a", strrchr(words, ',') + 1);
    g_assert_cmpint(took, >=, 1900);
    g_assert_cmpint(took, <=, 2000 + SLACK_MS);
    end_sessions(server);
    /* Asked last now, so not at all. */
    g_assert_cmpint(time_to_ask(database, 20000, NULL), <=, SLACK_MS);
    expect(database, "SELECT inet_server_port() AS a", strrchr(words, ',') + 1);
    g_clear_pointer(&database, database_free);
    postgres_settings_free(settings);
}

static void test_connect_timeout(void)
{
    unsigned silent;
    auto_fd fd = listen_silently(&silent);
    g_autofree char *words = g_strdup_printf(
        "host=127.0.0.1,127.0.0.1 port=%u,%u connect_timeout=1", silent, server->port);
    struct database_settings *settings = postgres_settings(server, words);
    auto_ptr(database) database = open_at(settings);
    g_autoptr(GError) error = NULL;
    gint64 took = time_to_ask(database, 20000, &error);

    g_assert_no_error(error);
    g_assert_cmpint(took, >=, 900);
    g_assert_cmpint(took, <=, 1000 + SLACK_MS);
    g_clear_pointer(&database, database_free);
    postgres_settings_free(settings);
}

/* The error says what each of them said. */
static void test_no_host(void)
{
    unsigned silent, refusing = postgres_free_port();
    auto_fd fd = listen_silently(&silent);
    g_autofree char *words =
        g_strdup_printf("host=127.0.0.1,localhost,/nonexistent hostaddr=,127.0.0.1, port=%u,%u,%u",
                        silent, refusing, refusing);
    g_autofree char *first = g_strdup_printf("\"127.0.0.1\", port %u failed: no answer", silent);
    g_autofree char *second = g_strdup_printf("port %u failed: Connection refused", refusing);
    struct database_settings *settings = postgres_settings(server, words);
    auto_ptr(database) database = open_at(settings);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(time_to_ask(database, 20000, &error), <=, 2000 + SLACK_MS);
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, first));
    g_assert_nonnull(strstr(error->message, second));
    g_assert_nonnull(strstr(error->message, "/nonexistent"));
    g_assert_null(strchr(error->message, '\n'));
    g_clear_pointer(&database, database_free);
    postgres_settings_free(settings);
}

/* The primary goes; the standby is passed over until it is promoted. */
static void test_promotion(void)
{
    struct postgres *primary = postgres_new("UTF8");
    struct postgres *standby = postgres_standby(primary);
    g_autofree char *words =
        g_strdup_printf("host=localhost,localhost port=%u,%u sslmode=verify-full"
                        " sslrootcert=%s,",
                        standby->port, primary->port, primary->ca);
    struct database_settings *settings;
    struct database *database;
    g_autoptr(GError) error = NULL;
    g_autofree char *none = NULL;

    *strrchr(words, ',') = '\0';
    settings = postgres_settings(primary, words);
    database = open_at(settings);
    expect(database, "SELECT pg_is_in_recovery()::text AS a", "false");
    postgres_stop(primary);
    time_to_ask(database, 5000, &error);
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE);
    g_assert_nonnull(strstr(error->message, "read-only"));
    g_assert_nonnull(strstr(error->message, "Connection refused"));
    none = postgres_sql(standby, "SELECT pg_promote()");
    expect(database, "SELECT pg_is_in_recovery()::text AS a", "false");
    database_free(database);
    postgres_settings_free(settings);
    postgres_free(standby);
    postgres_free(primary);
}

/* ---- settings ---------------------------------------------------------------------------- */

static void check_clock(struct database *database)
{
    expect(database, "SELECT '2026-07-01 12:00:00'::timestamptz::text AS a",
           "2026-07-01 12:00:00+00");
    expect(database, "SELECT current_setting('statement_timeout') AS a", "7s");
    expect(database, "SELECT current_setting('lock_timeout') AS a", "4s");
    expect(database, "SELECT '\\n' AS a", "\\n");
}

static bool check_row(const struct rows *rows, void *data, GError **error G_GNUC_UNUSED)
{
    bool *seen = data;

    g_assert_cmpstr(rows_get(rows, 0, "a"), ==, "2026-07-01 12:00:00+00");
    *seen = true;
    return true;
}

/* Whatever server, database and role have by themselves. */
static void test_zone(void)
{
    struct database_settings *settings = at_socket();
    auto_ptr(database) database = database_new(settings, &settings->portal, 7000, NULL);
    g_autofree char *none = NULL;
    bool seen = false;

    none = postgres_sql(server, "ALTER DATABASE appsmtp SET timezone = 'America/New_York';"
                                "ALTER DATABASE appsmtp SET datestyle = 'German';"
                                "ALTER ROLE appsmtp_portal SET statement_timeout = '20s';"
                                "ALTER ROLE appsmtp_portal SET standard_conforming_strings = off");
    check_clock(database);
    g_assert_true(database_begin(database, NULL));
    check_clock(database);
    database_rollback(database);
    g_assert_true(database_begin_snapshot(database, NULL));
    check_clock(database);
    g_assert_true(database_each(database, "SELECT '2026-07-01 12:00:00'::timestamptz::text AS a",
                                check_row, &seen, NULL));
    g_assert_true(database_commit(database, NULL));
    g_assert_true(seen);
    g_free(none);
    none = postgres_sql(server,
                        "ALTER DATABASE appsmtp RESET ALL; ALTER ROLE appsmtp_portal RESET ALL");
    g_clear_pointer(&database, database_free);
    postgres_settings_free(settings);
}

/* A constraint that is judged at the end refuses a statement that stands alone, too. */
static void test_refused_at_the_end(void)
{
    struct database_settings *settings = at_socket();
    auto_ptr(database) database = open_at(settings);
    g_autoptr(GError) error = NULL;

    g_free(postgres_sql(server,
                        "CREATE TABLE late (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED);"
                        "INSERT INTO late VALUES (1); GRANT ALL ON late TO appsmtp_portal"));
    g_assert_false(database_run(database, &error, "INSERT INTO late VALUES (1)", DATABASE_END));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE);
    g_assert_true(database_was_duplicate(database));
    expect(database, "SELECT count(*) AS a FROM late", "1");
    g_clear_error(&error);
    g_assert_true(database_begin(database, NULL));
    g_assert_true(database_run(database, NULL, "INSERT INTO late VALUES (1)", DATABASE_END));
    g_assert_false(database_commit(database, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE);
    expect(database, "SELECT count(*) AS a FROM late", "1");
    g_clear_pointer(&database, database_free);
    postgres_settings_free(settings);
}

/* A refusal inside a transaction, and what follows it. */
static void test_refused_in_between(void)
{
    struct database_settings *settings = at_socket();
    auto_ptr(database) database = open_at(settings);
    size_t taken = 0;

    g_assert_true(database_begin(database, NULL));
    g_assert_false(database_run(database, NULL, "SELECT 1 / 0", DATABASE_END));
    g_assert_cmpstr(database_state(database), ==, "22012");
    g_assert_false(database_run(database, NULL, "SELECT", DATABASE_END));
    database_rollback(database);
    expect(database, "SELECT 5 AS a", "5");
    g_assert_true(database_begin(database, NULL));
    g_assert_false(database_each(database,
                                 "SELECT (1 / (3 - n))::text AS a FROM generate_series(1, 5) n",
                                 take_row, &taken, NULL));
    g_assert_cmpuint(taken, ==, 2);
    database_rollback(database);
    expect(database, "SELECT 5 AS a", "5");
    g_clear_pointer(&database, database_free);
    postgres_settings_free(settings);
}

static bool take_slowly(const struct rows *rows G_GNUC_UNUSED, void *data,
                        GError **error G_GNUC_UNUSED)
{
    size_t *taken = data;

    ++*taken;
    g_usleep(50);
    return true;
}

/* More comes than is taken, so that nothing is ever waited for. */
static void test_endless(void)
{
    struct database_settings *settings = at_socket();
    auto_ptr(database) database = open_at(settings);
    g_autoptr(GError) error = NULL;
    size_t taken = 0;
    gint64 begun = g_get_monotonic_time();

    database_set_deadline(database, deadline_in(CONNECT_MS));
    g_assert_true(database_begin(database, NULL));
    g_assert_false(database_each(database, "SELECT generate_series(1, 2000000000) AS a",
                                 take_slowly, &taken, &error));
    g_test_message("%zu rows: %s", taken, error->message);
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE);
    g_assert_cmpint((g_get_monotonic_time() - begun) / 1000, <=, CONNECT_MS + SLACK_MS);
    g_clear_pointer(&database, database_free);
    postgres_settings_free(settings);
}

/* ---- what is left behind ----------------------------------------------------------------- */

static bool wait_for_none(const char *statement)
{
    g_autofree char *left = NULL;

    for (int i = 0; i < 200; i++) {
        g_free(left);
        left = postgres_sql(server, statement);
        if (g_str_equal(left, "0"))
            return true;
        g_usleep(50000);
    }
    return false;
}

static void test_abandoned_statement(void)
{
    struct database_settings *settings = at_socket();
    auto_ptr(database) database = open_at(settings);
    g_autoptr(GError) error = NULL;

    database_set_deadline(database, deadline_in(CONNECT_MS));
    g_assert_false(database_run(database, &error, "SELECT pg_sleep(600)", DATABASE_END));
    g_assert_nonnull(strstr(error->message, server->folder));
    g_assert_true(wait_for_none("SELECT count(*) FROM pg_stat_activity WHERE query LIKE"
                                " '%pg_sleep(600)%' AND pid <> pg_backend_pid()"));
    g_clear_pointer(&database, database_free);
    postgres_settings_free(settings);
}

/* ---- the lock of a run ------------------------------------------------------------------- */

static bool hold(struct database *database, const char *number)
{
    g_autoptr(GError) error = NULL;
    bool alone = false;

    g_assert_true(database_hold(database, number, &alone, &error));
    g_assert_no_error(error);
    return alone;
}

static void test_hold(void)
{
    struct database_settings *settings = at_socket();
    auto_ptr(database) one = open_at(settings);
    auto_ptr(database) other = open_at(settings);

    g_assert_true(hold(one, "1"));
    g_assert_false(hold(other, "1"));
    expect(one, "SELECT 5 AS a", "5");
    g_clear_pointer(&one, database_free);
    g_assert_true(wait_for_none("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"));
    g_assert_true(hold(other, "1"));
    g_clear_pointer(&other, database_free);
    postgres_settings_free(settings);
}

/* Whoever has lost it does not go on. */
static void test_hold_lost(void)
{
    struct database_settings *settings = at_socket();
    auto_ptr(database) database = open_at(settings);
    g_autoptr(GError) error = NULL;
    gint64 until = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;

    g_assert_true(hold(database, "2"));
    end_sessions(server);
    while (!error && g_get_monotonic_time() < until) {
        database_run(database, &error, "SELECT", DATABASE_END);
        g_usleep(100000);
    }
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE);
    g_assert_nonnull(strstr(error->message, "lock"));
    g_clear_error(&error);
    g_assert_false(database_run(database, &error, "SELECT", DATABASE_END));
    g_clear_pointer(&database, database_free);
    postgres_settings_free(settings);
}

/* Whoever asks others for long sees by this that it is held, and its server sees it, too. */
static void test_hold_kept(void)
{
    struct database_settings *settings = at_socket();
    auto_ptr(database) database = open_at(settings);
    g_autoptr(GError) error = NULL;
    gint64 until = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;

    g_assert_true(database_keep_hold(database, &error));
    g_assert_true(hold(database, "3"));
    g_assert_true(database_keep_hold(database, &error));
    g_assert_no_error(error);
    end_sessions(server);
    while (database_keep_hold(database, &error) && g_get_monotonic_time() < until)
        g_usleep(100000);
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE);
    g_clear_pointer(&database, database_free);
    postgres_settings_free(settings);
}

int main(int argc, char **argv)
{
    size_t from_server, from_client;
    int status;

    g_test_init(&argc, &argv, NULL);
    lose_home();
    server = postgres_new("UTF8");
    measure(true, &from_server, &from_client);
    g_test_add_func("/database/settings", test_settings);
    g_test_add_func("/database/stall/plain", test_stall_plain);
    g_test_add_func("/database/stall/tls", test_stall_tls);
    g_test_add_func("/database/home", test_home);
    g_test_add_func("/database/name", test_name_that_nobody_answers);
    g_test_add_func("/database/failover/silent", test_silent_host_first);
    g_test_add_func("/database/failover/connect-timeout", test_connect_timeout);
    g_test_add_func("/database/failover/none", test_no_host);
    g_test_add_func("/database/failover/promotion", test_promotion);
    g_test_add_func("/database/zone", test_zone);
    g_test_add_func("/database/refused/end", test_refused_at_the_end);
    g_test_add_func("/database/refused/between", test_refused_in_between);
    g_test_add_func("/database/endless", test_endless);
    g_test_add_func("/database/abandoned", test_abandoned_statement);
    g_test_add_func("/database/hold", test_hold);
    g_test_add_func("/database/hold/lost", test_hold_lost);
    g_test_add_func("/database/hold/kept", test_hold_kept);
    status = g_test_run();
    postgres_free(server);
    unlink(g_getenv("HOME"));
    return status;
}
