/* SPDX-License-Identifier: MIT
 *
 * What a person is told for each answer of the directory. The directory itself
 * is replaced: here it answers what the test says.
 */
#include "service/ownership.h"

#include "base/error.h"

static enum role_answer next_answer;
static bool outage;

bool directory_role(struct directory *directory G_GNUC_UNUSED, const char *login G_GNUC_UNUSED,
                    const char *address G_GNUC_UNUSED, struct deadline deadline G_GNUC_UNUSED,
                    enum role_answer *answer, struct account **account G_GNUC_UNUSED,
                    GError **error)
{
    if (outage) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY, "could not ask");
        return false;
    }
    *answer = next_answer;
    return true;
}

static void check(enum role_answer said, const char *code)
{
    auto_ptr(findings) findings = findings_new();
    g_autoptr(GError) error = NULL;
    enum role_answer answer;

    next_answer = said;
    g_assert_true(ownership_check(NULL, "ow1", "a@example.edu", deadline_in(1000), findings,
                                  &answer, NULL, &error));
    g_assert_no_error(error);
    g_assert_cmpint(answer, ==, said);
    g_assert_cmpuint(findings_count(findings), ==, code ? 1 : 0);
    if (code)
        g_assert_cmpstr(findings_at(findings, 0)->code, ==, code);
}

static void test_answers(void)
{
    check(ROLE_OWNER, NULL);
    check(ROLE_ADMINISTRATOR, NULL);
    check(ROLE_NOT_ELIGIBLE, "address.not-eligible");
    check(ROLE_NOT_PRIMARY, "address.not-primary");
    check(ROLE_PERSON_SEVERAL, "person.several");
    check(ROLE_PERSON_NOT_ELIGIBLE, "person.not-eligible");
}

/* Nobody without a role learns whether the account exists: not even by another text. */
static void test_one_answer(void)
{
    static const enum role_answer same[] = {ROLE_NONE, ROLE_NOT_FOUND, ROLE_AMBIGUOUS,
                                            ROLE_PERSON_NOT_FOUND, ROLE_SYNTAX};

    for (size_t i = 0; i < G_N_ELEMENTS(same); i++)
        check(same[i], "address.not-yours");
}

static void test_outage(void)
{
    auto_ptr(findings) findings = findings_new();
    g_autoptr(GError) error = NULL;
    enum role_answer answer;

    outage = true;
    g_assert_false(ownership_check(NULL, "ow1", "a@example.edu", deadline_in(1000), findings,
                                   &answer, NULL, &error));
    outage = false;
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY);
    g_assert_cmpuint(findings_count(findings), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ownership/answers", test_answers);
    g_test_add_func("/ownership/one-answer", test_one_answer);
    g_test_add_func("/ownership/outage", test_outage);
    return g_test_run();
}
