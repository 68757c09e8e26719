/* SPDX-License-Identifier: MIT
 *
 * The date before a line of the log: in a file, and not in the journal.
 */
#include "base/dated.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define DATE "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2} "

/* Standard error is a file meanwhile. */
struct log {
    char *path;
    int real;
};

static void log_open(struct log *log, gconstpointer unused G_GNUC_UNUSED)
{
    int fd = g_file_open_tmp("dated-XXXXXX", &log->path, NULL);

    log->real = dup(STDERR_FILENO);
    g_assert_cmpint(dup2(fd, STDERR_FILENO), ==, STDERR_FILENO);
    close(fd);
    g_unsetenv("JOURNAL_STREAM");
}

static void log_close(struct log *log, gconstpointer unused G_GNUC_UNUSED)
{
    dup2(log->real, STDERR_FILENO);
    close(log->real);
    g_unlink(log->path);
    g_free(log->path);
    g_unsetenv("JOURNAL_STREAM");
}

static void be_journal(guint64 more)
{
    struct stat found;
    g_autofree char *stream = NULL;

    g_assert_cmpint(fstat(STDERR_FILENO, &found), ==, 0);
    stream = g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64)found.st_dev,
                             (guint64)found.st_ino + more);
    g_setenv("JOURNAL_STREAM", stream, TRUE);
}

static void test_file(struct log *log G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *date = log_date(), *other = NULL;

    g_assert_true(g_regex_match_simple("^" DATE "$", date, 0, 0));
    /* That of a program whose standard error was put elsewhere. */
    be_journal(1);
    g_assert_false(log_is_journal());
    other = log_date();
    g_assert_true(g_regex_match_simple("^" DATE "$", other, 0, 0));
}

static void test_journal(struct log *log G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *date = NULL;

    be_journal(0);
    g_assert_true(log_is_journal());
    date = log_date();
    g_assert_cmpstr(date, ==, "");
}

/* GLib's own line behind the date: it escapes control characters. */
static void test_line(struct log *log, gconstpointer unused G_GNUC_UNUSED)
{
    const GLogField fields[] = {{"MESSAGE", "sign-in of \x1b[31mow1", -1}, {"PRIORITY", "5", -1}};
    g_autofree char *text = NULL;

    g_assert_cmpint(log_write(G_LOG_LEVEL_MESSAGE, fields, G_N_ELEMENTS(fields), NULL), ==,
                    G_LOG_WRITER_HANDLED);
    g_assert_cmpint(log_write(G_LOG_LEVEL_DEBUG, fields, G_N_ELEMENTS(fields), NULL), ==,
                    G_LOG_WRITER_HANDLED);
    g_assert_true(g_file_get_contents(log->path, &text, NULL, NULL));
    g_assert_true(g_regex_match_simple("^" DATE "[^\n]*sign-in of [^\n\x1b]*ow1\n$", text, 0, 0));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/dated/file", struct log, NULL, log_open, test_file, log_close);
    g_test_add("/dated/journal", struct log, NULL, log_open, test_journal, log_close);
    g_test_add("/dated/line", struct log, NULL, log_open, test_line, log_close);
    return g_test_run();
}
