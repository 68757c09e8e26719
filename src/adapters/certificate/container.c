/* SPDX-License-Identifier: MIT
 *
 * Which container it is, and what is in it. A private key is looked for first,
 * in whatever form, because nothing else matters then.
 */
#include "adapters/certificate/container.h"

#include "adapters/certificate/der.h"
#include "adapters/certificate/openssl.h"
#include "adapters/certificate/pem.h"
#include "base/limits.h"
#include "rules/secret/fold.h"
#include "rules/secret/gate.h"
#include "rules/secret/layers.h"

/* The same thing twice in a file is said once. */
static void add_once(struct findings *findings, enum finding_id id)
{
    if (!findings_has(findings, id))
        findings_add(findings, id, NULL);
}

static bool is_empty(struct view data)
{
    return view_is_blank(view_begins_with(data, "\xef\xbb\xbf", 3) ? view_from(data, data.at + 3)
                                                                   : data);
}

/* Whether each second byte of the first ones is zero, and no other. */
static bool has_zeroes_at(struct view data, size_t parity)
{
    enum { LOOKED_AT = 32 };
    size_t size = MIN(data.size, LOOKED_AT);

    for (size_t i = 0; i < size; i++)
        if ((data.at[i] == 0) != (i % 2 == parity))
            return false;
    return size >= 4;
}

/* By its mark, or because it begins with plain letters. */
static bool is_utf16(struct view data)
{
    return view_begins_with(data, "\xff\xfe", 2) || view_begins_with(data, "\xfe\xff", 2) ||
           has_zeroes_at(data, 0) || has_zeroes_at(data, 1);
}

/* ---- PEM ---------------------------------------------------------------------------------- */

/* Blocks that are refused by their label; those of the other labels are judged by their content. */
static enum finding_id refused_label(const char *label)
{
    static const struct {
        const char *label;
        enum finding_id id;
    } refused[] = {
        {"CERTIFICATE REQUEST", FINDING_CERTIFICATE_CSR},
        {"NEW CERTIFICATE REQUEST", FINDING_CERTIFICATE_CSR},
        {"X509 CRL", FINDING_CERTIFICATE_CRL},
        {"TRUSTED CERTIFICATE", FINDING_CERTIFICATE_TRUSTED},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++)
        if (g_str_equal(label, refused[i].label))
            return refused[i].id;
    return FINDING_COUNT;
}

/* CERTIFICATE, X509 CERTIFICATE, SSL CERTIFICATE ..., and the names of PKCS#7. */
static bool label_has_certificates(const char *label)
{
    static const char *const labels[] = {"PKCS7", "PKCS #7 SIGNED DATA", "CMS", NULL};

    return g_str_has_suffix(label, "CERTIFICATE") || g_strv_contains(labels, label);
}

static void read_block(const struct pem_block *block, GPtrArray *found, struct findings *findings)
{
    enum finding_id refused = refused_label(block->label);

    if (refused != FINDING_COUNT)
        add_once(findings, refused);
    else if (label_has_certificates(block->label) &&
             (!block->der || !der_read(wiped_view(block->der), found, findings)))
        add_once(findings, FINDING_CERTIFICATE_DAMAGED);
}

/* The letters alone, in capitals: labels may have lost anything else. Caller frees. */
static char *letters_of(struct view text)
{
    GString *letters = g_string_sized_new(text.size);

    for (size_t i = 0; i < text.size; i++)
        if (g_ascii_isalpha((char)text.at[i]))
            g_string_append_c(letters, g_ascii_toupper((char)text.at[i]));
    return g_string_free(letters, FALSE);
}

/* What a first or last line tells that is no label any more; FINDING_COUNT for nothing. */
static enum finding_id stray_label(struct view text)
{
    g_autofree char *letters = letters_of(text);

    if (strstr(letters, "BEGINCERTIFICATEREQUEST") || strstr(letters, "BEGINNEWCERTIFICATEREQUEST"))
        return FINDING_CERTIFICATE_CSR;
    if (strstr(letters, "BEGINCERTIFICATE") || strstr(letters, "ENDCERTIFICATE"))
        return FINDING_CERTIFICATE_NO_BEGIN_LINE;
    return FINDING_COUNT;
}

static void explain_stray(struct view between, struct findings *findings)
{
    enum finding_id id = stray_label(between);

    if (id != FINDING_COUNT)
        add_once(findings, id);
}

/* A text of blocks that were all of no interest, such as a public key alone. */
static void explain_nothing(struct view text, struct findings *findings)
{
    add_once(findings, view_find(text, "PUBLIC KEY") ? FINDING_CERTIFICATE_PUBLIC_KEY
                                                     : FINDING_CERTIFICATE_NOT_A_CERTIFICATE);
}

static void read_pem(struct view text, GPtrArray *found, struct findings *findings)
{
    struct view rest = text;
    struct pem_block block = {.label = NULL};
    enum pem_outcome outcome;

    do {
        outcome = pem_next(&rest, &block);
        explain_stray(block.before, findings);
        if (outcome == PEM_BLOCK || outcome == PEM_DAMAGED)
            read_block(&block, found, findings);
        else if (outcome == PEM_TRUNCATED)
            add_once(findings, FINDING_CERTIFICATE_TRUNCATED);
    } while (outcome != PEM_NO_MORE);
    pem_block_clear(&block);
    if (found->len == 0 && findings_count(findings) == 0)
        explain_nothing(text, findings);
}

/* ---- another kind of file ------------------------------------------------------------------ */

struct file_kind {
    const char *begins;
    size_t size;
    const char *words;
};

#define BEGINS(bytes) bytes, sizeof bytes - 1

static const char *kind_among(const struct file_kind *kinds, size_t count, struct view data)
{
    for (size_t i = 0; i < count; i++)
        if (view_begins_with(data, kinds[i].begins, kinds[i].size))
            return kinds[i].words;
    return NULL;
}

static const char *archive_kind(struct view data)
{
    static const struct file_kind kinds[] = {
        {BEGINS("PK\3\4"), "ZIP"},
        {BEGINS("PK\5\6"), "ZIP"},
        {BEGINS("PK\7\10"), "ZIP"},
        {BEGINS("\x1f\x8b"), "gzip"},
        {BEGINS("7z\xbc\xaf"), "7-Zip"},
        {BEGINS("Rar!\x1a"), "RAR"},
        {BEGINS("BZh"), "bzip2"},
        {BEGINS("\xfd"
                "7zXZ"),
         "xz"},
    };

    return kind_among(kinds, G_N_ELEMENTS(kinds), data);
}

/* Documents of office programs are ZIP archives, whose first entry has one of these names. */
static bool is_office_archive(struct view data)
{
    struct view head = {data.at, MIN(data.size, 2000)};

    return view_begins_with(data, "PK\3\4", 4) &&
           (view_find(head, "[Content_Types].xml") ||
            view_find(head, "mimetypeapplication/vnd.oasis.opendocument"));
}

static bool is_web_page(struct view data)
{
    g_autofree char *head = g_strndup((const char *)data.at, MIN(data.size, 1000));
    const char *at = head + (g_str_has_prefix(head, "\xef\xbb\xbf") ? 3 : 0);

    while (g_ascii_isspace(*at))
        at++;
    return g_ascii_strncasecmp(at, "<!doctype html", 14) == 0 ||
           g_ascii_strncasecmp(at, "<html", 5) == 0;
}

static const char *document_kind(struct view data)
{
    static const struct file_kind kinds[] = {
        {BEGINS("%PDF-"), "a PDF document"},
        {BEGINS("{\\rtf"), "a document of an office program"},
        {BEGINS("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "a document of an office program"},
        {BEGINS("\x89PNG"), "a picture"},
        {BEGINS("\xff\xd8\xff"), "a picture"},
    };

    if (is_office_archive(data))
        return "a document of an office program";
    if (is_web_page(data))
        return "a web page";
    return kind_among(kinds, G_N_ELEMENTS(kinds), data);
}

/* True when it is a file that people take for a certificate's, and no certificate is in reach. */
static bool explain_file(struct view data, struct findings *findings)
{
    const char *document = document_kind(data);
    const char *archive = document ? NULL : archive_kind(data);

    if (document)
        findings_add(findings, FINDING_CERTIFICATE_DOCUMENT, document, NULL);
    else if (archive)
        findings_add(findings, FINDING_CERTIFICATE_ZIP, archive, NULL);
    return document || archive;
}

/* ---- neither PEM nor DER ------------------------------------------------------------------- */

static bool is_ssh_public_key(struct view text)
{
    return view_begins_with(text, "ssh-", 4) || view_begins_with(text, "ecdsa-sha2-", 11) ||
           view_find(text, "BEGIN SSH2 PUBLIC KEY");
}

/*
 * Base64 without its lines: what it is decides. A PKCS#7 is whole by itself; where the
 * lines of a certificate are lost, others that stood beside it may be as well.
 */
static bool read_bare_base64(struct view text, GPtrArray *found, struct findings *findings)
{
    auto_ptr(wiped) der = pem_decode(text);
    g_autoptr(GPtrArray) inside = g_ptr_array_new_with_free_func(x509_release);
    auto_ptr(findings) mine = findings_new();

    if (!der || !der_begins(wiped_view(der)))
        return false;
    if (!der_read(wiped_view(der), inside, mine) ||
        (findings_count(mine) == 0 && !der_is_bundle(wiped_view(der))))
        findings_add(mine, FINDING_CERTIFICATE_NO_BEGIN_LINE, NULL);
    else
        g_ptr_array_extend_and_steal(found, g_steal_pointer(&inside));
    findings_take(findings, mine);
    return true;
}

static void read_other(struct view text, GPtrArray *found, struct findings *findings)
{
    enum finding_id stray = stray_label(text);

    if (is_ssh_public_key(text))
        add_once(findings, FINDING_CERTIFICATE_PUBLIC_KEY);
    else if (stray != FINDING_COUNT)
        add_once(findings, stray);
    else if (!read_bare_base64(text, found, findings))
        add_once(findings, FINDING_CERTIFICATE_NOT_A_CERTIFICATE);
}

static void read_plain(struct view text, GPtrArray *found, struct findings *findings)
{
    if (pem_begins(text))
        read_pem(text, found, findings);
    else
        read_other(text, found, findings);
}

/* ---- text that is wrapped in something ------------------------------------------------------- */

/* Such as a text is when something was done to it; all else is what its finding says. */
static bool is_vague(const struct findings *findings)
{
    return findings_has(findings, FINDING_CERTIFICATE_NOT_A_CERTIFICATE) ||
           findings_has(findings, FINDING_CERTIFICATE_NO_BEGIN_LINE) ||
           findings_has(findings, FINDING_CERTIFICATE_TRUNCATED) ||
           findings_has(findings, FINDING_CERTIFICATE_DAMAGED) ||
           findings_has(findings, FINDING_CERTIFICATE_TRAILING_DATA);
}

/*
 * Reads the text as it is without one of its wrappings, and without another one in that;
 * false when it makes no more sense so. Safe, because what comes out is judged as any other
 * certificate is.
 */
static bool read_unwrapped(struct view text, unsigned deep, GPtrArray *found,
                           struct findings *findings)
{
    static layer_take_off *const kinds[] = {layers_take_off_escapes, layers_take_off_form,
                                            layers_take_off_quoted, layers_take_off_margins,
                                            layers_take_off_base64};

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        auto_ptr(wiped) plain = kinds[i](text);
        g_autoptr(GPtrArray) inside = g_ptr_array_new_with_free_func(x509_release);
        auto_ptr(findings) mine = findings_new();
        if (!plain)
            continue;
        read_plain(wiped_view(plain), inside, mine);
        if (!is_vague(mine)) {
            g_ptr_array_extend_and_steal(found, g_steal_pointer(&inside));
            findings_take(findings, mine);
            return true;
        }
        if (deep > 1 && read_unwrapped(wiped_view(plain), deep - 1, found, findings))
            return true;
    }
    return false;
}

static void read_text(struct view text, GPtrArray *found, struct findings *findings)
{
    auto_ptr(wiped) folded = fold_text(text);
    struct view plain = folded ? wiped_view(folded) : text;
    g_autoptr(GPtrArray) inside = g_ptr_array_new_with_free_func(x509_release);
    auto_ptr(findings) mine = findings_new();

    read_plain(plain, inside, mine);
    if (is_vague(mine) &&
        (read_unwrapped(plain, 2, found, findings) || explain_file(text, findings)))
        return;
    g_ptr_array_extend_and_steal(found, g_steal_pointer(&inside));
    findings_take(findings, mine);
}

/* ---- all of it ----------------------------------------------------------------------------- */

static void read_any(struct view data, GPtrArray *found, struct findings *findings)
{
    if (is_empty(data))
        add_once(findings, FINDING_CERTIFICATE_EMPTY);
    else if (gate_refuses("certificate", data.at, data.size, findings))
        return;
    else if (data.size > LIMIT_CERTIFICATE_FILE)
        add_once(findings, FINDING_CERTIFICATE_TOO_LARGE);
    else if (is_utf16(data))
        add_once(findings, FINDING_CERTIFICATE_UTF16);
    else if (!der_begins(data))
        read_text(data, found, findings);
    else if (!der_read(data, found, findings))
        add_once(findings, FINDING_CERTIFICATE_NOT_A_CERTIFICATE);
}

/* A server's file often has the same certificate twice. */
static GPtrArray *without_duplicates(const GPtrArray *all)
{
    GPtrArray *unique = g_ptr_array_new_with_free_func(x509_release);

    for (guint i = 0; i < all->len; i++) {
        X509 *certificate = g_ptr_array_index(all, i);
        bool known = false;
        for (guint j = 0; j < unique->len && !known; j++)
            known = X509_cmp(g_ptr_array_index(unique, j), certificate) == 0;
        if (known)
            continue;
        X509_up_ref(certificate);
        g_ptr_array_add(unique, certificate);
    }
    return unique;
}

static void check_count(const GPtrArray *certificates, struct findings *findings)
{
    g_autofree char *count = g_strdup_printf("%u", certificates->len);

    if (certificates->len > LIMIT_CERTIFICATES_IN_FILE)
        findings_add(findings, FINDING_CERTIFICATE_TOO_MANY, count,
                     G_STRINGIFY(LIMIT_CERTIFICATES_IN_FILE), NULL);
}

GPtrArray *container_read(const void *data, size_t size, struct findings *findings)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(x509_release);
    auto_ptr(findings) mine = findings_new();
    GPtrArray *unique;

    read_any((struct view){data, size}, all, mine);
    unique = without_duplicates(all);
    check_count(unique, mine);
    findings_take(findings, mine);
    ERR_clear_error();
    return unique;
}
