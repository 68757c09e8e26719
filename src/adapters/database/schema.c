/* SPDX-License-Identifier: MIT
 *
 * The numbered files of schema/, and what the table schema_file says of them.
 */
#include "adapters/database/schema.h"

#include "base/error.h"

static void schema_file_free(gpointer data)
{
    struct schema_file *file = data;

    g_free(file->name);
    g_free(file->text);
    g_free(file->sha256);
    g_free(file);
}

static gint by_file_name(gconstpointer a, gconstpointer b)
{
    const struct schema_file *const *one = a, *const *other = b;

    return strcmp((*one)->name, (*other)->name);
}

static struct schema_file *read_schema_file(const char *folder, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;
    struct schema_file *file;

    if (!g_file_get_contents(path, &text, NULL, error))
        return NULL;
    file = g_new0(struct schema_file, 1);
    file->name = g_strdup(name);
    file->sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    file->text = g_steal_pointer(&text);
    return file;
}

GPtrArray *schema_files(GError **error)
{
    g_autofree char *folder = g_build_filename(config_data_folder(), "schema", NULL);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(schema_file_free);
    g_autoptr(GDir) directory = g_dir_open(folder, 0, error);

    if (!directory)
        return NULL;
    for (const char *name; (name = g_dir_read_name(directory));) {
        if (!g_ascii_isdigit(*name) || !g_str_has_suffix(name, ".sql"))
            continue;
        struct schema_file *file = read_schema_file(folder, name, error);
        if (!file)
            return NULL;
        g_ptr_array_add(files, file);
    }
    if (files->len == 0) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "there is no numbered SQL file in \"%s\"", folder);
        return NULL;
    }
    g_ptr_array_sort(files, by_file_name);
    return g_steal_pointer(&files);
}

/* ---- comparing --------------------------------------------------------------------------- */

/* rows: of LOOK. */
static enum schema_state compare_schema(const struct rows *rows, const GPtrArray *files)
{
    g_autoptr(GHashTable) run = g_hash_table_new(g_str_hash, g_str_equal);
    guint known = 0;
    bool changed = false;

    for (size_t row = 0; row < rows_count(rows); row++)
        g_hash_table_insert(run, (char *)rows_get(rows, row, "name"),
                            (char *)rows_get(rows, row, "sha256"));
    for (guint i = 0; i < files->len; i++) {
        const struct schema_file *file = g_ptr_array_index(files, i);
        const char *sha256 = g_hash_table_lookup(run, file->name);
        known += sha256 != NULL;
        changed = changed || (sha256 && *sha256 && !g_str_equal(sha256, file->sha256));
    }
    return g_hash_table_size(run) == 0           ? SCHEMA_ABSENT
           : known < files->len                  ? SCHEMA_OLDER
           : changed                             ? SCHEMA_CHANGED
           : g_hash_table_size(run) > files->len ? SCHEMA_NEWER
                                                 : SCHEMA_CURRENT;
}

/* No table: no schema. No right to read it: one from before the file that gives it. */
static bool judge_refusal(const struct database *database, enum schema_state *state)
{
    if (g_str_equal(database_state(database), "42P01"))
        *state = SCHEMA_ABSENT;
    else if (g_str_equal(database_state(database), "42501"))
        *state = SCHEMA_OLDER;
    else
        return false;
    return true;
}

/* A schema from before the checksums has no column of that name. */
bool schema_look(struct database *database, enum schema_state *state, GError **error)
{
    g_autoptr(GPtrArray) files = schema_files(error);
    g_autoptr(GError) refusal = NULL;
    auto_ptr(rows) rows = NULL;

    if (!files)
        return false;
    rows = database_query(database, &refusal,
                          "SELECT f.name, to_jsonb(f) ->> 'sha256' AS sha256,"
                          " current_setting('server_encoding') = 'UTF8' AS utf8 FROM schema_file f",
                          DATABASE_END);
    if (!rows) {
        if (judge_refusal(database, state))
            return true;
        g_propagate_error(error, g_steal_pointer(&refusal));
        return false;
    }
    *state = rows_count(rows) > 0 && !rows_get_bool(rows, 0, "utf8") ? SCHEMA_NOT_UTF8
                                                                     : compare_schema(rows, files);
    return true;
}

const char *schema_sentence(enum schema_state state)
{
    static const char *const sentences[] = {
        [SCHEMA_CURRENT] = "the schema is complete",
        [SCHEMA_ABSENT] = "the database has no schema yet: run appsmtp-admin init",
        [SCHEMA_OLDER] = "the schema is older than this program: run appsmtp-admin init",
        [SCHEMA_CHANGED] = ("the schema was made from other files than this program's: "
                            "appsmtp-admin init names them"),
        [SCHEMA_NEWER] = "the schema is newer than this program",
        [SCHEMA_NOT_UTF8] = "the database's encoding is not UTF8: move it to one that has it",
    };

    return sentences[state];
}

const char *schema_misfit(struct database *database)
{
    enum schema_state state;

    if (!schema_look(database, &state, NULL) || state == SCHEMA_CURRENT)
        return NULL;
    return schema_sentence(state);
}
