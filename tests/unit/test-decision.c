/* SPDX-License-Identifier: MIT
 *
 * The decision: every line of tests/rules/decision.tsv and rate.tsv, and what the texts hold.
 */
#include "rules/decision.h"

#include "rules/finding.h"
#include "rules/rate.h"

#define SPKI "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

enum column { POLICY, REGISTERED, SENDER, CLIENT, KEY, CODE, HOLDS, COLUMNS };

static void add_location(struct decision_policy *policy, const char *id, const char *network)
{
    struct location *location = location_new(id, id);
    struct network parsed;

    g_assert_cmpint(network_parse(network, &parsed), ==, NETWORK_OK);
    g_array_append_val(location->networks, parsed);
    g_ptr_array_add(policy->locations, location);
}

static struct decision_policy *policy_of(const char *word)
{
    static const char *const domains[] = {"example.edu", "dept.example.edu"};
    struct decision_policy *policy = decision_policy_new();

    add_location(policy, "campus", "10.0.0.0/8");
    add_location(policy, "campus6", "2001:db8:c0::/48");
    g_free(policy->portal);
    policy->portal = g_strdup("https://portal.example.edu");
    policy->null_sender = g_str_equal(word, "null-allowed");
    for (size_t i = 0; i < G_N_ELEMENTS(domains) && !g_str_equal(word, "no-domains"); i++)
        g_ptr_array_add(policy->domains, g_strdup(domains[i]));
    return policy;
}

/* "-" is no registration, "none" one without sources, else networks and "key" by comma. */
static struct decision_entry *entry_of(const char *word)
{
    struct decision_entry *entry = decision_entry_new();
    g_auto(GStrv) sources = g_strsplit(word, ",", -1);

    for (char **at = sources; *at && !g_str_equal(word, "none"); at++) {
        struct network network;
        if (g_str_equal(*at, "key")) {
            g_ptr_array_add(entry->spkis, g_strdup(SPKI));
            continue;
        }
        g_assert_cmpint(network_parse(*at, &network), ==, NETWORK_OK);
        g_array_append_val(entry->networks, network);
    }
    return entry;
}

static const char *key_of(const char *word)
{
    static char other[] = SPKI;

    other[0] = 'f';
    return g_str_equal(word, "-") ? "" : g_str_equal(word, "key") ? SPKI : other;
}

static void assert_one_line(const char *text)
{
    for (const char *at = text; *at; at++)
        g_assert_true(g_ascii_isprint(*at));
    g_assert_cmpuint(strlen(text), <, 400);
}

/* What is judged without the certificate passes the same and what a key could explain, no more. */
static const char *unseen_code(char **field, const struct decision *seen)
{
    static const char *const by_source[] = {"message.source-not-registered",
                                            "message.certificate-not-registered", NULL};

    if (g_strv_contains(by_source, seen->code))
        return strstr(field[REGISTERED], "key") ? "message.permitted"
                                                : "message.address-not-registered";
    if (g_str_equal(seen->code, "message.null-sender") && g_str_equal(field[POLICY], "null-allowed"))
        return "message.permitted";
    return seen->code;
}

static void note_code(const struct decision *decision, bool seen[FINDING_COUNT])
{
    assert_one_line(decision->text);
    for (int id = 0; id < FINDING_COUNT; id++)
        seen[id] = seen[id] || g_str_equal(findings_catalogue(id).code, decision->code);
}

static void check_line(char **field, bool seen[FINDING_COUNT])
{
    auto_ptr(decision_policy) policy = policy_of(field[POLICY]);
    auto_ptr(decision_entry) entry =
        g_str_equal(field[REGISTERED], "-") ? NULL : entry_of(field[REGISTERED]);
    g_autofree char *sender = g_strcompress(field[SENDER]);
    g_autofree char *client = g_strcompress(field[CLIENT]);
    struct decision_query query = {g_str_equal(sender, "<>") ? "" : sender, client,
                                   key_of(field[KEY]), key_of(field[KEY])};
    auto_ptr(decision) decision = decision_make(policy, &query, entry);
    auto_ptr(decision) unseen = decision_make_unseen(policy, &query, entry);

    g_test_message("%s %s %s", field[SENDER], field[CLIENT], field[CODE]);
    g_assert_cmpstr(decision->code, ==, field[CODE]);
    g_assert_nonnull(strstr(decision->text, field[HOLDS]));
    g_assert_cmpint(decision->answer == DECISION_PERMIT, ==,
                    g_str_equal(decision->code, "message.permitted"));
    g_assert_cmpstr(unseen->code, ==, unseen_code(field, decision));
    note_code(decision, seen);
    note_code(unseen, seen);
}

static void test_table(void)
{
    g_autofree char *file =
        g_build_filename(g_getenv("TEST_SRCDIR"), "rules", "decision.tsv", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    bool seen[FINDING_COUNT] = {[FINDING_MESSAGE_UNAVAILABLE] = true,
                                [FINDING_MESSAGE_TOO_MANY] = true, /* of the table below */
                                [FINDING_MESSAGE_TOO_MANY_RECIPIENTS] = true,
                                [FINDING_MESSAGE_NOT_ON_RELAY_YET] = true};

    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) field = g_strsplit(*line, "\t", -1);
        if (**line == '#' || !**line)
            continue;
        g_assert_cmpuint(g_strv_length(field), ==, COLUMNS);
        check_line(field, seen);
    }
    for (int id = 0; id < FINDING_COUNT; id++)
        if (g_str_has_prefix(findings_catalogue(id).code, "message."))
            g_assert_true(seen[id]);
}

static void test_unavailable(void)
{
    auto_ptr(decision) decision = decision_unavailable();

    g_assert_cmpint(decision->answer, ==, DECISION_UNAVAILABLE);
    g_assert_cmpstr(decision->code, ==, "message.unavailable");
    assert_one_line(decision->text);
}

static void test_not_yet(void)
{
    auto_ptr(decision) decision = decision_not_yet("app@example.edu\n");

    g_assert_cmpint(decision->answer, ==, DECISION_UNAVAILABLE);
    g_assert_cmpstr(decision->code, ==, "message.not-on-relay-yet");
    g_assert_true(decision_is_not_yet(decision));
    g_assert_false(decision_depends_on_generation(decision));
    g_assert_nonnull(strstr(decision->text, "app@example.edu?"));
    assert_one_line(decision->text);
}

/* The domains stand in the generation, as the senders do; the shape of an address does not. */
static void test_depends_on_generation(void)
{
    static const struct {
        const char *sender;
        bool depends;
    } cases[] = {{"no@example.edu", true},
                 {"no@host.example.edu", true},
                 {"no@new.example", true},
                 {"no", false},
                 {"no@[10.1.2.3]", false}};
    auto_ptr(decision_policy) policy = policy_of("null-refused");

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct decision_query query = {cases[i].sender, "10.1.2.3", "", ""};
        auto_ptr(decision) decision = decision_make(policy, &query, NULL);
        g_assert_cmpint(decision->answer, ==, DECISION_REFUSE);
        g_assert_cmpint(decision_depends_on_generation(decision), ==, cases[i].depends);
    }
}

static void test_fingerprint(void)
{
    g_autofree char *shown = decision_fingerprint("00ab7f");
    g_autofree char *none = decision_fingerprint("");

    g_assert_cmpstr(shown, ==, "00:AB:7F");
    g_assert_cmpstr(none, ==, "");
}

/* ---- rates ---- */

enum rate_column { RATE_SENDER, PER_HOUR, PER, RECIPIENTS, WAIT, RATE_CODE, RATE_HOLDS, RATE_COLUMNS };

static unsigned number_of(const char *text)
{
    return (unsigned)g_ascii_strtoull(text, NULL, 10);
}

static void check_rate(char **field)
{
    const char *sender = field[RATE_SENDER];
    const struct rate_excess excess = {
        .sender = g_str_equal(sender, "<>") ? "" : sender,
        .portal = "https://portal.example.edu",
        .rate = {number_of(field[PER_HOUR]), g_str_equal(field[PER], "source")},
        .recipients = number_of(field[RECIPIENTS]),
        .wait = number_of(field[WAIT]),
    };
    auto_ptr(decision) decision = rate_decide(&excess);
    bool never = excess.recipients > excess.rate.per_hour;

    g_test_message("%s", decision->text);
    g_assert_cmpstr(decision->code, ==, field[RATE_CODE]);
    g_assert_nonnull(strstr(decision->text, field[RATE_HOLDS]));
    g_assert_cmpint(decision->answer, ==, never ? DECISION_REFUSE : DECISION_UNAVAILABLE);
    assert_one_line(decision->text);
}

static void test_rate_table(void)
{
    g_autofree char *file = g_build_filename(g_getenv("TEST_SRCDIR"), "rules", "rate.tsv", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) field = g_strsplit(*line, "\t", -1);
        if (**line == '#' || !**line)
            continue;
        g_assert_cmpuint(g_strv_length(field), ==, RATE_COLUMNS);
        check_rate(field);
    }
}

static void test_rate_share(void)
{
    g_assert_cmpuint(rate_share(200, 1), ==, 200);
    g_assert_cmpuint(rate_share(200, 3), ==, 67);
    g_assert_cmpuint(rate_share(1, 100), ==, 1);
    g_assert_cmpuint(rate_share(0, 3), ==, 0);
    g_assert_cmpuint(rate_larger(200, 1000), ==, 1000);
    g_assert_cmpuint(rate_larger(0, 1000), ==, 0);
    g_assert_cmpuint(rate_larger(1000, 0), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/decision/table", test_table);
    g_test_add_func("/decision/unavailable", test_unavailable);
    g_test_add_func("/decision/not-yet", test_not_yet);
    g_test_add_func("/decision/depends-on-generation", test_depends_on_generation);
    g_test_add_func("/decision/fingerprint", test_fingerprint);
    g_test_add_func("/decision/rate-table", test_rate_table);
    g_test_add_func("/decision/rate-share", test_rate_share);
    return g_test_run();
}
