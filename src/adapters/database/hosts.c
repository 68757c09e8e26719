/* SPDX-License-Identifier: MIT
 *
 * One attempt of libpq for each address of each host.
 */
#include "adapters/database/hosts.h"

#include "base/error.h"
#include "base/lookup.h"

#include <gio/gio.h>
#include <libpq-fe.h>
#include <poll.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGconn, PQfinish)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PQconninfoOption, PQconninfoFree)

#define HOST_MS 2000
#define ONLY_HOST_MS 3000
#define SILENT_SECONDS 30

struct host {
    char *name;    /* a name, an address, the folder of a socket; NULL is libpq's default */
    char *address; /* hostaddr, or NULL */
    char *port;
    bool late; /* was silent a moment ago: is asked after the others */
};

struct hosts {
    PQconninfoOption *options;  /* what the configuration says */
    PQconninfoOption *defaults; /* what counts where it says nothing */
    GPtrArray *list;            /* of struct host; at least one */
    GHashTable *silent;         /* char * "HOST PORT" to gint64 *: until then, monotonic */
    unsigned host_ms;
};

static void host_free(gpointer data)
{
    struct host *host = data;

    g_free(host->name);
    g_free(host->address);
    g_free(host->port);
    g_free(host);
}

void hosts_free(struct hosts *hosts)
{
    if (!hosts)
        return;
    PQconninfoFree(hosts->options);
    PQconninfoFree(hosts->defaults);
    g_clear_pointer(&hosts->list, g_ptr_array_unref);
    g_hash_table_unref(hosts->silent);
    g_free(hosts);
}

/* ---- what is configured ------------------------------------------------------------------ */

static bool refuse_setting(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool refuse_setting(GError **error, const char *format, ...)
{
    g_autofree char *reason = NULL;
    va_list arguments;

    va_start(arguments, format);
    reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION, "<database connection=...>: %s",
                reason);
    return false;
}

static const char *option_value(const PQconninfoOption *options, const char *keyword)
{
    for (; options && options->keyword; options++)
        if (g_str_equal(options->keyword, keyword))
            return options->val && *options->val ? options->val : NULL;
    return NULL;
}

/* The value that libpq would go by, or NULL. */
static const char *setting(const struct hosts *hosts, const char *keyword)
{
    const char *value = option_value(hosts->options, keyword);

    return value ? value : option_value(hosts->defaults, keyword);
}

static char **split(const struct hosts *hosts, const char *keyword)
{
    const char *value = setting(hosts, keyword);

    return value ? g_strsplit(value, ",", -1) : NULL;
}

/* The one of that number; of a list of one, that one. NULL for an empty one. */
static char *nth(char **list, guint number)
{
    char *one = !list ? NULL : g_strv_length(list) == 1 ? list[0] : list[number];

    return one && *one ? g_strdup(g_strstrip(one)) : NULL;
}

static bool list_hosts(struct hosts *hosts, GError **error)
{
    g_auto(GStrv) names = split(hosts, "host");
    g_auto(GStrv) addresses = split(hosts, "hostaddr");
    g_auto(GStrv) ports = split(hosts, "port");
    guint many = names ? g_strv_length(names) : 1;
    guint known = addresses ? g_strv_length(addresses) : many;
    guint gates = ports ? g_strv_length(ports) : 1;

    if (names && known != many)
        return refuse_setting(error, "host names %u, and hostaddr %u", many, known);
    if (gates != 1 && gates != known)
        return refuse_setting(error, "there are %u ports for %u hosts", gates, known);
    for (guint i = 0; i < known; i++) {
        struct host *host = g_new0(struct host, 1);
        host->name = nth(names, i);
        host->address = nth(addresses, i);
        host->port = nth(ports, i);
        g_ptr_array_add(hosts->list, host);
    }
    return true;
}

static bool is_socket(const struct host *host)
{
    return !host->address && (!host->name || *host->name == '/' || *host->name == '@');
}

static bool host_is_loopback(const char *host)
{
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);

    return address ? g_inet_address_get_is_loopback(address)
                   : g_ascii_strcasecmp(host, "localhost") == 0;
}

static bool demands_tls(const struct hosts *hosts)
{
    static const char *const demanding[] = {"require", "verify-ca", "verify-full", NULL};
    const char *mode = setting(hosts, "sslmode");
    const char *gss = setting(hosts, "gssencmode");

    return (mode && g_strv_contains(demanding, mode)) || (gss && g_str_equal(gss, "require"));
}

/* Passwords and people's names go over it; libpq's own "prefer" takes what it gets. */
static bool check_protection(const struct hosts *hosts, const struct database_settings *settings,
                             GError **error)
{
    if (settings->unprotected || demands_tls(hosts))
        return true;
    for (guint i = 0; i < hosts->list->len; i++) {
        const struct host *host = g_ptr_array_index(hosts->list, i);
        const char *where = host->address ? host->address : host->name;
        if (!is_socket(host) && !host_is_loopback(where))
            return refuse_setting(
                error,
                "\"%s\" may be asked over a network without TLS: add sslmode=verify-full and"
                " sslrootcert=FILE, or allow it with unprotected=\"allowed\"",
                where);
    }
    return true;
}

static void set_host_time(struct hosts *hosts)
{
    const char *configured = setting(hosts, "connect_timeout");
    gint64 seconds = configured ? g_ascii_strtoll(configured, NULL, 10) : 0;

    hosts->host_ms = seconds > 0            ? (unsigned)MIN(seconds, 3600) * 1000
                     : hosts->list->len > 1 ? HOST_MS
                                            : ONLY_HOST_MS;
}

struct hosts *hosts_new(const struct database_settings *settings, GError **error)
{
    auto_ptr(hosts) hosts = g_new0(struct hosts, 1);
    struct hosts *made;
    char *reason = NULL;

    hosts->silent = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    hosts->list = g_ptr_array_new_with_free_func(host_free);
    hosts->options = PQconninfoParse(settings->connection, &reason);
    if (!hosts->options) {
        refuse_setting(error, "%s", reason ? g_strchomp(reason) : "no memory");
        PQfreemem(reason);
        return NULL;
    }
    if (option_value(hosts->options, "service")) {
        refuse_setting(error, "service is not read: write what pg_service.conf has for it here");
        return NULL;
    }
    hosts->defaults = PQconndefaults();
    if (!list_hosts(hosts, error) || !check_protection(hosts, settings, error))
        return NULL;
    set_host_time(hosts);
    made = hosts;
    hosts = NULL;
    return made;
}

/* ---- who was silent ---------------------------------------------------------------------- */

static char *silent_key(const char *where, const char *port)
{
    return g_strdup_printf("%s %s", where ? where : "", port ? port : "");
}

static bool was_silent(const struct hosts *hosts, const char *where, const char *port)
{
    g_autofree char *key = silent_key(where, port);
    const gint64 *until = g_hash_table_lookup(hosts->silent, key);

    return until && *until > g_get_monotonic_time();
}

static void note_silent(struct hosts *hosts, const char *where, const char *port, bool silent)
{
    g_autofree char *key = silent_key(where, port);
    gint64 *until;

    if (!silent) {
        g_hash_table_remove(hosts->silent, key);
        return;
    }
    until = g_new(gint64, 1);
    *until = g_get_monotonic_time() + SILENT_SECONDS * G_USEC_PER_SEC;
    g_hash_table_insert(hosts->silent, g_steal_pointer(&key), until);
}

/* ---- one attempt ------------------------------------------------------------------------- */

/* What goes with each attempt of one hosts_connect(). */
struct search {
    struct hosts *hosts;
    const struct database_role *role;
    const char *password;
    const char *session; /* target_session_attrs, or NULL */
    struct deadline deadline;
    GString *reasons;
};

static void quiet(void *data G_GNUC_UNUSED, const PGresult *result G_GNUC_UNUSED)
{
}

static void add_reason(struct search *search, const char *reason)
{
    if (search->reasons->len > 0)
        g_string_append(search->reasons, "; ");
    g_string_append(search->reasons, reason);
}

/* libpq's messages have a line for each of its own attempts, and advice that begins with a tab. */
static void add_message(struct search *search, const PGconn *connection)
{
    g_auto(GStrv) lines = g_strsplit(PQerrorMessage(connection), "\n", -1);

    for (char **line = lines; *line; line++)
        if (**line && **line != '\t')
            add_reason(search, *line);
}

static void add_silence(struct search *search, const struct host *host, const char *address)
{
    g_autofree char *in = address && g_strcmp0(address, host->name) != 0
                              ? g_strdup_printf(" (%s)", address)
                              : g_strdup("");
    g_autofree char *reason =
        g_strdup_printf("connection to server at \"%s\"%s, port %s failed: no answer in time",
                        host->name ? host->name : "", in, host->port);

    add_reason(search, reason);
}

/*
 * Where the home folder has no client certificate that we can see, none is looked for:
 * libpq takes a folder that cannot be entered, as with ProtectHome=, for a failure.
 */
static const char *no_certificate(const struct hosts *hosts)
{
    g_autofree char *usual = g_build_filename(g_get_home_dir(), ".postgresql/postgresql.crt", NULL);

    if (setting(hosts, "sslcert") || g_file_test(usual, G_FILE_TEST_EXISTS))
        return NULL;
    return "/dev/null/none";
}

/* Kerberos asks servers of its own, with no deadline: only where it is asked for. */
static const char *no_kerberos(const struct hosts *hosts)
{
    return option_value(hosts->options, "gssencmode") || g_getenv("PGGSSENCMODE") ? NULL
                                                                                  : "disable";
}

/* Lists that are gone through here; libpq gets one of each. */
static bool is_list(const char *keyword)
{
    static const char *const lists[] = {"host", "hostaddr", "port", "target_session_attrs", NULL};

    return g_strv_contains(lists, keyword);
}

/* What is given twice counts as it was given last. */
static PGconn *start_connecting(const struct search *search, const struct host *host,
                                const char *address)
{
    const char *const ours[][2] = {
        {"user", search->role->user},
        {"password", search->password},
        {"host", host->name},
        {"hostaddr", address},
        {"port", host->port},
        {"target_session_attrs", search->session},
        {"fallback_application_name", g_get_prgname()},
        {"tcp_user_timeout", "8000"},
        {"client_encoding", "UTF8"},
        {"sslcert", no_certificate(search->hosts)},
        {"gssencmode", no_kerberos(search->hosts)},
    };
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autoptr(GPtrArray) values = g_ptr_array_new();

    for (const PQconninfoOption *option = search->hosts->options; option->keyword; option++)
        if (option->val && !is_list(option->keyword)) {
            g_ptr_array_add(words, option->keyword);
            g_ptr_array_add(values, option->val);
        }
    for (size_t i = 0; i < G_N_ELEMENTS(ours); i++)
        if (ours[i][1]) {
            g_ptr_array_add(words, (char *)ours[i][0]);
            g_ptr_array_add(values, (char *)ours[i][1]);
        }
    g_ptr_array_add(words, NULL);
    g_ptr_array_add(values, NULL);
    return PQconnectStartParams((const char *const *)words->pdata,
                                (const char *const *)values->pdata, 0);
}

static bool wait_for_host(PGconn *connection, short events, struct deadline deadline)
{
    return deadline_left(deadline) > 0 && deadline_poll(deadline, PQsocket(connection), events);
}

/* Each of these: false when the host was silent until the deadline; else *good says how it ended.
 */

static bool log_in(PGconn *connection, struct deadline deadline, bool *good)
{
    PostgresPollingStatusType status =
        PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;

    while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
        if (!wait_for_host(connection, status == PGRES_POLLING_READING ? POLLIN : POLLOUT,
                           deadline))
            return false;
        status = PQconnectPoll(connection);
    }
    *good = status == PGRES_POLLING_OK;
    return true;
}

static bool next_answer(PGconn *connection, struct deadline deadline, PGresult **result)
{
    *result = NULL;
    while (PQisBusy(connection)) {
        short events = PQflush(connection) > 0 ? POLLIN | POLLOUT : POLLIN;
        if (!wait_for_host(connection, events, deadline))
            return false;
        if (!PQconsumeInput(connection))
            return true;
    }
    *result = PQgetResult(connection);
    return true;
}

/* A pooler lets in whether or not its server is there: only an answer shows that. */
static bool ask_for_nothing(PGconn *connection, struct deadline deadline, bool *good)
{
    PGresult *result;

    *good = PQsetnonblocking(connection, 1) == 0 && PQsendQuery(connection, "");
    while (*good) {
        if (!next_answer(connection, deadline, &result))
            return false;
        if (!result)
            break;
        *good = PQresultStatus(result) == PGRES_EMPTY_QUERY;
        PQclear(result);
    }
    *good = *good && PQstatus(connection) == CONNECTION_OK;
    return true;
}

static PGconn *try_address(struct search *search, const struct host *host, const char *address,
                           struct deadline deadline)
{
    g_autoptr(PGconn) connection = start_connecting(search, host, address);
    bool good = false;
    bool heard = log_in(connection, deadline, &good) &&
                 (!good || ask_for_nothing(connection, deadline, &good));

    note_silent(search->hosts, address ? address : host->name, host->port, !heard);
    if (!heard)
        add_silence(search, host, address);
    else if (!good)
        add_message(search, connection);
    if (!heard || !good)
        return NULL;
    PQsetNoticeReceiver(connection, quiet, NULL);
    return g_steal_pointer(&connection);
}

/* ---- all addresses of a host, all hosts -------------------------------------------------- */

/* Those that were silent come last. NULL where the name cannot be looked up. */
static GPtrArray *addresses_of(struct search *search, const struct host *host,
                               struct deadline deadline)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) found = NULL;
    GPtrArray *ordered;

    found = lookup_addresses(host->name, deadline, &error);
    if (!found) {
        g_autofree char *reason =
            g_strdup_printf("could not look up host \"%s\": %s", host->name, error->message);
        add_reason(search, reason);
        note_silent(search->hosts, host->name, host->port,
                    g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
        return NULL;
    }
    ordered = g_ptr_array_new_with_free_func(g_free);
    for (int late = 0; late < 2; late++)
        for (guint i = 0; i < found->len; i++)
            if (was_silent(search->hosts, found->pdata[i], host->port) == (late == 1))
                g_ptr_array_add(ordered, g_strdup(found->pdata[i]));
    return ordered;
}

/* One of them may be silent, so that each has its part of the host's time. */
static PGconn *try_each(struct search *search, const struct host *host, struct deadline deadline)
{
    g_autoptr(GPtrArray) addresses = addresses_of(search, host, deadline);
    bool silent = addresses != NULL;

    for (guint i = 0; addresses && i < addresses->len; i++) {
        unsigned part = (unsigned)deadline_left(deadline) / (addresses->len - i);
        PGconn *connection = try_address(search, host, addresses->pdata[i], deadline_in(part));
        if (connection) {
            note_silent(search->hosts, host->name, host->port, false);
            return connection;
        }
        silent = silent && was_silent(search->hosts, addresses->pdata[i], host->port);
    }
    if (silent)
        note_silent(search->hosts, host->name, host->port, true);
    return NULL;
}

static PGconn *try_host(struct search *search, const struct host *host)
{
    struct deadline deadline = deadline_sooner(search->deadline, search->hosts->host_ms);

    return host->address || is_socket(host) ? try_address(search, host, host->address, deadline)
                                            : try_each(search, host, deadline);
}

static PGconn *try_hosts(struct search *search, const char *session)
{
    const GPtrArray *list = search->hosts->list;
    PGconn *connection = NULL;

    search->session = session;
    for (guint i = 0; i < list->len; i++) {
        struct host *host = g_ptr_array_index(list, i);
        host->late =
            was_silent(search->hosts, host->address ? host->address : host->name, host->port);
    }
    for (int late = 0; late < 2; late++)
        for (guint i = 0; i < list->len && !connection; i++) {
            const struct host *host = g_ptr_array_index(list, i);
            if (host->late == (late == 1) && deadline_left(search->deadline) > 0)
                connection = try_host(search, host);
        }
    return connection;
}

/* A host by itself is not what libpq's prefer-standby chooses from. */
static PGconn *try_sessions(struct search *search)
{
    const char *session = setting(search->hosts, "target_session_attrs");
    PGconn *connection;

    if (option_value(search->hosts->options, "target_session_attrs") == NULL &&
        !g_getenv("PGTARGETSESSIONATTRS") && search->hosts->list->len > 1)
        return try_hosts(search, "read-write");
    if (!session || !g_str_equal(session, "prefer-standby"))
        return try_hosts(search, session);
    connection = try_hosts(search, "standby");
    return connection ? connection : try_hosts(search, "any");
}

PGconn *hosts_connect(struct hosts *hosts, const struct database_role *role,
                      struct deadline deadline, GError **error)
{
    g_autoptr(GString) reasons = g_string_new(NULL);
    g_autofree char *password = NULL;
    struct search search = {hosts, role, NULL, NULL, deadline, reasons};
    PGconn *connection;

    if (*role->password_file) {
        password = config_secret(role->password_file, error);
        if (!password)
            return NULL;
    }
    search.password = password;
    connection = try_sessions(&search);
    if (!connection)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE, "could not ask the database: %s",
                    reasons->len > 0 ? reasons->str : "no answer in time");
    return connection;
}
