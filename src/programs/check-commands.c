/* SPDX-License-Identifier: MIT
 *
 * What appsmtp-check can check. Each function is the portal's own way through
 * the rules, without a form.
 */
#include "programs/check-commands.h"

#include "adapters/certificate/certificate.h"
#include "adapters/config/config.h"
#include "adapters/resolver/resolver.h"
#include "adapters/snapshot/snapshot.h"
#include "base/error.h"
#include "base/limits.h"
#include "rules/address.h"
#include "rules/registration.h"
#include "rules/source.h"
#include "service/ownership.h"
#include "service/relay/awaited.h"

#include <errno.h>
#include <string.h>

static void line_free(gpointer data)
{
    struct check_line *line = data;

    g_free(line->text);
    g_free(line);
}

static void fact_free(gpointer data)
{
    struct check_fact *fact = data;

    g_strfreev(fact->values);
    g_free(fact);
}

struct check_result *check_result_new(void)
{
    struct check_result *result = g_new0(struct check_result, 1);

    result->lines = g_ptr_array_new_with_free_func(line_free);
    result->facts = g_ptr_array_new_with_free_func(fact_free);
    return result;
}

void check_result_free(struct check_result *result)
{
    if (!result)
        return;
    g_ptr_array_unref(result->lines);
    g_ptr_array_unref(result->facts);
    g_free(result);
}

static void add_line(struct check_result *result, const struct finding *finding, const char *text)
{
    struct check_line *line = g_new0(struct check_line, 1);

    line->field = finding->field;
    line->code = finding->code;
    line->severity = severity_name(finding->severity);
    line->text = g_strdup(text);
    g_ptr_array_add(result->lines, line);
}

static void take_findings(struct check_result *result, const struct findings *findings)
{
    result->verdict = findings_verdict(findings);
    for (size_t i = 0; i < findings_count(findings); i++)
        add_line(result, findings_at(findings, i), findings_at(findings, i)->text);
}

static struct config *read_config(const struct check_options *options, GError **error)
{
    return config_read(config_file(options->config), error);
}

/* ---- network, hostname ---- */

static GPtrArray *chosen_locations(const struct check_options *options, const struct config *config,
                                   struct findings *findings)
{
    if (!options->locations)
        return g_ptr_array_new();
    return registration_check_locations(options->locations, config->locations, findings);
}

static bool check_network(const struct check_options *options, const char *typed,
                          struct check_result *result, GError **error)
{
    auto_ptr(config) config = read_config(options, error);
    auto_ptr(findings) findings = findings_new();
    g_autoptr(GPtrArray) chosen = NULL;
    g_autoptr(GArray) networks = NULL;

    if (!config)
        return false;
    chosen = chosen_locations(options, config, findings);
    networks = source_check_networks(typed, config->locations, chosen, findings);
    take_findings(result, findings);
    return true;
}

static bool ask_dns(const struct config *config, const GPtrArray *names, const GPtrArray *chosen,
                    struct findings *findings, GError **error)
{
    auto_ptr(resolver) resolver = resolver_new(config->resolver.servers, error);
    g_autoptr(GPtrArray) all = NULL;

    if (!resolver)
        return false;
    all = resolver_ask(resolver, names, true, deadline_in(config->resolver.deadline_ms));
    for (guint i = 0; i < all->len; i++)
        hostname_check_answers(g_ptr_array_index(all, i), config->locations, chosen, findings);
    return true;
}

static bool check_hostname(const struct check_options *options, const char *typed,
                           struct check_result *result, GError **error)
{
    auto_ptr(config) config = read_config(options, error);
    auto_ptr(findings) findings = findings_new();
    g_autoptr(GPtrArray) chosen = NULL;
    g_autoptr(GPtrArray) names = NULL;

    if (!config)
        return false;
    chosen = chosen_locations(options, config, findings);
    names = hostname_check_names(typed, findings);
    if (names->len > 0 && !ask_dns(config, names, chosen, findings, error))
        return false;
    take_findings(result, findings);
    return true;
}

/* ---- address ---- */

/* An outage becomes a finding, so that --json says "unavailable"; stderr has its reason. */
static bool check_owner(const struct config *config, const char *login, const char *address,
                        struct findings *findings, GError **error)
{
    auto_ptr(directory) directory = NULL;
    g_autoptr(GError) outage = NULL;
    enum role_answer answer;

    if (!config_need_directory(config, error))
        return false;
    directory = directory_new(config->directory, error);
    if (!directory)
        return false;
    if (ownership_check(directory, login, address, deadline_in(config->directory->total_ms),
                        findings, &answer, NULL, &outage))
        return true;
    if (!g_error_matches(outage, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY)) {
        g_propagate_error(error, g_steal_pointer(&outage));
        return false;
    }
    g_printerr("appsmtp-check: %s\n", outage->message);
    findings_add(findings, FINDING_ADDRESS_UNAVAILABLE, address, NULL);
    return true;
}

static bool check_address(const struct check_options *options, const char *typed,
                          struct check_result *result, GError **error)
{
    auto_ptr(config) config = read_config(options, error);
    auto_ptr(findings) findings = findings_new();
    g_autofree char *address = NULL;

    if (!config)
        return false;
    address = address_check(typed, config->directory ? config->directory->domains : NULL, findings);
    if (address && options->login && !check_owner(config, options->login, address, findings, error))
        return false;
    take_findings(result, findings);
    return true;
}

/* ---- certificate ---- */

/* Reads one byte more than is allowed at most: the rules then say that it is too large. */
static bool read_file(const char *file, char **data, gsize *size, GError **error)
{
    g_autoptr(FILE) stream = fopen(file, "rbe");
    g_autofree char *buffer = g_malloc(LIMIT_CERTIFICATE_FILE + 1);
    size_t length = stream ? fread(buffer, 1, LIMIT_CERTIFICATE_FILE + 1, stream) : 0;

    if (!stream || ferror(stream)) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT, "could not read file \"%s\": %s",
                    file, g_strerror(errno));
        return false;
    }
    *data = g_steal_pointer(&buffer);
    *size = length;
    return true;
}

/* ISO 8601 (a date alone is its first second, UTC) or seconds since 1970. */
static bool read_time(const char *text, gint64 *seconds, GError **error)
{
    g_autofree char *midnight = g_strconcat(text, "T00:00:00Z", NULL);
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, utc);

    if (g_ascii_string_to_signed(text, 10, 0, G_MAXINT32 * (gint64)100, seconds, NULL))
        return true;
    if (!time)
        time = g_date_time_new_from_iso8601(midnight, utc);
    if (!time) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE,
                    "cannot read the time \"%s\": write it like 2026-03-31T12:00:00Z", text);
        return false;
    }
    *seconds = g_date_time_to_unix(time);
    return true;
}

static struct check_fact *add_fact(struct check_result *result, const char *name,
                                   const char *const *values)
{
    struct check_fact *fact = g_new0(struct check_fact, 1);

    fact->name = name;
    fact->values = g_strdupv((char **)values);
    g_ptr_array_add(result->facts, fact);
    return fact;
}

static void add_text(struct check_result *result, const char *name, const char *value)
{
    const char *const values[] = {value, NULL};

    add_fact(result, name, values);
}

static void add_names(struct check_result *result, const GPtrArray *names)
{
    g_autoptr(GPtrArray) values = g_ptr_array_new();

    g_ptr_array_extend(values, (GPtrArray *)names, NULL, NULL);
    g_ptr_array_add(values, NULL);
    add_fact(result, "name", (const char *const *)values->pdata)->several = true;
}

static void add_time(struct check_result *result, const char *name, gint64 at)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(at);
    g_autofree char *text = g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");

    add_text(result, name, text);
}

static void take_certificate(struct check_result *result, const struct certificate *certificate)
{
    add_text(result, "subject", certificate->subject);
    add_names(result, certificate->names);
    add_text(result, "issuer", certificate->issuer);
    add_text(result, "serial", certificate->serial);
    add_time(result, "not-before", certificate->not_before);
    add_time(result, "not-after", certificate->not_after);
    add_text(result, "key-sha256", certificate->spki_sha256);
    add_text(result, "sha256", certificate->sha256);
}

static struct trust *load_trust(const struct check_options *options, GError **error)
{
    auto_ptr(config) config = NULL;

    if (options->roots)
        return trust_load(options->roots, NULL, error);
    config = read_config(options, error);
    if (!config)
        return NULL;
    return trust_open(&config->certificates, error);
}

static bool check_certificate(const struct check_options *options, const char *file,
                              struct check_result *result, GError **error)
{
    struct certificate_options judged = {.now = g_get_real_time() / G_USEC_PER_SEC,
                                         .name = options->name};
    auto_ptr(findings) findings = findings_new();
    auto_ptr(certificate) certificate = NULL;
    auto_ptr(trust) trust = NULL;
    g_autofree char *data = NULL;
    gsize size;

    if (options->at && !read_time(options->at, &judged.now, error))
        return false;
    if (!read_file(file, &data, &size, error))
        return false;
    trust = load_trust(options, error);
    if (!trust)
        return false;
    certificate = certificate_check(trust, data, size, &judged, findings);
    take_findings(result, findings);
    if (certificate)
        take_certificate(result, certificate);
    return true;
}

/* ---- message ---- */

static bool read_fingerprints(const char *file, char **sha256, char **spki_sha256, GError **error)
{
    g_autofree char *data = NULL;
    gsize size;

    if (!file) {
        *sha256 = g_strdup("");
        *spki_sha256 = g_strdup("");
        return true;
    }
    return read_file(file, &data, &size, error) &&
           certificate_fingerprints(data, size, sha256, spki_sha256, error);
}

/* The folder that --snapshot names, else the configured output of the export. */
static char *snapshot_folder(const struct check_options *options, GError **error)
{
    auto_ptr(config) config = NULL;

    if (options->snapshot)
        return g_strdup(options->snapshot);
    config = read_config(options, error);
    return config ? g_strdup(config->relay.output) : NULL;
}

static struct decision *decide(const char *folder, const struct decision_query *query)
{
    g_autoptr(GError) outage = NULL;
    auto_ptr(snapshot) snapshot = snapshot_open(folder, &outage);
    auto_ptr(awaited) awaited = awaited_new(folder);

    if (snapshot)
        awaited_look(awaited, &outage);
    if (outage)
        g_printerr("appsmtp-check: %s\n", outage->message);
    return snapshot ? awaited_soften(awaited, snapshot_serial(snapshot), query->sender,
                                     snapshot_decide(snapshot, query))
                    : decision_unavailable();
}

/* The catalogue knows field and severity of the decision's code. */
static void take_decision(struct check_result *result, const struct decision *decision)
{
    static const enum verdict verdicts[] = {
        [DECISION_PERMIT] = VERDICT_ACCEPT,
        [DECISION_REFUSE] = VERDICT_REFUSE,
        [DECISION_UNAVAILABLE] = VERDICT_UNAVAILABLE,
    };

    result->verdict = verdicts[decision->answer];
    for (unsigned id = 0; id < FINDING_COUNT; id++) {
        struct finding finding = findings_catalogue(id);
        if (g_str_equal(finding.code, decision->code))
            add_line(result, &finding, decision->text);
    }
}

static bool check_message(const struct check_options *options, const char *argument G_GNUC_UNUSED,
                          struct check_result *result, GError **error)
{
    auto_ptr(decision) decision = NULL;
    g_autofree char *sender = NULL;
    g_autofree char *sha256 = NULL;
    g_autofree char *spki_sha256 = NULL;
    g_autofree char *folder = NULL;
    struct decision_query query;

    if (!options->sender || !options->client) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_USAGE,
                    "message needs --sender and --client");
        return false;
    }
    if (!read_fingerprints(options->certificate, &sha256, &spki_sha256, error))
        return false;
    folder = snapshot_folder(options, error);
    if (!folder)
        return false;
    sender = address_reverse_path(options->sender);
    query = (struct decision_query){.sender = sender,
                                    .client = options->client,
                                    .certificate_sha256 = sha256,
                                    .spki_sha256 = spki_sha256};
    decision = decide(folder, &query);
    take_decision(result, decision);
    return true;
}

const struct check_command *check_commands(size_t *count)
{
    static const struct check_command commands[] = {
        {"network", "TEXT", "network TEXT [--location ID...]", " location ", check_network},
        {"hostname", "NAME", "hostname NAME [--location ID...]", " location ", check_hostname},
        {"address", "ADDRESS", "address ADDRESS [--login LOGIN]", " login ", check_address},
        {"certificate", "FILE", "certificate FILE [--roots FILE] [--at TIME] [--name HOST]",
         " roots at name ", check_certificate},
        {"message", NULL,
         "message --sender ADDRESS --client IP [--certificate FILE] [--snapshot DIR]",
         " sender client certificate snapshot ", check_message},
    };

    *count = G_N_ELEMENTS(commands);
    return commands;
}
