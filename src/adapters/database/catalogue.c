/* SPDX-License-Identifier: MIT
 *
 * Two readings of the catalogue, and what differs between them.
 */
#include "adapters/database/catalogue.h"

#include "base/error.h"

#define HERE "public"
#define BESIDE "appsmtp_comparison"

/* One thing of a schema, by its name: 'column "in_doubt" of table "notice"'. */
struct thing {
    char *part_of;    /* the name of another thing, or "" */
    char *definition; /* in the server's words, with names as the search_path shortens them */
    const char *file; /* that made it so; NULL: not known */
};

static void thing_free(gpointer data)
{
    struct thing *thing = data;

    g_free(thing->part_of);
    g_free(thing->definition);
    g_free(thing);
}

/* ---- reading ----------------------------------------------------------------------------- */

static char *swap_words(const char *text, const char *from, const char *to)
{
    g_auto(GStrv) parts = g_strsplit(text, from, -1);

    return g_strjoinv(to, parts);
}

/* Of the schema that is current. The table schema_file is the migration's own. */
#define TABLES                                                                              \
    "(SELECT oid, relname, relacl,"                                                         \
    " format('%s %I', CASE relkind WHEN 'v' THEN 'view' ELSE 'table' END, relname) AS name" \
    " FROM pg_class WHERE relnamespace = current_schema()::regnamespace"                    \
    " AND relkind IN ('r', 'p', 'v') AND relname <> 'schema_file') t"
#define FUNCTIONS                                                                          \
    "(SELECT p.*, format('function %I(%s)', proname, oidvectortypes(proargtypes)) AS name" \
    " FROM pg_proc p WHERE pronamespace = current_schema()::regnamespace AND NOT EXISTS"   \
    " (SELECT FROM pg_depend WHERE objid = p.oid AND classid = 'pg_proc'::regclass"        \
    "  AND deptype = 'e')) f"
/* Of an access control list: those of the programs' roles, and of everybody. */
#define RIGHTS(list)                                                            \
    "LATERAL (SELECT privilege_type, coalesce(rolname, 'everybody') AS grantee" \
    " FROM aclexplode(" list ") x LEFT JOIN pg_roles r ON r.oid = x.grantee"    \
    " WHERE x.grantee = 0"                                                      \
    " OR rolname IN ('appsmtp_portal', 'appsmtp_export', 'appsmtp_notify')) a"

/* Each: thing, part_of, definition. */
static const char *const readings[] = {
    "SELECT name AS thing, '' AS part_of, concat_ws(' ', relkind, reloptions,"
    " CASE relkind WHEN 'v' THEN pg_get_viewdef(oid, true) END) AS definition"
    " FROM pg_class JOIN " TABLES " USING (oid)",

    "SELECT format('column %I of %s', attname, name) AS thing, name AS part_of,"
    " concat_ws(' ', format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END,"
    "  attidentity, attgenerated, pg_get_expr(adbin, adrelid, true)) AS definition"
    " FROM pg_attribute JOIN " TABLES " ON attrelid = t.oid"
    " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
    " WHERE attnum > 0 AND NOT attisdropped",

    /* NOT NULL is the column's, and a constraint too as of PostgreSQL 18. */
    "SELECT format('constraint %I of %s', conname, name) AS thing, name AS part_of,"
    " pg_get_constraintdef(c.oid, true) AS definition"
    " FROM pg_constraint c JOIN " TABLES " ON conrelid = t.oid WHERE contype NOT IN ('n', 't')",

    "SELECT format('index %I of %s', c.relname, name) AS thing, name AS part_of,"
    " concat_ws(' ', pg_get_indexdef(indexrelid, 0, true), indisvalid) AS definition"
    " FROM pg_index JOIN " TABLES " ON indrelid = t.oid JOIN pg_class c ON c.oid = indexrelid"
    " WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid"
    "  AND conrelid = indrelid)",

    "SELECT format('trigger %I of %s', tgname, name) AS thing, name AS part_of,"
    " concat_ws(' ', pg_get_triggerdef(g.oid, true), tgenabled) AS definition"
    " FROM pg_trigger g JOIN " TABLES " ON tgrelid = t.oid WHERE NOT tgisinternal",

    "SELECT name AS thing, '' AS part_of, concat_ws(' ', pg_get_function_arguments(f.oid),"
    " pg_get_function_result(f.oid), lanname, provolatile, prosecdef, proisstrict, proconfig,"
    " prosrc) AS definition FROM " FUNCTIONS " JOIN pg_language l ON l.oid = prolang",

    "SELECT format('type %I', typname) AS thing, '' AS part_of,"
    " string_agg(enumlabel, ', ' ORDER BY enumsortorder) AS definition"
    " FROM pg_type y JOIN pg_enum ON enumtypid = y.oid"
    " WHERE typnamespace = current_schema()::regnamespace GROUP BY typname",

    "SELECT format('the right of %s to %s %s', grantee, privilege_type, name) AS thing,"
    " name AS part_of, '' AS definition FROM " TABLES
    ", " RIGHTS("relacl") " WHERE grantee <> 'everybody'",

    "SELECT format('the right of %s to %s column %I of %s', grantee, privilege_type, attname,"
    " name) AS thing, name AS part_of, '' AS definition"
    " FROM pg_attribute JOIN " TABLES
    " ON attrelid = t.oid, " RIGHTS("attacl") " WHERE grantee <> 'everybody' AND NOT attisdropped",

    "SELECT format('the right of %s to %s %s', grantee, privilege_type, name) AS thing,"
    " name AS part_of, '' AS definition"
    " FROM " FUNCTIONS ", " RIGHTS("coalesce(proacl, acldefault('f', proowner))"),
};

static void note_things(GHashTable *things, const struct rows *rows, GHashTable *before,
                        const char *file)
{
    for (size_t row = 0; row < rows_count(rows); row++) {
        const char *name = rows_get(rows, row, "thing");
        const struct thing *old = before ? g_hash_table_lookup(before, name) : NULL;
        struct thing *thing = g_new0(struct thing, 1);

        thing->part_of = g_strdup(rows_get(rows, row, "part_of"));
        thing->definition = swap_words(rows_get(rows, row, "definition"), BESIDE, HERE);
        thing->file = old && g_str_equal(old->definition, thing->definition) ? old->file : file;
        g_hash_table_insert(things, g_strdup(name), thing);
    }
}

/*
 * What the current schema holds: struct thing by name. before: the reading before that file was
 * run, or NULL; what is as it was then keeps its file.
 */
static GHashTable *read_things(struct database *database, GHashTable *before, const char *file,
                               GError **error)
{
    g_autoptr(GHashTable) things =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, thing_free);

    for (size_t i = 0; i < G_N_ELEMENTS(readings); i++) {
        auto_ptr(rows) rows = database_query_list(database, NULL, readings[i], error);
        if (!rows)
            return NULL;
        note_things(things, rows, before, file);
    }
    return g_steal_pointer(&things);
}

/* ---- making ------------------------------------------------------------------------------ */

static bool enter_schema(struct database *database, const char *schema, GError **error)
{
    return database_run(database, error, "SELECT set_config('search_path', $1, true)", schema,
                        DATABASE_END);
}

static bool make_schema(struct database *database, GError **error)
{
    return database_run(database, error, "CREATE SCHEMA " BESIDE, DATABASE_END) &&
           enter_schema(database, BESIDE, error) &&
           database_run(database, error,
                        "CREATE TABLE schema_file (LIKE " HERE ".schema_file INCLUDING ALL)",
                        DATABASE_END);
}

/* Where a file names the schema that it is for, it gets this one. */
static bool run_beside(struct database *database, const struct schema_file *file, GError **error)
{
    g_autofree char *script = swap_words(file->text, HERE, BESIDE);
    struct script_place place;

    return database_script(database, script, &place, error);
}

static GHashTable *make_things(struct database *database, const GPtrArray *files, GError **error)
{
    g_autoptr(GHashTable) things = NULL;

    if (!make_schema(database, error))
        return NULL;
    for (guint i = 0; i < files->len; i++) {
        const struct schema_file *file = g_ptr_array_index(files, i);
        GHashTable *next = run_beside(database, file, error)
                               ? read_things(database, things, file->name, error)
                               : NULL;
        if (!next) {
            g_prefix_error(error, "%s, to see what it makes: ", file->name);
            return NULL;
        }
        g_clear_pointer(&things, g_hash_table_unref);
        things = next;
    }
    return g_steal_pointer(&things);
}

/* ---- comparing --------------------------------------------------------------------------- */

static void find_other(GPtrArray *differences, GHashTable *made, GHashTable *here)
{
    GHashTableIter iter;
    gpointer name, value;

    g_hash_table_iter_init(&iter, made);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        const struct thing *thing = value, *found = g_hash_table_lookup(here, name);
        bool alone = !*thing->part_of || g_hash_table_contains(here, thing->part_of);

        if (!found && alone)
            g_ptr_array_add(differences,
                            g_strdup_printf("%s is missing (%s)", (char *)name, thing->file));
        if (found && !g_str_equal(found->definition, thing->definition))
            g_ptr_array_add(differences,
                            g_strdup_printf("%s differs (%s)", (char *)name, thing->file));
    }
}

static void find_more(GPtrArray *differences, GHashTable *made, GHashTable *here)
{
    GHashTableIter iter;
    gpointer name, value;

    g_hash_table_iter_init(&iter, here);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        const struct thing *thing = value, *whole = g_hash_table_lookup(made, thing->part_of);

        if (whole && !g_hash_table_contains(made, name))
            g_ptr_array_add(differences,
                            g_strdup_printf("%s is unexpected (%s)", (char *)name, whole->file));
    }
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    const char *const *one = a, *const *other = b;

    return strcmp(*one, *other);
}

bool catalogue_compare(struct database *database, const GPtrArray *files, GPtrArray **differences,
                       GError **error)
{
    g_autoptr(GHashTable) here = NULL, made = NULL;

    if (!database_run(database, error, "SAVEPOINT " BESIDE, DATABASE_END) ||
        !enter_schema(database, HERE, error) ||
        !(here = read_things(database, NULL, NULL, error)) ||
        !(made = make_things(database, files, error)) ||
        !database_run(database, error, "ROLLBACK TO SAVEPOINT " BESIDE, DATABASE_END))
        return false;
    *differences = g_ptr_array_new_with_free_func(g_free);
    find_other(*differences, made, here);
    find_more(*differences, made, here);
    g_ptr_array_sort(*differences, by_text);
    return true;
}
