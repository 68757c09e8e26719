/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin show: one registration as the relay team sees it.
 */
#include "adapters/database/search.h"
#include "base/limits.h"
#include "programs/admin.h"
#include "programs/output.h"
#include "service/allowance.h"
#include "service/condition.h"
#include "service/sources.h"
#include "service/standing.h"

#include <sysexits.h>

#define DAY (24 * 3600)

/* ---- facts ---------------------------------------------------------------------------------- */

static void add_day(GString *text, const char *name, gint64 at)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(at);
    g_autofree char *day = g_date_time_format(time, "%Y-%m-%d");

    output_fact(text, name, day);
}

/* Joined by commas. Caller frees. */
static char *join(const GPtrArray *texts)
{
    GString *joined = g_string_new(NULL);

    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(joined, "%s%s", i ? ", " : "",
                               (const char *)g_ptr_array_index(texts, i));
    return g_string_free(joined, FALSE);
}

static void add_locations(GString *text, const struct config *config,
                          const struct registration *registration)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *joined = NULL;

    for (guint i = 0; i < registration->locations->len; i++) {
        char *id = g_ptr_array_index(registration->locations, i);
        const struct location *location = location_find(config->locations, id);
        g_ptr_array_add(names, location ? location->name : id);
    }
    joined = join(names);
    output_fact(text, "Locations", joined);
}

static void add_state(GString *text, const struct config *config,
                      const struct registration *registration)
{
    g_autofree char *state = condition_sentence(config, registration);
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;

    output_fact(text, "State", state);
    if (registration->suspended_by_operator)
        output_fact(text, "Suspended by", "the relay team");
    if (standing_is_restorable(registration, now))
        add_day(text, "Can come back until",
                registration->changed_at + (gint64)LIMIT_RESTORE_DAYS * DAY);
}

static void add_rate(GString *text, const struct config *config,
                     const struct registration *registration, const struct usage *usage)
{
    g_autofree char *rate = allowance_words(config, registration);
    g_autofree char *origin = allowance_origin(registration, usage);
    g_autofree char *use = allowance_use(config, registration, usage);

    output_fact(text, "Rate", rate);
    if (registration->recipients_per_hour)
        output_fact(text, "    whose it is", origin);
    if (registration->state == REGISTRATION_LIVE)
        output_fact(text, "    used in the last hour", use);
}

static void add_facts(GString *text, const struct config *config,
                      const struct registration *registration, const struct usage *usage)
{
    const struct application_type *type =
        config_application_type(config, registration->application_type);
    g_autofree char *owners = registration_owners_text(registration, ", ");

    output_fact(text, "Id", registration->id);
    output_fact(text, "Sending address", registration->address);
    output_fact(text, "Application", registration->application_name);
    add_state(text, config, registration);
    output_fact(text, "Type", type ? type->name : registration->application_type);
    add_rate(text, config, registration, usage);
    add_locations(text, config, registration);
    output_fact(text, "Owners", owners);
    output_fact(text, "Exchange Group Account", registration->account_label);
    if (*registration->note)
        output_fact(text, "Note", registration->note);
    add_day(text, "Registered", registration->created_at);
    add_day(text, "Confirmed", registration->confirmed_at);
}

/* ---- sources -------------------------------------------------------------------------------- */

static void add_certificate(GString *text, const struct certificate *certificate)
{
    g_autofree char *names = join(certificate->names);

    output_fact(text, "    names", names);
    output_fact(text, "    issued by", certificate->issuer);
    output_fact(text, "    serial", certificate->serial);
    add_day(text, "    good until", certificate->not_after);
    output_fact(text, "    SHA-256", certificate->sha256);
    output_fact(text, "    SHA-256 of its key", certificate->spki_sha256);
}

/* Nothing is said where no relay tells. */
static void add_use(GString *text, const struct source *source)
{
    if (source->last_used > 0)
        add_day(text, "    last used", source->last_used);
    if (source->last_used == 0)
        output_fact(text, "    last used", "not so far");
}

static void add_shared(GString *text, const struct source *source, const GPtrArray *shared)
{
    for (guint i = 0; i < shared->len; i++) {
        const struct shared_source *one = g_ptr_array_index(shared, i);
        g_autofree char *other =
            g_strdup_printf("%s (%s), %s", one->other_address, one->other_source, one->other);
        if (g_str_equal(one->source, source->id))
            output_fact(text, "    also of", other);
    }
}

static void add_sources(GString *text, const struct registration *registration,
                        const GPtrArray *shared)
{
    g_string_append(text, "\nSources\n");
    for (guint i = 0; i < registration->sources->len; i++) {
        const struct source *source = g_ptr_array_index(registration->sources, i);
        g_autofree char *kind = g_strconcat("  ", source_kind_name(source->kind), NULL);
        g_autofree char *described = sources_describe(source);
        output_fact(text, kind, described);
        if (source->kind == SOURCE_CERTIFICATE)
            add_certificate(text, source->certificate);
        if (source->left_out && registration->on_relay_since)
            output_fact(text, "    left out: it", source->left_out);
        add_use(text, source);
        add_shared(text, source, shared);
    }
}

bool admin_show(const struct admin *admin, int *status, GError **error)
{
    auto_ptr(database) database = admin_database(admin->config, error);
    auto_ptr(registration) registration = NULL;
    auto_ptr(usage) usage = NULL;
    g_autoptr(GPtrArray) shared = NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    if (!database || !admin_find(database, admin->arguments[0], &registration, error))
        return false;
    *status = registration ? EX_OK : ADMIN_REFUSED;
    if (!registration)
        return true;
    if (!search_shared(database, registration->id, &shared, error) ||
        !allowance_find_usage(admin->config, database, registration->id, &usage, error))
        return false;
    add_facts(text, admin->config, registration, usage);
    add_sources(text, registration, shared);
    return output_write(text->str, error);
}
