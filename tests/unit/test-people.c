/* SPDX-License-Identifier: MIT
 *
 * Who somebody is and whose an address is, with a real slapd and the settings that a site would
 * write: shapes of directories that are not the sample's.
 */
#include "adapters/directory/directory.h"
#include "meddler.h"
#include "slapd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <ldap.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct slapd *slapd;

#define BASE "dc=example,dc=edu"
#define STAFF "ou=Staff," BASE
#define STUDENTS "ou=Students," BASE
#define TEAMS "ou=Teams," BASE
#define EGAS "ou=EGA,ou=Exchange," BASE

#define UNIT(dn, name) "dn: " dn "\nobjectClass: organizationalUnit\nou: " name "\n\n"
#define PERSON(cn, unit, lines)                                                              \
    "dn: cn=" cn "," unit "\nobjectClass: inetOrgPerson\nobjectClass: mailRecipient\ncn: " cn \
    "\nsn: x\n" lines "\n"
#define ACCOUNT(name, lines)                                                                  \
    "dn: cn=ga." name "," EGAS "\nobjectClass: user\nobjectClass: mailRecipient\ncn: ga." name \
    "\nsn: x\nobjectCategory: person\nsAMAccountName: ga." name                               \
    "\nmsExchRecipientTypeDetails: 4\n" lines "\n"
#define OW1 "CN=ow1,ou=People," BASE

static const char more_ldif[] =
    UNIT(STAFF, "Staff") UNIT(STUDENTS, "Students") UNIT(TEAMS, "Teams")
    "dn: cn=team," TEAMS "\nobjectClass: group\ncn: team\nmember: " OW1 "\n\n"
    /* Several logins on one entry, one of which another entry has as well. */
    PERSON("Emma", STAFF, "uid: emma\nuserPassword: pw-emma\nmail: emma@example.edu\n")
    PERSON("Mallory", STAFF, "uid: bert\nuid: mallory\nuserPassword: pw-mallory\n"
                             "mail: wide@example.edu\n")
    PERSON("Shadow", STAFF, "uid: emma2\nuid: shadow\n")
    PERSON("Emma Two", STAFF, "uid: emma2\n")
    PERSON("Both A", STAFF, "uid: both\n") PERSON("Both B", STUDENTS, "uid: both\n")
    PERSON("Sam", STUDENTS, "uid: sam\nuserPassword: pw-sam\nemployeeType: student\n")
    PERSON("Gone", STUDENTS, "uid: gone\nuserPassword: pw-gone\nemployeeType: left\n")
    PERSON("Lasts", STAFF, "uid: lasts\nmsExchRecipientTypeDetails: 9223372036854775807\n")
    PERSON("Expired", STAFF, "uid: expired\nmsExchRecipientTypeDetails: 133000000000000000\n")
    PERSON("Renamed", STAFF, "uid: before\nmsExchMailboxGuid:: /wABAgMEBQYHCAkKCwwNDg==\n")
    PERSON("Heir", STAFF, "uid: heir\nmsExchMailboxGuid:: /wABAgMEBQYHCAkKCwwNDw==\n")
    /* labeledURI is compared with regard to case. */
    PERSON("Anna B", STAFF, "uid: x1\nlabeledURI: AnnaB\n")
    PERSON("Annab", STAFF, "uid: x2\nlabeledURI: annab\n")
    /* What people may be called. */
    PERSON("Odd 1", STAFF, "uid: o'brien\nuserPassword: pw\n")
    PERSON("Odd 2", STAFF, "uid: van der Berg\nuserPassword: pw\n")
    PERSON("Odd 3", STAFF, "uid: srv$\nuserPassword: pw\n")
    PERSON("Odd 4", STAFF, "uid:: TcO8bGxlcg==\nuserPassword: pw\n") /* "Müller" */
    PERSON("Odd 5", STAFF, "uid: a+b\nuserPassword: pw\n")
    PERSON("Odd 6", STAFF, "uid: x(y)\nuserPassword: pw\n")
    PERSON("Odd 7", STAFF, "uid: #1\nuserPassword: pw\n")
    PERSON("Odd 8", STAFF, "uid:: 5p2O6Zu3\nuserPassword: pw\n") /* "李雷" */
    /* Names of accounts on the person's own entry. */
    PERSON("Same 1", STAFF, "uid: same1\nmsExchMailboxGuid:: /wABAgMEBQYHCAkKCwwNEA==\n")
    PERSON("Same 2", STUDENTS, "uid: same2\nmsExchMailboxGuid:: /wABAgMEBQYHCAkKCwwNEA==\n")
    PERSON("Blanks", STAFF, "uid:: ICBqdWxlcyAgdmVybmUg\n") /* "  jules  verne " */
    PERSON("By DN", STAFF, "uid: bydn\nmsExchCoManagedByLink: cn=ga.named," EGAS "\n"
                           "mail: bydn@example.edu\n")
    PERSON("By Login", STAFF, "uid: bylogin\nsiteAdminNetID: GA.Named\n")
    PERSON("By Address", STAFF, "uid: byaddress\nsiteAdminNetID: named@example.edu\n")
    PERSON("By Text", STAFF, "uid: bytext\nsiteAdminNetID: cn=ga.named," EGAS "\n")
    PERSON("By None", STAFF, "uid: bynone\nsiteAdminNetID: named\nsiteAdminNetID: cn=Emma," STAFF
                             "\nmsExchCoManagedByLink: cn=ow1,ou=People," BASE "\n")
    PERSON("By Gone", STUDENTS, "uid: bygone\nsiteAdminNetID: GA.Named\nemployeeType: left\n")
    ACCOUNT("named", "uid: ga.named\nproxyAddresses: SMTP:named@example.edu\n"
                     "proxyAddresses: smtp:named-alias@example.edu\n")
    /* An address that a person has as well: as the address of mail, as a proxy address. */
    ACCOUNT("clash", "managedBy: " OW1 "\nproxyAddresses: SMTP:clash@example.edu\n"
                     "proxyAddresses: smtp:emma@example.edu\n"
                     "proxyAddresses: smtp:ow2@mail.example.edu\n")
    /* Values that look like addresses. */
    ACCOUNT("spelled", "managedBy: " OW1 "\nproxyAddresses: SMTP:Spelled@Example.EDU\n"
                       "proxyAddresses:: c210cDp0cmFpbEBleGFtcGxlLmVkdSA=\n" /* "smtp:trail@... " */
                       "proxyAddresses: smtp: lead@example.edu\n"
                       "proxyAddresses: smtp:dot@example.edu.\n"
                       "proxyAddresses: smtp:<angle@example.edu>\n"
                       "proxyAddresses: smtp:list@example.edu;\n"
                       "proxyAddresses: smtp:foreign@example.com\n"
                       "proxyAddresses: smtp:two words@example.edu\n"
                       "proxyAddresses: sip:sip@example.edu\n");

/* ---- settings, as a site writes them */

#define UID_PEOPLE                                                                          \
    "<people base='" STAFF "' filter='(uid=%u)' login-attribute='uid' id-attribute='entryUUID'" \
    " login-scope='example.edu student.example.edu' domain='EXAD' name-attribute='cn'"      \
    " eligible-filter='(!(employeeType=left))'><base>" STUDENTS "</base></people>"
#define SAMPLE_PEOPLE                                                                       \
    "<people base='ou=People," BASE "' filter='(sAMAccountName=%u)'"                       \
    " eligible-filter='(!(userAccountControl:1.2.840.113556.1.4.803:=2))'/>"
#define ACCOUNTS(attributes, rules)                                                         \
    "<accounts base='" EGAS "' filter='(sAMAccountName=ga.*)' id-attribute='entryUUID'"     \
    " " attributes "><address attribute='proxyAddresses' prefix='smtp:'/>"                  \
    "<domain>example.edu</domain><domain>mail.example.edu</domain>" rules "</accounts>"
#define MANAGED "<owner dn-attribute='managedBy'/>"

static const char *server_uri; /* or NULL: the server itself, over TLS */
static const char *groups_text = "<groups base='" BASE "'/>";

static char *config_text(const char *people, const char *accounts)
{
    return g_strconcat(
        "<appsmtp><site name='x' help='x@example.edu' base-url='http://localhost/'/>"
        "<relay host='x'/><locations><location id='x' name='x'><network>10.0.0.0/8</network>"
        "</location></locations><directory ca-file='",
        slapd->ca, "'><server uri='",
        server_uri ? server_uri : slapd->ldaps,
        "'/><bind dn='cn=portal,ou=Service," BASE "' password-file='", slapd->password, "'/>",
        people, accounts, groups_text, "</directory></appsmtp>", NULL);
}

/* A directory with its configuration. */
struct site {
    struct config *config;
    struct directory *directory;
};

static void site_clear(struct site *site)
{
    directory_free(site->directory);
    config_free(site->config);
}

#define auto_site __attribute__((cleanup(site_clear))) struct site

static struct site site_of(const char *people, const char *accounts)
{
    g_autofree char *file = g_build_filename(slapd->folder, "appsmtp.xml", NULL);
    g_autofree char *text = config_text(people, accounts);
    g_autoptr(GError) error = NULL;
    struct site site;

    g_assert_true(g_file_set_contents(file, text, -1, NULL));
    site.config = config_read(file, &error);
    g_assert_no_error(error);
    site.directory = directory_new(site.config->directory, &error);
    g_assert_no_error(error);
    return site;
}

static struct deadline soon(void)
{
    return deadline_in(8000);
}

/* ---- people */

static const char *const person_names[] = {"found", "not found", "several", "not eligible",
                                           "bad login"};

static struct person *look_up(struct directory *directory, const char *login, const char *expected)
{
    g_autoptr(GError) error = NULL;
    struct person *person = NULL;
    enum person_answer answer = PERSON_FOUND;

    g_test_message("%s", login);
    directory_find_person(directory, login, soon(), &answer, &person, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(person_names[answer], ==, expected);
    g_assert_true((answer == PERSON_FOUND) == (person != NULL));
    return person;
}

/* Expects the login's person to be kept as that login; NULL: not to be found. */
static void check_login(struct directory *directory, const char *login, const char *kept)
{
    auto_ptr(person) person = look_up(directory, login, kept ? "found" : "not found");

    if (kept)
        g_assert_cmpstr(person->login, ==, kept);
}

static void check_person(struct directory *directory, const char *login, const char *expected)
{
    auto_ptr(person) person = look_up(directory, login, expected);
}

static void test_equal(void)
{
    auto_site site = site_of(UID_PEOPLE, ACCOUNTS("", MANAGED));
    auto_site wide = site_of("<people base='" STAFF "' login-attribute='uid'"
                             " filter='(|(uid=%u)(mail=%u@example.edu)(cn=%u*))'/>",
                             ACCOUNTS("", MANAGED));

    check_login(site.directory, "mallory", "mallory");
    check_login(site.directory, "bert", "bert");
    check_login(site.directory, "MALLORY", "mallory");
    check_login(site.directory, "emma", "emma");
    check_login(site.directory, "shadow", "shadow");
    check_login(site.directory, "emm", NULL);
    check_login(site.directory, "Jules Verne", "jules verne");
    /* Found by another attribute than the login's. */
    check_login(wide.directory, "wide", NULL);
    check_login(wide.directory, "mall", NULL);
    check_login(wide.directory, "emma", "emma");
}

static void test_several(void)
{
    auto_site site = site_of(UID_PEOPLE, ACCOUNTS("", MANAGED));
    auto_site nested = site_of("<people base='" STAFF "' filter='(uid=%u)' login-attribute='uid'>"
                               "<base>" BASE "</base></people>",
                               ACCOUNTS("", MANAGED));
    g_autoptr(GPtrArray) none = NULL;
    enum role_answer answer;
    bool more;

    for (int round = 0; round < 2; round++) {
        check_person(site.directory, "emma2", "several");
        check_person(site.directory, "both", "several");
        check_person(nested.directory, "both", "several");
        check_person(nested.directory, "emma", "found");
        check_person(site.directory, "sam", "found");
        check_person(site.directory, "gone", "not eligible");
        directory_remember_people(site.directory);
    }
    g_assert_true(directory_role(site.directory, "both", "clash@example.edu", soon(), &answer,
                                 NULL, NULL));
    g_assert_cmpstr(role_answer_name(answer), ==, "person-several");
    g_assert_true(
        directory_list_addresses(site.directory, "both", soon(), &none, &more, NULL));
    g_assert_cmpuint(none->len, ==, 0);
}

/* Who has an end in the past is not eligible, as Active Directory counts and as others write it. */
static void test_expired(void)
{
    auto_site windows = site_of("<people base='" STAFF "' filter='(uid=%u)' login-attribute='uid'"
                                " eligible-filter='(msExchRecipientTypeDetails>=%filetime)'/>",
                                ACCOUNTS("", MANAGED));
    auto_site others = site_of("<people base='" STAFF "' filter='(uid=%u)' login-attribute='uid'"
                               " eligible-filter='(createTimestamp&lt;=%time)'/>",
                               ACCOUNTS("", MANAGED));
    auto_site never = site_of("<people base='" STAFF "' filter='(uid=%u)' login-attribute='uid'"
                              " eligible-filter='(!(createTimestamp&lt;=%time))'/>",
                              ACCOUNTS("", MANAGED));

    check_person(windows.directory, "lasts", "found");
    check_person(windows.directory, "expired", "not eligible");
    check_person(others.directory, "emma", "found");
    check_person(never.directory, "emma", "not eligible");
}

static void test_exact(void)
{
    auto_site site = site_of("<people base='" STAFF "' filter='(labeledURI=%u)'"
                             " login-attribute='labeledURI' login-case='exact'/>",
                             ACCOUNTS("", MANAGED));
    auto_site uid = site_of("<people base='" STAFF "' filter='(uid=%u)' login-attribute='uid'"
                            " login-case='exact'/>",
                            ACCOUNTS("", MANAGED));
    g_autofree char *plain = directory_plain_login(site.directory, " AnnaB ");

    g_assert_cmpstr(plain, ==, "AnnaB");
    for (int round = 0; round < 2; round++) {
        auto_ptr(person) upper = look_up(site.directory, "AnnaB", "found");
        auto_ptr(person) lower = look_up(site.directory, "annab", "found");
        g_assert_cmpstr(upper->login, ==, "AnnaB");
        g_assert_cmpstr(upper->name, ==, "AnnaB");
        g_assert_cmpstr(lower->login, ==, "annab");
        g_assert_cmpstr(upper->dn, !=, lower->dn);
        check_login(site.directory, "ANNAB", NULL);
        directory_remember_people(site.directory);
    }
    /* The server would take it. */
    check_login(uid.directory, "EMMA", NULL);
    check_login(uid.directory, "emma", "emma");
}

static enum sign_in_answer sign_in(struct directory *directory, const char *login,
                                   const char *password)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(person) person = NULL;
    const char *reason = NULL;
    enum sign_in_answer answer = SIGN_IN_NOT_NOW;

    directory_sign_in(directory, login, password, soon(), &answer, &person, &reason, &error);
    g_assert_no_error(error);
    g_assert_nonnull(reason);
    g_assert_true((answer == SIGN_IN_ACCEPTED) == (person != NULL));
    g_test_message("%s: %s", login, reason);
    return answer;
}

static void test_odd_logins(void)
{
    auto_site site = site_of(UID_PEOPLE, ACCOUNTS("", MANAGED));
    static const char *const logins[][2] = {
        {"o'brien", "o'brien"}, {"O'BRIEN", "o'brien"}, {"Van Der Berg", "van der berg"},
        {"SRV$", "srv$"}, {"müller", "müller"}, {"MÜLLER", "müller"}, {"mu\u0308ller", "müller"},
        {"a+b", "a+b"}, {"x(y)", "x(y)"}, {"#1", "#1"}, {"李雷", "李雷"},
        {"EXAD\\o'brien", "o'brien"}, {"exad\\srv$", "srv$"}, {"srv$@Example.edu", "srv$"},
        {"müller@student.example.edu", "müller"},
    };
    static const char *const bad[] = {"OTHER\\srv$", "\\srv$", "EXAD\\", "EXAD\\a\\b",
                                      "EXAD\\srv$@example.edu", "srv$@example.com", "srv$@",
                                      "srv$@x@example.edu", "a/b", "group srv$", " srv$"};

    for (size_t i = 0; i < G_N_ELEMENTS(logins); i++) {
        check_login(site.directory, logins[i][0], logins[i][1]);
        g_assert_cmpint(sign_in(site.directory, logins[i][0], "pw"), ==, SIGN_IN_ACCEPTED);
        g_assert_cmpint(sign_in(site.directory, logins[i][0], "no"), ==, SIGN_IN_WRONG);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        check_person(site.directory, bad[i], "bad login");
        g_assert_cmpint(sign_in(site.directory, bad[i], "pw"), ==, SIGN_IN_BAD_LOGIN);
    }
    check_login(site.directory, "muller", NULL);
}

static void collect(const char *text, void *data)
{
    g_string_append_printf(data, "%s\n", text);
}

/* What the server is asked does not tell whether somebody has the login. */
static void test_sign_in(void)
{
    auto_site site = site_of(UID_PEOPLE, ACCOUNTS("", MANAGED));
    g_autoptr(GString) steps = g_string_new("");

    g_assert_cmpint(sign_in(site.directory, "mallory", "pw-mallory"), ==, SIGN_IN_ACCEPTED);
    g_assert_cmpint(sign_in(site.directory, "emma", "pw-mallory"), ==, SIGN_IN_WRONG);
    g_assert_cmpint(sign_in(site.directory, "gone", "pw-gone"), ==, SIGN_IN_DISABLED);
    g_assert_cmpint(sign_in(site.directory, "gone", "wrong"), ==, SIGN_IN_WRONG);
    g_assert_cmpint(sign_in(site.directory, "both", "wrong"), ==, SIGN_IN_SEVERAL);
    g_assert_cmpint(sign_in(site.directory, "emma", ""), ==, SIGN_IN_WRONG);
    directory_trace(site.directory, collect, steps);
    g_assert_cmpint(sign_in(site.directory, "no-such-person", "wrong"), ==, SIGN_IN_WRONG);
    g_test_message("%s", steps->str);
    g_assert_nonnull(strstr(steps->str, "binds as uid="));
}

/* ---- what Active Directory says of a refused bind */

/* Passes the portal's own connection on to slapd, and answers the bind of the next one itself. */
struct refuser {
    int listener;
    int stop[2];
    unsigned port;
    guint8 code;      /* of the refusal, and its text */
    const char *text;
    int policy; /* the error of the password policy in a control, or -1 */
    GThread *thread;
};

static int connect_slapd(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    name.sin_port = htons((uint16_t)strtoul(strrchr(slapd->ldap, ':') + 1, NULL, 10));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&name, sizeof name), ==, 0);
    return fd;
}

/* The control of draft-behera-ldap-password-policy 6.2 with an error: 38 bytes. */
#define POLICY_LENGTH 38
#define POLICY_ERROR 37
static const guint8 policy_control[POLICY_LENGTH + 1] =
    "\xa0\x24\x30\x22\x04\x19" "1.3.6.1.4.1.42.2.27.8.5.1" "\x04\x05\x30\x03\x81\x01";

/* A BindResponse (RFC 4511 4.2.2) to the message of that number. */
static void refuse_bind(int client, guint8 number, const struct refuser *refuser)
{
    guint8 length = (guint8)strlen(refuser->text), bytes[256];
    guint8 policy = refuser->policy >= 0 ? POLICY_LENGTH : 0;
    const guint8 head[] = {0x30, (guint8)(12 + length + policy), 2, 1, number, 0x61,
                           (guint8)(7 + length), 10, 1, refuser->code, 4, 0, 4, length};

    memcpy(bytes, head, sizeof head);
    memcpy(bytes + sizeof head, refuser->text, length);
    memcpy(bytes + sizeof head + length, policy_control, policy);
    if (policy)
        bytes[sizeof head + length + POLICY_ERROR] = (guint8)refuser->policy;
    g_assert_cmpint(write(client, bytes, sizeof head + length + policy), ==,
                    sizeof head + length + policy);
}

static void answer_bind(const struct refuser *refuser)
{
    int client = accept(refuser->listener, NULL, NULL);
    guint8 request[1000];

    /* The bind is one small message: 30, a length of one byte, 02 01 and its number. */
    g_assert_cmpint(read(client, request, sizeof request), >, 4);
    refuse_bind(client, request[4], refuser);
    while (read(client, request, sizeof request) > 0)
        continue;
    close(client);
}

static bool pass_on(int from, int to)
{
    char bytes[4096];
    ssize_t count = read(from, bytes, sizeof bytes);

    return count > 0 && write(to, bytes, (size_t)count) == count;
}

static void *refuse_on(void *data)
{
    const struct refuser *refuser = data;
    int portal = accept(refuser->listener, NULL, NULL), server = connect_slapd();
    struct pollfd fds[] = {{portal, POLLIN, 0},
                           {server, POLLIN, 0},
                           {refuser->listener, POLLIN, 0},
                           {refuser->stop[0], POLLIN, 0}};
    bool open = true;

    while (open && poll(fds, G_N_ELEMENTS(fds), -1) > 0 && !fds[3].revents) {
        if (fds[0].revents)
            open = pass_on(portal, server);
        if (open && fds[1].revents)
            open = pass_on(server, portal);
        if (fds[2].revents)
            answer_bind(refuser);
    }
    close(portal);
    close(server);
    return NULL;
}

static void refuser_start(struct refuser *refuser)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;

    refuser->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(refuser->listener, (struct sockaddr *)&name, size), ==, 0);
    g_assert_cmpint(listen(refuser->listener, 4), ==, 0);
    g_assert_cmpint(getsockname(refuser->listener, (struct sockaddr *)&name, &size), ==, 0);
    refuser->port = ntohs(name.sin_port);
    g_assert_cmpint(pipe2(refuser->stop, O_CLOEXEC), ==, 0);
    refuser->thread = g_thread_new("refuser", refuse_on, refuser);
}

static void refuser_end(struct refuser *refuser)
{
    close(refuser->stop[1]);
    g_thread_join(refuser->thread);
    close(refuser->stop[0]);
    close(refuser->listener);
}

static void check_code(guint8 code, const char *text, int policy, enum sign_in_answer expected)
{
    struct refuser refuser = {.code = code, .text = text, .policy = policy};
    g_autofree char *uri = NULL;

    refuser_start(&refuser);
    uri = g_strdup_printf("ldap://127.0.0.1:%u", refuser.port);
    server_uri = uri;
    {
        auto_site site = site_of(UID_PEOPLE, ACCOUNTS("", MANAGED));
        g_assert_cmpint(sign_in(site.directory, "emma", "pw-emma"), ==, expected);
    }
    server_uri = NULL;
    refuser_end(&refuser);
}

static void check_refusal(const char *text, enum sign_in_answer expected)
{
    check_code(49, text, -1, expected);
}

#define REFUSED "80090308: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, data "

static void test_refusals(void)
{
    check_refusal(REFUSED "52e, v4f7c", SIGN_IN_WRONG);
    check_refusal(REFUSED "525, v4f7c", SIGN_IN_WRONG);
    check_refusal(REFUSED "530, v4f7c", SIGN_IN_NOT_NOW);
    check_refusal(REFUSED "532, v4f7c", SIGN_IN_PASSWORD_EXPIRED);
    check_refusal(REFUSED "533, v4f7c", SIGN_IN_DISABLED);
    check_refusal(REFUSED "701, v4f7c", SIGN_IN_ACCOUNT_EXPIRED);
    check_refusal(REFUSED "773, v4f7c", SIGN_IN_MUST_CHANGE);
    check_refusal(REFUSED "775, v4f7c", SIGN_IN_LOCKED);
    check_refusal("", SIGN_IN_WRONG);
    check_refusal("password expired", SIGN_IN_WRONG);
    check_code(49, "", 0, SIGN_IN_PASSWORD_EXPIRED);
    check_code(49, "", 1, SIGN_IN_LOCKED);
    check_code(49, "", 2, SIGN_IN_MUST_CHANGE);
    /* Said to every password: the page tells a stranger no more than of a wrong one. */
    check_code(53, "Account inactivated. Contact system administrator.", -1, SIGN_IN_WRONG);
    check_code(19, "Exceed password retry limit. Please try later.", -1, SIGN_IN_LOCKED);
    check_code(53, "Too many failed logins.", -1, SIGN_IN_LOCKED);
    check_code(53, "Account (Kerberos principal) is expired", -1, SIGN_IN_WRONG);
    check_code(53, "unwilling", -1, SIGN_IN_WRONG);
}

/* ---- a person by the lasting id */

static void change(const char *dn, int operation, const char *attribute, const char *value)
{
    char *const values[] = {(char *)value, NULL};
    LDAPMod one = {.mod_op = operation, .mod_type = (char *)attribute,
                      .mod_values = (char **)values};
    LDAPMod *changes[] = {&one, NULL};
    struct berval password = {5, (char *)"admin"};
    int version = LDAP_VERSION3;
    LDAP *ldap;

    g_assert_cmpint(ldap_initialize(&ldap, slapd->ldap), ==, LDAP_SUCCESS);
    ldap_set_option(ldap, LDAP_OPT_PROTOCOL_VERSION, &version);
    g_assert_cmpint(ldap_sasl_bind_s(ldap, "cn=admin," BASE, LDAP_SASL_SIMPLE, &password, NULL,
                                     NULL, NULL),
                    ==, LDAP_SUCCESS);
    g_assert_cmpint(ldap_modify_ext_s(ldap, dn, changes, NULL, NULL), ==, LDAP_SUCCESS);
    ldap_unbind_ext_s(ldap, NULL, NULL);
}

static void modify(const char *dn, const char *attribute, const char *value)
{
    change(dn, LDAP_MOD_REPLACE, attribute, value);
}

static void check_id(struct directory *directory, const char *id, const char *expected,
                     const char *login)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(person) person = NULL;
    enum person_answer answer = PERSON_BAD_LOGIN;

    directory_find_person_by_id(directory, &(struct person_key){id, "nobody-by-this-login"}, soon(),
                                &answer, &person, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(person_names[answer], ==, expected);
    g_assert_true((answer == PERSON_FOUND) == (person != NULL));
    if (person) {
        g_assert_cmpstr(person->login, ==, login);
        g_assert_cmpstr(person->id, ==, id);
    }
}

/* The login changes and is given to somebody else, and back again. */
static void check_renaming(const char *id_attribute)
{
    g_autofree char *people = g_strdup_printf(
        "<people base='" STAFF "' filter='(uid=%%u)' login-attribute='uid' id-attribute='%s'"
        " eligible-filter='(!(employeeType=left))'/>",
        id_attribute);
    auto_site site = site_of(people, ACCOUNTS("", MANAGED));
    auto_ptr(person) before = look_up(site.directory, "before", "found");
    auto_ptr(person) heir = look_up(site.directory, "heir", "found");

    check_id(site.directory, before->id, "found", "before");
    modify("cn=Renamed," STAFF, "uid", "after");
    modify("cn=Heir," STAFF, "uid", "before");
    check_id(site.directory, before->id, "found", "after");
    check_id(site.directory, heir->id, "found", "before");
    modify("cn=Renamed," STAFF, "employeeType", "left");
    check_id(site.directory, before->id, "not eligible", NULL);
    modify("cn=Renamed," STAFF, "employeeType", NULL);
    modify("cn=Renamed," STAFF, "uid", "before");
    check_id(site.directory, before->id, "several", NULL);
    modify("cn=Heir," STAFF, "uid", "heir");
    check_id(site.directory, before->id, "found", "before");
}

/* Not by the login either: it may be somebody else's by now. */
static void check_hidden(struct directory *directory, const char *login)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    g_assert_false(directory_find_person(directory, login, soon(), &answer, &person, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_LIMIT);
    g_assert_nonnull(strstr(error->message, "let it read "));
    g_assert_null(person);
}

static void check_hidden_id(struct directory *directory, const char *id, const char *login)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(person) person = NULL;
    enum person_answer answer;
    const struct person_key key = {id, login};

    g_assert_false(directory_find_person_by_id(directory, &key, soon(), &answer, &person, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_LIMIT);
}

static void check_hidden_sign_in(struct directory *directory, const char *password, bool hidden)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(person) person = NULL;
    enum sign_in_answer answer;
    const char *reason;
    bool asked = directory_sign_in(directory, "emma", password, soon(), &answer, &person, &reason,
                                   &error);

    g_assert_true(asked != hidden);
    if (asked)
        g_assert_cmpint(answer, ==, SIGN_IN_WRONG);
    else
        g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_LIMIT);
    g_assert_null(person);
}

#define GONE_ID "00000000-0000-0000-0000-000000000000"

/* What an access rule hides is neither a "yes" nor a "no". */
static void test_hidden_ids(void)
{
    auto_site site = site_of(UID_PEOPLE, ACCOUNTS("", MANAGED));
    auto_ptr(person) emma = look_up(site.directory, "emma", "found");

    slapd_restrict(slapd, "access to dn.subtree=\"" BASE "\" attrs=entryUUID by * none\n", "");
    check_hidden(site.directory, "emma");
    check_hidden_id(site.directory, emma->id, "emma");
    check_hidden_id(site.directory, emma->id, "renamed-since");
    check_hidden_sign_in(site.directory, "pw-emma", true);
    check_hidden_sign_in(site.directory, "pw-mallory", false);
    check_person(site.directory, "nobody-by-this-login", "not found");

    /* Of one person only: others' tell what happened to them. */
    slapd_restrict(slapd, "access to dn.base=\"cn=Emma," STAFF "\" attrs=entryUUID by * none\n", "");
    check_hidden(site.directory, "emma");
    check_hidden_id(site.directory, emma->id, "emma");
    check_person(site.directory, "mallory", "found");
    check_id(site.directory, GONE_ID, "not found", NULL);

    /* Found by it, but not shown. */
    slapd_restrict(slapd, "access to dn.subtree=\"" BASE "\" attrs=entryUUID by * search\n", "");
    check_hidden_id(site.directory, emma->id, "emma");
    check_hidden(site.directory, "emma");
    slapd_restrict(slapd, "", "");
    check_id(site.directory, emma->id, "found", "emma");
}

static void test_by_id(void)
{
    auto_site site = site_of(UID_PEOPLE, ACCOUNTS("", MANAGED));
    auto_site elsewhere = site_of("<people base='" STUDENTS "' filter='(uid=%u)'"
                                  " login-attribute='uid' id-attribute='entryUUID'/>",
                                  ACCOUNTS("", MANAGED));
    auto_site none = site_of("<people base='" STAFF "' filter='(uid=%u)' login-attribute='uid'"
                             " id-attribute='msExchMailboxGuid'/>",
                             ACCOUNTS("", MANAGED));
    auto_site shared = site_of("<people base='" BASE "' filter='(uid=%u)' login-attribute='uid'"
                               " id-attribute='msExchMailboxGuid'><base>" STAFF "</base></people>",
                               ACCOUNTS("", MANAGED));
    auto_ptr(person) emma = look_up(site.directory, "emma", "found");

    check_renaming("entryUUID");
    check_renaming("msExchMailboxGuid");
    check_id(site.directory, emma->id, "found", "emma");
    check_id(elsewhere.directory, emma->id, "not found", NULL);
    check_id(shared.directory, "ff000102030405060708090a0b0c0d10", "several", NULL);
    check_id(site.directory, "ff", "not found", NULL);
    check_id(site.directory, "*", "not found", NULL);
    check_id(site.directory, GONE_ID, "not found", NULL);
    check_hidden(none.directory, "emma");
}

/* ---- whose an address is */

static const char *role(struct directory *directory, const char *login, const char *address)
{
    g_autoptr(GError) error = NULL;
    enum role_answer answer = ROLE_SYNTAX;

    directory_role(directory, login, address, soon(), &answer, NULL, &error);
    g_assert_no_error(error);
    return role_answer_name(answer);
}

static char *offers(struct directory *directory, const char *login)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) offered = NULL;
    g_autoptr(GString) text = g_string_new("");
    bool more = true;

    directory_list_addresses(directory, login, soon(), &offered, &more, &error);
    g_assert_no_error(error);
    g_assert_false(more);
    for (guint i = 0; i < offered->len; i++) {
        const struct offered_address *one = offered->pdata[i];
        /* What is offered is what a submit accepts. */
        g_assert_cmpstr(role(directory, login, one->address), ==, "owner");
        g_string_append_printf(text, "%s ", one->address);
    }
    return g_strdup(text->str);
}

static int by_text(gconstpointer a, gconstpointer b)
{
    const char *const *one = a, *const *other = b;

    return strcmp(*one, *other);
}

static char *standing_of(struct directory *directory, const char *address)
{
    static const char *const names[] = {"good", "not-found", "ambiguous", "not-eligible"};
    g_autoptr(GError) error = NULL;
    auto_ptr(standing) standing = NULL;
    g_autoptr(GString) text = g_string_new("");

    directory_standing(directory, address, soon(), &standing, &error);
    g_assert_no_error(error);
    g_string_append(text, names[standing->answer]);
    g_string_append(text, standing->held ? " held" : "");
    g_ptr_array_sort(standing->holders, by_text);
    for (guint i = 0; i < standing->holders->len; i++)
        g_string_append_printf(text, " %s", (char *)standing->holders->pdata[i]);
    return g_strdup(text->str);
}

static void check_standing(struct directory *directory, const char *address, const char *expected)
{
    g_autofree char *standing = standing_of(directory, address);

    g_assert_cmpstr(standing, ==, expected);
}

static void test_one_holder(void)
{
    auto_site site = site_of(SAMPLE_PEOPLE, ACCOUNTS("", MANAGED));
    auto_site wider = site_of(SAMPLE_PEOPLE, ACCOUNTS("", MANAGED "<holders base='" BASE "'/>"));
    auto_site narrow = site_of(SAMPLE_PEOPLE, ACCOUNTS("", MANAGED "<holders base='" BASE
                                                           "' filter='(objectCategory=x)'/>"));
    auto_site trusting = site_of(SAMPLE_PEOPLE, ACCOUNTS("holders='accounts'", MANAGED));

    /* Emma is among the staff, ow2 is in the people's base. */
    g_assert_cmpstr(role(site.directory, "ow1", "clash@example.edu"), ==, "owner");
    g_assert_cmpstr(role(site.directory, "ow1", "emma@example.edu"), ==, "owner");
    g_assert_cmpstr(role(site.directory, "ow1", "ow2@mail.example.edu"), ==, "ambiguous");
    g_assert_cmpstr(role(wider.directory, "ow1", "clash@example.edu"), ==, "owner");
    g_assert_cmpstr(role(wider.directory, "ow1", "emma@example.edu"), ==, "ambiguous");
    g_assert_cmpstr(role(wider.directory, "ow1", "ow2@mail.example.edu"), ==, "ambiguous");
    g_assert_cmpstr(role(narrow.directory, "ow1", "emma@example.edu"), ==, "owner");
    g_assert_cmpstr(role(narrow.directory, "ow1", "ow2@mail.example.edu"), ==, "owner");
    g_assert_cmpstr(role(trusting.directory, "ow1", "ow2@mail.example.edu"), ==, "owner");
    check_standing(wider.directory, "emma@example.edu", "ambiguous");
    check_standing(wider.directory, "clash@example.edu", "good held ow1");
}

/* Each of these lists holds what a submit accepts, and nothing else. */
static void test_offers(void)
{
    auto_site wider = site_of(SAMPLE_PEOPLE, ACCOUNTS("", MANAGED "<holders base='" BASE "'/>"));
    auto_site trusting = site_of(SAMPLE_PEOPLE, ACCOUNTS("holders='accounts'", MANAGED));
    g_autofree char *few = offers(wider.directory, "ow1");
    g_autofree char *many = offers(trusting.directory, "ow1");
    static const char *const odd[] = {"trail@example.edu", "lead@example.edu", "dot@example.edu",
                                      "dot@example.edu.", "angle@example.edu", "list@example.edu",
                                      "sip@example.edu"};

    g_assert_nonnull(strstr(few, "spelled@example.edu "));
    g_assert_nonnull(strstr(few, "clash@example.edu "));
    g_assert_null(strstr(few, "emma@example.edu"));
    g_assert_null(strstr(few, "dup@example.edu"));
    g_assert_null(strstr(few, "example.com"));
    g_assert_null(strstr(few, "dept.example.edu"));
    g_assert_nonnull(strstr(many, " emma@example.edu "));
    for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
        g_test_message("%s", odd[i]);
        g_assert_null(strstr(many, odd[i]));
        g_assert_cmpstr(role(trusting.directory, "ow1", odd[i]), ==, "not-found");
    }
}

#define MANY 250

/* Addresses many-001 to many-250 of one account; somebody else has the one before the last. */
static void append_many(GString *ldif)
{
    g_string_append(ldif, PERSON("Second", STAFF, "uid: second\nmail: many-249@example.edu\n")
                              PERSON("Many", STAFF, "uid: many\n"));
    g_string_append(ldif, "dn: cn=ga.lots," EGAS "\nobjectClass: user\nobjectClass: mailRecipient\n"
                          "cn: ga.lots\nsn: x\nobjectCategory: person\nsAMAccountName: ga.lots\n"
                          "msExchRecipientTypeDetails: 4\nmanagedBy: cn=Many," STAFF "\n");
    for (unsigned i = 1; i <= MANY; i++)
        g_string_append_printf(ldif, "proxyAddresses: smtp:many-%03u@example.edu\n", i);
    g_string_append(ldif, "\n");
}

static GPtrArray *list_of_many(struct directory *directory)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *offered = NULL;
    bool more;

    directory_list_addresses(directory, "many", deadline_in(60000), &offered, &more, &error);
    g_assert_no_error(error);
    return offered;
}

static void test_many_offers(void)
{
    auto_site site = site_of(UID_PEOPLE, ACCOUNTS("", MANAGED));
    g_autoptr(GPtrArray) offered = list_of_many(site.directory);

    g_assert_cmpuint(offered->len, ==, MANY - 1);
    g_assert_false(offered_unjudged(offered));
    for (guint i = 0; i < offered->len; i++)
        g_assert_cmpstr(((const struct offered_address *)offered->pdata[i])->address, !=,
                        "many-249@example.edu");
    g_assert_cmpstr(role(site.directory, "many", "many-249@example.edu"), ==, "ambiguous");
    g_assert_cmpstr(role(site.directory, "many", "many-250@example.edu"), ==, "owner");
}

/* Each answer takes its time: the first are asked about, the others are offered as they are. */
static void test_slow_offers(void)
{
    const struct meddle_plan plan = {
        .server = strstr(slapd->ldap, "127."), .answer = G_MAXUINT, .delay_ms = 150};
    struct meddler *meddler = meddler_new(&plan);
    g_autofree char *uri = g_strdup_printf("ldap://127.0.0.1:%u", meddler_port(meddler));
    server_uri = uri;
    {
        auto_site site = site_of(UID_PEOPLE, ACCOUNTS("", MANAGED));
        g_autoptr(GPtrArray) offered = NULL;
        const struct offered_address *first, *last;

        site.config->directory->total_ms = 20000;
        site.config->directory->operation_ms = 18000;
        offered = list_of_many(site.directory);
        first = offered->pdata[0];
        last = offered->pdata[offered->len - 1];
        g_assert_cmpuint(offered->len, ==, MANY);
        g_assert_true(first->judged);
        g_assert_false(last->judged);
        g_assert_true(offered_unjudged(offered));
    }
    server_uri = NULL;
    meddler_free(meddler);
}

/* ---- roles that the person's own entry says */

static void check_named(struct directory *directory, const char *login, bool named)
{
    g_autofree char *list = offers(directory, login);

    g_test_message("%s", login);
    g_assert_cmpstr(role(directory, login, "named@example.edu"), ==, named ? "owner" : "no-role");
    g_assert_cmpstr(role(directory, login, "named-alias@example.edu"), ==,
                    named ? "owner" : "no-role");
    g_assert_cmpstr(role(directory, login, "clash@example.edu"), ==, "no-role");
    g_assert_cmpstr(list, ==, named ? "named-alias@example.edu named@example.edu " : "");
}

static void test_person_attribute(void)
{
    auto_site by_text = site_of(UID_PEOPLE, ACCOUNTS("", "<owner person-attribute='siteAdminNetID'/>"));
    auto_site by_dn = site_of(
        UID_PEOPLE, ACCOUNTS("", MANAGED "<owner person-attribute='msExchCoManagedByLink'/>"));

    check_named(by_text.directory, "bylogin", true);
    check_named(by_text.directory, "byaddress", true);
    check_named(by_text.directory, "bytext", true);
    check_named(by_text.directory, "bynone", false);
    check_named(by_text.directory, "bydn", false);
    check_named(by_dn.directory, "bydn", true);
    check_named(by_dn.directory, "bynone", false);
    check_named(by_dn.directory, "bylogin", false);
    g_assert_cmpstr(role(by_text.directory, "bygone", "named@example.edu"), ==,
                    "person-not-eligible");
    check_standing(by_text.directory, "named@example.edu", "good held byaddress bylogin bytext");
    check_standing(by_dn.directory, "named-alias@example.edu", "good held bydn");
    check_standing(by_dn.directory, "noowner@example.edu", "good");
}

/* ---- what is a mistake and what is a "no" */

#define GROUPS(attributes) "<groups base='" BASE "' name-attribute='sAMAccountName'" attributes "/>"
#define FILTERED(filter, eligible)                                                          \
    "<people base='ou=People," BASE "' filter='" filter "' eligible-filter='" eligible "'"  \
    " id-attribute='entryUUID'/>"
#define RIGHT_PEOPLE                                                                        \
    FILTERED("(sAMAccountName=%u)", "(!(userAccountControl:1.2.840.113556.1.4.803:=2))")

/* Everything that check-directory tells of a login and an address, and the mistakes in it. */
static char *explained(const char *people, const char *accounts, const char *groups,
                       const char *login, const char *address, unsigned *mistakes)
{
    groups_text = groups;
    auto_site site = site_of(people, accounts);
    GString *steps = g_string_new("");
    g_autoptr(GError) error = NULL;

    groups_text = GROUPS("");
    directory_trace(site.directory, collect, steps);
    directory_explain(site.directory);
    g_assert_true(directory_inspect(site.directory, soon(), &error));
    g_assert_no_error(error);
    role(site.directory, login, address);
    g_test_message("%s", steps->str);
    *mistakes = directory_mistakes(site.directory);
    return g_string_free(steps, FALSE);
}

/* What one wrong setting tells. */
static void check_mistake(const char *people, const char *accounts, const char *groups,
                          const char *told)
{
    unsigned mistakes = 0;
    g_autofree char *text =
        explained(people, accounts, groups, "ad1", "grpadmin@example.edu", &mistakes);

    g_assert_nonnull(strstr(text, told));
    g_assert_cmpuint(mistakes, ==, 1);
}

static void test_mistakes(void)
{
    const char *const right = ACCOUNTS("", MANAGED "<administrator dn-attribute='msExchCoManagedByLink'/>");
    unsigned mistakes = 1;
    g_autofree char *good =
        explained(RIGHT_PEOPLE, right, GROUPS(""), "ad1", "grpadmin@example.edu", &mistakes);

    g_assert_cmpuint(mistakes, ==, 0);
    g_assert_nonnull(strstr(good, "role of ad1: administrator"));
    check_mistake(RIGHT_PEOPLE, ACCOUNTS("", "<owner dn-attribute='managdBy'/>"), GROUPS(""),
                  "mistake: the directory knows no attribute \"managdBy\" (owner)");
    check_mistake(RIGHT_PEOPLE, ACCOUNTS("", "<owner person-attribute='owns'/>"), GROUPS(""),
                  "mistake: the directory knows no attribute \"owns\" (owner)");
    check_mistake(RIGHT_PEOPLE, right, GROUPS(" member-attribute='mmber'"),
                  "mistake: the directory knows no attribute \"mmber\" (member-attribute of groups)");
    check_mistake(FILTERED("(sAMAcountName=%u)", ""), right, GROUPS(""),
                  "mistake: the directory knows no attribute \"sAMAcountName\" (filter of people)");
    check_mistake(FILTERED("(sAMAccountName=%u)", "(!(|(a=1)(userAccountControl:1.2.840.113556.1.4.803:=2)))"),
                  right, GROUPS(""),
                  "mistake: the directory knows no attribute \"a\" (eligible-filter of people)");
    check_mistake("<people base='ou=People," BASE "' filter='(sAMAccountName=%u)'"
                  " id-attribute='labeledURI'/>",
                  right, GROUPS(""), "take another id-attribute of people");
    check_mistake("<people base='" STAFF "' filter='(labeledURI=%u)' login-attribute='labeledURI'"
                  " id-attribute='entryUUID'/>",
                  right, GROUPS(""), "set login-case=\"exact\" of people");
}

/* The names are right, and what they are asked of, or what is shown of it, is not. */
static void test_shown(void)
{
    const char *const right =
        ACCOUNTS("", MANAGED "<administrator dn-attribute='msExchCoManagedByLink'/>");
    check_mistake(RIGHT_PEOPLE, right, "<groups base='ou=People," BASE "'/>",
                  "mistake: the base and filter of groups find none");
    check_mistake(RIGHT_PEOPLE, right, GROUPS(" filter='(description=x)'"),
                  "mistake: the base and filter of groups find none");
    check_mistake("<people base='ou=Service," BASE "' filter='(sAMAccountName=%u)'"
                  " id-attribute='entryUUID'/>",
                  right, GROUPS(""),
                  "mistake: the bases and the filter of people find nobody who shows sAMAccountName");
    check_mistake(FILTERED("(sAMAccountName=%u)", "(userAccountControl=99)"), right, GROUPS(""),
                  "mistake: the eligible-filter of people matches nobody");
    check_mistake(RIGHT_PEOPLE,
                  ACCOUNTS("eligible-filter='(msExchRecipientTypeDetails=99)'", MANAGED), GROUPS(""),
                  "mistake: the eligible-filter of accounts matches none");
    check_mistake(RIGHT_PEOPLE, ACCOUNTS("", "<owner dn-attribute='manager'/>"), GROUPS(""),
                  "mistake: no account shows an attribute that gives a role");
    check_mistake(RIGHT_PEOPLE, ACCOUNTS("", MANAGED "<owner login-attribute='msExchCoManagedByLink'/>"),
                  GROUPS(""), "holds no login, and the rule for it is a login-attribute");
    check_mistake(RIGHT_PEOPLE, ACCOUNTS("", MANAGED "<owner dn-attribute='sAMAccountName'/>"),
                  GROUPS(""), "holds no name of an entry (DN), and the rule for it is a dn-attribute");
}

/* What the portal's account may not read. */
static void test_hidden(void)
{
    static const struct {
        const char *where, *attributes, *told;
    } cases[] = {
        {"ou=Groups," BASE, "member", "member-attribute member of groups: no group shows it"},
        {EGAS, "managedBy,msExchCoManagedByLink", "no account shows an attribute that gives a role"},
        {EGAS, "proxyAddresses", "no account shows an address with the configured prefix"},
        {"ou=People," BASE, "mail", "mail-attribute mail of people: no entry shows it"},
        {"ou=People," BASE, "entryUUID", "id-attribute entryUUID of people: no entry shows it"},
    };
    const char *const right =
        ACCOUNTS("", MANAGED "<administrator dn-attribute='msExchCoManagedByLink'/>");

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *rule = g_strdup_printf("access to dn.subtree=\"%s\" attrs=%s by * none\n",
                                                cases[i].where, cases[i].attributes);
        slapd_restrict(slapd, rule, "");
        check_mistake(RIGHT_PEOPLE, right,
                      "<groups base='ou=Groups," BASE "' name-attribute='sAMAccountName'/>",
                      cases[i].told);
    }
    slapd_restrict(slapd, "", "");
}

/* Settings that may be meant are no mistakes, but what they leave out is told. */
static void check_no(const char *accounts, const char *groups, const char *login,
                     const char *address, const char *told)
{
    unsigned mistakes = 1;
    g_autofree char *text =
        explained(RIGHT_PEOPLE, accounts, groups, login, address, &mistakes);

    g_assert_cmpuint(mistakes, ==, 0);
    g_assert_nonnull(strstr(text, told));
}

static void refuse_site(const char *people)
{
    g_autofree char *file = g_build_filename(slapd->folder, "appsmtp.xml", NULL);
    g_autofree char *text = config_text(people, ACCOUNTS("", MANAGED));
    g_autoptr(GError) error = NULL;
    auto_ptr(config) config = NULL;

    g_assert_true(g_file_set_contents(file, text, -1, NULL));
    config = config_read(file, &error);
    g_assert_no_error(error);
    g_assert_null(directory_new(config->directory, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION);
    g_test_message("%s", error->message);
}

static void test_scopes(void)
{
    refuse_site("<people base='" STAFF "' filter='(uid=%u)' login-scope='@example.edu'/>");
    refuse_site("<people base='" STAFF "' filter='(uid=%u)' domain='EXAD\\'/>");
    refuse_site("<people base='" STAFF "' filter='(uid=u)'/>");
    refuse_site("<people base='" STAFF "' filter='(uid=%u)' id-attribute='a'"
                " eligible-filter='(accountExpires>=%filetime'/>");
}

static void test_no(void)
{
    const char *const plain = ACCOUNTS("", MANAGED);
    const char *const both =
        ACCOUNTS("", MANAGED "<administrator dn-attribute='msExchCoManagedByLink'/>");

    check_no(plain, GROUPS(""), "nb1", "noowner@example.edu",
             "managedBy of cn=ga.noowner," EGAS ": (no value, or not readable)");
    check_no(plain, GROUPS(""), "ow1", "direct@example.edu",
             "searches for accounts below \"" EGAS "\": (&(sAMAccountName=ga.*)");
    check_no(plain, GROUPS(""), "ow1", "old@example.edu",
             "cn=ga.old,ou=Retired,ou=Exchange," BASE " has it, but is outside of the base of accounts");
    check_no(plain, GROUPS(""), "ow1", "trail@example.edu",
             "holds \"smtp:trail@example.edu \", which is not the address behind the prefix");
    check_no(plain, GROUPS(""), "ga.direct", "direct@example.edu",
             "has the sAMAccountName ga.direct, but is outside of the bases of people");
    check_no(both, "<groups base='" TEAMS "' name-attribute='cn'/>", "ad1",
             "grpadmin@example.edu",
             "cn=g-egaadmins,ou=Groups," BASE " holds the person, but is outside of the base of groups");
    check_no(both, GROUPS(" filter='(cn=team*)'"), "ad1", "grpadmin@example.edu",
             "cn=g-egaadmins,ou=Groups," BASE " holds the person, but does not match the filter of groups");
    check_no(both, "", "ad1", "grpadmin@example.edu", "groups are not configured");
    check_no("<accounts base='" EGAS "' filter='(sAMAccountName=ga.many)' id-attribute='entryUUID'>"
             "<address attribute='proxyAddresses' prefix='smtp:'/><domain>example.edu</domain>"
             "<owner dn-attribute='managedBy'/></accounts>",
             GROUPS(""), "ow1", "direct@example.edu",
             "cn=ga.direct," EGAS " has it, but does not match the filter of accounts");
}

static void test_prefix(void)
{
    check_mistake(RIGHT_PEOPLE,
                  "<accounts base='" EGAS "' filter='(sAMAccountName=ga.*)'"
                  " id-attribute='entryUUID'><address attribute='proxyAddresses'/>"
                  "<domain>example.edu</domain><owner dn-attribute='managedBy'/></accounts>",
                  GROUPS(""),
                  "mistake: proxyAddresses of cn=ga.grpadmin," EGAS
                  " holds \"SMTP:grpadmin@example.edu\", and no prefix is configured for it");
    check_mistake(RIGHT_PEOPLE,
                  "<accounts base='" STUDENTS "' filter='(sAMAccountName=ga.*)'"
                  " id-attribute='entryUUID'><address attribute='proxyAddresses' prefix='smtp:'/>"
                  "<domain>example.edu</domain><owner dn-attribute='managedBy'/></accounts>",
                  GROUPS(""),
                  "mistake: the base and filter of accounts find none that the portal may see");
}

static void check_lockout(unsigned expected, unsigned seconds)
{
    auto_site site = site_of(RIGHT_PEOPLE, ACCOUNTS("", MANAGED));
    g_autoptr(GError) error = NULL;
    struct lockout lockout = {99, 99};

    g_assert_true(directory_lockout(site.directory, soon(), &lockout, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(lockout.failures, ==, expected);
    g_assert_cmpuint(lockout.seconds, ==, seconds);
}

static void test_lockout(void)
{
    check_lockout(0, 0);
    change(BASE, LDAP_MOD_ADD, "objectClass", "samDomain");
    change(BASE, LDAP_MOD_ADD, "lockoutThreshold", "6");
    check_lockout(6, 0);
    change(BASE, LDAP_MOD_ADD, "lockOutObservationWindow", "-18000000000");
    check_lockout(6, 1800);
    change(BASE, LDAP_MOD_REPLACE, "lockOutObservationWindow", "0");
    check_lockout(6, G_MAXUINT);
    change(BASE, LDAP_MOD_REPLACE, "lockoutThreshold", "0");
    check_lockout(0, 0);
}

int main(int argc, char **argv)
{
    g_autoptr(GString) ldif = g_string_new(more_ldif);
    int status;

    g_test_init(&argc, &argv, NULL);
    append_many(ldif);
    slapd = slapd_new("0", "1", ldif->str);
    g_test_add_func("/people/equal", test_equal);
    g_test_add_func("/people/several", test_several);
    g_test_add_func("/people/expired", test_expired);
    g_test_add_func("/people/exact", test_exact);
    g_test_add_func("/people/odd-logins", test_odd_logins);
    g_test_add_func("/people/sign-in", test_sign_in);
    g_test_add_func("/people/refusals", test_refusals);
    g_test_add_func("/people/shown", test_shown);
    g_test_add_func("/people/hidden", test_hidden);
    g_test_add_func("/people/many-offers", test_many_offers);
    g_test_add_func("/people/slow-offers", test_slow_offers);
    g_test_add_func("/people/by-id", test_by_id);
    g_test_add_func("/people/hidden-ids", test_hidden_ids);
    g_test_add_func("/people/one-holder", test_one_holder);
    g_test_add_func("/people/offers", test_offers);
    g_test_add_func("/people/person-attribute", test_person_attribute);
    g_test_add_func("/people/mistakes", test_mistakes);
    g_test_add_func("/people/scopes", test_scopes);
    g_test_add_func("/people/no", test_no);
    g_test_add_func("/people/prefix", test_prefix);
    g_test_add_func("/people/lockout", test_lockout);
    status = g_test_run();
    slapd_free(slapd);
    return status;
}
