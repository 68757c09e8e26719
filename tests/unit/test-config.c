/* SPDX-License-Identifier: MIT
 *
 * The configuration: the example is read; what is wrong is named by file and line.
 */
#include "adapters/config/config.h"
#include "base/error.h"

#include <glib/gstdio.h>

static char *folder;

static const char minimal[] =
    "<appsmtp>\n"
    "<site name='Example' help='help@example.edu' base-url='http://localhost:8080/'/>\n"
    "<relay host='relay.example.edu'/>\n"
    "<locations><location id='campus' name='Campus'><network>10.0.0.0/8</network></location>"
    "</locations>\n"
    "%s</appsmtp>\n";

static struct config *read_text(const char *text, GError **error)
{
    g_autofree char *file = g_build_filename(folder, "appsmtp.xml", NULL);

    g_assert_true(g_file_set_contents(file, text, -1, NULL));
    return config_read(file, error);
}

/* Reads the minimal file with one more element on line 5. */
static struct config *read_with(const char *element, GError **error)
{
    g_auto(GStrv) halves = g_strsplit(minimal, "%s", 2);
    g_autofree char *text = g_strconcat(halves[0], element, halves[1], NULL);

    return read_text(text, error);
}

static void check_refused(const char *element, const char *reason)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(config) config = read_with(element, &error);

    g_assert_null(config);
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION);
    g_assert_nonnull(strstr(error->message, reason));
    g_assert_nonnull(strstr(error->message, "appsmtp.xml:"));
}

static void test_example(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *file = g_build_filename(g_getenv("APPSMTP_DATADIR"), "deploy/appsmtp.xml", NULL);
    auto_ptr(config) config = config_read(file, &error);

    g_assert_no_error(error);
    g_assert_true(config->secure);
    g_assert_cmpuint(config->locations->len, ==, 3);
    g_assert_cmpuint(config->directory->uris->len, ==, 2);
    g_assert_cmpuint(config->directory->owner_rules->len, ==, 1);
    g_assert_cmpstr(config->database->export.user, ==, "appsmtp_export");
    g_assert_cmpuint(config_application_type(config, "scanner")->recipients_per_hour, ==, 200);
    g_assert_true(config_application_type(config, "scanner")->per_source);
    g_assert_false(config_application_type(config, "web-application")->per_source);
    g_assert_cmpuint(config->relay.relays, ==, 1);
}

/* Each is a whole file, to be tried as it is; its directory's attributes are the server's own. */
static void test_directory_examples(void)
{
    static const struct {
        const char *file, *login_attribute, *id_attribute;
    } examples[] = {
        {"deploy/directory/active-directory.xml", "sAMAccountName", "objectGUID"},
        {"deploy/directory/389-ds.xml", "uid", "nsUniqueId"},
        {"deploy/directory/openldap.xml", "uid", "entryUUID"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(examples); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *file =
            g_build_filename(g_getenv("APPSMTP_DATADIR"), examples[i].file, NULL);
        auto_ptr(config) config = config_read(file, &error);
        g_assert_no_error(error);
        g_assert_true(config_need_directory(config, &error));
        g_assert_cmpstr(config->directory->user_login_attribute, ==, examples[i].login_attribute);
        g_assert_cmpstr(config->directory->id_attribute, ==, examples[i].id_attribute);
        g_assert_cmpstr(config->directory->group_id_attribute, ==, examples[i].id_attribute);
        g_assert_cmpuint(config->directory->uris->len, ==, 2);
    }
}

static void test_defaults(void)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(config) config = read_with("", &error);

    g_assert_no_error(error);
    g_assert_cmpstr(config->base_url, ==, "http://localhost:8080");
    g_assert_false(config->secure);
    g_assert_cmpuint(config->relay.port, ==, 25);
    g_assert_cmpuint(config->relay.message_megabytes, ==, 25);
    g_assert_cmpuint(config->export.gone_hours, ==, 24);
    g_assert_cmpuint(config->export.program_seconds, ==, 120);
    g_assert_cmpuint(config->sign_in.failures, ==, 4);
    g_assert_cmpuint(config->sign_in.account_failures, ==, 8);
    g_assert_cmpuint(config->sign_in.network_failures, ==, 100);
    g_assert_cmpuint(config->sign_in.failure_minutes, ==, 30);
    g_assert_cmpuint(config->workers, ==, 4);
    g_assert_cmpuint(config->application_types->len, ==, 3);
    g_assert_false(config_need_directory(config, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION);
}

/* Many scanners have one sender: they count one by one, unless the file says otherwise. */
static void test_rates(void)
{
    static const char rates[] =
        "<application-types><type id='scanner' name='S' recipients-per-hour='7' per='sender'>s</type>"
        "<type id='device-monitor' name='D' recipients-per-hour='8' per='source'>d</type>"
        "</application-types>";
    g_autoptr(GError) error = NULL;
    auto_ptr(config) config = read_with(rates, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(config_application_type(config, "scanner")->recipients_per_hour, ==, 7);
    g_assert_false(config_application_type(config, "scanner")->per_source);
    g_assert_true(config_application_type(config, "device-monitor")->per_source);
    g_assert_false(config_application_type(config, "web-application")->per_source);
    g_assert_cmpuint(config_application_type(config, "web-application")->recipients_per_hour, ==,
                     1000);
    check_refused("<application-types><type id='scanner' name='S' messages-per-hour='7'>s</type>"
                  "</application-types>", ":5: ");
    check_refused("<application-types><type id='scanner' name='S' recipients-per-hour='7' per='hour'>"
                  "s</type></application-types>", ":5: ");
}

static void test_refused(void)
{
    check_refused("<nonsense/>", ":5: ");
    check_refused("<export hostname-gone-hours='0'/>", "hostname-gone-hours");
    check_refused("<export hostname-gone-hours='721'/>", "hostname-gone-hours");
    check_refused("<export program-seconds='0'/>", "program-seconds");
    check_refused("<resolver deadline-seconds='soon'/>", ":5: ");
    check_refused("<notices smtp='a:25' from='a@b.c' relay-team='a@b.c' deadline-seconds='0'/>", ":5: ");
    check_refused("<sign-in idle-minutes='0'/>", ":5: ");
    check_refused("<sign-in account-failures='1'/>", ":5: ");
    check_refused("<sign-in><front secret-file='/x' sign-in-url='/l' user-parameter='HTTP_USER'/>"
                  "</sign-in>", "forge");
    check_refused("<sign-in><front secret-file='/x' sign-in-url='/l' user-parameter='REMOTE_USER'/>"
                  "</sign-in>", "forge");
    check_refused("<database connection='host=db password=x'/>", "password-file");
    check_refused("<resolver>", "appsmtp.xml:5: ");
}

#define DIRECTORY(people, accounts)                                                         \
    "<directory><server uri='ldaps://x'/><bind method='external'/>" people                   \
    "<accounts base='ou=a' filter='(a=b)' id-attribute='entryUUID'" accounts "</accounts></directory>"
#define PEOPLE(attributes) "<people base='ou=p' filter='(uid=%u)'" attributes
#define RULES "<address attribute='mail'/><domain>example.edu</domain><owner dn-attribute='o'/>"

static void test_people(void)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(config) plain = read_with(DIRECTORY(PEOPLE("/>"), ">" RULES), &error);
    auto_ptr(config) full = read_with(
        DIRECTORY(PEOPLE(" login-scope=' example.edu  b.edu ' domain='EXAD' login-case='exact'"
                         " id-attribute='nsUniqueId'><base> ou=q, dc=x </base></people>"),
                  ">" RULES "<owner person-attribute='owns'/><holders base='dc=x' filter='(c=d)'/>"),
        &error);
    auto_ptr(config) children = read_with(
        DIRECTORY("<people filter='(uid=%u)'><base>ou=p</base><base>ou=q</base></people>",
                  " holders='accounts'>" RULES),
        &error);
    const struct directory_settings *one = plain->directory, *two = full->directory;
    const struct holder_search *holders = one->holder_searches->pdata[0];
    const struct role_rule *rule = two->owner_rules->pdata[1];

    g_assert_no_error(error);
    g_assert_cmpuint(one->user_bases->len, ==, 1);
    g_assert_cmpuint(one->login_scopes->len + one->login_domains->len, ==, 0);
    g_assert_cmpint(one->login_case, ==, LOGIN_IGNORE_CASE);
    g_assert_cmpstr(one->user_id_attribute, ==, "entryUUID");
    g_assert_cmpstr(one->group_id_attribute, ==, "entryUUID");
    g_assert_cmpstr(holders->base, ==, "ou=p");
    g_assert_cmpuint(two->user_bases->len, ==, 2);
    g_assert_cmpstr(two->user_bases->pdata[1], ==, "ou=q, dc=x");
    g_assert_cmpuint(two->login_scopes->len, ==, 2);
    g_assert_cmpstr(two->login_scopes->pdata[1], ==, "b.edu");
    g_assert_cmpstr(two->login_domains->pdata[0], ==, "EXAD");
    g_assert_cmpint(two->login_case, ==, LOGIN_EXACT_CASE);
    g_assert_cmpstr(two->user_id_attribute, ==, "nsUniqueId");
    g_assert_cmpuint(two->holder_searches->len, ==, 1);
    g_assert_cmpint(rule->kind, ==, ROLE_BY_PERSON_ATTRIBUTE);
    g_assert_cmpuint(children->directory->user_bases->len, ==, 2);
    g_assert_cmpuint(children->directory->holder_searches->len, ==, 0);
    check_refused(DIRECTORY("<people filter='(uid=%u)'/>", ">" RULES), ":5: ");
    check_refused(DIRECTORY(PEOPLE(" login-case='lower'/>"), ">" RULES), ":5: ");
    check_refused(DIRECTORY(PEOPLE("/>"), " holders='nobody'>" RULES), ":5: ");
    check_refused(DIRECTORY(PEOPLE("/>"), ">" RULES "<owner person-attribute='a' dn-attribute='b'/>"),
                  ":5: ");
}

static void refuse_text(const char *text, const char *reason)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(config) config = read_text(text, &error);

    g_assert_null(config);
    g_assert_nonnull(strstr(error->message, reason));
}

static void refuse_size(const char *megabytes)
{
    g_autofree char *text =
        g_strdup_printf("<appsmtp><site name='E' help='h' base-url='https://x'/>\n"
                        "<relay host='r' message-megabytes='%s'/><locations><location id='a' name='A'>"
                        "<network>10.0.0.0/8</network></location></locations></appsmtp>", megabytes);

    refuse_text(text, ":2: ");
}

static void test_values(void)
{
    refuse_size("0");
    refuse_size("1001");
    refuse_size("25M");
    refuse_text("<!DOCTYPE appsmtp [<!ENTITY e 'x'>]><appsmtp/>", "document type");
    refuse_text("<appsmtp>\n<site name='E' help='h' base-url='http://portal.example.edu'/>"
                "<relay host='r'/><locations><location id='a' name='A'><network>10.0.0.0/8</network>"
                "</location></locations></appsmtp>", ":2: base-url");
    refuse_text("<appsmtp><site name='E' help='h' base-url='https://x'/>\n<relay host='r' relays='0'/>"
                "<locations><location id='a' name='A'><network>10.0.0.0/8</network></location>"
                "</locations></appsmtp>", ":2: ");
    refuse_text("<appsmtp><site name='E' help='h' base-url='https://x'/><relay host='r'/>\n\n"
                "<locations><location id='a' name='A'><network>10.0.0.1/8</network></location>"
                "</locations></appsmtp>", ":3: \"10.0.0.1/8\"");
}

static void test_secret(void)
{
    g_autofree char *file = g_build_filename(folder, "secret", NULL);
    g_autofree char *element =
        g_strdup_printf("<database connection='x'><portal user='u' password-file='%s'/></database>", file);
    g_autoptr(GError) error = NULL;
    g_autofree char *secret = NULL;

    g_assert_true(g_file_set_contents(file, "hush\n", -1, NULL));
    g_assert_cmpint(g_chmod(file, 0644), ==, 0);
    check_refused(element, "others can read");
    g_assert_null(config_secret(file, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION);
    g_assert_cmpint(g_chmod(file, 0640), ==, 0);
    secret = config_secret(file, NULL);
    g_assert_cmpstr(secret, ==, "hush");
    g_remove(file);
}

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("appsmtp-XXXXXX", NULL);
    g_test_add_func("/config/example", test_example);
    g_test_add_func("/config/directory-examples", test_directory_examples);
    g_test_add_func("/config/defaults", test_defaults);
    g_test_add_func("/config/rates", test_rates);
    g_test_add_func("/config/people", test_people);
    g_test_add_func("/config/refused", test_refused);
    g_test_add_func("/config/values", test_values);
    g_test_add_func("/config/secret", test_secret);
    status = g_test_run();
    g_autofree char *file = g_build_filename(folder, "appsmtp.xml", NULL);
    g_remove(file);
    g_rmdir(folder);
    g_free(folder);
    return status;
}
