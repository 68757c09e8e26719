/* SPDX-License-Identifier: MIT
 *
 * Handles: options, TLS, bind, failover, and the one that is kept.
 */
#include "adapters/directory/connection.h"

#include <errno.h>
#include <poll.h>

/* A server that failed is asked last for so long. */
#define PENALTY (30 * G_TIME_SPAN_SECOND)
/* Well below the 900 s after which Active Directory closes an idle connection. */
#define KEPT_FOR (60 * G_TIME_SPAN_SECOND)
/* Before this version a TLS handshake hangs unless connecting is asynchronous;
 * from it on, it hangs if it is (ITS#8047). */
#define HANDSHAKE_MENDED 20609

/* Who binds; an empty dn is SASL EXTERNAL. */
struct identity {
    const char *dn;
    const char *password;
};

void connection_free(struct connection *connection)
{
    if (!connection)
        return;
    g_clear_pointer(&connection->ldap, ldap_handle_close);
    g_free(connection);
}

/* What one step may use of the deadline; at least 1 ms, for to libldap 0 is no limit. */
static struct timeval time_for(const struct connection *connection, unsigned most_ms)
{
    int left = MAX(deadline_left(deadline_sooner(connection->deadline, most_ms)), 1);

    return (struct timeval){.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
}

bool connection_time(const struct connection *connection, const char *attempt, struct timeval *time,
                     GError **error)
{
    if (deadline_left(connection->deadline) == 0) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY,
                    "could not ask the directory: %s: could not %s: the time for it was over",
                    connection->server->uri, attempt);
        return false;
    }
    *time = time_for(connection, connection->directory->settings->operation_ms);
    return true;
}

static char *diagnostic(LDAP *ldap)
{
    char *text = NULL;
    char *clean;

    ldap_get_option(ldap, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
    clean = printable(text ? text : "");
    ldap_memfree(text);
    return clean;
}

/* The time was up, the server went away, or it says that it cannot serve now. */
static bool another_may_do_better(int result)
{
    switch (result) {
    case LDAP_FILTER_ERROR:
    case LDAP_PARAM_ERROR:
        return false;
    case LDAP_BUSY:
    case LDAP_UNAVAILABLE:
    case LDAP_OPERATIONS_ERROR:
    case LDAP_OTHER:
        return true;
    default:
        return result < 0;
    }
}

static void server_failed(struct server *server)
{
    server->last_until = g_get_monotonic_time() + PENALTY;
}

/*
 * What GnuTLS says to a certificate that it does not take is the same whatever
 * is wrong with it, so the three causes are all named. OpenSSL names the one.
 */
static const char *explain(const char *said)
{
    if (strstr(said, "(unknown error code)"))
        return " (the server's certificate is not signed by a CA in ca-file, has expired, or is "
               "not for that host name)";
    /* With asynchronous connecting, the handshake is the first to notice. */
    if (strstr(said, "Error in the push function"))
        return " (the connection was refused or lost)";
    return "";
}

void connection_failed(struct connection *connection, int result, const char *attempt,
                       GError **error)
{
    g_autofree char *said = diagnostic(connection->ldap);

    if (another_may_do_better(result)) {
        connection->broken = true;
        /* A kept connection that is gone says nothing against its server. */
        if (!connection->reused || result != LDAP_SERVER_DOWN)
            server_failed(connection->server);
    }
    g_set_error(error, APPSMTP_ERROR,
                result == LDAP_FILTER_ERROR ? APPSMTP_ERROR_CONFIGURATION : APPSMTP_ERROR_DIRECTORY,
                "could not ask the directory: %s: could not %s: %s%s%s%s", connection->server->uri,
                attempt, ldap_err2string(result), *said ? ": " : "", said, explain(said));
}

static bool connects_asynchronously(void)
{
    LDAPAPIInfo info = {.ldapai_info_version = LDAP_API_INFO_VERSION};

    if (ldap_get_option(NULL, LDAP_OPT_API_INFO, &info) != LDAP_OPT_SUCCESS)
        return false;
    ldap_memfree(info.ldapai_vendor_name);
    ldap_memvfree((void **)info.ldapai_extensions);
    return info.ldapai_vendor_version < HANDSHAKE_MENDED;
}

static void set_options(struct connection *connection)
{
    const struct directory_settings *settings = connection->directory->settings;
    struct timeval connecting = time_for(connection, settings->connect_ms);
    struct timeval operation = time_for(connection, settings->operation_ms);
    int version = LDAP_VERSION3;
    LDAP *ldap = connection->ldap;

    ldap_set_option(ldap, LDAP_OPT_PROTOCOL_VERSION, &version);
    /* One reference to a dead host would hang a search in spite of every time limit. */
    ldap_set_option(ldap, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    ldap_set_option(ldap, LDAP_OPT_RESTART, LDAP_OPT_ON);
    ldap_set_option(ldap, LDAP_OPT_NETWORK_TIMEOUT, &connecting);
    ldap_set_option(ldap, LDAP_OPT_TIMEOUT, &operation);
    if (connects_asynchronously())
        ldap_set_option(ldap, LDAP_OPT_CONNECT_ASYNC, LDAP_OPT_ON);
}

static bool uses_tls(const struct connection *connection)
{
    return connection->directory->settings->starttls ||
           g_ascii_strncasecmp(connection->server->uri, "ldaps:", 6) == 0;
}

/*
 * Without a new context at the end none of the options has any effect, and
 * without an explicit demand the environment could switch the check off.
 */
static bool set_tls(struct connection *connection, GError **error)
{
    const struct directory_settings *settings = connection->directory->settings;
    int demand =
        settings->verify == TLS_VERIFY_NEVER ? LDAP_OPT_X_TLS_NEVER : LDAP_OPT_X_TLS_DEMAND;
    int least = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2, client = 0;
    LDAP *ldap = connection->ldap;
    bool set = ldap_set_option(ldap, LDAP_OPT_X_TLS_CACERTFILE, settings->ca_file) == 0 &&
               ldap_set_option(ldap, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) == 0 &&
               ldap_set_option(ldap, LDAP_OPT_X_TLS_PROTOCOL_MIN, &least) == 0;

    if (set && *settings->certificate_file)
        set = ldap_set_option(ldap, LDAP_OPT_X_TLS_CERTFILE, settings->certificate_file) == 0 &&
              ldap_set_option(ldap, LDAP_OPT_X_TLS_KEYFILE, settings->key_file) == 0;
    if (set && ldap_set_option(ldap, LDAP_OPT_X_TLS_NEWCTX, &client) == 0)
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                "cannot use the TLS files of the directory: check ca-file \"%s\"%s%s%s",
                settings->ca_file, *settings->certificate_file ? " and certificate-file \"" : "",
                settings->certificate_file, *settings->certificate_file ? "\"" : "");
    return false;
}

/* A handle with all its options, and TLS started where that is asked for. */
static bool prepare(struct connection *connection, GError **error)
{
    int result = ldap_initialize(&connection->ldap, connection->server->uri);

    if (result != LDAP_SUCCESS) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "cannot use the directory's uri \"%s\": %s", connection->server->uri,
                    ldap_err2string(result));
        return false;
    }
    set_options(connection);
    if (uses_tls(connection) && !set_tls(connection, error))
        return false;
    if (!connection->directory->settings->starttls)
        return true;
    result = ldap_start_tls_s(connection->ldap, NULL, NULL);
    if (result != LDAP_SUCCESS)
        connection_failed(connection, result, "start TLS", error);
    return result == LDAP_SUCCESS;
}

static int bind_as(struct connection *connection, const struct identity *identity)
{
    struct berval password = {.bv_val = (char *)""}; /* EXTERNAL's answer is empty, not absent */

    if (!*identity->dn)
        return ldap_sasl_bind_s(connection->ldap, NULL, "EXTERNAL", &password, NULL, NULL, NULL);
    password.bv_val = (char *)identity->password;
    password.bv_len = strlen(identity->password);
    return ldap_sasl_bind_s(connection->ldap, identity->dn, LDAP_SASL_SIMPLE, &password, NULL, NULL,
                            NULL);
}

/* Active Directory puts the true reason of error 49 into its diagnostic text. */
static const struct {
    const char *data;
    const char *reason;
    enum sign_in_answer answer;
} known[] = {
    {"data 52e", "wrong password", SIGN_IN_WRONG},
    {"data 530", "not at this time of day", SIGN_IN_NOT_NOW},
    {"data 532", "the password has expired", SIGN_IN_PASSWORD_EXPIRED},
    {"data 533", "the account is disabled", SIGN_IN_DISABLED},
    {"data 701", "the account has expired", SIGN_IN_ACCOUNT_EXPIRED},
    {"data 773", "the password has to be changed first", SIGN_IN_MUST_CHANGE},
    {"data 775", "the account is locked", SIGN_IN_LOCKED},
};

enum sign_in_answer connection_refusal(const char *refused)
{
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (strcmp(known[i].reason, refused) == 0)
            return known[i].answer;
    return SIGN_IN_WRONG;
}

static const char *refusal_of_active_directory(const char *said)
{
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (strstr(said, known[i].data))
            return known[i].reason;
    return "wrong password";
}

/* Why these credentials are refused; NULL when the result is something else. */
static const char *refusal(LDAP *ldap, int result)
{
    g_autofree char *said = diagnostic(ldap);

    switch (result) {
    case LDAP_INVALID_CREDENTIALS:
        return refusal_of_active_directory(said);
    case LDAP_INAPPROPRIATE_AUTH:
        return "the account has no password";
    case LDAP_CONSTRAINT_VIOLATION:
    case LDAP_UNWILLING_TO_PERFORM:
    case LDAP_INSUFFICIENT_ACCESS:
        return "the directory does not let this account sign in";
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX:
        return "there is no account of that name";
    default:
        return NULL;
    }
}

static void tell_connected(const struct connection *connection)
{
    char *version = NULL, *cipher = NULL;

    if (uses_tls(connection)) {
        ldap_get_option(connection->ldap, LDAP_OPT_X_TLS_VERSION, &version);
        ldap_get_option(connection->ldap, LDAP_OPT_X_TLS_CIPHER, &cipher);
    }
    directory_tell(connection->directory, "connected to %s%s%s%s%s", connection->server->uri,
                   version ? " with " : "", version ? version : "", cipher ? " " : "",
                   cipher ? cipher : "");
    ldap_memfree(version);
    ldap_memfree(cipher);
}

/* *refused (static) is set with the NULL result when the server does not take the credentials. */
static struct connection *open_one(struct directory *directory, struct server *server,
                                   const struct identity *identity, struct deadline deadline,
                                   const char **refused, GError **error)
{
    auto_ptr(connection) connection = g_new0(struct connection, 1);
    int result;

    connection->directory = directory;
    connection->server = server;
    connection->deadline = deadline;
    if (!prepare(connection, error))
        return NULL;
    result = bind_as(connection, identity);
    if (result == LDAP_SUCCESS) {
        tell_connected(connection);
        return g_steal_pointer(&connection);
    }
    *refused = refusal(connection->ldap, result);
    if (!*refused)
        connection_failed(connection, result, "connect", error);
    return NULL;
}

/* The servers in the order to try: those that failed of late come last. */
static GPtrArray *order(struct directory *directory)
{
    GPtrArray *order = g_ptr_array_new();
    gint64 now = g_get_monotonic_time();

    for (int late = 0; late <= 1; late++)
        for (guint i = 0; i < directory->settings->uris->len; i++)
            if ((directory->servers[i].last_until > now) == late)
                g_ptr_array_add(order, &directory->servers[i]);
    return order;
}

static void append_reason(GString *reasons, const char *message)
{
    if (reasons->len == 0) {
        g_string_append(reasons, message);
        return;
    }
    if (g_str_has_prefix(message, "could not ask the directory: "))
        message += strlen("could not ask the directory: ");
    g_string_append_printf(reasons, "; %s", message);
}

static struct connection *open_any(struct directory *directory, const struct identity *identity,
                                   struct deadline deadline, const char **refused, GError **error)
{
    g_autoptr(GPtrArray) servers = order(directory);
    g_autoptr(GString) reasons = g_string_new("");

    *refused = NULL;
    for (guint i = 0; i < servers->len && deadline_left(deadline) > 0; i++) {
        g_autoptr(GError) failure = NULL;
        struct connection *connection =
            open_one(directory, servers->pdata[i], identity, deadline, refused, &failure);
        if (connection || *refused)
            return connection;
        if (failure->code == APPSMTP_ERROR_CONFIGURATION) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
        server_failed(servers->pdata[i]);
        directory_tell(directory, "%s", failure->message);
        append_reason(reasons, failure->message);
    }
    if (deadline_left(deadline) == 0)
        append_reason(reasons, "could not ask the directory: the time for it was over");
    g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY, reasons->str);
    return NULL;
}

static void wipe(char **secret)
{
    if (*secret)
        explicit_bzero(*secret, strlen(*secret));
    g_free(*secret);
}

/* The password is read each time, so that a new one counts without a restart. */
static struct connection *open_as_portal(struct directory *directory, struct deadline deadline,
                                         GError **error)
{
    const struct directory_settings *settings = directory->settings;
    __attribute__((cleanup(wipe))) char *password = NULL;
    struct identity identity = {.dn = "", .password = ""};
    const char *refused;
    struct connection *connection;

    if (settings->bind == BIND_SIMPLE) {
        password = config_secret(settings->password_file, error);
        if (!password)
            return NULL;
        identity = (struct identity){.dn = settings->bind_dn, .password = password};
    }
    connection = open_any(directory, &identity, deadline, &refused, error);
    if (refused)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "cannot ask the directory: it refuses the portal's own account \"%s\": %s",
                    *identity.dn ? identity.dn : "EXTERNAL", refused);
    return connection;
}

/* Whatever a server sends unasked, its farewell above all, makes the connection useless. */
static bool still_good(const struct connection *connection)
{
    struct pollfd one = {.fd = -1, .events = POLLIN | POLLRDHUP};

    if (g_get_monotonic_time() - connection->used_at > KEPT_FOR)
        return false;
    ldap_get_option(connection->ldap, LDAP_OPT_DESC, &one.fd);
    return one.fd >= 0 && poll(&one, 1, 0) == 0;
}

static void keep(struct connection *connection)
{
    struct directory *directory = connection->directory;

    connection->used_at = g_get_monotonic_time();
    connection->reused = true;
    connection_free(directory->kept);
    directory->kept = connection;
}

static struct connection *take(struct directory *directory, struct deadline deadline,
                               GError **error)
{
    auto_ptr(connection) kept = g_steal_pointer(&directory->kept);

    if (!kept || !still_good(kept))
        return open_as_portal(directory, deadline, error);
    kept->deadline = deadline;
    return g_steal_pointer(&kept);
}

bool directory_ask(struct directory *directory, struct deadline deadline,
                   directory_question question, void *data, GError **error)
{
    deadline = deadline_sooner(deadline, directory->settings->total_ms);
    for (bool again = false;; again = true) {
        g_autoptr(GError) failure = NULL;
        auto_ptr(connection) connection = take(directory, deadline, error);
        bool answered;
        if (!connection)
            return false;
        answered = question(connection, data, &failure);
        if (answered || !connection->broken || again || deadline_left(deadline) == 0) {
            if (!connection->broken)
                keep(g_steal_pointer(&connection));
            if (!answered)
                g_propagate_error(error, g_steal_pointer(&failure));
            return answered;
        }
        directory_tell(directory, "%s; asking once more", failure->message);
    }
}

bool connection_renew(struct directory *directory, struct deadline deadline, GError **error)
{
    struct connection *fresh;

    deadline = deadline_sooner(deadline, directory->settings->total_ms);
    fresh = open_as_portal(directory, deadline, error);
    if (fresh)
        keep(fresh);
    return fresh != NULL;
}

bool connection_try_password(struct directory *directory, const char *dn, const char *password,
                             struct deadline deadline, const char **refused, GError **error)
{
    struct identity identity = {.dn = dn, .password = password};
    auto_ptr(connection) connection = NULL;

    g_return_val_if_fail(*dn && *password, false);
    deadline = deadline_sooner(deadline, directory->settings->total_ms);
    connection = open_any(directory, &identity, deadline, refused, error);
    return connection || *refused;
}
