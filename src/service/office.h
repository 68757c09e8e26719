/* SPDX-License-Identifier: MIT
 *
 * What every service needs to ask others: the adapters, built once by a
 * program and handed down. Floor: service.
 */
#ifndef APPSMTP_SERVICE_OFFICE_H
#define APPSMTP_SERVICE_OFFICE_H

#include "adapters/certificate/certificate.h"
#include "adapters/config/config.h"
#include "adapters/database/database.h"
#include "adapters/directory/directory.h"
#include "adapters/resolver/resolver.h"
#include "service/relay-view.h"

struct office {
    const struct config *config;
    struct database *database;
    struct directory *directory;
    struct resolver *resolver;
    struct trust *trust;
    struct relay_view *view; /* of the relay's decisions; the portal's only */
};

#endif
