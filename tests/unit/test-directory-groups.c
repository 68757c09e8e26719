/* SPDX-License-Identifier: MIT
 *
 * Groups of every kind, ways of finding groups in groups, and what the directory does not hold
 * or does not show: right, or "could not ask", but never "no".
 */
#include "adapters/directory/directory.h"
#include "meddler.h"
#include "sample.h"

#include <signal.h>

#define BASE "dc=example,dc=edu"
#define PEOPLE "ou=People," BASE
#define GROUPS "ou=Groups," BASE
#define EGAS "ou=EGA,ou=Exchange," BASE
#define CHILD "dc=child," BASE
#define FAR "ou=Far," BASE
#define FOREIGN "CN=ForeignSecurityPrincipals," BASE

/* In base64: S-1-5-21-1-2-3- and a number of their own, which base64 has in its last digits. */
#define SID(last) "AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAA" last
#define SID_513 SID("AQIAAA==")
#define SID_999 SID("5wMAAA==")
#define SID_1105 SID("UQQAAA==")
#define SID_1106 SID("UgQAAA==")
#define SID_1107 SID("UwQAAA==")

#define PERSON(name, lines)                                                                     \
    "dn: CN=" name "," PEOPLE "\nobjectClass: user\ncn: " name "\nsn: x\nsAMAccountName: " name \
    "\nobjectCategory: person\n" lines "\n"
#define GROUP(name, lines)                                                                \
    "dn: CN=" name "," GROUPS "\nobjectClass: group\ncn: " name "\nsAMAccountName: " name \
    "\n" lines "\n"
#define ACCOUNT(name, owner)                                                                   \
    "dn: CN=ga." name "," EGAS "\nobjectClass: user\nobjectClass: mailRecipient\ncn: ga." name \
    "\nsn: x\nobjectCategory: person\nsAMAccountName: ga." name                                \
    "\nmsExchRecipientTypeDetails: 4\nproxyAddresses: SMTP:" name                              \
    "@example.edu\nmanagedBy: " owner "\n\n"
#define MEMBER(name) "member: CN=" name "," PEOPLE "\n"
#define GROUP_IN(name) "member: CN=" name "," GROUPS "\n"

static const char more_ldif[] = PERSON("plain", "") PERSON("unique", "") PERSON("MixedCase", "")
    PERSON("posix", "gidNumber: 77\n")
    /* Groups of other kinds, and one within another. */
    "dn: CN=u-group," GROUPS "\nobjectClass: groupOfUniqueNames\ncn: u-group\n"
    "uniqueMember: CN=unique," PEOPLE "\n\n" GROUP(
        "over-unique",
        GROUP_IN("u-group")) "dn: CN=p-group," GROUPS
                             "\nobjectClass: posixGroup\ncn: p-group\ngidNumber: 76\n"
                             "memberUid: MixedCase\n\n"
                             "dn: CN=p-own," GROUPS
                             "\nobjectClass: posixGroup\ncn: p-own\ngidNumber: 77\n\n" ACCOUNT(
                                 "unique", "CN=u-group," GROUPS)
                                 ACCOUNT("over", "CN=over-unique," GROUPS)
                                     ACCOUNT("posix", "CN=p-group," GROUPS)
                                         ACCOUNT("own", "CN=p-own," GROUPS)
    /* One's own group may stand anywhere, or in no directory. */
    PERSON("far", "gidNumber: 78\n") PERSON("local", "gidNumber: 79\n")
    "dn: CN=shell," PEOPLE "\nobjectClass: user\nobjectClass: posixAccount\ncn: shell\nsn: x\n"
    "sAMAccountName: shell\nobjectCategory: person\nuid: shell\nuidNumber: 5\ngidNumber: 77\n"
    "homeDirectory: /\n\n"
    "dn: CN=p-far," BASE "\nobjectClass: posixGroup\ncn: p-far\ngidNumber: 78\n\n"
    ACCOUNT("far", "CN=p-far," BASE) ACCOUNT("of-local", "CN=local," PEOPLE)
    /* A primary group lists its members nowhere. This one is outside of the base of groups. */
    "dn: CN=Domain Users," BASE "\nobjectClass: group\ncn: Domain Users\n"
    "sAMAccountName: domain-users\nobjectSid:: " SID_513
    "\n\n" GROUP("over-primary", "member: CN=Domain Users," BASE "\n")
        PERSON("primary", "objectSid:: " SID_1105 "\nprimaryGroupID: 513\n")
            PERSON("hidden", "objectSid:: " SID_1106 "\nprimaryGroupID: 999\n")
                PERSON("sidless", "primaryGroupID: 513\n")
                    ACCOUNT("primary", "CN=Domain Users," BASE)
                        ACCOUNT("over-primary", "CN=over-primary," GROUPS)
                            ACCOUNT("of-hidden", "CN=hidden," PEOPLE)
    /* A person of another domain, who is in a group by another name. */
    "dn: " CHILD "\nobjectClass: domain\ndc: child\n\n"
    "dn: CN=foreigner," CHILD "\nobjectClass: user\ncn: foreigner\nsn: x\n"
    "sAMAccountName: foreigner\nobjectCategory: person\nobjectSid:: " SID_1107 "\n\n"
    "dn: CN=stranger," CHILD "\nobjectClass: user\ncn: stranger\nsn: x\n"
    "sAMAccountName: stranger\nobjectCategory: person\n\n"
    "dn: " FOREIGN "\nobjectClass: device\ncn: ForeignSecurityPrincipals\n\n"
    "dn: CN=S-1-5-21-1-2-3-1107," FOREIGN "\nobjectClass: foreignSecurityPrincipal\n"
    "cn: S-1-5-21-1-2-3-1107\nobjectSid:: " SID_1107
    "\n\n" GROUP("of-foreigners", "member: CN=S-1-5-21-1-2-3-1107," FOREIGN "\n")
        ACCOUNT("foreign", "CN=of-foreigners," GROUPS)
    /* What some servers keep with the person. */
    PERSON("kept", "memberOf: CN=k-inner," GROUPS "\nmemberOf: CN=k-outer," GROUPS "\n")
        PERSON("not-kept", "") GROUP("k-inner", MEMBER("kept"))
            GROUP("k-outer", GROUP_IN("k-inner")) GROUP("k-other", MEMBER("not-kept"))
                ACCOUNT("kept", "CN=k-outer," GROUPS) ACCOUNT("not-kept", "CN=k-other," GROUPS)
    /* What another server holds. */
    "dn: " FAR "\nobjectClass: organizationalUnit\nou: Far\n\n"
    "dn: CN=near," FAR "\nobjectClass: user\ncn: near\nsn: x\nsAMAccountName: near\n"
    "objectCategory: person\n\n"
    "dn: ou=elsewhere," FAR "\nobjectClass: referral\nobjectClass: extensibleObject\n"
    "ou: elsewhere\nref: ldap://192.0.2.1/ou=elsewhere," FAR "\n\n";

static struct slapd *slapd;

/* ---- asking --------------------------------------------------------------------------------- */

/* "owner", or "limit", "set-up" or "outage" for what could not be asked. */
static const char *text_of(const GError *error)
{
    g_test_message("%s", error->message);
    switch (error->code) {
    case APPSMTP_ERROR_LIMIT:
        g_assert_nonnull(strstr(error->message, "trying again does not help: "));
        return "limit";
    case APPSMTP_ERROR_CONFIGURATION:
        return "set-up";
    default:
        g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY);
        return "outage";
    }
}

static const char *role_in(struct config *config, const char *login, const char *account)
{
    g_autofree char *address = g_strconcat(account, "@example.edu", NULL);
    g_autoptr(GError) error = NULL;
    auto_ptr(directory) directory = directory_new(config->directory, &error);
    enum role_answer answer;

    g_assert_no_error(error);
    return directory_role(directory, login, address, deadline_in(60000), &answer, NULL, &error)
               ? role_answer_name(answer)
               : text_of(error);
}

static struct config *config_with(const char *groups)
{
    const char *const uris[] = {slapd->ldaps, NULL};
    struct sample sample = {.uris = uris, .groups = groups, .people = "<base>" CHILD "</base>"};

    return sample_config(slapd, &sample);
}

/* ---- kinds of groups ------------------------------------------------------------------------ */

#define ALL_KINDS                                                                             \
    "filter='(|(objectClass=group)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))'" \
    " member-attribute='member uniqueMember'"

static void test_attributes(void)
{
    auto_ptr(config) one = config_with("");
    auto_ptr(config) several = config_with(ALL_KINDS);

    g_assert_cmpstr(role_in(one, "unique", "unique"), ==, "no-role");
    g_assert_cmpstr(role_in(several, "unique", "unique"), ==, "owner");
    g_assert_cmpstr(role_in(several, "unique", "over"), ==, "owner");
    g_assert_cmpstr(role_in(several, "plain", "over"), ==, "no-role");
    several->directory->nested = NESTED_DIRECT;
    g_assert_cmpstr(role_in(several, "unique", "unique"), ==, "owner");
    g_assert_cmpstr(role_in(several, "unique", "over"), ==, "no-role");
}

static void test_logins(void)
{
    auto_ptr(config) config = config_with(ALL_KINDS " member-uid-attribute='memberUid'");

    /* memberUid is compared with regard to case, and the login was typed otherwise. */
    g_assert_cmpstr(role_in(config, "mixedcase", "posix"), ==, "owner");
    g_assert_cmpstr(role_in(config, "plain", "posix"), ==, "no-role");
    /* One's own group has its number in one's own entry. */
    g_assert_cmpstr(role_in(config, "posix", "own"), ==, "owner");
    g_assert_cmpstr(role_in(config, "mixedcase", "own"), ==, "no-role");
}

#define POSIX ALL_KINDS " member-uid-attribute='memberUid'"
#define HIDE_NUMBERS(of) "access to " of " attrs=gidNumber by * none\n"

static void test_numbers(void)
{
    auto_ptr(config) config = config_with(POSIX);
    auto_ptr(config) without = config_with(POSIX " primary-group='no'");

    /* The whole directory is looked at, and with it the reference to another server in it. */
    g_assert_cmpstr(role_in(config, "local", "far"), ==, "limit");
    config->directory->ignore_references = true;
    g_assert_cmpstr(role_in(config, "far", "far"), ==, "owner");
    g_assert_cmpstr(role_in(config, "local", "far"), ==, "no-role");
    g_assert_cmpstr(role_in(config, "shell", "own"), ==, "owner");
    g_assert_cmpstr(role_in(without, "far", "far"), ==, "no-role");
    slapd_restrict(slapd, HIDE_NUMBERS("filter=(objectClass=posixGroup)"), "");
    g_assert_cmpstr(role_in(config, "far", "far"), ==, "limit");
    g_assert_cmpstr(role_in(config, "local", "far"), ==, "limit");
    g_assert_cmpstr(role_in(config, "local", "of-local"), ==, "owner");
    g_assert_cmpstr(role_in(config, "plain", "far"), ==, "no-role");
    g_assert_cmpstr(role_in(without, "far", "far"), ==, "no-role");
    slapd_restrict(slapd, HIDE_NUMBERS("filter=(objectClass=posixAccount)"), "");
    g_assert_cmpstr(role_in(config, "shell", "own"), ==, "limit");
    g_assert_cmpstr(role_in(without, "shell", "own"), ==, "no-role");
    slapd_restrict(slapd, "", "");
}

static void check_member(const struct config *config, const char *login, const char *group,
                         const char *expected)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(directory) directory = directory_new(config->directory, &error);
    bool member;

    g_assert_no_error(error);
    if (directory_is_member(directory, login, group, deadline_in(60000), &member, &error))
        g_assert_cmpstr(member ? "member" : "no-member", ==, expected);
    else
        g_assert_cmpstr(text_of(error), ==, expected);
}

static void test_primary(void)
{
    auto_ptr(config) config = config_with("");
    auto_ptr(config) without = config_with("primary-group='no'");

    g_assert_cmpstr(role_in(config, "primary", "primary"), ==, "owner");
    g_assert_cmpstr(role_in(config, "primary", "over-primary"), ==, "owner");
    g_assert_cmpstr(role_in(config, "plain", "primary"), ==, "no-role");
    g_assert_cmpstr(role_in(config, "hidden", "primary"), ==, "limit");
    g_assert_cmpstr(role_in(config, "hidden", "of-hidden"), ==, "owner");
    g_assert_cmpstr(role_in(config, "sidless", "primary"), ==, "limit");
    g_assert_cmpstr(role_in(without, "hidden", "primary"), ==, "no-role");
    g_assert_cmpstr(role_in(without, "primary", "primary"), ==, "no-role");
    check_member(config, "primary", "CN=Domain Users," BASE, "member");
    check_member(config, "primary", "CN=over-primary," GROUPS, "member");
    check_member(config, "plain", "CN=Domain Users," BASE, "no-member");
    check_member(config, "sidless", "CN=Domain Users," BASE, "limit");
    config->directory->nested = NESTED_NONE;
    check_member(config, "primary", "CN=Domain Users," BASE, "member");
}

static void test_foreign(void)
{
    auto_ptr(config) config = config_with("");

    auto_ptr(config) without = config_with("primary-group='no'");

    g_assert_cmpstr(role_in(config, "foreigner", "foreign"), ==, "owner");
    g_assert_cmpstr(role_in(without, "foreigner", "foreign"), ==, "owner");
    /* By no objectSid nobody is found there, whether or not they are. */
    g_assert_cmpstr(role_in(config, "stranger", "foreign"), ==, "limit");
    g_assert_cmpstr(role_in(config, "plain", "foreign"), ==, "no-role");
    check_member(config, "foreigner", "CN=of-foreigners," GROUPS, "member");
    check_member(config, "stranger", "CN=of-foreigners," GROUPS, "limit");
}

/* The root says so, as that of Active Directory does. Caller frees. */
static char *active_directory(void)
{
    g_autofree char *file = g_build_filename(slapd->folder, "root.ldif", NULL);

    g_assert_true(g_file_set_contents(
        file, "dn:\nsupportedCapabilities: 1.2.840.113556.1.4.800\n", -1, NULL));
    return g_strdup_printf("attributetype ( 1.3.6.1.4.1.4203.666.99.1 NAME 'supportedCapabilities'"
                           " EQUALITY objectIdentifierMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 )\n"
                           "rootDSE %s\n",
                           file);
}

/* What is not shown is "could not tell" where it has to be, and "no" where it need not be. */
static void test_hidden_foreign(void)
{
    static const char *const rules[] = {"access to dn.subtree=\"" FOREIGN "\" by * none\n",
                                        "access to dn.children=\"" FOREIGN "\" by * none\n",
                                        "access to dn.subtree=\"" BASE "\" attrs=objectSid by * none\n"};
    auto_ptr(config) config = config_with("primary-group='no'");
    auto_ptr(config) primary = config_with("");
    g_autofree char *root = active_directory();

    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        slapd_restrict(slapd, rules[i], root);
        g_assert_cmpstr(role_in(config, "foreigner", "foreign"), ==, "limit");
        g_assert_cmpstr(role_in(config, "stranger", "foreign"), ==, "limit");
        g_assert_cmpstr(role_in(config, "plain", "foreign"), ==, "no-role");
        g_assert_cmpstr(role_in(config, "ow1", "direct"), ==, "owner");
    }
    slapd_restrict(slapd, "", root);
    g_assert_cmpstr(role_in(config, "foreigner", "foreign"), ==, "owner");
    g_assert_cmpstr(role_in(primary, "foreigner", "foreign"), ==, "limit");
    slapd_restrict(slapd, rules[0], "");
    g_assert_cmpstr(role_in(config, "stranger", "foreign"), ==, "no-role");
    slapd_restrict(slapd, "", "");
}

/* ---- ways of finding groups in groups ---------------------------------------------------------
 */

/* OpenLDAP takes the rule for chains, and matches nothing by it. */
static void test_chain(void)
{
    auto_ptr(config) config = config_with("nested='chain'");

    g_assert_cmpstr(role_in(config, "dp1", "nested"), ==, "set-up");
    g_assert_cmpstr(role_in(config, "ow1", "direct"), ==, "owner");
    g_assert_cmpstr(role_in(config, "plain", "direct"), ==, "set-up");
}

/* id: of the group, "" where only its name is known. */
static void check_held(const struct config *config, const char *login, const char *group,
                       const char *id, bool expected)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(directory) directory = directory_new(config->directory, &error);
    auto_ptr(owner) owner = owner_new(group, id);
    g_autoptr(GPtrArray) groups = g_ptr_array_new();
    g_autoptr(GPtrArray) held = NULL;

    g_assert_no_error(error);
    g_ptr_array_add(groups, owner);
    directory_member_of(directory, login, groups, deadline_in(60000), &held, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(held->len, ==, expected);
}

static void test_member_of(void)
{
    auto_ptr(config) config = config_with("nested='memberof'");

    g_assert_cmpstr(role_in(config, "kept", "kept"), ==, "owner");
    g_assert_cmpstr(role_in(config, "plain", "kept"), ==, "no-role");
    check_held(config, "kept", "group k-outer", "", true);
    /* In a group that the entry says nothing of, so the server does not keep it. */
    g_assert_cmpstr(role_in(config, "not-kept", "not-kept"), ==, "set-up");
    g_assert_cmpstr(role_in(config, "primary", "over-primary"), ==, "no-role");
    g_assert_cmpstr(role_in(config, "primary", "primary"), ==, "owner");
}

/* Wherever a group was found, its id is read with its name: another one's is "no". */
static void test_member_of_another(void)
{
    static const char other[] = "00000000-0000-0000-0000-000000000000";
    auto_ptr(config) config = config_with(POSIX " name-attribute='cn'");

    check_held(config, "plain", "group p-far", other, false);
    check_held(config, "far", "group p-far", other, false);
    check_held(config, "primary", "group Domain Users", other, false);
    check_held(config, "MixedCase", "group p-group", other, false);
    check_held(config, "MixedCase", "group p-group", "", true);
}

static void test_names(void)
{
    static const struct {
        const char *groups;
        enum nested_groups nested;
    } cases[] = {{"", NESTED_RECURSION},
                 {"nested='recursion'", NESTED_RECURSION},
                 {"nested='client'", NESTED_RECURSION},
                 {"nested='chain'", NESTED_CHAIN},
                 {"nested='memberof' member-of-attribute='isMemberOf'", NESTED_MEMBEROF},
                 {"nested='direct'", NESTED_DIRECT},
                 {"nested='none'", NESTED_NONE}};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        auto_ptr(config) config = config_with(cases[i].groups);
        g_assert_cmpint(config->directory->nested, ==, cases[i].nested);
    }
}

/* ---- what takes too long, and what is elsewhere -----------------------------------------------
 */

/* A chain of groups, each in the next. */
static void append_chain(GString *ldif, unsigned length)
{
    g_string_append(ldif, PERSON("deep", "") GROUP("c-1", MEMBER("deep")));
    for (unsigned i = 2; i <= length; i++)
        g_string_append_printf(ldif,
                               "dn: CN=c-%u," GROUPS "\nobjectClass: group\ncn: c-%u\n"
                               "sAMAccountName: c-%u\nmember: CN=c-%u," GROUPS "\n\n",
                               i, i, i, i - 1);
}

#define HUGE_MEMBERS 100000

static void append_huge(GString *ldif)
{
    g_string_append(ldif, "dn: CN=huge," GROUPS "\nobjectClass: group\ncn: huge\n"
                          "sAMAccountName: huge\n" MEMBER("ow1"));
    for (unsigned i = 1; i < HUGE_MEMBERS; i++)
        g_string_append_printf(ldif, "member: CN=Somebody of a hundred thousand %u," PEOPLE "\n", i);
    g_string_append(ldif, "\n");
}

/* Below the bound of what a server may say at once. */
static void test_huge(void)
{
    auto_ptr(config) config = config_with("");
    g_autoptr(GError) error = NULL;
    auto_ptr(directory) directory = directory_new(config->directory, &error);
    auto_ptr(directory_group) group = NULL;
    enum group_answer answer;

    g_assert_no_error(error);
    directory_find_group(directory, "huge", 1, deadline_in(60000), &answer, &group, &error);
    g_assert_no_error(error);
    g_assert_cmpint(answer, ==, GROUP_FOUND);
    g_assert_cmpuint(group->members->len, ==, 1);
    g_assert_true(group->more);
    check_member(config, "ow1", "CN=huge," GROUPS, "member");
}

/* Every answer comes, and yet there is no time for all of them: the next time will be the same. */
static void test_too_long(void)
{
    struct meddle_plan plan = {
        .server = strstr(slapd->ldap, "127."), .answer = G_MAXUINT, .delay_ms = 200};
    struct meddler *meddler = meddler_new(&plan);
    g_autofree char *uri = g_strdup_printf("ldap://127.0.0.1:%u", meddler_port(meddler));
    const char *const uris[] = {uri, NULL};
    struct sample sample = {.uris = uris, .groups = "depth='100'"};
    auto_ptr(config) config = sample_config(slapd, &sample);

    config->directory->connect_ms = config->directory->operation_ms = config->directory->total_ms =
        5000;
    check_member(config, "deep", "CN=g-relay-operators," GROUPS, "limit");
    meddler_free(meddler);
}

static void collect(const char *text, void *data)
{
    g_string_append_printf(data, "%s\n", text);
}

static const char *find_in(const struct config *config, const char *login, GString *steps)
{
    static const char *const names[] = {[PERSON_FOUND] = "found", [PERSON_NOT_FOUND] = "not found"};
    g_autoptr(GError) error = NULL;
    auto_ptr(directory) directory = directory_new(config->directory, &error);
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    g_assert_no_error(error);
    directory_trace(directory, collect, steps);
    if (!directory_find_person(directory, login, deadline_in(60000), &answer, &person, &error))
        return text_of(error);
    return answer < G_N_ELEMENTS(names) ? names[answer] : "other";
}

/* Only a part of what is below FAR is on this server. */
static void test_references(void)
{
    const char *const uris[] = {slapd->ldaps, NULL};
    struct sample sample = {.uris = uris, .people = "<base>" FAR "</base>"};
    auto_ptr(config) matter = sample_config(slapd, &sample);
    auto_ptr(config) ignore = NULL;
    g_autoptr(GString) steps = g_string_new("");

    sample.directory = "references='ignore'";
    ignore = sample_config(slapd, &sample);
    g_assert_cmpstr(find_in(matter, "no-such-login", steps), ==, "limit");
    g_assert_cmpstr(find_in(ignore, "no-such-login", steps), ==, "not found");
    g_string_truncate(steps, 0);
    g_assert_cmpstr(find_in(matter, "near", steps), ==, "found");
    g_assert_nonnull(strstr(steps->str, "1 reference not followed"));
    /* Found below another base. */
    g_assert_cmpstr(find_in(matter, "plain", steps), ==, "found");
}

int main(int argc, char **argv)
{
    g_autoptr(GString) ldif = g_string_new(more_ldif);
    int failed;

    signal(SIGPIPE, SIG_IGN);
    g_test_init(&argc, &argv, NULL);
    append_chain(ldif, 60);
    append_huge(ldif);
    slapd = slapd_new("20", "20", ldif->str);
    g_test_add_func("/groups/attributes", test_attributes);
    g_test_add_func("/groups/logins", test_logins);
    g_test_add_func("/groups/primary", test_primary);
    g_test_add_func("/groups/foreign", test_foreign);
    g_test_add_func("/groups/hidden-foreign", test_hidden_foreign);
    g_test_add_func("/groups/numbers", test_numbers);
    g_test_add_func("/groups/chain", test_chain);
    g_test_add_func("/groups/member-of", test_member_of);
    g_test_add_func("/groups/member-of-another", test_member_of_another);
    g_test_add_func("/groups/names", test_names);
    g_test_add_func("/groups/huge", test_huge);
    g_test_add_func("/groups/too-long", test_too_long);
    g_test_add_func("/groups/references", test_references);
    failed = g_test_run();
    slapd_free(slapd);
    return failed;
}
