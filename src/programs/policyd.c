/* SPDX-License-Identifier: MIT
 *
 * appsmtp-policyd: tells Postfix, message by message, whether this sender may
 * send from this source. Needs the exported generation and nothing else.
 */
#include "adapters/config/config.h"
#include "base/error.h"
#include "programs/program.h"
#include "service/relay/listen.h"
#include "service/relay/policy-server.h"

#include <glib-unix.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>

struct options {
    char *config, *snapshot, *socket;
};

static bool read_options(int *argc, char ***argv, struct options *options, int *status)
{
    const GOptionEntry entries[] = {
        {"snapshot", 0, 0, G_OPTION_ARG_FILENAME, &options->snapshot,
         "Output folder of appsmtp-export, whose \"current\" is read (default: as configured)",
         "DIR"},
        {"socket", 0, 0, G_OPTION_ARG_STRING, &options->socket, "Where Postfix connects to",
         "PATH|HOST:PORT"},
        {NULL},
    };
    const struct program program = {"appsmtp-policyd", "", "Policy delegation server for Postfix",
                                    NULL, entries};

    if (!program_read(&program, argc, argv, &options->config, status))
        return false;
    if (*argc == 1 && options->socket)
        return true;
    program_say("usage: appsmtp-policyd [--snapshot DIR] --socket PATH|HOST:PORT");
    *status = EX_USAGE;
    return false;
}

/* Only what the command line does not say is looked up in the configuration. */
static bool complete(struct options *options, GError **error)
{
    auto_ptr(config) config = NULL;

    if (options->snapshot)
        return true;
    config = config_read(config_file(options->config), error);
    if (config)
        options->snapshot = g_strdup(config->relay.output);
    return config != NULL;
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

static void serve(const struct options *options, int listener)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    auto_ptr(policy_server) server = NULL;

    g_unix_signal_add(SIGTERM, on_signal, loop);
    g_unix_signal_add(SIGINT, on_signal, loop);
    server = policy_server_new(options->snapshot, listener, program_say);
    g_main_loop_run(loop);
}

/* Another daemon may stand at that path by now: only our own socket is removed. */
static void remove_socket(const char *path, const struct stat *ours)
{
    struct stat now;

    if (lstat(path, &now) == 0 && now.st_dev == ours->st_dev && now.st_ino == ours->st_ino)
        unlink(path);
}

static bool run(struct options *options, GError **error)
{
    struct stat ours = {.st_ino = 0};
    int listener = complete(options, error) ? listen_at(options->socket, error) : -1;
    bool is_path = listen_is_path(options->socket);

    if (listener < 0)
        return false;
    if (is_path && lstat(options->socket, &ours) != 0)
        is_path = false;
    serve(options, listener);
    if (is_path)
        remove_socket(options->socket, &ours);
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {NULL};
    g_autoptr(GError) error = NULL;
    int status;

    signal(SIGPIPE, SIG_IGN);
    raise_descriptors();
    if (read_options(&argc, &argv, &options, &status) && !run(&options, &error))
        status = program_fail(error);
    g_free(options.config);
    g_free(options.snapshot);
    g_free(options.socket);
    return status;
}
