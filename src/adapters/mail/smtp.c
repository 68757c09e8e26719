/* SPDX-License-Identifier: MIT
 *
 * SMTP by libcurl. Its own limits of time leave gaps, such as the reply to QUIT, for which it
 * waits two minutes: a thread of ours cuts the connection when the time is over.
 */
#include "adapters/mail/smtp.h"

#include "base/deadline.h"
#include "base/error.h"

#include <curl/curl.h>
#include <sys/socket.h>

#define CONNECT_MS 10000L
#define SLACK_MS 200     /* in which libcurl ends by itself, and says why */
#define GOOD_BYE_MS 1000 /* for QUIT and its reply */
#define MOST_SOCKETS 8   /* that are tried at a time: two, if IPv6 and IPv4 race */

static void list_free(struct curl_slist *list)
{
    curl_slist_free_all(list);
}

DEFINE_AUTO(curl_slist, list_free)

struct smtp {
    const struct notices_settings *settings;
    CURL *curl;
    GMutex lock; /* for the next four */
    GCond over;
    int sockets[MOST_SOCKETS]; /* that are open; -1 is none */
    bool watched;              /* there is a call that may take too long */
    bool cut;                  /* it has taken too long */
    char trouble[CURL_ERROR_SIZE];
    /* Of the message that is under way: */
    const char *left; /* what is still to be sent of it */
    smtp_handing_over *handing_over;
    void *user;
    GError *stopped;     /* by handing_over */
    bool heard;          /* the server was told the recipient */
    GString *last_reply; /* its last line, or that which refused the recipient or the message */
};

/* ---- the watch over the time ---- */

static curl_socket_t open_socket(void *user, curlsocktype purpose G_GNUC_UNUSED,
                                 struct curl_sockaddr *address)
{
    struct smtp *smtp = user;
    int fd = -1;

    g_mutex_lock(&smtp->lock);
    for (size_t i = 0; fd < 0 && i < MOST_SOCKETS; i++)
        if (smtp->sockets[i] < 0)
            fd = smtp->sockets[i] =
                socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    g_mutex_unlock(&smtp->lock);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int close_socket(void *user, curl_socket_t fd)
{
    struct smtp *smtp = user;

    g_mutex_lock(&smtp->lock);
    for (size_t i = 0; i < MOST_SOCKETS; i++)
        if (smtp->sockets[i] == fd)
            smtp->sockets[i] = -1;
    close(fd);
    g_mutex_unlock(&smtp->lock);
    return 0;
}

struct watch {
    struct smtp *smtp;
    struct deadline deadline;
};

/* Whoever waits for a connection that is cut is told so at once. */
static gpointer watch_over(gpointer data)
{
    const struct watch *watch = data;
    struct smtp *smtp = watch->smtp;

    g_mutex_lock(&smtp->lock);
    while (smtp->watched && deadline_left(watch->deadline) > 0)
        g_cond_wait_until(&smtp->over, &smtp->lock, watch->deadline.at);
    smtp->cut = smtp->watched;
    for (size_t i = 0; smtp->watched && i < MOST_SOCKETS; i++)
        if (smtp->sockets[i] >= 0)
            shutdown(smtp->sockets[i], SHUT_RDWR);
    g_mutex_unlock(&smtp->lock);
    return NULL;
}

static GThread *watch_start(struct watch *watch)
{
    watch->smtp->watched = true;
    watch->smtp->cut = false;
    return g_thread_new("mail", watch_over, watch);
}

static void watch_end(struct watch *watch, GThread *thread)
{
    g_mutex_lock(&watch->smtp->lock);
    watch->smtp->watched = false;
    g_cond_signal(&watch->smtp->over);
    g_mutex_unlock(&watch->smtp->lock);
    g_thread_join(thread);
}

/* ---- talking ---- */

static bool is_refusal(const struct smtp *smtp)
{
    return smtp->last_reply->str[0] == '4' || smtp->last_reply->str[0] == '5';
}

/* After a refusal comes only a good bye. But a server that knows no EHLO is asked again. */
static bool is_last_word(const struct smtp *smtp, const char *reply, size_t size)
{
    return is_refusal(smtp) && (smtp->heard || (size > 3 && strncmp(reply, "221", 3) == 0));
}

/* What goes to and fro: the only way to learn the server's own words. */
static int note_talk(CURL *curl G_GNUC_UNUSED, curl_infotype type, char *data, size_t size,
                     void *user)
{
    struct smtp *smtp = user;

    if (type == CURLINFO_HEADER_OUT && size > 4 && g_ascii_strncasecmp(data, "RCPT", 4) == 0)
        smtp->heard = true;
    if (type == CURLINFO_HEADER_IN && !is_last_word(smtp, data, size)) {
        g_string_truncate(smtp->last_reply, 0);
        g_string_append_len(smtp->last_reply, data, (gssize)MIN(size, 500));
    }
    return 0;
}

static size_t read_message(char *buffer, size_t size, size_t count, void *user)
{
    struct smtp *smtp = user;
    size_t taken = MIN(size * count, strlen(smtp->left));

    /* libcurl sends the end of the message once it was told that there is no more. */
    if (taken == 0 && !smtp->handing_over(smtp->user, &smtp->stopped))
        return CURL_READFUNC_ABORT;
    memcpy(buffer, smtp->left, taken);
    smtp->left += taken;
    return taken;
}

static void set_tls(CURL *curl, const struct notices_settings *settings)
{
    static const long use[] = {
        [SMTP_TLS_TRY] = CURLUSESSL_TRY,
        [SMTP_TLS_DEMAND] = CURLUSESSL_ALL,
        [SMTP_TLS_NEVER] = CURLUSESSL_NONE,
    };
    bool demand = settings->tls == SMTP_TLS_DEMAND;

    curl_easy_setopt(curl, CURLOPT_USE_SSL, use[settings->tls]);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, demand ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, demand ? 2L : 0L);
    curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca_file);
}

/* The name that we greet with stands in the URL's path. */
static void set_server(CURL *curl, const struct notices_settings *settings)
{
    g_autofree char *name = g_uri_escape_string(g_get_host_name(), NULL, false);
    g_autofree char *url = g_strdup_printf("smtp://%s/%s", settings->smtp, name);
    g_autofree char *from = g_strdup_printf("<%s>", settings->from);

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp");
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, MIN(CONNECT_MS, (long)settings->deadline_ms));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)settings->deadline_ms);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    /* A look-up of the server's name that does not end is left behind. */
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
}

static void set_sockets(struct smtp *smtp)
{
    for (size_t i = 0; i < MOST_SOCKETS; i++)
        smtp->sockets[i] = -1;
    g_mutex_init(&smtp->lock);
    g_cond_init(&smtp->over);
    curl_easy_setopt(smtp->curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(smtp->curl, CURLOPT_OPENSOCKETDATA, smtp);
    curl_easy_setopt(smtp->curl, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(smtp->curl, CURLOPT_CLOSESOCKETDATA, smtp);
}

struct smtp *smtp_new(const struct notices_settings *settings)
{
    struct smtp *smtp = g_new0(struct smtp, 1);

    smtp->settings = settings;
    smtp->last_reply = g_string_new("");
    smtp->curl = curl_easy_init();
    if (!smtp->curl)
        g_error("could not make a handle of libcurl: out of memory");
    set_sockets(smtp);
    set_server(smtp->curl, settings);
    set_tls(smtp->curl, settings);
    curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(smtp->curl, CURLOPT_READFUNCTION, read_message);
    curl_easy_setopt(smtp->curl, CURLOPT_READDATA, smtp);
    curl_easy_setopt(smtp->curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(smtp->curl, CURLOPT_DEBUGFUNCTION, note_talk);
    curl_easy_setopt(smtp->curl, CURLOPT_DEBUGDATA, smtp);
    curl_easy_setopt(smtp->curl, CURLOPT_ERRORBUFFER, smtp->trouble);
    return smtp;
}

void smtp_free(struct smtp *smtp)
{
    struct watch watch = {smtp, deadline_in(GOOD_BYE_MS)};
    GThread *thread;

    if (!smtp)
        return;
    thread = watch_start(&watch);
    curl_easy_cleanup(smtp->curl);
    watch_end(&watch, thread);
    g_mutex_clear(&smtp->lock);
    g_cond_clear(&smtp->over);
    g_string_free(smtp->last_reply, TRUE);
    g_free(smtp);
}

static CURLcode transfer(struct smtp *smtp, const char *to, const char *message)
{
    g_autofree char *recipient = g_strdup_printf("<%s>", to);
    auto_ptr(curl_slist) recipients = curl_slist_append(NULL, recipient);
    struct watch watch = {smtp, deadline_in(smtp->settings->deadline_ms + SLACK_MS)};
    GThread *thread;
    CURLcode result;

    smtp->left = message;
    smtp->heard = false;
    smtp->trouble[0] = '\0';
    g_string_truncate(smtp->last_reply, 0);
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, recipients);
    thread = watch_start(&watch);
    result = curl_easy_perform(smtp->curl);
    watch_end(&watch, thread);
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
    return result;
}

/* The server's last line, fit for a log. Caller frees. */
static char *last_words(const struct smtp *smtp)
{
    char *words = g_utf8_make_valid(smtp->last_reply->str, -1);

    for (char *at = words; *at; at++)
        if (g_ascii_iscntrl(*at))
            *at = ' ';
    return g_strchomp(words);
}

/* Without what changes from time to time, such as milliseconds: whoever counts reasons has one.
   Caller frees. */
static char *why_not(const struct smtp *smtp, CURLcode result)
{
    long os_error = 0;

    if (smtp->cut || result == CURLE_OPERATION_TIMEDOUT)
        return g_strdup("no answer in time");
    if (is_refusal(smtp))
        return last_words(smtp);
    switch (result) {
    case CURLE_COULDNT_CONNECT:
        curl_easy_getinfo(smtp->curl, CURLINFO_OS_ERRNO, &os_error);
        return g_strdup(os_error ? g_strerror((int)os_error) : curl_easy_strerror(result));
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
        return g_strdup("it closed the connection");
    default:
        return g_strdup(*smtp->trouble ? smtp->trouble : curl_easy_strerror(result));
    }
}

bool smtp_send(struct smtp *smtp, const char *to, const char *message,
               smtp_handing_over *handing_over, void *user, enum smtp_answer *answer, char **reason,
               GError **error)
{
    CURLcode result;

    smtp->handing_over = handing_over;
    smtp->user = user;
    result = transfer(smtp, to, message);
    *reason = NULL;
    if (smtp->stopped) {
        g_propagate_error(error, g_steal_pointer(&smtp->stopped));
        return false;
    }
    if (result == CURLE_OK) {
        *answer = SMTP_TAKEN;
        return true;
    }
    /* 421 is about the connection, not about the message (RFC 5321 3.8). */
    if (!smtp->heard || !is_refusal(smtp) || g_str_has_prefix(smtp->last_reply->str, "421")) {
        g_autofree char *why = why_not(smtp, result);
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_MAIL, "could not send mail through %s: %s",
                    smtp->settings->smtp, why);
        return false;
    }
    *answer = smtp->last_reply->str[0] == '4' ? SMTP_LATER : SMTP_REFUSED;
    *reason = last_words(smtp);
    return true;
}
