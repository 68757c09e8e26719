/* SPDX-License-Identifier: MIT
 *
 * Bodies of forms, by GLib and GMime.
 */
#include "web/form-body.h"

#include "base/banned.h"
#include "base/limits.h"

#include <gmime/gmime.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeObject, g_object_unref)

#define MOST_FIELDS 200

void form_body_init(void)
{
    g_mime_init();
}

static void sent_field_free(gpointer data)
{
    struct sent_field *field = data;

    g_free(field->name);
    g_bytes_unref(field->value);
    g_free(field);
}

static GPtrArray *list_new(void)
{
    return g_ptr_array_new_with_free_func(sent_field_free);
}

/* A password, or a private key that somebody sent by mistake, does not stay in memory. */
struct wiped {
    char *data;
    gsize size;
};

static void wipe(gpointer data)
{
    struct wiped *wiped = data;

    explicit_bzero(wiped->data, wiped->size);
    g_free(wiped->data);
    g_free(wiped);
}

GBytes *form_body_wiped(char *data, gsize size)
{
    struct wiped *wiped = g_new(struct wiped, 1);

    *wiped = (struct wiped){data, size};
    return g_bytes_new_with_free_func(data, size, wipe, wiped);
}

/* A copy with a NUL behind it that does not count, so that a text is a C string. */
static GBytes *with_nul(const void *data, gsize size)
{
    char *copy = g_malloc(size + 1);

    if (size > 0)
        memcpy(copy, data, size);
    copy[size] = '\0';
    return form_body_wiped(copy, size);
}

static bool add(GPtrArray *list, const char *name, const void *data, gsize size, bool is_file)
{
    struct sent_field *field;

    if (list->len >= MOST_FIELDS || !g_utf8_validate(name, -1, NULL))
        return false;
    field = g_new0(struct sent_field, 1);
    field->name = g_strdup(name);
    field->value = with_nul(data, size);
    field->is_file = is_file;
    g_ptr_array_add(list, field);
    return true;
}

GPtrArray *form_body_urlencoded(const char *text)
{
    g_autoptr(GPtrArray) list = list_new();
    g_autoptr(GError) error = NULL;
    char *name, *value;
    GUriParamsIter pairs;

    g_uri_params_iter_init(&pairs, text, -1, "&", G_URI_PARAMS_WWW_FORM);
    while (g_uri_params_iter_next(&pairs, &name, &value, &error)) {
        bool added = add(list, name, value, strlen(value), false);
        explicit_bzero(value, strlen(value));
        g_free(name);
        g_free(value);
        if (!added)
            return NULL;
    }
    return error ? NULL : g_steal_pointer(&list);
}

/* ---- multipart ------------------------------------------------------------------------- */

/* A stream in memory for so many bytes: one that grows would leave copies behind. */
static GMimeStream *stream_for(gsize size)
{
    GMimeStreamMem *stream = GMIME_STREAM_MEM(g_mime_stream_mem_new());

    g_mime_stream_mem_set_byte_array(stream, g_byte_array_sized_new((guint)size));
    g_mime_stream_mem_set_owner(stream, TRUE);
    return GMIME_STREAM(stream);
}

static void wipe_array(GByteArray *bytes)
{
    if (bytes->len > 0)
        explicit_bzero(bytes->data, bytes->len);
}

/* most: bytes that it can have. */
static bool add_part(GPtrArray *list, GMimeObject *object, gsize most)
{
    GMimeContentDisposition *disposition = g_mime_object_get_content_disposition(object);
    const char *name = disposition
                           ? g_mime_content_disposition_get_parameter(disposition, "name")
                           : NULL;
    GMimeDataWrapper *content;
    g_autoptr(GMimeStream) memory = NULL;
    GByteArray *bytes;
    bool added;

    if (!name || !GMIME_IS_PART(object))
        return false;
    content = g_mime_part_get_content(GMIME_PART(object));
    memory = stream_for(most);
    if (content && g_mime_data_wrapper_write_to_stream(content, memory) < 0)
        return false;
    bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
    added = add(list, name, bytes->data, bytes->len,
                g_mime_content_disposition_get_parameter(disposition, "filename") != NULL);
    wipe_array(bytes);
    return added;
}

static GPtrArray *add_parts(GMimeObject *root, gsize most)
{
    g_autoptr(GPtrArray) list = list_new();

    if (!GMIME_IS_MULTIPART(root))
        return NULL;
    for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(root)); i++)
        if (!add_part(list, g_mime_multipart_get_part(GMIME_MULTIPART(root), i), most))
            return NULL;
    return g_steal_pointer(&list);
}

/* GMime reads messages: the content type becomes the one header of a message. */
static GPtrArray *read_multipart(const char *content_type, GBytes *body)
{
    g_autoptr(GMimeStream) stream = NULL;
    g_autoptr(GMimeParser) parser = NULL;
    g_autoptr(GMimeObject) root = NULL;
    g_autofree char *header = g_strdup_printf("Content-Type: %s\r\n\r\n", content_type);
    gsize size;
    const char *data = g_bytes_get_data(body, &size);
    GPtrArray *list;

    if (strpbrk(content_type, "\r\n"))
        return NULL;
    stream = stream_for(strlen(header) + size);
    g_mime_stream_write(stream, header, (gssize)strlen(header));
    g_mime_stream_write(stream, data, (gssize)size);
    g_mime_stream_reset(stream);
    parser = g_mime_parser_new_with_stream(stream);
    root = g_mime_parser_construct_part(parser, NULL);
    list = root ? add_parts(root, size) : NULL;
    wipe_array(g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream)));
    return list;
}

/* GMime copies by way of buffers on the stack, of 4 KiB; the next calls may never reach as deep. */
static G_NO_INLINE void wipe_stack(void)
{
    char below[32768];

    explicit_bzero(below, sizeof below);
}

GPtrArray *form_body_read(const char *content_type, GBytes *body)
{
    GPtrArray *list;
    g_autofree char *type = g_strndup(content_type, strcspn(content_type, "; \t"));
    g_autoptr(GBytes) text = NULL;

    if (g_bytes_get_size(body) == 0)
        return list_new();
    if (g_ascii_strcasecmp(type, "multipart/form-data") == 0) {
        list = read_multipart(content_type, body);
        wipe_stack();
        return list;
    }
    if (g_ascii_strcasecmp(type, "application/x-www-form-urlencoded") != 0)
        return NULL;
    text = with_nul(g_bytes_get_data(body, NULL), g_bytes_get_size(body));
    if (memchr(g_bytes_get_data(text, NULL), '\0', g_bytes_get_size(text)))
        return NULL;
    return form_body_urlencoded(g_bytes_get_data(text, NULL));
}
