/* SPDX-License-Identifier: MIT
 *
 * The roots: read when a program starts, and again when their files are replaced.
 */
#include "adapters/certificate/trust.h"

#include "adapters/certificate/facts.h"
#include "adapters/certificate/key.h"
#include "adapters/certificate/memory.h"
#include "adapters/certificate/names.h"
#include "adapters/config/config.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

#include <errno.h>

/* What Debian's update-ca-certificates writes, anew after many an update, and out of what. */
#define DEBIAN_STORE "/etc/ssl/certs/ca-certificates.crt"
#define DEBIAN_ROOTS "/usr/share/ca-certificates/mozilla"

struct root_file {
    char *name;
    bool added;
    gint64 written;   /* the file that is in force (seconds since 1970) */
    gint64 packaged;  /* the package that it was made from; 0: not known */
    struct stat seen; /* by file_changed() */
};

static void root_file_free(gpointer data)
{
    struct root_file *file = data;

    g_free(file->name);
    g_free(file);
}

static void anchor_free(gpointer data)
{
    struct anchor *anchor = data;

    X509_free(anchor->certificate);
    g_free(anchor->sha256);
    g_free(anchor);
}

static void unusable_root_free(gpointer data)
{
    struct unusable_root *root = data;

    X509_free(root->certificate);
    g_free(root->reason);
    g_free(root);
}

static struct trust *trust_new(const char *weak_keys)
{
    struct trust *trust = g_new(struct trust, 1);

    trust->files = g_ptr_array_new_with_free_func(root_file_free);
    trust->anchors = g_ptr_array_new_with_free_func(anchor_free);
    trust->intermediates = g_ptr_array_new_with_free_func(x509_release);
    trust->unusable = g_ptr_array_new_with_free_func(unusable_root_free);
    trust->known = roots_list(&trust->known_count);
    trust->weak_keys = g_strdup(weak_keys);
    trust->failure = NULL;
    return trust;
}

void trust_free(struct trust *trust)
{
    if (!trust)
        return;
    g_ptr_array_unref(trust->files);
    g_ptr_array_unref(trust->anchors);
    g_ptr_array_unref(trust->intermediates);
    g_ptr_array_unref(trust->unusable);
    g_free(trust->weak_keys);
    g_free(trust->failure);
    g_free(trust);
}

static void add_file(struct trust *trust, const char *name, bool added)
{
    struct root_file *file = g_new0(struct root_file, 1);

    file->name = g_strdup(name);
    file->added = added;
    g_ptr_array_add(trust->files, file);
}

/* ---- the list ------------------------------------------------------------------------------ */

const struct known_root *trust_known(const struct trust *trust, const char *sha256)
{
    for (size_t i = 0; i < trust->known_count; i++)
        if (g_str_equal(trust->known[i].sha256, sha256))
            return &trust->known[i];
    return NULL;
}

bool trust_holds(const struct trust *trust, const char *sha256)
{
    for (guint i = 0; i < trust->anchors->len; i++) {
        const struct anchor *anchor = g_ptr_array_index(trust->anchors, i);
        if (g_str_equal(anchor->sha256, sha256))
            return true;
    }
    return false;
}

/* ---- one certificate ----------------------------------------------------------------------- */

static gint64 distrust_of(const struct trust *trust, const char *sha256)
{
    const struct known_root *known = trust_known(trust, sha256);

    return known ? roots_distrust_after(known) : 0;
}

/* Why no path can end at one that names itself as its issuer; NULL when it is an intermediate. */
static char *unusable_reason(X509 *certificate)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    auto_ptr(certificate_facts) facts = NULL;

    if (key)
        return X509_verify(certificate, key) == 1
                   ? g_strdup("the issuer that its authority key identifier or its serial number "
                              "names is another certificate than itself")
                   : NULL;
    facts = facts_read_cost(certificate);
    return g_strdup_printf("its key is of the kind %s, which the OpenSSL of this machine does not "
                           "know",
                           facts->key_name);
}

static void add_anchor(struct trust *trust, X509 *certificate, bool added)
{
    struct anchor *anchor = g_new(struct anchor, 1);
    char *sha256 = facts_sha256(certificate);

    *anchor = (struct anchor){certificate, sha256, added, added ? 0 : distrust_of(trust, sha256)};
    g_ptr_array_add(trust->anchors, anchor);
}

static void add_unusable(struct trust *trust, X509 *certificate, char *reason)
{
    struct unusable_root *root = g_new(struct unusable_root, 1);

    *root = (struct unusable_root){certificate, reason};
    g_ptr_array_add(trust->unusable, root);
}

/* Takes the certificate. Only one that issued itself is where a path may end. */
static void add(struct trust *trust, X509 *certificate, bool added)
{
    guint32 flags = X509_get_extension_flags(certificate);
    char *reason =
        (flags & EXFLAG_SI) && !(flags & EXFLAG_SS) ? unusable_reason(certificate) : NULL;

    if (flags & EXFLAG_SS)
        add_anchor(trust, certificate, added);
    else if (reason)
        add_unusable(trust, certificate, reason);
    else
        g_ptr_array_add(trust->intermediates, certificate);
}

/* ---- how old the roots are ------------------------------------------------------------------ */

gint64 trust_package_time(const char *folder)
{
    g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);
    gint64 newest = 0;

    for (const char *name; files && (name = g_dir_read_name(files));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct stat found;
        if (g_str_has_suffix(name, ".crt") && stat(path, &found) == 0)
            newest = MAX(newest, found.st_mtim.tv_sec);
    }
    return newest;
}

/* ---- one file ------------------------------------------------------------------------------ */

/* Reads all certificates; false when one of them is broken. */
static bool add_all(struct trust *trust, const char *text, size_t size, bool added)
{
    g_autoptr(BIO) memory = BIO_new_mem_buf(text, (int)size);
    bool whole;

    for (X509 *one; (one = PEM_read_bio_X509(memory, NULL, NULL, NULL));)
        add(trust, one, added);
    whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return whole;
}

/* What is there instead of a root. */
static char *explain_no_root(const struct trust *trust)
{
    g_autofree char *name = NULL;

    if (trust->unusable->len > 0) {
        const struct unusable_root *root = g_ptr_array_index(trust->unusable, 0);
        name = facts_subject(root->certificate);
        return g_strdup_printf("no path can end at \"%s\": %s", name, root->reason);
    }
    if (trust->intermediates->len > 0) {
        X509 *first = g_ptr_array_index(trust->intermediates, 0);
        g_autofree char *issuer = names_of(X509_get_issuer_name(first));
        name = facts_subject(first);
        return g_strdup_printf("\"%s\" is not self-signed, but was issued by \"%s\", whose "
                               "certificate is the one that belongs there",
                               name, issuer);
    }
    return g_strdup("it holds no root certificate as PEM");
}

static bool refuse_file(GError **error, const char *file, const char *reason)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                "cannot use the roots in \"%s\": %s", file, reason);
    return false;
}

/* Into a struct trust of its own, so that what is told is of this file. */
static bool read_file(struct trust *trust, const struct root_file *file, GError **error)
{
    g_autofree char *text = NULL;
    g_autofree char *reason = NULL;
    g_autoptr(GError) failure = NULL;
    size_t size = 0;

    if (!g_file_get_contents(file->name, &text, &size, &failure)) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                    "could not read the roots: %s", failure->message);
        return false;
    }
    if (size > G_MAXINT || !add_all(trust, text, size, file->added))
        return refuse_file(error, file->name, "a certificate in it is damaged");
    if (trust->anchors->len > 0)
        return true;
    reason = explain_no_root(trust);
    return refuse_file(error, file->name, reason);
}

static bool add_file_of(struct trust *trust, struct root_file *file, GError **error)
{
    auto_ptr(trust) one = trust_new(NULL);

    /* Looked at before it is read: what is written in between is read the next time. */
    file_changed(file->name, &file->seen);
    file->written = file->seen.st_mtim.tv_sec;
    file->packaged = g_str_equal(file->name, DEBIAN_STORE) ? trust_package_time(DEBIAN_ROOTS) : 0;
    if (!read_file(one, file, error))
        return false;
    g_ptr_array_extend_and_steal(trust->anchors, g_steal_pointer(&one->anchors));
    g_ptr_array_extend_and_steal(trust->intermediates, g_steal_pointer(&one->intermediates));
    g_ptr_array_extend_and_steal(trust->unusable, g_steal_pointer(&one->unusable));
    one->anchors = g_ptr_array_new();
    one->intermediates = g_ptr_array_new();
    one->unusable = g_ptr_array_new();
    return true;
}

/* ---- all files ----------------------------------------------------------------------------- */

static bool read_files(struct trust *trust, GError **error)
{
    for (guint i = 0; i < trust->files->len; i++)
        if (!add_file_of(trust, g_ptr_array_index(trust->files, i), error))
            return false;
    return true;
}

/* Without memory nothing holds that was said of the files. */
static bool read_all(struct trust *trust, GError **error)
{
    guint64 before = memory_failures();
    g_autoptr(GError) failure = NULL;
    bool good = read_files(trust, &failure);

    if (memory_failures() != before) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_BUSY, "could not read the roots: %s",
                    g_strerror(ENOMEM));
        return false;
    }
    if (!good)
        g_propagate_error(error, g_steal_pointer(&failure));
    return good;
}

struct trust *trust_load(const char *store, const GPtrArray *private_roots, GError **error)
{
    auto_ptr(trust) trust = trust_new(CERTIFICATE_WEAK_KEYS);

    add_file(trust, store, false);
    for (guint i = 0; private_roots && i < private_roots->len; i++)
        add_file(trust, g_ptr_array_index(private_roots, i), true);
    return read_all(trust, error) ? g_steal_pointer(&trust) : NULL;
}

struct trust *trust_open(const struct certificate_settings *settings, GError **error)
{
    struct trust *trust = trust_load(settings->trust_store, settings->private_roots, error);

    if (trust)
        trust_use_weak_keys(trust, settings->weak_keys);
    return trust;
}

void trust_use_weak_keys(struct trust *trust, const char *folder)
{
    g_free(trust->weak_keys);
    trust->weak_keys = g_strdup(folder);
}

/* Looks at all of them, whatever the first ones say. */
static bool any_changed(const struct trust *trust)
{
    bool changed = false;

    for (guint i = 0; i < trust->files->len; i++) {
        struct root_file *file = g_ptr_array_index(trust->files, i);
        changed |= file_changed(file->name, &file->seen);
    }
    return changed;
}

char *trust_weak_key_lists(const struct trust *trust)
{
    return key_weak_lists(trust->weak_keys);
}

static struct trust *trust_again(const struct trust *trust)
{
    struct trust *again = trust_new(trust->weak_keys);

    for (guint i = 0; i < trust->files->len; i++) {
        const struct root_file *file = g_ptr_array_index(trust->files, i);
        add_file(again, file->name, file->added);
    }
    return again;
}

/* Half of the roots less is a file that is being written, not a list that was renewed. */
static bool is_plausible(const struct trust *now, const struct trust *again, GError **error)
{
    if (again->anchors->len * 2 > now->anchors->len)
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_CONFIGURATION,
                "%u of %u roots are left in the files: the earlier ones stay in force until a "
                "restart",
                again->anchors->len, now->anchors->len);
    return false;
}

static void swap_trusts(struct trust *a, struct trust *b)
{
    struct trust held = *a;

    *a = *b;
    *b = held;
}

bool trust_refresh(struct trust *trust, GError **error)
{
    auto_ptr(trust) again = NULL;
    g_autoptr(GError) failure = NULL;

    if (!any_changed(trust))
        return true;
    again = trust_again(trust);
    if (read_all(again, &failure) && is_plausible(trust, again, &failure)) {
        swap_trusts(trust, again);
        return true;
    }
    g_free(trust->failure);
    trust->failure = g_strdup(failure->message);
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

/* ---- for operators -------------------------------------------------------------------------- */

static void trust_root_free(gpointer data)
{
    struct trust_root *root = data;

    g_free(root->name);
    g_free(root->sha256);
    g_free(root->unusable);
    g_free(root);
}

static struct trust_root *describe(const struct trust *trust, X509 *certificate, bool added)
{
    struct trust_root *root = g_new0(struct trust_root, 1);

    root->name = facts_subject(certificate);
    root->sha256 = facts_sha256(certificate);
    root->not_after = facts_time(X509_get0_notAfter(certificate), 0);
    root->added = added;
    root->listed = trust_known(trust, root->sha256) != NULL;
    root->distrust_after = added ? 0 : distrust_of(trust, root->sha256);
    return root;
}

static gint compare_roots(gconstpointer a, gconstpointer b)
{
    const struct trust_root *left = *(struct trust_root *const *)a;
    const struct trust_root *right = *(struct trust_root *const *)b;
    int order = g_utf8_collate(left->name, right->name);

    return order ? order : strcmp(left->sha256, right->sha256);
}

GPtrArray *trust_roots(const struct trust *trust)
{
    GPtrArray *roots = g_ptr_array_new_with_free_func(trust_root_free);

    for (guint i = 0; i < trust->anchors->len; i++) {
        const struct anchor *anchor = g_ptr_array_index(trust->anchors, i);
        g_ptr_array_add(roots, describe(trust, anchor->certificate, anchor->added));
    }
    for (guint i = 0; i < trust->unusable->len; i++) {
        const struct unusable_root *unusable = g_ptr_array_index(trust->unusable, i);
        struct trust_root *root = describe(trust, unusable->certificate, false);
        root->unusable = g_strdup(unusable->reason);
        g_ptr_array_add(roots, root);
    }
    g_ptr_array_sort(roots, compare_roots);
    return roots;
}

/* Of the list, trusted today, and in no file; an unusable one is in a file all the same. */
static bool is_absent(const struct trust *trust, const struct known_root *known)
{
    if (*known->last_day || trust_holds(trust, known->sha256))
        return false;
    for (guint i = 0; i < trust->unusable->len; i++) {
        const struct unusable_root *root = g_ptr_array_index(trust->unusable, i);
        g_autofree char *sha256 = facts_sha256(root->certificate);
        if (g_str_equal(sha256, known->sha256))
            return false;
    }
    return true;
}

GPtrArray *trust_absent_roots(const struct trust *trust)
{
    GPtrArray *roots = g_ptr_array_new_with_free_func(trust_root_free);

    for (size_t i = 0; i < trust->known_count; i++) {
        const struct known_root *known = &trust->known[i];
        struct trust_root *root;
        if (!is_absent(trust, known))
            continue;
        root = g_new0(struct trust_root, 1);
        root->name = g_strdup(known->name);
        root->sha256 = g_strdup(known->sha256);
        root->listed = true;
        g_ptr_array_add(roots, root);
    }
    g_ptr_array_sort(roots, compare_roots);
    return roots;
}

static void count_anchor(const struct trust *trust, const struct anchor *anchor,
                         struct trust_summary *summary)
{
    summary->added += anchor->added;
    if (anchor->added)
        return;
    summary->common++;
    summary->distrusted += anchor->distrust_after != 0;
    summary->unlisted += !trust_known(trust, anchor->sha256);
}

struct trust_summary trust_summarise(const struct trust *trust)
{
    const struct root_file *store = g_ptr_array_index(trust->files, 0);
    g_autoptr(GPtrArray) absent = trust_absent_roots(trust);
    struct trust_summary summary = {
        .file = store->name,
        .absent = absent->len,
        .unusable = trust->unusable->len,
        .written = store->written,
        .packaged = store->packaged,
        .weak_keys = trust->weak_keys,
        .failure = trust->failure,
    };

    for (guint i = 0; i < trust->anchors->len; i++)
        count_anchor(trust, g_ptr_array_index(trust->anchors, i), &summary);
    return summary;
}

bool trust_is_old(const struct trust_summary *summary, gint64 now)
{
    gint64 made = summary->packaged ? summary->packaged : summary->written;

    return now - made > LIMIT_ROOTS_DAYS * (gint64)24 * 60 * 60;
}

/* "3 May 2026" */
static char *day_text(gint64 at)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(at);

    return time ? g_date_time_format(time, "%-d %B %Y") : g_strdup("a date out of reach");
}

char *trust_store_text(const struct trust *trust)
{
    const struct root_file *store = g_ptr_array_index(trust->files, 0);
    g_autofree char *written = day_text(store->written);
    g_autofree char *packaged = day_text(store->packaged);

    if (store->packaged)
        return g_strdup_printf("%s, of the package ca-certificates of %s", store->name, packaged);
    return g_strdup_printf("%s, written on %s", store->name, written);
}

const char *trust_list_date(void)
{
    return roots_date();
}
