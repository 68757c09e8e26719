/* SPDX-License-Identifier: MIT
 *
 * Reading an upload, whatever container it is in. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_CONTAINER_H
#define APPSMTP_CERTIFICATE_CONTAINER_H

#include "rules/finding.h"

/*
 * The different certificates of an upload (of X509 *, owned), in its order. Takes
 * PEM, DER, PKCS#7 as PEM or DER. Everything that makes the upload one to refuse
 * is a finding; the certificates found beside it are returned all the same, but
 * none at all beside a private key. Never NULL.
 */
GPtrArray *container_read(const void *data, size_t size, struct findings *findings);

#endif
