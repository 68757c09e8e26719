/* SPDX-License-Identifier: MIT
 *
 * PEM text (RFC 7468) as people paste it. Private to this folder.
 *
 * OpenSSL's own reader wants exact lines and skips private keys without a word;
 * this one sees every block, and takes indented text and text in one line.
 */
#ifndef APPSMTP_CERTIFICATE_PEM_H
#define APPSMTP_CERTIFICATE_PEM_H

#include "base/cleanup.h"

#include <stdbool.h>

/* A part of bytes that somebody else owns. */
struct view {
    const guint8 *at;
    size_t size;
};

/* Finds text in the view; NULL when it is not there. */
const guint8 *view_find(struct view in, const char *text);

/* Bytes that are overwritten before they are released: they may hold a key. */
struct wiped {
    guint8 *bytes;
    size_t size; /* used */
    size_t room; /* allocated */
};

struct wiped *wiped_new(size_t room);
void wiped_free(struct wiped *wiped);
DEFINE_AUTO(wiped, wiped_free)

enum pem_outcome {
    PEM_BLOCK,     /* label and der are set */
    PEM_DAMAGED,   /* the label is set; what stands in the block is not base64 */
    PEM_TRUNCATED, /* a block has no end */
    PEM_NO_MORE,
};

/*
 * Reads the next block and moves *rest behind it. Whatever stands between blocks
 * is skipped. label (such as "CERTIFICATE") and der are the caller's to free.
 */
enum pem_outcome pem_next(struct view *rest, char **label, struct wiped **der);

/* Base64 with any white space in it, or NULL. Caller frees. */
struct wiped *pem_decode(struct view base64);

/* Whether a block of a private key begins anywhere, whole or not. */
bool pem_has_private_key(struct view text);

#endif
