/* SPDX-License-Identifier: MIT
 *
 * Every look-up with every answer of the server tampered with: each result code, entries of
 * another name, references, half answers, none. What comes out is the right answer or "could not
 * ask", and never an answer that the server did not give. $APPSMTP_TEST_LONG tries all
 * codes in all ways, else those that servers are known for are tried.
 */
#include "adapters/directory/directory.h"
#include "crew.h"
#include "meddler.h"
#include "sample.h"

#include <ldap.h>
#include <signal.h>

#define SIDE_BY_SIDE 16
#define UNDISTURBED_MS 20000
#define OPERATION_MS 150
#define TOTAL_MS 1000
#define HIGHEST_CODE 80

static struct slapd *slapd;

/* ---- the look-ups, each with its answer as text; NULL with an error ------------------------- */

struct look_up {
    const char *login, *address;
    char *(*ask)(struct directory *directory, const struct look_up *look_up, GError **error);
    const char *expected;
    bool by_template;   /* another configuration */
    bool may_be_absent; /* it asks for entries that need not be there: "there is none" is an answer
                         */
};

static struct deadline later(void)
{
    return deadline_in(60000);
}

static char *ask_role(struct directory *directory, const struct look_up *look_up, GError **error)
{
    enum role_answer answer;

    return directory_role(directory, look_up->login, look_up->address, later(), &answer, NULL,
                          error)
               ? g_strdup(role_answer_name(answer))
               : NULL;
}

static char *ask_person(struct directory *directory, const struct look_up *look_up, GError **error)
{
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    if (!directory_find_person(directory, look_up->login, later(), &answer, &person, error))
        return NULL;
    return person ? g_strdup(person->login) : g_strdup_printf("person-%d", (int)answer);
}

static char *ask_sign_in(struct directory *directory, const struct look_up *look_up, GError **error)
{
    auto_ptr(person) person = NULL;
    enum sign_in_answer answer;
    const char *reason;

    if (!directory_sign_in(directory, look_up->login, look_up->address, later(), &answer, &person,
                           &reason, error))
        return NULL;
    return g_strdup(answer == SIGN_IN_ACCEPTED ? "accepted" : "refused");
}

static char *ask_member(struct directory *directory, const struct look_up *look_up, GError **error)
{
    bool member;

    if (!directory_is_member(directory, look_up->login, look_up->address, later(), &member, error))
        return NULL;
    return g_strdup(member ? "member" : "no-member");
}

static char *join(GPtrArray *list, const char *rest)
{
    g_ptr_array_add(list, g_strdup(rest));
    g_ptr_array_add(list, NULL);
    return g_strjoinv(" ", (char **)list->pdata);
}

static char *ask_standing(struct directory *directory, const struct look_up *look_up,
                          GError **error)
{
    auto_ptr(standing) standing = NULL;

    if (!directory_standing(directory, look_up->address, later(), &standing, error))
        return NULL;
    return join(standing->holders, standing->answer == STANDING_GOOD ? "good" : "bad");
}

static char *ask_list(struct directory *directory, const struct look_up *look_up, GError **error)
{
    g_autoptr(GPtrArray) offered = NULL;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    bool more;

    if (!directory_list_addresses(directory, look_up->login, later(), &offered, &more, error))
        return NULL;
    for (guint i = 0; i < offered->len; i++)
        g_ptr_array_add(names,
                        g_strdup(((const struct offered_address *)offered->pdata[i])->address));
    return join(names, more ? "more" : "all");
}

static char *ask_group(struct directory *directory, const struct look_up *look_up, GError **error)
{
    auto_ptr(directory_group) group = NULL;
    enum group_answer answer;

    if (!directory_find_group(directory, look_up->address, 50, later(), &answer, &group, error))
        return NULL;
    return group ? join(group->members, group->more ? "more" : "all") : g_strdup("no-group");
}

static char *ask_member_of(struct directory *directory, const struct look_up *look_up,
                           GError **error)
{
    auto_ptr(owner) group = owner_new(look_up->address, "");
    g_autoptr(GPtrArray) groups = g_ptr_array_new();
    g_autoptr(GPtrArray) held = NULL;

    g_ptr_array_add(groups, group);
    if (!directory_member_of(directory, look_up->login, groups, later(), &held, error))
        return NULL;
    return g_strdup(held->len ? "member" : "no-member");
}

#define GROUP(name) "CN=" name ",ou=Groups,dc=example,dc=edu"

static const struct look_up look_ups[] = {
    {"ow1", "direct@example.edu", ask_role, "owner", false, false},
    {"ad1", "grpadmin@example.edu", ask_role, "administrator", false, false},
    {"dp1", "nested@example.edu", ask_role, "owner", false, false},
    {"nb1", "direct@example.edu", ask_role, "no-role", false, false},
    {"ow1", "room@example.edu", ask_role, "not-eligible", false, false},
    {"of1", "ownoff@example.edu", ask_role, "person-not-eligible", false, false},
    {"ow1", "nowhere@example.edu", ask_role, "not-found", false, false},
    {"ow1", "dup@example.edu", ask_role, "ambiguous", false, false},
    {"nb1", "delegate@example.edu", ask_role, "administrator", true, true},
    {"dp1", "noowner@example.edu", ask_role, "administrator", true, true},
    {"nb1", "noowner@example.edu", ask_role, "no-role", true, true},
    {"ow1", NULL, ask_person, "ow1", false, false},
    {"of1", NULL, ask_person, "person-3", false, false},
    {"ow1", "own-one", ask_sign_in, "accepted", false, false},
    {"ow1", "own-two", ask_sign_in, "refused", false, false},
    {"rl1", GROUP("g-relay-operators"), ask_member, "member", false, false},
    {"ad1", GROUP("g-egaadmins"), ask_member, "member", false, false},
    {"ow1", GROUP("g-relay-operators"), ask_member, "no-member", false, false},
    {NULL, "direct@example.edu", ask_standing, NULL, false, true},
    {NULL, "grpadmin@example.edu", ask_standing, NULL, false, true},
    {"js7", NULL, ask_list, NULL, false, false},
    {NULL, "g-mixed", ask_group, "ow2 nb1 all", false, true},
    {"dp1", "g-l1", ask_member_of, "member", false, false},
    {"ow1", "g-l1", ask_member_of, "no-member", false, false},
};

static const char more_ldif[] = "dn: CN=ga.delegate-adm,ou=Groups,dc=example,dc=edu\n"
                                "objectClass: group\ncn: ga.delegate-adm\n"
                                "member: CN=nb1,ou=People,dc=example,dc=edu\n\n"
                                "dn: CN=ga.noowner-adm,ou=Groups,dc=example,dc=edu\n"
                                "objectClass: group\ncn: ga.noowner-adm\n"
                                "member: CN=g-l1,ou=Groups,dc=example,dc=edu\n\n"
                                "dn: CN=g-mixed,ou=Groups,dc=example,dc=edu\n"
                                "objectClass: group\ncn: g-mixed\nsAMAccountName: G-Mixed\n"
                                "member: CN=of1,ou=People,dc=example,dc=edu\n"
                                "member: CN=gone,ou=People,dc=example,dc=edu\n"
                                "member: CN=g-other,ou=Groups,dc=example,dc=edu\n"
                                "member: CN=ow2,ou=People,dc=example,dc=edu\n\n";

/* What nobody may get by something that the server did not say. */
static bool is_yes(const char *answer)
{
    static const char *const yes[] = {"owner",       "administrator", "not-eligible",
                                      "not-primary", "accepted",      "member"};

    for (size_t i = 0; i < G_N_ELEMENTS(yes); i++)
        if (strcmp(answer, yes[i]) == 0)
            return true;
    return false;
}

/* ---- one trial ------------------------------------------------------------------------------ */

struct trial {
    const struct look_up *look_up;
    struct meddle_plan plan;
    bool with_second; /* there is another server, with which nobody meddles */
};

struct outcome {
    char *text; /* or NULL */
    GError *error;
    unsigned answers;
    bool met_bind;
};

static void outcome_clear(struct outcome *outcome)
{
    g_free(outcome->text);
    g_clear_error(&outcome->error);
}

static struct config *config_for(const struct trial *trial, const struct meddler *meddler)
{
    g_autofree char *uri = g_strdup_printf("ldap://127.0.0.1:%u", meddler_port(meddler));
    const char *const uris[] = {uri, trial->with_second ? slapd->ldap : NULL, NULL};
    struct sample sample = {
        .uris = uris,
        .rules =
            trial->look_up->by_template
                ? "<administrator group-template='CN={account}-adm,ou=Groups,dc=example,dc=edu'/>"
                : NULL};

    return sample_config(slapd, &sample);
}

static struct outcome try(const struct trial *trial, unsigned operation_ms, unsigned total_ms)
{
    struct meddler *meddler = meddler_new(&trial->plan);
    auto_ptr(config) config = config_for(trial, meddler);
    struct outcome outcome = {0};

    config->directory->connect_ms = config->directory->operation_ms = operation_ms;
    config->directory->total_ms = total_ms;
    {
        auto_ptr(directory) directory = directory_new(config->directory, &outcome.error);
        g_assert_no_error(outcome.error);
        outcome.text = trial->look_up->ask(directory, trial->look_up, &outcome.error);
    }
    outcome.answers = meddler_answers(meddler);
    outcome.met_bind = meddler_met_bind(meddler);
    meddler_free(meddler);
    return outcome;
}

/* Results by which a server refuses the credentials, and not the service. */
static bool refuses(unsigned code)
{
    return code == LDAP_INVALID_CREDENTIALS || code == LDAP_INAPPROPRIATE_AUTH ||
           code == LDAP_CONSTRAINT_VIOLATION || code == LDAP_UNWILLING_TO_PERFORM ||
           code == LDAP_INSUFFICIENT_ACCESS || code == LDAP_NO_SUCH_OBJECT ||
           code == LDAP_INVALID_DN_SYNTAX;
}

static bool is_code(const struct meddle_plan *plan)
{
    return plan->how <= MEDDLE_CODE_EARLY;
}

/* Whether what was made of the answer is one that means "no". */
static bool may_mean_no(const struct trial *trial, const struct outcome *outcome)
{
    const struct meddle_plan *plan = &trial->plan;
    bool absent = plan->code == LDAP_NO_SUCH_OBJECT || plan->code == LDAP_INVALID_DN_SYNTAX;

    if (plan->how == MEDDLE_NOTHING || plan->how == MEDDLE_OTHER_NAME)
        return true;
    if (!is_code(plan))
        return false;
    return (absent && trial->look_up->may_be_absent) ||
           (trial->look_up->ask == ask_sign_in && outcome->met_bind && refuses(plan->code));
}

/* Whether no answer at all can come of it, not even the right one. */
static bool must_fail(const struct trial *trial, const struct outcome *outcome)
{
    const struct meddle_plan *plan = &trial->plan;

    if (!plan->and_later || may_mean_no(trial, outcome))
        return false;
    return plan->how == MEDDLE_CODE_ALONE || plan->how == MEDDLE_OTHER_ID ||
           plan->how == MEDDLE_OTHER_ANSWER || plan->how == MEDDLE_CLOSE ||
           (plan->how == MEDDLE_ONLY_REFERS && !outcome->met_bind);
}

static bool is_right(const struct trial *trial, const struct outcome *outcome,
                     const char *undisturbed)
{
    if (!outcome->text)
        return outcome->error->domain == APPSMTP_ERROR &&
               (outcome->error->code == APPSMTP_ERROR_DIRECTORY ||
                outcome->error->code == APPSMTP_ERROR_LIMIT ||
                outcome->error->code == APPSMTP_ERROR_CONFIGURATION);
    if (must_fail(trial, outcome))
        return false;
    return strcmp(outcome->text, undisturbed) == 0 ||
           (may_mean_no(trial, outcome) && (is_yes(undisturbed) || !is_yes(outcome->text)));
}

struct work {
    struct trial trial;
    const char *undisturbed;
};

static void try_work(void *data, void *count)
{
    const struct work *work = data;
    struct outcome outcome = try(&work->trial, OPERATION_MS, TOTAL_MS);

    if (!is_right(&work->trial, &outcome, work->undisturbed))
        g_error("%s, %s: \"%s\" became \"%s\" by meddling %d with answer %u%s, code %u",
                work->trial.look_up->login, work->trial.look_up->address, work->undisturbed,
                outcome.text ? outcome.text : outcome.error->message, work->trial.plan.how,
                work->trial.plan.answer, work->trial.plan.and_later ? " and later" : "",
                work->trial.plan.code);
    g_atomic_int_inc((int *)count);
    outcome_clear(&outcome);
}

/* ---- all of them ---------------------------------------------------------------------------- */

static bool is_long(void)
{
    return g_strcmp0(g_getenv("APPSMTP_TEST_LONG"), "yes") == 0;
}

static void push_one(GPtrArray *all, const struct work *like, enum meddling how, unsigned code,
                     bool and_later)
{
    struct work *work = g_memdup2(like, sizeof *like);

    work->trial.plan.how = how;
    work->trial.plan.code = code;
    work->trial.plan.and_later = and_later;
    g_ptr_array_add(all, work);
}

/* Once and for good; as a sample the one or the other. */
static void push(GPtrArray *all, const struct work *like, enum meddling how, unsigned code)
{
    bool and_later = (like->trial.plan.answer + how) % 2;

    push_one(all, like, how, code, and_later);
    if (is_long() || code == LDAP_SIZELIMIT_EXCEEDED)
        push_one(all, like, how, code, !and_later);
}

static void push_codes(GPtrArray *all, const struct work *like)
{
    static const unsigned known[] = {LDAP_OPERATIONS_ERROR,
                                     LDAP_TIMELIMIT_EXCEEDED,
                                     LDAP_SIZELIMIT_EXCEEDED,
                                     LDAP_COMPARE_TRUE,
                                     LDAP_ADMINLIMIT_EXCEEDED,
                                     LDAP_NO_SUCH_OBJECT,
                                     LDAP_BUSY,
                                     LDAP_UNWILLING_TO_PERFORM};

    for (size_t i = 0; !is_long() && i < G_N_ELEMENTS(known); i++)
        push(all, like, i % 2 ? MEDDLE_CODE : MEDDLE_CODE_ALONE, known[i]);
    for (unsigned code = 1; is_long() && code <= HIGHEST_CODE; code++) {
        push(all, like, MEDDLE_CODE_ALONE, code);
        push(all, like, MEDDLE_CODE, code);
        push(all, like, MEDDLE_CODE_EARLY, code);
    }
    for (enum meddling how = MEDDLE_CODE_ALONE; !is_long() && how <= MEDDLE_CODE_EARLY; how++)
        push(all, like, how, LDAP_SIZELIMIT_EXCEEDED);
}

static void push_answers(GPtrArray *all, struct work *like, unsigned answers)
{
    /* Under valgrind a few have to do. */
    unsigned step = g_strcmp0(g_getenv("APPSMTP_TEST_SLOW"), "yes") == 0 ? 4 : 1;

    for (unsigned answer = 0; answer < answers; answer += step) {
        like->trial.plan.answer = answer;
        push_codes(all, like);
        for (enum meddling how = MEDDLE_OTHER_NAME; how <= MEDDLE_CLOSE; how++)
            push(all, like, how, 0);
    }
}

static void test_look_up(const void *data)
{
    int count = 0;
    struct work work = {
        .trial = {.look_up = data,
                  .plan = {.server = strstr(slapd->ldap, "127."), .answer = G_MAXUINT}}};
    struct outcome undisturbed = try(&work.trial, UNDISTURBED_MS, UNDISTURBED_MS);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);

    g_assert_no_error(undisturbed.error);
    if (work.trial.look_up->expected)
        g_assert_cmpstr(undisturbed.text, ==, work.trial.look_up->expected);
    work.undisturbed = undisturbed.text;
    push_answers(all, &work, undisturbed.answers);
    crew_do(all, SIDE_BY_SIDE, try_work, &count);
    g_test_message("\"%s\" in %u answers, %d times meddled with", undisturbed.text,
                   undisturbed.answers, count);
    outcome_clear(&undisturbed);
}

/* ---- the next server ------------------------------------------------------------------------ */

/* By which a server says that it cannot serve now, or not so much. */
static const unsigned passing[] = {LDAP_OPERATIONS_ERROR,
                                   LDAP_TIMELIMIT_EXCEEDED,
                                   LDAP_ADMINLIMIT_EXCEEDED,
                                   LDAP_BUSY,
                                   LDAP_UNAVAILABLE,
                                   LDAP_UNWILLING_TO_PERFORM,
                                   LDAP_OTHER};
/* The same of the portal's account. */
static const unsigned refusals[] = {LDAP_INVALID_CREDENTIALS,  LDAP_INAPPROPRIATE_AUTH,
                                    LDAP_CONSTRAINT_VIOLATION, LDAP_UNWILLING_TO_PERFORM,
                                    LDAP_INSUFFICIENT_ACCESS,  LDAP_NO_SUCH_OBJECT,
                                    LDAP_INVALID_DN_SYNTAX};

static const struct look_up deep = {"dp1", "nested@example.edu", ask_role, "owner", false, false};

static void check_passed_over(unsigned answer, unsigned code)
{
    struct trial trial = {.look_up = &deep,
                          .with_second = true,
                          .plan = {.server = strstr(slapd->ldap, "127."),
                                   .answer = answer,
                                   .and_later = true,
                                   .how = MEDDLE_CODE_ALONE,
                                   .code = code}};
    struct outcome outcome = try(&trial, UNDISTURBED_MS, UNDISTURBED_MS);

    g_assert_no_error(outcome.error);
    g_assert_cmpstr(outcome.text, ==, deep.expected);
    outcome_clear(&outcome);
}

static void test_next_server(void)
{
    struct trial trial = {.look_up = &deep,
                          .plan = {.server = strstr(slapd->ldap, "127."), .answer = G_MAXUINT}};
    struct outcome undisturbed = try(&trial, UNDISTURBED_MS, UNDISTURBED_MS);

    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++)
        check_passed_over(0, refusals[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(passing); i++)
        for (unsigned answer = 0; answer < undisturbed.answers; answer++)
            check_passed_over(answer, passing[i]);
    outcome_clear(&undisturbed);
}

/* Where all servers refuse the portal's account, the account is what is wrong. */
static void test_all_refuse(void)
{
    struct trial trial = {.look_up = &deep,
                          .plan = {.server = strstr(slapd->ldap, "127."),
                                   .and_later = true,
                                   .how = MEDDLE_CODE_ALONE}};

    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        struct outcome outcome;
        trial.plan.code = refusals[i];
        outcome = try(&trial, UNDISTURBED_MS, UNDISTURBED_MS);
        g_assert_error(outcome.error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION);
        outcome_clear(&outcome);
    }
}

/* A person's wrong password counts once, whatever the number of servers. */
static void test_refusal_of_a_person(void)
{
    static const struct look_up right = {"ow1", "own-one", ask_sign_in, "accepted", false, false};
    struct trial trial = {
        .look_up = &right,
        .with_second = true,
        .plan = {.server = strstr(slapd->ldap, "127."), .answer = 3, .how = MEDDLE_CODE_ALONE}};

    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        bool unwilling = refusals[i] == LDAP_UNWILLING_TO_PERFORM;
        struct outcome outcome;
        trial.plan.code = refusals[i];
        outcome = try(&trial, UNDISTURBED_MS, UNDISTURBED_MS);
        g_assert_no_error(outcome.error);
        g_assert_true(outcome.met_bind);
        g_assert_cmpstr(outcome.text, ==, unwilling ? "accepted" : "refused");
        outcome_clear(&outcome);
    }
}

/* ---- more than anybody can hold ------------------------------------------------------------- */

/* The most memory that this process has had, in KiB. */
static guint64 peak(void)
{
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents("/proc/self/status", &text, NULL, NULL));
    return g_ascii_strtoull(strstr(text, "VmHWM:") + strlen("VmHWM:"), NULL, 10);
}

/* The worker is there for others, who ask other servers. */
static void check_bounded(enum meddling how, unsigned answer, const char *told)
{
    struct trial trial = {
        .look_up = &deep,
        .plan = {.server = strstr(slapd->ldap, "127."), .answer = answer, .and_later = true, .how = how}};
    guint64 before = peak();
    struct outcome outcome = try(&trial, UNDISTURBED_MS, UNDISTURBED_MS);

    g_assert_error(outcome.error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY);
    g_test_message("%s; %" G_GUINT64_FORMAT " KiB more", outcome.error->message, peak() - before);
    g_assert_nonnull(strstr(outcome.error->message, told));
    g_assert_cmpuint(peak() - before, <, 256 * 1024);
    outcome_clear(&outcome);
    trial.with_second = true;
    outcome = try(&trial, UNDISTURBED_MS, UNDISTURBED_MS);
    g_assert_no_error(outcome.error);
    g_assert_cmpstr(outcome.text, ==, deep.expected);
    outcome_clear(&outcome);
}

static void test_bounded(void)
{
    for (unsigned answer = 0; answer < 2; answer++) {
        check_bounded(MEDDLE_HUGE, answer, "sends a message of more than 32 MiB");
        check_bounded(MEDDLE_ENDLESS, answer, "sends an answer of more than 64 MiB");
    }
}

/* What the limit is of, and what to set. */
static void test_advice(void)
{
    static const unsigned limits[] = {LDAP_TIMELIMIT_EXCEEDED, LDAP_SIZELIMIT_EXCEEDED,
                                      LDAP_ADMINLIMIT_EXCEEDED};
    struct trial trial = {.look_up = &deep,
                          .plan = {.server = strstr(slapd->ldap, "127."),
                                   .answer = 1,
                                   .and_later = true,
                                   .how = MEDDLE_CODE_ALONE}};

    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        struct outcome outcome;
        trial.plan.code = limits[i];
        outcome = try(&trial, UNDISTURBED_MS, UNDISTURBED_MS);
        g_assert_error(outcome.error, APPSMTP_ERROR, APPSMTP_ERROR_LIMIT);
        g_test_message("%s", outcome.error->message);
        g_assert_nonnull(strstr(outcome.error->message, "trying again does not help: raise "));
        outcome_clear(&outcome);
    }
}

/* ---- a password goes to one server ---------------------------------------------------------- */

/* Two servers, of which the first one may be meddled with. */
struct pair {
    struct meddler *first, *second;
    struct config *config;
    struct directory *directory;
};

static void pair_open(struct pair *pair, struct meddle_plan plan)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *first = NULL, *second = NULL;

    plan.server = strstr(slapd->ldap, "127.");
    pair->first = meddler_new(&plan);
    pair->second = meddler_new(
        &(struct meddle_plan){.server = plan.server, .answer = G_MAXUINT, .how = MEDDLE_CODE});
    first = g_strdup_printf("ldap://127.0.0.1:%u", meddler_port(pair->first));
    second = g_strdup_printf("ldap://127.0.0.1:%u", meddler_port(pair->second));
    const char *const uris[] = {first, second, NULL};
    pair->config = sample_config(slapd, &(struct sample){.uris = uris});
    pair->directory = directory_new(pair->config->directory, &error);
    g_assert_no_error(error);
}

static void pair_close(struct pair *pair)
{
    directory_free(pair->directory);
    config_free(pair->config);
    if (pair->first)
        meddler_free(pair->first);
    if (pair->second)
        meddler_free(pair->second);
}

static struct applicant *find_applicant(const struct pair *pair, const char *login)
{
    g_autoptr(GError) error = NULL;
    struct applicant *applicant;

    directory_find_applicant(pair->directory, login, later(), &applicant, &error);
    g_assert_no_error(error);
    g_assert_nonnull(applicant);
    g_assert_cmpuint(meddler_answers(pair->second), ==, 0);
    return applicant;
}

/* Answer 3 is that to the person's bind: the portal's, the search and the filter come before. */
static void check_lost_answer(enum meddling how, const char *login, bool unanswered)
{
    g_autoptr(GError) error = NULL;
    struct pair pair;
    struct sign_in sign_in;

    pair_open(&pair, (struct meddle_plan){.answer = 3, .and_later = true, .how = how});
    pair.config->directory->operation_ms = how == MEDDLE_OTHER_ID ? 1000 : UNDISTURBED_MS;
    auto_ptr(applicant) applicant = find_applicant(&pair, login);
    g_assert_false(directory_try_password(pair.directory, applicant, "own-one", later(), &sign_in,
                                          &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY);
    g_assert_true(sign_in.unanswered == unanswered);
    g_assert_true(meddler_met_bind(pair.first));
    g_assert_cmpuint(meddler_answers(pair.second), ==, 0);
    pair_close(&pair);
}

/* Each server that is sent a wrong password counts it, so no other one is, and it is told. */
static void test_lost_answer_to_a_password(void)
{
    check_lost_answer(MEDDLE_CLOSE, "ow1", true);
    check_lost_answer(MEDDLE_OTHER_ID, "ow1", true);
    check_lost_answer(MEDDLE_CLOSE, "nobody.at.all", false);
}

/* What was not sent is another server's. */
static void test_unreachable_for_a_password(void)
{
    g_autoptr(GError) error = NULL;
    struct pair pair;
    struct sign_in sign_in;

    pair_open(&pair, (struct meddle_plan){.answer = G_MAXUINT, .how = MEDDLE_CODE});
    auto_ptr(applicant) applicant = find_applicant(&pair, "ow1");
    meddler_free(g_steal_pointer(&pair.first));
    directory_try_password(pair.directory, applicant, "own-two", later(), &sign_in, &error);
    g_assert_no_error(error);
    g_assert_cmpint(sign_in.answer, ==, SIGN_IN_WRONG);
    g_assert_cmpuint(meddler_answers(pair.second), ==, 1);
    pair_close(&pair);
}

/* No server could be reached: the password was not sent. */
static void test_all_unreachable_for_a_password(void)
{
    g_autoptr(GError) error = NULL;
    struct pair pair;
    struct sign_in sign_in;

    pair_open(&pair, (struct meddle_plan){.answer = G_MAXUINT, .how = MEDDLE_CODE});
    auto_ptr(applicant) applicant = find_applicant(&pair, "ow1");
    meddler_free(g_steal_pointer(&pair.first));
    meddler_free(g_steal_pointer(&pair.second));
    g_assert_false(directory_try_password(pair.directory, applicant, "own-two", later(), &sign_in,
                                          &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY);
    g_assert_false(sign_in.unanswered);
    pair_close(&pair);
}

int main(int argc, char **argv)
{
    int failed;

    signal(SIGPIPE, SIG_IGN);
    g_test_init(&argc, &argv, NULL);
    /* directory_new() would set it while other threads read the environment. */
    g_setenv("LDAPNOINIT", "1", TRUE);
    slapd = slapd_new("20", "20", more_ldif);
    g_test_add_func("/faults/next-server", test_next_server);
    g_test_add_func("/faults/all-refuse", test_all_refuse);
    g_test_add_func("/faults/refusal-of-a-person", test_refusal_of_a_person);
    g_test_add_func("/faults/advice", test_advice);
    g_test_add_func("/faults/bounded", test_bounded);
    g_test_add_func("/faults/lost-answer", test_lost_answer_to_a_password);
    g_test_add_func("/faults/unreachable", test_unreachable_for_a_password);
    g_test_add_func("/faults/all-unreachable", test_all_unreachable_for_a_password);
    for (size_t i = 0; i < G_N_ELEMENTS(look_ups); i++) {
        g_autofree char *path = g_strdup_printf("/faults/%zu", i);
        g_test_add_data_func(path, &look_ups[i], test_look_up);
    }
    failed = g_test_run();
    slapd_free(slapd);
    return failed;
}
