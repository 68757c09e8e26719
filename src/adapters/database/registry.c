/* SPDX-License-Identifier: MIT
 *
 * The SQL of registrations.
 */
#include "adapters/database/registry.h"

#include "adapters/database/record.h"
#include "base/error.h"
#include "rules/left-out.h"

/* ---- adding ---------------------------------------------------------------------------- */

static bool add_registration(struct database *database, const struct registration *r,
                             GError **error)
{
    return database_run(database, error,
                        "INSERT INTO registration (id, address, application_name, application_type,"
                        " note, account_id, account_label) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                        r->id, r->address, r->application_name, r->application_type, r->note,
                        r->account_id, r->account_label, DATABASE_END);
}

static bool add_parts(struct database *database, const struct registration *r,
                      const struct actor *actor, GError **error)
{
    for (guint i = 0; i < r->owners->len; i++)
        if (!record_owner(database, r->id, g_ptr_array_index(r->owners, i), actor, error))
            return false;
    for (guint i = 0; i < r->locations->len; i++)
        if (!record_location(database, r->id, g_ptr_array_index(r->locations, i), error))
            return false;
    for (guint i = 0; i < r->sources->len; i++)
        if (!record_source(database, r->id, g_ptr_array_index(r->sources, i), actor, error))
            return false;
    return true;
}

static bool add_in_transaction(struct database *database, const struct registration *r,
                               const struct actor *actor, GError **error)
{
    const struct record created = {.id = r->id, .actor = actor, .action = "created",
                                   .notice = "created", .reason = ""};
    gint64 history;

    return record_begin(database, actor, error) && add_registration(database, r, error) &&
           add_parts(database, r, actor, error) &&
           record_change(database, &created, &history, error) && database_commit(database, error);
}

/* The answer to COMMIT was lost: true when the registration turns out to be there. */
static bool was_added(struct database *database, const char *id, GError **error)
{
    auto_ptr(rows) rows = database_query(database, NULL, "SELECT FROM registration WHERE id = $1",
                                         id, DATABASE_END);

    if (rows && rows_count(rows) == 0)
        (*error)->code = APPSMTP_ERROR_DATABASE;
    if (!rows || rows_count(rows) == 0)
        return false;
    g_clear_error(error);
    return true;
}

bool registry_add(struct database *database, const struct registration *registration,
                  const struct actor *actor, bool *taken, GError **error)
{
    g_autoptr(GError) reason = NULL;

    *taken = false;
    if (add_in_transaction(database, registration, actor, &reason))
        return true;
    *taken = database_was_duplicate(database);
    database_rollback(database);
    if (*taken)
        return true;
    if (reason->code == APPSMTP_ERROR_UNKNOWN_OUTCOME &&
        was_added(database, registration->id, &reason))
        return true;
    g_propagate_error(error, g_steal_pointer(&reason));
    return false;
}

/* ---- reading --------------------------------------------------------------------------- */

/*
 * A certificate is to be renewed when a third of its life is left, at most 30
 * days, unless another has taken its place.
 */
#define RENEWAL_DUE                                                                             \
    "SELECT extract(epoch FROM min(s.not_after))::bigint FROM source s"                         \
    " WHERE s.registration_id = r.id AND now() > s.not_after"                                   \
    "  - least((s.not_after - s.not_before) / 3, interval '30 days')"                           \
    " AND NOT source_is_replaced(s, now())"

/* A hostname or a network has no end. */
#define SOURCES_END                                                                             \
    "SELECT CASE WHEN bool_and(s.kind = 'certificate')"                                         \
    " THEN extract(epoch FROM max(s.not_after))::bigint END"                                    \
    " FROM source s WHERE s.registration_id = r.id"

/* The subject as upkeep_confirmations() makes it. */
#define REMINDED_AT                                                                             \
    "SELECT extract(epoch FROM m.first_at)::bigint FROM reminder m"                             \
    " WHERE m.registration_id = r.id"                                                           \
    " AND m.subject = 'confirmation ' || extract(epoch FROM r.confirmed_at)::bigint"

/* What came by itself is said of the certificate. */
#define LEFT_OUT                                                                                \
    "SELECT concat_ws(E'\\t', l.source, l.reason, l.detail, count(*) OVER ())"                 \
    " FROM left_out l WHERE l.registration_id = r.id AND NOT l.expected"                        \
    " ORDER BY l.whole DESC, l.source LIMIT 1"

/* Whether it is left out with all that it has. */
#define LEFT_OUT_WHOLE                                                                          \
    "SELECT NOT bool_and(l.expected) AND count(*) FILTER (WHERE l.whole) ="                     \
    "  (SELECT count(*) FROM source s WHERE s.registration_id = r.id)"                          \
    " FROM left_out l WHERE l.registration_id = r.id"

#define REGISTRATION_COLUMNS                                                                    \
    "r.id, r.address, r.application_name, r.application_type, r.note, r.account_id,"            \
    " coalesce(r.recipients_per_hour, 0) AS recipients_per_hour,"                               \
    " r.account_label, r.state, r.version, extract(epoch FROM r.created_at)::bigint AS created," \
    " extract(epoch FROM r.changed_at)::bigint AS changed,"                                     \
    " extract(epoch FROM r.confirmed_at)::bigint AS confirmed, r.suspended_by_operator,"        \
    " coalesce(extract(epoch FROM on_relay_since(r.changed_at, r.changed_in))::bigint, 0)"      \
    " AS on_relay, coalesce((" RENEWAL_DUE "), 0) AS renewal_due,"                              \
    " extract(epoch FROM r.confirmed_at + interval '1 year')::bigint AS confirmation_due,"      \
    " coalesce((" REMINDED_AT "), 0) AS reminded_at,"                                           \
    " coalesce((" SOURCES_END "), 0) AS sources_end, coalesce((" LEFT_OUT "), '') AS left_out," \
    " coalesce((" LEFT_OUT_WHOLE "), false) AS left_out_whole,"                                           \
    RECORD_OWNERS " AS owners,"                                                                 \
    " (SELECT string_agg(l.location, E'\\n' ORDER BY l.location) FROM registration_location l"  \
    "  WHERE l.registration_id = r.id) AS locations"

static enum registration_state state_of(const char *text)
{
    return g_str_equal(text, "live")        ? REGISTRATION_LIVE
           : g_str_equal(text, "suspended") ? REGISTRATION_SUSPENDED
                                            : REGISTRATION_RETIRED;
}

static void add_lines(GPtrArray *list, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++)
        g_ptr_array_add(list, g_strdup(*line));
}

/* "10.1.2.0/24 is outside its locations (campus), and 2 more"; NULL of nothing. Caller frees. */
static char *left_out_words_of(const char *text)
{
    g_auto(GStrv) field = g_strsplit(text, "\t", -1);
    g_autofree char *words = NULL;
    guint64 count = 0;

    if (g_strv_length(field) != 4)
        return NULL;
    words = left_out_words(field[1], field[2]);
    g_ascii_string_to_unsigned(field[3], 10, 1, G_MAXUINT, &count, NULL);
    return count > 1 ? g_strdup_printf("%s %s, and %" G_GUINT64_FORMAT " more", field[0], words,
                                       count - 1)
                     : g_strdup_printf("%s %s", field[0], words);
}

static struct registration *registration_of(const struct rows *rows, size_t row)
{
    struct registration *r = registration_new();

    r->id = g_strdup(rows_get(rows, row, "id"));
    r->address = g_strdup(rows_get(rows, row, "address"));
    r->application_name = g_strdup(rows_get(rows, row, "application_name"));
    r->application_type = g_strdup(rows_get(rows, row, "application_type"));
    r->recipients_per_hour = (unsigned)rows_get_number(rows, row, "recipients_per_hour");
    r->note = g_strdup(rows_get(rows, row, "note"));
    r->account_id = g_strdup(rows_get(rows, row, "account_id"));
    r->account_label = g_strdup(rows_get(rows, row, "account_label"));
    r->state = state_of(rows_get(rows, row, "state"));
    r->version = (unsigned)rows_get_number(rows, row, "version");
    r->created_at = rows_get_number(rows, row, "created");
    r->changed_at = rows_get_number(rows, row, "changed");
    r->confirmed_at = rows_get_number(rows, row, "confirmed");
    r->confirmation_due = rows_get_number(rows, row, "confirmation_due");
    r->reminded_at = rows_get_number(rows, row, "reminded_at");
    r->suspended_by_operator = rows_get_bool(rows, row, "suspended_by_operator");
    r->on_relay_since = rows_get_number(rows, row, "on_relay");
    r->renewal_due = rows_get_number(rows, row, "renewal_due");
    r->sources_end = rows_get_number(rows, row, "sources_end");
    r->left_out_why = left_out_words_of(rows_get(rows, row, "left_out"));
    r->left_out = rows_get_bool(rows, row, "left_out_whole");
    record_read_owners(rows_get(rows, row, "owners"), r->owners);
    add_lines(r->locations, rows_get(rows, row, "locations"));
    return r;
}

/* The bytes of PostgreSQL's "\x..." */
static GBytes *bytes_of(const char *text)
{
    size_t size = strlen(text) / 2 - 1;
    guint8 *data = g_malloc(size + 1);

    for (size_t i = 0; i < size; i++)
        data[i] = (guint8)(g_ascii_xdigit_value(text[2 * i + 2]) * 16 +
                           g_ascii_xdigit_value(text[2 * i + 3]));
    return g_bytes_new_take(data, size);
}

static struct certificate *certificate_of(const struct rows *rows, size_t row)
{
    struct certificate *c = g_new0(struct certificate, 1);

    c->der = bytes_of(rows_get(rows, row, "certificate"));
    c->sha256 = g_strdup(rows_get(rows, row, "sha256"));
    c->spki_sha256 = g_strdup(rows_get(rows, row, "spki_sha256"));
    c->subject = g_strdup(rows_get(rows, row, "subject"));
    c->issuer = g_strdup(rows_get(rows, row, "issuer"));
    c->serial = g_strdup(rows_get(rows, row, "serial"));
    c->names = g_ptr_array_new_with_free_func(g_free);
    add_lines(c->names, rows_get(rows, row, "names"));
    c->not_before = rows_get_number(rows, row, "begins");
    c->not_after = rows_get_number(rows, row, "ends");
    return c;
}

static struct source *source_of(const struct rows *rows, size_t row)
{
    struct source *source = g_new0(struct source, 1);

    source->id = g_strdup(rows_get(rows, row, "id"));
    source->added_at = rows_get_number(rows, row, "added");
    source->last_used = rows_get_number(rows, row, "last_used");
    if (*rows_get(rows, row, "left_out"))
        source->left_out =
            left_out_words(rows_get(rows, row, "left_out"), rows_get(rows, row, "left_detail"));
    source_kind_parse(rows_get(rows, row, "kind"), &source->kind);
    if (source->kind == SOURCE_NETWORK)
        network_parse(rows_get(rows, row, "network"), &source->network);
    else if (source->kind == SOURCE_HOSTNAME)
        source->hostname = g_strdup(rows_get(rows, row, "hostname"));
    else
        source->certificate = certificate_of(rows, row);
    return source;
}

static bool read_sources(struct database *database, struct registration *r, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT id, extract(epoch FROM added_at)::bigint AS added, kind, network, hostname,"
        " certificate, encode(sha256, 'hex') AS sha256, l.reason AS left_out,"
        " l.detail AS left_detail,"
        " CASE WHEN EXISTS (SELECT FROM use_teller) THEN coalesce((SELECT"
        "  extract(epoch FROM u.last_at)::bigint FROM last_use u WHERE u.source_id = id), 0)"
        "  ELSE -1 END AS last_used,"
        " encode(spki_sha256, 'hex') AS spki_sha256, subject, issuer, serial,"
        " array_to_string(names, E'\\n') AS names,"
        " extract(epoch FROM not_before)::bigint AS begins,"
        " extract(epoch FROM not_after)::bigint AS ends"
        " FROM source s LEFT JOIN (SELECT source_id, reason, detail FROM left_out"
        "  WHERE registration_id = $1) l ON l.source_id = s.id"
        " WHERE registration_id = $1 ORDER BY kind, network, hostname, added_at",
        r->id, DATABASE_END);

    if (!rows)
        return false;
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(r->sources, source_of(rows, row));
    return true;
}

/* Takes the one row, if there is one, and reads its sources. */
static bool found_one(struct database *database, struct rows *rows, struct registration **found,
                      GError **error)
{
    auto_ptr(registration) registration = NULL;

    if (!rows)
        return false;
    if (rows_count(rows) > 0) {
        registration = registration_of(rows, 0);
        if (!read_sources(database, registration, error))
            return false;
    }
    *found = g_steal_pointer(&registration);
    return true;
}

bool registry_find(struct database *database, const char *id, struct registration **found,
                   GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT " REGISTRATION_COLUMNS " FROM registration r WHERE r.id = $1", id, DATABASE_END);

    return found_one(database, rows, found, error);
}

bool registry_find_by_address(struct database *database, const char *address,
                              struct registration **found, GError **error)
{
    auto_ptr(rows) rows = database_query(database, error,
                                         "SELECT id FROM registration"
                                         " WHERE address = $1 AND state <> 'retired'",
                                         address, DATABASE_END);

    if (!rows)
        return false;
    if (rows_count(rows) > 0)
        return registry_find(database, rows_get(rows, 0, "id"), found, error);
    *found = NULL;
    return true;
}

static void registration_release(gpointer data)
{
    registration_free(data);
}

/* The ids of the groups that have one, or the names of those that have none. Caller frees. */
static char *groups_text(const GPtrArray *groups, bool ids)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new();

    for (guint i = 0; groups && i < groups->len; i++) {
        const struct owner *group = g_ptr_array_index(groups, i);
        if (ids == (*group->person_id != '\0'))
            g_ptr_array_add(texts, ids ? group->person_id : (char *)owner_name(group->written));
    }
    return record_lines(texts);
}

bool registry_list(struct database *database, const struct actor *person, const GPtrArray *groups,
                   const GPtrArray *addresses, GPtrArray **list, GError **error)
{
    g_autofree char *lines = record_lines(addresses);
    g_autofree char *names = groups_text(groups, false);
    g_autofree char *ids = groups_text(groups, true);
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT " REGISTRATION_COLUMNS " FROM registration r WHERE r.state <> 'retired'"
        " AND (r.address = ANY (string_to_array($2, E'\\n')) OR r.id IN"
        "  (SELECT o.registration_id FROM registration_owner o"
        "   WHERE (o.kind = 'person' AND o.person_id = nullif($4, ''))"
        "   OR (o.kind = 'person' AND o.login = $1 AND o.person_id IS NULL)"
        "   OR (o.kind = 'group' AND o.person_id = ANY (string_to_array($5, E'\\n')))"
        "   OR (o.kind = 'group' AND o.login = ANY (string_to_array($3, E'\\n'))"
        "       AND o.person_id IS NULL)))"
        " ORDER BY r.address",
        person->login, lines, names, person->person_id, ids, DATABASE_END);

    if (!rows)
        return false;
    *list = g_ptr_array_new_with_free_func(registration_release);
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(*list, registration_of(rows, row));
    return true;
}

static void owner_release(gpointer data)
{
    owner_free(data);
}

bool registry_groups(struct database *database, GPtrArray **groups, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT DISTINCT o.written, o.person_id FROM registration_owner o JOIN registration r"
        " ON r.id = o.registration_id AND r.state <> 'retired' WHERE o.kind = 'group'",
        DATABASE_END);

    if (!rows)
        return false;
    *groups = g_ptr_array_new_with_free_func(owner_release);
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(*groups, owner_new(rows_get(rows, row, "written"),
                                           rows_get(rows, row, "person_id")));
    return true;
}

bool registry_adopt(struct database *database, const struct actor *person, GError **error)
{
    bool good;

    if (!*person->person_id)
        return true;
    good = record_begin(database, person, error) &&
           database_run(database, error,
                        "UPDATE registration_owner SET person_id = $2"
                        " WHERE kind = 'person' AND login = $1 AND person_id IS NULL",
                        person->login, person->person_id, DATABASE_END) &&
           database_commit(database, error);
    if (!good)
        database_rollback(database);
    return good;
}

bool registry_outdated(struct database *database, const struct actor *person, GPtrArray **ids,
                       GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT registration_id FROM registration_owner"
        " WHERE kind = 'person' AND person_id = nullif($2, '') AND login <> $1",
        person->login, person->person_id, DATABASE_END);

    if (!rows)
        return false;
    *ids = g_ptr_array_new_with_free_func(g_free);
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(*ids, g_strdup(rows_get(rows, row, "registration_id")));
    return true;
}

static bool note_forgotten(struct database *database, const struct actor *actor,
                           const char *reason, GError **error)
{
    return database_run(database, error,
                        "INSERT INTO history (registration_id, login, action, before, after, reason)"
                        " SELECT id, $1, 'owner ids forgotten', v, v || '{\"owner_ids\": {}}', $2"
                        " FROM (SELECT id, registration_as_json(id) AS v FROM registration"
                        "  WHERE id IN (SELECT registration_id FROM registration_owner"
                        "   WHERE person_id IS NOT NULL)) r",
                        actor->login, reason, DATABASE_END);
}

static bool forget(struct database *database, guint *owners, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "UPDATE registration_owner SET person_id = NULL WHERE person_id IS NOT NULL"
        " RETURNING login",
        DATABASE_END);

    if (!rows)
        return false;
    *owners = (guint)rows_count(rows);
    return database_run(database, error,
                        "UPDATE notice SET person_id = NULL WHERE person_id IS NOT NULL"
                        " AND sent_at IS NULL AND skipped_at IS NULL",
                        DATABASE_END) &&
           database_run(database, error,
                        "UPDATE session SET ended_at = now() WHERE ended_at IS NULL", DATABASE_END) &&
           database_run(database, error, "DELETE FROM draft", DATABASE_END);
}

bool registry_forget_ids(struct database *database, const struct actor *actor, const char *reason,
                         guint *owners, GError **error)
{
    bool good = database_begin(database, error) &&
                note_forgotten(database, actor, reason, error) &&
                forget(database, owners, error) && database_commit(database, error);

    if (!good)
        database_rollback(database);
    return good;
}

static void history_entry_free(gpointer data)
{
    struct history_entry *entry = data;

    g_free(entry->at);
    g_free(entry->login);
    g_free(entry->address);
    g_free(entry->action);
    g_free(entry->before);
    g_free(entry->after);
    g_free(entry->reason);
    g_free(entry);
}

static struct history_entry *history_entry_of(const struct rows *rows, size_t row)
{
    struct history_entry *entry = g_new0(struct history_entry, 1);

    entry->at = g_strdup(rows_get(rows, row, "at"));
    entry->login = g_strdup(rows_get(rows, row, "login"));
    entry->address = g_strdup(rows_get(rows, row, "address"));
    entry->action = g_strdup(rows_get(rows, row, "action"));
    entry->before = g_strdup(rows_get(rows, row, "before"));
    entry->after = g_strdup(rows_get(rows, row, "after"));
    entry->reason = g_strdup(rows_get(rows, row, "reason"));
    return entry;
}

bool registry_history(struct database *database, const char *id, GPtrArray **entries,
                      GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT to_char(at, 'YYYY-MM-DD HH24:MI:SS') AS at, login, host(address) AS address,"
        " action, before, after, reason FROM history WHERE registration_id = $1 ORDER BY id DESC",
        id, DATABASE_END);

    if (!rows)
        return false;
    *entries = g_ptr_array_new_with_free_func(history_entry_free);
    for (size_t row = 0; row < rows_count(rows); row++)
        g_ptr_array_add(*entries, history_entry_of(rows, row));
    return true;
}

/* ---- suspensions ------------------------------------------------------------------------ */

void suspension_free(struct suspension *suspension)
{
    if (!suspension)
        return;
    g_free(suspension->reason);
    g_free(suspension->cause);
    g_free(suspension);
}

/* What the relay team suspends once more is theirs, whatever it was suspended for before. */
bool registry_suspension(struct database *database, const char *id, struct suspension **found,
                         GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error,
        "SELECT extract(epoch FROM h.at)::bigint AS at, h.reason, CASE WHEN r.suspended_by_operator"
        "  THEN '' ELSE coalesce(n.cause, '') END AS cause"
        " FROM history h JOIN registration r ON r.id = h.registration_id"
        " LEFT JOIN suspended_by_notify n ON n.registration_id = h.registration_id"
        " WHERE h.registration_id = $1 AND h.action = 'suspended' ORDER BY h.id DESC LIMIT 1",
        id, DATABASE_END);

    if (!rows)
        return false;
    *found = NULL;
    if (rows_count(rows) == 0)
        return true;
    *found = g_new0(struct suspension, 1);
    (*found)->at = rows_get_number(rows, 0, "at");
    (*found)->reason = g_strdup(rows_get(rows, 0, "reason"));
    (*found)->cause = g_strdup(rows_get(rows, 0, "cause"));
    return true;
}
