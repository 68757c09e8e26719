/* SPDX-License-Identifier: MIT
 *
 * Private keys in every wrapping are found, nothing else is, and it never takes long.
 */
#include "base/cleanup.h"
#include "rules/secret/gate.h"
#include "rules/secret/secret.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <time.h>

/* ---- the table -------------------------------------------------------------------------------- */

static void check_line(char **columns)
{
    auto_ptr(findings) findings = findings_new();
    g_autoptr(GBytes) value = g_uri_unescape_bytes(columns[1], -1, NULL, NULL);
    gsize size;
    const char *data;
    const char *code = "ok";

    g_assert_nonnull(value);
    data = g_bytes_get_data(value, &size);
    if (gate_refuses(columns[0], data, size, findings)) {
        g_assert_cmpuint(findings_count(findings), ==, 1);
        code = findings_at(findings, 0)->code;
        g_assert_cmpstr(findings_at(findings, 0)->field, ==,
                        g_str_has_prefix(columns[0], "certificate") ? "certificate" : columns[0]);
    }
    if (g_strcmp0(code, columns[2]) == 0)
        return;
    g_test_message("%s: expected %s, got %s", columns[1], columns[2], code);
    g_test_fail();
}

static void test_table(void)
{
    g_autofree char *path = g_build_filename(g_getenv("TEST_SRCDIR"), "rules", "secret.tsv", NULL);
    g_autofree char *table = NULL;
    g_auto(GStrv) lines = NULL;

    g_assert_true(g_file_get_contents(path, &table, NULL, NULL));
    lines = g_strsplit(table, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) columns = g_strsplit(*line, "\t", -1);
        if (**line == '#' || **line == '\0')
            continue;
        g_assert_cmpuint(g_strv_length(columns), >=, 3);
        check_line(columns);
    }
}

/* ---- keys in their wrappings -------------------------------------------------------------------- */

static void make_files(char *folder)
{
    g_autofree char *script =
        g_build_filename(g_getenv("TEST_SRCDIR"), "certificates", "wrappings.py", NULL);
    char *arguments[] = {script, folder, NULL};
    g_autoptr(GError) error = NULL;
    int status = 0;

    g_spawn_sync(NULL, arguments, NULL, 0, NULL, NULL, NULL, NULL, &status, &error);
    g_assert_no_error(error);
    g_spawn_check_wait_status(status, &error);
    g_assert_no_error(error);
}

/* Looks at one file, which is removed. */
static void check_file(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *data = NULL;
    bool is_secret = g_str_has_prefix(name, "secret-");
    gsize size;

    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    if ((secret_find(data, size) != SECRET_NONE) != is_secret) {
        g_test_message("%s %s", is_secret ? "not found:" : "no key:", name);
        g_test_fail();
    }
    g_remove(path);
}

static void test_wrappings(void)
{
    g_autofree char *folder = g_dir_make_tmp("appsmtp-wrappings-XXXXXX", NULL);
    g_autoptr(GDir) files = NULL;
    unsigned secrets = 0, harmless = 0;

    make_files(folder);
    files = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(files));) {
        check_file(folder, name);
        if (g_str_has_prefix(name, "secret-"))
            secrets++;
        else
            harmless++;
    }
    g_rmdir(folder);
    g_test_message("%u wrappings of keys, %u other texts", secrets, harmless);
    g_assert_cmpuint(secrets, >, 1000);
    g_assert_cmpuint(harmless, >, 150);
}

/* ---- time ----------------------------------------------------------------------------------------- */

enum { FORM = 256 * 1024 };

static char *repeat(const char *text)
{
    GString *all = g_string_sized_new(FORM);

    while (all->len < FORM)
        g_string_append(all, text);
    g_string_truncate(all, FORM);
    return g_string_free(all, FALSE);
}

/*
 * Of the processor, which a busy machine does not change; sanitizers and valgrind do, so the
 * bound is far above the 0.1 s that it takes at worst, and far below what is not bounded.
 */
static void check_time(const char *what, const char *data, size_t size)
{
    g_autofree char *escaped = g_strescape(what, NULL);
    clock_t begin = clock();
    double seconds;

    g_assert_cmpint(secret_find(data, size), ==, SECRET_NONE);
    seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    g_test_message("%.3f s: %s", seconds, escaped);
    g_assert_cmpfloat(seconds, <, 5.0);
}

static void test_patterns(void)
{
    static const char *const patterns[] = {
        "%25", "\\\\", "0", "0x", "<a", "&#38;", "&", "7 ", " begin", "p r i v a t e k e ",
        " kty d:", "-end ", "=3D", "PK\3\4aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "A", "-", "\n",
        "\xef\xbc\xa1\xe2\x80\x8b", "\xef\xb7\xba", "%5c&amp;\\u005c=3D+AAAA 0x41,", "0\x02",
        "&#x25;25&#x5c;\\x25%3D=41", "00000000: 4142\n", "\x1f\x8b\x08", "1: a\n", "\n\x78\x9c",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
        g_autofree char *data = repeat(patterns[i]);
        check_time(patterns[i], data, FORM);
    }
}

/* Base64 of base64 and so on: every reading of it is text again. */
static void test_deep(void)
{
    g_autofree char *data = repeat("lorem ipsum %20 &amp; \\n =3D dolor 0x30, 0x31, 48, 49, 50 <br> ");
    gsize size = FORM / 8;

    for (unsigned i = 0; i < 5; i++) {
        g_autofree char *inner = data;
        data = g_base64_encode((const guint8 *)inner, size);
        size = MIN(strlen(data), (gsize)FORM);
        check_time("base64", data, size);
    }
}

/* A small gzip stream that would unpack to a hundred times the form. */
static void test_bomb(void)
{
    g_autofree char *zeros = g_malloc0(FORM * 100);
    g_autofree char *packed = g_malloc(FORM);
    g_autofree char *text = NULL;
    g_autoptr(GZlibCompressor) compressor = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
    gsize read = 0, written = 0;

    g_assert_cmpint(g_converter_convert(G_CONVERTER(compressor), zeros, FORM * 100, packed, FORM,
                                        G_CONVERTER_INPUT_AT_END, &read, &written, NULL),
                    ==, G_CONVERTER_FINISHED);
    check_time("gzip", packed, written);
    text = g_base64_encode((const guint8 *)packed, written);
    check_time("base64 of gzip", text, strlen(text));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/secret/table", test_table);
    g_test_add_func("/secret/wrappings", test_wrappings);
    g_test_add_func("/secret/patterns", test_patterns);
    g_test_add_func("/secret/deep", test_deep);
    g_test_add_func("/secret/bomb", test_bomb);
    return g_test_run();
}
