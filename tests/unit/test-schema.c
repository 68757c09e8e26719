/* SPDX-License-Identifier: MIT
 *
 * Creating and migrating the schema at a real server: what is refused, what is told,
 * and what programs say of a schema that is not theirs.
 */
#include "postgres.h"
#include "adapters/database/migration.h"
#include "base/error.h"

#include <glib/gstdio.h>

static struct postgres *server;
static struct database_settings *settings;
static char *folder; /* "schema" is in it: the installed files, or fewer, or more */
static GPtrArray *told;

static void hear(const char *line)
{
    g_test_message("%s", line);
    g_ptr_array_add(told, g_strdup(line));
}

static bool was_told(const char *part)
{
    for (guint i = 0; i < told->len; i++)
        if (strstr(told->pdata[i], part))
            return true;
    return false;
}

/* ---- the files --------------------------------------------------------------------------- */

static char *path_of(const char *file)
{
    return g_build_filename(folder, "schema", file, NULL);
}

static void write_file(const char *file, const char *text)
{
    g_autofree char *path = path_of(file);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static char *contents_of(const char *file)
{
    g_autofree char *path = path_of(file);
    char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void drop_file(const char *file)
{
    g_autofree char *path = path_of(file);

    g_assert_cmpint(g_unlink(path), ==, 0);
}

static void drop_files_from(const char *first)
{
    g_autofree char *name = g_build_filename(folder, "schema", NULL);
    g_autoptr(GDir) directory = g_dir_open(name, 0, NULL);

    for (const char *file; (file = g_dir_read_name(directory));)
        if (strcmp(file, first) >= 0)
            drop_file(file);
}

static void copy_schema(void)
{
    g_autofree char *script = g_strdup_printf("mkdir -p '%s/schema' && rm -f '%s'/schema/* &&"
                                              " cp '%s'/../schema/*.sql '%s/schema'",
                                              folder, folder, g_getenv("TEST_SRCDIR"), folder);
    const char *const words[] = {"/bin/sh", "-c", script, NULL};
    int status;

    g_assert_true(g_spawn_sync(NULL, (char **)words, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL,
                               &status, NULL));
    g_assert_cmpint(status, ==, 0);
}

/* ---- the database ------------------------------------------------------------------------ */

static struct database *open_as(const struct database_role *role)
{
    g_autoptr(GError) error = NULL;
    struct database *database = database_new(settings, role, 0, &error);

    g_assert_no_error(error);
    return database;
}

static bool migrate(GError **error)
{
    auto_ptr(database) database = open_as(&settings->admin);

    g_ptr_array_set_size(told, 0);
    return migration_run(database, hear, error);
}

static void migrate_well(void)
{
    g_autoptr(GError) error = NULL;

    migrate(&error);
    g_assert_no_error(error);
}

/* Nothing of it is there afterwards, and nothing was said to have been done. Caller frees. */
static char *refusal(int code)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(migrate(&error));
    g_test_message("%s", error->message);
    g_assert_error(error, APPSMTP_ERROR, code);
    g_assert_false(was_told("ran "));
    return g_strdup(error->message);
}

static void expect_refusal(int code, const char *part, const char *other)
{
    g_autofree char *message = refusal(code);

    g_assert_nonnull(strstr(message, part));
    g_assert_nonnull(strstr(message, other));
}

static void expect_sql(const char *statement, const char *answer)
{
    g_autofree char *got = postgres_sql(server, statement);

    g_assert_cmpstr(got, ==, answer);
}

static void run_sql(const char *statements)
{
    g_free(postgres_sql(server, statements));
}

/* An empty database and the installed files. */
static void start_anew(void)
{
    run_sql("SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public "
            "AUTHORIZATION appsmtp_owner");
    copy_schema();
}

/* ---- what is run ------------------------------------------------------------------------- */

static void test_run(void)
{
    start_anew();
    migrate_well();
    g_assert_true(was_told("ran 001-registrations.sql"));
    expect_sql("SELECT count(*) FROM schema_file WHERE sha256 IS NULL", "0");
    migrate_well();
    g_assert_cmpuint(told->len, ==, 0);
}

/* ---- what was run before checksums were kept --------------------------------------------- */

/* As the last release without checksums left it, which had the files up to 013. */
static void start_old(const char *differences)
{
    start_anew();
    drop_files_from("014");
    migrate_well();
    run_sql("ALTER TABLE schema_file DROP COLUMN sha256");
    run_sql(differences);
    copy_schema();
}

/* All that is there, and whose it is: one text. */
static char *picture_of_all(void)
{
    return postgres_sql(
        server,
        "SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM (SELECT c, attname, atttypid, attacl"
        " FROM pg_class c LEFT JOIN pg_attribute ON attrelid = c.oid WHERE relnamespace ="
        " 'public'::regnamespace UNION ALL SELECT NULL, nspname, NULL, nspacl FROM pg_namespace)"
        " x");
}

#define MOST_PARTS 8

/* What files of then made otherwise, or left out. */
static const struct {
    const char *then;
    const char *parts[MOST_PARTS];
} olds[] = {
    /* 001 before failures of sign-in were numbered, 003 before a notice could be in doubt */
    {"DROP INDEX export_run_relay; CREATE INDEX export_run_relay ON export_run (relay, id);"
     "ALTER TABLE sign_in_failure DROP COLUMN id; ALTER TABLE notice DROP COLUMN in_doubt;",
     {"index export_run_relay of table export_run differs (001-registrations.sql)",
      "column id of table sign_in_failure is missing (001-registrations.sql)",
      "constraint sign_in_failure_pkey of table sign_in_failure is missing (001-",
      "column in_doubt of table notice is missing (003-notices.sql)",
      "constraint notice_in_doubt_check of table notice is missing (003-notices.sql)",
      "the right of appsmtp_notify to UPDATE column in_doubt of table notice is missing (003-"}},
    /* 007 as it was first, and 011 before reports of rates waited for nobody */
    {"ALTER TABLE ownership_check DROP CONSTRAINT ownership_check_fault_check,"
     " ADD CONSTRAINT ownership_check_fault_check CHECK (fault IN ('not-found', 'nobody'));"
     "REVOKE UPDATE (account_id) ON registration FROM appsmtp_notify;"
     "DROP TRIGGER registration_forget_findings ON registration;"
     "DROP FUNCTION registration_forget_findings(), source_is_replaced(source, timestamptz);"
     "ALTER TABLE relay_rate ADD FOREIGN KEY (registration_id) REFERENCES registration",
     {"constraint ownership_check_fault_check of table ownership_check differs (007-standing.sql)",
      "right of appsmtp_notify to UPDATE column account_id of table registration is missing (007-",
      "function registration_forget_findings() is missing (007-standing.sql)",
      "trigger registration_forget_findings of table registration is missing (007-standing.sql)",
      "function source_is_replaced(source, timestamp with time zone) is missing (007-",
      "constraint relay_rate_registration_id_fkey of table relay_rate is unexpected (011-"}},
    /* the kinds that are not above; a later file has changed the function */
    {"ALTER TABLE notice ALTER kind DROP NOT NULL, ALTER attempts DROP DEFAULT;"
     "CREATE OR REPLACE VIEW suspended_by_notify AS SELECT registration_id, cause FROM suspension;"
     "ALTER TYPE registration_state ADD VALUE 'lost'; GRANT DELETE ON history TO appsmtp_portal;"
     "GRANT EXECUTE ON FUNCTION registration_forget_findings() TO PUBLIC;"
     "CREATE OR REPLACE FUNCTION on_relay_since(changed_at timestamptz, changed_in xid8) RETURNS"
     " timestamptz LANGUAGE sql STABLE AS 'SELECT max(finished_at) FROM export_run'",
     {"column kind of table notice differs (001-registrations.sql)",
      "column attempts of table notice differs (001-registrations.sql)",
      "view suspended_by_notify differs (007-standing.sql)",
      "type registration_state differs (001-registrations.sql)",
      "the right of appsmtp_portal to DELETE table history is unexpected (001-registrations.sql)",
      "the right of everybody to EXECUTE function registration_forget_findings() is unexpected (0",
      "function on_relay_since(timestamp with time zone, xid8) differs (009-rollback.sql)"}},
    /* More than are named: whatever hangs on a table goes with it. */
    {"DROP TABLE notice, session, draft, sign_in_failure, suspension, reminder, absent_owner,"
     " ownership_check, relay_rate, export_run, source_use CASCADE",
     {"table absent_owner is missing (003-notices.sql)", ", and 4 more. "}},
};

static void expect_named(const char *const *parts)
{
    g_autofree char *message = refusal(APPSMTP_ERROR_CONFIGURATION);

    for (size_t i = 0; i < MOST_PARTS && parts[i]; i++)
        g_assert_nonnull(strstr(message, parts[i]));
}

static void test_adopt_differing(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(olds); i++) {
        g_autofree char *before = NULL, *after = NULL;

        start_old(olds[i].then);
        before = picture_of_all();
        expect_named(olds[i].parts);
        after = picture_of_all();
        g_assert_cmpstr(before, ==, after);
    }
}

static void expect_adopted(void)
{
    migrate_well();
    g_assert_cmpstr(told->pdata[0], ==, "ran 014-operations.sql");
    expect_sql("SELECT count(*) FROM schema_file WHERE sha256 IS NULL", "0");
    expect_sql("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'appsmtp%'", "0");
}

/* One that a refusal was heeded in, and one to which its site has added something. */
static void test_adopt(void)
{
    start_old("SELECT 1");
    expect_adopted();
    start_old("ALTER TABLE notice DROP COLUMN in_doubt");
    expect_refusal(APPSMTP_ERROR_CONFIGURATION, "in_doubt", "");
    run_sql("ALTER TABLE notice ADD COLUMN in_doubt smallint NOT NULL DEFAULT 0"
            " CHECK (in_doubt BETWEEN 0 AND 2); GRANT UPDATE (in_doubt) ON notice TO"
            " appsmtp_notify");
    expect_adopted();
    start_old("CREATE TABLE ours (n integer PRIMARY KEY); CREATE VIEW ours_too AS SELECT FROM ours;"
              "CREATE FUNCTION ours() RETURNS integer LANGUAGE sql AS 'SELECT 1';"
              "GRANT SELECT ON registration TO super; ALTER TABLE notice ADD COLUMN gone text;"
              "ALTER TABLE notice DROP COLUMN gone");
    expect_adopted();
}

/* As it comes out of pg_dump. */
static void test_adopt_restored(void)
{
    g_autofree char *script =
        g_strdup_printf("export PGHOST='%s' PGPORT=%u PGUSER=super; f='%s/dump'; d=appsmtp;"
                        " pg_dump -f \"$f\" $d && psql -q $d -c 'SET client_min_messages = warning;"
                        " DROP SCHEMA public CASCADE; CREATE SCHEMA public'"
                        " && psql -q -v ON_ERROR_STOP=1 -f \"$f\" $d >/dev/null",
                        server->folder, server->port, folder);
    const char *const words[] = {"/bin/sh", "-c", script, NULL};
    int status;

    start_old("SELECT 1");
    g_assert_true(g_spawn_sync(NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, &status, NULL));
    g_assert_cmpint(status, ==, 0);
    expect_adopted();
}

/* Where nothing is to be adopted nothing is compared: a site may do as it likes. */
static void test_no_comparison(void)
{
    start_anew();
    migrate_well();
    run_sql("CREATE INDEX ours ON notice (made_at)");
    write_file("900-more.sql", "CREATE TABLE more ();");
    migrate_well();
    g_assert_cmpuint(told->len, ==, 1);
    g_assert_true(was_told("ran 900-more.sql"));
}

/* ---- what is refused --------------------------------------------------------------------- */

static void test_changed(void)
{
    g_autofree char *text = NULL, *longer = NULL;

    start_anew();
    migrate_well();
    text = contents_of("003-notices.sql");
    longer = g_strconcat(text, "-- one word more\n", NULL);
    write_file("003-notices.sql", longer);
    write_file("900-more.sql", "CREATE TABLE more ();");
    expect_refusal(APPSMTP_ERROR_CONFIGURATION, "003-notices.sql", "has changed");
    write_file("003-notices.sql", text);
    migrate_well();
    drop_file("900-more.sql");
    expect_refusal(APPSMTP_ERROR_CONFIGURATION, "900-more.sql", "newer");
}

static void test_line(void)
{
    static const struct {
        const char *text;
        const char *part;
    } cases[] = {
        {"CREATE TABLE a (n integer);\n\nSELECT 1\n  FROM nowhere;\n", "line 4: "},
        {"-- \303\244;\nSELECT 'a;\n\303\266;';\nSELECT\n  nothing;\n", "line 5: "},
        /* Those that the server points at nothing in. */
        {"SELECT 1;\n\nSELECT 1 / 0;\n", "line 3: "},
        {"SELECT ';', \"n;\" FROM (SELECT 1 \"n;\") x; -- ;\n/* ; */\nSELECT $$;$$,\n$a$ "
         "$$;\n$a$;\n\n"
         "-- what follows\nSELECT 1 / 0;\nSELECT 2;",
         "line 8: "},
        {"SELECT E'\\';'; SELECT 1 / 0;", "line 1: "},
    };

    start_anew();
    migrate_well();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        write_file("900-more.sql", cases[i].text);
        expect_refusal(APPSMTP_ERROR_DATABASE, "900-more.sql, ", cases[i].part);
        expect_refusal(APPSMTP_ERROR_DATABASE, "the database refused a statement", "");
        expect_sql("SELECT count(*) FROM schema_file WHERE name = '900-more.sql'", "0");
    }
}

static void test_encoding(void)
{
    struct postgres *ascii = postgres_new("SQL_ASCII");
    g_autofree char *words = g_strdup_printf("host=%s port=%u", ascii->folder, ascii->port);
    struct database_settings *there = postgres_settings(ascii, words);
    auto_ptr(database) database = database_new(there, &there->admin, 0, NULL);
    g_autoptr(GError) error = NULL;

    copy_schema();
    g_free(postgres_sql(ascii, "ALTER SCHEMA public OWNER TO appsmtp_owner"));
    g_assert_false(migration_run(database, hear, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION);
    g_assert_nonnull(strstr(error->message, "SQL_ASCII"));
    g_assert_nonnull(strstr(error->message, "ENCODING 'UTF8'"));
    g_clear_pointer(&database, database_free);
    postgres_settings_free(there);
    postgres_free(ascii);
}

/* ---- a restored database ----------------------------------------------------------------- */

static void record_export(void)
{
    auto_ptr(database) database = open_as(&settings->export);
    g_autoptr(GError) error = NULL;

    database_run(
        database, &error,
        "INSERT INTO export_run (relay, generation, snapshot, started_at, outcome, senders,"
        " sources) VALUES ('relay', 1, pg_current_snapshot(), now(), 'published', 1, 1)",
        DATABASE_END);
    g_assert_no_error(error);
}

#define ON_RELAY "SELECT count(on_relay_since(changed_at, changed_in)) FROM registration"

/* Its transactions have ids that the new cluster has not reached. */
static void test_restored(void)
{
    start_anew();
    migrate_well();
    run_sql(
        "WITH r AS (INSERT INTO registration (id, address, application_name, application_type,"
        " account_id, account_label) VALUES (gen_random_uuid(), 'a@example.edu', 'a', 'scanner',"
        " 'x', 'x') RETURNING id), o AS (INSERT INTO registration_owner (registration_id, login,"
        " added_by) SELECT id, 'x', 'x' FROM r), l AS (INSERT INTO registration_location"
        " SELECT id, 'campus' FROM r) INSERT INTO source (id, registration_id, added_by, network)"
        " SELECT gen_random_uuid(), id, 'x', '10.0.0.1' FROM r;");
    record_export();
    expect_sql(ON_RELAY, "1");
    run_sql("ALTER TABLE registration DISABLE TRIGGER ALL; UPDATE registration SET changed_in ="
            " '99999999'; ALTER TABLE registration ENABLE TRIGGER ALL");
    expect_sql(ON_RELAY, "0");
    record_export();
    expect_sql(ON_RELAY, "0");
    record_export();
    expect_sql(ON_RELAY, "1");
}

/* ---- what takes long --------------------------------------------------------------------- */

static void say_nothing(const char *line G_GNUC_UNUSED)
{
}

static void *migrate_beside(void *done)
{
    auto_ptr(database) database = open_as(&settings->admin);
    g_autoptr(GError) error = NULL;

    migration_run(database, say_nothing, &error);
    g_assert_no_error(error);
    g_atomic_int_set((int *)done, 1);
    return NULL;
}

static void wait_for_sql(const char *statement, const char *answer)
{
    g_autofree char *got = NULL;

    for (int i = 0; i < 400 && g_strcmp0(got, answer) != 0; i++) {
        g_free(got);
        got = postgres_sql(server, statement);
        g_usleep(50000);
    }
    g_assert_cmpstr(got, ==, answer);
}

/* A second run says so and waits, however long the first one takes. */
static void test_two_at_once(void)
{
    int done = 0;
    GThread *other;

    start_anew();
    migrate_well();
    write_file("900-slow.sql", "CREATE TABLE slow (); SELECT pg_sleep(4);");
    other = g_thread_new("other", migrate_beside, &done);
    wait_for_sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(4)%'"
                 " AND pid <> pg_backend_pid()",
                 "1");
    migrate_well();
    g_assert_true(was_told("another appsmtp-admin init is running"));
    g_assert_true(was_told("waiting for its turn ... "));
    g_assert_false(was_told("ran "));
    g_thread_join(other);
    g_assert_cmpint(done, ==, 1);
    expect_sql("SELECT count(*) FROM schema_file WHERE name = '900-slow.sql'", "1");
}

/* Longer than a deadline, behind a lock that a program holds. */
static void *hold_lock(void *taken)
{
    auto_ptr(database) database = open_as(&settings->portal);

    g_assert_true(database_begin(database, NULL));
    g_assert_true(database_run(database, NULL, "SELECT FROM registration", DATABASE_END));
    g_atomic_int_set((int *)taken, 1);
    g_usleep(3 * G_USEC_PER_SEC);
    database_rollback(database);
    return NULL;
}

static void test_lock_and_progress(void)
{
    int taken = 0;
    GThread *other;

    start_anew();
    migrate_well();
    write_file("900-slow.sql",
               "ALTER TABLE registration ADD COLUMN more text; SELECT pg_sleep(2);");
    other = g_thread_new("other", hold_lock, &taken);
    while (!g_atomic_int_get(&taken))
        g_usleep(10000);
    migrate_well();
    g_thread_join(other);
    g_assert_true(was_told(": waiting for a lock that process "));
    g_assert_true(was_told("test-schema) holds"));
    /* Once the lock is had. */
    g_assert_true(g_str_has_suffix(told->pdata[told->len - 2], " s"));
    g_assert_cmpstr(told->pdata[told->len - 1], ==, "ran 900-slow.sql");
}

/* ---- what the programs say --------------------------------------------------------------- */

static void expect_state(enum schema_state state)
{
    const struct database_role *const roles[] = {&settings->portal, &settings->export,
                                                 &settings->notify, &settings->admin};

    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++) {
        auto_ptr(database) database = open_as(roles[i]);
        g_autoptr(GError) error = NULL;
        enum schema_state seen;
        g_assert_true(schema_look(database, &seen, &error));
        g_assert_cmpint(seen, ==, state);
    }
}

/* In a transaction and outside; and one that is refused for another reason. */
static void expect_reason(const char *sentence)
{
    auto_ptr(database) database = open_as(&settings->notify);

    for (int inside = 0; inside < 2; inside++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GError) other = NULL;
        g_assert_true(!inside || database_begin(database, NULL));
        g_assert_false(database_run(database, &error, "SELECT nothing FROM notice", DATABASE_END));
        g_assert_nonnull(strstr(error->message, sentence));
        database_rollback(database);
        g_assert_false(database_run(database, &other, "SELECT 1 / 0", DATABASE_END));
        g_assert_null(strstr(other->message, "schema"));
    }
}

static void test_state(void)
{
    start_anew();
    expect_state(SCHEMA_ABSENT);
    expect_reason("the database has no schema yet: run appsmtp-admin init");
    migrate_well();
    expect_state(SCHEMA_CURRENT);
    expect_reason("the database refused a statement");
    write_file("900-more.sql", "CREATE TABLE more ();");
    expect_state(SCHEMA_OLDER);
    expect_reason("the schema is older than this program: run appsmtp-admin init");
    migrate_well();
    drop_file("900-more.sql");
    expect_state(SCHEMA_NEWER);
    expect_reason("the schema is newer than this program");
}

/* Before the checksums, and before everybody might read what was run. */
static void test_state_of_before(void)
{
    start_anew();
    migrate_well();
    run_sql("ALTER TABLE schema_file DROP COLUMN sha256; DELETE FROM schema_file WHERE name LIKE "
            "'014%';"
            "REVOKE ALL ON schema_file FROM appsmtp_export, appsmtp_notify");
    expect_state(SCHEMA_OLDER);
    expect_reason("the schema is older than this program: run appsmtp-admin init");
}

int main(int argc, char **argv)
{
    g_autofree char *words = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    server = postgres_new("UTF8");
    words = g_strdup_printf("host=%s port=%u", server->folder, server->port);
    settings = postgres_settings(server, words);
    folder = g_build_filename(server->folder, "share", NULL);
    g_setenv("APPSMTP_DATADIR", folder, TRUE);
    told = g_ptr_array_new_with_free_func(g_free);
    g_test_add_func("/schema/run", test_run);
    g_test_add_func("/schema/adopt", test_adopt);
    g_test_add_func("/schema/adopt/differing", test_adopt_differing);
    g_test_add_func("/schema/adopt/restored", test_adopt_restored);
    g_test_add_func("/schema/no-comparison", test_no_comparison);
    g_test_add_func("/schema/changed", test_changed);
    g_test_add_func("/schema/line", test_line);
    g_test_add_func("/schema/encoding", test_encoding);
    g_test_add_func("/schema/restored", test_restored);
    g_test_add_func("/schema/two-at-once", test_two_at_once);
    g_test_add_func("/schema/lock-and-progress", test_lock_and_progress);
    g_test_add_func("/schema/state", test_state);
    g_test_add_func("/schema/state/before", test_state_of_before);
    status = g_test_run();
    g_ptr_array_unref(told);
    postgres_settings_free(settings);
    g_free(folder);
    postgres_free(server);
    return status;
}
