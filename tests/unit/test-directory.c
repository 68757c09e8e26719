/* SPDX-License-Identifier: MIT
 *
 * The directory adapter against a real slapd: every answer of the sample, and
 * every kind of trouble that has to be an error and not a "no".
 */
#include "adapters/directory/directory.h"
#include "adapters/directory/filter.h"
#include "slapd.h"

#include <arpa/inet.h>
#include <ldap.h>
#include <signal.h>
#include <sys/wait.h>
#include <sys/resource.h>
#include <sys/socket.h>

static struct slapd *slapd;

/* Groups for templates, the second through groups in groups; an account with a binary id;
 * a group of somebody disabled, somebody gone and somebody else; two groups of one name. */
static const char more_ldif[] = "dn: CN=ga.delegate-adm,ou=Groups,dc=example,dc=edu\n"
                                "objectClass: group\ncn: ga.delegate-adm\n"
                                "member: CN=nb1,ou=People,dc=example,dc=edu\n\n"
                                "dn: CN=ga.noowner-adm,ou=Groups,dc=example,dc=edu\n"
                                "objectClass: group\ncn: ga.noowner-adm\n"
                                "member: CN=g-l1,ou=Groups,dc=example,dc=edu\n\n"
                                "dn: CN=ga.guid,ou=EGA,ou=Exchange,dc=example,dc=edu\n"
                                "objectClass: user\nobjectClass: mailRecipient\n"
                                "cn: ga.guid\nsn: guid\nsAMAccountName: ga.guid\n"
                                "objectCategory: person\nproxyAddresses: smtp:guid@example.edu\n"
                                "msExchMailboxGuid:: /wABAgMEBQYHCAkKCwwNDg==\n\n"
                                "dn: CN=g-mixed,ou=Groups,dc=example,dc=edu\n"
                                "objectClass: group\ncn: g-mixed\nsAMAccountName: G-Mixed\n"
                                "member: CN=of1,ou=People,dc=example,dc=edu\n"
                                "member: CN=gone,ou=People,dc=example,dc=edu\n"
                                "member: CN=g-other,ou=Groups,dc=example,dc=edu\n"
                                "member: CN=ow2,ou=People,dc=example,dc=edu\n\n"
                                "dn: CN=one,ou=Groups,dc=example,dc=edu\n"
                                "objectClass: group\ncn: one\nsAMAccountName: twice\n"
                                "member: CN=ow1,ou=People,dc=example,dc=edu\n\n"
                                "dn: CN=other,ou=Groups,dc=example,dc=edu\n"
                                "objectClass: group\ncn: other\nsAMAccountName: twice\n\n";

/* ---- settings: each test changes a copy of its own */

static struct role_rule owner_rule = {ROLE_BY_DN_ATTRIBUTE, (char *)"managedBy"};
static struct role_rule administrator_rule = {ROLE_BY_DN_ATTRIBUTE,
                                              (char *)"msExchCoManagedByLink"};
static struct role_rule login_rule = {ROLE_BY_LOGIN_ATTRIBUTE, (char *)"siteAdminNetID"};
static struct role_rule template_rule = {ROLE_BY_GROUP_TEMPLATE,
                                         (char *)"CN={account}-adm, ou=groups,dc=example,dc=edu"};
static struct address_attribute addresses = {(char *)"proxyAddresses", (char *)"smtp:"};

static struct holder_search holders = {(char *)"dc=example,dc=edu", (char *)""};

static GPtrArray *list(void *first, void *second)
{
    GPtrArray *made = g_ptr_array_new();

    g_ptr_array_add(made, first);
    if (second)
        g_ptr_array_add(made, second);
    return made;
}

static void set_people(struct directory_settings *settings)
{
    settings->user_bases->pdata[0] = (char *)"dc=example,dc=edu";
    settings->user_filter = (char *)"(&(objectCategory=person)(sAMAccountName=%u))";
    settings->user_eligible_filter = (char *)"(!(userAccountControl:1.2.840.113556.1.4.803:=2))";
    settings->user_login_attribute = (char *)"sAMAccountName";
    settings->user_id_attribute = (char *)"entryUUID";
    settings->user_name_attribute = (char *)"displayName";
    settings->user_mail_attribute = (char *)"mail";
}

static void set_accounts(struct directory_settings *settings)
{
    settings->account_base = (char *)"ou=EGA,ou=Exchange,dc=example,dc=edu";
    settings->account_filter = (char *)"(&(objectCategory=person)(sAMAccountName=ga.*))";
    settings->account_eligible_filter =
        (char *)"(|(msExchRecipientTypeDetails=4)(msExchRecipientTypeDetails=34359738368))";
    settings->address_attributes = list(&addresses, NULL);
    settings->holder_searches = list(&holders, NULL);
    settings->id_attribute = (char *)"entryUUID";
    settings->label_attribute = (char *)"displayName";
    settings->owner_rules = list(&owner_rule, NULL);
    settings->administrator_rules = list(&administrator_rule, NULL);
}

static struct directory_settings *settings_new(const char *uri, const char *second)
{
    struct directory_settings *settings = g_new0(struct directory_settings, 1);

    settings->uris = list((char *)uri, (char *)second);
    settings->ca_file = slapd->ca;
    settings->certificate_file = settings->key_file = (char *)"";
    settings->bind_dn = (char *)"cn=portal,ou=Service,dc=example,dc=edu";
    settings->password_file = slapd->password;
    settings->connect_ms = 500;
    settings->operation_ms = 700;
    settings->total_ms = 3000;
    settings->page_size = 500;
    settings->user_bases = list(NULL, NULL);
    settings->login_scopes = list((char *)"example.edu", (char *)"student.example.edu");
    settings->login_domains = list((char *)"EXAD", NULL);
    set_people(settings);
    set_accounts(settings);
    settings->group_base = (char *)"dc=example,dc=edu";
    settings->group_filter = (char *)"(objectClass=group)";
    settings->group_member_attributes = list((char *)"member", NULL);
    settings->group_member_uid_attribute = (char *)"";
    settings->member_of_attribute = (char *)"memberOf";
    settings->primary_group = true;
    settings->group_name_attribute = (char *)"sAMAccountName";
    settings->group_id_attribute = (char *)"entryUUID";
    settings->nested_depth = 10;
    settings->max_groups = 2000;
    settings->max_list = 5000;
    return settings;
}

static void settings_free(struct directory_settings *settings)
{
    g_ptr_array_unref(settings->uris);
    g_ptr_array_unref(settings->user_bases);
    g_ptr_array_unref(settings->login_scopes);
    g_ptr_array_unref(settings->login_domains);
    g_ptr_array_unref(settings->address_attributes);
    g_ptr_array_unref(settings->holder_searches);
    g_ptr_array_unref(settings->owner_rules);
    g_ptr_array_unref(settings->administrator_rules);
    g_ptr_array_unref(settings->group_member_attributes);
    g_free(settings);
}

DEFINE_AUTO(directory_settings, settings_free)

static struct directory *made(const struct directory_settings *settings)
{
    g_autoptr(GError) error = NULL;
    struct directory *directory = directory_new(settings, &error);

    g_assert_no_error(error);
    return directory;
}

static struct deadline soon(void)
{
    return deadline_in(8000);
}

/* ---- answers */

static const char *role(struct directory *directory, const char *login, const char *address)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(account) account = NULL;
    enum role_answer answer;
    bool asked = directory_role(directory, login, address, soon(), &answer, &account, &error);

    g_assert_no_error(error);
    g_assert_true(asked);
    return role_answer_name(answer);
}

static void test_expected(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);
    g_autofree char *file =
        g_build_filename(g_getenv("TEST_SRCDIR"), "directory", "expected.tsv", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    unsigned count = 0;

    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) parts = g_strsplit(*line, "\t", -1);
        if (**line == '#' || g_strv_length(parts) != 3)
            continue;
        g_test_message("%s", *line);
        g_assert_cmpstr(role(directory, parts[0], parts[1]), ==, parts[2]);
        count++;
    }
    g_assert_cmpuint(count, >=, 32);
}

static void test_account(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);
    auto_ptr(account) primary = NULL;
    auto_ptr(account) alias = NULL;
    auto_ptr(account) none = NULL;
    enum role_answer answer;

    g_assert_true(
        directory_role(directory, "ow1", "MANY@example.edu", soon(), &answer, &primary, NULL));
    g_assert_true(directory_role(directory, "nb1", "many.old@dept.example.edu", soon(), &answer,
                                 &alias, NULL));
    g_assert_cmpint(answer, ==, ROLE_NONE);
    g_assert_true(primary->primary);
    g_assert_false(alias->primary);
    g_assert_cmpstr(primary->id, ==, alias->id);
    g_assert_cmpuint(strlen(primary->id), ==, 36);
    g_assert_cmpstr(primary->label, ==, "many");
    g_assert_cmpstr(primary->dn, ==, "cn=ga.many,ou=EGA,ou=Exchange,dc=example,dc=edu");
    g_assert_true(
        directory_role(directory, "ow1", "dup@example.edu", soon(), &answer, &none, NULL));
    g_assert_null(none);
    settings->primary_only = true;
    g_assert_cmpstr(role(directory, "ow1", "many@example.edu"), ==, "owner");
    g_assert_cmpstr(role(directory, "ow1", "many-alias@example.edu"), ==, "not-primary");
    g_assert_cmpstr(role(directory, "nb1", "many-alias@example.edu"), ==, "no-role");
    settings->id_attribute = (char *)"objectGUID";
    g_assert_false(
        directory_role(directory, "ow1", "many@example.edu", soon(), &answer, NULL, NULL));
}

static void test_binary_id(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = NULL;
    auto_ptr(account) account = NULL;
    enum role_answer answer;

    settings->id_attribute = (char *)"msExchMailboxGuid";
    directory = made(settings);
    g_assert_true(
        directory_role(directory, "ow1", "guid@example.edu", soon(), &answer, &account, NULL));
    g_assert_cmpint(answer, ==, ROLE_NONE);
    g_assert_cmpstr(account->id, ==, "ff000102030405060708090a0b0c0d0e");
    g_assert_cmpstr(account->label, ==, "guid@example.edu");
    g_assert_false(account->primary);
}

static void test_rules(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = NULL;

    g_ptr_array_add(settings->administrator_rules, &login_rule);
    g_ptr_array_add(settings->administrator_rules, &template_rule);
    directory = made(settings);
    g_assert_cmpstr(role(directory, "ow1", "netid@example.edu"), ==, "administrator");
    g_assert_cmpstr(role(directory, "ad1", "netid@example.edu"), ==, "administrator");
    g_assert_cmpstr(role(directory, "nb1", "netid@example.edu"), ==, "no-role");
    g_assert_cmpstr(role(directory, "nb1", "delegate@example.edu"), ==, "administrator");
    g_assert_cmpstr(role(directory, "dg1", "delegate@example.edu"), ==, "no-role");
    g_assert_cmpstr(role(directory, "dp1", "noowner@example.edu"), ==, "administrator");
    settings->nested = NESTED_DIRECT;
    g_assert_cmpstr(role(directory, "ad1", "grpadmin@example.edu"), ==, "administrator");
    g_assert_cmpstr(role(directory, "dp1", "nested@example.edu"), ==, "no-role");
    g_assert_cmpstr(role(directory, "nb1", "delegate@example.edu"), ==, "administrator");
    g_assert_cmpstr(role(directory, "dp1", "noowner@example.edu"), ==, "no-role");
    settings->nested = NESTED_NONE;
    g_assert_cmpstr(role(directory, "ad1", "grpadmin@example.edu"), ==, "no-role");
    g_assert_cmpstr(role(directory, "nb1", "delegate@example.edu"), ==, "administrator");
    g_assert_cmpstr(role(directory, "ow1", "direct@example.edu"), ==, "owner");
}

static const char *find(struct directory *directory, const char *login)
{
    static const char *const names[] = {"found", "not found", "several", "not eligible",
                                        "bad login"};
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    g_assert_true(directory_find_person(directory, login, soon(), &answer, &person, NULL));
    g_assert_true((answer == PERSON_FOUND) == (person != NULL));
    return names[answer];
}

static void test_person(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);
    g_autofree char *longest = g_strnfill(65, 'a');
    auto_ptr(person) odd = NULL;
    enum person_answer answer;

    g_assert_cmpstr(find(directory, "ow1"), ==, "found");
    g_assert_cmpstr(find(directory, "ow1@Example.edu"), ==, "found");
    g_assert_cmpstr(find(directory, "ow1@med.example.edu"), ==, "bad login");
    g_assert_cmpstr(find(directory, "@example.edu"), ==, "bad login");
    g_assert_cmpstr(find(directory, "ow1;ow2"), ==, "bad login");
    g_assert_cmpstr(find(directory, "*"), ==, "bad login");
    g_assert_cmpstr(find(directory, ""), ==, "bad login");
    g_assert_cmpstr(find(directory, longest), ==, "bad login");
    g_assert_cmpstr(find(directory, "nobody.at.all"), ==, "not found");
    g_assert_cmpstr(find(directory, "of1"), ==, "not eligible");
    g_assert_true(directory_find_person(directory, "JS7", soon(), &answer, &odd, NULL));
    g_assert_cmpstr(odd->login, ==, "js7");
    g_assert_cmpstr(odd->name, ==, "Smith, John (contractor) *");
    g_assert_cmpstr(odd->mail, ==, "js7@example.edu");
}

static bool sign_in(struct directory *directory, const char *login, const char *password)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(person) person = NULL;
    const char *reason = NULL;
    enum sign_in_answer answer;

    directory_sign_in(directory, login, password, soon(), &answer, &person, &reason, &error);
    g_assert_no_error(error);
    g_assert_nonnull(reason);
    g_assert_true((answer == SIGN_IN_ACCEPTED) == (person != NULL));
    return answer == SIGN_IN_ACCEPTED;
}

/* That the server takes an empty password is what makes the test of it worth something. */
static void check_server_takes_empty_password(void)
{
    LDAP *ldap;
    struct berval nothing = {0, (char *)""};
    int version = LDAP_VERSION3;

    g_assert_cmpint(ldap_initialize(&ldap, slapd->ldap), ==, LDAP_SUCCESS);
    ldap_set_option(ldap, LDAP_OPT_PROTOCOL_VERSION, &version);
    g_assert_cmpint(ldap_sasl_bind_s(ldap, "CN=ow1,ou=People,dc=example,dc=edu", LDAP_SASL_SIMPLE,
                                     &nothing, NULL, NULL, NULL),
                    ==, LDAP_SUCCESS);
    ldap_unbind_ext_s(ldap, NULL, NULL);
}

static void test_sign_in(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);

    check_server_takes_empty_password();
    g_assert_true(sign_in(directory, "ow1", "own-one"));
    g_assert_true(sign_in(directory, "OW1@example.edu", "own-one"));
    g_assert_true(sign_in(directory, "js7", "odd"));
    g_assert_true(sign_in(directory, "zo9", "uni"));
    g_assert_true(sign_in(directory, "sd1", "support"));
    g_assert_false(sign_in(directory, "ow1", "own-two"));
    g_assert_false(sign_in(directory, "ow1", ""));
    g_assert_false(sign_in(directory, "p1", "no password is set"));
    g_assert_false(sign_in(directory, "nobody.at.all", "own-one"));
    g_assert_false(sign_in(directory, "of1", "off"));
    g_assert_false(sign_in(directory, "*", "own-one"));
}

static GPtrArray *offers(struct directory *directory, const char *login, bool *more)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *offered = NULL;

    directory_list_addresses(directory, login, soon(), &offered, more, &error);
    g_assert_no_error(error);
    return offered;
}

static const char *label_of(const GPtrArray *offered, const char *address)
{
    for (guint i = 0; i < offered->len; i++) {
        const struct offered_address *one = offered->pdata[i];
        if (strcmp(one->address, address) == 0)
            return one->label;
    }
    return NULL;
}

static void test_list(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);
    g_autoptr(GPtrArray) many = NULL;
    g_autoptr(GPtrArray) deep = NULL;
    g_autoptr(GPtrArray) none = NULL;
    bool more;

    many = offers(directory, "ow1", &more);
    g_assert_cmpuint(many->len, >, 1250);
    g_assert_false(more);
    for (guint i = 1; i < many->len; i++)
        g_assert_cmpstr(((struct offered_address *)many->pdata[i - 1])->address, <,
                        ((struct offered_address *)many->pdata[i])->address);
    g_assert_cmpstr(label_of(many, "many.old@dept.example.edu"), ==, "many");
    g_assert_null(label_of(many, "room@example.edu"));
    g_assert_null(label_of(many, "disabled@example.edu"));
    g_assert_null(label_of(many, "old@example.edu"));
    g_assert_null(label_of(many, "list-one@example.edu"));
    deep = offers(directory, "dp1", &more);
    g_assert_cmpuint(deep->len, ==, 1);
    g_assert_cmpstr(label_of(deep, "nested@example.edu"), ==, "nested");
    none = offers(directory, "nb1", &more);
    g_assert_cmpuint(none->len, ==, 0);
}

static void test_list_held(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);
    g_autoptr(GPtrArray) held = NULL;
    g_autoptr(GError) error = NULL;
    bool more;

    directory_list_held(directory, "ow1", soon(), &held, &more, &error);
    g_assert_no_error(error);
    g_assert_nonnull(label_of(held, "direct@example.edu"));
    g_assert_nonnull(label_of(held, "room@example.edu"));
    g_assert_nonnull(label_of(held, "disabled@example.edu"));
    g_assert_null(label_of(held, "list-one@example.edu"));
}

static guint count_offers(const struct directory_settings *settings, const char *login)
{
    auto_ptr(directory) directory = made(settings);
    bool more;
    g_autoptr(GPtrArray) offered = offers(directory, login, &more);

    return offered->len;
}

static void test_list_rules(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);

    g_assert_cmpuint(count_offers(settings, "nobody.at.all"), ==, 0);
    g_assert_cmpuint(count_offers(settings, "of1"), ==, 0);
    g_assert_cmpuint(count_offers(settings, "mg1"), ==, 0);
    g_assert_cmpuint(count_offers(settings, "dg1"), ==, 0);
    g_assert_cmpuint(count_offers(settings, "js7"), ==, 3);
    settings->primary_only = true;
    g_assert_cmpuint(count_offers(settings, "js7"), ==, 1);
    g_ptr_array_add(settings->administrator_rules, &login_rule);
    g_ptr_array_add(settings->administrator_rules, &template_rule);
    g_assert_cmpuint(count_offers(settings, "nb1"), ==, 1);
    g_assert_cmpuint(count_offers(settings, "dp1"), ==, 2);
    g_assert_cmpuint(count_offers(settings, "ad1"), ==, 3);
    settings->nested = NESTED_NONE;
    g_assert_cmpuint(count_offers(settings, "nb1"), ==, 1);
    g_assert_cmpuint(count_offers(settings, "dp1"), ==, 0);
    g_assert_cmpuint(count_offers(settings, "ad1"), ==, 2);
}

static void test_list_cap(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);
    g_autoptr(GPtrArray) some = NULL;
    g_autoptr(GPtrArray) untouched = NULL;
    g_autoptr(GError) error = NULL;
    bool more;

    settings->max_list = 100;
    some = offers(directory, "ow1", &more);
    g_assert_cmpuint(some->len, ==, 100);
    g_assert_true(more);
    settings->page_size = 0;
    g_clear_pointer(&some, g_ptr_array_unref);
    /* A part of the answer is enough where no more is wanted. */
    some = offers(directory, "ow1", &more);
    g_assert_cmpuint(some->len, ==, 100);
    g_assert_true(more);
    settings->max_list = 5000;
    g_assert_false(directory_list_addresses(directory, "ow1", soon(), &untouched, &more, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_LIMIT);
    g_assert_null(untouched);
}

static bool is_member(struct directory *directory, const char *login, const char *group)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *dn = g_strdup_printf("cn=%s,ou=Groups,dc=example,dc=edu", group);
    bool member = false;

    directory_is_member(directory, login, dn, soon(), &member, &error);
    g_assert_no_error(error);
    return member;
}

static void test_member(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);

    g_assert_true(is_member(directory, "rl1", "g-relay-operators"));
    g_assert_true(is_member(directory, "sd1", "g-support"));
    g_assert_false(is_member(directory, "ow1", "g-relay-operators"));
    g_assert_true(is_member(directory, "ad1", "g-egaadmins"));
    g_assert_true(is_member(directory, "ad1", "g-self"));
    g_assert_true(is_member(directory, "dp1", "g-l1"));
    g_assert_false(is_member(directory, "mg1", "g-l1"));
    g_assert_true(is_member(directory, "js7", "g-odd (x)"));
    g_assert_true(is_member(directory, "p7", "g-huge"));
    g_assert_false(is_member(directory, "nobody.at.all", "g-huge"));
    g_assert_false(is_member(directory, "not a login", "g-huge"));
    settings->nested = NESTED_NONE;
    g_assert_true(is_member(directory, "rl1", "g-relay-operators"));
    g_assert_false(is_member(directory, "dp1", "g-l1"));
}

/* ---- groups by name */

static const char *find_group(struct directory *directory, const char *name)
{
    static const char *const names[] = {"found", "not found", "ambiguous", "not asked", "veiled"};
    g_autoptr(GError) error = NULL;
    enum group_answer answer = GROUP_FOUND;

    directory_find_group(directory, name, 0, soon(), &answer, NULL, &error);
    g_assert_no_error(error);
    return names[answer];
}

static void test_group(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);

    for (int i = 0; i < 2; i++) {
        g_assert_cmpstr(find_group(directory, "g-l1"), ==, "found");
        g_assert_cmpstr(find_group(directory, "G-EgaAdmins"), ==, "found");
        g_assert_cmpstr(find_group(directory, "list-one"), ==, "found");
        g_assert_cmpstr(find_group(directory, "ow1"), ==, "not found");
        g_assert_cmpstr(find_group(directory, "no-such-group"), ==, "not found");
        g_assert_cmpstr(find_group(directory, "twice"), ==, "ambiguous");
        g_assert_cmpstr(find_group(directory, "g-odd (x)"), ==, "found");
        g_assert_cmpstr(find_group(directory, "g-odd/x"), ==, "not asked");
        g_assert_cmpstr(find_group(directory, "*"), ==, "not asked");
        directory_remember_people(directory);
    }
    settings->group_base = (char *)"";
    g_assert_cmpstr(find_group(directory, "list-one"), ==, "found");
    g_assert_cmpstr(find_group(directory, "g-other"), ==, "not asked");
}

/* "login login ...", with " ..." where there may be more. */
static char *members(struct directory *directory, const char *name, guint most, const char *mail)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(directory_group) group = NULL;
    enum group_answer answer;

    directory_find_group(directory, name, most, soon(), &answer, &group, &error);
    g_assert_no_error(error);
    g_assert_cmpint(answer, ==, GROUP_FOUND);
    g_assert_cmpstr(group->mail, ==, mail);
    if (group->more)
        g_ptr_array_add(group->members, g_strdup("..."));
    g_ptr_array_add(group->members, NULL);
    return g_strjoinv(" ", (char **)group->members->pdata);
}

static void check_members(struct directory *directory, const char *name, guint most,
                          const char *expected)
{
    g_autofree char *text = members(directory, name, most, "");

    g_assert_cmpstr(text, ==, expected);
}

static void test_group_members(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);
    g_autofree char *list = members(directory, "list-one", 50, "list-one@example.edu");

    g_assert_cmpstr(list, ==, "nb1");
    check_members(directory, "g-l1", 50, "dp1");
    check_members(directory, "g-self", 50, "ad1");
    check_members(directory, "g-mixed", 50, "ow2 nb1");
    check_members(directory, "g-mixed", 1, "ow2 ...");
    check_members(directory, "g-mixed", 0, "");
    check_members(directory, "g-huge", 3, "p1 p2 p3 ...");
    settings->max_groups = 3;
    check_members(directory, "g-mixed", 50, "...");
    settings->max_groups = 2000;
    settings->nested = NESTED_DIRECT;
    check_members(directory, "g-mixed", 50, "ow2");
    check_members(directory, "g-l1", 50, "");
}

/* The group with the lasting id of one, listed under a name that it may have no more. */
static struct owner *listed(struct directory *directory, const char *name, const char *as)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(directory_group) group = NULL;
    g_autofree char *written = owner_of_group(as);
    enum group_answer answer;

    directory_find_group(directory, name, 0, soon(), &answer, &group, &error);
    g_assert_no_error(error);
    g_assert_cmpint(answer, ==, GROUP_FOUND);
    g_assert_cmpstr(group->name, ==, name);
    return owner_new(written, group->id);
}

/* name: that it has now; NULL when it is not found. */
static void check_owner_group(struct directory *directory, const struct owner *owner,
                              enum group_answer expected, const char *name)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(directory_group) group = NULL;
    enum group_answer answer;

    directory_find_owner_group(directory, owner, 50, soon(), &answer, &group, &error);
    g_assert_no_error(error);
    g_assert_cmpint(answer, ==, expected);
    g_assert_cmpstr(group ? group->name : NULL, ==, name);
    if (group && *owner->person_id)
        g_assert_cmpstr(group->id, ==, owner->person_id);
}

static bool is_in(struct directory *directory, const char *login, struct owner *owner,
                  GError **error)
{
    g_autoptr(GPtrArray) groups = g_ptr_array_new();
    g_autoptr(GPtrArray) held = NULL;

    g_ptr_array_add(groups, owner);
    if (!directory_member_of(directory, login, groups, soon(), &held, error))
        return false;
    g_assert_true(held->len == 0 || g_ptr_array_index(held, 0) == owner);
    return held->len > 0;
}

static void test_group_ids(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);
    auto_ptr(owner) same = listed(directory, "g-l1", "g-l1");
    auto_ptr(owner) renamed = listed(directory, "g-l1", "g-before");
    auto_ptr(owner) swapped = listed(directory, "g-l1", "g-mixed");
    auto_ptr(owner) anew = owner_new("group g-l1", "00000000-0000-0000-0000-000000000000");
    auto_ptr(owner) old = owner_new("group g-l1", "");

    g_assert_cmpuint(strlen(same->person_id), ==, 36);
    check_owner_group(directory, same, GROUP_FOUND, "g-l1");
    check_owner_group(directory, renamed, GROUP_FOUND, "g-l1");
    check_owner_group(directory, swapped, GROUP_FOUND, "g-l1");
    check_owner_group(directory, anew, GROUP_NOT_FOUND, NULL);
    check_owner_group(directory, old, GROUP_FOUND, "g-l1");
    g_assert_true(is_in(directory, "dp1", same, NULL));
    g_assert_true(is_in(directory, "dp1", renamed, NULL));
    g_assert_true(is_in(directory, "dp1", swapped, NULL));
    g_assert_false(is_in(directory, "dp1", anew, NULL));
    g_assert_true(is_in(directory, "dp1", old, NULL));
    g_assert_false(is_in(directory, "nb1", swapped, NULL));
}

/* An id that cannot be seen is no other one. */
static void test_group_ids_not_shown(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);
    auto_ptr(owner) known = listed(directory, "g-l1", "g-l1");
    auto_ptr(owner) twice = owner_new("group twice", known->person_id);
    auto_ptr(owner) gone = owner_new("group no-such-group", known->person_id);
    auto_ptr(owner) old = owner_new("group g-l1", "");
    g_autoptr(GError) error = NULL;

    settings->group_id_attribute = (char *)"facsimileTelephoneNumber";
    check_owner_group(directory, known, GROUP_VEILED, NULL);
    check_owner_group(directory, twice, GROUP_VEILED, NULL);
    check_owner_group(directory, gone, GROUP_NOT_FOUND, NULL);
    check_owner_group(directory, old, GROUP_FOUND, "g-l1");
    g_assert_true(is_in(directory, "dp1", old, NULL));
    g_assert_false(is_in(directory, "nb1", known, &error));
    g_assert_no_error(error);
    g_assert_false(is_in(directory, "dp1", known, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_LIMIT);
}

static void owner_release(void *data)
{
    owner_free(data);
}

static bool ask_member_of(struct directory *directory, const char *login, GPtrArray **held,
                          GError **error)
{
    static const char *const all[] = {"g-l1", "g-l3", "g-other", "g-mixed", "twice", "no-such-group",
                                      "ow1"};
    g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func(owner_release);
    g_autoptr(GPtrArray) those = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        g_ptr_array_add(groups, owner_new(all[i], ""));
    if (!directory_member_of(directory, login, groups, soon(), &those, error))
        return false;
    *held = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < those->len; i++)
        g_ptr_array_add(*held, g_strdup(((struct owner *)those->pdata[i])->written));
    return true;
}

static void check_member_of(struct directory *directory, const char *login, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) held = NULL;
    g_autofree char *text = NULL;

    ask_member_of(directory, login, &held, &error);
    g_assert_no_error(error);
    g_ptr_array_add(held, NULL);
    text = g_strjoinv(" ", (char **)held->pdata);
    g_assert_cmpstr(text, ==, expected);
}

static void test_member_of(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);

    check_member_of(directory, "dp1", "g-l1 g-l3");
    check_member_of(directory, "nb1", "g-other g-mixed");
    check_member_of(directory, "OW2@example.edu", "g-mixed");
    check_member_of(directory, "ow1", "");
    check_member_of(directory, "mg1", "");
    check_member_of(directory, "of1", "");
    check_member_of(directory, "nobody.at.all", "");
    check_member_of(directory, "not a login", "");
    settings->nested = NESTED_DIRECT;
    check_member_of(directory, "dp1", "g-l3");
    check_member_of(directory, "nb1", "g-other");
    settings->group_base = (char *)"";
    check_member_of(directory, "nb1", "");
}

/* Neither a part of the groups nor a server that is away is "no". */
static void test_member_of_unknown(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);
    g_autoptr(GPtrArray) held = NULL;
    g_autoptr(GError) many = NULL;
    g_autoptr(GError) base = NULL;
    g_autoptr(GError) away = NULL;

    settings->nested_depth = 3;
    g_assert_false(ask_member_of(directory, "dp1", &held, &many));
    g_assert_error(many, APPSMTP_ERROR, APPSMTP_ERROR_LIMIT);
    settings->nested_depth = 10;
    settings->group_base = (char *)"ou=nowhere,dc=example,dc=edu";
    g_assert_false(ask_member_of(directory, "dp1", &held, &base));
    g_assert_error(base, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION);
    settings->group_base = (char *)"dc=example,dc=edu";
    slapd_stop(slapd);
    g_assert_false(ask_member_of(directory, "dp1", &held, &away));
    g_assert_error(away, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY);
    slapd_start(slapd);
    g_assert_null(held);
    check_member_of(directory, "dp1", "g-l1 g-l3");
}

/* ---- trouble */

static int ask_error(struct directory *directory, char **text)
{
    g_autoptr(GError) error = NULL;
    enum role_answer answer = ROLE_OWNER;
    bool asked =
        directory_role(directory, "dp1", "nested@example.edu", soon(), &answer, NULL, &error);

    g_assert_false(asked);
    g_assert_nonnull(error);
    g_assert_cmpint(answer, ==, ROLE_OWNER);
    g_test_message("%s", error->message);
    if (text)
        *text = g_strdup(error->message);
    return error->code;
}

/* dp1 is in four groups, each inside the one before. */
static void test_caps(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);

    settings->nested_depth = 3;
    g_assert_cmpint(ask_error(directory, NULL), ==, APPSMTP_ERROR_LIMIT);
    settings->nested_depth = 4;
    g_assert_cmpstr(role(directory, "dp1", "nested@example.edu"), ==, "owner");
    settings->max_groups = 3;
    g_assert_cmpint(ask_error(directory, NULL), ==, APPSMTP_ERROR_LIMIT);
    settings->max_groups = 4;
    g_assert_cmpstr(role(directory, "dp1", "nested@example.edu"), ==, "owner");
}

static int fresh_error(const struct directory_settings *settings, char **text)
{
    auto_ptr(directory) directory = made(settings);

    return ask_error(directory, text);
}

static void test_misconfigured(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    char **bases[] = {(char **)&settings->user_bases->pdata[0], &settings->account_base,
                      &settings->group_base};
    const char *const wrong[] = {"ou=Nowhere,dc=example,dc=edu", "no DN"};
    auto_ptr(directory) directory = made(settings);
    bool member;

    for (size_t i = 0; i < G_N_ELEMENTS(bases) * G_N_ELEMENTS(wrong); i++) {
        char *right = *bases[i / 2];
        *bases[i / 2] = (char *)wrong[i % 2];
        g_assert_cmpint(fresh_error(settings, NULL), ==, APPSMTP_ERROR_CONFIGURATION);
        *bases[i / 2] = right;
    }
    g_assert_false(
        directory_is_member(directory, "rl1", "cn=none,dc=example,dc=edu", soon(), &member, NULL));
    settings->password_file = slapd->wrong_password;
    g_assert_cmpint(fresh_error(settings, NULL), ==, APPSMTP_ERROR_CONFIGURATION);
    settings->password_file = (char *)"/nonexistent/password";
    g_assert_cmpint(fresh_error(settings, NULL), ==, APPSMTP_ERROR_CONFIGURATION);
}

static void refused(const struct directory_settings *settings)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(directory_new(settings, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION);
    g_test_message("%s", error->message);
}

static void test_bad_filters(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    static const char *const bad[] = {"(a=b",    "a=b",           "(a=b)(c=d)", "(a=b)x",
                                      "(a=\\2)", "(a=b))(|(c=d)", "()"};
    char **filters[] = {&settings->user_eligible_filter, &settings->account_filter,
                        &settings->account_eligible_filter, &settings->group_filter};

    for (size_t i = 0; i < G_N_ELEMENTS(filters) * G_N_ELEMENTS(bad); i++) {
        char *right = *filters[i / G_N_ELEMENTS(bad)];
        *filters[i / G_N_ELEMENTS(bad)] = (char *)bad[i % G_N_ELEMENTS(bad)];
        refused(settings);
        *filters[i / G_N_ELEMENTS(bad)] = right;
    }
    settings->user_filter = (char *)"(uid=u)";
    refused(settings);
    settings->user_filter = (char *)"(uid=%u";
    refused(settings);
}

static void refuse_uri(struct directory_settings *settings, const char *uri)
{
    settings->uris->pdata[0] = (char *)uri;
    refused(settings);
}

/* In clear, or with TLS that believes anybody, where the site says that it may be so. */
static void test_unprotected(void)
{
    auto_ptr(directory_settings) settings = settings_new("ldap://ldap.example.edu", NULL);
    auto_ptr(directory) clear = NULL;
    auto_ptr(directory) unverified = NULL;

    settings->unprotected = true;
    clear = made(settings);
    settings->uris->pdata[0] = (char *)"ldaps://ldap.example.edu";
    settings->verify = TLS_VERIFY_NEVER;
    unverified = made(settings);
}

static void test_bad_settings(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) clear_loopback = NULL;

    refuse_uri(settings, "ldap://ldap.example.edu");
    refuse_uri(settings, "ldap://127.evil.example.edu");
    refuse_uri(settings, "ldap://192.0.2.1:389");
    refuse_uri(settings, "ldap://");
    refuse_uri(settings, "http://ldap.example.edu");
    settings->verify = TLS_VERIFY_NEVER;
    refuse_uri(settings, "ldaps://ldap.example.edu");
    settings->starttls = true;
    refuse_uri(settings, "ldap://ldap.example.edu");
    settings->verify = TLS_VERIFY_DEMAND;
    refuse_uri(settings, slapd->ldaps);
    settings->starttls = false;
    settings->uris->pdata[0] = (char *)"ldap://[::1]:389";
    clear_loopback = made(settings);
    settings->bind_dn = (char *)"";
    refused(settings);
    settings->bind = BIND_EXTERNAL;
    settings->key_file = slapd->ca;
    refused(settings);
    settings->key_file = (char *)"";
    settings->label_attribute = (char *)"a)(b";
    refused(settings);
    settings->label_attribute = (char *)"cn";
    g_ptr_array_set_size(settings->owner_rules, 0);
    g_ptr_array_set_size(settings->administrator_rules, 0);
    refused(settings);
}

static void test_tls(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->misnamed, NULL);
    g_autofree char *ours =
        g_strdup_printf("could not ask the directory: %s: could not start TLS: %s: ",
                        slapd->misnamed, ldap_err2string(LDAP_CONNECT_ERROR));
    g_autofree char *text = NULL;

    g_assert_cmpint(fresh_error(settings, &text), ==, APPSMTP_ERROR_DIRECTORY);
    /* The reason follows, in words that differ from one libldap to the next. */
    g_assert_true(g_str_has_prefix(text, ours));
    g_assert_cmpuint(strlen(text), >, strlen(ours));
    g_setenv("LDAPTLS_REQCERT", "never", TRUE);
    g_assert_cmpint(fresh_error(settings, NULL), ==, APPSMTP_ERROR_DIRECTORY);
    g_unsetenv("LDAPTLS_REQCERT");
    settings->uris->pdata[0] = slapd->ldaps;
    settings->ca_file = slapd->other_ca;
    g_assert_cmpint(fresh_error(settings, NULL), ==, APPSMTP_ERROR_DIRECTORY);
    settings->ca_file = (char *)"/nonexistent/ca.pem";
    g_assert_cmpint(fresh_error(settings, NULL), ==, APPSMTP_ERROR_CONFIGURATION);
    settings->verify = TLS_VERIFY_NEVER;
    settings->ca_file = slapd->other_ca;
    g_assert_cmpuint(count_offers(settings, "js7"), ==, 3);
}

static void test_starttls(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldap, NULL);

    settings->starttls = true;
    g_assert_cmpuint(count_offers(settings, "js7"), ==, 3);
    settings->ca_file = slapd->other_ca;
    g_assert_cmpint(fresh_error(settings, NULL), ==, APPSMTP_ERROR_DIRECTORY);
}

static void test_external(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldapi, NULL);
    auto_ptr(directory) directory = NULL;

    settings->bind = BIND_EXTERNAL;
    settings->bind_dn = settings->password_file = (char *)"";
    directory = made(settings);
    g_assert_cmpstr(role(directory, "dp1", "nested@example.edu"), ==, "owner");
    g_assert_true(sign_in(directory, "ow1", "own-one"));
    g_assert_false(sign_in(directory, "ow1", "own-two"));
}

/* A socket to which everybody can connect and from which nobody hears. */
static int silent_server(const char *scheme, char **uri)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;

    g_assert_cmpint(bind(fd, (struct sockaddr *)&name, size), ==, 0);
    g_assert_cmpint(listen(fd, 16), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&name, &size), ==, 0);
    *uri = g_strdup_printf("%s://127.0.0.1:%u", scheme, ntohs(name.sin_port));
    return fd;
}

static double cpu_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double seconds_since(gint64 start)
{
    return (double)(g_get_monotonic_time() - start) / 1e6;
}

static void check_silent(const char *scheme, bool starttls)
{
    g_autofree char *uri = NULL;
    auto_fd fd = silent_server(scheme, &uri);
    auto_ptr(directory_settings) settings = settings_new(uri, NULL);
    gint64 start = g_get_monotonic_time();
    double cpu = cpu_seconds();

    settings->starttls = starttls;
    g_assert_cmpint(fresh_error(settings, NULL), ==, APPSMTP_ERROR_DIRECTORY);
    g_assert_cmpfloat(seconds_since(start), <, 2.0);
    g_assert_cmpfloat(cpu_seconds() - cpu, <, 0.3);
}

static void test_silent(void)
{
    check_silent("ldap", false);
    check_silent("ldaps", false);
    check_silent("ldap", true);
}

/* The caller's deadline counts where it is the sooner one. */
static void test_deadline(void)
{
    g_autofree char *uri = NULL;
    auto_fd fd = silent_server("ldaps", &uri);
    auto_ptr(directory_settings) settings = settings_new(uri, NULL);
    auto_ptr(directory) directory = NULL;
    g_autoptr(GError) error = NULL;
    gint64 start = g_get_monotonic_time();

    settings->connect_ms = settings->operation_ms = settings->total_ms = 5000;
    directory = made(settings);
    g_assert_false(directory_ping(directory, deadline_in(300), &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY);
    g_assert_cmpfloat(seconds_since(start), <, 1.0);
}

static void check_failover(const char *first)
{
    auto_ptr(directory_settings) settings = settings_new(first, slapd->ldaps);
    auto_ptr(directory) directory = made(settings);
    gint64 start;

    g_assert_cmpstr(role(directory, "dp1", "nested@example.edu"), ==, "owner");
    start = g_get_monotonic_time();
    g_assert_true(directory_ping(directory, soon(), NULL));
    g_assert_cmpfloat(seconds_since(start), <, 0.4);
}

static void test_failover(void)
{
    g_autofree char *refusing = g_strdup_printf("ldaps://127.0.0.1:%u", slapd_free_port());
    g_autofree char *uri = NULL;
    g_autofree char *text = NULL;
    auto_fd fd = silent_server("ldaps", &uri);
    auto_ptr(directory_settings) settings = settings_new(refusing, uri);

    check_failover(refusing);
    check_failover(uri);
    check_failover(slapd->misnamed);
    g_assert_cmpint(fresh_error(settings, &text), ==, APPSMTP_ERROR_DIRECTORY);
    g_assert_nonnull(strstr(text, refusing));
    g_assert_nonnull(strstr(text, uri));
}

static void test_restart(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);

    g_assert_cmpstr(role(directory, "dp1", "nested@example.edu"), ==, "owner");
    slapd_stop(slapd);
    g_assert_cmpint(ask_error(directory, NULL), ==, APPSMTP_ERROR_DIRECTORY);
    slapd_start(slapd);
    g_assert_cmpstr(role(directory, "dp1", "nested@example.edu"), ==, "owner");
    slapd_stop(slapd);
    slapd_start(slapd);
    g_assert_cmpstr(role(directory, "dp1", "nested@example.edu"), ==, "owner");
}

/* The kept connection looks well to poll(), and so does the new one until it is asked. */
static void test_stopped(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);
    gint64 start;

    g_assert_cmpstr(role(directory, "dp1", "nested@example.edu"), ==, "owner");
    kill(slapd->pid, SIGSTOP);
    /* On a busy machine it may answer once more before the signal reaches it. */
    g_assert_cmpint(waitpid(slapd->pid, NULL, WUNTRACED), ==, slapd->pid);
    start = g_get_monotonic_time();
    g_assert_cmpint(ask_error(directory, NULL), ==, APPSMTP_ERROR_DIRECTORY);
    g_assert_cmpfloat(seconds_since(start), <, 3.2);
    kill(slapd->pid, SIGCONT);
    g_assert_cmpstr(role(directory, "dp1", "nested@example.edu"), ==, "owner");
}

/* ---- the rest */

static void collect(const char *text, void *data)
{
    g_string_append_printf(data, "%s\n", text);
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

/* One connection serves several calls, but never one that signs somebody in. */
static void test_kept(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);
    g_autoptr(GString) steps = g_string_new("");

    directory_trace(directory, collect, steps);
    for (int i = 0; i < 3; i++)
        role(directory, "dp1", "nested@example.edu");
    g_assert_cmpuint(count_of(steps->str, "connected to"), ==, 1);
    g_assert_true(sign_in(directory, "ow1", "own-one"));
    g_assert_cmpuint(count_of(steps->str, "connected to"), ==, 2);
    g_assert_cmpstr(role(directory, "dp1", "nested@example.edu"), ==, "owner");
    g_assert_cmpuint(count_of(steps->str, "connected to"), ==, 2);
    g_assert_true(directory_ping(directory, soon(), NULL));
    g_assert_cmpuint(count_of(steps->str, "connected to"), ==, 3);
}

static void test_trace(void)
{
    auto_ptr(directory_settings) settings = settings_new(slapd->ldaps, NULL);
    auto_ptr(directory) directory = made(settings);
    g_autoptr(GString) steps = g_string_new("");

    directory_trace(directory, collect, steps);
    role(directory, "dp1", "nested@example.edu");
    g_test_message("%s", steps->str);
    g_assert_nonnull(strstr(steps->str, "connected to ldaps://"));
    g_assert_nonnull(strstr(steps->str, "found person cn=dp1,"));
    g_assert_nonnull(strstr(steps->str, "is in the group cn=g-l1,"));
    g_assert_nonnull(strstr(steps->str, "role of dp1: owner"));
    g_assert_null(strstr(steps->str, "portal-secret"));
    directory_trace(directory, NULL, NULL);
    role(directory, "dp1", "nested@example.edu");
}

static void check_equals(const char *value, const char *expected)
{
    g_autofree char *filter = filter_equals("a", "", value);

    g_assert_cmpstr(filter, ==, expected);
}

static void check_template(const char *account, const char *expected)
{
    static const char pattern[] = "CN={account}-adm,OU=Roles,DC=example";
    g_autofree char *dn = dn_from_template(pattern, account);
    g_autofree char *back = dn_account_of_template(pattern, dn);

    g_assert_cmpstr(dn, ==, expected);
    g_assert_cmpstr(back, ==, account);
}

static void test_escapes(void)
{
    g_autofree char *other = dn_account_of_template("CN={account}-adm,DC=x", "CN=a,OU=b-adm,DC=x");
    g_autofree char *short_one = dn_account_of_template("CN={account}-adm,DC=x", "CN=-adm,DC=x");

    check_equals("", "(a=)");
    check_equals("*()\\", "(a=\\2A\\28\\29\\5C)");
    check_equals("o'brien@x", "(a=o'brien@x)");
    check_equals("zo\xc3\xab", "(a=zo\\C3\\AB)");
    check_template("ga.direct", "CN=ga.direct-adm,OU=Roles,DC=example");
    check_template("a,ou=b", "CN=a\\,ou\\=b-adm,OU=Roles,DC=example");
    check_template(" #a+\"", "CN=\\ #a\\+\\\"-adm,OU=Roles,DC=example");
    g_assert_null(other);
    g_assert_null(short_one);
}

int main(int argc, char **argv)
{
    int failed;

    signal(SIGPIPE, SIG_IGN);
    g_test_init(&argc, &argv, NULL);
    slapd = slapd_new("5000", "500", more_ldif);
    g_test_add_func("/directory/escapes", test_escapes);
    g_test_add_func("/directory/expected", test_expected);
    g_test_add_func("/directory/account", test_account);
    g_test_add_func("/directory/binary-id", test_binary_id);
    g_test_add_func("/directory/rules", test_rules);
    g_test_add_func("/directory/person", test_person);
    g_test_add_func("/directory/sign-in", test_sign_in);
    g_test_add_func("/directory/list", test_list);
    g_test_add_func("/directory/list-held", test_list_held);
    g_test_add_func("/directory/list-rules", test_list_rules);
    g_test_add_func("/directory/list-cap", test_list_cap);
    g_test_add_func("/directory/member", test_member);
    g_test_add_func("/directory/group", test_group);
    g_test_add_func("/directory/group-members", test_group_members);
    g_test_add_func("/directory/group-ids", test_group_ids);
    g_test_add_func("/directory/group-ids-not-shown", test_group_ids_not_shown);
    g_test_add_func("/directory/member-of", test_member_of);
    g_test_add_func("/directory/member-of-unknown", test_member_of_unknown);
    g_test_add_func("/directory/caps", test_caps);
    g_test_add_func("/directory/misconfigured", test_misconfigured);
    g_test_add_func("/directory/bad-filters", test_bad_filters);
    g_test_add_func("/directory/bad-settings", test_bad_settings);
    g_test_add_func("/directory/unprotected", test_unprotected);
    g_test_add_func("/directory/tls", test_tls);
    g_test_add_func("/directory/starttls", test_starttls);
    g_test_add_func("/directory/external", test_external);
    g_test_add_func("/directory/silent", test_silent);
    g_test_add_func("/directory/deadline", test_deadline);
    g_test_add_func("/directory/failover", test_failover);
    g_test_add_func("/directory/restart", test_restart);
    g_test_add_func("/directory/stopped", test_stopped);
    g_test_add_func("/directory/kept", test_kept);
    g_test_add_func("/directory/trace", test_trace);
    failed = g_test_run();
    slapd_free(slapd);
    return failed;
}
