/* SPDX-License-Identifier: MIT
 *
 * appsmtp-policyd: tells Postfix, message by message, whether this sender may
 * send from this source. Needs the exported generation and nothing else.
 */
#include "adapters/config/config.h"
#include "base/error.h"
#include "programs/program.h"
#include "service/relay/listen.h"
#include "service/relay/policy-request.h"
#include "service/relay/policy-server.h"

#include <glib-unix.h>
#include <signal.h>
#include <sys/resource.h>
#include <sysexits.h>

struct options {
    char *config, *snapshot, *socket, *metrics, *uses;
    gboolean test;
};

static bool read_options(int *argc, char ***argv, struct options *options, int *status)
{
    const GOptionEntry entries[] = {
        {"snapshot", 0, 0, G_OPTION_ARG_FILENAME, &options->snapshot,
         "Output folder of appsmtp-export, whose \"current\" is read (default: as configured)",
         "DIR"},
        {"socket", 0, 0, G_OPTION_ARG_STRING, &options->socket, "Where Postfix connects to",
         "PATH|HOST:PORT"},
        {"metrics", 0, 0, G_OPTION_ARG_FILENAME, &options->metrics,
         "Tell Prometheus what was answered", "FILE"},
        {"uses", 0, 0, G_OPTION_ARG_FILENAME, &options->uses,
         "Where the export finds which sources were used (default: uses in DIR)", "DIR"},
        {"test", 0, 0, G_OPTION_ARG_NONE, &options->test,
         "Only answer one request, given as words: sender=ADDRESS client_address=IP ...", NULL},
        {0},
    };
    const struct program program = {"appsmtp-policyd", "[NAME=VALUE...]", "Policy delegation server for Postfix",
                                    NULL, entries};

    if (!program_read(&program, argc, argv, &options->config, status))
        return false;
    if (options->test ? *argc > 1 && !options->socket : *argc == 1 && options->socket)
        return true;
    program_say("usage: appsmtp-policyd [--snapshot DIR] --socket PATH|HOST:PORT, or --test "
                "sender=ADDRESS client_address=IP ...");
    *status = EX_USAGE;
    return false;
}

/* Only what the command line does not say is looked up in the configuration. */
static bool complete(struct options *options, GError **error)
{
    auto_ptr(config) config = NULL;

    if (!options->snapshot) {
        config = config_read(config_file(options->config), error);
        if (!config)
            return false;
        options->snapshot = g_strdup(config->relay.output);
    }
    if (!options->uses)
        options->uses = config ? g_strdup(config->relay.uses)
                               : g_build_filename(options->snapshot, "uses", NULL);
    return true;
}

/* One descriptor a connection: as many as the system lets us have. */
static void raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static gboolean on_signal(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_CONTINUE;
}

/* What the loop turns around, and why it ended. */
struct service {
    GMainLoop *loop;
    struct listen_place place;
    GError *lost; /* or NULL */
};

/* Nobody comes to a socket whose path is gone: whoever minds the daemon has to start it anew. */
static gboolean on_look_after_socket(gpointer data)
{
    struct service *service = data;

    if (listen_holds(&service->place, &service->lost))
        return G_SOURCE_CONTINUE;
    g_main_loop_quit(service->loop);
    return G_SOURCE_REMOVE;
}

static bool serve(const struct options *options, int listener, struct service *service, GError **error)
{
    auto_ptr(policy_server) server = policy_server_new(
        options->snapshot, listener, &service->place, options->metrics, options->uses, program_say);

    g_timeout_add_seconds(1, on_look_after_socket, service);
    g_main_loop_run(service->loop);
    if (!service->lost)
        return true;
    g_propagate_error(error, g_steal_pointer(&service->lost));
    return false;
}

/* Who can connect can also end it well: the signals are minded before the socket is there. */
static bool run(struct options *options, GError **error)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    struct service service = {.loop = loop};
    int listener;
    bool good;

    program_date_lines();
    g_unix_signal_add(SIGTERM, on_signal, loop);
    g_unix_signal_add(SIGINT, on_signal, loop);
    listener = complete(options, error) ? listen_at(options->socket, &service.place, error) : -1;
    good = listener >= 0 && serve(options, listener, &service, error);
    listen_place_clear(&service.place);
    return good;
}

/* ---- one request ---- */

/* As Postfix would ask at RCPT, with what the words say in addition. Caller frees. */
static char *request_of(char **words)
{
    GString *request = g_string_new("request=smtpd_access_policy\n");
    bool has_state = false;

    for (char **word = words; *word; word++) {
        has_state = has_state || g_str_has_prefix(*word, "protocol_state=");
        g_string_append_printf(request, "%s\n", *word);
    }
    if (!has_state)
        g_string_append(request, "protocol_state=RCPT\n");
    g_string_append_c(request, '\n');
    return g_string_free(request, FALSE);
}

/* Prints the answer; the exit status is 0 accepted, 1 refused, 69 put off. */
static bool run_test(struct options *options, char **words, int *status, GError **error)
{
    g_autofree char *request = request_of(words), *answer = NULL;
    auto_ptr(snapshot) snapshot = complete(options, error) ? snapshot_open(options->snapshot, error)
                                                           : NULL;
    auto_ptr(rates) rates = rates_new();
    auto_ptr(policy_counts) counts = policy_counts_new();
    auto_ptr(uses) uses = uses_new();
    auto_ptr(awaited) awaited = snapshot ? awaited_new(options->snapshot) : NULL;
    g_autoptr(GError) unread = NULL;
    const struct policy_desk desk = {snapshot, rates, counts, uses, g_get_monotonic_time(), awaited};

    if (!snapshot)
        return false;
    if (!awaited_look(awaited, &unread))
        program_say(unread->message);
    answer = policy_answer(request, strlen(request), &desk);
    g_print("%s\n", g_strchomp(answer));
    if (g_str_has_prefix(answer, "action=550"))
        *status = 1;
    else if (!g_str_has_prefix(answer, "action=OK") && !g_str_has_prefix(answer, "action=DUNNO"))
        *status = EX_UNAVAILABLE;
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    g_autoptr(GError) error = NULL;
    int status;

    signal(SIGPIPE, SIG_IGN);
    raise_descriptors();
    if (read_options(&argc, &argv, &options, &status) &&
        !(options.test ? run_test(&options, argv + 1, &status, &error) : run(&options, &error)))
        status = program_fail(error);
    g_free(options.config);
    g_free(options.snapshot);
    g_free(options.socket);
    g_free(options.metrics);
    g_free(options.uses);
    return status;
}
