/* SPDX-License-Identifier: MIT
 *
 * Making, starting and ending the private PostgreSQL. Root gives it to the account
 * postgres, since it does not run as root.
 */
#include "postgres.h"
#include "base/cleanup.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* As the server's account, with the newest programs: $1 is the folder. */
#define PREFIX                                                                       \
    "set -e; exec 2>>\"$1/script.log\" </dev/null\n"                                 \
    "bin=$(printf '%s\\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)\n"        \
    "as() { if [ \"$(id -u)\" = 0 ]; then setpriv --reuid=postgres --regid=postgres" \
    " --init-groups -- \"$@\"; else \"$@\"; fi; }\n"

#define CERTIFICATES                                                                  \
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"   \
    " -subj /CN=ca -keyout \"$1/ca.key\" -out \"$1/ca.pem\"\n"                        \
    "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server" \
    " -keyout \"$1/server.key\" -out \"$1/server.csr\"\n"                             \
    "printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' >\"$1/server.ext\"\n"         \
    "openssl x509 -req -in \"$1/server.csr\" -CA \"$1/ca.pem\" -CAkey \"$1/ca.key\""  \
    " -CAcreateserial -days 30 -extfile \"$1/server.ext\" -out \"$1/server.pem\"\n"   \
    "chmod 0600 \"$1/server.key\"\n"

#define OPEN_FOLDER                                                               \
    "if [ \"$(id -u)\" = 0 ]; then chown postgres:postgres \"$1\" \"$1\"/*; fi\n" \
    "chmod 0755 \"$1\"; cd \"$1\"\n"

/* $2: port, $3: encoding, $4: what the locale is */
#define CLUSTER                                                                          \
    PREFIX CERTIFICATES OPEN_FOLDER                                                      \
        "as \"$bin/initdb\" --no-sync --username=super --auth=trust --encoding=\"$3\""   \
        " --locale=\"$4\" -D \"$1/data\" >\"$1/initdb.log\"\n"                           \
        "cat >>\"$1/data/postgresql.conf\" <<CONF\n"                                     \
        "listen_addresses = '127.0.0.1'\nport = $2\nunix_socket_directories = '$1'\n"    \
        "unix_socket_permissions = 0777\nfsync = off\nmax_connections = 100\nssl = on\n" \
        "ssl_cert_file = '$1/server.pem'\nssl_key_file = '$1/server.key'\n"              \
        "shared_buffers = 16MB\nlog_min_messages = fatal\nhot_standby_feedback = on\n"   \
        "CONF\n"                                                                         \
        "printf 'local all all trust\\nlocal replication all trust\\n"                   \
        "host all all 127.0.0.0/8 scram-sha-256\\n' >\"$1/data/pg_hba.conf\"\n"

/* $2: port, $3: folder of the primary, $4: its port */
#define STANDBY                                                                                    \
    PREFIX "cp \"$3\"/*.pem \"$3\"/*.key \"$1\"\n" OPEN_FOLDER                                     \
           "as \"$bin/pg_basebackup\" --no-sync -R -c fast -X stream -h \"$3\" -p \"$4\" -U super" \
           " -D \"$1/data\"\n"                                                                     \
           "as sed -i \"s,$3,$1,; s,^port = .*,port = $2,\" \"$1/data/postgresql.conf\"\n"         \
           "rm -f \"$1/data/postmaster.pid\"\n"

#define ROLES                                             \
    "CREATE ROLE appsmtp_owner LOGIN PASSWORD 'secret';"  \
    "CREATE ROLE appsmtp_portal LOGIN PASSWORD 'secret';" \
    "CREATE ROLE appsmtp_export LOGIN PASSWORD 'secret';" \
    "CREATE ROLE appsmtp_notify LOGIN PASSWORD 'secret';"

static void run_script(const char *script, const struct postgres *postgres, const char *a,
                       const char *b)
{
    g_autofree char *port = g_strdup_printf("%u", postgres->port);
    const char *const words[] = {"/bin/sh", "-c", script, "sh", postgres->folder, port, a, b, NULL};
    g_autoptr(GError) error = NULL;
    int status;

    g_spawn_sync(NULL, (char **)words, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status,
                 &error);
    g_assert_no_error(error);
    if (status != 0)
        g_error("a script failed: see %s/script.log", postgres->folder);
}

unsigned postgres_free_port(void)
{
    auto_fd fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;

    g_assert_cmpint(bind(fd, (struct sockaddr *)&name, size), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&name, &size), ==, 0);
    return ntohs(name.sin_port);
}

static struct postgres *name_parts(void)
{
    struct postgres *postgres = g_new0(struct postgres, 1);

    postgres->folder = g_dir_make_tmp("appsmtp-postgres-XXXXXX", NULL);
    g_assert_nonnull(postgres->folder);
    postgres->port = postgres_free_port();
    postgres->ca = g_build_filename(postgres->folder, "ca.pem", NULL);
    postgres->password = g_build_filename(postgres->folder, "password", NULL);
    return postgres;
}

static void write_password(const struct postgres *postgres)
{
    g_assert_true(g_file_set_contents_full(postgres->password, "secret\n", -1,
                                           G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static char *run_sql(const struct postgres *postgres, const char *name, const char *statements)
{
    g_autofree char *port = g_strdup_printf("%u", postgres->port);
    const char *const words[] = {
        "psql", "-X", "-q",    "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", postgres->folder, "-p",
        port,   "-U", "super", "-d", name, "-c", statements,        NULL};
    g_autoptr(GError) error = NULL;
    char *output = NULL;
    int status;

    g_spawn_sync(NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL,
                 &status, &error);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
    return g_strchomp(output);
}

char *postgres_sql(const struct postgres *postgres, const char *statements)
{
    return run_sql(postgres, "appsmtp", statements);
}

struct postgres *postgres_new(const char *encoding)
{
    struct postgres *postgres = name_parts();
    bool utf8 = g_str_equal(encoding, "UTF8");

    run_script(CLUSTER, postgres, encoding, utf8 ? "C.UTF-8" : "C");
    write_password(postgres);
    postgres_start(postgres);
    g_free(run_sql(postgres, "postgres", ROLES));
    g_free(run_sql(postgres, "postgres", "CREATE DATABASE appsmtp OWNER appsmtp_owner"));
    return postgres;
}

struct postgres *postgres_standby(const struct postgres *primary)
{
    struct postgres *postgres = name_parts();
    g_autofree char *port = g_strdup_printf("%u", primary->port);

    run_script(STANDBY, postgres, primary->folder, port);
    write_password(postgres);
    postgres_start(postgres);
    return postgres;
}

static bool answers(const struct postgres *postgres)
{
    g_autofree char *port = g_strdup_printf("%u", postgres->port);
    const char *const words[] = {"pg_isready", "-q", "-h", postgres->folder, "-p", port, NULL};
    int status;

    return g_spawn_sync(NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                        &status, NULL) &&
           status == 0;
}

/* setpriv asks for the signal behind the change of account, which would forget it. */
void postgres_start(struct postgres *postgres)
{
    const char *const words[] = {
        "/bin/sh",
        "-c",
        PREFIX
        "cd \"$1\"; as=; [ \"$(id -u)\" != 0 ] || as='--reuid=postgres --regid=postgres "
        "--init-groups'\n"
        "exec setpriv $as --pdeathsig KILL -- \"$bin/postgres\" -D \"$1/data\" >>\"$1/script.log\"",
        "sh",
        postgres->folder,
        NULL};
    g_autoptr(GError) error = NULL;

    g_spawn_async(NULL, (char **)words, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &postgres->pid,
                  &error);
    g_assert_no_error(error);
    for (int i = 0; i < 600 && !answers(postgres); i++)
        g_usleep(50000);
    g_assert_true(answers(postgres));
}

void postgres_stop(struct postgres *postgres)
{
    /* To process 0 a signal goes to the whole group, the test itself among it. */
    if (postgres->pid == 0)
        return;
    kill(postgres->pid, SIGINT);
    g_assert_cmpint(waitpid(postgres->pid, NULL, 0), ==, postgres->pid);
    postgres->pid = 0;
}

void postgres_free(struct postgres *postgres)
{
    postgres_stop(postgres);
    run_script("rm -r -f \"$1\"", postgres, NULL, NULL);
    g_free(postgres->folder);
    g_free(postgres->ca);
    g_free(postgres->password);
    g_free(postgres);
}

struct database_settings *postgres_settings(const struct postgres *postgres, const char *words)
{
    struct database_settings *settings = g_new0(struct database_settings, 1);
    struct {
        struct database_role *role;
        const char *user;
    } roles[] = {{&settings->portal, "appsmtp_portal"},
                 {&settings->export, "appsmtp_export"},
                 {&settings->notify, "appsmtp_notify"},
                 {&settings->admin, "appsmtp_owner"}};

    settings->connection = g_strdup_printf("%s dbname=appsmtp", words);
    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++) {
        roles[i].role->user = g_strdup(roles[i].user);
        roles[i].role->password_file = g_strdup(postgres->password);
    }
    return settings;
}

void postgres_settings_free(struct database_settings *settings)
{
    struct database_role *const roles[] = {&settings->portal, &settings->export, &settings->notify,
                                           &settings->admin};

    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++) {
        g_free(roles[i]->user);
        g_free(roles[i]->password_file);
    }
    g_free(settings->connection);
    g_free(settings);
}
