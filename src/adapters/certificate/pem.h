/* SPDX-License-Identifier: MIT
 *
 * PEM text (RFC 7468) as people paste it. Private to this folder.
 *
 * OpenSSL's own reader wants exact lines and skips private keys without a word;
 * this one sees every block, and takes indented text, text in one line, and labels in
 * small letters.
 */
#ifndef APPSMTP_CERTIFICATE_PEM_H
#define APPSMTP_CERTIFICATE_PEM_H

#include "base/wiped.h"

enum pem_outcome {
    PEM_BLOCK,     /* label and der are set */
    PEM_DAMAGED,   /* the label is set; what stands in the block is not base64 */
    PEM_TRUNCATED, /* a block has no end */
    PEM_NO_MORE,
};

struct pem_block {
    struct view before; /* what stands between the block before it and this one, or the end */
    char *label;        /* such as "CERTIFICATE", in capitals; NULL when it cannot be read */
    struct wiped *der;  /* NULL but for PEM_BLOCK */
};

/* Reads the next block and moves *rest behind it. What was in *block before is released. */
enum pem_outcome pem_next(struct view *rest, struct pem_block *block);
void pem_block_clear(struct pem_block *block);

/* Whether a block begins anywhere, whole or not. */
bool pem_begins(struct view text);

/*
 * Base64 or base64url, with white space, header lines ("Comment: x", "# x") and the
 * quotation marks of a mail in it; NULL when it is none. Caller frees.
 */
struct wiped *pem_decode(struct view base64);

#endif
