/* SPDX-License-Identifier: MIT
 *
 * Which sources were used: from the policy daemon's notes to what the export tells.
 */
#include "base/error.h"
#include "service/relay/uses-report.h"
#include "service/relay/uses.h"

#include <glib/gstdio.h>

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define NETWORK "network\t10.1.2.0/24"
#define KEY "spki\t" HEX

static char *make_folder(void)
{
    return g_dir_make_tmp("uses-XXXXXX", NULL);
}

static void remove_folder(const char *folder)
{
    static const char *const names[] = {"open", "taken"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void flush(struct uses *uses, const char *folder)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(uses_flush(uses, folder, &error));
    g_assert_no_error(error);
}

static struct uses_report *take(const char *folder)
{
    g_autoptr(GError) error = NULL;
    struct uses_report *report = uses_report_take(folder, &error);

    g_assert_no_error(error);
    return report;
}

static void append(const char *folder, const char *text)
{
    g_autofree char *path = g_build_filename(folder, "open", NULL);
    g_autoptr(FILE) file = fopen(path, "ae");

    g_assert_cmpint(fputs(text, file), >=, 0);
}

/* Two recipients of one message are one; a second flush adds to the first. */
static void test_added_up(void)
{
    g_autofree char *folder = make_folder();
    auto_ptr(uses) uses = uses_new();
    auto_ptr(uses_report) report = NULL;
    g_autofree char *json = NULL;

    uses_note(uses, "a@example.edu", NETWORK, "", "one");
    uses_note(uses, "a@example.edu", NETWORK, "", "one");
    uses_note(uses, "a@example.edu", KEY, HEX, NULL);
    uses_note(uses, "", NETWORK, "", NULL); /* the null sender is nobody's */
    uses_count(uses, "message.permitted");
    flush(uses, folder);
    uses_note(uses, "a@example.edu", NETWORK, "", "two");
    uses_count(uses, "message.permitted");
    flush(uses, folder);
    report = take(folder);
    uses_report_match(report, "a@example.edu", NETWORK, "id-1");
    uses_report_match(report, "a@example.edu", KEY, "id-2");
    uses_report_match(report, "b@example.edu", NETWORK, "id-3");
    json = uses_report_json(report);
    g_assert_nonnull(strstr(json, "{\"id\": \"id-1\", \"at\": "));
    g_assert_nonnull(strstr(json, "\"messages\": 2, \"certificate\": \"\"}"));
    g_assert_nonnull(strstr(json, "\"messages\": 1, \"certificate\": \"" HEX "\"}"));
    g_assert_nonnull(strstr(json, "\"decisions\": {\"message.permitted\": 2}"));
    g_assert_null(strstr(json, "id-3"));
    uses_report_done(report);
    remove_folder(folder);
}

/* A run that failed leaves the same batch to the next one; what came since waits. */
static void test_taken_again(void)
{
    g_autofree char *folder = make_folder();
    auto_ptr(uses) uses = uses_new();
    g_autofree char *json[3] = {NULL};

    uses_count(uses, "message.permitted");
    flush(uses, folder);
    for (int i = 0; i < 3; i++) {
        auto_ptr(uses_report) report = take(folder);
        json[i] = uses_report_json(report);
        if (i == 0) {
            uses_count(uses, "message.too-many");
            flush(uses, folder);
        } else {
            uses_report_done(report);
        }
    }
    g_assert_cmpstr(json[0], ==, json[1]);
    g_assert_nonnull(strstr(json[2], "{\"message.too-many\": 1}"));
    remove_folder(folder);
    for (int i = 0; i < 3; i++)
        g_clear_pointer(&json[i], g_free);
}

/* What was noted before it was written is old news; so is an earlier line of the file. */
static void test_rates(void)
{
    g_autofree char *folder = make_folder();
    auto_ptr(uses) uses = uses_new();
    auto_ptr(uses_report) report = NULL;
    g_autofree char *json = NULL;

    uses_rate(uses, "a@example.edu", 1, 200);
    uses_rate(uses, "a@example.edu", 5, 200);
    flush(uses, folder);
    uses_rate(uses, "a@example.edu", 7, 300);
    flush(uses, folder);
    append(folder, "rate\ta@example.edu\t9\t200\t1000000000\n"
                   "rate\tb@example.edu\t180\t200\t1795600012\n"
                   "rate\tc@example.edu\t-1\t200\t1795600012\nrate\tc@example.edu\t1\t0\t1\n"
                   "rate\t\"c\"@example.edu\t1\t200\t1\nrate\tc@example.edu\t1\t200\n"
                   "rate\tc@example.edu\t1\t4294967296\t1\nrate\tc@example.edu\t1\t200\tsoon\n");
    report = take(folder);
    json = uses_report_json(report);
    g_test_message("%s", json);
    g_assert_nonnull(strstr(json, "{\"sender\": \"a@example.edu\", \"used\": 7, \"allowed\": 300, "
                                  "\"at\": "));
    g_assert_nonnull(strstr(json, "{\"sender\": \"b@example.edu\", \"used\": 180, "
                                  "\"allowed\": 200, \"at\": 1795600012}"));
    g_assert_null(strstr(json, "c@example.edu"));
    g_assert_null(strstr(json, "1000000000"));
    uses_report_done(report);
    remove_folder(folder);
}

static void test_nothing(void)
{
    g_autofree char *folder = make_folder();
    auto_ptr(uses) uses = uses_new();
    auto_ptr(uses_report) report = NULL;

    flush(uses, folder);
    report = take(folder);
    g_assert_null(uses_report_json(report));
    remove_folder(folder);
    g_assert_null(uses_report_json(NULL));
}

/* Half a line is what a daemon that was killed leaves; the rest nobody has written. */
static void test_nonsense(void)
{
    g_autofree char *folder = make_folder();
    auto_ptr(uses) uses = uses_new();
    auto_ptr(uses_report) report = NULL;
    g_autofree char *json = NULL;

    uses_count(uses, "message.permitted");
    flush(uses, folder);
    append(folder, "use\ta@example.edu\tnetwork\n\ndecision\t\"quoted\"\t1\nrubbish\n"
                   "use\ta@example.edu\t" NETWORK "\t1800000000\t7\t-");
    report = take(folder);
    uses_report_match(report, "a@example.edu", NETWORK, "id-1");
    json = uses_report_json(report);
    g_assert_nonnull(strstr(json, "\"sources\": [], \"decisions\": {\"message.permitted\": 1}"));
    uses_report_done(report);
    remove_folder(folder);
}

/* Numbers and codes that the database refuses would end every run to come. */
static void test_beyond_bounds(void)
{
    g_autofree char *folder = make_folder();
    auto_ptr(uses_report) report = NULL;
    g_autofree char *json = NULL;

    append(folder, "# appsmtp uses 1 77\ndecision\t\t1\ndecision\tmessage.permitted\t18446744073709551615\n"
                   "decision\tmessage.refused\t-1\n"
                   "use\ta@example.edu\t" NETWORK "\t9223372036854775807\t18446744073709551615\t-\n"
                   "decision\tabcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-abcdefghijk\t1\n");
    report = take(folder);
    uses_report_match(report, "a@example.edu", NETWORK, "id-1");
    json = uses_report_json(report);
    g_test_message("%s", json);
    g_assert_nonnull(strstr(json, "\"at\": 0, \"messages\": 0, "));
    g_assert_nonnull(strstr(json, "\"message.permitted\": 0"));
    g_assert_null(strstr(json, "\"\": "));
    g_assert_null(strstr(json, "abcdefghijk\""));
    uses_report_done(report);
    remove_folder(folder);
}

/* A folder in the file's place is told once, and is in nobody's way. */
static void test_folder_in_its_place(void)
{
    g_autofree char *folder = make_folder();
    g_autofree char *path = g_build_filename(folder, "open", NULL);
    auto_ptr(uses) uses = uses_new();
    auto_ptr(uses_report) report = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
    uses_count(uses, "message.permitted");
    g_assert_false(uses_flush(uses, folder, NULL));
    g_assert_null(uses_report_take(folder, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT);
    flush(uses, folder);
    report = take(folder);
    uses_report_done(report);
    remove_folder(folder);
}

/* What cannot be written is kept. */
static void test_no_folder(void)
{
    g_autofree char *folder = make_folder();
    g_autofree char *absent = g_build_filename(folder, "absent", NULL);
    auto_ptr(uses) uses = uses_new();
    auto_ptr(uses_report) report = NULL;
    g_autofree char *json = NULL;
    g_autoptr(GError) error = NULL;

    uses_count(uses, "message.permitted");
    g_assert_false(uses_flush(uses, absent, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT);
    flush(uses, folder);
    report = take(folder);
    json = uses_report_json(report);
    g_assert_nonnull(strstr(json, "\"message.permitted\": 1"));
    uses_report_done(report);
    remove_folder(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/uses/added-up", test_added_up);
    g_test_add_func("/uses/taken-again", test_taken_again);
    g_test_add_func("/uses/rates", test_rates);
    g_test_add_func("/uses/nothing", test_nothing);
    g_test_add_func("/uses/nonsense", test_nonsense);
    g_test_add_func("/uses/beyond-bounds", test_beyond_bounds);
    g_test_add_func("/uses/folder-in-its-place", test_folder_in_its_place);
    g_test_add_func("/uses/no-folder", test_no_folder);
    return g_test_run();
}
