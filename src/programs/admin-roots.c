/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin roots: which certificate authorities the portal takes for common ones, how
 * old the file is, and what another file has more or less.
 */
#include "adapters/certificate/certificate.h"
#include "programs/admin.h"
#include "programs/output.h"

#include <sysexits.h>

#define MARGIN "  "
#define WHOLE_COLUMNS 2 /* the first ones, which are never cut */

static char *day(gint64 at)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(at);

    return time ? g_date_time_format(time, "%Y-%m-%d") : g_strdup("");
}

static const char *remark(const struct trust_root *root)
{
    if (root->unusable)
        return root->unusable;
    if (root->added)
        return "private";
    return root->listed ? "" : "not in the list";
}

static void add_root(GPtrArray *rows, const char *sign, const struct trust_root *root)
{
    g_autofree char *until = day(root->not_after);
    g_autofree char *trusted = root->distrust_after ? day(root->distrust_after) : g_strdup("");

    output_rows_add(rows, sign, until, trusted, root->sha256, root->name, remark(root), NULL);
}

/* Those of the files, then those that no file has. */
static void add_roots(GPtrArray *rows, const GPtrArray *roots, const struct trust *trust)
{
    g_autoptr(GPtrArray) absent = trust_absent_roots(trust);

    for (guint i = 0; i < roots->len; i++)
        add_root(rows, "", g_ptr_array_index(roots, i));
    for (guint i = 0; i < absent->len; i++) {
        const struct trust_root *root = g_ptr_array_index(absent, i);
        output_rows_add(rows, "", "", "", root->sha256, root->name, "not in the file", NULL);
    }
}

/* ---- two files compared ---------------------------------------------------------------------- */

static bool has_root(const GPtrArray *roots, const char *sha256)
{
    for (guint i = 0; i < roots->len; i++)
        if (g_str_equal(((const struct trust_root *)g_ptr_array_index(roots, i))->sha256, sha256))
            return true;
    return false;
}

/* The roots that the others do not have. */
static void add_missing(GPtrArray *rows, const char *sign, const GPtrArray *roots,
                        const GPtrArray *others)
{
    for (guint i = 0; i < roots->len; i++) {
        const struct trust_root *root = g_ptr_array_index(roots, i);
        if (!has_root(others, root->sha256))
            add_root(rows, sign, root);
    }
}

static bool add_changes(GPtrArray *rows, const GPtrArray *roots, const char *file, GError **error)
{
    auto_ptr(trust) before = trust_load(file, NULL, error);
    g_autoptr(GPtrArray) earlier = before ? trust_roots(before) : NULL;

    if (!before)
        return false;
    add_missing(rows, "+", roots, earlier);
    add_missing(rows, "-", earlier, roots);
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void add_number(GString *text, const char *name, guint number)
{
    g_autofree char *value = g_strdup_printf("%u", number);

    output_fact(text, name, value);
}

/* The age of what is in the file is the package's, if there is one; the file's own says less. */
static void add_age(GString *text, const struct trust_summary *summary)
{
    bool old = trust_is_old(summary, g_get_real_time() / G_USEC_PER_SEC);
    const char *advice = old ? ", more than a year ago: install the newest package" : "";
    g_autofree char *written = day(summary->written);
    g_autofree char *packaged = summary->packaged ? day(summary->packaged) : NULL;
    g_autofree char *first = g_strconcat(written, packaged ? "" : advice, NULL);
    g_autofree char *second = g_strconcat(packaged ? packaged : "", advice, NULL);

    output_fact(text, "Written on", first);
    if (packaged)
        output_fact(text, "Out of ca-certificates of", second);
}

/* Which lists of weak keys are in use. */
static void add_weak_keys(GString *text, const struct trust *trust, const char *folder)
{
    g_autofree char *lists = trust_weak_key_lists(trust);
    g_autofree char *value = lists ? g_strdup_printf("%s, in %s", lists, folder)
                                   : g_strdup_printf("none: %s has no list", folder);

    output_fact(text, "Lists of weak keys", value);
}

void admin_add_roots(GString *text, const struct trust *trust)
{
    struct trust_summary summary = trust_summarise(trust);

    output_fact(text, "File of common roots", summary.file);
    add_age(text, &summary);
    output_fact(text, "List of Mozilla's programme", trust_list_date());
    add_number(text, "Common roots", summary.common);
    add_number(text, "Not trusted any more", summary.distrusted);
    add_number(text, "Not in that list", summary.unlisted);
    add_number(text, "In the list, not the file", summary.absent);
    add_number(text, "Private roots", summary.added);
    add_number(text, "That cannot be used", summary.unusable);
    add_weak_keys(text, trust, summary.weak_keys);
}

static void add_table(GString *text, const GPtrArray *rows)
{
    guint width = 0;

    if (!output_is_terminal(&width))
        output_lines(text, rows);
    else
        output_table(text, MARGIN, rows, WHOLE_COLUMNS, width);
}

bool admin_roots(const struct admin *admin, int *status, GError **error)
{
    const struct certificate_settings *settings = &admin->config->certificates;
    auto_ptr(trust) trust = trust_open(settings, error);
    g_autoptr(GPtrArray) roots = trust ? trust_roots(trust) : NULL;
    g_autoptr(GPtrArray) rows = output_rows_new();
    g_autoptr(GString) text = g_string_new(NULL);

    if (!trust)
        return false;
    output_rows_add(rows, "", "Until", "Trusted if issued by", "SHA-256", "Name", "Remark", NULL);
    if (admin->options->since && !add_changes(rows, roots, admin->options->since, error))
        return false;
    if (!admin->options->since)
        add_roots(rows, roots, trust);
    admin_add_roots(text, trust);
    g_string_append_c(text, '\n');
    add_table(text, rows);
    *status = EX_OK;
    return output_write(text->str, error);
}
