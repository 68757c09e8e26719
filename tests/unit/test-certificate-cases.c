/* SPDX-License-Identifier: MIT
 *
 * Certificates as people upload them: makes the files of tests/certificates and
 * compares what certificate_check() says with cases.tsv, code by code.
 */
#include "adapters/certificate/trust.h"
#include "base/error.h"

#include <glib/gstdio.h>
#include <utime.h>

static const char PREFIX[] = "certificate.";

static char *folder; /* with the files made */

/* ---- memory that runs out -------------------------------------------------------------------- */

static const guint64 NEVER = G_MAXUINT64;

/* OpenSSL's come this way, by the adapter (-Wl,--wrap), and none of GLib's, which ends then. */
static guint64 made, made_last, first_failure = G_MAXUINT64, last_failure = G_MAXUINT64;

void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool fails(void)
{
    made++;
    return made >= first_failure && made <= last_failure;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

/* The allocation of that number from now on fails, with all behind it; made_last: those before. */
static void fail_from(guint64 number)
{
    made_last = made;
    made = 0;
    first_failure = number;
    last_failure = NEVER;
}

static void fail_only(guint64 number)
{
    fail_from(number);
    last_failure = number;
}

/* ---- files ----------------------------------------------------------------------------------- */

static char *file_in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

/* What a line of the table says besides the file. */
struct setting {
    struct certificate_options options;
    const char *roots;
    const char *private_root; /* or NULL */
    const char *known;        /* FILE or FILE,DAY, or NULL */
    gint64 distrust_after;
    bool memory; /* whether there is any */
};

static const struct setting USUAL = {
    .options = {.now = 1780272000}, /* 2026-06-01 */
    .roots = "roots.pem",
    .memory = true,
};

/* As hexadecimal digits, in text for the rest of the test. */
static const char *digits_of(const guint8 *bytes, size_t size)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < size; i++)
        g_string_append_printf(text, "%02x", bytes[i]);
    return g_intern_string(text->str);
}

static const char *digest_of(const guint8 *bytes, size_t size)
{
    g_autofree char *text = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, size);

    return g_intern_string(text);
}

/* The entry of the list that deploy/roots would write of a root. */
static struct known_root entry_of(const char *file, const char *last_day)
{
    g_autofree char *path = file_in_folder(file);
    g_autoptr(BIO) text = BIO_new_file(path, "r");
    g_autoptr(X509) root = PEM_read_bio_X509(text, NULL, NULL, NULL);
    const ASN1_OCTET_STRING *identifier = X509_get0_subject_key_id(root);
    unsigned char *der = NULL;
    const unsigned char *name;
    int size = i2d_X509(root, &der);
    struct known_root entry = {.last_day = last_day ? last_day : "", .name = "Known Root"};
    size_t name_size;

    entry.sha256 = digest_of(der, (size_t)size);
    X509_NAME_get0_der(X509_get_subject_name(root), &name, &name_size);
    entry.subject_sha256 = digest_of(name, name_size);
    entry.key_identifier =
        digits_of(ASN1_STRING_get0_data(identifier), (size_t)ASN1_STRING_length(identifier));
    OPENSSL_free(der);
    return entry;
}

/* In place of the list of common roots, none of whose keys are known here. */
static void use_list(struct trust *trust, const char *known)
{
    static struct known_root entry;
    g_auto(GStrv) words = g_strsplit(known, ",", 2);

    entry = entry_of(words[0], g_intern_string(words[1]));
    trust->known = &entry;
    trust->known_count = 1;
}

static struct trust *trust_of(const struct setting *setting)
{
    g_autofree char *store = file_in_folder(setting->roots);
    g_autoptr(GPtrArray) added = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    struct trust *trust;

    if (setting->private_root)
        g_ptr_array_add(added, file_in_folder(setting->private_root));
    trust = trust_load(store, added, &error);
    g_assert_no_error(error);
    trust_use_weak_keys(trust, folder);
    if (setting->known)
        use_list(trust, setting->known);
    /* No root of the list of common ones has a key that is known here. */
    for (guint i = 0; i < trust->anchors->len; i++) {
        struct anchor *anchor = g_ptr_array_index(trust->anchors, i);
        if (!anchor->added)
            anchor->distrust_after = setting->distrust_after;
    }
    return trust;
}

static void read_file(const char *name, char **data, size_t *size)
{
    g_autofree char *path = file_in_folder(name);
    g_autoptr(GError) error = NULL;

    g_file_get_contents(path, data, size, &error);
    g_assert_no_error(error);
}

/* ---- the table ------------------------------------------------------------------------------ */

static gint64 time_of(const char *text)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);

    g_assert_nonnull(time);
    return g_date_time_to_unix(time);
}

static const char *value_of(const char *word, const char *name)
{
    return g_str_has_prefix(word, name) ? word + strlen(name) : NULL;
}

static void read_option(const char *word, struct setting *setting)
{
    const char *value;

    if ((value = value_of(word, "time=")))
        setting->options.now = time_of(value);
    else if ((value = value_of(word, "name=")))
        setting->options.name = value;
    else if ((value = value_of(word, "roots=")))
        setting->roots = value;
    else if ((value = value_of(word, "distrust=")))
        setting->distrust_after = time_of(value);
    else if ((value = value_of(word, "known=")))
        setting->known = value;
    else if (g_str_equal(word, "private"))
        setting->private_root = "private.pem";
    else if (g_str_equal(word, "memory"))
        setting->memory = false;
    else
        g_assert_cmpstr(word, ==, "");
}

static struct setting read_options(char **words)
{
    struct setting setting = USUAL;

    for (char **word = words; *word; word++)
        read_option(*word, &setting);
    return setting;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The words in order, blanks between. */
static char *sorted(char **words)
{
    qsort(words, g_strv_length(words), sizeof *words, compare_words);
    return g_strjoinv(" ", words);
}

static char *codes_of(const struct findings *findings)
{
    g_autoptr(GStrvBuilder) codes = g_strv_builder_new();
    g_auto(GStrv) words = NULL;

    for (size_t i = 0; i < findings_count(findings); i++) {
        const struct finding *finding = findings_at(findings, i);
        g_assert_true(g_str_has_prefix(finding->code, PREFIX));
        g_assert_cmpstr(finding->field, ==, "certificate");
        g_assert_true(g_utf8_validate(finding->text, -1, NULL));
        g_strv_builder_add(codes, finding->code + strlen(PREFIX));
    }
    if (findings_count(findings) == 0)
        g_strv_builder_add(codes, "ok");
    words = g_strv_builder_end(codes);
    return sorted(words);
}

static void check_case(char **columns, GHashTable *seen)
{
    g_auto(GStrv) words = g_strsplit(columns[1], " ", -1);
    g_auto(GStrv) expected_words = g_strsplit(columns[2], " ", -1);
    g_autofree char *expected = sorted(expected_words);
    g_autofree char *data = NULL;
    g_autofree char *got = NULL;
    auto_ptr(findings) findings = findings_new();
    auto_ptr(certificate) certificate = NULL;
    struct setting setting = read_options(words);
    auto_ptr(trust) trust = trust_of(&setting);
    size_t size;

    read_file(columns[0], &data, &size);
    fail_from(setting.memory ? NEVER : 1);
    certificate = certificate_check(trust, data, size, &setting.options, findings);
    fail_from(NEVER);
    got = codes_of(findings);
    g_assert_true((certificate != NULL) == (findings_verdict(findings) == VERDICT_ACCEPT));
    for (char **word = expected_words; *word; word++)
        g_hash_table_add(seen, g_strdup(*word));
    if (g_str_equal(expected, got))
        return;
    g_test_message("%s: expected %s, got %s", columns[0], expected, got);
    for (size_t i = 0; i < findings_count(findings); i++)
        g_test_message("    %s", findings_at(findings, i)->text);
    g_test_fail();
}

static void check_all_seen(GHashTable *seen)
{
    for (int id = 0; id < FINDING_COUNT; id++) {
        const char *code = findings_catalogue((enum finding_id)id).code;
        if (!g_str_has_prefix(code, PREFIX) || g_hash_table_contains(seen, code + strlen(PREFIX)))
            continue;
        g_test_message("%s is in no line of cases.tsv", code);
        g_test_fail();
    }
}

static void test_table(void)
{
    g_autofree char *path =
        g_build_filename(g_getenv("TEST_SRCDIR"), "certificates", "cases.tsv", NULL);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *table = NULL;
    g_auto(GStrv) lines = NULL;

    g_assert_true(g_file_get_contents(path, &table, NULL, NULL));
    lines = g_strsplit(table, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) columns = g_strsplit(*line, "\t", -1);
        if (**line == '#' || **line == '\0')
            continue;
        g_assert_cmpuint(g_strv_length(columns), >=, 3);
        check_case(columns, seen);
    }
    check_all_seen(seen);
}

/* ---- the rest of the header ------------------------------------------------------------------ */

static struct certificate *accepted(const char *name)
{
    auto_ptr(findings) findings = findings_new();
    auto_ptr(trust) trust = trust_of(&USUAL);
    g_autofree char *data = NULL;
    struct certificate *certificate;
    size_t size;

    read_file(name, &data, &size);
    certificate = certificate_check(trust, data, size, &USUAL.options, findings);
    g_assert_nonnull(certificate);
    return certificate;
}

static void test_description(void)
{
    auto_ptr(certificate) good = accepted("good-names.pem");
    auto_ptr(certificate) other = accepted("good.pem");
    auto_ptr(certificate) odd = accepted("subject-odd.pem");

    g_assert_cmpstr(good->subject, ==, "CN=app.example.edu,O=Example");
    g_assert_cmpstr(good->issuer, ==, "CN=Intermediate,O=Example");
    g_assert_cmpuint(strlen(good->sha256), ==, 64);
    g_assert_cmpuint(good->names->len, ==, 7);
    g_assert_cmpstr(g_ptr_array_index(good->names, 5), ==, "::1");
    g_assert_cmpint(good->not_before, ==, time_of("2026-05-01T00:00:00Z"));
    g_assert_cmpint(good->not_after, ==, time_of("2026-09-01T00:00:00Z"));
    /* The key is the same in both. */
    g_assert_cmpstr(good->spki_sha256, ==, other->spki_sha256);
    g_assert_cmpstr(good->sha256, !=, other->sha256);
    g_assert_cmpstr(odd->subject, ==,
                    "CN=a\\00b\\1B[31m\\E2\\80\\AEc\\E2\\80\\8B\xc3\xa9,O=Example");
}

static void test_as_pem(void)
{
    g_autofree char *pem = NULL;
    g_autofree char *again = NULL;
    g_autofree char *plain = NULL;
    g_autofree char *key = NULL;
    size_t size;

    read_file("indented.pem", &pem, &size);
    again = certificate_as_pem(pem, size);
    read_file("good.pem", &plain, NULL);
    g_assert_cmpstr(again, ==, plain);
    read_file("key-last.pem", &key, &size);
    g_assert_null(certificate_as_pem(key, size));
    g_assert_null(certificate_as_pem("", 0));
}

static void test_fingerprints(void)
{
    auto_ptr(certificate) good = accepted("good.pem");
    g_autofree char *pem = certificate_der_as_pem(good->der);
    g_autofree char *reversed = NULL;
    g_autofree char *sha256 = NULL;
    g_autofree char *spki_sha256 = NULL;
    g_autofree char *again = NULL;
    g_autofree char *spki_again = NULL;
    g_autoptr(GError) error = NULL;
    size_t size;

    g_assert_true(certificate_fingerprints(pem, strlen(pem), &sha256, &spki_sha256, &error));
    g_assert_cmpstr(sha256, ==, good->sha256);
    g_assert_cmpstr(spki_sha256, ==, good->spki_sha256);
    read_file("reversed.pem", &reversed, &size);
    g_assert_true(certificate_fingerprints(reversed, size, &again, &spki_again, &error));
    g_assert_cmpstr(again, ==, good->sha256);
    g_assert_false(certificate_fingerprints("x", 1, &sha256, &spki_sha256, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT);
}

/* ---- one failed allocation ------------------------------------------------------------------- */

/* The verdict where the allocation of that number fails alone; 0: none does. */
static enum verdict verdict_without(const struct trust *trust, const char *name, guint64 number)
{
    auto_ptr(findings) findings = findings_new();
    auto_ptr(certificate) leaf = NULL;
    g_autofree char *data = NULL;
    size_t size;

    read_file(name, &data, &size);
    fail_only(number);
    leaf = certificate_check(trust, data, size, &USUAL.options, findings);
    fail_only(NEVER);
    g_assert_true((leaf != NULL) == (findings_verdict(findings) == VERDICT_ACCEPT));
    return findings_verdict(findings);
}

/* Allocations of the check in turn: the verdict is the true one, or that there is none. */
static void check_failures(const char *name, guint64 step, enum verdict true_verdict)
{
    auto_ptr(trust) trust = trust_of(&USUAL);
    guint64 most;

    g_assert_cmpint(verdict_without(trust, name, 0), ==, true_verdict);
    most = made_last;
    g_assert_cmpuint(most, >, 100);
    for (guint64 number = 1; number <= most; number += step) {
        enum verdict verdict = verdict_without(trust, name, number);
        if (verdict != VERDICT_UNAVAILABLE)
            g_assert_cmpint(verdict, ==, true_verdict);
    }
    /* And none of them has left anything behind in the roots. */
    g_assert_cmpint(verdict_without(trust, name, 0), ==, true_verdict);
}

static void test_failures(void)
{
    check_failures("good-direct.pem", 1, VERDICT_ACCEPT);
    check_failures("cross-other-first.pem", 7, VERDICT_ACCEPT);
    check_failures("expired.pem", 7, VERDICT_REFUSE);
    check_failures("key-rsa-close.pem", 7, VERDICT_REFUSE);
}

/* Whether the roots can be loaded where the allocation of that number fails alone. */
static bool loads_without(guint64 number)
{
    g_autofree char *store = file_in_folder("private.pem");
    g_autoptr(GError) error = NULL;
    auto_ptr(trust) trust = NULL;

    fail_only(number);
    trust = trust_load(store, NULL, &error);
    fail_only(NEVER);
    if (!trust)
        g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_BUSY);
    return trust != NULL;
}

static void test_failures_of_roots(void)
{
    guint64 most;

    g_assert_true(loads_without(0));
    most = made_last;
    g_assert_cmpuint(most, >, 100);
    for (guint64 number = 1; number <= most; number++)
        loads_without(number);
}

/* ---- the files of roots ---------------------------------------------------------------------- */

static void check_unusable_roots(const char *name, const char *words)
{
    g_autofree char *path = file_in_folder(name);
    g_autoptr(GError) error = NULL;

    g_assert_null(trust_load(path, NULL, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION);
    g_assert_nonnull(strstr(error->message, words));
}

static void test_unusable_roots(void)
{
    check_unusable_roots("there-is-no-such-file", "could not read the roots: ");
    check_unusable_roots("empty", "it holds no root certificate as PEM");
    check_unusable_roots("word.txt", "it holds no root certificate as PEM");
    check_unusable_roots("damaged.pem", "a certificate in it is damaged");
    check_unusable_roots("only-intermediate.pem",
                         "\"CN=Intermediate,O=Example\" is not self-signed, but "
                         "was issued by \"CN=Common Root,O=Example\"");
    check_unusable_roots("unusable-key.pem", "its key is of the kind 1.3.6.1.4.1.99999.8");
    check_unusable_roots("unusable-resigned.pem", "its authority key identifier");
}

/* Puts the first bytes of a file of the folder in place of the store; SIZE_MAX: all. */
static void replace_store(const char *store, const char *name, size_t size)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    size_t whole;

    read_file(name, &text, &whole);
    g_file_set_contents(store, text, (gssize)MIN(size, whole), &error);
    g_assert_no_error(error);
}

static guint count_roots(const struct trust *trust)
{
    g_autoptr(GPtrArray) roots = trust_roots(trust);

    return roots->len;
}

/* The roots of before stay, and it is told once. */
static void check_not_taken(struct trust *trust, guint roots, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(trust_refresh(trust, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION);
    g_assert_nonnull(strstr(error->message, words));
    g_assert_cmpstr(trust_summarise(trust).failure, ==, error->message);
    g_assert_cmpuint(count_roots(trust), ==, roots);
    g_assert_true(trust_refresh(trust, NULL));
}

static void check_taken(struct trust *trust, guint roots)
{
    g_autoptr(GError) error = NULL;

    trust_refresh(trust, &error);
    g_assert_no_error(error);
    g_assert_null(trust_summarise(trust).failure);
    g_assert_cmpuint(count_roots(trust), ==, roots);
}

static void test_refresh(void)
{
    g_autofree char *store = file_in_folder("store.pem");
    auto_ptr(trust) trust = NULL;

    replace_store(store, "roots.pem", SIZE_MAX);
    trust = trust_load(store, NULL, NULL);
    check_taken(trust, 4);
    replace_store(store, "roots.pem", 1000);
    check_not_taken(trust, 4, "a certificate in it is damaged");
    replace_store(store, "private.pem", SIZE_MAX);
    check_not_taken(trust, 4, "1 of 4 roots are left");
    replace_store(store, "empty", SIZE_MAX);
    check_not_taken(trust, 4, "it holds no root certificate");
    g_remove(store);
    check_not_taken(trust, 4, "could not read the roots");
    replace_store(store, "unusable.pem", SIZE_MAX);
    check_not_taken(trust, 4, "1 of 4 roots are left");
    replace_store(store, "more-roots.pem", SIZE_MAX);
    check_taken(trust, 5);
}

static void expect_end(const struct trust *trust, const char *sha256, const char *end)
{
    const struct known_root *known = trust_known(trust, sha256);

    g_assert_nonnull(known);
    g_assert_cmpint(roots_distrust_after(known), ==, end ? time_of(end) : 0);
}

/* Facts of the list: Mozilla's own date, a root that is gone, one that is trusted. */
static void test_list(void)
{
    auto_ptr(trust) trust = trust_of(&USUAL);
    const struct known_root *trusted =
        trust_known(trust, "96bcec06264976f37460779acf28c5a7cfe8a3c0aae11a8ffcee05c0bddf08c6");

    expect_end(trust, "43df5774b03e7fef5fe40d931a7bedf1bb2e6b42738c4e6d3841103d3aa7f339",
               "2024-11-30T23:59:59Z");
    expect_end(trust, "86a1ecba089c4a8d3bbe2734c612ba341d813e043cf9e8a862cd5c57a36bbe6b",
               "2025-04-19T23:59:59Z");
    expect_end(trust, trusted->sha256, NULL);
    g_assert_cmpstr(trusted->name, ==, "ISRG Root X1");
    g_assert_cmpstr(trusted->key_identifier, ==, "79b459e67bb6e5e40173800888c81a58f6e99b6e");
    g_assert_null(trust_known(trust, trusted->subject_sha256));
    g_assert_cmpstr(trust_list_date(), >=, "2026-10-28");
}

/* Each entry is whole: none is made by a faulty reading. */
static void test_entries_of_list(void)
{
    size_t count;
    const struct known_root *list = roots_list(&count);

    g_assert_cmpuint(count, >, 150);
    for (size_t i = 0; i < count; i++) {
        g_assert_cmpuint(strlen(list[i].sha256), ==, 64);
        g_assert_cmpuint(strlen(list[i].subject_sha256), ==, 64);
        g_assert_true(strlen(list[i].key_identifier) % 2 == 0);
        g_assert_true(*list[i].last_day == '\0' || strlen(list[i].last_day) == 10);
    }
}

static void test_package(void)
{
    g_autofree char *path = file_in_folder("root.crt");
    struct utimbuf times = {.modtime = 1749801822};

    g_assert_cmpint(trust_package_time("/nonexistent"), ==, 0);
    g_assert_cmpint(trust_package_time(folder), ==, 0);
    replace_store(path, "good.pem", SIZE_MAX);
    g_assert_cmpint(g_utime(path, &times), ==, 0);
    g_assert_cmpint(trust_package_time(folder), ==, times.modtime);
    g_remove(path);
}

static void test_summary(void)
{
    struct setting setting = USUAL;
    auto_ptr(trust) trust = NULL;
    struct trust_summary summary;

    setting.private_root = "private.pem";
    setting.roots = "unusable.pem";
    setting.distrust_after = 1;
    trust = trust_of(&setting);
    summary = trust_summarise(trust);
    g_assert_cmpuint(summary.common, ==, 1);
    g_assert_cmpuint(summary.added, ==, 1);
    g_assert_cmpuint(summary.unusable, ==, 2);
    g_assert_cmpuint(summary.unlisted, ==, 1);
    g_assert_cmpuint(summary.distrusted, ==, 1);
    g_assert_cmpuint(summary.absent, >, 100);
    g_assert_true(g_str_has_suffix(summary.file, "/unusable.pem"));
    g_assert_cmpint(summary.packaged, ==, 0);
    g_assert_false(trust_is_old(&summary, summary.written + 365 * 86400));
    g_assert_true(trust_is_old(&summary, summary.written + 365 * 86400 + 1));
    /* A file is written anew without anything new in it. */
    summary.packaged = summary.written - 86400;
    g_assert_false(trust_is_old(&summary, summary.written + 364 * 86400));
    g_assert_true(trust_is_old(&summary, summary.written + 364 * 86400 + 1));
}

/* What the list has and the file lacks, and only what is trusted. */
static void check_absent(const char *roots, const char *known, guint count)
{
    struct setting setting = USUAL;
    auto_ptr(trust) trust = NULL;
    g_autoptr(GPtrArray) absent = NULL;

    setting.roots = roots;
    setting.known = known;
    trust = trust_of(&setting);
    absent = trust_absent_roots(trust);
    g_assert_cmpuint(absent->len, ==, count);
    if (count > 0)
        g_assert_cmpstr(((struct trust_root *)g_ptr_array_index(absent, 0))->name, ==,
                        "Known Root");
}

static void test_absent(void)
{
    check_absent("roots.pem", "other-root-only.pem", 1);
    check_absent("roots.pem", "other-root-only.pem,2026-01-01", 0);
    check_absent("other-root-only.pem", "other-root-only.pem", 0);
    check_absent("unusable.pem", "unusable-resigned.pem", 0);
}

/* Which file, and how old: whoever reads it tells those who can renew it. */
static void test_words_of_absence(void)
{
    auto_ptr(findings) findings = findings_new();
    struct setting setting = USUAL;
    auto_ptr(trust) trust = NULL;
    g_autofree char *store = NULL;
    g_autofree char *data = NULL;
    size_t size;

    setting.known = "other-root-only.pem";
    trust = trust_of(&setting);
    store = trust_store_text(trust);
    read_file("other-root-alone.pem", &data, &size);
    g_assert_null(certificate_check(trust, data, size, &setting.options, findings));
    g_assert_nonnull(strstr(findings_at(findings, 0)->text, "root \"CN=Other Root,O=Example\""));
    g_assert_nonnull(strstr(findings_at(findings, 0)->text, store));
    g_assert_nonnull(strstr(store, "/roots.pem, written on "));
}

/* ---- making the files ------------------------------------------------------------------------ */

static void make(void)
{
    g_autofree char *script =
        g_build_filename(g_getenv("TEST_SRCDIR"), "certificates", "make", NULL);
    char *arguments[] = {script, folder, NULL};
    g_autoptr(GError) error = NULL;
    int status = 0;

    g_spawn_sync(NULL, arguments, NULL, 0, NULL, NULL, NULL, NULL, &status, &error);
    g_assert_no_error(error);
    g_spawn_check_wait_status(status, &error);
    g_assert_no_error(error);
}

static void remove_folder(void)
{
    g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);

    for (const char *name; (name = g_dir_read_name(files));) {
        g_autofree char *path = file_in_folder(name);
        g_remove(path);
    }
    g_rmdir(folder);
    g_free(folder);
}

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("appsmtp-certificates-XXXXXX", NULL);
    g_assert_nonnull(folder);
    make();
    g_test_add_func("/certificate-cases/table", test_table);
    g_test_add_func("/certificate-cases/description", test_description);
    g_test_add_func("/certificate-cases/as-pem", test_as_pem);
    g_test_add_func("/certificate-cases/fingerprints", test_fingerprints);
    g_test_add_func("/certificate-cases/failures", test_failures);
    g_test_add_func("/certificate-cases/failures-of-roots", test_failures_of_roots);
    g_test_add_func("/certificate-cases/unusable-roots", test_unusable_roots);
    g_test_add_func("/certificate-cases/refresh", test_refresh);
    g_test_add_func("/certificate-cases/list", test_list);
    g_test_add_func("/certificate-cases/entries-of-list", test_entries_of_list);
    g_test_add_func("/certificate-cases/package", test_package);
    g_test_add_func("/certificate-cases/summary", test_summary);
    g_test_add_func("/certificate-cases/absent", test_absent);
    g_test_add_func("/certificate-cases/words-of-absence", test_words_of_absence);
    status = g_test_run();
    remove_folder();
    return status;
}
