/* SPDX-License-Identifier: MIT
 *
 * Bytes that may hold a key: parts of them, and copies that are overwritten
 * before they are released. Floor: base.
 */
#ifndef APPSMTP_BASE_WIPED_H
#define APPSMTP_BASE_WIPED_H

#include "base/cleanup.h"

#include <stdbool.h>

/* A part of bytes that somebody else owns. */
struct view {
    const guint8 *at;
    size_t size;
};

/* Finds text in the view; NULL when it is not there. */
const guint8 *view_find(struct view in, const char *text);

/* The part of the view from a place in it on. */
struct view view_from(struct view in, const guint8 *at);

/* Whether there is nothing but white space in it. */
bool view_is_blank(struct view in);

bool view_begins_with(struct view in, const void *bytes, size_t size);

/* A buffer that never grows, so that no copy of its content is left anywhere. */
struct wiped {
    guint8 *bytes;
    size_t size; /* used */
    size_t room; /* allocated */
};

/* An empty buffer for at least that many bytes. */
struct wiped *wiped_new(size_t room);
void wiped_free(struct wiped *wiped);
DEFINE_AUTO(wiped, wiped_free)

/* Adds one byte; beyond the room it is dropped. */
void wiped_add(struct wiped *wiped, guint8 byte);

/* What is in it. Valid as long as the buffer. */
struct view wiped_view(const struct wiped *wiped);

#endif
