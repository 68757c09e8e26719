/* SPDX-License-Identifier: MIT
 *
 * Handles: options, TLS, bind, failover, and the one that is kept.
 */
#include "adapters/directory/connection.h"
#include "base/limits.h"

#include <errno.h>
#include <poll.h>

/* A server that failed is asked last for so long. */
#define PENALTY (30 * G_TIME_SPAN_SECOND)
/* Well below the 900 s after which Active Directory closes an idle connection. */
#define KEPT_FOR (60 * G_TIME_SPAN_SECOND)
/* Who binds; an empty dn is SASL EXTERNAL. */
struct identity {
    const char *dn;
    const char *password;
    bool is_portal;
};

void connection_free(struct connection *connection)
{
    if (!connection)
        return;
    if (connection->ldap)
        transport_close(&connection->transport, connection->ldap);
    g_free(connection);
}

/*
 * What one step may use of the deadline. libldap is told as well, for it waits by itself
 * between messages; at least 1 ms, since 0 is no limit to it.
 */
static struct timeval begin(struct connection *connection, unsigned most_ms)
{
    struct deadline deadline = deadline_sooner(connection->deadline, most_ms);
    int left = MAX(deadline_left(deadline), 1);
    struct timeval time = {.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};

    connection->transport.deadline = deadline;
    connection->transport.received = 0;
    errno = 0;
    if (connection->ldap)
        ldap_set_option(connection->ldap, LDAP_OPT_TIMEOUT, &time);
    return time;
}

bool connection_time(struct connection *connection, const char *attempt, struct timeval *time,
                     GError **error)
{
    bool over = deadline_left(connection->deadline) == 0;

    if (over || connection->lost) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY,
                    "could not ask the directory: %s: could not %s: %s", connection->server->uri,
                    attempt, over ? "the time for it was over" : "the connection was lost");
        return false;
    }
    *time = begin(connection, connection->directory->settings->operation_ms);
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

/* A limit that one server has need not be the other's; alone it would only be met again. */
static bool another_may_do_better(const struct connection *connection, int result)
{
    switch (result) {
    case LDAP_FILTER_ERROR:
    case LDAP_PARAM_ERROR:
        return false;
    case LDAP_TIMELIMIT_EXCEEDED:
    case LDAP_SIZELIMIT_EXCEEDED:
    case LDAP_ADMINLIMIT_EXCEEDED:
        return connection->directory->settings->uris->len > 1;
    case LDAP_BUSY:
    case LDAP_UNAVAILABLE:
    case LDAP_UNWILLING_TO_PERFORM:
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
    return "";
}

/* What to do about a limit of the server's; NULL when the result is none. */
static const char *remedy_for(int result)
{
    switch (result) {
    case LDAP_SIZELIMIT_EXCEEDED:
        return "raise the size limit that the server has for the portal's account, or set "
               "page-size";
    case LDAP_TIMELIMIT_EXCEEDED:
        return "raise operation-seconds and the time limit that the server has for the portal's "
               "account, index the attributes that are searched for, or narrow base and filter";
    case LDAP_ADMINLIMIT_EXCEEDED:
        return "raise the limits that the server has for the portal's account, index the "
               "attributes that are searched for, or narrow base and filter";
    default:
        return NULL;
    }
}

void connection_limited(const struct connection *connection, const char *attempt,
                        const char *reason, const char *remedy, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_LIMIT,
                "cannot ask the directory: %s: cannot %s: %s (trying again does not help: %s)",
                connection->server->uri, attempt, reason, remedy);
}

/* Of what we ended ourselves libldap knows no more than that the connection is gone. */
static char *our_reason(const struct connection *connection, int result)
{
    bool too_long = result == LDAP_SERVER_DOWN && errno == ERANGE;

    if (connection->transport.late)
        return g_strdup(ldap_err2string(LDAP_TIMEOUT));
    if (!too_long && !connection->transport.flooded)
        return NULL;
    return g_strdup_printf("the server sends %s of more than %u MiB",
                           too_long ? "a message" : "an answer",
                           (too_long ? LIMIT_DIRECTORY_MESSAGE : LIMIT_DIRECTORY_ANSWER) >> 20);
}

static void connection_lost(const struct connection *connection, int result, const char *attempt,
                            GError **error)
{
    g_autofree char *ours = our_reason(connection, result);
    g_autofree char *said = ours ? g_strdup("") : diagnostic(connection->ldap);

    g_set_error(error, APPSMTP_ERROR,
                result == LDAP_FILTER_ERROR ? APPSMTP_ERROR_CONFIGURATION : APPSMTP_ERROR_DIRECTORY,
                "could not ask the directory: %s: could not %s: %s%s%s%s", connection->server->uri,
                attempt, ours ? ours : ldap_err2string(result), *said ? ": " : "", said,
                explain(said));
}

void connection_failed(struct connection *connection, int result, const char *attempt,
                       GError **error)
{
    const char *remedy = remedy_for(result);

    connection->lost |= result < 0 && result != LDAP_FILTER_ERROR && result != LDAP_PARAM_ERROR;
    connection->timed_out |= result == LDAP_TIMEOUT || connection->transport.late;
    if (another_may_do_better(connection, result)) {
        connection->broken = true;
        /* A kept connection that is gone says nothing against its server. */
        if (!connection->reused || result != LDAP_SERVER_DOWN || connection->transport.late)
            server_failed(connection->server);
    }
    if (remedy)
        connection_limited(connection, attempt, ldap_err2string(result), remedy, error);
    else
        connection_lost(connection, result, attempt, error);
}

static void set_options(struct connection *connection)
{
    int version = LDAP_VERSION3;
    LDAP *ldap = connection->ldap;

    ldap_set_option(ldap, LDAP_OPT_PROTOCOL_VERSION, &version);
    /* One reference to a dead host would hang a search in spite of every time limit. */
    ldap_set_option(ldap, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    ldap_set_option(ldap, LDAP_OPT_RESTART, LDAP_OPT_ON);
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

static bool reach_server(struct connection *connection, GError **error)
{
    g_autofree char *reason = NULL;

    begin(connection, connection->directory->settings->connect_ms);
    connection->ldap = transport_open(&connection->transport, connection->server->uri, &reason);
    if (connection->ldap)
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY,
                "could not ask the directory: %s: could not connect: %s", connection->server->uri,
                reason);
    return false;
}

static bool start_tls(struct connection *connection, GError **error)
{
    bool asked_for = connection->directory->settings->starttls;
    int result;

    if (!set_tls(connection, error))
        return false;
    begin(connection, connection->directory->settings->connect_ms);
    result = asked_for ? ldap_start_tls_s(connection->ldap, NULL, NULL)
                       : ldap_install_tls(connection->ldap);
    if (result != LDAP_SUCCESS)
        connection_failed(connection, result, "start TLS", error);
    return result == LDAP_SUCCESS;
}

/* A handle with all its options, and TLS started where that is asked for. */
static bool prepare(struct connection *connection, GError **error)
{
    if (!reach_server(connection, error))
        return false;
    set_options(connection);
    return !uses_tls(connection) || start_tls(connection, error);
}

/* Of OpenLDAP's ppolicy, 389 Directory Server and others (draft-behera-ldap-password-policy). */
static void note_policy(struct connection *connection, LDAPControl **controls)
{
    LDAPControl *control = ldap_control_find(LDAP_CONTROL_PASSWORDPOLICYRESPONSE, controls, NULL);
    ber_int_t expires, grace;

    connection->policy = PP_noError;
    if (control)
        ldap_parse_passwordpolicy_control(connection->ldap, control, &expires, &grace,
                                          &connection->policy);
    if (controls)
        ldap_controls_free(controls);
}

/* The result of the bind, and not of anything else that has its number; below 0: none came. */
static int bind_result(struct connection *connection, int message, struct timeval time)
{
    g_autoptr(LDAPMessage) answer = NULL;
    LDAPControl **controls = NULL;
    int type = ldap_result(connection->ldap, message, LDAP_MSG_ALL, &time, &answer);
    int code = LDAP_SERVER_DOWN, failure;

    if (type == 0)
        return LDAP_TIMEOUT;
    if (type < 0) {
        ldap_get_option(connection->ldap, LDAP_OPT_RESULT_CODE, &code);
        return code < 0 ? code : LDAP_SERVER_DOWN;
    }
    if (type != LDAP_RES_BIND)
        return LDAP_DECODING_ERROR;
    failure = ldap_parse_result(connection->ldap, answer, &code, NULL, NULL, NULL, &controls, 0);
    note_policy(connection, controls);
    return failure ? failure : code;
}

/* *sent: the credentials have gone out whole, whatever came back. */
static int bind_as(struct connection *connection, const struct identity *identity, bool *sent)
{
    struct berval password = {.bv_val = (char *)""}; /* EXTERNAL's answer is empty, not absent */
    struct timeval time = begin(connection, connection->directory->settings->operation_ms);
    bool simple = *identity->dn;
    LDAPControl *policy = NULL;
    int message, failure;

    if (!identity->is_portal)
        ldap_create_passwordpolicy_control(connection->ldap, &policy);
    if (simple)
        password = (struct berval){strlen(identity->password), (char *)identity->password};
    LDAPControl *asked[] = {policy, NULL};
    failure =
        ldap_sasl_bind(connection->ldap, simple ? identity->dn : NULL,
                       simple ? LDAP_SASL_SIMPLE : "EXTERNAL", &password, asked, NULL, &message);
    if (policy)
        ldap_control_free(policy);
    *sent = failure == LDAP_SUCCESS;
    return *sent ? bind_result(connection, message, time) : failure;
}

/*
 * Active Directory puts the true reason of error 49 into its diagnostic text, 389 Directory Server
 * and FreeIPA that of errors 19 and 53. What those two say of an account whatever the password is
 * has a wording of its own: it is for the log, and to whoever asks it is a wrong password.
 */
static const struct {
    const char *said;
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
    {"Account inactivated", "the account is inactivated", SIGN_IN_WRONG},
    {"Exceed password retry limit", "the account is locked", SIGN_IN_LOCKED},
    {"Too many failed logins", "the account is locked", SIGN_IN_LOCKED},
    {"Account (Kerberos principal) is expired", "the account is expired", SIGN_IN_WRONG},
};

enum sign_in_answer connection_refusal(const char *refused)
{
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (strcmp(known[i].reason, refused) == 0)
            return known[i].answer;
    return SIGN_IN_WRONG;
}

/* It is about the account, so that another server would say the same. */
static bool is_of_account(const char *reason)
{
    for (size_t i = 0; reason && i < G_N_ELEMENTS(known); i++)
        if (strcmp(known[i].reason, reason) == 0)
            return true;
    return false;
}

static const char *refusal_that_is_told(const struct connection *connection, const char *otherwise)
{
    g_autofree char *said = diagnostic(connection->ldap);

    /* The text tells more: 389 Directory Server counts an inactivated account among the locked. */
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (strstr(said, known[i].said))
            return known[i].reason;
    if (connection->policy == PP_passwordExpired)
        return "the password has expired";
    if (connection->policy == PP_changeAfterReset)
        return "the password has to be changed first";
    if (connection->policy == PP_accountLocked)
        return "the account is locked";
    return otherwise;
}

/* Why these credentials are refused; NULL when the result is something else. */
static const char *refusal_of(const struct connection *connection, int result)
{
    switch (result) {
    case LDAP_INVALID_CREDENTIALS:
        return refusal_that_is_told(connection, "wrong password");
    case LDAP_INAPPROPRIATE_AUTH:
        return "the account has no password";
    case LDAP_CONSTRAINT_VIOLATION:
    case LDAP_UNWILLING_TO_PERFORM:
    case LDAP_INSUFFICIENT_ACCESS:
        return refusal_that_is_told(connection, "the directory does not let this account sign in");
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

/* Why a server does not take the credentials. */
struct refusal {
    const char *reason; /* static; NULL: it does, or could not be asked */
    bool final;         /* the other servers would only say the same */
    bool unanswered;    /* a person's were sent, and no answer came: they may have counted as wrong */
};

/*
 * The portal's password is the right one, so a server that refuses it has not heard of it yet.
 * One that is unwilling may be so to everybody.
 */
static struct refusal judge_refusal(const struct connection *connection, int result,
                                    const struct identity *identity)
{
    const char *reason = refusal_of(connection, result);
    bool certain = result != LDAP_UNWILLING_TO_PERFORM || is_of_account(reason);

    return (struct refusal){.reason = reason, .final = !identity->is_portal && certain};
}

static struct connection *open_one(struct directory *directory, struct server *server,
                                   const struct identity *identity, struct deadline deadline,
                                   struct refusal *refusal, GError **error)
{
    auto_ptr(connection) connection = g_new0(struct connection, 1);
    int result;
    bool sent;

    connection->directory = directory;
    connection->server = server;
    connection->deadline = deadline;
    if (!prepare(connection, error))
        return NULL;
    result = bind_as(connection, identity, &sent);
    if (result == LDAP_SUCCESS) {
        tell_connected(connection);
        return g_steal_pointer(&connection);
    }
    *refusal = judge_refusal(connection, result, identity);
    refusal->unanswered = sent && result < 0 && !identity->is_portal;
    if (refusal->reason)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY,
                    "could not ask the directory: %s: could not bind: %s", server->uri,
                    refusal->reason);
    else
        connection_failed(connection, result, "bind", error);
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

/* What the servers said, one after the other. */
struct tries {
    GString *reasons;
    const char *refused; /* the first refusal */
    guint refusals;
    bool unanswered; /* the last one nothing */
};

static void note_failure(struct directory *directory, struct server *server,
                         const struct refusal *refusal, const char *message, struct tries *tries)
{
    server_failed(server);
    directory_tell(directory, "%s", message);
    append_reason(tries->reasons, message);
    tries->unanswered = refusal->unanswered;
    if (!refusal->reason)
        return;
    tries->refusals++;
    if (!tries->refused)
        tries->refused = refusal->reason;
}

/*
 * Goes through the servers until one takes the credentials, or refuses them for good. A person's
 * that nobody answers are sent to no other one: each might count them as wrong once more.
 */
static struct connection *try_servers(struct directory *directory, const GPtrArray *servers,
                                      const struct identity *identity, struct deadline deadline,
                                      struct tries *tries, GError **error)
{
    for (guint i = 0; i < servers->len && !tries->unanswered && deadline_left(deadline) > 0; i++) {
        g_autoptr(GError) failure = NULL;
        struct refusal refusal = {0};
        struct connection *connection =
            open_one(directory, servers->pdata[i], identity, deadline, &refusal, &failure);
        if (connection)
            return connection;
        if (failure->code == APPSMTP_ERROR_CONFIGURATION) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
        if (refusal.reason && refusal.final) {
            tries->refused = refusal.reason;
            tries->refusals = servers->len;
            return NULL;
        }
        note_failure(directory, servers->pdata[i], &refusal, failure->message, tries);
    }
    return NULL;
}

/* refusal->reason is set, without an error, where the credentials are the reason for NULL. */
static struct connection *open_any(struct directory *directory, const struct identity *identity,
                                   struct deadline deadline, struct refusal *refusal,
                                   GError **error)
{
    g_autoptr(GPtrArray) servers = order(directory);
    g_autoptr(GString) reasons = g_string_new("");
    g_autoptr(GError) failure = NULL;
    struct tries tries = {.reasons = reasons};
    struct connection *connection =
        try_servers(directory, servers, identity, deadline, &tries, &failure);

    refusal->reason = !connection && tries.refusals == servers->len ? tries.refused : NULL;
    refusal->unanswered = tries.unanswered;
    if (connection || refusal->reason)
        return connection;
    if (!failure && deadline_left(deadline) == 0)
        append_reason(reasons, "could not ask the directory: the time for it was over");
    if (failure)
        g_propagate_error(error, g_steal_pointer(&failure));
    else
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
    struct identity identity = {.dn = "", .password = "", .is_portal = true};
    struct refusal refusal;
    struct connection *connection;

    if (settings->bind == BIND_SIMPLE) {
        password = config_secret(settings->password_file, error);
        if (!password)
            return NULL;
        identity.dn = settings->bind_dn;
        identity.password = password;
    }
    connection = open_any(directory, &identity, deadline, &refusal, error);
    if (refusal.reason)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "cannot ask the directory: it refuses the portal's own account \"%s\": %s",
                    *identity.dn ? identity.dn : "EXTERNAL", refusal.reason);
    return connection;
}

/* Whatever a server sends unasked, its farewell above all, makes the connection useless. */
static bool still_good(const struct connection *connection)
{
    struct pollfd one = {.fd = connection->transport.fd, .events = POLLIN | POLLRDHUP};

    if (g_get_monotonic_time() - connection->used_at > KEPT_FOR)
        return false;
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

struct question {
    directory_question ask;
    void *data;
    guint *tries; /* on connections made for it */
};

/* Once. *again: it failed, but another server, or this one on a fresh connection, may do better. */
static bool ask_once(struct directory *directory, struct deadline deadline,
                     const struct question *question, bool *again, GError **error)
{
    auto_ptr(connection) connection = take(directory, deadline, error);
    bool answered;

    *again = false;
    if (!connection)
        return false;
    answered = question->ask(connection, question->data, error);
    *again = !answered && connection->broken;
    /* A kept one that is gone is no server's failure. */
    *question->tries += connection->reused ? 0 : 1;
    if (!connection->broken)
        keep(g_steal_pointer(&connection));
    return answered;
}

/* Every server once, and where there is only one that one again. */
bool directory_ask(struct directory *directory, struct deadline deadline, directory_question ask,
                   void *data, GError **error)
{
    guint tries = 0, most = MAX(directory->settings->uris->len, 2);
    const struct question question = {ask, data, &tries};
    g_autoptr(GError) limit = NULL; /* says more than the outage that may come of it */
    bool again = true;

    deadline = deadline_sooner(deadline, directory->settings->total_ms);
    while (again) {
        g_autoptr(GError) failure = NULL;
        if (ask_once(directory, deadline, &question, &again, &failure))
            return true;
        again = again && tries < most && deadline_left(deadline) > 0;
        if (again)
            directory_tell(directory, "%s; asking once more", failure->message);
        if (!limit && (!again || failure->code == APPSMTP_ERROR_LIMIT))
            limit = g_steal_pointer(&failure);
    }
    g_propagate_error(error, g_steal_pointer(&limit));
    return false;
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

bool connection_try_password(struct directory *directory, struct password_trial *trial,
                             struct deadline deadline, GError **error)
{
    const struct identity identity = {.dn = trial->dn, .password = trial->password};
    struct refusal refusal = {0};
    auto_ptr(connection) connection = NULL;

    g_return_val_if_fail(*trial->dn && *trial->password, false);
    deadline = deadline_sooner(deadline, directory->settings->total_ms);
    connection = open_any(directory, &identity, deadline, &refusal, error);
    trial->refused = refusal.reason;
    trial->unanswered = refusal.unanswered;
    return connection || refusal.reason;
}
