/* SPDX-License-Identifier: MIT
 *
 * Unguessable values from the kernel. Floor: base.
 */
#ifndef APPSMTP_BASE_RANDOM_H
#define APPSMTP_BASE_RANDOM_H

#include <stddef.h>

/* Fills the buffer with size (1 to 256) random bytes; a kernel without them ends the program. */
void random_fill(void *buffer, size_t size);

/* 256 random bits as 43 characters of base64url (RFC 4648 5, no padding). Caller frees. */
char *random_token(void);

/* A version 4 UUID (RFC 4122 4.4), lower case. Caller frees. */
char *random_uuid(void);

#endif
