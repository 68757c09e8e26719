/* SPDX-License-Identifier: MIT
 *
 * A private slapd with the sample directory, for tests: in a temporary folder,
 * on loopback, with a CA of its own. It dies with the test, however that ends.
 * What goes wrong here ends the test.
 */
#ifndef APPSMTP_TEST_SLAPD_H
#define APPSMTP_TEST_SLAPD_H

#include <glib.h>
#include <stdbool.h>

struct slapd {
    char *folder;
    GPid pid;
    char *ldapi;      /* uris: through a socket in the folder */
    char *ldap;       /* 127.0.0.1, in clear; also with STARTTLS */
    char *ldaps;      /* 127.0.0.1, for which the certificate is good */
    char *misnamed;   /* 127.0.0.2, for which it is not */
    char *ca;         /* files: the CA of the server's certificate */
    char *other_ca;   /* another one */
    char *password;   /* of the portal's account */
    char *wrong_password;
};

/* Loads the sample directory with that many of the bulk, and more LDIF; then starts. */
struct slapd *slapd_new(const char *egas, const char *people, const char *more_ldif);

/* Starts it again after slapd_stop(), on the same ports. */
void slapd_start(struct slapd *slapd);
void slapd_stop(struct slapd *slapd);

/*
 * Starts it again with these rules of slapd.access(5) before its own ("access to attrs=mail by *
 * none\n"), in place of earlier ones, and these lines of slapd.conf(5) before its database. Either
 * may be "".
 */
void slapd_restrict(struct slapd *slapd, const char *rules, const char *general);

/* Stops it and removes the folder. */
void slapd_free(struct slapd *slapd);

/* A port of 127.0.0.1 and 127.0.0.2 on which nobody listens. */
unsigned slapd_free_port(void);

#endif
