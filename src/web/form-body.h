/* SPDX-License-Identifier: MIT
 *
 * Bodies of forms: application/x-www-form-urlencoded (WHATWG URL 5.1) and
 * multipart/form-data (RFC 7578). Floor: web. Hides GMime.
 */
#ifndef APPSMTP_WEB_FORM_BODY_H
#define APPSMTP_WEB_FORM_BODY_H

#include <glib.h>
#include <stdbool.h>

/* One field as it was sent. The name of a file is not kept: nobody needs it. */
struct sent_field {
    char *name;
    GBytes *value; /* wiped at the end; a NUL that does not count follows its last byte */
    bool is_file;
};

/*
 * Reads a body by its content type. Returns a list of struct sent_field, caller
 * unrefs; NULL when the type is another one or the body cannot be read. An empty
 * body, whatever its type, has no fields.
 */
GPtrArray *form_body_read(const char *content_type, GBytes *body);

/* Reads name=value&... text; likewise. */
GPtrArray *form_body_urlencoded(const char *text);

/* Bytes that are overwritten when they are let go; data (of g_malloc) becomes theirs. */
GBytes *form_body_wiped(char *data, gsize size);

/* Called once before the first form. */
void form_body_init(void);

#endif
