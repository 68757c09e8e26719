/* SPDX-License-Identifier: MIT
 *
 * When reminders are due, and the words of every notice.
 */
#include "rules/registration.h"
#include "rules/reminder.h"
#include "service/notices/text.h"
#include "adapters/mail/mail.h"

#include <string.h>

#define DAY (24 * 3600)

static void test_certificate(void)
{
    static const struct {
        gint64 lifetime, left; /* days */
        int stage;
    } cases[] = {
        {90, 31, 0},  {90, 30, 1},  {90, 15, 1},  {90, 14, 2},   {90, 7, 3},    {90, 4, 3},
        {90, 3, 4},   {90, 1, 5},   {90, 0, 10},  {90, -6, 10},  {90, -7, 11},  {90, -29, 14},
        {90, -31, REMINDER_OVER},   {6, 3, 0},    {6, 2, 1},     {6, 1, 5},     {42, 15, 0},
        {42, 14, 1},  {42, 8, 1},   {42, 7, 3},   {200, 67, 0},  {200, 66, 1},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(reminder_of_certificate(0, cases[i].lifetime * DAY, 30,
                                                (cases[i].lifetime - cases[i].left) * DAY),
                        ==, cases[i].stage);
    g_assert_cmpint(reminder_of_certificate(0, 90 * DAY, 0, 90 * DAY + 1), ==, REMINDER_OVER);
}

static void test_term(void)
{
    static const struct {
        gint64 now;
        enum certificate_term term;
    } cases[] = {
        {100 * DAY, TERM_LASTING},     {100 * DAY + 1, TERM_GRACE}, {130 * DAY, TERM_GRACE},
        {130 * DAY + 1, TERM_OVER},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(certificate_term(100 * DAY, 30, cases[i].now), ==, cases[i].term);
}

static void test_confirmation(void)
{
    static const int stages[][2] = {{31, 0}, {30, 1}, {15, 1}, {14, 2}, {4, 2}, {3, 3}, {1, 3},
                                    {0, REMINDER_GRACE}, {-100, REMINDER_GRACE}};

    for (size_t i = 0; i < G_N_ELEMENTS(stages); i++)
        g_assert_cmpint(reminder_of_confirmation(1000 * DAY, (1000 - stages[i][0]) * DAY), ==,
                        stages[i][1]);
}

static GHashTable *values_of(const char *const *pairs)
{
    GHashTable *values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (; *pairs; pairs += 2)
        g_hash_table_insert(values, g_strdup(pairs[0]), g_strdup(pairs[1]));
    return values;
}

static void test_confirmation_end(void)
{
    static const struct {
        int first_at, now, end; /* days; it is due on day 1000 */
    } cases[] = {
        {970, 980, 1030}, {1000, 1001, 1030}, {1010, 1015, 1040}, {0, 990, 1030}, {0, 1015, 1045},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(reminder_confirmation_end(1000 * DAY, cases[i].first_at * DAY,
                                                  cases[i].now * DAY),
                        ==, cases[i].end * DAY);
}

static void test_texts(void)
{
    const char *const pairs[] = {"address", "a@example.edu", "application", "{by} Büro",
                                 "link",    "https://x/y",   "reason",      "", NULL};
    g_autoptr(GHashTable) values = values_of(pairs);
    g_autofree char *subject = NULL;
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    notice_write("resumed", values, &subject, &text);
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        g_assert_cmpint(g_utf8_strlen(*line, -1), <=, 72);
    g_assert_cmpstr(subject, ==, "a@example.edu: in force again");
    g_assert_nonnull(strstr(text, "\n  https://x/y\n"));
    g_assert_null(strstr(text, "Reason"));
    g_assert_false(notice_is_known("no such kind"));
}

/* Nothing that a person typed ends a header's line. */
static void test_mail(void)
{
    const struct mail mail = {.from = "p@example.edu", .from_name = "P", .to = "o@example.edu",
                              .subject = "a\r\nBcc: x@example.org\nb é", .message_id = "n-1@h",
                              .date = 0, .text = ".\nBüro\n"};
    g_autofree char *message = mail_compose(&mail);
    g_autofree char *again = mail_compose(&mail);

    g_assert_cmpstr(message, ==, again);
    g_assert_null(strstr(message, "\nBcc:"));
    g_assert_nonnull(strstr(message, "\r\nAuto-Submitted: auto-generated\r\n"));
    g_assert_nonnull(strstr(message, "Message-Id: <n-1@h>\r\n"));
    g_assert_nonnull(strstr(message, "charset=utf-8"));
    g_assert_nonnull(strstr(message, "\r\n\r\n.\r\nB=C3=BCro\r\n"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    mail_init();
    g_test_add_func("/reminder/certificate", test_certificate);
    g_test_add_func("/reminder/term", test_term);
    g_test_add_func("/reminder/confirmation", test_confirmation);
    g_test_add_func("/reminder/confirmation-end", test_confirmation_end);
    g_test_add_func("/notice/texts", test_texts);
    g_test_add_func("/notice/mail", test_mail);
    return g_test_run();
}
