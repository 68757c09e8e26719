/* SPDX-License-Identifier: MIT
 *
 * Writing and reading the configuration.
 */
#include "sample.h"

#include <glib/gstdio.h>

static const char head[] =
    "<appsmtp>"
    "<site name='Example' help='help@example.edu' base-url='http://localhost:8080/'/>"
    "<relay host='relay.example.edu'/>"
    "<locations><location id='campus' name='Campus'><network>10.0.0.0/8</network></location>"
    "</locations>";

static const char people[] =
    "<people base='ou=People,dc=example,dc=edu'"
    " filter='(&amp;(objectCategory=person)(sAMAccountName=%u))'"
    " eligible-filter='(!(userAccountControl:1.2.840.113556.1.4.803:=2))'>";

static const char accounts[] =
    "<accounts base='ou=EGA,ou=Exchange,dc=example,dc=edu'"
    " filter='(&amp;(objectCategory=person)(sAMAccountName=ga.*))' id-attribute='entryUUID'"
    " eligible-filter='(|(msExchRecipientTypeDetails=4)(msExchRecipientTypeDetails=34359738368))'>"
    "<address attribute='proxyAddresses' prefix='smtp:'/><domain>example.edu</domain>";

static const char usual_rules[] = "<owner dn-attribute='managedBy'/>"
                                  "<administrator dn-attribute='msExchCoManagedByLink'/>";

static void append_directory(GString *text, const struct slapd *slapd, const struct sample *sample)
{
    g_string_append_printf(text, "<directory ca-file='%s' %s>", slapd->ca,
                           sample->directory ? sample->directory : "");
    for (const char *const *uri = sample->uris; *uri; uri++)
        g_string_append_printf(text, "<server uri='%s'/>", *uri);
    g_string_append_printf(text,
                           "<bind dn='cn=portal,ou=Service,dc=example,dc=edu' "
                           "password-file='%s'/>%s%s</people>%s%s</accounts>",
                           slapd->password, people, sample->people ? sample->people : "", accounts,
                           sample->rules ? sample->rules : usual_rules);
    g_string_append_printf(text, "<groups base='ou=Groups,dc=example,dc=edu' %s/></directory>",
                           sample->groups ? sample->groups : "");
}

struct config *sample_config(const struct slapd *slapd, const struct sample *sample)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new(head);
    g_autofree char *file = NULL;
    struct config *config;
    int fd = g_file_open_tmp("appsmtp-sample-XXXXXX", &file, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    append_directory(text, slapd, sample);
    g_string_append(text, "</appsmtp>");
    g_assert_true(g_file_set_contents(file, text->str, -1, NULL));
    config = config_read(file, &error);
    g_assert_no_error(error);
    g_assert_cmpint(g_unlink(file), ==, 0);
    config->directory->connect_ms = config->directory->operation_ms = 20000;
    config->directory->total_ms = 60000;
    return config;
}
