/* SPDX-License-Identifier: MIT
 *
 * The addresses of a server's name, as the system knows them (/etc/hosts, DNS), by a
 * deadline. Floor: base.
 *
 * getaddrinfo(3) has no deadline: with a DNS server that is silent it waits for as long
 * as resolv.conf says, half a minute or more. For names of a site's own servers only;
 * what people type is asked by adapters/resolver.
 */
#ifndef APPSMTP_BASE_LOOKUP_H
#define APPSMTP_BASE_LOOKUP_H

#include "base/deadline.h"

/*
 * The addresses as text, in the order of preference: of char *, at least one; caller
 * unrefs. An address as name is its own. NULL and an error of GIO's when there is none;
 * G_IO_ERROR_TIMED_OUT when nobody knew in time. A thread that still waits then ends by
 * itself.
 */
GPtrArray *lookup_addresses(const char *name, struct deadline deadline, GError **error);

#endif
