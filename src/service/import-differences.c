/* SPDX-License-Identifier: MIT
 *
 * A stored registration and a line that says what it is to be.
 */
#include "service/import-differences.h"

/* ---- sources ---- */

/* The same for two sources that are one. Caller frees. */
static char *source_key(const struct source *source)
{
    if (source->kind == SOURCE_NETWORK)
        return network_format(&source->network);
    return g_strdup(source->kind == SOURCE_HOSTNAME ? source->hostname
                                                    : source->certificate->sha256);
}

bool import_has_source(const struct registration *registration, const struct source *source)
{
    g_autofree char *wanted = source_key(source);

    for (guint i = 0; i < registration->sources->len; i++) {
        g_autofree char *key = source_key(g_ptr_array_index(registration->sources, i));
        if (g_str_equal(key, wanted))
            return true;
    }
    return false;
}

static char *source_words(const struct source *source)
{
    g_autofree char *key = source_key(source);

    return g_strdup_printf("%s %s", source_kind_name(source->kind), key);
}

static void add_sources(GPtrArray *differences, const char *what, const struct registration *with,
                        const struct registration *without)
{
    for (guint i = 0; i < with->sources->len; i++) {
        const struct source *source = g_ptr_array_index(with->sources, i);
        g_autofree char *words = source_words(source);
        if (!import_has_source(without, source))
            g_ptr_array_add(differences, g_strdup_printf("source %s: %s", what, words));
    }
}

/* ---- the rest ---- */

static void add_locations(GPtrArray *differences, const char *what,
                          const struct registration *with, const struct registration *without)
{
    for (guint i = 0; i < with->locations->len; i++) {
        const char *location = g_ptr_array_index(with->locations, i);
        if (!registration_has_location(without, location))
            g_ptr_array_add(differences, g_strdup_printf("location %s: %s", what, location));
    }
}

static void add_owners(GPtrArray *differences, const struct registration *stored,
                       const struct registration *line)
{
    for (guint i = 0; i < line->owners->len; i++) {
        const struct owner *owner = g_ptr_array_index(line->owners, i);
        if (!registration_lists(stored, owner))
            g_ptr_array_add(differences, g_strdup_printf("owner added: %s", owner->written));
    }
}

/* The report is one line a difference: a note of several is shown as one. */
static void add_field(GPtrArray *differences, const char *name, const char *before,
                      const char *after)
{
    g_autofree char *was = g_strdelimit(g_strdup(before), "\t\r\n", ' ');
    g_autofree char *is = g_strdelimit(g_strdup(after), "\t\r\n", ' ');

    if (!g_str_equal(before, after))
        g_ptr_array_add(differences,
                        g_strdup_printf("%s: \"%s\" becomes \"%s\"", name, was, is));
}

GPtrArray *import_differences(const struct registration *stored, const struct registration *line)
{
    GPtrArray *differences = g_ptr_array_new_with_free_func(g_free);

    add_field(differences, "name of the application", stored->application_name,
              line->application_name);
    add_field(differences, "type", stored->application_type, line->application_type);
    add_field(differences, "note", stored->note, line->note);
    add_locations(differences, "added", line, stored);
    add_locations(differences, "removed", stored, line);
    add_sources(differences, "added", line, stored);
    add_sources(differences, "removed", stored, line);
    add_owners(differences, stored, line);
    return differences;
}
