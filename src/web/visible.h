/* SPDX-License-Identifier: MIT
 *
 * Who sees which registration. Floor: web.
 */
#ifndef APPSMTP_WEB_VISIBLE_H
#define APPSMTP_WEB_VISIBLE_H

#include "adapters/database/registry.h"
#include "web/request.h"

/*
 * The registration of the request's {id}, if the signed-in person may see it:
 * its owners, members of a group that is one, and owners and administrators of its
 * EGA. Only who is listed by name is seen without the directory. *found is NULL
 * otherwise, the same for one that does not exist. Caller frees.
 */
bool visible_registration(struct request *request, struct registration **found, GError **error);

/* Whether the signed-in person may see a registration that is at hand. */
bool visible_to_person(struct request *request, const struct registration *registration,
                       bool *may_see, GError **error);

#endif
