/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin import: many registrations from one file.
 */
#include "programs/admin.h"
#include "service/import.h"

#include <sysexits.h>

#define PROGRESS_US (2 * G_USEC_PER_SEC)

/* A line now and then on standard error; the report goes to standard output. */
static void progress(const char *what, guint done, guint all)
{
    static gint64 last;
    gint64 now = g_get_monotonic_time();

    if (done < all && now - last < PROGRESS_US)
        return;
    last = now;
    g_printerr("appsmtp-admin: %s %u of %u lines\n", what, done, all);
}

static void print_stored(guint done, guint all)
{
    progress("stored", done, all);
}

static void print_line(guint number, const struct import_line *line)
{
    static const char *const words[] = {"create", "change", "same", "refuse"};
    const char *address = line->registration->address;

    g_print("%u\t%s\t%s\n", number, words[line->verdict], address ? address : "-");
    if (line->first)
        g_print("%u\t\timport.twice\tline %u has the same address\n", number, line->first);
    for (guint i = 0; line->differences && i < line->differences->len; i++)
        g_print("%u\t\timport.change\t%s\n", number,
                (const char *)g_ptr_array_index(line->differences, i));
    for (size_t i = 0; i < findings_count(line->findings); i++) {
        const struct finding *finding = findings_at(line->findings, i);
        g_print("%u\t\t%s\t%s\n", number, finding->code, finding->text);
    }
}

static void line_release(gpointer line)
{
    import_line_free(line);
}

/* *lines: of struct import_line; counts: of each verdict. */
static bool judge_all(const struct office *office, const struct table *table, GPtrArray *lines,
                      guint counts[4], GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;

    for (guint i = 0; i < table->lines->len; i++) {
        struct import_line *line;
        database_set_deadline(office->database, deadline_in(60000));
        if (!import_judge(office, table, i, seen, now, &line, error)) {
            g_prefix_error(error, "line %u: ", table_line_number(table, i));
            return false;
        }
        g_ptr_array_add(lines, line);
        print_line(table_line_number(table, i), line);
        counts[line->verdict]++;
        progress("judged", i + 1, table->lines->len);
    }
    return true;
}

static bool import_table(const struct office *office, const struct table *table, bool dry,
                         int *status, GError **error)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(line_release);
    g_autofree char *login = admin_login();
    const struct actor actor = {.login = login, .person_id = ""};
    guint counts[4] = {0};
    bool stores;

    if (!judge_all(office, table, lines, counts, error))
        return false;
    stores = !dry && counts[IMPORT_REFUSE] == 0;
    if (stores && !import_store(office, lines, &actor, print_stored, error))
        return false;
    g_printerr("appsmtp-admin: %u to create, %u to change, %u the same, %u refused: %s\n",
               counts[IMPORT_CREATE], counts[IMPORT_CHANGE], counts[IMPORT_SAME],
               counts[IMPORT_REFUSE], stores ? "stored" : "nothing was stored");
    *status = counts[IMPORT_REFUSE] ? ADMIN_REFUSED : EX_OK;
    return true;
}

static bool open_office(struct office *office, GError **error)
{
    const struct config *config = office->config;

    office->database = admin_database(config, error);
    if (!office->database || !config_need_directory(config, error))
        return false;
    office->directory = directory_new(config->directory, error);
    if (office->directory)
        directory_remember_people(office->directory);
    office->resolver = office->directory ? resolver_new(config->resolver.servers, error) : NULL;
    office->trust = office->resolver ? trust_open(&config->certificates, error) : NULL;
    return office->trust != NULL;
}

static void close_office(struct office *office)
{
    database_free(office->database);
    directory_free(office->directory);
    resolver_free(office->resolver);
    trust_free(office->trust);
}

bool admin_import(const struct admin *admin, int *status, GError **error)
{
    struct office office = {.config = admin->config};
    auto_ptr(table) table = table_read(admin->arguments[0], error);
    bool good;

    if (!table || !import_check_columns(table, error))
        return false;
    good = open_office(&office, error) &&
           import_table(&office, table, admin->options->dry_run, status, error);
    close_office(&office);
    return good;
}
