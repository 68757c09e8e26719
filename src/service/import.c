/* SPDX-License-Identifier: MIT
 *
 * Judging and storing the lines of an import.
 */
#include "service/import.h"

#include "base/error.h"
#include "rules/secret/secret.h"
#include "rules/source.h"
#include "service/enrolment.h"
#include "service/import-differences.h"
#include "service/owners.h"

#define LINE_MS 60000

static const char *const needed[] = {"address", "application_name", "application_type",
                                     "location", "method", "owner"};
static const char *const allowed[] = {"networks", "hostnames", "certificate_text", "owners",
                                      "note"};

void import_line_free(struct import_line *line)
{
    if (!line)
        return;
    findings_free(line->findings);
    registration_free(line->registration);
    g_free(line->taken_id);
    if (line->differences)
        g_ptr_array_unref(line->differences);
    g_free(line);
}

/* ---- columns --------------------------------------------------------------------------------- */

static bool is_among(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (g_str_equal(names[i], name))
            return true;
    return false;
}

static bool refuse_column(GError **error, const char *what, const char *name)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT, "could not import: %s \"%s\"", what,
                name);
    return false;
}

bool import_check_columns(const struct table *table, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < table->columns->len; i++) {
        char *name = g_ptr_array_index(table->columns, i);
        if (secret_find(name, strlen(name)) != SECRET_NONE)
            return refuse_column(error, "a private key was given as the", "names of columns");
        if (!is_among(needed, G_N_ELEMENTS(needed), name) &&
            !is_among(allowed, G_N_ELEMENTS(allowed), name))
            return refuse_column(error, "there is no field for the column", name);
        if (!g_hash_table_add(seen, name))
            return refuse_column(error, "the first line has twice the column", name);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
        if (!g_hash_table_contains(seen, needed[i]))
            return refuse_column(error, "the first line does not name the column", needed[i]);
    return true;
}

/* ---- judging ------------------------------------------------------------------------------------- */

static bool compare(const struct office *office, struct import_line *line, GError **error)
{
    auto_ptr(registration) stored = NULL;

    line->verdict = IMPORT_CREATE;
    if (!line->taken_id)
        return true;
    if (!registry_find(office->database, line->taken_id, &stored, error))
        return false;
    line->verdict = IMPORT_CHANGE;
    if (!stored)
        return true;
    line->differences = import_differences(stored, line->registration);
    if (line->differences->len == 0)
        line->verdict = IMPORT_SAME;
    return true;
}

/* number: of the file's line. */
static void check_twice(struct import_line *line, GHashTable *seen, guint number)
{
    const char *address = line->registration->address;

    if (!address)
        return;
    line->first = GPOINTER_TO_UINT(g_hash_table_lookup(seen, address));
    if (!line->first)
        g_hash_table_insert(seen, g_strdup(address), GUINT_TO_POINTER(number));
}

/* Before anybody reads the line: its private keys are gone then. */
static struct findings *secrets_of(const struct table *table, guint number)
{
    struct findings *findings = findings_new();

    table_refuse_secrets(table, number, findings);
    return findings;
}

bool import_judge(const struct office *office, const struct table *table, guint number,
                  GHashTable *seen, gint64 now, struct import_line **line, GError **error)
{
    auto_ptr(import_line) judged = g_new0(struct import_line, 1);
    auto_ptr(findings) secrets = secrets_of(table, number);
    auto_ptr(enrolment) enrolment = NULL;
    g_auto(GStrv) locations = source_split(table_get(table, number, "location"));
    const struct enrolment_form form = {
        .address = table_get(table, number, "address"),
        .application_name = table_get(table, number, "application_name"),
        .application_type = table_get(table, number, "application_type"),
        .locations = locations,
        .method = table_get(table, number, "method"),
        .certificate_text = table_get(table, number, "certificate_text"),
        .hostnames = table_get(table, number, "hostnames"),
        .networks = table_get(table, number, "networks"),
        .owners = table_get(table, number, "owners"),
        .note = table_get(table, number, "note"),
    };

    if (!enrolment_judge(office, &form, table_get(table, number, "owner"), now,
                         deadline_in(LINE_MS), &enrolment, &judged->registration, error))
        return false;
    judged->findings = g_steal_pointer(&secrets);
    findings_take(judged->findings, enrolment->findings);
    judged->taken_id = g_steal_pointer(&enrolment->taken_id);
    check_twice(judged, seen, table_line_number(table, number));
    judged->verdict = IMPORT_REFUSE;
    if (!judged->first && findings_verdict(judged->findings) == VERDICT_ACCEPT &&
        !compare(office, judged, error))
        return false;
    *line = g_steal_pointer(&judged);
    return true;
}

/* ---- storing -------------------------------------------------------------------------------------- */

static bool create(const struct office *office, const struct import_line *line,
                   const struct actor *actor, GError **error)
{
    bool taken;

    if (!registry_add(office->database, line->registration, actor, &taken, error))
        return false;
    if (taken)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_BUSY,
                    "%s was registered by somebody else in the meantime",
                    line->registration->address);
    return !taken;
}

/* New ones first: a registration is never without a source. */
static bool change_sources(struct change *change, const struct registration *line, GError **error)
{
    const struct registration *stored = change_registration(change);

    for (guint i = 0; i < line->sources->len; i++) {
        const struct source *source = g_ptr_array_index(line->sources, i);
        if (!import_has_source(stored, source) && !change_add_source(change, source, error))
            return false;
    }
    for (guint i = 0; i < stored->sources->len; i++) {
        const struct source *source = g_ptr_array_index(stored->sources, i);
        if (!import_has_source(line, source) && !change_remove_source(change, source->id, error))
            return false;
    }
    return true;
}

static bool change_owners(const struct office *office, struct change *change,
                          const struct registration *line, GError **error)
{
    for (guint i = 0; i < line->owners->len; i++) {
        const struct owner *owner = g_ptr_array_index(line->owners, i);
        if (!registration_lists(change_registration(change), owner) &&
            !owners_put(office, change, owner, deadline_in(LINE_MS), error))
            return false;
    }
    return true;
}

static bool alter(const struct office *office, const struct import_line *line,
                  const struct actor *actor, GError **error)
{
    static const struct change_words words = {.action = "changed", .notice = "changed",
                                              .reason = "import"};
    auto_ptr(change) change = NULL;

    if (!change_begin(office->database, line->taken_id, actor, &change, error))
        return false;
    return !change || (change_set_fields(change, line->registration, error) &&
                       change_sources(change, line->registration, error) &&
                       change_owners(office, change, line->registration, error) &&
                       change_finish(change, &words, error));
}

static bool store_all(const struct office *office, const GPtrArray *lines,
                      const struct actor *actor, void (*told)(guint, guint), GError **error)
{
    for (guint i = 0; i < lines->len; i++) {
        const struct import_line *line = g_ptr_array_index(lines, i);
        database_set_deadline(office->database, deadline_in(LINE_MS));
        if (line->verdict == IMPORT_CREATE && !create(office, line, actor, error))
            return false;
        if (line->verdict == IMPORT_CHANGE && !alter(office, line, actor, error))
            return false;
        told(i + 1, lines->len);
    }
    return true;
}

bool import_store(const struct office *office, const GPtrArray *lines, const struct actor *actor,
                  void (*told)(guint done, guint all), GError **error)
{
    bool good;

    database_set_deadline(office->database, deadline_in(LINE_MS));
    if (!database_enclose(office->database, error))
        return false;
    good = store_all(office, lines, actor, told, error);
    database_set_deadline(office->database, deadline_in(10 * LINE_MS));
    return database_enclosed_end(office->database, good, error) && good;
}
