/* SPDX-License-Identifier: MIT
 *
 * The sources of a registration.
 */
#include "service/sources.h"

#include "adapters/database/change.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/random.h"
#include "rules/hostname.h"
#include "rules/source.h"

/* ---- judging ------------------------------------------------------------------------------ */

/* What the steps hand to each other. */
struct inspection {
    const struct office *office;
    const struct sources_form *form;
    const GPtrArray *chosen;
    gint64 now;
    struct deadline deadline;
    struct findings *findings;
    GPtrArray *sources;
};

static void take(struct inspection *inspection, struct source *source)
{
    source->id = random_uuid();
    g_ptr_array_add(inspection->sources, source);
}

static void check_networks(struct inspection *inspection)
{
    g_autoptr(GArray) networks =
        source_check_networks(inspection->form->networks, inspection->office->config->locations,
                              inspection->chosen, inspection->findings);

    for (guint i = 0; i < networks->len; i++)
        take(inspection, source_new_network(&g_array_index(networks, struct network, i)));
}

static void check_hostnames(struct inspection *inspection)
{
    const struct config *config = inspection->office->config;
    g_autoptr(GPtrArray) names =
        hostname_check_names(inspection->form->hostnames, inspection->findings);
    g_autoptr(GPtrArray) answers = lookup_names(inspection->office, inspection->form->visitor,
                                                names, true, inspection->deadline);

    if (!answers)
        findings_add(inspection->findings, FINDING_HOSTNAME_BUSY, NULL);
    for (guint i = 0; answers && i < names->len; i++) {
        hostname_check_answers(g_ptr_array_index(answers, i), config->locations,
                               inspection->chosen, inspection->findings);
        take(inspection, source_new_hostname(g_ptr_array_index(names, i)));
    }
}

/* A file that was chosen now wins over the text, which may be the last upload kept. */
static void check_certificate(struct inspection *inspection)
{
    const struct certificate_options options = {.now = inspection->now};
    const char *text = inspection->form->certificate_text;
    struct certificate *leaf;
    gsize size = strlen(text);
    const void *data = text;

    if (inspection->form->certificate)
        data = g_bytes_get_data(inspection->form->certificate, &size);
    leaf = certificate_check(inspection->office->trust, data, size, &options,
                             inspection->findings);
    if (leaf)
        take(inspection, source_new_certificate(leaf));
}

void sources_check(const struct office *office, const struct sources_form *form,
                   const GPtrArray *chosen, gint64 now, struct deadline deadline,
                   struct findings *findings, GPtrArray *sources)
{
    static void (*const check[])(struct inspection *) = {
        [SOURCE_CERTIFICATE] = check_certificate,
        [SOURCE_HOSTNAME] = check_hostnames,
        [SOURCE_NETWORK] = check_networks,
    };
    struct inspection inspection = {office, form, chosen, now, deadline, findings, sources};
    enum source_kind kind;

    if (!*form->method)
        findings_add(findings, FINDING_METHOD_EMPTY, NULL);
    else if (!source_kind_parse(form->method, &kind))
        findings_add(findings, FINDING_METHOD_UNKNOWN, NULL);
    else
        check[kind](&inspection);
}

static char *day(gint64 at)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(at);

    return g_date_time_format(time, "%-d %B %Y");
}

/* The current and the next certificate often have one name: the end tells them apart. */
static char *describe_certificate(const struct certificate *certificate)
{
    const char *name = certificate->names->len ? g_ptr_array_index(certificate->names, 0)
                                               : certificate->subject;
    g_autofree char *until = day(certificate->not_after);

    return g_strdup_printf("The certificate of %s (until %s)", name, until);
}

char *sources_describe(const struct source *source)
{
    if (source->kind == SOURCE_HOSTNAME)
        return g_strdup(source->hostname);
    if (source->kind == SOURCE_CERTIFICATE)
        return describe_certificate(source->certificate);
    return source->network.prefix == network_bits(&source->network)
               ? network_format_address(&source->network)
               : network_format(&source->network);
}

/* ---- adding ------------------------------------------------------------------------------- */

/* What is being added to what. */
struct addition {
    struct change *change;
    const struct registration *now;
    struct findings *findings;
    guint added;
    bool renewed;
};

/* The registered source that is the same, or holds the new one; NULL when there is none. */
static const struct source *same_source(const struct registration *now, const struct source *source)
{
    for (guint i = 0; i < now->sources->len; i++) {
        const struct source *one = g_ptr_array_index(now->sources, i);
        if (one->kind != source->kind)
            continue;
        if (one->kind == SOURCE_CERTIFICATE
                ? g_str_equal(one->certificate->spki_sha256, source->certificate->spki_sha256)
            : one->kind == SOURCE_HOSTNAME ? g_str_equal(one->hostname, source->hostname)
                                           : network_contains(&one->network, &source->network))
            return one;
    }
    return NULL;
}

static void explain_present(struct addition *addition, const struct source *old,
                            const struct source *source)
{
    g_autofree char *shown = sources_describe(source);
    g_autofree char *holder = sources_describe(old);

    if (source->kind == SOURCE_NETWORK && !network_equal(&old->network, &source->network))
        findings_add(addition->findings, FINDING_SOURCE_WITHIN, shown, holder, NULL);
    else
        findings_add(addition->findings, FINDING_SOURCE_PRESENT, shown, NULL);
}

/* The same key: the source stays, its certificate becomes the new one. */
static bool renew(struct addition *addition, const struct source *old, struct source *source,
                  GError **error)
{
    g_autofree char *until = day(source->certificate->not_after);
    g_autofree char *before = day(old->certificate->not_after);

    if (source->certificate->not_after < old->certificate->not_after) {
        findings_add(addition->findings, FINDING_SOURCE_OLDER, until, before, NULL);
        return true;
    }
    g_free(source->id);
    source->id = g_strdup(old->id);
    addition->renewed = true;
    findings_add(addition->findings, FINDING_SOURCE_RENEWED, until, NULL);
    return change_remove_source(addition->change, old->id, error) &&
           change_add_source(addition->change, source, error);
}

static bool has_certificate(const struct registration *registration)
{
    for (guint i = 0; i < registration->sources->len; i++)
        if (((struct source *)g_ptr_array_index(registration->sources, i))->kind ==
            SOURCE_CERTIFICATE)
            return true;
    return false;
}

static bool add_one(struct addition *addition, struct source *source, GError **error)
{
    const struct source *old = same_source(addition->now, source);

    if (old && source->kind == SOURCE_CERTIFICATE &&
        !g_str_equal(old->certificate->sha256, source->certificate->sha256))
        return renew(addition, old, source, error);
    if (old) {
        explain_present(addition, old, source);
        return true;
    }
    if (source->kind == SOURCE_CERTIFICATE && has_certificate(addition->now))
        findings_add(addition->findings, FINDING_SOURCE_BESIDE, NULL);
    addition->added++;
    return change_add_source(addition->change, source, error);
}

static bool add_all(struct addition *addition, const GPtrArray *sources, GError **error)
{
    g_autofree char *most = g_strdup_printf("%u", LIMIT_SOURCES);

    for (guint i = 0; i < sources->len; i++)
        if (!add_one(addition, g_ptr_array_index(sources, i), error))
            return false;
    if (addition->now->sources->len + addition->added > LIMIT_SOURCES)
        findings_add(addition->findings, FINDING_SOURCES_TOO_MANY, most, NULL);
    return true;
}

static bool same_locations(const struct registration *a, const struct registration *b)
{
    for (guint i = 0; i < a->locations->len; i++)
        if (!registration_has_location(b, g_ptr_array_index(a->locations, i)))
            return false;
    return a->locations->len == b->locations->len;
}

/* Adds what was judged by the locations of seen; *stale: those are others by now. */
static bool store(const struct office *office, const struct registration *seen,
                  const GPtrArray *sources, const struct actor *actor, struct findings *findings,
                  bool *changed, bool *stale, GError **error)
{
    auto_ptr(change) change = NULL;
    struct addition addition = {.findings = findings};
    struct change_words words = {.notice = "changed"};

    if (!change_begin(office->database, seen->id, actor, &change, error))
        return false;
    *stale = !change || !same_locations(seen, change_registration(change));
    if (*stale)
        return true;
    addition.change = change;
    addition.now = change_registration(change);
    if (addition.now->state == REGISTRATION_RETIRED)
        findings_add(findings, FINDING_CHANGE_RETIRED, NULL);
    else if (!add_all(&addition, sources, error))
        return false;
    *changed = findings_verdict(findings) == VERDICT_ACCEPT && (addition.added || addition.renewed);
    words.action = addition.renewed      ? "certificate renewed"
                   : addition.added == 1 ? "source added"
                                         : "sources added";
    return !*changed || change_finish(change, &words, error);
}

static GPtrArray *locations_of(const struct config *config, const struct registration *registration)
{
    GPtrArray *chosen = g_ptr_array_new();

    for (guint i = 0; i < config->locations->len; i++) {
        struct location *location = g_ptr_array_index(config->locations, i);
        if (registration_has_location(registration, location->id))
            g_ptr_array_add(chosen, location);
    }
    return chosen;
}

static void release(gpointer source)
{
    source_free(source);
}

static bool try(const struct office *office, const struct registration *seen,
                const struct sources_form *form, const struct actor *actor, gint64 now,
                struct deadline deadline, struct findings *findings, bool *changed, bool *stale,
                GError **error)
{
    g_autoptr(GPtrArray) chosen = locations_of(office->config, seen);
    g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func(release);

    *stale = false;
    sources_check(office, form, chosen, now, deadline, findings, sources);
    if (findings_verdict(findings) != VERDICT_ACCEPT)
        return true;
    return store(office, seen, sources, actor, findings, changed, stale, error);
}

bool sources_add(const struct office *office, const struct registration *seen,
                 const struct sources_form *form, const struct actor *actor, gint64 now,
                 struct deadline deadline, struct findings *findings, bool *changed,
                 GError **error)
{
    auto_ptr(registration) fresh = NULL;
    bool stale = false;

    *changed = false;
    if (!try(office, seen, form, actor, now, deadline, findings, changed, &stale, error))
        return false;
    if (!stale)
        return true;
    /* Somebody edits it at the same moment: judged once more, by what is there now. */
    findings_clear(findings);
    if (!registry_find(office->database, seen->id, &fresh, error) ||
        !try(office, fresh, form, actor, now, deadline, findings, changed, &stale, error))
        return false;
    if (stale)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE,
                    "registration %s was changed again and again", seen->id);
    return !stale;
}

/* ---- removing ------------------------------------------------------------------------------- */

/* Whether it can be removed; else a finding says why. */
static bool is_removable(const struct registration *now, const struct source *source,
                         struct findings *findings)
{
    g_autofree char *shown = source ? sources_describe(source) : NULL;

    if (now->state == REGISTRATION_RETIRED)
        findings_add(findings, FINDING_CHANGE_RETIRED, NULL);
    else if (!source)
        findings_add(findings, FINDING_SOURCE_GONE, NULL);
    else if (now->sources->len == 1)
        findings_add(findings, FINDING_SOURCE_LAST, shown, NULL);
    else
        return true;
    return false;
}

bool sources_remove(struct database *database, const char *id, const char *source_id,
                    const struct actor *actor, struct findings *findings, bool *changed,
                    GError **error)
{
    static const struct change_words words = {.action = "source removed", .notice = "changed"};
    auto_ptr(change) change = NULL;
    const struct registration *now;

    *changed = false;
    if (!change_begin(database, id, actor, &change, error))
        return false;
    now = change ? change_registration(change) : NULL;
    if (!now || !is_removable(now, registration_source(now, source_id), findings))
        return true;
    *changed = change_remove_source(change, source_id, error) &&
               change_finish(change, &words, error);
    return *changed;
}
