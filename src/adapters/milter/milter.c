/* SPDX-License-Identifier: MIT
 *
 * The milter protocol by libmilter.
 */
#include "adapters/milter/milter.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <libmilter/mfapi.h>

/* RFC 5321 4.5.3.1.5 less the codes; libmilter itself takes no more than 980. */
#define TEXT 500
/* Postfix cuts a header at 100 KiB; libmilter hangs up above 64 unless told. */
#define PACKET (256 * 1024)

/* libmilter hands no data to its first callback. */
static const struct milter_filter *serving;

char *milter_text(const char *text)
{
    GString *line = g_string_new(NULL);

    for (; *text && line->len < TEXT - 1; text++) {
        g_string_append_c(line, g_ascii_isprint(*text) ? *text : '?');
        if (*text == '%')
            g_string_append_c(line, '%');
    }
    return g_string_free(line, FALSE);
}

/* Caller frees; NULL when it is no IP address. */
static char *client_of(const struct sockaddr *address)
{
    char text[INET6_ADDRSTRLEN];
    const void *bytes = NULL;

    if (address && address->sa_family == AF_INET)
        bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    else if (address && address->sa_family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (!bytes || !inet_ntop(address->sa_family, bytes, text, sizeof text))
        return NULL;
    return g_strdup(text);
}

/* ---- what libmilter calls ---- */

static sfsistat on_connect(SMFICTX *context, char *name, _SOCK_ADDR *address)
{
    g_autofree char *client = client_of((const struct sockaddr *)address);

    (void)name;
    smfi_setpriv(context, serving->connected(client));
    return SMFIS_CONTINUE;
}

/* Postfix has read the address already, source routes and quotes taken off, in {mail_addr}. */
static sfsistat on_sender(SMFICTX *context, char **words)
{
    char macro[] = "{mail_addr}";
    const char *read = smfi_getsymval(context, macro);
    void *session = smfi_getpriv(context);

    if (!session)
        return SMFIS_TEMPFAIL;
    serving->began(session, read && *read ? read : words[0]);
    return SMFIS_CONTINUE;
}

static sfsistat on_header(SMFICTX *context, char *name, char *value)
{
    void *session = smfi_getpriv(context);

    if (!session)
        return SMFIS_TEMPFAIL;
    serving->header(session, name, value);
    return SMFIS_CONTINUE;
}

/* Without its text the answer is still the right one. */
static sfsistat answer(SMFICTX *context, const struct decision *decision)
{
    bool refused = decision->answer == DECISION_REFUSE;
    char code[] = "451", enhanced[] = "4.3.0", refusal[] = "550", refusal_enhanced[] = "5.7.1";
    g_autofree char *text = milter_text(decision->text);

    if (decision->answer == DECISION_PERMIT)
        return SMFIS_CONTINUE;
    smfi_setreply(context, refused ? refusal : code, refused ? refusal_enhanced : enhanced, text);
    return refused ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

static void tell_refused(SMFICTX *context, void *session)
{
    char macro[] = "i";
    const char *queue_id = smfi_getsymval(context, macro);

    serving->refused(session, queue_id ? queue_id : "");
}

/* Not at the end of the headers: a message may have none. */
static sfsistat on_end(SMFICTX *context)
{
    void *session = smfi_getpriv(context);
    auto_ptr(decision) decision = session ? serving->ended(session) : decision_unavailable();

    if (session && decision->answer != DECISION_PERMIT)
        tell_refused(context, session);
    return answer(context, decision);
}

static sfsistat on_close(SMFICTX *context)
{
    void *session = smfi_getpriv(context);

    if (session)
        serving->closed(session);
    smfi_setpriv(context, NULL);
    return SMFIS_CONTINUE;
}

/* ---- the socket ---- */

/* As libmilter has it: unix:PATH, inet:PORT@HOST, inet6:PORT@[ADDRESS]. Caller frees. */
static char *connection_of(const char *where, bool is_path)
{
    g_autoptr(GSocketConnectable) parsed = is_path ? NULL : g_network_address_parse(where, 0, NULL);
    const char *host;

    if (!parsed)
        return g_strconcat("unix:", where, NULL);
    host = g_network_address_get_hostname(G_NETWORK_ADDRESS(parsed));
    return g_strdup_printf(strchr(host, ':')               ? "inet6:%u@[%s]"
                           : g_hostname_is_ip_address(host) ? "inet:%u@[%s]"
                                                            : "inet:%u@%s",
                           g_network_address_get_port(G_NETWORK_ADDRESS(parsed)), host);
}

static bool fail(const char *where, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CREATE,
                "could not serve at \"%s\": the system's log has the reason of libmilter", where);
    return false;
}

bool milter_listen(const char *where, bool is_path, const struct milter_filter *filter,
                   GError **error)
{
    g_autofree char *connection = connection_of(where, is_path);
    char name[] = "appsmtp-milter";
    struct smfiDesc callbacks = {
        .xxfi_name = name,
        .xxfi_version = SMFI_VERSION,
        .xxfi_flags = SMFIF_NONE,
        .xxfi_connect = on_connect,
        .xxfi_envfrom = on_sender,
        .xxfi_header = on_header,
        .xxfi_eom = on_end,
        .xxfi_close = on_close,
    };

    serving = filter;
    smfi_setmaxdatasize(PACKET);
    return (smfi_register(callbacks) == MI_SUCCESS && smfi_setconn(connection) == MI_SUCCESS &&
            smfi_opensocket(false) == MI_SUCCESS) ||
           fail(where, error);
}

bool milter_serve(const char *where, GError **error)
{
    return smfi_main() == MI_SUCCESS || fail(where, error);
}

void milter_stop(void)
{
    smfi_stop();
}
