/* SPDX-License-Identifier: MIT
 *
 * The verdict over certificates, from plain facts.
 */
#include "rules/certificate.h"

enum { DAY = 24 * 60 * 60 };

static const gint64 NOW = 1780272000; /* 2026-06-01 */

/* A leaf of 2026 with nothing wrong: 90 days, EC, serverAuth alone. */
static struct certificate_facts *good(void)
{
    struct certificate_facts *facts = certificate_facts_new();

    facts->subject = g_strdup("CN=app");
    facts->not_before = NOW - 10 * DAY;
    facts->not_after = NOW + 80 * DAY;
    facts->key = CERTIFICATE_KEY_EC;
    facts->key_bits = 256;
    facts->key_name = g_strdup("P-256");
    facts->signature_name = g_strdup("ecdsa-with-SHA256");
    facts->purposes = CERTIFICATE_SERVER;
    facts->purposes_text = g_strdup("TLS Web Server Authentication");
    certificate_facts_add_name(facts, CERTIFICATE_NAME_DNS, "app.example.edu");
    return facts;
}

/* expected: the only finding's, or FINDING_COUNT for none. */
static void expect(const struct findings *findings, enum finding_id expected)
{
    g_assert_cmpuint(findings_count(findings), ==, expected == FINDING_COUNT ? 0 : 1);
    if (expected != FINDING_COUNT)
        g_assert_cmpstr(findings_at(findings, 0)->code, ==, findings_catalogue(expected).code);
}

static void expect_leaf(const struct certificate_facts *facts, enum certificate_root root,
                        gint64 now, enum finding_id expected)
{
    auto_ptr(findings) findings = findings_new();

    certificate_judge_leaf(facts, root, now, NULL, findings);
    expect(findings, expected);
}

static void expect_at(gint64 not_before, gint64 not_after, enum finding_id expected)
{
    auto_ptr(certificate_facts) facts = good();

    facts->not_before = not_before;
    facts->not_after = not_after;
    expect_leaf(facts, CERTIFICATE_ROOT_COMMON, NOW, expected);
}

static void test_time(void)
{
    expect_at(NOW - 10 * DAY, NOW + 80 * DAY, FINDING_COUNT);
    expect_at(NOW + 300, NOW + 80 * DAY, FINDING_COUNT);
    expect_at(NOW + 301, NOW + 80 * DAY, FINDING_CERTIFICATE_NOT_YET);
    expect_at(NOW - 80 * DAY, NOW, FINDING_CERTIFICATE_EXPIRES_SOON);
    expect_at(NOW - 80 * DAY, NOW - 1, FINDING_CERTIFICATE_EXPIRED);
    expect_at(NOW, NOW, FINDING_CERTIFICATE_TIME_ORDER);
    expect_at(G_MAXINT64, G_MININT64, FINDING_CERTIFICATE_TIME_ORDER);
}

/* The warnings are relative to the lifetime: years, 47 days, six days. */
static void test_warnings(void)
{
    expect_at(NOW - 200 * DAY, NOW + 101 * DAY, FINDING_COUNT);
    expect_at(NOW - 200 * DAY, NOW + 99 * DAY, FINDING_CERTIFICATE_EXPIRES);
    expect_at(NOW - 200 * DAY, NOW + 7 * DAY, FINDING_CERTIFICATE_EXPIRES_SOON);
    expect_at(NOW - 30 * DAY, NOW + 16 * DAY, FINDING_COUNT);
    expect_at(NOW - 32 * DAY, NOW + 15 * DAY, FINDING_CERTIFICATE_EXPIRES);
    expect_at(NOW - 3 * DAY, NOW + 3 * DAY, FINDING_COUNT);
    expect_at(NOW - 4 * DAY, NOW + 2 * DAY, FINDING_CERTIFICATE_EXPIRES_SOON);
}

static void expect_purposes(unsigned purposes, enum certificate_root root, enum finding_id expected)
{
    auto_ptr(certificate_facts) facts = good();

    facts->purposes = purposes;
    expect_leaf(facts, root, NOW, expected);
}

static void test_purposes(void)
{
    expect_purposes(CERTIFICATE_SERVER, CERTIFICATE_ROOT_COMMON, FINDING_COUNT);
    expect_purposes(CERTIFICATE_CLIENT, CERTIFICATE_ROOT_COMMON, FINDING_COUNT);
    expect_purposes(CERTIFICATE_SERVER | CERTIFICATE_CLIENT, CERTIFICATE_ROOT_COMMON,
                    FINDING_COUNT);
    expect_purposes(CERTIFICATE_SERVER | CERTIFICATE_OTHER, CERTIFICATE_ROOT_COMMON, FINDING_COUNT);
    expect_purposes(0, CERTIFICATE_ROOT_COMMON, FINDING_CERTIFICATE_EKU_NONE);
    expect_purposes(0, CERTIFICATE_ROOT_ADDED, FINDING_COUNT);
    expect_purposes(0, CERTIFICATE_ROOT_UNKNOWN, FINDING_COUNT);
    expect_purposes(CERTIFICATE_OTHER, CERTIFICATE_ROOT_ADDED, FINDING_CERTIFICATE_EKU);
    expect_purposes(CERTIFICATE_ANY, CERTIFICATE_ROOT_ADDED, FINDING_CERTIFICATE_EKU_ANY);
    expect_purposes(CERTIFICATE_ANY | CERTIFICATE_SERVER, CERTIFICATE_ROOT_COMMON,
                    FINDING_CERTIFICATE_EKU_ANY);
}

static void expect_key(enum certificate_key key, unsigned bits, const char *name, const char *flaw,
                       enum finding_id expected)
{
    auto_ptr(certificate_facts) facts = good();

    facts->key = key;
    facts->key_bits = bits;
    g_free(facts->key_name);
    facts->key_name = g_strdup(name);
    facts->key_flaw = flaw;
    expect_leaf(facts, CERTIFICATE_ROOT_COMMON, NOW, expected);
}

static void test_key(void)
{
    expect_key(CERTIFICATE_KEY_RSA, 2048, "RSA", NULL, FINDING_COUNT);
    expect_key(CERTIFICATE_KEY_RSA, 2047, "RSA", "odd", FINDING_CERTIFICATE_WEAK_KEY);
    expect_key(CERTIFICATE_KEY_RSA, 2048, "RSA", "odd", FINDING_CERTIFICATE_FLAWED_KEY);
    expect_key(CERTIFICATE_KEY_EC, 521, "P-521", NULL, FINDING_COUNT);
    expect_key(CERTIFICATE_KEY_EC, 224, "P-224", NULL, FINDING_CERTIFICATE_WEAK_KEY);
    expect_key(CERTIFICATE_KEY_EC, 256, "secp256k1", NULL, FINDING_CERTIFICATE_KEY_KIND);
    expect_key(CERTIFICATE_KEY_ED25519, 253, "Ed25519", NULL, FINDING_COUNT);
    expect_key(CERTIFICATE_KEY_OTHER, 4096, "DSA", NULL, FINDING_CERTIFICATE_KEY_KIND);
}

static void test_cost(void)
{
    auto_ptr(certificate_facts) facts = good();
    auto_ptr(findings) findings = findings_new();

    g_assert_true(certificate_judge_cost(facts, findings));
    facts->key = CERTIFICATE_KEY_RSA;
    facts->key_bits = 8193;
    g_assert_false(certificate_judge_cost(facts, findings));
    expect(findings, FINDING_CERTIFICATE_LARGE_KEY);
}

static void expect_name(enum certificate_name_kind kind, const char *text, enum finding_id expected)
{
    auto_ptr(certificate_facts) facts = good();

    certificate_facts_add_name(facts, kind, text);
    expect_leaf(facts, CERTIFICATE_ROOT_COMMON, NOW, expected);
}

static void test_names(void)
{
    expect_name(CERTIFICATE_NAME_DNS, "*.example.edu", FINDING_COUNT);
    expect_name(CERTIFICATE_NAME_DNS, "xn--bcher-kva.example.edu", FINDING_COUNT);
    expect_name(CERTIFICATE_NAME_DNS, "printer", FINDING_COUNT);
    expect_name(CERTIFICATE_NAME_DNS, "*.edu", FINDING_CERTIFICATE_BAD_NAME);
    expect_name(CERTIFICATE_NAME_DNS, "*", FINDING_CERTIFICATE_BAD_NAME);
    expect_name(CERTIFICATE_NAME_DNS, "a..b", FINDING_CERTIFICATE_BAD_NAME);
    expect_name(CERTIFICATE_NAME_DNS, "-a.b", FINDING_CERTIFICATE_BAD_NAME);
    expect_name(CERTIFICATE_NAME_DNS, "", FINDING_CERTIFICATE_BAD_NAME);
    expect_name(CERTIFICATE_NAME_DNS, "::1", FINDING_CERTIFICATE_BAD_NAME);
    expect_name(CERTIFICATE_NAME_MAIL, "a@example.edu", FINDING_COUNT);
    expect_name(CERTIFICATE_NAME_MAIL, "@example.edu", FINDING_CERTIFICATE_BAD_NAME);
    expect_name(CERTIFICATE_NAME_MAIL, "a@", FINDING_CERTIFICATE_BAD_NAME);
    expect_name(CERTIFICATE_NAME_ADDRESS, "2001:db8::1", FINDING_COUNT);
    expect_name(CERTIFICATE_NAME_ADDRESS, "12 bytes", FINDING_CERTIFICATE_BAD_NAME);
}

static void test_matches(void)
{
    g_assert_true(certificate_name_matches("App.example.edu", "app.EXAMPLE.edu"));
    g_assert_true(certificate_name_matches("*.example.edu", "app.example.edu"));
    g_assert_false(certificate_name_matches("*.example.edu", "example.edu"));
    g_assert_false(certificate_name_matches("*.example.edu", "a.b.example.edu"));
    g_assert_false(certificate_name_matches("*.example.edu", ".example.edu"));
    g_assert_false(certificate_name_matches("*", "app"));
}

/* All findings of a thoroughly bad leaf come at once. */
static void test_all_at_once(void)
{
    auto_ptr(certificate_facts) facts = good();
    auto_ptr(findings) findings = findings_new();

    facts->not_after = NOW - 1;
    facts->serial_fits = false;
    facts->signature_is_weak = true;
    facts->unknown_critical = g_strdup("1.2.3");
    facts->has_name_constraints = true;
    facts->may_sign = false;
    facts->names_critical = true;
    certificate_judge_leaf(facts, CERTIFICATE_ROOT_COMMON, NOW, "other.example.edu", findings);
    g_assert_cmpuint(findings_count(findings), ==, 8);
    g_assert_true(findings_has(findings, FINDING_CERTIFICATE_NAME_MISMATCH));
}

static void expect_issuer(unsigned purposes, unsigned leaf_purposes, enum finding_id expected)
{
    auto_ptr(certificate_facts) issuer = good();
    auto_ptr(certificate_facts) leaf = good();
    auto_ptr(findings) findings = findings_new();

    issuer->purposes = purposes;
    leaf->purposes = leaf_purposes;
    certificate_judge_issuer(issuer, leaf, NOW, findings);
    expect(findings, expected);
}

static void test_issuer(void)
{
    expect_issuer(0, CERTIFICATE_SERVER, FINDING_COUNT);
    expect_issuer(CERTIFICATE_ANY, CERTIFICATE_CLIENT, FINDING_COUNT);
    expect_issuer(CERTIFICATE_SERVER, CERTIFICATE_SERVER | CERTIFICATE_CLIENT, FINDING_COUNT);
    expect_issuer(CERTIFICATE_SERVER, 0, FINDING_COUNT);
    expect_issuer(CERTIFICATE_SERVER, CERTIFICATE_CLIENT, FINDING_CERTIFICATE_ISSUER_EKU);
    expect_issuer(CERTIFICATE_OTHER, 0, FINDING_CERTIFICATE_ISSUER_EKU);
}

static void expect_root(gint64 distrust_after, gint64 not_before, enum finding_id expected)
{
    auto_ptr(certificate_facts) root = good();
    auto_ptr(certificate_facts) leaf = good();
    auto_ptr(findings) findings = findings_new();

    leaf->not_before = not_before;
    certificate_judge_root(root, distrust_after, leaf, NOW, findings);
    expect(findings, expected);
}

/* What counts is when the leaf begins, not when it is judged. */
static void test_root(void)
{
    expect_root(0, NOW - 10 * DAY, FINDING_COUNT);
    expect_root(NOW - 10 * DAY, NOW - 10 * DAY, FINDING_COUNT);
    expect_root(NOW - 10 * DAY - 1, NOW - 10 * DAY, FINDING_CERTIFICATE_ROOT_DISTRUSTED);
    expect_root(NOW + 10 * DAY, NOW - 10 * DAY, FINDING_COUNT);
}

static void expect_life(gint64 begin, gint64 days, enum certificate_root root,
                        enum finding_id expected)
{
    auto_ptr(certificate_facts) facts = good();

    facts->not_before = begin;
    facts->not_after = begin + days * DAY - 1;
    expect_leaf(facts, root, begin, expected);
}

/* BR 6.3.2, by the day on which the certificate begins. */
static void test_lifetime(void)
{
    static const struct {
        gint64 since;
        gint64 days;
    } rules[] = {
        {1519862400, 825}, {1598918400, 398}, {1773532800, 200},
        {1805068800, 100}, {1868227200, 47},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        gint64 earlier = i > 0 ? rules[i - 1].days : 3650;
        expect_life(rules[i].since, rules[i].days, CERTIFICATE_ROOT_COMMON, FINDING_COUNT);
        expect_life(rules[i].since, rules[i].days + 1, CERTIFICATE_ROOT_COMMON,
                    FINDING_CERTIFICATE_LIFETIME);
        expect_life(rules[i].since - 1, earlier, CERTIFICATE_ROOT_COMMON, FINDING_COUNT);
        expect_life(rules[i].since, 3650, CERTIFICATE_ROOT_ADDED, FINDING_COUNT);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/certificate/time", test_time);
    g_test_add_func("/certificate/warnings", test_warnings);
    g_test_add_func("/certificate/purposes", test_purposes);
    g_test_add_func("/certificate/key", test_key);
    g_test_add_func("/certificate/cost", test_cost);
    g_test_add_func("/certificate/names", test_names);
    g_test_add_func("/certificate/matches", test_matches);
    g_test_add_func("/certificate/all-at-once", test_all_at_once);
    g_test_add_func("/certificate/issuer", test_issuer);
    g_test_add_func("/certificate/root", test_root);
    g_test_add_func("/certificate/lifetime", test_lifetime);
    return g_test_run();
}
