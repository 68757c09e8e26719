/* SPDX-License-Identifier: MIT
 *
 * Bodies of forms: the first line is the content type, the rest the body.
 */
#include "web/form-body.h"

#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
    form_body_init();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t length = end ? (size_t)(end - data) : size;
    g_autofree char *type = g_strndup((const char *)data, length);
    g_autoptr(GBytes) body = g_bytes_new(end ? end + 1 : data, end ? size - length - 1 : 0);
    g_autoptr(GPtrArray) fields = form_body_read(type, body);

    for (guint i = 0; fields && i < fields->len; i++) {
        const struct sent_field *field = g_ptr_array_index(fields, i);
        g_assert_nonnull(field->name);
        g_assert_nonnull(field->value);
    }
    return 0;
}
