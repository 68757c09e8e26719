/* SPDX-License-Identifier: MIT
 *
 * libfcgi's streams, or the environment and standard streams of a plain CGI.
 */
#include "web/gateway.h"

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

unsigned exchange_count(const struct exchange *exchange, const char *name)
{
    unsigned count = 0;

    for (char **at = exchange->parameters; *at; at++)
        count += match(*at, name, strlen(name)) != NULL;
    return count;
}

size_t exchange_read(struct exchange *exchange, char *buffer, size_t size)
{
    int got;

    if (!exchange->stream)
        return fread(buffer, 1, size, stdin);
    got = FCGX_GetStr(buffer, (int)size, exchange->stream->in);
    return got > 0 ? (size_t)got : 0;
}

void exchange_write(struct exchange *exchange, const char *data, size_t size)
{
    if (exchange->stream)
        FCGX_PutStr(data, (int)size, exchange->stream->out);
    else
        fwrite(data, 1, size, stdout);
}

static int serve_cgi(void (*handle)(struct exchange *exchange, void *data), void *data)
{
    struct exchange exchange = {.parameters = environ};

    handle(&exchange, data);
    return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

static int serve_fastcgi(void (*handle)(struct exchange *exchange, void *data), void *data)
{
    FCGX_Request request;

    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
        return EX_OSERR;
    while (!stopping && FCGX_Accept_r(&request) == 0) {
        struct exchange exchange = {.parameters = request.envp, .stream = &request};
        handle(&exchange, data);
        FCGX_Finish_r(&request);
    }
    return EX_OK;
}

int gateway_serve(void (*handle)(struct exchange *exchange, void *data), void *data)
{
    /* No SA_RESTART: the signal has to end the wait for the next request. */
    const struct sigaction on_stop = {.sa_handler = stop};

    if (FCGX_IsCGI())
        return serve_cgi(handle, data);
    sigaction(SIGTERM, &on_stop, NULL);
    sigaction(SIGINT, &on_stop, NULL);
    return serve_fastcgi(handle, data);
}
