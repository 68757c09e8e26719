/* SPDX-License-Identifier: MIT
 *
 * The numbered files of schema/, each run once.
 */
#include "adapters/database/schema.h"

#include "base/error.h"

static gint by_name(gconstpointer a, gconstpointer b)
{
    return g_strcmp0(*(char *const *)a, *(char *const *)b);
}

/* The names of the numbered files, in order; of char *. */
static GPtrArray *numbered_files(const char *folder, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) directory = g_dir_open(folder, 0, error);

    if (!directory)
        return NULL;
    for (const char *name; (name = g_dir_read_name(directory));)
        if (g_ascii_isdigit(*name) && g_str_has_suffix(name, ".sql"))
            g_ptr_array_add(files, g_strdup(name));
    if (files->len == 0) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "there is no numbered SQL file in \"%s\"", folder);
        return NULL;
    }
    g_ptr_array_sort(files, by_name);
    return g_steal_pointer(&files);
}

static bool is_applied(struct database *database, const char *file, bool *applied, GError **error)
{
    auto_ptr(rows) rows = database_query(
        database, error, "SELECT FROM schema_file WHERE name = $1", file, DATABASE_END);

    if (!rows)
        return false;
    *applied = rows_count(rows) > 0;
    return true;
}

static bool apply(struct database *database, const char *folder, const char *file,
                  void (*applied)(const char *file), GError **error)
{
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_autofree char *script = NULL;
    bool known = false;

    if (!is_applied(database, file, &known, error))
        return false;
    if (known)
        return true;
    if (!g_file_get_contents(path, &script, NULL, error) ||
        !database_script(database, script, error) ||
        !database_run(database, error, "INSERT INTO schema_file (name) VALUES ($1)", file,
                      DATABASE_END)) {
        g_prefix_error(error, "%s: ", file);
        return false;
    }
    applied(file);
    return true;
}

/* One transaction for all: a schema is never half there. The lock keeps a second run waiting. */
bool schema_migrate(struct database *database, const char *folder,
                    void (*applied)(const char *file), GError **error)
{
    g_autoptr(GPtrArray) files = numbered_files(folder, error);
    bool good;

    if (!files || !database_begin(database, error))
        return false;
    good = database_run(database, error, "SELECT pg_advisory_xact_lock(7177)", DATABASE_END) &&
           database_run(database, error,
                        "CREATE TABLE IF NOT EXISTS schema_file (name text PRIMARY KEY,"
                        " applied_at timestamptz NOT NULL DEFAULT now())", DATABASE_END);
    for (guint i = 0; good && i < files->len; i++)
        good = apply(database, folder, g_ptr_array_index(files, i), applied, error);
    good = good && database_commit(database, error);
    if (!good)
        database_rollback(database);
    return good;
}

bool schema_is_current(struct database *database, const char *folder, bool *current,
                       GError **error)
{
    g_autoptr(GPtrArray) files = numbered_files(folder, error);

    *current = true;
    for (guint i = 0; files && *current && i < files->len; i++)
        if (!is_applied(database, g_ptr_array_index(files, i), current, error))
            return false;
    return files != NULL;
}
