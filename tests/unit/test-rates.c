/* SPDX-License-Identifier: MIT
 *
 * How much senders may send: buckets, what is put back, what outlives a restart, and
 * what is told of it.
 */
#include "base/error.h"
#include "base/limits.h"
#include "service/relay/rates-file.h"
#include "service/relay/rates-report.h"

#include <glib/gstdio.h>

#define SECOND ((gint64)G_USEC_PER_SEC)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define WALL ((gint64)1800000000 * SECOND)

static unsigned take(struct rates *rates, const char *sender, unsigned per_hour,
                     unsigned recipients, gint64 now)
{
    const struct rates_take one = {sender, "10.1.2.3", {per_hour, false}, recipients, NULL};

    return rates_take(rates, &one, now);
}

static unsigned take_from(struct rates *rates, const char *client, unsigned recipients, gint64 now)
{
    const struct rates_take one = {"scan@b.c", client, {200, true}, recipients, ""};

    return rates_take(rates, &one, now);
}

static unsigned take_named(struct rates *rates, const char *queue_id, unsigned recipients, gint64 now)
{
    const struct rates_take one = {"a@b.c", "10.1.2.3", {60, false}, recipients, queue_id};

    return rates_take(rates, &one, now);
}

static void test_taking(void)
{
    auto_ptr(rates) rates = rates_new();

    g_assert_cmpuint(take(rates, "a@b.c", 0, 1000, 0), ==, 0);
    g_assert_cmpuint(take(rates, "a@b.c", 60, 59, 0), ==, 0);
    g_assert_cmpuint(take(rates, "a@b.c", 60, 2, 0), ==, 61);
    g_assert_cmpuint(take(rates, "b@b.c", 60, 2, 0), ==, 0);
    g_assert_cmpuint(take(rates, "a@b.c", 60, 1, 0), ==, 0);
    g_assert_cmpuint(take(rates, "a@b.c", 60, 1, 59 * SECOND), >, 0);
    g_assert_cmpuint(take(rates, "a@b.c", 60, 1, 60 * SECOND), ==, 0);
}

/* As many as a bucket holds pass when they are there; more never do, and take nothing. */
static void test_large_messages(void)
{
    auto_ptr(rates) rates = rates_new();

    g_assert_cmpuint(take(rates, "a@b.c", 60, 61, 0), ==, G_MAXUINT);
    g_assert_cmpuint(take(rates, "a@b.c", 60, 60, 0), ==, 0);
    g_assert_cmpuint(take(rates, "a@b.c", 60, 61, HOUR), ==, G_MAXUINT);
    g_assert_cmpuint(take(rates, "a@b.c", 60, 20, HOUR), ==, 0);
    g_assert_cmpuint(take(rates, "a@b.c", 60, 40, HOUR), ==, 0);
}

/* An operator makes an exception for somebody who is stuck, and takes it back. */
static void test_another_rate(void)
{
    auto_ptr(rates) rates = rates_new();

    g_assert_cmpuint(take(rates, "a@b.c", 60, 60, 0), ==, 0);
    g_assert_cmpuint(take(rates, "a@b.c", 60, 1, 0), >, 0);
    g_assert_cmpuint(take(rates, "a@b.c", 1000, 940, 0), ==, 0);
    g_assert_cmpuint(take(rates, "a@b.c", 1000, 1, 0), >, 0);
    g_assert_cmpuint(take(rates, "a@b.c", 60, 60, HOUR), ==, 0);
    g_assert_cmpuint(take(rates, "a@b.c", 60, 1, HOUR), >, 0);
}

static void test_by_source(void)
{
    auto_ptr(rates) rates = rates_new();

    for (int i = 1; i <= 250; i++) {
        g_autofree char *client = g_strdup_printf("10.1.2.%d", i);
        g_assert_cmpuint(take_from(rates, client, 200, 0), ==, 0);
        g_assert_cmpuint(take_from(rates, client, 1, 0), >, 0);
    }
    g_assert_cmpuint(take_from(rates, "::ffff:10.1.2.250", 1, 0), >, 0);
    g_assert_cmpuint(take_from(rates, "2001:db8:c0:1::1", 150, 0), ==, 0);
    g_assert_cmpuint(take_from(rates, "2001:db8:c0:1:ffff::2", 51, 0), >, 0);
    g_assert_cmpuint(take_from(rates, "2001:db8:c0:2::1", 200, 0), ==, 0);
}

/* ---- putting back ---- */

static void test_put_back(void)
{
    auto_ptr(rates) rates = rates_new();

    g_assert_cmpuint(take_named(rates, "4Q1", 40, 0), ==, 0);
    g_assert_cmpuint(take_named(rates, "4Q2", 20, 0), ==, 0);
    g_assert_cmpuint(take_named(rates, "4Q3", 1, 0), >, 0);
    rates_put_back(rates, "4Q1", SECOND);
    rates_put_back(rates, "4Q1", SECOND);
    rates_put_back(rates, "unheard of", SECOND);
    g_assert_cmpuint(take_named(rates, "4Q3", 40, SECOND), ==, 0);
    g_assert_cmpuint(take_named(rates, "4Q4", 1, SECOND), >, 0);
}

/* DATA that something else put off, and then again. */
static void test_same_message(void)
{
    auto_ptr(rates) rates = rates_new();

    for (int i = 0; i < 5; i++)
        g_assert_cmpuint(take_named(rates, "4Q1", 40, 0), ==, 0);
    g_assert_cmpuint(take_named(rates, "4Q2", 20, 0), ==, 0);
    g_assert_cmpuint(take_named(rates, "4Q3", 1, 0), >, 0);
}

/* A bucket never holds more than its size, and what is long ago stays taken. */
static void test_put_back_late(void)
{
    auto_ptr(rates) rates = rates_new();

    g_assert_cmpuint(take_named(rates, "4Q1", 60, 0), ==, 0);
    rates_put_back(rates, "4Q1", 20 * MINUTE);
    g_assert_cmpuint(take_named(rates, "4Q2", 60, 20 * MINUTE), ==, 0);
    g_assert_cmpuint(take_named(rates, "4Q3", 1, 20 * MINUTE), >, 0);
    rates_put_back(rates, "4Q2", 51 * MINUTE);
    g_assert_cmpuint(take_named(rates, "4Q4", 32, 51 * MINUTE), >, 0);
}

static void test_put_back_bounded(void)
{
    auto_ptr(rates) rates = rates_new();

    g_assert_cmpuint(take_named(rates, "first", 60, 0), ==, 0);
    for (int i = 0; i < LIMIT_POLICY_TAKES; i++) {
        g_autofree char *queue_id = g_strdup_printf("%d", i);
        const struct rates_take one = {"other@b.c", "", {1000000, false}, 1, queue_id};
        g_assert_cmpuint(rates_take(rates, &one, 0), ==, 0);
    }
    rates_put_back(rates, "first", 0);
    g_assert_cmpuint(take_named(rates, "again", 1, 0), >, 0);
}

/* ---- over a restart ---- */

static char *folder, *file;

static void save(struct rates *rates, gint64 now, gint64 wall)
{
    const struct rates_time time = {now, wall};
    g_autoptr(GError) error = NULL;

    rates_save(rates, folder, &time, &error);
    g_assert_no_error(error);
}

/* Another machine's start: its clock begins anew. */
static struct rates *load(gint64 now, gint64 wall)
{
    const struct rates_time time = {now, wall};
    struct rates *rates = rates_new();
    g_autoptr(GError) error = NULL;

    rates_load(rates, folder, &time, &error);
    g_assert_no_error(error);
    return rates;
}

static void test_restart(void)
{
    auto_ptr(rates) rates = rates_new();
    auto_ptr(rates) later = NULL;

    g_assert_cmpuint(take(rates, "a@b.c", 60, 60, 5 * HOUR), ==, 0);
    g_assert_cmpuint(take(rates, "", 60, 60, 5 * HOUR), ==, 0);
    g_assert_cmpuint(take_from(rates, "10.1.2.3", 200, 5 * HOUR), ==, 0);
    save(rates, 5 * HOUR, WALL);
    later = load(SECOND, WALL + 20 * MINUTE);
    g_assert_cmpuint(take(later, "a@b.c", 60, 21, SECOND), >, 0);
    g_assert_cmpuint(take(later, "a@b.c", 60, 20, SECOND), ==, 0);
    g_assert_cmpuint(take(later, "", 60, 21, SECOND), >, 0);
    g_assert_cmpuint(take_from(later, "10.1.2.3", 67, SECOND), >, 0);
    g_assert_cmpuint(take_from(later, "10.1.2.3", 66, SECOND), ==, 0);
    g_assert_cmpuint(take_from(later, "10.1.2.4", 200, SECOND), ==, 0);
}

static void test_no_file(void)
{
    auto_ptr(rates) rates = load(0, WALL);
    const struct rates_time time = {0, WALL};
    g_autoptr(GError) error = NULL;

    g_assert_cmpuint(take(rates, "a@b.c", 60, 60, 0), ==, 0);
    g_assert_false(rates_save(rates, "/nonexistent", &time, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT);
}

/* What cannot be believed is told of, and nobody is held to it. */
static void expect_refused(gint64 wall, const char *reason)
{
    const struct rates_time time = {0, wall};
    auto_ptr(rates) rates = rates_new();
    g_autoptr(GError) error = NULL;

    g_assert_false(rates_load(rates, folder, &time, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, reason));
    g_assert_cmpuint(take(rates, "a@b.c", 60, 60, 0), ==, 0);
}

static void test_damaged(void)
{
    auto_ptr(rates) rates = rates_new();
    g_autofree char *text = NULL;
    gsize length;

    g_assert_cmpuint(take(rates, "a@b.c", 60, 60, 0), ==, 0);
    save(rates, 0, WALL);
    expect_refused(WALL - SECOND, "in the future");
    g_assert_true(g_file_get_contents(file, &text, &length, NULL));
    for (gsize at = 0; at < length; at++) {
        text[at] ^= 0x01;
        g_assert_true(g_file_set_contents(file, text, (gssize)length, NULL));
        expect_refused(WALL, "damaged");
        text[at] ^= 0x01;
    }
    for (gsize cut = 0; cut < length; cut += 7) {
        g_assert_true(g_file_set_contents(file, text, (gssize)cut, NULL));
        expect_refused(WALL, "damaged");
    }
}

/* ---- what is told ---- */

/* The lines about rates, without their seconds, sorted. */
static char *told(struct rates_report *report, struct rates *rates, gint64 now)
{
    g_autofree char *uses_file = g_build_filename(folder, USES_OPEN, NULL);
    g_autofree char *text = NULL;
    auto_ptr(uses) uses = uses_new();
    GString *lines = g_string_new(NULL);
    g_auto(GStrv) all = NULL;

    rates_report_tell(report, rates, uses, now);
    g_assert_true(uses_flush(uses, folder, NULL));
    if (!g_file_get_contents(uses_file, &text, NULL, NULL))
        return g_string_free(lines, FALSE);
    g_unlink(uses_file);
    all = g_strsplit(text, "\n", -1);
    for (char **line = all; *line; line++)
        if (g_str_has_prefix(*line, "rate\t"))
            g_string_append_len(lines, *line, strrchr(*line, '\t') + 1 - *line);
    return g_string_free(lines, FALSE);
}

static void expect_told(struct rates_report *report, struct rates *rates, gint64 now,
                        const char *lines)
{
    g_autofree char *found = told(report, rates, now);

    g_assert_cmpstr(found, ==, lines);
}

static void test_report(void)
{
    auto_ptr(rates) rates = rates_new();
    auto_ptr(rates_report) report = rates_report_new();

    expect_told(report, rates, 0, "");
    g_assert_cmpuint(take_from(rates, "10.1.2.3", 30, SECOND), ==, 0);
    g_assert_cmpuint(take_from(rates, "10.1.2.4", 50, SECOND), ==, 0);
    g_assert_cmpuint(take_from(rates, "10.1.2.5", 20, SECOND), ==, 0);
    g_assert_cmpuint(take(rates, "", 60, 60, SECOND), ==, 0);
    expect_told(report, rates, 2 * SECOND, "rate\tscan@b.c\t50\t200\t");
    expect_told(report, rates, 3 * SECOND, "");
    /* As many as before, but at another time. */
    g_assert_cmpuint(take_from(rates, "10.1.2.5", 1, 4 * SECOND), ==, 0);
    expect_told(report, rates, 5 * SECOND, "rate\tscan@b.c\t50\t200\t");
    g_assert_cmpuint(take_from(rates, "10.1.2.4", 25, 30 * MINUTE), ==, 0);
    expect_told(report, rates, 30 * MINUTE + SECOND, "rate\tscan@b.c\t75\t200\t");
    expect_told(report, rates, 65 * MINUTE, "rate\tscan@b.c\t25\t200\t");
    expect_told(report, rates, 95 * MINUTE, "");
}

/* What was refused afterwards is not told either. */
static void test_report_put_back(void)
{
    auto_ptr(rates) rates = rates_new();
    auto_ptr(rates_report) report = rates_report_new();

    g_assert_cmpuint(take_named(rates, "4Q1", 40, 0), ==, 0);
    g_assert_cmpuint(take_named(rates, "4Q2", 5, 0), ==, 0);
    rates_put_back(rates, "4Q1", 7 * MINUTE);
    expect_told(report, rates, 7 * MINUTE, "rate\ta@b.c\t5\t60\t");
}

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("rates-XXXXXX", NULL);
    file = g_build_filename(folder, RATES_FILE, NULL);
    g_test_add_func("/rates/taking", test_taking);
    g_test_add_func("/rates/large-messages", test_large_messages);
    g_test_add_func("/rates/another-rate", test_another_rate);
    g_test_add_func("/rates/by-source", test_by_source);
    g_test_add_func("/rates/put-back", test_put_back);
    g_test_add_func("/rates/same-message", test_same_message);
    g_test_add_func("/rates/put-back-late", test_put_back_late);
    g_test_add_func("/rates/put-back-bounded", test_put_back_bounded);
    g_test_add_func("/rates/no-file", test_no_file);
    g_test_add_func("/rates/restart", test_restart);
    g_test_add_func("/rates/damaged", test_damaged);
    g_test_add_func("/rates/report", test_report);
    g_test_add_func("/rates/report-put-back", test_report_put_back);
    status = g_test_run();
    g_unlink(file);
    g_rmdir(folder);
    g_free(file);
    g_free(folder);
    return status;
}
