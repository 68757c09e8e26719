/* SPDX-License-Identifier: MIT
 *
 * The portal: the office that its pages ask, and what answering one request
 * means from the first byte to the last. Floor: web.
 */
#ifndef APPSMTP_WEB_PORTAL_H
#define APPSMTP_WEB_PORTAL_H

#include "service/office.h"
#include "web/gateway.h"

struct portal {
    const struct config *config;
    struct office office;
    char *front_secret; /* of single sign-on, or NULL */
};

/* Answers one request; data is the struct portal. Fits gateway_serve(). */
void portal_answer(struct exchange *exchange, void *data);

#endif
