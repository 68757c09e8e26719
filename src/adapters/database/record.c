/* SPDX-License-Identifier: MIT
 *
 * The rows of sources, owners, locations, history and notices.
 */
#include "adapters/database/record.h"

#include "base/limits.h"

#define MOST_NOTICES G_STRINGIFY(LIMIT_NOTICES_PER_HOUR)

bool record_begin(struct database *database, const struct actor *actor, GError **error)
{
    return database_begin(database, error) &&
           (!actor->session ||
            database_run(database, error, "SELECT set_config('appsmtp.session', $1, true)",
                         actor->session, DATABASE_END));
}

bool record_owner(struct database *database, const char *id, const struct owner *owner,
                  const struct actor *actor, GError **error)
{
    return database_run(database, error,
                        "INSERT INTO registration_owner (registration_id, login, kind, added_by,"
                        " person_id) VALUES ($1, $2, $3, $4, nullif($5, ''))",
                        id, owner_name(owner->written),
                        owner_is_group(owner->written) ? "group" : "person", actor->login,
                        owner->person_id, DATABASE_END);
}

void record_read_owners(const char *text, GPtrArray *owners)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_auto(GStrv) parts = g_strsplit(*line, "\x1f", 2);
        g_ptr_array_add(owners, owner_new(parts[0], parts[1]));
    }
}

bool record_location(struct database *database, const char *id, const char *location,
                     GError **error)
{
    return database_run(database, error,
                        "INSERT INTO registration_location (registration_id, location)"
                        " VALUES ($1, $2)",
                        id, location, DATABASE_END);
}

/* PostgreSQL's text form of bytea. Caller frees. */
static char *bytea(GBytes *bytes)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    GString *text = g_string_sized_new(size * 2 + 3);

    g_string_append(text, "\\x");
    for (gsize i = 0; i < size; i++)
        g_string_append_printf(text, "%02x", data[i]);
    return g_string_free(text, FALSE);
}

char *record_lines(const GPtrArray *texts)
{
    GString *joined = g_string_new(NULL);

    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(joined, "%s%s", i ? "\n" : "",
                               (const char *)g_ptr_array_index(texts, i));
    return g_string_free(joined, FALSE);
}

static bool record_certificate(struct database *database, const char *id,
                               const struct source *source, const struct actor *actor,
                               GError **error)
{
    const struct certificate *c = source->certificate;
    g_autofree char *der = bytea(c->der);
    g_autofree char *names = record_lines(c->names);
    g_autofree char *not_before = g_strdup_printf("%" G_GINT64_FORMAT, c->not_before);
    g_autofree char *not_after = g_strdup_printf("%" G_GINT64_FORMAT, c->not_after);

    return database_run(database, error,
                        "INSERT INTO source (id, registration_id, added_by, certificate, sha256,"
                        " spki_sha256, subject, issuer, serial, names, not_before, not_after)"
                        " VALUES ($1, $2, $3, $4, decode($5, 'hex'), decode($6, 'hex'), $7, $8, $9,"
                        " string_to_array($10, E'\\n'), to_timestamp($11::bigint),"
                        " to_timestamp($12::bigint))",
                        source->id, id, actor->login, der, c->sha256, c->spki_sha256, c->subject,
                        c->issuer, c->serial, names, not_before, not_after, DATABASE_END);
}

bool record_source(struct database *database, const char *id, const struct source *source,
                   const struct actor *actor, GError **error)
{
    g_autofree char *network = NULL;

    if (source->kind == SOURCE_CERTIFICATE)
        return record_certificate(database, id, source, actor, error);
    if (source->kind == SOURCE_NETWORK)
        network = network_format(&source->network);
    return database_run(database, error,
                        "INSERT INTO source (id, registration_id, added_by, network, hostname)"
                        " VALUES ($1, $2, $3, $4, $5)",
                        source->id, id, actor->login, network, source->hostname, DATABASE_END);
}

char *record_as_json(struct database *database, const char *id, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error, "SELECT registration_as_json($1) AS whole", id, DATABASE_END);

    return rows ? g_strdup(rows_get(rows, 0, "whole")) : NULL;
}

static bool record_history(struct database *database, const struct record *record, gint64 *history,
                           GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "INSERT INTO history (registration_id, login, address, action, before, after, reason,"
        " person_id) VALUES ($1, $2, $3, $4, $5, registration_as_json($1), $6, nullif($7, ''))"
        " RETURNING id",
        record->id, record->actor->login, record->actor->address, record->action, record->before,
        record->reason, record->actor->person_id, DATABASE_END);

    if (!rows)
        return false;
    *history = rows_get_number(rows, 0, "id");
    return true;
}

/*
 * Each once, also who is no owner any more (UNION). Whoever was told of so many changes of a
 * registration within the hour is told of the next ones by one notice, at the end of an hour:
 * who changes it again and again fills nobody's mailbox.
 */
static bool record_notices(struct database *database, const struct record *record, gint64 history,
                           GError **error)
{
    g_autofree char *row = g_strdup_printf("%" G_GINT64_FORMAT, history);
    const char *about = record->about ? record->about->written : NULL;
    const char *about_id = record->about ? record->about->person_id : NULL;

    return database_run(
        database, error,
        "WITH told AS (SELECT written, person_id FROM registration_owner WHERE registration_id = $1"
        "  UNION SELECT $7, nullif($8, '') WHERE $7::text IS NOT NULL),"
        " counted AS (SELECT written, person_id, " MOST_NOTICES " <= (SELECT count(*) FROM notice n"
        "   WHERE n.registration_id = $1 AND n.recipient = told.written AND n.details ? 'history'"
        "   AND n.made_at > now() - interval '1 hour') AS many FROM told)"
        " INSERT INTO notice (registration_id, kind, recipient, person_id, details,"
        "  next_attempt_at)"
        " SELECT $1, CASE WHEN many THEN 'changed-often' ELSE $2 END, written, person_id,"
        "  CASE WHEN many THEN '{}' ELSE jsonb_build_object('history', $3::bigint, 'by', $4::text,"
        "   'action', $5::text, 'reason', $6::text, 'about', $7::text, 'value', $9::text) END,"
        "  CASE WHEN many THEN now() + interval '1 hour' ELSE now() END"
        " FROM counted WHERE NOT many OR NOT EXISTS (SELECT FROM notice n"
        "  WHERE n.registration_id = $1 AND n.recipient = written AND n.kind = 'changed-often'"
        "  AND n.sent_at IS NULL AND n.skipped_at IS NULL)",
        record->id, record->notice, row, record->actor->login, record->action, record->reason,
        about, about_id, record->value, DATABASE_END);
}

bool record_change(struct database *database, const struct record *record, gint64 *history,
                   GError **error)
{
    return record_history(database, record, history, error) &&
           (!record->notice || record_notices(database, record, *history, error));
}
