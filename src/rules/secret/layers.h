/* SPDX-License-Identifier: MIT
 *
 * What bytes can be wrapped in: each kind of wrapping taken off once. Floor: rules; pure.
 */
#ifndef APPSMTP_RULES_SECRET_LAYERS_H
#define APPSMTP_RULES_SECRET_LAYERS_H

#include "base/wiped.h"

/*
 * One kind of wrapping. Gives the text without it, or NULL when there is nothing of it in
 * the text; caller frees. What stands around it, or is not of it, is kept or left out as
 * suits: nobody reads the result but who looks for keys.
 */
typedef struct wiped *layer_take_off(struct view text);

/* UTF-16 and UTF-32, of ASCII: before the text is folded, which knows UTF-8 alone. */
layer_take_off layers_take_off_zeros;

/* Every other kind but compression, ended by NULL. */
extern layer_take_off *const layers[];

/* Escapes of URLs, of strings (JSON, YAML, C) and of HTML, all at once. */
layer_take_off layers_take_off_escapes;

/* The same where + is a blank, as forms are sent (WHATWG URL 5.1). */
layer_take_off layers_take_off_form;

/* Quoted-printable (RFC 2045 6.7). */
layer_take_off layers_take_off_quoted;

/* Quotation marks of mails, numbers of lines, tags of HTML. */
layer_take_off layers_take_off_margins;

/* The first of the four readings of base64 that are in layers: all is of the value. */
layer_take_off layers_take_off_base64;

/* Whether there is text in it, of 20 characters at least; also in UTF-16. */
bool layers_is_text(struct view data);

#endif
