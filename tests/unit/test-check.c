/* SPDX-License-Identifier: MIT
 *
 * appsmtp-check as a script sees it: exit status, lines, JSON. The rules
 * themselves are tested beside it; here is what only the program does.
 */
#include "adapters/snapshot/snapshot.h"
#include "slapd.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>

/* Nobody answers on the DNS server's port: asking fails at once. */
static const char configuration[] =
    "<appsmtp>"
    "<site name='Example' help='help@example.edu' base-url='http://localhost:8080/'/>"
    "<relay host='relay.example.edu' output='/nonexistent'/>"
    "<locations>"
    "<location id='campus' name='Campus networks'><network>10.0.0.0/8</network></location>"
    "<location id='aws' name='AWS'><network>172.16.0.0/12</network></location>"
    "</locations>"
    "<resolver deadline-seconds='1'><server address='127.0.0.1:1'/></resolver>";

/* The sample directory; server and password file are to be filled in. */
#define DIRECTORY                                                                          \
    "<directory total-seconds='3'><server uri='%s'/>"                                      \
    "<bind dn='cn=portal,ou=Service,dc=example,dc=edu' password-file='%s'/>"               \
    "<people base='dc=example,dc=edu' filter='(sAMAccountName=%%u)'"                       \
    " eligible-filter='(!(userAccountControl:1.2.840.113556.1.4.803:=2))'/>"               \
    "<accounts base='ou=EGA,ou=Exchange,dc=example,dc=edu' filter='(sAMAccountName=ga.*)'" \
    " id-attribute='entryUUID'><address attribute='proxyAddresses' prefix='smtp:'/>"       \
    "<domain>example.edu</domain><owner dn-attribute='managedBy'/></accounts>"             \
    "<groups base='dc=example,dc=edu'/></directory>"

static char *configuration_file; /* the configuration that the program is told of */

static void write_configuration(const char *directory)
{
    g_autofree char *text = g_strconcat(configuration, directory, "</appsmtp>", NULL);

    g_assert_true(g_file_set_contents(configuration_file, text, -1, NULL));
}

struct outcome {
    int status;
    char *output;
    char *messages;
};

static struct outcome run(const char *arguments)
{
    g_autofree char *line = g_strdup_printf("./appsmtp-check %s", arguments);
    g_auto(GStrv) command = NULL;
    struct outcome outcome = {0};
    g_autoptr(GError) error = NULL;

    g_test_message("%s", line);
    g_assert_true(g_shell_parse_argv(line, NULL, &command, &error));
    g_spawn_sync(NULL, command, NULL, 0, NULL, NULL, &outcome.output, &outcome.messages,
                 &outcome.status, &error);
    g_assert_no_error(error);
    g_assert_true(WIFEXITED(outcome.status));
    outcome.status = WEXITSTATUS(outcome.status);
    return outcome;
}

/* Expects that status and that standard output begins so; "" is no output at all. */
static void check(const char *arguments, int status, const char *start)
{
    struct outcome outcome = run(arguments);

    g_assert_cmpint(outcome.status, ==, status);
    g_assert_cmpint(strncmp(outcome.output, start, *start ? strlen(start) : 1), ==, 0);
    g_assert_true(status < 64 || status == 69 || *outcome.messages);
    g_free(outcome.output);
    g_free(outcome.messages);
}

static void test_lines(void)
{
    check("network 10.1.2.3/24", 1, "network.host-bits: 10.1.2.3/24 ");
    check("network 10.1.2.3", 0, "");
    check("network -- 10.1.2.3", 0, "");
    check("network '10.1.2.0/24 8.8.8.8'", 1, "network.outside-all: 8.8.8.8 ");
    check("network 10.1.2.0/24 --location campus", 0, "");
    check("--location aws network 10.1.2.0/24", 1, "network.outside: ");
    check("network 10.1.2.0/24 --location aws --location campus", 0, "");
    check("network 10.1.2.0/24 --location moon", 1, "location.unknown: ");
    check("hostname *.example.edu", 1, "hostname.wildcard: ");
    check("hostname web1.example.edu", 69, "hostname.unavailable: ");
    check("address Direct@example.edu", 0, "");
    check("address direct", 1, "address.no-at: ");
    check("message --sender a@example.edu --client 10.1.2.3", 69, "message.unavailable: ");
}

static void test_json(void)
{
    struct outcome outcome = run("--json network 10.1.2.3/24");
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) error = NULL;
    JsonObject *root, *finding;

    g_assert_true(json_parser_load_from_data(parser, outcome.output, -1, &error));
    root = json_node_get_object(json_parser_get_root(parser));
    g_assert_cmpstr(json_object_get_string_member(root, "verdict"), ==, "refuse");
    finding = json_array_get_object_element(json_object_get_array_member(root, "findings"), 0);
    g_assert_cmpstr(json_object_get_string_member(finding, "field"), ==, "networks");
    g_assert_cmpstr(json_object_get_string_member(finding, "code"), ==, "network.host-bits");
    g_assert_cmpstr(json_object_get_string_member(finding, "severity"), ==, "error");
    g_assert_nonnull(strstr(json_object_get_string_member(finding, "text"), "10.1.2.0/24"));
    g_free(outcome.output);
    g_free(outcome.messages);
    check("--json network 10.1.2.3", 0, "{\"verdict\":\"accept\",\"findings\":[]}\n");
    check("hostname web1.example.edu --json", 69, "{\"verdict\":\"unavailable\",");
}

/* A snapshot with one sender, registered for 10.1.2.0/24. */
static void write_snapshot(const char *folder)
{
    auto_ptr(snapshot_writer) writer = snapshot_writer_new(folder, NULL);
    auto_ptr(decision_policy) policy = decision_policy_new();
    auto_ptr(decision_entry) entry = decision_entry_new();
    struct location *campus = location_new("campus", "Campus networks");
    struct network network;

    network_parse("10.0.0.0/8", &network);
    g_array_append_val(campus->networks, network);
    g_ptr_array_add(policy->locations, campus);
    network_parse("10.1.2.0/24", &network);
    g_array_append_val(entry->networks, network);
    g_assert_true(snapshot_writer_add(writer, "a@example.edu", entry, NULL));
    g_assert_true(snapshot_writer_finish(writer, policy, 1, NULL));
}

static void check_message(const char *folder, const char *query, int status, const char *start)
{
    g_autofree char *arguments = g_strdup_printf("message --snapshot %s %s", folder, query);

    check(arguments, status, start);
}

static void test_message(void)
{
    g_autofree char *folder = g_dir_make_tmp("snapshot-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, SNAPSHOT_FILE, NULL);

    write_snapshot(folder);
    check_message(folder, "--sender a@example.edu --client 10.1.2.3", 0, "message.permitted: ");
    check_message(folder, "--sender '<A@Example.EDU.>' --client 10.1.2.3", 0, "message.permitted");
    check_message(folder, "--sender a@example.edu --client ::ffff:10.1.2.3", 0,
                  "message.permitted");
    check_message(folder, "--sender a@example.edu --client 10.1.3.3", 1,
                  "message.source-not-registered: ");
    check_message(folder, "--sender b@example.edu --client 10.1.2.3", 1,
                  "message.sender-not-registered: ");
    check_message(folder, "--sender a@example.edu --client 8.8.8.8", 1,
                  "message.outside-locations: ");
    check_message(folder, "--sender '<>' --client 10.1.2.3", 1, "message.null-sender: ");
    check_message(folder, "--sender a@example.edu --client web1", 1,
                  "message.client-not-an-address: ");
    g_unlink(file);
    g_rmdir(folder);
}

static void test_directory(void)
{
    struct slapd *slapd = slapd_new("5", "5", "");
    g_autofree char *directory = g_strdup_printf(DIRECTORY, slapd->ldapi, slapd->password);

    write_configuration(directory);
    check("address direct@example.edu --login ow1", 0, "");
    check("address direct@example.edu --login nb1", 1, "address.not-yours: ");
    check("address nowhere@example.edu --login ow1", 1, "address.not-yours: ");
    check("address direct@gmail.com --login ow1", 1, "address.domain: ");
    slapd_stop(slapd);
    check("address direct@example.edu --login ow1", 69, "address.unavailable: ");
    check("--json address direct@example.edu --login ow1", 69, "{\"verdict\":\"unavailable\",");
    slapd_start(slapd); /* because slapd_free() stops it */
    slapd_free(slapd);
    write_configuration("");
}

static void test_usage(void)
{
    check("", 64, "");
    check("networks 10.1.2.3", 64, "");
    check("network", 64, "");
    check("network 10.1.2.3 10.1.2.4", 64, "");
    check("network 10.1.2.3 --sender a@example.edu", 64, "");
    check("--bogus", 64, "");
    check("message --sender a@example.edu", 64, "");
    check("certificate /dev/null --at yesterday", 64, "");
    check("certificate /nonexistent/file", 66, "");
    check("certificate /", 66, "");
    check("--config /nonexistent/file network 10.1.2.3", 78, "");
    check("address a@example.edu --login ow1", 78, "");
    check("--version", 0, "appsmtp-check ");
    check("--help", 0, "Usage:");
}

int main(int argc, char **argv)
{
    g_autofree char *folder = g_dir_make_tmp("check-XXXXXX", NULL);
    int failed;

    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    configuration_file = g_build_filename(folder, "appsmtp.xml", NULL);
    write_configuration("");
    g_setenv("APPSMTP_CONFIG", configuration_file, TRUE);
    g_test_add_func("/check/lines", test_lines);
    g_test_add_func("/check/json", test_json);
    g_test_add_func("/check/message", test_message);
    g_test_add_func("/check/directory", test_directory);
    g_test_add_func("/check/usage", test_usage);
    failed = g_test_run();
    g_unlink(configuration_file);
    g_rmdir(folder);
    g_free(configuration_file);
    return failed;
}
