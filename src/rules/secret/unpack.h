/* SPDX-License-Identifier: MIT
 *
 * Compressed data in any bytes: gzip, zlib, ZIP. Private to this folder.
 */
#ifndef APPSMTP_RULES_SECRET_UNPACK_H
#define APPSMTP_RULES_SECRET_UNPACK_H

#include "base/wiped.h"

/*
 * Unpacks every gzip stream (RFC 1952), member of a ZIP archive and zlib stream (RFC 1950) in
 * the bytes, as far as they go, to at most `most` bytes in all; one after the other. NULL when
 * there is none. Caller frees.
 */
struct wiped *unpack(struct view data, size_t most);

#endif
