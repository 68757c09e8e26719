/* SPDX-License-Identifier: MIT
 *
 * Two connections: one migrates, the other asks the server how the first one fares.
 */
#include "adapters/database/migration.h"

#include "adapters/database/catalogue.h"
#include "adapters/database/script.h"
#include "base/error.h"

#define LOCK "7177"
#define OBSERVER_MS 5000
/* Seconds: from then on it is told of; so often; so long without a word from the server. */
#define TELL_FIRST 3
#define TELL_AGAIN 10
#define MOST_SILENCE 60
/* Of what differs. */
#define MOST_NAMED 10

struct migration {
    struct database *database;
    struct database *observer;
    void (*tell)(const char *line);
    char *process;             /* the server's, that works for us */
    const char *step;          /* "running 014-x.sql" */
    gint64 begun, told, heard; /* the step, the last line, the last answer: monotonic seconds */
    char *holders;             /* whom the last line said is waited for, or NULL */
    GPtrArray *run, *missing;  /* of the files, borrowed: those that were run, and the others */
    bool unsure;               /* one of them was run before checksums were kept */
};

static gint64 seconds_now(void)
{
    return g_get_monotonic_time() / G_USEC_PER_SEC;
}

static void begin_step(struct migration *migration, const char *step)
{
    migration->step = step;
    migration->begun = migration->heard = seconds_now();
    migration->told = migration->begun + TELL_FIRST - TELL_AGAIN;
    g_clear_pointer(&migration->holders, g_free);
}

/* ---- while it takes long ----------------------------------------------------------------- */

static bool set_out_of_touch(const struct migration *migration, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE,
                "could not ask the database: while %s, %s", migration->step, reason);
    return false;
}

static void tell_of(struct migration *migration, const char *holders)
{
    gint64 now = seconds_now();
    bool news = !g_str_equal(holders, migration->holders ? migration->holders : "");
    g_autofree char *line = NULL;

    if (now - migration->told < TELL_AGAIN && !news)
        return;
    line = g_strdup_printf("%s ... %" G_GINT64_FORMAT " s%s%s%s", migration->step,
                           now - migration->begun, *holders ? ": waiting for a lock that " : "",
                           holders, *holders ? " holds" : "");
    migration->tell(line);
    migration->told = now;
    g_free(migration->holders);
    migration->holders = g_strdup(holders);
}

/* NULL when the server did not answer, or our session has not begun. */
static struct rows *observe(struct migration *migration)
{
    if (!migration->process)
        return NULL;
    database_set_deadline(migration->observer, deadline_in(OBSERVER_MS));
    return database_query(
        migration->observer, NULL,
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1::integer) AS lives,"
        " (SELECT string_agg(DISTINCT CASE h.pid WHEN 0 THEN 'a prepared transaction' ELSE"
        "   format('process %s (%s)', h.pid, coalesce(nullif(a.application_name, ''), 'unnamed'))"
        "  END, ', ') FROM unnest(pg_blocking_pids($1::integer)) h (pid)"
        "  LEFT JOIN pg_stat_activity a USING (pid)) AS holders",
        migration->process, DATABASE_END);
}

/* As long as the server says that it is at work, it is waited for. */
static bool be_patient(void *data, GError **error)
{
    struct migration *migration = data;
    auto_ptr(rows) rows = observe(migration);

    if (!rows)
        return seconds_now() - migration->heard < MOST_SILENCE ||
               set_out_of_touch(migration, "the server was silent for a minute", error);
    migration->heard = seconds_now();
    if (!rows_get_bool(rows, 0, "lives"))
        return set_out_of_touch(migration, "the server ended the session", error);
    tell_of(migration, rows_get(rows, 0, "holders"));
    return true;
}

/* ---- the files that were run ------------------------------------------------------------- */

static bool take_migration_lock(struct migration *migration, GError **error)
{
    auto_ptr(rows) rows = database_query(migration->database, error,
                                         "SELECT pg_try_advisory_xact_lock(" LOCK ") AS alone,"
                                         " pg_backend_pid() AS process",
                                         DATABASE_END);

    if (!rows)
        return false;
    migration->process = g_strdup(rows_get(rows, 0, "process"));
    if (rows_get_bool(rows, 0, "alone"))
        return true;
    migration->tell("another appsmtp-admin init is running: waiting until it has ended");
    begin_step(migration, "waiting for its turn");
    return database_run(migration->database, error, "SELECT pg_advisory_xact_lock(" LOCK ")",
                        DATABASE_END);
}

static bool check_encoding(struct migration *migration, GError **error)
{
    auto_ptr(rows) rows = database_query(migration->database, error,
                                         "SELECT current_setting('server_encoding') AS encoding,"
                                         " quote_ident(current_database()) AS name",
                                         DATABASE_END);

    if (!rows)
        return false;
    if (g_str_equal(rows_get(rows, 0, "encoding"), "UTF8"))
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                "the database %s has the encoding %s, and must have UTF8: make it anew, with"
                " CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8'",
                rows_get(rows, 0, "name"), rows_get(rows, 0, "encoding"),
                rows_get(rows, 0, "name"));
    return false;
}

static struct schema_file *find_file(const GPtrArray *files, const char *name)
{
    for (guint i = 0; i < files->len; i++) {
        struct schema_file *file = g_ptr_array_index(files, i);
        if (g_str_equal(file->name, name))
            return file;
    }
    return NULL;
}

static bool check_row(struct migration *migration, const struct rows *rows, size_t row,
                      const GPtrArray *files, GError **error)
{
    const char *name = rows_get(rows, row, "name");
    const char *sha256 = rows_get(rows, row, "sha256");
    const struct schema_file *file = find_file(files, name);

    migration->unsure = migration->unsure || !*sha256;
    if (file && (!*sha256 || g_str_equal(sha256, file->sha256)))
        return true;
    if (!file)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "the schema is newer than this program: %s was run, and is not among its files",
                    name);
    else
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "%s has changed since it was run: its SHA-256 was %s, and is %s. Install the"
                    " file of then; what is to change stands in a new file",
                    name, sha256, file->sha256);
    return false;
}

static bool compare_files(struct migration *migration, const GPtrArray *files, GError **error)
{
    g_autoptr(GHashTable) run = g_hash_table_new(g_str_hash, g_str_equal);
    auto_ptr(rows) rows = database_query(
        migration->database, error,
        "SELECT f.name, to_jsonb(f) ->> 'sha256' AS sha256 FROM schema_file f ORDER BY f.name",
        DATABASE_END);

    if (!rows)
        return false;
    for (size_t row = 0; row < rows_count(rows); row++) {
        if (!check_row(migration, rows, row, files, error))
            return false;
        g_hash_table_add(run, (char *)rows_get(rows, row, "name"));
    }
    for (guint i = 0; i < files->len; i++) {
        struct schema_file *file = g_ptr_array_index(files, i);
        bool was_run = g_hash_table_contains(run, file->name);
        g_ptr_array_add(was_run ? migration->run : migration->missing, file);
    }
    return true;
}

/* ---- those of which no checksum was kept ------------------------------------------------- */

static bool refuse_differences(const GPtrArray *differences, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < differences->len && i < MOST_NAMED; i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "",
                               (char *)g_ptr_array_index(differences, i));
    if (differences->len > MOST_NAMED)
        g_string_append_printf(names, ", and %u more", differences->len - MOST_NAMED);
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                "the database is not what the files make that were run in it: %s. The files in"
                " brackets were changed after they were run here, or the database was. Nothing was"
                " done. Change the database to what these files say, as its owner, and run"
                " appsmtp-admin init again",
                names->str);
    return false;
}

static bool check_adopted(struct migration *migration, GError **error)
{
    g_autoptr(GPtrArray) differences = NULL;

    if (!migration->unsure)
        return true;
    begin_step(migration, "comparing the database with the files that were run");
    if (!catalogue_compare(migration->database, migration->run, &differences, error))
        return false;
    return differences->len == 0 || refuse_differences(differences, error);
}

/* ---- running ----------------------------------------------------------------------------- */

static bool run_file(struct migration *migration, const struct schema_file *file, GError **error)
{
    g_autofree char *step = g_strdup_printf("running %s", file->name);
    struct script_place place;
    bool good;

    begin_step(migration, step);
    good = database_script(migration->database, file->text, &place, error) &&
           database_run(migration->database, error, "INSERT INTO schema_file (name) VALUES ($1)",
                        file->name, DATABASE_END);
    begin_step(migration, "ending the migration");
    if (!good && *database_state(migration->database))
        g_prefix_error(error, "%s, line %u: ", file->name, script_line(file->text, &place));
    return good;
}

/* Last of all: nobody can read the table from then to the end, where it gets its column. */
static bool note_checksums(struct migration *migration, const GPtrArray *files, GError **error)
{
    auto_ptr(rows) rows = database_query(
        migration->database, error,
        "SELECT FROM pg_attribute WHERE attrelid = 'schema_file'::regclass AND attname = 'sha256'",
        DATABASE_END);

    if (!rows || (rows_count(rows) == 0 &&
                  !database_run(migration->database, error,
                                "ALTER TABLE schema_file ADD COLUMN sha256 text", DATABASE_END)))
        return false;
    for (guint i = 0; i < files->len; i++) {
        const struct schema_file *file = g_ptr_array_index(files, i);
        if (!database_run(migration->database, error,
                          "UPDATE schema_file SET sha256 = $2 WHERE name = $1 AND sha256 IS NULL",
                          file->name, file->sha256, DATABASE_END))
            return false;
    }
    return true;
}

static bool migrate(struct migration *migration, const GPtrArray *files, GError **error)
{
    if (!database_begin(migration->database, error) || !take_migration_lock(migration, error) ||
        !check_encoding(migration, error) ||
        !database_run(migration->database, error,
                      "CREATE TABLE IF NOT EXISTS schema_file (name text PRIMARY KEY,"
                      " applied_at timestamptz NOT NULL DEFAULT now())",
                      DATABASE_END) ||
        !compare_files(migration, files, error) || !check_adopted(migration, error))
        return false;
    for (guint i = 0; i < migration->missing->len; i++)
        if (!run_file(migration, g_ptr_array_index(migration->missing, i), error))
            return false;
    return note_checksums(migration, files, error) && database_commit(migration->database, error);
}

static void tell_files(const struct migration *migration, const GPtrArray *files)
{
    for (guint i = 0; i < files->len; i++) {
        const struct schema_file *file = g_ptr_array_index(files, i);
        g_autofree char *line = g_strdup_printf("ran %s", file->name);
        migration->tell(line);
    }
}

bool migration_run(struct database *database, void (*tell)(const char *line), GError **error)
{
    g_autoptr(GPtrArray) files = schema_files(error);
    g_autoptr(GPtrArray) run = g_ptr_array_new(), missing = g_ptr_array_new();
    auto_ptr(database) observer = database_another(database);
    struct migration migration = {
        .database = database, .observer = observer, .tell = tell, .run = run, .missing = missing};
    bool good;

    if (!files)
        return false;
    begin_step(&migration, "beginning the migration");
    database_be_patient(database, be_patient, &migration);
    good = migrate(&migration, files, error);
    if (!good)
        database_rollback(database);
    database_be_patient(database, NULL, NULL);
    if (good)
        tell_files(&migration, missing);
    g_free(migration.process);
    g_free(migration.holders);
    return good;
}
