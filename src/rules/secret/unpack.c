/* SPDX-License-Identifier: MIT
 *
 * Compressed data, by GLib's zlib. What is cut off or goes on with something else is
 * unpacked as far as it goes.
 */
#include "rules/secret/unpack.h"

#include <gio/gio.h>

enum {
    MOST_STREAMS = 64,
    ZIP_HEADER = 30, /* bytes of a member's header before its name (APPNOTE.TXT 4.3.7) */
    ZIP_DEFLATED = 8,
};

/* Adds what comes out of one stream. */
static void inflate(struct wiped *out, size_t most, GZlibCompressorFormat format, struct view in)
{
    g_autoptr(GZlibDecompressor) inflater = g_zlib_decompressor_new(format);
    GConverterResult result = G_CONVERTER_CONVERTED;

    while (result == G_CONVERTER_CONVERTED && in.size > 0 && out->size < most) {
        gsize taken = 0, made = 0;
        result = g_converter_convert(G_CONVERTER(inflater), in.at, in.size, out->bytes + out->size,
                                     most - out->size, G_CONVERTER_NO_FLAGS, &taken, &made, NULL);
        if (result == G_CONVERTER_ERROR)
            return;
        in = view_from(in, in.at + taken);
        out->size += made;
    }
}

static void gunzip(struct wiped *out, size_t most, struct view in)
{
    inflate(out, most, G_ZLIB_COMPRESSOR_FORMAT_GZIP, in);
}

/* A member of a ZIP archive; one that is stored as it is was seen already. */
static void unzip(struct wiped *out, size_t most, struct view member)
{
    size_t name, extra;

    if (member.size <= ZIP_HEADER || member.at[8] != ZIP_DEFLATED || member.at[9] != 0)
        return;
    name = member.at[26] | (size_t)member.at[27] << 8;
    extra = member.at[28] | (size_t)member.at[29] << 8;
    if (member.size - ZIP_HEADER > name + extra)
        inflate(out, most, G_ZLIB_COMPRESSOR_FORMAT_RAW,
                view_from(member, member.at + ZIP_HEADER + name + extra));
}

/* A header without a dictionary (RFC 1950 2.2): four pairs of bytes. */
static bool is_zlib(struct view data)
{
    return data.size > 8 && data.at[0] == 0x78 && (data.at[1] & 0x20) == 0 &&
           (data.at[0] << 8 | data.at[1]) % 31 == 0;
}

struct kind {
    const char *magic;
    void (*add)(struct wiped *out, size_t most, struct view in);
};

/* Adds every stream of that kind. */
static void add_streams(struct wiped **out, size_t most, struct view data, const struct kind *kind)
{
    const guint8 *at;

    for (unsigned streams = 0; streams < MOST_STREAMS && (at = view_find(data, kind->magic));
         streams++) {
        *out = *out ? *out : wiped_new(most);
        kind->add(*out, most, view_from(data, at));
        data = view_from(data, at + 1);
    }
}

/*
 * Two bytes alone say little: of a form of random bytes 15 begin such a stream, which ends as
 * soon as it is read.
 */
static void add_zlib(struct wiped **out, size_t most, struct view data)
{
    unsigned streams = 0;
    const guint8 *at = data.at;

    for (; streams < MOST_STREAMS && (at = memchr(at, 0x78, view_from(data, at).size)); at++) {
        struct view rest = view_from(data, at);
        if (!is_zlib(rest))
            continue;
        streams++;
        *out = *out ? *out : wiped_new(most);
        inflate(*out, most, G_ZLIB_COMPRESSOR_FORMAT_ZLIB, rest);
    }
}

struct wiped *unpack(struct view data, size_t most)
{
    static const struct kind kinds[] = {{"\x1f\x8b\x08", gunzip}, {"PK\3\4", unzip}};
    struct wiped *out = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        add_streams(&out, most, data, &kinds[i]);
    add_zlib(&out, most, data);
    return out;
}
