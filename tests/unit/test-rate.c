/* SPDX-License-Identifier: MIT
 *
 * How near a use is to its limit, and rates as operators type them.
 */
#include "base/limits.h"
#include "rules/rate.h"

#include <string.h>

static void test_mark(void)
{
    static const struct {
        gint64 used, allowed;
        enum rate_mark mark;
    } cases[] = {
        {0, 200, RATE_FREE},   {159, 200, RATE_FREE},  {160, 200, RATE_NEAR},
        {199, 200, RATE_NEAR}, {200, 200, RATE_FULL},  {900, 200, RATE_FULL},
        {0, 1, RATE_FREE},     {1, 1, RATE_FULL},      {2, 3, RATE_FREE},
        {900, 0, RATE_FREE},   {7, 9, RATE_FREE},      {8, 9, RATE_NEAR},
        {LIMIT_RECIPIENTS_PER_HOUR, LIMIT_RECIPIENTS_PER_HOUR, RATE_FULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(rate_mark(cases[i].used, cases[i].allowed), ==, cases[i].mark);
}

/* code: "" where it is accepted. */
static void check_typed(const char *typed, unsigned expected, const char *code)
{
    auto_ptr(findings) findings = findings_new();
    unsigned per_hour = 77;
    bool good = rate_check(typed, &per_hour, findings);

    g_assert_cmpint(good, ==, !*code);
    g_assert_cmpuint(per_hour, ==, good ? expected : 77);
    g_assert_cmpstr(good ? "" : findings_at(findings, 0)->code, ==, code);
}

static void test_typed(void)
{
    check_typed("", 0, "");
    check_typed(" \t", 0, "");
    check_typed("1", 1, "");
    check_typed(" 5000\r\n", 5000, "");
    check_typed("\xe2\x80\x8b" "500", 500, "");
    check_typed("007", 7, "");
    check_typed("1000000", LIMIT_RECIPIENTS_PER_HOUR, "");
    check_typed("0", 0, "rate.range");
    check_typed("1000001", 0, "rate.range");
    check_typed("99999999999999999999999", 0, "rate.range");
    check_typed("-5", 0, "rate.number");
    check_typed("+5", 0, "rate.number");
    check_typed("5,000", 0, "rate.number");
    check_typed("5 000", 0, "rate.number");
    check_typed("5e3", 0, "rate.number");
    check_typed("many", 0, "rate.number");
    check_typed("\xd9\xa5", 0, "rate.number");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rate/mark", test_mark);
    g_test_add_func("/rate/typed", test_typed);
    return g_test_run();
}
