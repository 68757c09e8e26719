/* SPDX-License-Identifier: MIT
 *
 * Making, starting and ending the private slapd.
 */
#include "slapd.h"
#include "base/cleanup.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define CERTIFICATES                                                                       \
    "cd \"$1\" && exec 2>openssl.log && umask 077\n"                                       \
    "ca() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30" \
    " -subj \"/CN=$1\" -keyout $1.key -out $1.pem; }\n"                                    \
    "ca ca && ca other && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"  \
    " -subj /CN=server -keyout server.key -out server.csr &&\n"                            \
    "printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' >server.ext &&\n"                  \
    "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30"   \
    " -extfile server.ext -out server.pem"

#define DATABASE                                                                           \
    "mkdir \"$1/db\" && sed \"s,@DIR@,$1,g\" \"$2/slapd.conf.in\" >\"$1/slapd.conf\" &&\n" \
    "cp \"$2/sample.schema\" \"$1\" && \"$2/make-ldif\" $3 $4 >\"$1/sample.ldif\" &&\n"    \
    "cat \"$1/more.ldif\" >>\"$1/sample.ldif\" &&\n"                                       \
    "cp \"$1/slapd.conf\" \"$1/slapd.conf.free\" &&\n"                                        \
    "/usr/sbin/slapadd -q -f \"$1/slapd.conf\" -l \"$1/sample.ldif\""

static void run_script(const char *const *arguments)
{
    g_autoptr(GError) error = NULL;
    int status;

    g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status,
                 &error);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
}

static void make_certificates(const struct slapd *slapd)
{
    g_autofree char *folder = g_build_filename(slapd->folder, "tls", NULL);
    const char *const script[] = {"/bin/sh", "-c", CERTIFICATES, "sh", folder, NULL};

    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    run_script(script);
}

static void load(const struct slapd *slapd, const char *egas, const char *people, const char *more)
{
    g_autofree char *sample =
        g_build_filename(g_getenv("TEST_SRCDIR"), "..", "deploy", "directory", NULL);
    g_autofree char *file = g_build_filename(slapd->folder, "more.ldif", NULL);
    const char *const script[] = {"/bin/sh", "-c", DATABASE, "sh", slapd->folder,
                                  sample,    egas, people,   NULL};

    g_assert_true(g_file_set_contents(file, more, -1, NULL));
    run_script(script);
}

static char *write_secret(const struct slapd *slapd, const char *name, const char *secret)
{
    char *file = g_build_filename(slapd->folder, name, NULL);

    g_assert_true(g_file_set_contents_full(file, secret, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    return file;
}

unsigned slapd_free_port(void)
{
    auto_fd fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in name = {.sin_family = AF_INET};
    socklen_t size = sizeof name;

    g_assert_cmpint(bind(fd, (struct sockaddr *)&name, size), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&name, &size), ==, 0);
    return ntohs(name.sin_port);
}

static void name_parts(struct slapd *slapd)
{
    g_autofree char *socket_name = g_build_filename(slapd->folder, "ldapi", NULL);
    g_autofree char *escaped = g_uri_escape_string(socket_name, NULL, FALSE);
    unsigned port = slapd_free_port(), tls_port = slapd_free_port();

    slapd->ldapi = g_strdup_printf("ldapi://%s", escaped);
    slapd->ldap = g_strdup_printf("ldap://127.0.0.1:%u", port);
    slapd->ldaps = g_strdup_printf("ldaps://127.0.0.1:%u", tls_port);
    slapd->misnamed = g_strdup_printf("ldaps://127.0.0.2:%u", tls_port);
    slapd->ca = g_build_filename(slapd->folder, "tls", "ca.pem", NULL);
    slapd->other_ca = g_build_filename(slapd->folder, "tls", "other.pem", NULL);
    slapd->password = write_secret(slapd, "password", "portal-secret\n");
    slapd->wrong_password = write_secret(slapd, "wrong-password", "not-it\n");
}

struct slapd *slapd_new(const char *egas, const char *people, const char *more_ldif)
{
    struct slapd *slapd = g_new0(struct slapd, 1);

    slapd->folder = g_dir_make_tmp("appsmtp-slapd-XXXXXX", NULL);
    g_assert_nonnull(slapd->folder);
    name_parts(slapd);
    make_certificates(slapd);
    load(slapd, egas, people, more_ldif);
    slapd_start(slapd);
    return slapd;
}

static void die_with_parent(void *unused)
{
    (void)unused;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static bool answers(const struct slapd *slapd)
{
    auto_fd fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unsigned port = (unsigned)g_ascii_strtoull(strrchr(slapd->ldap, ':') + 1, NULL, 10);
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_port = htons((guint16)port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    return connect(fd, (struct sockaddr *)&name, sizeof name) == 0;
}

void slapd_start(struct slapd *slapd)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *file = g_build_filename(slapd->folder, "slapd.conf", NULL);
    g_autofree char *uris =
        g_strjoin(" ", slapd->ldapi, slapd->ldap, slapd->ldaps, slapd->misnamed, NULL);
    const char *const command[] = {"/usr/sbin/slapd", "-d", "0", "-h", uris, "-f", file, NULL};

    g_spawn_async(NULL, (char **)command, NULL,
                  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                      G_SPAWN_STDERR_TO_DEV_NULL,
                  die_with_parent, NULL, &slapd->pid, &error);
    g_assert_no_error(error);
    for (int i = 0; i < 500 && !answers(slapd); i++)
        g_usleep(10000);
    g_assert_true(answers(slapd));
}

void slapd_stop(struct slapd *slapd)
{
    /* To process 0 a signal goes to the whole group, the test itself among it. */
    if (slapd->pid == 0)
        return;
    kill(slapd->pid, SIGTERM);
    g_assert_cmpint(waitpid(slapd->pid, NULL, 0), ==, slapd->pid);
    slapd->pid = 0;
}

void slapd_restrict(struct slapd *slapd, const char *rules, const char *general)
{
    g_autofree char *free_file = g_build_filename(slapd->folder, "slapd.conf.free", NULL);
    g_autofree char *file = g_build_filename(slapd->folder, "slapd.conf", NULL);
    g_autofree char *text = NULL;
    char *access, *database;
    g_autoptr(GString) made = NULL;

    g_assert_true(g_file_get_contents(free_file, &text, NULL, NULL));
    made = g_string_new(text);
    access = strstr(text, "access to ");
    database = strstr(text, "database ");
    g_assert_true(access && database && database < access);
    g_string_insert(made, access - text, rules);
    g_string_insert(made, database - text, general);
    g_assert_true(g_file_set_contents(file, made->str, -1, NULL));
    slapd_stop(slapd);
    slapd_start(slapd);
}

void slapd_free(struct slapd *slapd)
{
    const char *const clean[] = {"/bin/rm", "-r", "-f", slapd->folder, NULL};
    char *parts[] = {slapd->folder,   slapd->ldapi,    slapd->ldap,
                     slapd->ldaps,    slapd->misnamed, slapd->ca,
                     slapd->other_ca, slapd->password, slapd->wrong_password};

    slapd_stop(slapd);
    run_script(clean);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        g_free(parts[i]);
    g_free(slapd);
}
