/* SPDX-License-Identifier: MIT
 *
 * A directory server that stops, or drips, after each byte of a whole conversation, in clear,
 * with TLS, with STARTTLS, and on a local socket: nothing outlasts its deadline, nothing is
 * answered wrongly, and all is well soon after the network is. $APPSMTP_TEST_LONG tries
 * every byte, else a sample is tried; $APPSMTP_TEST_SLOW says that all takes ten times as long,
 * as it does under valgrind.
 */
#include "adapters/directory/directory.h"
#include "base/cleanup.h"
#include "crew.h"
#include "sample.h"
#include "stall.h"

#include <errno.h>
#include <gio/gio.h>
#include <signal.h>

#define CONNECT_MS (200 * slowness)
#define OPERATION_MS (200 * slowness)
#define TOTAL_MS (500 * slowness)
#define DRIP_MS 60
/* What may go by on a busy machine until a wait that has ended is noticed. */
#define GRACE_MS (1000 * slowness)
/* After the healing. */
#define WELL_MS (5000 * slowness)
/* Nearly all of the time is spent waiting. */
#define SIDE_BY_SIDE 24
#define SIDE_BY_SIDE_LONG 48
#define SAMPLES (slowness > 1 ? 2 : 12)
#define TRIES 3

static struct slapd *slapd;
static unsigned slowness = 1;

struct mode {
    const char *path;
    const char *scheme;
    const char *directory; /* more settings */
};

static const struct mode modes[] = {
    {"/stall/plain", "ldap", NULL},
    {"/stall/tls", "ldaps", NULL},
    {"/stall/starttls", "ldap", "starttls='yes'"},
    {"/stall/local", "ldapi", NULL},
};

struct trial {
    const struct mode *mode;
    size_t from_server, from_client;
    unsigned drip_ms;
};

static bool is_local(const struct mode *mode)
{
    return strcmp(mode->scheme, "ldapi") == 0;
}

/* ---- the way to the server ------------------------------------------------------------------ */

struct way {
    char *server; /* for the plan */
    char *path;   /* of the proxy's socket, or NULL */
    struct stall *stall;
    struct config *config;
};

static char *local_path(const char *uri)
{
    return g_uri_unescape_string(uri + strlen("ldapi://"), NULL);
}

static char *server_of(const struct mode *mode)
{
    const char *uri = strcmp(mode->scheme, "ldaps") == 0 ? slapd->ldaps : slapd->ldap;

    return is_local(mode) ? local_path(slapd->ldapi) : g_strdup(strstr(uri, "127."));
}

static char *uri_of(const struct mode *mode, const struct way *way)
{
    g_autofree char *escaped = way->path ? g_uri_escape_string(way->path, NULL, FALSE)
                                         : g_strdup_printf("127.0.0.1:%u", stall_port(way->stall));

    return g_strdup_printf("%s://%s", mode->scheme, escaped);
}

static void set_deadlines(struct way *way, unsigned connect, unsigned operation, unsigned total)
{
    way->config->directory->connect_ms = connect;
    way->config->directory->operation_ms = operation;
    way->config->directory->total_ms = total;
}

static void way_open(struct way *way, const struct trial *trial)
{
    static int number;
    const char *uris[] = {NULL, NULL};
    struct sample sample = {.uris = uris, .directory = trial->mode->directory};
    struct stall_plan plan = {.from_server = trial->from_server,
                              .from_client = trial->from_client,
                              .drip_ms = trial->drip_ms};
    g_autofree char *uri = NULL;

    plan.server = way->server = server_of(trial->mode);
    if (is_local(trial->mode))
        plan.listen = way->path =
            g_strdup_printf("%s/stall-%d", slapd->folder, g_atomic_int_add(&number, 1));
    way->stall = stall_new(&plan);
    uris[0] = uri = uri_of(trial->mode, way);
    way->config = sample_config(slapd, &sample);
    set_deadlines(way, CONNECT_MS, OPERATION_MS, TOTAL_MS);
}

static void way_close(struct way *way)
{
    stall_free(way->stall);
    config_free(way->config);
    g_free(way->server);
    g_free(way->path);
}

/* ---- the conversation ----------------------------------------------------------------------- */

static bool sign_in(struct directory *directory, GError **error)
{
    auto_ptr(person) person = NULL;
    enum sign_in_answer answer;
    const char *reason;

    if (!directory_sign_in(directory, "ow1", "own-one", deadline_in(60000), &answer, &person,
                           &reason, error))
        return false;
    g_assert_cmpint(answer, ==, SIGN_IN_ACCEPTED);
    return true;
}

static bool ask_role(struct directory *directory, GError **error)
{
    enum role_answer answer;

    if (!directory_role(directory, "dp1", "nested@example.edu", deadline_in(60000), &answer, NULL,
                        error))
        return false;
    g_assert_cmpint(answer, ==, ROLE_OWNER);
    return true;
}

typedef bool (*conversation_step)(struct directory *directory, GError **error);

static const conversation_step steps[] = {sign_in, ask_role};

static gint64 since(gint64 began)
{
    return (g_get_monotonic_time() - began) / 1000;
}

/* Whether the right answer or an outage came in time. *late says what did not. */
static bool step_in_time(struct directory *directory, conversation_step step, char **late)
{
    g_autoptr(GError) error = NULL;
    gint64 began = g_get_monotonic_time();
    gint64 took;

    step(directory, &error);
    took = since(began);
    if (error && error->code != APPSMTP_ERROR_LIMIT)
        g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY);
    if (took <= TOTAL_MS + GRACE_MS)
        return true;
    *late = g_strdup_printf("%" G_GINT64_FORMAT " ms: %s", took, error ? error->message : "done");
    return false;
}

static bool well_in_time(struct directory *directory, struct way *way, char **late)
{
    gint64 began = g_get_monotonic_time();

    stall_heal(way->stall);
    /* A connection that was kept and is frozen now costs one operation. */
    set_deadlines(way, WELL_MS / 4, WELL_MS / 4, WELL_MS);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autoptr(GError) error = NULL;
        if (steps[i](directory, &error))
            continue;
        *late = g_strdup_printf("after the healing: %s", error->message);
        return false;
    }
    if (since(began) <= WELL_MS)
        return true;
    *late = g_strdup_printf("%" G_GINT64_FORMAT " ms after the healing", since(began));
    return false;
}

static struct directory *directory_on(const struct way *way)
{
    g_autoptr(GError) error = NULL;
    struct directory *directory = directory_new(way->config->directory, &error);

    g_assert_no_error(error);
    return directory;
}

static bool all_in_time(const struct trial *trial, char **late)
{
    struct way way = {0};
    struct directory *directory;
    bool good = true;
    gint64 began;

    way_open(&way, trial);
    directory = directory_on(&way);
    for (size_t i = 0; i < G_N_ELEMENTS(steps) && good; i++)
        good = step_in_time(directory, steps[i], late);
    good = good && well_in_time(directory, &way, late);
    /* The farewell waits for nobody either. */
    began = g_get_monotonic_time();
    directory_free(directory);
    if (good && since(began) > GRACE_MS) {
        *late = g_strdup("the farewell");
        good = false;
    }
    way_close(&way);
    return good;
}

/* A machine that is busy for a second is not the fault that is looked for: that one lasts. */
static void try_one(void *data, void *unused)
{
    const struct trial *trial = data;
    g_autofree char *late = NULL;

    (void)unused;
    for (int i = 0; i < TRIES; i++) {
        g_clear_pointer(&late, g_free);
        if (all_in_time(trial, &late))
            return;
    }
    g_error("%s, %zu bytes from the server, %zu from the client, drip %u: %s", trial->mode->path,
            trial->from_server, trial->from_client, trial->drip_ms, late);
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* How many bytes pass in a conversation that nothing disturbs. */
static struct trial measure(const struct mode *mode)
{
    struct trial trial = {mode, STALL_NEVER, STALL_NEVER, 0};
    struct way way = {0};

    way_open(&way, &trial);
    set_deadlines(&way, WELL_MS, WELL_MS, WELL_MS);
    {
        auto_ptr(directory) directory = directory_on(&way);
        for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
            g_autoptr(GError) error = NULL;
            steps[i](directory, &error);
            g_assert_no_error(error);
        }
        trial.from_server = stall_from_server(way.stall);
        trial.from_client = stall_from_client(way.stall);
    }
    way_close(&way);
    return trial;
}

static void push(GPtrArray *work, struct trial trial)
{
    trial.drip_ms = 0;
    g_ptr_array_add(work, g_memdup2(&trial, sizeof trial));
    trial.drip_ms = DRIP_MS;
    g_ptr_array_add(work, g_memdup2(&trial, sizeof trial));
}

static bool is_long(void)
{
    return g_strcmp0(g_getenv("APPSMTP_TEST_LONG"), "yes") == 0;
}

/* The bytes to try: all, or the first two, the last and some between. */
static size_t step_of(size_t length)
{
    return is_long() ? 1 : MAX(length / SAMPLES, 1);
}

static void push_all(GPtrArray *work, const struct mode *mode, const struct trial *whole)
{
    size_t server = step_of(whole->from_server), client = step_of(whole->from_client);

    for (size_t n = 0; n < whole->from_server; n += server)
        push(work, (struct trial){mode, n, STALL_NEVER, 0});
    for (size_t n = 0; n < whole->from_client; n += client)
        push(work, (struct trial){mode, STALL_NEVER, n, 0});
    push(work, (struct trial){mode, 1, STALL_NEVER, 0});
    push(work, (struct trial){mode, whole->from_server - 1, STALL_NEVER, 0});
    push(work, (struct trial){mode, STALL_NEVER, whole->from_client - 1, 0});
}

static void test_mode(const void *data)
{
    const struct mode *mode = data;
    struct trial whole = measure(mode);
    g_autoptr(GPtrArray) work = g_ptr_array_new_with_free_func(g_free);

    g_test_message("%s: %zu bytes from the server, %zu from the client", mode->path,
                   whole.from_server, whole.from_client);
    push_all(work, mode, &whole);
    crew_do(work, is_long() ? SIDE_BY_SIDE_LONG : SIDE_BY_SIDE, try_one, NULL);
}

/* ---- the server's name ---------------------------------------------------------------------- */

#define SLOW_NAME "slow.example.edu"

static GMutex names_lock;
static GCond names_wake;
static bool names_answer;

void __real_g_resolver_lookup_by_name_async(GResolver *resolver, const char *name,
                                            GCancellable *cancellable, GAsyncReadyCallback ready,
                                            gpointer data);
void __wrap_g_resolver_lookup_by_name_async(GResolver *resolver, const char *name,
                                            GCancellable *cancellable, GAsyncReadyCallback ready,
                                            gpointer data);

static void wait_for_answer(GTask *task, gpointer resolver, gpointer data, GCancellable *cancellable)
{
    (void)resolver;
    (void)data;
    (void)cancellable;
    g_mutex_lock(&names_lock);
    while (!names_answer)
        g_cond_wait(&names_wake, &names_lock);
    g_mutex_unlock(&names_lock);
    g_task_return_new_error(task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE, "late");
}

/* A resolver that does not answer before the test is over. */
void __wrap_g_resolver_lookup_by_name_async(GResolver *resolver, const char *name,
                                            GCancellable *cancellable, GAsyncReadyCallback ready,
                                            gpointer data)
{
    g_autoptr(GTask) task = NULL;

    if (strcmp(name, SLOW_NAME) != 0) {
        __real_g_resolver_lookup_by_name_async(resolver, name, cancellable, ready, data);
        return;
    }
    task = g_task_new(resolver, cancellable, ready, data);
    g_task_set_return_on_cancel(task, TRUE);
    g_task_run_in_thread(task, wait_for_answer);
}

static void answer_names(void)
{
    g_mutex_lock(&names_lock);
    names_answer = true;
    g_cond_broadcast(&names_wake);
    g_mutex_unlock(&names_lock);
}

static void test_name(void)
{
    const char *const uris[] = {"ldaps://" SLOW_NAME, NULL};
    struct sample sample = {.uris = uris};
    g_autofree char *late = NULL;
    struct way way = {.config = sample_config(slapd, &sample)};
    struct directory *directory;
    g_autoptr(GError) error = NULL;

    set_deadlines(&way, CONNECT_MS, OPERATION_MS, TOTAL_MS);
    directory = directory_on(&way);
    g_assert_true(step_in_time(directory, ask_role, &late));
    g_assert_false(ask_role(directory, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY);
    g_assert_nonnull(strstr(error->message, "could not look up the name \"" SLOW_NAME "\""));
    directory_free(directory);
    config_free(way.config);
}

/* The one after it is asked. */
static void test_next_name(void)
{
    const char *const uris[] = {"ldaps://" SLOW_NAME, slapd->ldaps, NULL};
    struct sample sample = {.uris = uris};
    struct way way = {.config = sample_config(slapd, &sample)};
    struct directory *directory;
    g_autoptr(GError) error = NULL;

    set_deadlines(&way, WELL_MS / 4, WELL_MS, 4 * WELL_MS);
    directory = directory_on(&way);
    ask_role(directory, &error);
    g_assert_no_error(error);
    directory_free(directory);
    config_free(way.config);
}

int main(int argc, char **argv)
{
    int failed;

    signal(SIGPIPE, SIG_IGN);
    g_test_init(&argc, &argv, NULL);
    /* directory_new() would set it while other threads read the environment. */
    g_setenv("LDAPNOINIT", "1", TRUE);
    if (g_strcmp0(g_getenv("APPSMTP_TEST_SLOW"), "yes") == 0)
        slowness = 10;
    slapd = slapd_new("20", "20", "");
    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++)
        g_test_add_data_func(modes[i].path, &modes[i], test_mode);
    g_test_add_func("/stall/next-name", test_next_name);
    g_test_add_func("/stall/name", test_name);
    failed = g_test_run();
    answer_names();
    slapd_free(slapd);
    return failed;
}
