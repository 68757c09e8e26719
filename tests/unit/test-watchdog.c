/* SPDX-License-Identifier: MIT
 *
 * The last resort: a process that is stuck ends itself, one that is not does not.
 */
#include "base/watchdog.h"

#include <glib.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

/* Longer than any machine takes for a few milliseconds; the test's own end if nothing works. */
#define FOR_EVER_MS 60000

static void stuck_in_read(void)
{
    int ends[2];
    char byte;

    g_assert_cmpint(pipe(ends), ==, 0);
    watchdog_start(20, "first words");
    watchdog_start(50, "the request that hangs");
    while (read(ends[0], &byte, 1) != 0)
        ;
}

static void stuck_in_loop(void)
{
    static volatile bool turning = true;

    watchdog_start(50, "the request that hangs");
    while (turning)
        ;
}

static void in_time(void)
{
    watchdog_start(50, "too early");
    watchdog_stop();
    /* Nothing comes, and the timer would end the process long before. */
    poll(NULL, 0, 200);
    g_print("done\n");
}

static void run_again(const char *path)
{
    g_test_trap_subprocess(path, FOR_EVER_MS * G_GUINT64_CONSTANT(1000), 0);
}

static void check_ended(const char *path)
{
    run_again(path);
    g_assert_false(g_test_trap_reached_timeout());
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("the request that hangs\n");
}

static void test_read(void)
{
    check_ended("/watchdog/read/subprocess");
}

static void test_loop(void)
{
    check_ended("/watchdog/loop/subprocess");
}

static void test_in_time(void)
{
    run_again("/watchdog/in-time/subprocess");
    g_test_trap_assert_passed();
    g_test_trap_assert_stdout("*done*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/watchdog/read", test_read);
    g_test_add_func("/watchdog/read/subprocess", stuck_in_read);
    g_test_add_func("/watchdog/loop", test_loop);
    g_test_add_func("/watchdog/loop/subprocess", stuck_in_loop);
    g_test_add_func("/watchdog/in-time", test_in_time);
    g_test_add_func("/watchdog/in-time/subprocess", in_time);
    return g_test_run();
}
