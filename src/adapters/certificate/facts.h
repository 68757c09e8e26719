/* SPDX-License-Identifier: MIT
 *
 * The facts that rules/certificate judges, read out of one certificate.
 * Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_FACTS_H
#define APPSMTP_CERTIFICATE_FACTS_H

#include "adapters/certificate/openssl.h"
#include "rules/certificate.h"

/* All facts. Caller frees. */
struct certificate_facts *facts_read(X509 *certificate);

/* Only what certificate_judge_cost() reads. Caller frees. */
struct certificate_facts *facts_read_cost(X509 *certificate);

/* What a person knows the certificate by: its subject, or a name where that is empty. */
char *facts_subject(X509 *certificate);

/* SHA-256 of the whole certificate, hexadecimal, lower case. Caller frees. */
char *facts_sha256(X509 *certificate);

/* The serial number in hexadecimal, lower case. Caller frees. */
char *facts_serial(X509 *certificate);

/* "2026-05-01", or words when it cannot be read. Caller frees. */
char *facts_date(const ASN1_TIME *time);

/* Seconds since 1970; fallback when it cannot be read. */
gint64 facts_time(const ASN1_TIME *time, gint64 fallback);

#endif
