/* SPDX-License-Identifier: MIT
 *
 * GET /operator: how the service is doing.
 */
#include "adapters/certificate/certificate.h"
#include "adapters/database/queue.h"
#include "adapters/database/picture.h"
#include "adapters/database/search.h"
#include "web/layout.h"
#include "web/pages.h"
#include "web/picture-view.h"
#include "web/portal.h"

#define MOST_FAILING 20
#define MOST_LEFT_OUT 20

static void show_counts(struct page *body, const struct overview *overview)
{
    page_set_number(body, "LIVE", overview->live);
    page_set_number(body, "WAITING", overview->waiting);
    page_set_number(body, "LEFT_OUT_COUNT", overview->left_out);
    page_set_number(body, "SUSPENDED", overview->suspended);
    page_set_number(body, "RETIRED", overview->retired);
    page_set_number(body, "EXPIRING", overview->expiring);
    page_set_number(body, "UNCONFIRMED", overview->unconfirmed);
    page_set_number(body, "UNUSED", overview->unused);
    page_set_number(body, "AT_LIMIT", overview->at_limit);
}

static void show_exports(struct page *body, const struct config *config,
                         const struct overview *overview)
{
    if (overview->exports->len == 0)
        page_show(body, "NO_EXPORT");
    for (guint i = 0; i < overview->exports->len; i++) {
        const struct last_export *one = g_ptr_array_index(overview->exports, i);
        struct page *row = page_show(body, "EXPORT");
        page_set(row, "RELAY_NAME", one->relay);
        page_set(row, "FINISHED", one->finished);
        page_set(row, "RESULT", one->outcome);
        page_set_number(row, "GENERATION", one->generation);
        page_set_number(row, "SENDERS", one->senders);
        page_set_number(row, "SOURCE_COUNT", one->sources);
        page_set_number(row, "LEFT_OUT", one->left_out);
        if (last_export_is_late(one, config->relay.export_minutes))
            page_show(row, "LATE");
    }
}

static void show_left_out(struct page *body, const GPtrArray *omissions)
{
    struct page *part = omissions->len ? page_show(body, "LEFT_OUT_PART") : NULL;

    for (guint i = 0; i < omissions->len; i++) {
        const struct search_omission *one = g_ptr_array_index(omissions, i);
        struct page *row = page_show(part, "OMISSION");
        page_set(row, "ID", one->registration);
        page_set(row, "ADDRESS", one->address);
        page_set(row, "SOURCE_TEXT", one->source);
        page_set(row, "WHY", one->why);
        page_set(row, "RELAY_NAME", one->relay);
        page_set(row, "SINCE", one->since);
    }
    if (omissions->len == MOST_LEFT_OUT)
        page_show(part, "MORE");
}

static void show_failing(struct page *part, const GPtrArray *failing)
{
    for (guint i = 0; i < failing->len; i++) {
        const struct failing_notice *one = g_ptr_array_index(failing, i);
        struct page *row = page_show(part, "FAILING_NOTICE");
        page_set(row, "RECIPIENT", one->recipient);
        page_set(row, "KIND", one->kind);
        page_set(row, "ID", one->registration);
        page_set(row, "ADDRESS", one->address);
        page_set(row, "SINCE", one->since);
        page_set_number(row, "ATTEMPTS", one->attempts);
        page_set(row, "LAST_ERROR", one->last_error);
    }
}

static void show_notices(struct page *body, const struct overview *overview,
                         const GPtrArray *failing)
{
    struct page *part;

    page_set_number(body, "NOTICES", overview->notices);
    if (*overview->oldest)
        page_set(page_show(body, "OLDEST"), "SINCE", overview->oldest);
    if (overview->held)
        page_set_number(page_show(body, "HELD"), "COUNT", overview->held);
    if (failing->len == 0)
        return;
    part = page_show(body, "FAILING");
    page_set_number(part, "FAILING_COUNT", overview->failing);
    show_failing(part, failing);
}

static char *day_text(gint64 at)
{
    g_autoptr(GDateTime) day = g_date_time_new_from_unix_utc(at);

    return g_date_time_format(day, "%-d %B %Y");
}

/* Nobody sees of a key that was accepted that there was no list to find it on. */
static void show_weak_keys(struct page *body, const struct trust *trust, const char *folder)
{
    g_autofree char *lists = trust_weak_key_lists(trust);
    struct page *part = page_show(body, lists ? "WEAK_KEYS" : "NO_WEAK_KEYS");

    page_set(part, "FOLDER", folder);
    if (lists)
        page_set(part, "LISTS", lists);
}

static void show_roots(struct page *body, const struct trust *trust)
{
    struct trust_summary summary = trust_summarise(trust);
    g_autofree char *written = day_text(summary.written);
    g_autofree char *packaged = day_text(summary.packaged);

    page_set_number(body, "ROOTS", summary.common);
    page_set(body, "ROOTS_FILE", summary.file);
    page_set(body, "ROOTS_WRITTEN", written);
    if (summary.packaged)
        page_set(page_show(body, "ROOTS_PACKAGED"), "DAY", packaged);
    page_set(body, "ROOTS_LIST", trust_list_date());
    page_set_number(body, "ROOTS_DISTRUSTED", summary.distrusted);
    page_set_number(body, "ROOTS_UNLISTED", summary.unlisted);
    page_set_number(body, "ROOTS_ABSENT", summary.absent);
    page_set_number(body, "ROOTS_ADDED", summary.added);
    if (trust_is_old(&summary, g_get_real_time() / G_USEC_PER_SEC))
        page_show(body, "ROOTS_OLD");
    if (summary.unusable)
        page_set_number(page_show(body, "ROOTS_UNUSABLE"), "COUNT", summary.unusable);
    if (summary.failure)
        page_set(page_show(body, "ROOTS_FAILURE"), "REASON", summary.failure);
    show_weak_keys(body, trust, summary.weak_keys);
}

struct response *page_operator(struct request *request, GError **error)
{
    struct database *database = request->portal->office.database;
    auto_ptr(overview) overview = NULL;
    g_autoptr(GPtrArray) days = NULL, failing = NULL, omissions = NULL;
    struct page *body, *layout;

    if (!search_overview(database, &overview, error) || !picture_read(database, &days, error) ||
        !queue_failing(database, MOST_FAILING, &failing, error) ||
        !search_left_out(database, MOST_LEFT_OUT, &omissions, error))
        return NULL;
    layout = layout_new(request, "Overview", "operator.tpl", &body);
    show_counts(body, overview);
    show_left_out(body, omissions);
    picture_view_show(body, days);
    show_exports(body, request->portal->config, overview);
    show_notices(body, overview, failing);
    show_roots(body, request->portal->office.trust);
    return layout_response(200, layout);
}
