/* SPDX-License-Identifier: MIT
 *
 * Responses: whole before the first byte is sent, so that a late failure can
 * still become an error page. Floor: web.
 */
#ifndef APPSMTP_WEB_RESPONSE_H
#define APPSMTP_WEB_RESPONSE_H

#include "web/request.h"

struct response {
    unsigned status;          /* HTTP's, 200 to 599 */
    const char *content_type; /* static */
    char *location;           /* of a redirect, or NULL */
    char *filename;           /* of a file to keep, or NULL */
    char *allow;              /* of a 405, or NULL */
    unsigned retry_after;     /* seconds, or 0 */
    char *body;
};

/* A page of HTML; the body becomes the response's. */
struct response *response_html(unsigned status, char *body);

/* Plain text; copied. */
struct response *response_text(unsigned status, const char *body);

/* A file to keep; the body becomes the response's. The name has letters, digits, - and . */
struct response *response_csv(const char *filename, char *body);

/* 303 to a path of this site. */
struct response *response_redirect(const char *path);

void response_free(struct response *response);
DEFINE_AUTO(response, response_free)

/* Sends status, headers (with the request's cookies) and, except for HEAD, the body. */
void response_send(const struct response *response, const struct request *request);

#endif
