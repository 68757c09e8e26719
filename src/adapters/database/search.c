/* SPDX-License-Identifier: MIT
 *
 * The SQL of the relay team's look-ups.
 */
#include "adapters/database/search.h"

#include "rules/left-out.h"
#include "rules/network.h"

#define DIGITS_OF_SHA256 64

/* An export that is older than this many of the usual pauses is late. */
#define LATE_PAUSES 3

/* ---- registrations -------------------------------------------------------------------------- */

static void search_row_free(gpointer data)
{
    struct search_row *row = data;

    g_free(row->id);
    g_free(row->address);
    g_free(row->application_name);
    g_free(row->application_type);
    g_free(row->state);
    g_free(row->owners);
    g_free(row->locations);
    g_free(row->sources);
    g_free(row->created);
    g_free(row->confirmed);
    g_free(row);
}

static struct search_row *search_row_of(const struct rows *rows, size_t at)
{
    struct search_row *row = g_new0(struct search_row, 1);

    row->id = g_strdup(rows_get(rows, at, "id"));
    row->address = g_strdup(rows_get(rows, at, "address"));
    row->application_name = g_strdup(rows_get(rows, at, "application_name"));
    row->application_type = g_strdup(rows_get(rows, at, "application_type"));
    row->state = g_strdup(rows_get(rows, at, "state"));
    row->owners = g_strdup(rows_get(rows, at, "owners"));
    row->locations = g_strdup(rows_get(rows, at, "locations"));
    row->sources = g_strdup(rows_get(rows, at, "sources"));
    row->created = g_strdup(rows_get(rows, at, "created"));
    row->confirmed = g_strdup(rows_get(rows, at, "confirmed"));
    return row;
}

/* The 64 hex digits of a fingerprint; NULL when it is none. Caller frees. */
static char *fingerprint_of(const char *typed)
{
    g_auto(GStrv) parts = g_strsplit_set(typed, ": ", -1);
    g_autofree char *digits = g_strjoinv("", parts);

    if (strlen(digits) != DIGITS_OF_SHA256 ||
        strspn(digits, "0123456789abcdefABCDEF") != DIGITS_OF_SHA256)
        return NULL;
    return g_ascii_strdown(digits, -1);
}

/* Logs write an IPv6 address in brackets. */
static char *network_of(const char *typed)
{
    size_t length = strlen(typed);
    bool bracketed = length > 2 && typed[0] == '[' && typed[length - 1] == ']';
    g_autofree char *bare = bracketed ? g_strndup(typed + 1, length - 2) : g_strdup(typed);
    struct network network;
    enum network_syntax syntax = network_parse(bare, &network);

    return syntax == NETWORK_OK || syntax == NETWORK_HOST_BITS ? network_format(&network) : NULL;
}

const char *const search_lists[][2] = {
    {"live", "Live"},
    {"waiting", "Waiting for an export"},
    {"suspended", "Suspended"},
    {"expiring", "With a certificate that ends within 30 days"},
    {"unconfirmed", "To be confirmed within 30 days, or late"},
    {"unused", "With a source not used for a year"},
    {"at-limit", "At their limit now"},
    {"left-out", "With a source that a relay leaves out"},
    {"retired", "Retired"},
    {NULL, NULL},
};

/* $1 the text in lower case, $2 the network or NULL, $3 the fingerprint or NULL, $4 how many,
   $5 the list. */
static struct rows *find(struct database *database, const char *text, const char *network,
                         const char *fingerprint, const char *list, const char *most,
                         GError **error)
{
    return database_query(
        database, error,
        "SELECT r.id, r.address, r.application_name, r.application_type, r.state,"
        " (SELECT string_agg(o.written, ', ' ORDER BY o.kind DESC, o.login)"
        "  FROM registration_owner o WHERE o.registration_id = r.id) AS owners,"
        " (SELECT string_agg(l.location, ', ' ORDER BY l.location) FROM registration_location l"
        "  WHERE l.registration_id = r.id) AS locations,"
        " (SELECT string_agg(coalesce(s.network::text, s.hostname,"
        "   'certificate of ' || array_to_string(s.names, ' ')), ', ' ORDER BY s.kind, s.network,"
        "   s.hostname) FROM source s WHERE s.registration_id = r.id) AS sources,"
        " to_char(r.created_at, 'YYYY-MM-DD') AS created,"
        " to_char(r.confirmed_at, 'YYYY-MM-DD') AS confirmed"
        " FROM registration r JOIN registration_watch w ON w.registration_id = r.id"
        " WHERE CASE $5 WHEN '' THEN true WHEN 'waiting' THEN w.waiting"
        "  WHEN 'expiring' THEN w.expiring WHEN 'unconfirmed' THEN w.unconfirmed"
        "  WHEN 'unused' THEN w.unused WHEN 'at-limit' THEN w.at_limit"
        "  WHEN 'left-out' THEN w.left_out ELSE r.state::text = $5 END"
        " AND (strpos(r.address, $1) > 0 OR strpos(lower(r.application_name), $1) > 0"
        " OR EXISTS (SELECT FROM registration_owner o WHERE o.registration_id = r.id"
        "  AND strpos(o.login, $1) > 0)"
        " OR EXISTS (SELECT FROM source s WHERE s.registration_id = r.id"
        "  AND (strpos(s.hostname, $1) > 0 OR lower(s.serial) = $1"
        "   OR strpos(lower(array_to_string(s.names, ' ')), $1) > 0))"
        " OR r.id IN (SELECT s.registration_id FROM source s WHERE s.network && $2::inet)"
        " OR r.id IN (SELECT s.registration_id FROM source s"
        "  WHERE decode($3, 'hex') IN (s.sha256, s.spki_sha256)))"
        " ORDER BY r.state = 'retired', r.address, r.created_at DESC LIMIT $4::bigint",
        text, network, fingerprint, most, list, DATABASE_END);
}

bool search_registrations(struct database *database, const char *typed, const char *list,
                          guint most, GPtrArray **found, GError **error)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(typed));
    g_autofree char *text = g_utf8_strdown(trimmed, -1);
    g_autofree char *network = network_of(trimmed);
    g_autofree char *fingerprint = fingerprint_of(trimmed);
    g_autofree char *limit = most ? g_strdup_printf("%u", most) : NULL;
    auto_ptr(rows) rows = find(database, text, network, fingerprint, list, limit, error);

    if (!rows)
        return false;
    *found = g_ptr_array_new_with_free_func(search_row_free);
    for (size_t at = 0; at < rows_count(rows); at++)
        g_ptr_array_add(*found, search_row_of(rows, at));
    return true;
}

/* ---- who else uses a source --------------------------------------------------------------------
 */

static void shared_source_free(gpointer data)
{
    struct shared_source *shared = data;

    g_free(shared->source);
    g_free(shared->other);
    g_free(shared->other_address);
    g_free(shared->other_source);
    g_free(shared);
}

bool search_shared(struct database *database, const char *id, GPtrArray **shared, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT s.id AS source, r.id AS other, r.address, coalesce(o.network::text, o.hostname,"
        " array_to_string(o.names, ', ')) AS text"
        " FROM source s JOIN source o ON o.registration_id <> s.registration_id"
        "  AND (o.network && s.network OR o.hostname = s.hostname OR o.spki_sha256 = s.spki_sha256)"
        " JOIN registration r ON r.id = o.registration_id AND r.state <> 'retired'"
        " WHERE s.registration_id = $1 ORDER BY s.id, r.address, text LIMIT 1000",
        id, DATABASE_END);

    if (!rows)
        return false;
    *shared = g_ptr_array_new_with_free_func(shared_source_free);
    for (size_t at = 0; at < rows_count(rows); at++) {
        struct shared_source *one = g_new0(struct shared_source, 1);
        one->source = g_strdup(rows_get(rows, at, "source"));
        one->other = g_strdup(rows_get(rows, at, "other"));
        one->other_address = g_strdup(rows_get(rows, at, "address"));
        one->other_source = g_strdup(rows_get(rows, at, "text"));
        g_ptr_array_add(*shared, one);
    }
    return true;
}

/* ---- what is left out ---------------------------------------------------------------------------
 */

static void search_omission_free(gpointer data)
{
    struct search_omission *one = data;

    g_free(one->registration);
    g_free(one->address);
    g_free(one->id);
    g_free(one->source);
    g_free(one->why);
    g_free(one->relay);
    g_free(one->since);
    g_free(one);
}

static struct search_omission *search_omission_of(const struct rows *rows, size_t at)
{
    struct search_omission *one = g_new0(struct search_omission, 1);

    one->registration = g_strdup(rows_get(rows, at, "registration_id"));
    one->address = g_strdup(rows_get(rows, at, "address"));
    one->id = g_strdup(rows_get(rows, at, "source_id"));
    one->source = g_strdup(rows_get(rows, at, "source"));
    one->why = left_out_words(rows_get(rows, at, "reason"), rows_get(rows, at, "detail"));
    one->relay = g_strdup(rows_get(rows, at, "relay"));
    one->since = g_strdup(rows_get(rows, at, "since"));
    return one;
}

bool search_left_out(struct database *database, guint most, GPtrArray **found, GError **error)
{
    g_autofree char *limit = most ? g_strdup_printf("%u", most) : NULL;
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT l.registration_id, r.address, l.source_id, l.source, l.reason, l.detail, l.relay,"
        " to_char(l.since, 'YYYY-MM-DD HH24:MI') AS since"
        " FROM left_out l JOIN registration r ON r.id = l.registration_id AND r.state = 'live'"
        " ORDER BY l.expected, l.since DESC, r.address, l.source LIMIT $1::bigint",
        limit, DATABASE_END);

    if (!rows)
        return false;
    *found = g_ptr_array_new_with_free_func(search_omission_free);
    for (size_t at = 0; at < rows_count(rows); at++)
        g_ptr_array_add(*found, search_omission_of(rows, at));
    return true;
}

/* ---- the overview -------------------------------------------------------------------------------
 */

static void last_export_free(gpointer data)
{
    struct last_export *one = data;

    g_free(one->relay);
    g_free(one->finished);
    g_free(one->outcome);
    g_free(one);
}

bool last_export_is_late(const struct last_export *one, unsigned minutes)
{
    return one->age > (gint64)minutes * 60 * LATE_PAUSES;
}

void overview_free(struct overview *overview)
{
    if (!overview)
        return;
    g_free(overview->oldest);
    g_free(overview->last_error);
    g_clear_pointer(&overview->exports, g_ptr_array_unref);
    g_free(overview);
}

static bool read_exports(struct database *database, struct overview *overview, GError **error)
{
    auto_ptr(rows) rows = database_query(database, error,
                                         "SELECT DISTINCT ON (relay) relay, to_char(finished_at, "
                                         "'YYYY-MM-DD HH24:MI:SS') AS finished,"
                                         " outcome, generation, senders, sources, left_out,"
                                         " extract(epoch FROM now() - finished_at)::bigint AS age"
                                         " FROM export_run ORDER BY relay, finished_at DESC",
                                         DATABASE_END);

    if (!rows)
        return false;
    overview->exports = g_ptr_array_new_with_free_func(last_export_free);
    for (size_t at = 0; at < rows_count(rows); at++) {
        struct last_export *one = g_new0(struct last_export, 1);
        one->relay = g_strdup(rows_get(rows, at, "relay"));
        one->finished = g_strdup(rows_get(rows, at, "finished"));
        one->outcome = g_strdup(rows_get(rows, at, "outcome"));
        one->generation = rows_get_number(rows, at, "generation");
        one->senders = rows_get_number(rows, at, "senders");
        one->sources = rows_get_number(rows, at, "sources");
        one->left_out = rows_get_number(rows, at, "left_out");
        one->age = rows_get_number(rows, at, "age");
        g_ptr_array_add(overview->exports, one);
    }
    return true;
}

/* Waiting is what the last export of some relay has not seen; or all, when none reports. */
static bool count_registrations(struct database *database, struct overview *overview,
                                GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT count(*) FILTER (WHERE state = 'live') AS live,"
        " count(*) FILTER (WHERE state = 'suspended') AS suspended,"
        " count(*) FILTER (WHERE state = 'retired') AS retired,"
        " count(*) FILTER (WHERE waiting) AS waiting, count(*) FILTER (WHERE expiring) AS expiring,"
        " count(*) FILTER (WHERE unconfirmed) AS unconfirmed, count(*) FILTER (WHERE unused) AS "
        "unused, count(*) FILTER (WHERE at_limit) AS at_limit,"
        " count(*) FILTER (WHERE left_out) AS left_out"
        " FROM registration_watch",
        DATABASE_END);

    if (!rows)
        return false;
    overview->live = rows_get_number(rows, 0, "live");
    overview->waiting = rows_get_number(rows, 0, "waiting");
    overview->suspended = rows_get_number(rows, 0, "suspended");
    overview->retired = rows_get_number(rows, 0, "retired");
    overview->expiring = rows_get_number(rows, 0, "expiring");
    overview->unconfirmed = rows_get_number(rows, 0, "unconfirmed");
    overview->unused = rows_get_number(rows, 0, "unused");
    overview->at_limit = rows_get_number(rows, 0, "at_limit");
    overview->left_out = rows_get_number(rows, 0, "left_out");
    return true;
}

static bool count_notices(struct database *database, struct overview *overview, GError **error)
{
    auto_ptr(rows) rows =
        database_query(database, error,
                       "SELECT count(*) AS waiting, count(*) FILTER (WHERE failing) AS failing,"
                       " count(held_for) AS held,"
                       " to_char(min(made_at), 'YYYY-MM-DD HH24:MI:SS') AS oldest,"
                       " max(last_error) FILTER (WHERE failing) AS error"
                       " FROM waiting_notice",
                       DATABASE_END);

    if (!rows)
        return false;
    overview->notices = rows_get_number(rows, 0, "waiting");
    overview->held = rows_get_number(rows, 0, "held");
    overview->failing = rows_get_number(rows, 0, "failing");
    overview->oldest = g_strdup(rows_get(rows, 0, "oldest"));
    overview->last_error = g_strdup(rows_get(rows, 0, "error"));
    return true;
}

bool search_overview(struct database *database, struct overview **overview, GError **error)
{
    auto_ptr(overview) whole = g_new0(struct overview, 1);

    if (!count_registrations(database, whole, error) || !count_notices(database, whole, error) ||
        !read_exports(database, whole, error))
        return false;
    *overview = g_steal_pointer(&whole);
    return true;
}
