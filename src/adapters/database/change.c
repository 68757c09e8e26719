/* SPDX-License-Identifier: MIT
 *
 * The SQL of changes.
 */
#include "adapters/database/change.h"

#include "adapters/database/record.h"
#include "base/error.h"

struct change {
    struct database *database;
    const struct actor *actor;
    struct registration *registration;
    char *before;  /* JSON */
    bool relay;    /* the relay has to learn of it */
    bool finished; /* or failed in a way that left nothing to roll back */
};

void change_free(struct change *change)
{
    if (!change)
        return;
    if (!change->finished)
        database_rollback(change->database);
    registration_free(change->registration);
    g_free(change->before);
    g_free(change);
}

const struct registration *change_registration(const struct change *change)
{
    return change->registration;
}

/*
 * The lock is a statement of its own: one that waited for a lock sees the row as it is
 * now, but all else as it was when it began to wait.
 */
static bool lock(struct database *database, const char *id, GError **error)
{
    return database_run(database, error, "SELECT FROM registration WHERE id = $1 FOR UPDATE", id,
                        DATABASE_END);
}

bool change_begin(struct database *database, const char *id, const struct actor *actor,
                  struct change **change, GError **error)
{
    auto_ptr(change) begun = g_new0(struct change, 1);

    begun->database = database;
    begun->actor = actor;
    if (!record_begin(database, actor, error) || !lock(database, id, error) ||
        !registry_find(database, id, &begun->registration, error))
        return false;
    *change = NULL;
    if (!begun->registration)
        return true;
    begun->before = record_as_json(database, id, error);
    if (!begun->before)
        return false;
    *change = g_steal_pointer(&begun);
    return true;
}

/* ---- steps ------------------------------------------------------------------------------- */

bool change_add_source(struct change *change, const struct source *source, GError **error)
{
    change->relay = true;
    return record_source(change->database, change->registration->id, source, change->actor, error);
}

bool change_remove_source(struct change *change, const char *source_id, GError **error)
{
    change->relay = true;
    return database_run(change->database, error,
                        "DELETE FROM source WHERE registration_id = $1 AND id = $2",
                        change->registration->id, source_id, DATABASE_END);
}

bool change_add_owner(struct change *change, const struct owner *owner, GError **error)
{
    return record_owner(change->database, change->registration->id, owner, change->actor, error);
}

bool change_remove_owner(struct change *change, const char *written, GError **error)
{
    return database_run(change->database, error,
                        "DELETE FROM registration_owner"
                        " WHERE registration_id = $1 AND written = $2",
                        change->registration->id, written, DATABASE_END);
}

bool change_rename_owner(struct change *change, const char *written, const char *login,
                         GError **error)
{
    return database_run(change->database, error,
                        "UPDATE registration_owner SET login = $3"
                        " WHERE registration_id = $1 AND written = $2",
                        change->registration->id, written, login, DATABASE_END);
}

static bool set_locations(struct change *change, const GPtrArray *locations, GError **error)
{
    g_autofree char *lines = record_lines(locations);
    const struct registration *now = change->registration;

    if (!database_run(change->database, error,
                      "DELETE FROM registration_location WHERE registration_id = $1"
                      " AND location <> ALL (string_to_array($2, E'\\n'))",
                      now->id, lines, DATABASE_END))
        return false;
    change->relay |= locations->len != now->locations->len;
    for (guint i = 0; i < locations->len; i++) {
        const char *location = g_ptr_array_index(locations, i);
        if (registration_has_location(now, location))
            continue;
        change->relay = true;
        if (!record_location(change->database, now->id, location, error))
            return false;
    }
    return true;
}

bool change_set_fields(struct change *change, const struct registration *typed, GError **error)
{
    return database_run(change->database, error,
                        "UPDATE registration SET application_name = $2, application_type = $3,"
                        " note = $4 WHERE id = $1",
                        change->registration->id, typed->application_name,
                        typed->application_type, typed->note, DATABASE_END) &&
           set_locations(change, typed->locations, error);
}

bool change_set_rate(struct change *change, unsigned per_hour, GError **error)
{
    g_autofree char *number = g_strdup_printf("%u", per_hour);

    change->relay = true;
    return database_run(change->database, error,
                        "UPDATE registration SET recipients_per_hour = nullif($2::integer, 0)"
                        " WHERE id = $1",
                        change->registration->id, number, DATABASE_END);
}

bool change_confirm(struct change *change, GError **error)
{
    return database_run(change->database, error,
                        "UPDATE registration SET confirmed_at = now() WHERE id = $1",
                        change->registration->id, DATABASE_END);
}

bool change_set_state(struct change *change, enum registration_state state, bool by_operator,
                      bool *taken, GError **error)
{
    static const char *const names[] = {
        [REGISTRATION_LIVE] = "live",
        [REGISTRATION_SUSPENDED] = "suspended",
        [REGISTRATION_RETIRED] = "retired",
    };
    g_autoptr(GError) reason = NULL;

    *taken = false;
    if (database_run(change->database, &reason,
                     "UPDATE registration SET state = $2::registration_state,"
                     " suspended_by_operator = $3 WHERE id = $1",
                     change->registration->id, names[state], by_operator ? "t" : "f",
                     DATABASE_END))
        return true;
    *taken = database_was_duplicate(change->database);
    if (*taken)
        return true;
    g_propagate_error(error, g_steal_pointer(&reason));
    return false;
}

/* ---- the end ------------------------------------------------------------------------------ */

static bool count_version(struct change *change, GError **error)
{
    return database_run(change->database, error,
                        "UPDATE registration SET version = version + 1,"
                        " relay_version = relay_version + $2::integer WHERE id = $1",
                        change->registration->id, change->relay ? "1" : "0", DATABASE_END);
}

/* The answer to COMMIT was lost. A number of the history is never given twice. */
static bool was_made(struct database *database, gint64 history, GError **error)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, history);
    auto_ptr(rows) rows =
        database_query(database, NULL, "SELECT FROM history WHERE id = $1", id, DATABASE_END);

    if (rows && rows_count(rows) == 0)
        (*error)->code = APPSMTP_ERROR_DATABASE;
    if (!rows || rows_count(rows) == 0)
        return false;
    g_clear_error(error);
    return true;
}

bool change_finish(struct change *change, const struct change_words *words, GError **error)
{
    const struct record record = {.id = change->registration->id,
                                  .actor = change->actor,
                                  .action = words->action,
                                  .before = change->before,
                                  .reason = words->reason ? words->reason : "",
                                  .notice = words->notice,
                                  .about = words->about,
                                  .value = words->value};
    g_autoptr(GError) reason = NULL;
    gint64 history = 0;

    if (!count_version(change, error) || !record_change(change->database, &record, &history, error))
        return false;
    change->finished = database_commit(change->database, &reason);
    if (change->finished)
        return true;
    change->finished = reason->code == APPSMTP_ERROR_UNKNOWN_OUTCOME;
    if (change->finished && was_made(change->database, history, &reason))
        return true;
    g_propagate_error(error, g_steal_pointer(&reason));
    return false;
}
