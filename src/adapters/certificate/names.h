/* SPDX-License-Identifier: MIT
 *
 * Names out of a certificate as text that is safe to show, store and log.
 * Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_NAMES_H
#define APPSMTP_CERTIFICATE_NAMES_H

#include "adapters/certificate/openssl.h"
#include "rules/certificate.h"

/* RFC 2253, UTF-8, printable, at most LIMIT_NAME_TEXT characters. Caller frees. */
char *names_of(const X509_NAME *name);

/* The DNS names, IP addresses and mail addresses of the subject alternative name. */
void names_read(const X509 *certificate, struct certificate_facts *facts);

/* The usual name of an object, or its numbers. Caller frees. */
char *names_of_object(const ASN1_OBJECT *object);

#endif
