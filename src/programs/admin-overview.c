/* SPDX-License-Identifier: MIT
 *
 * appsmtp-admin overview: how the service is doing.
 */
#include "adapters/certificate/certificate.h"
#include "adapters/database/picture.h"
#include "adapters/database/search.h"
#include "programs/admin.h"
#include "programs/output.h"

#include <sysexits.h>

#define MARGIN "  "
#define MOST_LEFT_OUT 20

static void add_count(GPtrArray *rows, const char *name, gint64 count)
{
    g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, count);

    output_rows_add(rows, name, number, NULL);
}

static void add_counts(GString *text, const struct overview *overview)
{
    g_autoptr(GPtrArray) rows = output_rows_new();

    add_count(rows, "Live", overview->live);
    add_count(rows, "Waiting for an export", overview->waiting);
    add_count(rows, "With a source that a relay leaves out", overview->left_out);
    add_count(rows, "Suspended", overview->suspended);
    add_count(rows, "With a certificate that ends within 30 days", overview->expiring);
    add_count(rows, "To be confirmed within 30 days, or late", overview->unconfirmed);
    add_count(rows, "With a source not used for a year", overview->unused);
    add_count(rows, "At their limit now", overview->at_limit);
    add_count(rows, "Retired", overview->retired);
    g_string_append(text, "Registrations\n");
    output_table(text, MARGIN, rows, 0, 0);
}

static void add_export(GPtrArray *rows, const struct last_export *one, unsigned minutes)
{
    g_autofree char *result =
        g_strdup_printf("%s, generation %" G_GINT64_FORMAT, one->outcome, one->generation);
    g_autofree char *exported = g_strdup_printf("%" G_GINT64_FORMAT " addresses, %" G_GINT64_FORMAT
                                                " sources, %" G_GINT64_FORMAT " left out",
                                                one->senders, one->sources, one->left_out);

    output_rows_add(rows, one->relay, one->finished,
                    last_export_is_late(one, minutes) ? "late" : "", result, exported, NULL);
}

static void add_exports(GString *text, const struct config *config, const struct overview *overview)
{
    g_autoptr(GPtrArray) rows = output_rows_new();

    g_string_append(text, "\nLast export of each relay, finished (UTC)\n");
    if (overview->exports->len == 0)
        g_string_append(text, MARGIN "No relay has reported an export yet.\n");
    for (guint i = 0; i < overview->exports->len; i++)
        add_export(rows, g_ptr_array_index(overview->exports, i), config->relay.export_minutes);
    output_table(text, MARGIN, rows, 0, 0);
}

/* By name, as many as one reads; all of them: appsmtp-admin left-out. */
static void add_left_out(GString *text, const GPtrArray *omissions, gint64 count)
{
    g_autoptr(GPtrArray) rows = output_rows_new();

    if (omissions->len == 0)
        return;
    g_string_append(text, "\nLeft out by a relay\n");
    for (guint i = 0; i < omissions->len; i++) {
        const struct search_omission *one = g_ptr_array_index(omissions, i);
        g_autofree char *why = g_strconcat(one->source, " ", one->why, NULL);
        output_rows_add(rows, one->address, why, NULL);
    }
    output_table(text, MARGIN, rows, 0, 0);
    if (omissions->len == MOST_LEFT_OUT)
        g_string_append_printf(text, MARGIN "of %" G_GINT64_FORMAT
                               " registrations; see appsmtp-admin left-out\n", count);
}

static void add_notices(GString *text, const struct overview *overview)
{
    g_autoptr(GPtrArray) rows = output_rows_new();

    add_count(rows, "Waiting to be sent", overview->notices);
    if (*overview->oldest)
        output_rows_add(rows, "The oldest since (UTC)", overview->oldest, NULL);
    if (overview->held)
        add_count(rows, "Of these, held for a digest", overview->held);
    if (overview->failing) {
        add_count(rows, "Could not be sent so far", overview->failing);
        output_rows_add(rows, "The reason, of one of them", overview->last_error, NULL);
    }
    g_string_append(text, "\nNotices\n");
    output_table(text, MARGIN, rows, 0, 0);
}

static void add_day(GPtrArray *rows, const struct picture_day *day)
{
    const gint64 numbers[] = {day->live,      day->suspended, day->retired, day->published,
                              day->unchanged, day->permitted, day->refused, day->deferred};
    char *texts[G_N_ELEMENTS(numbers)];

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        texts[i] = g_strdup_printf("%" G_GINT64_FORMAT, numbers[i]);
    output_rows_add(rows, day->day, texts[0], texts[1], texts[2], texts[3], texts[4], texts[5],
                    texts[6], texts[7], NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        g_free(texts[i]);
}

/* The newest first, as the page's table. */
static void add_days(GString *text, const GPtrArray *days)
{
    g_autoptr(GPtrArray) rows = output_rows_new();

    output_rows_add(rows, "Day (UTC)", "Live", "Suspended", "Retired", "Exports with changes",
                    "Without", "Permitted", "Refused", "Put off", NULL);
    for (guint i = days->len; i > 0; i--)
        add_day(rows, g_ptr_array_index(days, i - 1));
    g_string_append(text, "\nThe last 30 days\n");
    output_table(text, MARGIN, rows, 0, 0);
}

/* Of this machine: where the shell runs beside the portal, the portal's. */
static void add_roots(GString *text, const struct certificate_settings *settings)
{
    g_autoptr(GError) reason = NULL;
    auto_ptr(trust) trust = trust_open(settings, &reason);

    g_string_append(text, "\nCertificate authorities\n");
    if (trust)
        admin_add_roots(text, trust);
    else
        g_string_append_printf(text, MARGIN "%s\n", reason->message);
}

bool admin_overview(const struct admin *admin, int *status, GError **error)
{
    auto_ptr(database) database = admin_database(admin->config, error);
    auto_ptr(overview) overview = NULL;
    g_autoptr(GPtrArray) days = NULL, omissions = NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    if (!database || !search_overview(database, &overview, error) ||
        !picture_read(database, &days, error) ||
        !search_left_out(database, MOST_LEFT_OUT, &omissions, error))
        return false;
    add_counts(text, overview);
    add_left_out(text, omissions, overview->left_out);
    add_exports(text, admin->config, overview);
    add_notices(text, overview);
    add_days(text, days);
    add_roots(text, &admin->config->certificates);
    *status = EX_OK;
    return output_write(text->str, error);
}
