/* SPDX-License-Identifier: MIT
 *
 * libfcgi's streams, or the environment and standard streams of a plain CGI.
 */
#include "web/gateway.h"
#include "base/watchdog.h"

#include <fcgiapp.h>
#include <glib.h>
#include <signal.h>
#include <sysexits.h>

extern char **environ;

struct exchange {
    char **parameters;    /* "NAME=value", ended by NULL */
    FCGX_Request *stream; /* NULL as a plain CGI */
};

static volatile sig_atomic_t stopping;

static void stop(int signal_number G_GNUC_UNUSED)
{
    stopping = 1;
    FCGX_ShutdownPending();
}

static const char *match(const char *parameter, const char *name, size_t length)
{
    return strncmp(parameter, name, length) == 0 && parameter[length] == '='
               ? parameter + length + 1
               : NULL;
}

const char *exchange_parameter(const struct exchange *exchange, const char *name)
{
    for (char **at = exchange->parameters; *at; at++) {
        const char *value = match(*at, name, strlen(name));
        if (value)
            return value;
    }
    return NULL;
}

void exchange_forget_address(struct exchange *exchange)
{
    static const char *const names[] = {"REQUEST_URI", "QUERY_STRING", "DOCUMENT_URI", "PATH_INFO",
                                        "SCRIPT_NAME", "HTTP_REFERER"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        char *value = (char *)exchange_parameter(exchange, names[i]);
        if (value)
            explicit_bzero(value, strlen(value));
    }
}

unsigned exchange_count(const struct exchange *exchange, const char *name)
{
    unsigned count = 0;

    for (char **at = exchange->parameters; *at; at++)
        count += match(*at, name, strlen(name)) != NULL;
    return count;
}

/* Moves what libfcgi has ready, at most size bytes; its buffer would keep it for the next requests. */
static size_t take_ready(FCGX_Stream *in, char *buffer, size_t size)
{
    unsigned char *ready = in->rdNext;
    int got = FCGX_GetStr(buffer, (int)MIN(size, (size_t)(in->stop - ready)), in);

    explicit_bzero(ready, (size_t)got);
    return (size_t)got;
}

static size_t read_stream(FCGX_Stream *in, char *buffer, size_t size)
{
    size_t got = 0;

    while (got < size) {
        int first = FCGX_GetChar(in);
        if (first == EOF)
            break;
        in->rdNext[-1] = '\0';
        buffer[got++] = (char)first;
        got += take_ready(in, buffer + got, size - got);
    }
    return got;
}

size_t exchange_read(struct exchange *exchange, char *buffer, size_t size)
{
    if (exchange->stream)
        return read_stream(exchange->stream->in, buffer, size);
    setvbuf(stdin, NULL, _IONBF, 0);
    return fread(buffer, 1, size, stdin);
}

void exchange_write(struct exchange *exchange, const char *data, size_t size)
{
    if (exchange->stream)
        FCGX_PutStr(data, (int)size, exchange->stream->out);
    else
        fwrite(data, 1, size, stdout);
}

#define PATH_SHOWN 20

/*
 * What is said of a request that cannot be ended otherwise. Of the path it has the beginning, as
 * in "/registrations": what is behind that, like the query, may be a private key by mistake.
 */
static void watch(const struct exchange *exchange, unsigned most_ms)
{
    const char *method = exchange_parameter(exchange, "REQUEST_METHOD");
    const char *uri = exchange_parameter(exchange, "REQUEST_URI");
    size_t length = uri && *uri ? 1 + strcspn(uri + 1, "/?") : 0;
    g_autofree char *path = g_strndup(uri ? uri : "", MIN(length, PATH_SHOWN));
    g_autofree char *shown = g_strescape(path, NULL);
    g_autofree char *verb = g_strescape(method ? method : "", NULL);
    g_autofree char *line = g_strdup_printf(
        "appsmtp-portal: %.16s %s took more than %u s, and nothing else could end it: this worker "
        "ends",
        verb, shown, (most_ms + WATCHDOG_GRACE_MS) / 1000);

    watchdog_start(most_ms + WATCHDOG_GRACE_MS, line);
}

static int serve_cgi(void (*handle)(struct exchange *exchange, void *data), void *data,
                     unsigned most_ms)
{
    struct exchange exchange = {.parameters = environ};

    watch(&exchange, most_ms);
    handle(&exchange, data);
    return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static int serve_fastcgi(void (*handle)(struct exchange *exchange, void *data), void *data,
                         unsigned most_ms)
{
    FCGX_Request request;

    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
        return EX_OSERR;
    while (!stopping && FCGX_Accept_r(&request) == 0) {
        struct exchange exchange = {.parameters = request.envp, .stream = &request};
        watch(&exchange, most_ms);
        handle(&exchange, data);
        FCGX_Finish_r(&request);
        watchdog_stop();
    }
    return EX_OK;
}

int gateway_serve(void (*handle)(struct exchange *exchange, void *data), void *data,
                  unsigned most_ms)
{
    /* No SA_RESTART: the signal has to end the wait for the next request. */
    const struct sigaction on_stop = {.sa_handler = stop};

    if (FCGX_IsCGI())
        return serve_cgi(handle, data, most_ms);
    sigaction(SIGTERM, &on_stop, NULL);
    sigaction(SIGINT, &on_stop, NULL);
    return serve_fastcgi(handle, data, most_ms);
}
