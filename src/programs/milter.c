/* SPDX-License-Identifier: MIT
 *
 * appsmtp-milter: has a mail server refuse a message whose From: or Sender: is not an
 * address of its source. Needs the exported generation and nothing else.
 */
#include "adapters/config/config.h"
#include "adapters/mail/mail.h"
#include "adapters/milter/milter.h"
#include "programs/program.h"
#include "service/relay/listen.h"
#include "service/relay/milter-session.h"
#include "service/relay/policy-tell.h"

#include <signal.h>
#include <sysexits.h>

struct options {
    char *config, *snapshot, *socket, *policy;
};

/* Threads of the library may outlive its work, so these stay until the program is gone. */
static struct live *live;
static struct listen_place place;
static struct policy_tell *tell; /* or NULL */
static gint untold;              /* that the policy daemon could not be told was said */
static GError *lost;             /* that of the socket; or NULL */

static bool read_options(int *argc, char ***argv, struct options *options, int *status)
{
    const GOptionEntry entries[] = {
        {"snapshot", 0, 0, G_OPTION_ARG_FILENAME, &options->snapshot,
         "Output folder of appsmtp-export, whose \"current\" is read (default: as configured)",
         "DIR"},
        {"socket", 0, 0, G_OPTION_ARG_STRING, &options->socket, "Where the mail server connects to",
         "PATH|HOST:PORT"},
        {"policy", 0, 0, G_OPTION_ARG_STRING, &options->policy,
         "Where appsmtp-policyd listens: what is refused here does not count there",
         "PATH|ADDRESS:PORT"},
        {0},
    };
    const struct program program = {"appsmtp-milter", "", "Milter that checks the From: and Sender: headers",
                                    NULL, entries};

    if (!program_read(&program, argc, argv, &options->config, status))
        return false;
    if (*argc == 1 && options->socket)
        return true;
    program_say("usage: appsmtp-milter [--snapshot DIR] --socket PATH|HOST:PORT "
                "[--policy PATH|ADDRESS:PORT]");
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

static void *on_connected(const char *client)
{
    return milter_session_new(live, client);
}

static void on_began(void *session, const char *sender)
{
    milter_session_begin(session, sender);
}

static void on_header(void *session, const char *name, const char *value)
{
    milter_session_header(session, name, value);
}

static struct decision *on_ended(void *session)
{
    return milter_session_verdict(session);
}

/* A message too many is counted then: said once, until it works again. */
static void on_refused(void *session G_GNUC_UNUSED, const char *queue_id)
{
    g_autoptr(GError) error = NULL;

    if (!tell || !*queue_id)
        return;
    if (policy_tell_refused(tell, queue_id, &error))
        g_atomic_int_set(&untold, 0);
    else if (g_atomic_int_compare_and_exchange(&untold, 0, 1))
        program_say(error->message);
}

static void on_closed(void *session)
{
    milter_session_free(session);
}

/* The library waits for these in a thread of its own; every thread that we start leaves them to it. */
static void block_signals(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

/* Nobody comes to a socket whose path is gone: whoever minds the milter has to start it anew. */
static gpointer look_after_socket(gpointer none)
{
    GError *error = NULL;

    while (listen_holds(&place, &error))
        g_usleep(G_USEC_PER_SEC);
    g_atomic_pointer_set(&lost, error);
    milter_stop();
    return none;
}

static bool serve(const char *where, GError **error)
{
    static const struct milter_filter filter = {on_connected, on_began, on_header, on_ended,
                                                on_refused, on_closed};

    if (!listen_prepare(where, &place, error) ||
        !milter_listen(place.draft ? place.draft : where, place.draft, &filter, error) ||
        !listen_settle(&place, error))
        return false;
    g_thread_unref(g_thread_new("socket", look_after_socket, NULL));
    if (!milter_serve(where, error))
        return false;
    /* One that was told to end may find its successor's socket there already. */
    if (!g_atomic_pointer_get(&lost))
        return true;
    g_propagate_error(error, g_error_copy(g_atomic_pointer_get(&lost)));
    return false;
}

static bool run(struct options *options, GError **error)
{
    if (!complete(options, error))
        return false;
    tell = options->policy ? policy_tell_new(options->policy, error) : NULL;
    if (options->policy && !tell)
        return false;
    program_date_lines();
    mail_init();
    block_signals();
    live = live_new(options->snapshot, program_say);
    return serve(options->socket, error);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    g_autoptr(GError) error = NULL;
    int status;

    signal(SIGPIPE, SIG_IGN);
    if (read_options(&argc, &argv, &options, &status) && !run(&options, &error))
        status = program_fail(error);
    g_free(options.config);
    g_free(options.snapshot);
    g_free(options.socket);
    g_free(options.policy);
    return status;
}
