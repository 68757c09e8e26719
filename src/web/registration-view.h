/* SPDX-License-Identifier: MIT
 *
 * What several pages show of one registration. Floor: web.
 */
#ifndef APPSMTP_WEB_REGISTRATION_VIEW_H
#define APPSMTP_WEB_REGISTRATION_VIEW_H

#include "adapters/config/config.h"
#include "rules/registration.h"
#include "web/page.h"
#include "web/request.h"

/* {{>FACTS}}: type, locations, owners, EGA, note, when it was registered. */
void registration_view_facts(struct page *body, const struct request *request,
                             const struct registration *registration);

/*
 * {{>SOURCES}}: the table of sources; with buttons for who may change them. The result is
 * the table; its rows are in the order of the registration's list.
 */
struct page *registration_view_sources(struct page *body, const struct request *request,
                                       const struct registration *registration, bool buttons);

/* {{>OWNER_TABLE}}: the owners, each with a button that takes them off. */
void registration_view_owners(struct page *body, const struct request *request,
                              const struct registration *registration);

/* The names of its locations: "Campus networks, AWS". Caller frees. */
char *registration_view_locations(const struct config *config,
                                  const struct registration *registration);

/* "3 December 2026". Caller frees. */
char *registration_view_day(gint64 at);

#endif
