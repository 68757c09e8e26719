/* SPDX-License-Identifier: MIT
 *
 * One request after the other from the web server, by FastCGI on descriptor 0
 * or as a plain CGI (RFC 3875). Floor: web. Hides libfcgi.
 */
#ifndef APPSMTP_WEB_GATEWAY_H
#define APPSMTP_WEB_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>

/* One request being answered. */
struct exchange;

/* A parameter (meta-variable), or NULL. */
const char *exchange_parameter(const struct exchange *exchange, const char *name);

/*
 * Wipes the parameters that hold the address which was asked for, and the one before it: they
 * are empty then.
 */
void exchange_forget_address(struct exchange *exchange);

/* How often the parameter occurs: the front must never send two of one name. */
unsigned exchange_count(const struct exchange *exchange, const char *name);

/* Reads up to size bytes of the body, of which no copy is left; fewer at its end. */
size_t exchange_read(struct exchange *exchange, char *buffer, size_t size);

/* Writes all of it; what the web server does not take any more is lost. */
void exchange_write(struct exchange *exchange, const char *data, size_t size);

/*
 * Answers requests until the web server or SIGTERM ends it: handle() is called
 * for each. As a CGI there is one. Returns the program's exit status. A request that, with
 * the reading of its body and the sending of its answer, takes WATCHDOG_GRACE_MS longer than
 * most_ms ends the process, with one line on standard error that names it.
 */
int gateway_serve(void (*handle)(struct exchange *exchange, void *data), void *data,
                  unsigned most_ms);

#endif
