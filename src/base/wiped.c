/* SPDX-License-Identifier: MIT
 *
 * Bytes that may hold a key.
 */
#include "base/wiped.h"

const guint8 *view_find(struct view in, const char *text)
{
    return in.size > 0 ? memmem(in.at, in.size, text, strlen(text)) : NULL;
}

struct view view_from(struct view in, const guint8 *at)
{
    return (struct view){at, in.size - (size_t)(at - in.at)};
}

bool view_is_blank(struct view in)
{
    for (size_t i = 0; i < in.size; i++)
        if (!g_ascii_isspace((char)in.at[i]))
            return false;
    return true;
}

bool view_begins_with(struct view in, const void *bytes, size_t size)
{
    return in.size >= size && memcmp(in.at, bytes, size) == 0;
}

struct wiped *wiped_new(size_t room)
{
    struct wiped *wiped = g_new0(struct wiped, 1);

    wiped->bytes = g_malloc0(room + 1);
    wiped->room = room + 1;
    return wiped;
}

void wiped_free(struct wiped *wiped)
{
    explicit_bzero(wiped->bytes, wiped->room);
    g_free(wiped->bytes);
    g_free(wiped);
}

void wiped_add(struct wiped *wiped, guint8 byte)
{
    if (wiped->size < wiped->room)
        wiped->bytes[wiped->size++] = byte;
}

struct view wiped_view(const struct wiped *wiped)
{
    return (struct view){wiped->bytes, wiped->size};
}
