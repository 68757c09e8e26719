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

static void add_summary(GString *text, const char *file, const struct trust *trust)
{
    struct trust_summary summary = trust_summarise(trust);
    bool old = trust_is_old(&summary, g_get_real_time() / G_USEC_PER_SEC);
    g_autofree char *written = day(summary.written);
    g_autofree char *age =
        g_strconcat(written, old ? ", more than a year ago: install the newest package" : "", NULL);

    output_fact(text, "File of common roots", file);
    output_fact(text, "Written on", age);
    output_fact(text, "List of Mozilla's programme", trust_list_date());
    add_number(text, "Common roots", summary.common);
    add_number(text, "Not trusted any more", summary.distrusted);
    add_number(text, "Not in that list", summary.unlisted);
    add_number(text, "Private roots", summary.added);
    add_number(text, "That cannot be used", summary.unusable);
    g_string_append_c(text, '\n');
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
    auto_ptr(trust) trust = trust_load(settings->trust_store, settings->private_roots, error);
    g_autoptr(GPtrArray) roots = trust ? trust_roots(trust) : NULL;
    g_autoptr(GPtrArray) rows = output_rows_new();
    g_autoptr(GString) text = g_string_new(NULL);

    if (!trust)
        return false;
    output_rows_add(rows, "", "Until", "Trusted if issued by", "SHA-256", "Name", "Remark", NULL);
    if (admin->options->since && !add_changes(rows, roots, admin->options->since, error))
        return false;
    for (guint i = 0; !admin->options->since && i < roots->len; i++)
        add_root(rows, "", g_ptr_array_index(roots, i));
    add_summary(text, settings->trust_store, trust);
    add_table(text, rows);
    *status = EX_OK;
    return output_write(text->str, error);
}
