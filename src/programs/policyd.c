/* SPDX-License-Identifier: MIT
 *
 * appsmtp-policyd: tells Postfix, message by message, whether this sender may
 * send from this source. Needs the exported generation and nothing else.
 */
#include "base/error.h"
#include "service/relay/listen.h"
#include "service/relay/policy-server.h"

#include <config.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>

struct options {
    char *snapshot;
    char *socket;
    gboolean version;
};

static void say(const char *text)
{
    g_printerr("appsmtp-policyd: %s\n", text);
}

static int give_up(const GError *error)
{
    say(error->message);
    return error->domain == G_OPTION_ERROR ? EX_USAGE : appsmtp_error_exit_status(error);
}

static bool read_options(int *argc, char ***argv, struct options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"snapshot", 0, 0, G_OPTION_ARG_FILENAME, &options->snapshot,
         "Output folder of appsmtp-export; its \"current\" is read", "DIR"},
        {"socket", 0, 0, G_OPTION_ARG_STRING, &options->socket, "Where Postfix connects to",
         "PATH|HOST:PORT"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Show the version", NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("");

    g_option_context_set_summary(context, "Policy delegation server for Postfix");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error))
        return false;
    if (options->version || (*argc == 1 && options->snapshot && options->socket))
        return true;
    g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE,
                        "usage: appsmtp-policyd --snapshot DIR --socket PATH|HOST:PORT");
    return false;
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
    server = policy_server_new(options->snapshot, listener, say);
    g_main_loop_run(loop);
}

/* Another daemon may stand at that path by now: only our own socket is removed. */
static void remove_socket(const char *path, const struct stat *ours)
{
    struct stat now;

    if (lstat(path, &now) == 0 && now.st_dev == ours->st_dev && now.st_ino == ours->st_ino)
        unlink(path);
}

static int run(const struct options *options, GError **error)
{
    struct stat ours = {.st_ino = 0};
    int listener = listen_at(options->socket, error);
    bool is_path = listen_is_path(options->socket);

    if (listener < 0)
        return give_up(*error);
    if (is_path && lstat(options->socket, &ours) != 0)
        is_path = false;
    serve(options, listener);
    if (is_path)
        remove_socket(options->socket, &ours);
    return EX_OK;
}

int main(int argc, char **argv)
{
    struct options options = {NULL};
    g_autoptr(GError) error = NULL;
    int status;

    signal(SIGPIPE, SIG_IGN);
    raise_descriptors();
    if (!read_options(&argc, &argv, &options, &error))
        status = give_up(error);
    else if (options.version) {
        g_print("appsmtp-policyd %s\n", PACKAGE_VERSION);
        status = EX_OK;
    } else
        status = run(&options, &error);
    g_free(options.snapshot);
    g_free(options.socket);
    return status;
}
