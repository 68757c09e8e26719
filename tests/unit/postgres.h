/* SPDX-License-Identifier: MIT
 *
 * A private PostgreSQL for tests: in a temporary folder, on a port of loopback and a
 * socket in the folder, with TLS by a CA of its own. It dies with the test, however that
 * ends. What goes wrong here ends the test.
 *
 * The superuser is "super", trusted at the socket; over TCP each role needs its password,
 * which is "secret". The roles of the programs are there; the database is "appsmtp".
 */
#ifndef APPSMTP_TEST_POSTGRES_H
#define APPSMTP_TEST_POSTGRES_H

#include "adapters/config/config.h"

#include <glib.h>
#include <stdbool.h>

struct postgres {
    char *folder; /* the socket is in it */
    unsigned port;
    GPid pid;
    char *ca;       /* files: the CA of the server's certificate, which is for localhost */
    char *password; /* of each role */
};

/* encoding: "UTF8". */
struct postgres *postgres_new(const char *encoding);

/* A standby of it, which follows it. */
struct postgres *postgres_standby(const struct postgres *primary);

/* Starts it again after postgres_stop(), on the same port. */
void postgres_start(struct postgres *postgres);
void postgres_stop(struct postgres *postgres);

/* Stops it and removes the folder. */
void postgres_free(struct postgres *postgres);

/* What psql prints for the statements, without the last newline. Caller frees. */
char *postgres_sql(const struct postgres *postgres, const char *statements);

/*
 * Settings for the words, with "dbname=appsmtp" added, in which each role has its password and
 * the owner is appsmtp_owner. Caller frees with postgres_settings_free().
 */
struct database_settings *postgres_settings(const struct postgres *postgres, const char *words);
void postgres_settings_free(struct database_settings *settings);

/* A port of 127.0.0.1 on which nobody listens. */
unsigned postgres_free_port(void);

#endif
