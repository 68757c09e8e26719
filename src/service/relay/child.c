/* SPDX-License-Identifier: MIT
 *
 * Starting, hearing out and, if need be, killing a program.
 */
#include "service/relay/child.h"

#include "base/cleanup.h"
#include "base/deadline.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* How soon its end is seen when it does not say so by closing its output. */
#define LOOK_MS 20

struct child {
    const struct child_job *job;
    GPid pid;
    int output;    /* or -1 once it is closed */
    GString *said; /* a part of a line where lines are told */
    int status;    /* as waitpid() has it */
};

static void lead_group(gpointer data G_GNUC_UNUSED)
{
    setpgid(0, 0);
}

/* Async-signal-safe work only is between fork and exec: GLib's, and setpgid(). */
static bool start(struct child *child, GError **error)
{
    const struct child_job *job = child->job;
    auto_fd input = open(job->input ? job->input : "/dev/null", O_RDONLY | O_CLOEXEC);
    auto_fd nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int ends[2];
    bool good;

    if (input < 0 || nowhere < 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "could not open its input: %s",
                    g_strerror(errno));
        return false;
    }
    if (!g_unix_open_pipe(ends, FD_CLOEXEC, error))
        return false;
    good = g_spawn_async_with_pipes_and_fds(
        NULL, job->words, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH, lead_group, NULL,
        input, job->output == CHILD_STDERR ? nowhere : ends[1],
        job->output == CHILD_STDOUT ? nowhere : ends[1], NULL, NULL, 0, &child->pid, NULL, NULL,
        NULL, error);
    close(ends[1]);
    child->output = ends[0];
    return good && g_unix_set_fd_nonblocking(ends[0], TRUE, error);
}

/* ---- what it says ---- */

static void tell_lines(struct child *child)
{
    char *line = child->said->str;

    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        child->job->each(line, child->job->data);
    }
    g_string_erase(child->said, 0, line - child->said->str);
}

static void take(struct child *child, const char *bytes, gsize count)
{
    gsize room = LIMIT_CHILD_OUTPUT - child->said->len;

    g_string_append_len(child->said, bytes, (gssize)MIN(count, room));
    if (child->job->each)
        tell_lines(child);
}

/* What is there by now. */
static void listen_to(struct child *child)
{
    char bytes[16384];
    ssize_t got = -1;

    while (child->output >= 0 && (got = read(child->output, bytes, sizeof bytes)) > 0)
        take(child, bytes, (gsize)got);
    if (child->output >= 0 && (got == 0 || (errno != EAGAIN && errno != EINTR))) {
        close(child->output);
        child->output = -1;
    }
}

/* ---- its end ---- */

static void wait_a_little(const struct child *child, struct deadline deadline)
{
    struct deadline look = deadline_sooner(deadline, LOOK_MS);

    if (child->output >= 0)
        deadline_poll(look, child->output, POLLIN);
    else
        g_usleep((gulong)deadline_left(look) * 1000);
}

/* False when it had to be killed. */
static bool hear_out(struct child *child)
{
    struct deadline deadline = deadline_in(child->job->seconds * 1000);

    while (waitpid(child->pid, &child->status, WNOHANG) != child->pid) {
        if (deadline_left(deadline) == 0) {
            kill(-child->pid, SIGKILL);
            waitpid(child->pid, &child->status, 0);
            return false;
        }
        wait_a_little(child, deadline);
        listen_to(child);
    }
    listen_to(child);
    return true;
}

/* One line of all that it said; NULL when that is nothing. Caller frees. */
static char *words_of(const struct child *child)
{
    char *words = g_utf8_make_valid(child->said->str, -1);

    g_strstrip(g_strdelimit(words, "\r\n\t", ' '));
    if (!*words)
        g_clear_pointer(&words, g_free);
    return words;
}

static char *reason_of(const struct child *child, bool ended)
{
    const char *name = child->job->words[0];
    char *words = NULL;

    if (!ended)
        return g_strdup_printf("%s did not end within %u s and was killed", name,
                               child->job->seconds);
    if (WIFEXITED(child->status) &&
        (WEXITSTATUS(child->status) == 0 || WEXITSTATUS(child->status) == child->job->accepted))
        return NULL;
    if (!child->job->each)
        words = words_of(child);
    if (words)
        return words;
    return WIFSIGNALED(child->status)
               ? g_strdup_printf("%s was killed by signal %d", name, WTERMSIG(child->status))
               : g_strdup_printf("%s ended with status %d", name, WEXITSTATUS(child->status));
}

char *child_run(const struct child_job *job, char **said)
{
    g_autoptr(GString) text = g_string_new(NULL);
    struct child child = {.job = job, .output = -1, .said = text};
    g_autoptr(GError) error = NULL;
    char *reason;

    if (said)
        *said = NULL;
    if (!start(&child, &error)) {
        if (child.output >= 0)
            close(child.output);
        return g_strdup_printf("%s cannot be run: %s", job->words[0], error->message);
    }
    reason = reason_of(&child, hear_out(&child));
    if (child.output >= 0)
        close(child.output);
    g_spawn_close_pid(child.pid);
    if (said)
        *said = g_string_free(g_steal_pointer(&text), FALSE);
    return reason;
}
