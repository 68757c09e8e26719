/* SPDX-License-Identifier: MIT
 *
 * Connections and generations. A connection that does not take its answers is
 * not read from meanwhile, so each needs bounded memory.
 */
#include "service/relay/policy-server.h"

#include "adapters/snapshot/snapshot.h"
#include "base/file.h"
#include "base/limits.h"
#include "service/relay/policy-request.h"
#include "service/relay/rates-file.h"
#include "service/relay/rates-report.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define LOOK_MS 500
#define TELL_SECONDS 15

struct policy_server {
    char *folder;
    policy_say *say;
    int listener;
    const struct listen_place *place;
    guint accepting; /* event sources; 0 is none */
    guint looking;
    guint reading;
    GHashTable *connections; /* set of struct connection */
    struct snapshot *snapshot;
    struct snapshot_loading *loading;
    struct stat tried; /* the file that was read last, well or badly */
    struct awaited *awaited;
    struct rates *rates;
    struct rates_report *rates_report;
    guint64 saved; /* rates_changes() of the file */
    struct policy_counts *counts;
    char *metrics; /* or NULL */
    struct uses *uses;
    char *uses_folder;
    guint telling;
    bool unmeasured, unnoted, unsaved; /* that the files could not be written was said */
};

struct connection {
    struct policy_server *server;
    int fd;
    guint watch;
    GIOCondition condition;
    GString *in, *out;
    bool ended; /* the client sends no more */
};

/* ---- generations ---- */

static void take_generation(struct policy_server *server, struct snapshot *snapshot)
{
    g_autofree char *text = g_strdup_printf(
        "generation %" G_GUINT64_FORMAT ": %" G_GSIZE_FORMAT " senders",
        snapshot_serial(snapshot), snapshot_count(snapshot));

    snapshot_close(server->snapshot);
    server->snapshot = snapshot;
    server->say(text);
}

static void stop_loading(struct policy_server *server)
{
    snapshot_loading_free(server->loading);
    server->loading = NULL;
}

static void report_bad(struct policy_server *server, const GError *error)
{
    g_autofree char *text = g_strdup_printf(
        "%s; %s", error->message,
        server->snapshot ? "the generation before stays" : "all mail is deferred until there is one");

    server->say(text);
}

/* One step; false when there is no further one. */
static bool load_step(struct policy_server *server)
{
    struct snapshot *ready = NULL;
    g_autoptr(GError) error = NULL;

    if (!snapshot_loading_step(server->loading, &ready, &error))
        report_bad(server, error);
    else if (!ready)
        return true;
    else
        take_generation(server, ready);
    stop_loading(server);
    return false;
}

static gboolean on_load_step(gpointer data)
{
    struct policy_server *server = data;

    if (load_step(server))
        return G_SOURCE_CONTINUE;
    server->reading = 0;
    return G_SOURCE_REMOVE;
}

static bool is_another(struct policy_server *server)
{
    g_autofree char *file = snapshot_file(server->folder);

    return file_changed(file, &server->tried);
}

/* Starts to read another generation; false when there is none or it cannot be opened. */
static bool start_loading(struct policy_server *server)
{
    g_autoptr(GError) error = NULL;

    if (!is_another(server))
        return false;
    stop_loading(server);
    server->loading = snapshot_loading_new(server->folder, &error);
    if (!server->loading)
        report_bad(server, error);
    return server->loading != NULL;
}

static void look_at_awaited(struct policy_server *server)
{
    g_autoptr(GError) error = NULL;

    if (!awaited_look(server->awaited, &error))
        server->say(error->message);
}

static void start_accepting(struct policy_server *server);

static gboolean on_look(gpointer data)
{
    struct policy_server *server = data;

    if (start_loading(server) && !server->reading)
        server->reading = g_idle_add(on_load_step, server);
    else if (!server->loading && server->reading) {
        g_source_remove(server->reading);
        server->reading = 0;
    }
    look_at_awaited(server);
    start_accepting(server);
    return G_SOURCE_CONTINUE;
}

/* ---- connections ---- */

static void connection_free(gpointer data)
{
    struct connection *connection = data;

    if (connection->watch)
        g_source_remove(connection->watch);
    close(connection->fd);
    g_string_free(connection->in, TRUE);
    g_string_free(connection->out, TRUE);
    g_free(connection);
}

/* Answers every whole request that has come; false when one is longer than any of Postfix's. */
static bool answer_requests(struct connection *connection)
{
    const struct policy_server *server = connection->server;
    const struct policy_desk desk = {server->snapshot, server->rates, server->counts, server->uses,
                                     g_get_monotonic_time(), server->awaited};
    const char *bytes = connection->in->str;
    size_t left = connection->in->len;
    size_t length;

    while ((length = policy_request_length(bytes, left)) > 0) {
        g_autofree char *answer = policy_answer(bytes, length, &desk);
        g_string_append(connection->out, answer);
        bytes += length;
        left -= length;
    }
    g_string_erase(connection->in, 0, bytes - connection->in->str);
    return connection->in->len <= LIMIT_POLICY_REQUEST;
}

static bool is_passing(int code)
{
    return code == EAGAIN || code == EINTR;
}

static bool receive(struct connection *connection)
{
    char bytes[LIMIT_POLICY_REQUEST];
    ssize_t got = recv(connection->fd, bytes, sizeof bytes, 0);

    if (got < 0)
        return is_passing(errno);
    connection->ended = got == 0;
    g_string_append_len(connection->in, bytes, got);
    return answer_requests(connection);
}

/* What the client does not take now stays in out; false when it takes nothing any more. */
static bool transmit(struct connection *connection)
{
    ssize_t put = 0;

    if (connection->out->len > 0)
        put = send(connection->fd, connection->out->str, connection->out->len, MSG_NOSIGNAL);
    if (put < 0)
        return is_passing(errno);
    g_string_erase(connection->out, 0, put);
    return !connection->ended || connection->out->len > 0;
}

static gboolean on_ready(gint fd, GIOCondition condition, gpointer data);

/* Waits to write while answers are left, else to read. True: the watch that there is stays. */
static bool watch(struct connection *connection)
{
    GIOCondition condition = connection->out->len > 0 ? G_IO_OUT : G_IO_IN;

    if (condition == connection->condition)
        return true;
    connection->condition = condition;
    connection->watch = g_unix_fd_add(connection->fd, condition, on_ready, connection);
    return false;
}

static gboolean on_ready(gint fd, GIOCondition condition, gpointer data)
{
    struct connection *connection = data;
    bool good = connection->condition == G_IO_OUT || receive(connection);

    (void)fd;
    (void)condition;
    if (good && transmit(connection))
        return watch(connection);
    connection->watch = 0; /* removed by what is returned */
    g_hash_table_remove(connection->server->connections, connection);
    return G_SOURCE_REMOVE;
}

static void connection_new(struct policy_server *server, int fd)
{
    struct connection *connection = g_new0(struct connection, 1);

    connection->server = server;
    connection->fd = fd;
    connection->in = g_string_new(NULL);
    connection->out = g_string_new(NULL);
    g_hash_table_add(server->connections, connection);
    watch(connection);
}

/* Out of descriptors, or too many: the queue waits until the next look. */
static gboolean on_accept(gint listener, GIOCondition condition, gpointer data)
{
    struct policy_server *server = data;
    bool full = g_hash_table_size(server->connections) >= LIMIT_POLICY_CONNECTIONS;
    int fd = full ? -1 : accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)condition;
    if (fd >= 0)
        connection_new(server, fd);
    if (fd >= 0 || (!full && (is_passing(errno) || errno == ECONNABORTED)))
        return G_SOURCE_CONTINUE;
    server->accepting = 0;
    return G_SOURCE_REMOVE;
}

static void start_accepting(struct policy_server *server)
{
    if (!server->accepting)
        server->accepting = g_unix_fd_add(server->listener, G_IO_IN, on_accept, server);
}

/* ---- what others are told ---- */

static void write_metrics(struct policy_server *server)
{
    const struct snapshot *snapshot = server->snapshot;
    g_autoptr(GError) error = NULL;
    bool good = policy_counts_write(server->counts, server->metrics,
                                    snapshot ? snapshot_serial(snapshot) : 0,
                                    snapshot ? snapshot_written(snapshot) : 0, &error);

    if (!good && !server->unmeasured)
        server->say(error->message);
    server->unmeasured = !good;
}

static void write_uses(struct policy_server *server)
{
    g_autoptr(GError) error = NULL;
    bool good = uses_flush(server->uses, server->uses_folder, &error);

    if (!good && !server->unnoted)
        server->say(error->message);
    server->unnoted = !good;
}

static struct rates_time clocks(void)
{
    return (struct rates_time){g_get_monotonic_time(), g_get_real_time()};
}

static void load_rates(struct policy_server *server)
{
    const struct rates_time time = clocks();
    g_autoptr(GError) error = NULL;

    if (!rates_load(server->rates, server->uses_folder, &time, &error))
        server->say(error->message);
}

/* What did not change is as true as it was: the buckets of the file fill by themselves. */
static void save_rates(struct policy_server *server)
{
    const struct rates_time time = clocks();
    guint64 changes = rates_changes(server->rates);
    g_autoptr(GError) error = NULL;
    bool good = server->saved == changes ||
                rates_save(server->rates, server->uses_folder, &time, &error);

    if (good)
        server->saved = changes;
    else if (!server->unsaved)
        server->say(error->message);
    server->unsaved = !good;
}

static gboolean on_tell(gpointer data)
{
    struct policy_server *server = data;
    bool alone = listen_holds(server->place, NULL);

    rates_report_tell(server->rates_report, server->rates, server->uses, g_get_monotonic_time());
    write_uses(server);
    if (alone)
        save_rates(server);
    if (alone && server->metrics)
        write_metrics(server);
    return G_SOURCE_CONTINUE;
}

struct policy_server *policy_server_new(const char *folder, int listener,
                                        const struct listen_place *place, const char *metrics,
                                        const char *uses, policy_say *say)
{
    struct policy_server *server = g_new0(struct policy_server, 1);

    server->folder = g_strdup(folder);
    server->say = say;
    server->listener = listener;
    server->place = place;
    server->awaited = awaited_new(folder);
    server->rates = rates_new();
    server->rates_report = rates_report_new();
    server->counts = policy_counts_new();
    server->metrics = g_strdup(metrics);
    server->uses = uses_new();
    server->uses_folder = g_strdup(uses);
    load_rates(server);
    server->connections = g_hash_table_new_full(NULL, NULL, connection_free, NULL);
    if (start_loading(server))
        while (load_step(server))
            ;
    look_at_awaited(server);
    start_accepting(server);
    server->looking = g_timeout_add(LOOK_MS, on_look, server);
    on_tell(server);
    server->telling = g_timeout_add_seconds(TELL_SECONDS, on_tell, server);
    return server;
}

void policy_server_free(struct policy_server *server)
{
    if (!server)
        return;
    if (server->accepting)
        g_source_remove(server->accepting);
    if (server->reading)
        g_source_remove(server->reading);
    g_source_remove(server->looking);
    g_source_remove(server->telling);
    on_tell(server);
    g_hash_table_unref(server->connections);
    stop_loading(server);
    snapshot_close(server->snapshot);
    rates_report_free(server->rates_report);
    awaited_free(server->awaited);
    rates_free(server->rates);
    policy_counts_free(server->counts);
    uses_free(server->uses);
    g_free(server->uses_folder);
    g_free(server->metrics);
    close(server->listener);
    g_free(server->folder);
    g_free(server);
}
