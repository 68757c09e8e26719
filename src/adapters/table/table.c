/* SPDX-License-Identifier: MIT
 *
 * Tables by libcsv.
 */
#include "adapters/table/table.h"

#include "base/error.h"
#include "base/limits.h"
#include "rules/secret/gate.h"

#include <csv.h>
#include <string.h>

struct reader {
    struct table *table;
    GPtrArray *line; /* the one that is being read */
    guint number; /* of the line of the file */
    guint begins; /* the one on which what is being read begins; 0: nothing has begun */
    char *fault;  /* or NULL */
};

static void line_free(gpointer line)
{
    g_ptr_array_unref(line);
}

void table_free(struct table *table)
{
    if (!table)
        return;
    if (table->columns)
        g_ptr_array_unref(table->columns);
    g_ptr_array_unref(table->lines);
    g_array_unref(table->begins);
    g_free(table);
}

guint table_line_number(const struct table *table, guint line)
{
    return g_array_index(table->begins, guint, line);
}

const char *table_get(const struct table *table, guint line, const char *column)
{
    const GPtrArray *fields = g_ptr_array_index(table->lines, line);

    for (guint i = 0; i < table->columns->len; i++)
        if (g_str_equal(g_ptr_array_index(table->columns, i), column))
            return g_ptr_array_index(fields, i);
    return "";
}

void table_refuse_secrets(const struct table *table, guint line, struct findings *findings)
{
    const GPtrArray *fields = g_ptr_array_index(table->lines, line);

    for (guint i = 0; i < table->columns->len; i++) {
        char *field = g_ptr_array_index(fields, i);
        if (gate_refuses(g_ptr_array_index(table->columns, i), field, strlen(field), findings))
            explicit_bzero(field, strlen(field));
    }
}

static void take_field(void *data, size_t size, void *user)
{
    struct reader *reader = user;

    if (!reader->line)
        reader->line = g_ptr_array_new_with_free_func(g_free);
    if (!reader->fault && (memchr(data, '\0', size) || !g_utf8_validate(data, (gssize)size, NULL)))
        reader->fault = g_strdup_printf("line %u is not UTF-8", reader->begins);
    g_ptr_array_add(reader->line, g_strndup(data, size));
}

static void take_line(int end G_GNUC_UNUSED, void *user)
{
    struct reader *reader = user;
    struct table *table = reader->table;
    GPtrArray *line = g_steal_pointer(&reader->line);
    guint begins = reader->begins;

    reader->begins = 0;
    if (!table->columns) {
        table->columns = line;
        return;
    }
    g_ptr_array_add(table->lines, line);
    g_array_append_val(table->begins, begins);
    if (reader->fault)
        return;
    if (line->len != table->columns->len)
        reader->fault = g_strdup_printf("line %u has %u fields, but the first line names %u",
                                        begins, line->len, table->columns->len);
    else if (table->lines->len > LIMIT_IMPORT_LINES)
        reader->fault = g_strdup_printf("it has more than %d lines", LIMIT_IMPORT_LINES);
}

/* Of the first line, with its end: LF, CR LF or CR. */
static size_t line_size(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\n' || (text[i] == '\r' && !(i + 1 < size && text[i + 1] == '\n')))
            return i + 1;
    return size;
}

static bool is_blank(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!g_ascii_isspace(text[i]))
            return false;
    return true;
}

/* One line of the file after the other: libcsv does not say where it is. */
static bool parse_lines(struct reader *reader, struct csv_parser *parser, const char *text,
                        size_t size)
{
    for (size_t length; size > 0; text += length, size -= length) {
        length = line_size(text, size);
        reader->number++;
        if (reader->begins == 0 && !is_blank(text, length))
            reader->begins = reader->number;
        if (csv_parse(parser, text, length, take_field, take_line, reader) != length)
            return false;
    }
    return csv_fini(parser, take_field, take_line, reader) == 0;
}

static void parse(struct reader *reader, const char *text, size_t size)
{
    struct csv_parser parser;

    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
        g_error("could not make a parser of libcsv: out of memory");
    if (!parse_lines(reader, &parser, text, size)) {
        g_free(reader->fault);
        reader->fault = g_strdup_printf("line %u: %s", MAX(reader->begins, 1),
                                        csv_strerror(csv_error(&parser)));
    }
    csv_free(&parser);
    if (reader->line)
        g_ptr_array_unref(reader->line);
    if (!reader->fault && !reader->table->columns)
        reader->fault = g_strdup("it is empty");
}

static bool load(const char *file, char **text, gsize *size, GError **error)
{
    g_autoptr(GError) reason = NULL;

    if (!g_file_get_contents(file, text, size, &reason))
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT, "%s", reason->message);
    else if (*size > LIMIT_IMPORT_FILE)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT,
                    "could not read \"%s\": it is larger than %d MiB", file,
                    LIMIT_IMPORT_FILE >> 20);
    else
        return true;
    return false;
}

struct table *table_read(const char *file, GError **error)
{
    g_autofree char *text = NULL;
    gsize size, mark;
    auto_ptr(table) table = NULL;
    struct reader reader = {0};

    if (!load(file, &text, &size, error))
        return NULL;
    mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    reader.table = table = g_new0(struct table, 1);
    table->lines = g_ptr_array_new_with_free_func(line_free);
    table->begins = g_array_new(FALSE, FALSE, sizeof(guint));
    parse(&reader, text + mark, size - mark);
    if (!reader.fault)
        return g_steal_pointer(&table);
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT, "could not read \"%s\": %s", file,
                reader.fault);
    g_free(reader.fault);
    return NULL;
}
