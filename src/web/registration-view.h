/* SPDX-License-Identifier: MIT
 *
 * What several pages show of one registration. Floor: web.
 */
#ifndef APPSMTP_WEB_REGISTRATION_VIEW_H
#define APPSMTP_WEB_REGISTRATION_VIEW_H

#include "adapters/config/config.h"
#include "adapters/database/usage.h"
#include "rules/registration.h"
#include "web/page.h"
#include "web/request.h"

/* {{>FACTS}}: type, rate, locations, owners, EGA, note, when it was registered. */
void registration_view_facts(struct page *body, const struct request *request,
                             const struct registration *registration, const struct usage *usage);

/* Who looks at the table of sources, and for what. */
enum sources_view {
    SOURCES_ONLY,    /* nothing but the sources */
    SOURCES_CHANGE,  /* with buttons; that somebody else uses a source is told, not who */
    SOURCES_STAFF,   /* for the relay team: who else uses which source */
};

/* {{>SOURCES}}: the table of sources. shared: of struct shared_source, or NULL. */
void registration_view_sources(struct page *body, const struct request *request,
                               const struct registration *registration, enum sources_view view,
                               const GPtrArray *shared);

/* {{>OWNER_TABLE}}: the owners, each with a button that takes them off. */
void registration_view_owners(struct page *body, const struct request *request,
                              const struct registration *registration);

/* The names of its locations: "Campus networks, AWS". Caller frees. */
char *registration_view_locations(const struct config *config,
                                  const struct registration *registration);

#endif
