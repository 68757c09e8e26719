/* SPDX-License-Identifier: MIT
 *
 * Whom a run of the export asks, and by which settings: what appsmtp-export and the test of
 * a configuration share. Floor: programs.
 */
#ifndef APPSMTP_PROGRAMS_EXPORT_TASK_H
#define APPSMTP_PROGRAMS_EXPORT_TASK_H

#include "adapters/config/config.h"
#include "adapters/database/database.h"
#include "adapters/resolver/resolver.h"
#include "service/relay/export.h"

/* What a call asks for; what is NULL is as configured. */
struct export_wishes {
    const char *output, *format, *force, *now;
    const struct database_role *role; /* the export's own */
    bool only_plan;
};

/* The offices and settings of one run. */
struct export_task {
    const struct config *config;
    const char *output; /* the folder asked for */
    struct database *database;
    struct resolver *resolver;
    struct decision_policy policy;
    GPtrArray *no_domains, *rates;
    struct export_world world;
    struct export_settings settings;
};

/* Connects to nobody yet. The configuration, the wishes and the task stay where they are until
 * it is closed. */
bool export_task_open(struct export_task *task, const struct config *config,
                      const struct export_wishes *wishes, GError **error);
void export_task_close(struct export_task *task);
DEFINE_AUTO(export_task, export_task_close)

/* Whether that is the configuration's output folder: an export to another is not recorded. */
bool export_task_is_configured(const char *output, const struct config *config);

#endif
