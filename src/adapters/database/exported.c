/* SPDX-License-Identifier: MIT
 *
 * SQL of the export.
 */
#include "adapters/database/exported.h"

#include "adapters/database/record.h"
#include "base/error.h"

void exported_view_clear(struct exported_view *view)
{
    g_free(view->snapshot);
    g_free(view->started);
    *view = (struct exported_view){0};
}

bool exported_begin(struct database *database, struct exported_view *view, GError **error)
{
    auto_ptr(rows) rows = NULL;

    if (!database_begin_snapshot(database, error))
        return false;
    rows = database_query(database, error,
                          "SELECT pg_current_snapshot()::text AS snapshot, now()::text AS started,"
                          " (SELECT count(*) FROM exported_source) AS count,"
                          " suspended_registrations() AS suspended,"
                          " pg_is_in_recovery() AS standby",
                          DATABASE_END);
    if (!rows)
        return false;
    if (rows_get_bool(rows, 0, "standby")) {
        g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE,
                            "could not ask the database: it is a standby, and may be behind");
        return false;
    }
    view->snapshot = g_strdup(rows_get(rows, 0, "snapshot"));
    view->started = g_strdup(rows_get(rows, 0, "started"));
    view->count = (guint64)rows_get_number(rows, 0, "count");
    view->suspended = (guint64)rows_get_number(rows, 0, "suspended");
    return true;
}

bool exported_hostnames(struct database *database, GPtrArray *names, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error, "SELECT DISTINCT hostname FROM exported_source WHERE kind = 'hostname'",
        DATABASE_END);

    for (size_t i = 0; rows && i < rows_count(rows); i++)
        g_ptr_array_add(names, g_strdup(rows_get(rows, i, "hostname")));
    return rows != NULL;
}

struct reader {
    exported_row *row;
    void *data;
};

static bool read_row(const struct rows *rows, void *data, GError **error)
{
    const struct reader *reader = data;
    struct exported_source source = {
        .address = rows_get(rows, 0, "address"),
        .kind = rows_get(rows, 0, "kind"),
        .network = rows_get(rows, 0, "network"),
        .hostname = rows_get(rows, 0, "hostname"),
        .spki = rows_get(rows, 0, "spki_sha256"),
        .not_after = rows_get_number(rows, 0, "not_after"),
        .locations = rows_get(rows, 0, "locations"),
        .sha256 = rows_get(rows, 0, "sha256"),
        .type = rows_get(rows, 0, "application_type"),
        .id = rows_get(rows, 0, "source_id"),
        .recipients_per_hour = (unsigned)rows_get_number(rows, 0, "recipients_per_hour"),
    };

    return reader->row(&source, reader->data, error);
}

bool exported_each(struct database *database, exported_row *row, void *data, GError **error)
{
    struct reader reader = {row, data};

    return database_each(
        database,
        "SELECT address, kind, network, hostname, spki_sha256, sha256, application_type,"
        " source_id, coalesce(recipients_per_hour, 0) AS recipients_per_hour,"
        " coalesce(extract(epoch FROM not_after)::bigint, 0) AS not_after,"
        " array_to_string(locations, ' ') AS locations"
        " FROM exported_source ORDER BY address COLLATE \"C\"",
        read_row, &reader, error);
}

bool exported_vanished(struct database *database, const GPtrArray *addresses, GPtrArray *vanished,
                       GError **error)
{
    g_autofree char *lines = record_lines(addresses);
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT vanished_registrations(string_to_array($1, E'\\n')) AS address ORDER BY 1", lines,
        DATABASE_END);

    for (size_t i = 0; rows && i < rows_count(rows); i++)
        g_ptr_array_add(vanished, g_strdup(rows_get(rows, i, "address")));
    return rows != NULL;
}

bool exported_end(struct database *database, GError **error)
{
    return database_commit(database, error);
}

bool exported_record(struct database *database, const struct exported_run *run, GError **error)
{
    g_autofree char *generation = g_strdup_printf("%" G_GUINT64_FORMAT, run->generation);
    g_autofree char *senders = g_strdup_printf("%" G_GUINT64_FORMAT, run->senders);
    g_autofree char *sources = g_strdup_printf("%" G_GUINT64_FORMAT, run->sources);
    g_autofree char *left_out = g_strdup_printf("%" G_GUINT64_FORMAT, run->left_out);

    return database_run(database, error,
                        "INSERT INTO export_run (relay, generation, snapshot, started_at, outcome,"
                        " senders, sources, left_out, details)"
                        " VALUES ($1, $2::bigint, $3::pg_snapshot, $4::timestamptz, $5,"
                        " $6::integer, $7::integer, $8::integer, $9::jsonb)",
                        run->relay, generation, run->view->snapshot, run->view->started,
                        run->outcome, senders, sources, left_out, run->details, DATABASE_END);
}
