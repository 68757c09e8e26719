/* SPDX-License-Identifier: MIT
 *
 * Listing, writing, reading and wording what is left out.
 */
#include "service/relay/omissions.h"

#include "base/limits.h"
#include "service/relay/files.h"

#define HEAD "# appsmtp left-out 1\n"
#define FIELDS 6
#define SHORT_DIGEST 16

static void omission_free(gpointer data)
{
    struct omission *omission = data;

    g_free(omission->sender);
    g_free(omission->kind);
    g_free(omission->value);
    g_free(omission->detail);
    g_free(omission->source);
    g_free(omission);
}

GPtrArray *omissions_new(void)
{
    return g_ptr_array_new_with_free_func(omission_free);
}

/* ASCII without controls, so that it neither ends a field nor moves a terminal. */
static char *plain(const char *text)
{
    char *copy = g_strdup(text ? text : "");

    for (char *at = copy; *at; at++)
        if (!g_ascii_isprint(*at))
            *at = '?';
    return copy;
}

void omissions_add(GPtrArray *list, const struct exported_source *source, enum left_out reason,
                   const char *detail)
{
    struct omission *omission = g_new0(struct omission, 1);
    const char *value = *source->network    ? source->network
                        : *source->hostname ? source->hostname
                                            : source->sha256;

    omission->sender = plain(source->address);
    omission->kind = plain(source->kind);
    omission->value = plain(value);
    omission->reason = reason;
    omission->detail = plain(detail);
    omission->source = plain(source->id);
    g_ptr_array_add(list, omission);
}

guint64 omissions_count(const GPtrArray *list)
{
    guint64 count = 0;

    for (guint i = 0; i < list->len; i++) {
        const struct omission *one = g_ptr_array_index(list, i);
        count += left_out_is_whole(one->reason);
    }
    return count;
}

/* ---- the file of a generation ---- */

/* Caller frees. */
static char *key_of(const struct omission *one)
{
    return g_strjoin("\t", one->sender, one->kind, one->value, NULL);
}

bool omissions_write(const char *folder, const GPtrArray *list, GError **error)
{
    g_autoptr(GString) text = g_string_new(HEAD);

    for (guint i = 0; i < list->len; i++) {
        const struct omission *one = g_ptr_array_index(list, i);
        g_string_append_printf(text, "%s\t%s\t%s\t%s\t%s\t%s\n", one->sender, one->kind, one->value,
                               left_out_code(one->reason), one->detail, one->source);
    }
    file_seal(text);
    return file_replace(folder, OMISSIONS_FILE, text->str, error);
}

static void read_line(GPtrArray *list, const char *line)
{
    g_auto(GStrv) field = g_strsplit(line, "\t", -1);
    enum left_out reason;
    struct omission *one;

    if (g_strv_length(field) != FIELDS || !left_out_parse(field[3], &reason))
        return;
    one = g_new0(struct omission, 1);
    *one = (struct omission){g_strdup(field[0]), g_strdup(field[1]), g_strdup(field[2]),
                             reason,             g_strdup(field[4]), g_strdup(field[5]),
                             false};
    g_ptr_array_add(list, one);
}

GPtrArray *omissions_read(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, OMISSIONS_FILE, NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    GPtrArray *list;

    if (file_read(path, LIMIT_EXPORT_FILE, &text, NULL) != FILE_READ || !file_unseal(text))
        return NULL;
    list = omissions_new();
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        read_line(list, *line);
    return list;
}

char *omissions_digest(const GPtrArray *list)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

    for (guint i = 0; i < list->len; i++) {
        const struct omission *one = g_ptr_array_index(list, i);
        g_autofree char *key = key_of(one);
        g_autofree char *line = g_strdup_printf("%s\t%s\n", key, left_out_code(one->reason));
        g_checksum_update(sum, (const guchar *)line, -1);
    }
    return g_strdup(list->len ? g_checksum_get_string(sum) : "");
}

/* ---- comparing ---- */

void omissions_compare(GPtrArray *list, const GPtrArray *before)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; before && i < before->len; i++) {
        const struct omission *one = g_ptr_array_index(before, i);
        g_hash_table_insert(known, key_of(one), GUINT_TO_POINTER(one->reason + 1));
    }
    for (guint i = 0; i < list->len; i++) {
        struct omission *one = g_ptr_array_index(list, i);
        g_autofree char *key = key_of(one);
        one->known = GPOINTER_TO_UINT(g_hash_table_lookup(known, key)) == one->reason + 1;
    }
}

GHashTable *omissions_unasked(const GPtrArray *list)
{
    GHashTable *unasked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < list->len; i++) {
        const struct omission *one = g_ptr_array_index(list, i);
        if (left_out_is_whole(one->reason) && !left_out_is_expected(one->reason))
            g_hash_table_add(unasked, key_of(one));
    }
    return unasked;
}

/* ---- telling ---- */

char *omission_sentence(const struct omission *omission)
{
    g_autofree char *words = left_out_words(left_out_code(omission->reason), omission->detail);

    if (!g_str_equal(omission->kind, "certificate"))
        return g_strdup_printf("%s: %s %s", omission->sender, omission->value, words);
    return g_strdup_printf("%s: certificate %.*s... %s", omission->sender, SHORT_DIGEST,
                           omission->value, words);
}

void omissions_each(const GPtrArray *list, void (*show)(const struct omission *one, void *data),
                    void *data)
{
    for (int known = 0; known <= 1; known++)
        for (guint i = 0; i < list->len; i++) {
            const struct omission *one = g_ptr_array_index(list, i);
            if (one->known == (known == 1))
                show(one, data);
        }
}

static void append_text(GString *json, const char *name, const char *text)
{
    g_string_append_printf(json, "\"%s\": \"", name);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            g_string_append_c(json, '\\');
        g_string_append_c(json, *text);
    }
    g_string_append_c(json, '"');
}

static void append_object(GString *json, const struct omission *one)
{
    const char *const members[][2] = {{"sender", one->sender},
                                      {"kind", one->kind},
                                      {"value", one->value},
                                      {"reason", left_out_code(one->reason)},
                                      {"detail", one->detail},
                                      {"source", one->source}};

    g_string_append_c(json, '{');
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        append_text(json, members[i][0], members[i][1]);
        g_string_append(json, ", ");
    }
    g_string_append_printf(json, "\"whole\": %s, \"expected\": %s}",
                           left_out_is_whole(one->reason) ? "true" : "false",
                           left_out_is_expected(one->reason) ? "true" : "false");
}

char *omissions_json(const GPtrArray *list)
{
    GString *json = g_string_new("[");

    for (guint i = 0; i < list->len; i++) {
        if (i > 0)
            g_string_append(json, ", ");
        append_object(json, g_ptr_array_index(list, i));
    }
    g_string_append_c(json, ']');
    return g_string_free(json, FALSE);
}
