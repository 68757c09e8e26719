/* SPDX-License-Identifier: MIT
 *
 * Which servers there are, and a connection to one of them by a deadline. Private to the
 * database: no other room includes it.
 *
 * libpq can go through a list of hosts by itself, but asynchronously it has no time limit
 * for each: a first host that is silent, as a machine without power is, takes all the time
 * there is. So each address is an attempt of our own, with libpq told of that one only.
 */
#ifndef APPSMTP_HOSTS_H
#define APPSMTP_HOSTS_H

#include "adapters/config/config.h"
#include "base/cleanup.h"
#include "base/deadline.h"

struct pg_conn;
struct hosts;

/*
 * Reads <database connection=...>: host, hostaddr and port may be lists, as libpq has them;
 * what is not said there is taken from libpq's environment (PGHOST ...). NULL and
 * APPSMTP_ERROR_CONFIGURATION when it cannot be read, or would go over a network without
 * TLS though the settings do not allow that. Asks nobody. The settings must outlive the
 * result.
 */
struct hosts *hosts_new(const struct database_settings *settings, GError **error);
void hosts_free(struct hosts *hosts);
DEFINE_AUTO(hosts, hosts_free)

/*
 * Connects as the role to the first host that takes us: it answers a first statement, and
 * is what target_session_attrs asks for; of several hosts that is read-write unless it says
 * otherwise. Each host has 2 seconds, an only one 3, or connect_timeout, shared by the addresses
 * of its name; the name's look-up counts. One that was silent is asked after all others for
 * the next 30 seconds. NULL and APPSMTP_ERROR_DATABASE with what each one said. Caller
 * frees with PQfinish().
 */
struct pg_conn *hosts_connect(struct hosts *hosts, const struct database_role *role,
                              struct deadline deadline, GError **error);

#endif
