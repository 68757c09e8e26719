/* SPDX-License-Identifier: MIT
 *
 * The rules against tables that anybody can read (tests/rules/), and the
 * catalogue of texts: no two are alike, none has a word that a person should not
 * be met with. That each code occurs in a table is seen to by tests/style/run.
 */
#include "base/limits.h"
#include "rules/address.h"
#include "rules/hostname.h"
#include "rules/registration.h"
#include "rules/source.h"

#include <string.h>

/* ---- tables ---- */

/* {64*a} becomes a 64 times. */
static gboolean repeat(const GMatchInfo *match, GString *result, G_GNUC_UNUSED gpointer data)
{
    g_autofree char *count = g_match_info_fetch(match, 1);
    g_autofree char *what = g_match_info_fetch(match, 2);

    for (guint64 left = g_ascii_strtoull(count, NULL, 10); left > 0; left--)
        g_string_append(result, what);
    return FALSE;
}

static char *unescape(const char *text)
{
    g_autoptr(GRegex) braces = g_regex_new("\\{([0-9]+)\\*([^}]*)\\}", G_REGEX_RAW, 0, NULL);
    g_autofree char *plain = g_strcompress(text);

    return g_regex_replace_eval(braces, plain, -1, 0, G_REGEX_MATCH_DEFAULT, repeat, NULL, NULL);
}

typedef void table_check(char **cells, guint count);

/* Calls check with the cells of every line that is no comment. */
static void read_table(const char *name, table_check *check)
{
    g_autofree char *file = g_build_filename(g_getenv("TEST_SRCDIR"), "rules", name, NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) cells = g_strsplit(*line, "\t", -1);
        if (**line == '#' || !cells[0] || !cells[1])
            continue;
        g_test_message("%s: %s", name, *line);
        check(cells, g_strv_length(cells));
    }
}

static const char *cell(char **cells, guint count, guint index)
{
    return index < count && strcmp(cells[index], "-") != 0 ? cells[index] : "";
}

static void expect(const struct findings *findings, const char *codes)
{
    g_autoptr(GString) got = g_string_new(NULL);

    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct finding *finding = findings_at(findings, i);
        g_string_append_printf(got, "%s%s", i ? "," : "", finding->code);
        g_test_message("    %s: %s", finding->code, finding->text);
        g_assert_true(g_utf8_validate(finding->text, -1, NULL));
        g_assert_null(strpbrk(finding->text, "{}\n\r\t\033"));
    }
    g_assert_cmpstr(got->len ? got->str : "ok", ==, codes);
}

/* ---- locations: nearly the demo's, and a small one ---- */

static void location_release(gpointer location)
{
    location_free(location);
}

static void add_location(GPtrArray *locations, const char *id, const char *const networks[])
{
    struct location *location = location_new(id, id);

    for (; *networks; networks++) {
        struct network network;
        g_assert_cmpint(network_parse(*networks, &network), ==, NETWORK_OK);
        g_array_append_val(location->networks, network);
    }
    g_ptr_array_add(locations, location);
}

static GPtrArray *make_locations(void)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(location_release);

    add_location(all, "campus",
                 (const char *[]){"127.0.0.0/9", "10.0.0.0/8", "2001:db8:c0::/48", "::1", NULL});
    add_location(all, "aws", (const char *[]){"127.128.0.0/10", "172.16.0.0/12", NULL});
    add_location(all, "azure", (const char *[]){"127.192.0.0/11", "192.168.0.0/16", NULL});
    add_location(all, "lab", (const char *[]){"198.18.5.128/25", NULL});
    return all;
}

static GPtrArray *choose(const GPtrArray *all, const char *ids)
{
    g_auto(GStrv) list = g_strsplit(ids, " ", -1);
    GPtrArray *chosen = g_ptr_array_new();

    for (char **id = list; *id; id++)
        if (**id)
            g_ptr_array_add(chosen, (gpointer)location_find(all, *id));
    return chosen;
}

/* ---- one table each ---- */

static void check_address(char **cells, guint count)
{
    const char *domains[] = {"example.edu", "dept.example.edu"};
    g_autoptr(GPtrArray) allowed = g_ptr_array_new();
    g_autofree char *typed = unescape(cells[0]);
    g_autofree char *expected = unescape(cell(cells, count, 2));
    g_autofree char *address = NULL;
    auto_ptr(findings) findings = findings_new();

    g_ptr_array_add(allowed, (gpointer)domains[0]);
    g_ptr_array_add(allowed, (gpointer)domains[1]);
    address = address_check(typed, allowed, findings);
    expect(findings, cells[1]);
    g_assert_cmpstr(address ? address : "", ==, expected);
}

static void check_network(char **cells, guint count)
{
    g_autoptr(GPtrArray) all = make_locations();
    g_autoptr(GPtrArray) chosen = choose(all, cell(cells, count, 3));
    g_autofree char *typed = unescape(cells[0]);
    auto_ptr(findings) findings = findings_new();
    g_autoptr(GArray) networks = source_check_networks(typed, all, chosen, findings);
    g_autoptr(GString) written = g_string_new(NULL);

    for (guint i = 0; i < networks->len; i++) {
        g_autofree char *one = network_format(&g_array_index(networks, struct network, i));
        g_string_append_printf(written, "%s%s", i ? " " : "", one);
    }
    expect(findings, cells[1]);
    g_assert_cmpstr(written->str, ==, cell(cells, count, 2));
}

static void check_hostname(char **cells, guint count)
{
    g_autofree char *typed = unescape(cells[0]);
    g_autofree char *expected = unescape(cell(cells, count, 2));
    auto_ptr(findings) findings = findings_new();
    g_autoptr(GPtrArray) names = hostname_check_names(typed, findings);
    g_autofree char *written = NULL;

    expect(findings, cells[1]);
    g_ptr_array_add(names, NULL);
    written = g_strjoinv(" ", (char **)names->pdata);
    g_assert_cmpstr(written, ==, expected);
}

static enum dns_answer read_answer(const char *text)
{
    return g_str_equal(text, "no-data")       ? DNS_NO_DATA
           : g_str_equal(text, "no-name")     ? DNS_NO_NAME
           : g_str_equal(text, "unavailable") ? DNS_UNAVAILABLE
                                              : DNS_FOUND;
}

static enum dns_answer read_addresses(const char *text, GArray *addresses)
{
    g_auto(GStrv) list = g_strsplit(text, " ", -1);

    if (read_answer(text) != DNS_FOUND)
        return read_answer(text);
    for (char **one = list; *one; one++) {
        struct network network;
        g_assert_cmpint(network_parse(*one, &network), ==, NETWORK_OK);
        g_array_append_val(addresses, network);
    }
    return DNS_FOUND;
}

static void read_reverse(const char *text, struct hostname_answers *answers)
{
    g_auto(GStrv) list = g_strsplit(text, " ", -1);

    for (guint i = 0; list[i] && *text; i++) {
        struct hostname_reverse *reverse = hostname_answers_add_reverse(
            answers, &g_array_index(answers->addresses, struct network, i));
        reverse->answer = read_answer(list[i]);
        if (reverse->answer == DNS_FOUND)
            g_ptr_array_add(reverse->names, g_strdup(list[i]));
    }
}

static void check_dns(char **cells, guint count)
{
    g_autoptr(GPtrArray) all = make_locations();
    g_autoptr(GPtrArray) chosen = choose(all, cell(cells, count, 3));
    auto_ptr(hostname_answers) answers = hostname_answers_new("host.example.edu");
    auto_ptr(findings) findings = findings_new();

    answers->ipv4 = read_addresses(cells[0], answers->addresses);
    answers->ipv6 = read_addresses(cells[1], answers->addresses);
    read_reverse(cell(cells, count, 2), answers);
    hostname_check_answers(answers, all, chosen, findings);
    expect(findings, cell(cells, count, 4));
}

static void test_tables(void)
{
    read_table("address.tsv", check_address);
    read_table("network.tsv", check_network);
    read_table("hostname.tsv", check_hostname);
    read_table("dns.tsv", check_dns);
}

/* ---- the catalogue ---- */

static void test_texts(void)
{
    static const char banned[] = "\\b(please|sorry|(in)?valid|forbidden|illegal|prohibited|oops|"
                                 "you forgot|this field is required|an error occurred)\\b";
    g_autoptr(GHashTable) texts = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) codes = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned id = 0; id < FINDING_COUNT; id++) {
        struct finding finding = findings_catalogue(id);
        g_test_message("%s", finding.code);
        g_assert_false(g_regex_match_simple(banned, finding.text, G_REGEX_CASELESS, 0));
        g_assert_true(g_hash_table_add(texts, finding.text));
        g_assert_true(g_hash_table_add(codes, (gpointer)finding.code));
    }
}

/* ---- meant instead, and text that must not go out as it came in ---- */

static void expect_text(const char *typed, const char *part)
{
    g_autoptr(GPtrArray) all = make_locations();
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    auto_ptr(findings) findings = findings_new();
    struct network untouched = {.family = -1};

    g_assert_false(source_check_network(typed, all, none, findings, &untouched));
    g_assert_cmpint(untouched.family, ==, -1);
    g_test_message("%s", findings_at(findings, 0)->text);
    g_assert_nonnull(strstr(findings_at(findings, 0)->text, part));
}

static void test_meant(void)
{
    expect_text("10.1.2.3/24", "did you mean 10.1.2.0/24?");
    expect_text("10.1.2.3/24", "enter 10.1.2.3.");
    expect_text("10.1.2.3-10.1.2.9", "instead: 10.1.2.3, 10.1.2.4/30, 10.1.2.8/31");
    expect_text("10.1.2.9-3", "instead: 10.1.2.3, 10.1.2.4/30, 10.1.2.8/31");
    expect_text("10.1.2.0-255", "instead: 10.1.2.0/24");
    expect_text("10.1.2.1-10.1.2.254", "instead: 10.1.2.0/24");
    expect_text("0.0.0.0-255.255.255.255", "means 0.0.0.0/0, which is larger");
    expect_text("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "means ::/0, which is larger");
    expect_text("2001:db8::1-2001:db8::2", "instead: 2001:db8::1, 2001:db8::2");
    expect_text("10.1.2.*", "instead: 10.1.2.0/24");
    expect_text("10.*.*.*", "means 10.0.0.0/8, which is larger");
    expect_text("10.1.2.7/255.255.255.0", "instead: 10.1.2.0/24");
    expect_text("10.1.2.0/0.0.0.255", "instead: 10.1.2.0/24");
    expect_text("010.001.2.3/24", "without: 10.1.2.3/24");
    expect_text("[2001:db8:c0::22]:25", "them: 2001:db8:c0::22");
    expect_text("10.1.2.0/24/24", "10.1.2.0/24/24 does not end");
}

static void test_shown(void)
{
    g_autofree char *longer = g_strnfill(1000, 'a');

    expect_text(longer, "…");
    expect_text("a\033[31m", "\357\277\275[31m");
    expect_text("{1}{2}", "{1}{2} is not");
}

static void test_owners(void)
{
    auto_ptr(registration) registration = registration_new();
    g_autofree char *group = owner_of_group("Mail-Team");
    g_autoptr(GPtrArray) groups = NULL;

    g_ptr_array_add(registration->owners, owner_new("ab12", ""));
    g_ptr_array_add(registration->owners, owner_new("group", ""));
    g_ptr_array_add(registration->owners, owner_new(group, ""));
    g_assert_nonnull(registration_person(registration, "ab12", "some-id"));
    g_assert_null(registration_person(registration, "mail-team", ""));
    g_assert_cmpstr(registration_owner(registration, "mail-team")->written, ==, "group mail-team");
    g_assert_cmpstr(registration_owner(registration, "group")->written, ==, "group");
    g_assert_null(registration_owner(registration, "ab1"));
    g_assert_false(owner_is_group("group"));
    groups = registration_groups(registration);
    g_assert_cmpuint(groups->len, ==, 1);
    g_assert_true(g_ptr_array_index(groups, 0) == registration_owner(registration, "mail-team"));
}

/* What Active Directory and LDAP's uid let somebody be called, and what paths, lists and scopes
   cannot carry. */
static void test_logins(void)
{
    static const char *const good[] = {"ab12", "o'brien", "van der Berg", "srv$", "müller", "李雷",
                                       "a+b", "x(y)", "ab 12", "-", "a.b", "..a", "#1", "50%", "a&b",
                                       "a=b", "a?b", "{x}", "[x]", "!", "`", "^", "~", "a"};
    static const char *const bad[] = {"", ".", "...", " a", "a ", "a  b", "a\tb", "a\nb", "a\u00a0b",
                                      "a@b", "a/b", "a\\b", "a,b", "a;b", "a:b", "a\"b", "*", "a<b", "a>b",
                                      "a|b", "group a", "a\u200bb", "a\u202eb", "a\xff", "\x1b[m", "a\x7f"};
    g_autofree char *longest = g_strnfill(LIMIT_LOGIN, 'a');
    g_autofree char *longer = g_strconcat(longest, "b", NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_test_message("%s", good[i]);
        g_assert_true(login_is_well_formed(good[i]));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_test_message("%zu", i);
        g_assert_false(login_is_well_formed(bad[i]));
    }
    g_assert_true(login_is_well_formed(longest));
    g_assert_false(login_is_well_formed(longer));
}

static void check_fold(const char *name, const char *expected)
{
    g_autofree char *folded = login_fold(name);

    g_assert_cmpstr(folded, ==, expected);
}

static void test_fold(void)
{
    check_fold("Ow1", "ow1");
    check_fold("MÜLLER", "müller");
    check_fold("Mu\u0308ller", "müller");
    check_fold("STRASSE", "strasse");
    check_fold("Straße", "straße");
    check_fold("İlker", "İlker");
    check_fold("ILKER", "ilker");
    check_fold("ΑΣ", "ασ");
}

static void check_owners(const char *typed, const char *expected)
{
    auto_ptr(findings) findings = findings_new();
    g_autoptr(GPtrArray) owners = registration_check_owners(typed, findings);
    g_autoptr(GString) text = g_string_new("");

    for (guint i = 0; i < owners->len; i++)
        g_string_append_printf(text, "[%s]", (const char *)owners->pdata[i]);
    for (size_t i = 0; i < findings_count(findings); i++)
        g_string_append_printf(text, " %s", findings_at(findings, i)->code);
    g_assert_cmpstr(text->str, ==, expected);
}

/* Whether "ow1 ow2" is one name or two is for the directory to say; "ow1 a@b" is two. */
static void test_typed_owners(void)
{
    check_owners("", "");
    check_owners("ow1\r\n OW2 ,ow1;\tvan  der Berg\n", "[ow1][OW2][van der Berg]");
    check_owners("ow1 ow2", "[ow1 ow2]");
    check_owners("ow1 a@b ow2", "[ow1][ow2] owners.login");
    check_owners("EXAD\\ow1", " owners.login");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    g_test_add_func("/rules/tables", test_tables);
    g_test_add_func("/rules/texts", test_texts);
    g_test_add_func("/rules/meant", test_meant);
    g_test_add_func("/rules/shown", test_shown);
    g_test_add_func("/rules/owners", test_owners);
    g_test_add_func("/rules/logins", test_logins);
    g_test_add_func("/rules/fold", test_fold);
    g_test_add_func("/rules/typed-owners", test_typed_owners);
    return g_test_run();
}
