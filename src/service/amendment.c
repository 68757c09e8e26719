/* SPDX-License-Identifier: MIT
 *
 * Changing what is written in a registration.
 */
#include "service/amendment.h"

#include "adapters/database/change.h"
#include "rules/hostname.h"
#include "service/sources.h"

void amendment_free(struct amendment *amendment)
{
    if (!amendment)
        return;
    findings_free(amendment->findings);
    registration_free(amendment->typed);
    registration_free(amendment->stored);
    g_free(amendment);
}

/* What the steps hand to each other. */
struct revision {
    const struct office *office;
    const struct registration *seen;
    const struct actor *actor;
    struct amendment *result;
    GPtrArray *chosen; /* of const struct location * */
    GPtrArray *lost;   /* likewise: chosen before, and no more */
    struct deadline deadline;
};

/* ---- what was typed ------------------------------------------------------------------------ */

static void check_fields(struct revision *revision, const struct amendment_form *form)
{
    const struct config *config = revision->office->config;
    struct findings *findings = revision->result->findings;
    struct registration *typed = revision->result->typed;
    g_autoptr(GPtrArray) types = g_ptr_array_new();

    for (guint i = 0; i < config->application_types->len; i++)
        g_ptr_array_add(types, ((struct application_type *)g_ptr_array_index(
                                    config->application_types, i))->id);
    typed->application_name = registration_check_name(form->application_name, findings);
    typed->application_type = registration_check_type(form->application_type, types, findings);
    revision->chosen = registration_check_locations(form->locations, config->locations, findings);
    for (guint i = 0; i < revision->chosen->len; i++) {
        const struct location *location = g_ptr_array_index(revision->chosen, i);
        g_ptr_array_add(typed->locations, g_strdup(location->id));
    }
    typed->note = registration_check_note(form->note, findings);
}

/* ---- which locations the sources need --------------------------------------------------------- */

static void list_lost(struct revision *revision)
{
    const GPtrArray *all = revision->office->config->locations;

    for (guint i = 0; i < all->len; i++) {
        struct location *location = g_ptr_array_index(all, i);
        if (registration_has_location(revision->seen, location->id) &&
            !g_ptr_array_find(revision->chosen, location, NULL))
            g_ptr_array_add(revision->lost, location);
    }
}

/* The location that is taken away and that the network is in; NULL when it is not missed. */
static const struct location *missed(const struct revision *revision,
                                     const struct network *network)
{
    return location_holding(revision->chosen, network) ? NULL
                                                       : location_holding(revision->lost, network);
}

static void explain(struct revision *revision, const char *shown, const struct location *missed)
{
    if (missed)
        findings_add(revision->result->findings, FINDING_LOCATION_NEEDED, shown, missed->name,
                     NULL);
}

static void check_answers(struct revision *revision, const struct hostname_answers *answers)
{
    const struct location *location = NULL;

    if (answers->ipv4 == DNS_UNAVAILABLE || answers->ipv6 == DNS_UNAVAILABLE) {
        findings_add(revision->result->findings, FINDING_LOCATION_UNKNOWN_NEED, answers->name,
                     NULL);
        return;
    }
    for (guint i = 0; i < answers->addresses->len && !location; i++)
        location = missed(revision, &g_array_index(answers->addresses, struct network, i));
    explain(revision, answers->name, location);
}

static void check_hostnames(struct revision *revision, const GPtrArray *names)
{
    const struct lookup_visitor visitor = {.login = revision->actor->login};
    g_autoptr(GPtrArray) answers =
        lookup_names(revision->office, visitor, names, false, revision->deadline);

    if (!answers)
        findings_add(revision->result->findings, FINDING_LOCATION_BUSY, NULL);
    for (guint i = 0; answers && i < answers->len; i++)
        check_answers(revision, g_ptr_array_index(answers, i));
}

static void check_needs(struct revision *revision)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    list_lost(revision);
    if (revision->lost->len == 0)
        return;
    for (guint i = 0; i < revision->seen->sources->len; i++) {
        const struct source *source = g_ptr_array_index(revision->seen->sources, i);
        g_autofree char *shown = sources_describe(source);
        if (source->kind == SOURCE_HOSTNAME)
            g_ptr_array_add(names, source->hostname);
        else if (source->kind == SOURCE_NETWORK)
            explain(revision, shown, missed(revision, &source->network));
    }
    if (names->len > 0)
        check_hostnames(revision, names);
}

/* ---- storing ------------------------------------------------------------------------------------ */

static bool is_same(const struct registration *now, const struct registration *typed)
{
    for (guint i = 0; i < typed->locations->len; i++)
        if (!registration_has_location(now, g_ptr_array_index(typed->locations, i)))
            return false;
    return typed->locations->len == now->locations->len &&
           g_str_equal(typed->application_name, now->application_name) &&
           g_str_equal(typed->application_type, now->application_type) &&
           g_str_equal(typed->note, now->note);
}

/* The form was older: says who changed it last, and gives the registration as it is now. */
static bool refuse_older(struct revision *revision, GError **error)
{
    struct database *database = revision->office->database;
    g_autoptr(GPtrArray) entries = NULL;
    const struct history_entry *last;

    if (!registry_history(database, revision->seen->id, &entries, error) ||
        !registry_find(database, revision->seen->id, &revision->result->stored, error))
        return false;
    last = g_ptr_array_index(entries, 0);
    findings_add(revision->result->findings, FINDING_CHANGE_OLDER, last->login, NULL);
    return true;
}

static bool is_current(const struct registration *now, const struct registration *seen,
                       const char *version)
{
    guint64 number;

    return g_ascii_string_to_unsigned(version, 10, 1, G_MAXINT, &number, NULL) &&
           number == now->version && now->version == seen->version;
}

static bool store(struct revision *revision, const char *version, GError **error)
{
    static const struct change_words words = {.action = "changed", .notice = "changed"};
    struct amendment *result = revision->result;
    auto_ptr(change) change = NULL;
    const struct registration *now;

    if (!change_begin(revision->office->database, revision->seen->id, revision->actor, &change,
                      error))
        return false;
    now = change ? change_registration(change) : revision->seen;
    if (!change || now->state == REGISTRATION_RETIRED) {
        findings_add(result->findings, FINDING_CHANGE_RETIRED, NULL);
        return true;
    }
    if (is_same(now, result->typed))
        return true;
    if (!is_current(now, revision->seen, version))
        return refuse_older(revision, error);
    result->changed =
        change_set_fields(change, result->typed, error) && change_finish(change, &words, error);
    return result->changed;
}

bool amendment_make(const struct office *office, const struct registration *seen,
                    const struct amendment_form *form, const struct actor *actor,
                    struct deadline deadline, struct amendment **amendment, GError **error)
{
    auto_ptr(amendment) result = g_new0(struct amendment, 1);
    g_autoptr(GPtrArray) lost = g_ptr_array_new();
    g_autoptr(GPtrArray) chosen = NULL;
    struct revision revision = {.office = office, .seen = seen, .actor = actor,
                                .result = result, .lost = lost, .deadline = deadline};

    result->findings = findings_new();
    result->typed = registration_new();
    check_fields(&revision, form);
    chosen = revision.chosen;
    if (findings_verdict(result->findings) == VERDICT_ACCEPT)
        check_needs(&revision);
    if (findings_verdict(result->findings) == VERDICT_ACCEPT &&
        !store(&revision, form->version, error))
        return false;
    *amendment = g_steal_pointer(&result);
    return true;
}
