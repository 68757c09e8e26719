/* SPDX-License-Identifier: MIT
 *
 * A timer, and what its signal does, which is only what a signal handler may do.
 */
#include "base/watchdog.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <signal.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

static timer_t the_timer;
static bool is_made;
static char last_words[1024];
static volatile size_t length;

static void end_process(int signal_number)
{
    (void)signal_number;
    /* Whether it could be written makes no difference any more. */
    if (write(STDERR_FILENO, last_words, length) < 0)
        _exit(EX_TEMPFAIL);
    _exit(EX_TEMPFAIL);
}

static void make_timer(void)
{
    const struct sigaction action = {.sa_handler = end_process};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGALRM);
    if (timer_create(CLOCK_MONOTONIC, &event, &the_timer) != 0 ||
        sigaction(SIGALRM, &action, NULL) != 0)
        g_error("could not make a timer: %s", g_strerror(errno));
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    is_made = true;
}

static void set_timer(unsigned milliseconds)
{
    const struct itimerspec spec = {
        .it_value = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L}};

    timer_settime(the_timer, 0, &spec, NULL);
}

void watchdog_start(unsigned milliseconds, const char *line)
{
    if (!is_made)
        make_timer();
    set_timer(0);
    g_strlcpy(last_words, line, sizeof last_words - 1);
    g_strlcat(last_words, "\n", sizeof last_words);
    length = strlen(last_words);
    set_timer(MAX(milliseconds, 1));
}

void watchdog_stop(void)
{
    if (is_made)
        set_timer(0);
}
