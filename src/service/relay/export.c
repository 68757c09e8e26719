/* SPDX-License-Identifier: MIT
 *
 * The run of an export, step by step.
 */
#include "service/relay/export.h"

#include "adapters/snapshot/snapshot.h"
#include "base/error.h"
#include "service/relay/gather.h"
#include "service/relay/generation.h"
#include "service/relay/manifest.h"
#include "service/relay/postfix.h"

#define SECONDS_IN_DAY (24 * 60 * 60)

/* All that one run holds; released at its end, however it ends. */
struct run {
    const struct export_settings *settings;
    const struct export_world *world;
    struct output *output;
    const char *stage;
    struct exported_view view;
    struct hostnames *hostnames;
    struct gather gather;
    struct manifest *manifest;
};

static void run_clear(struct run *run)
{
    gather_clear(&run->gather);
    exported_view_clear(&run->view);
    hostnames_free(run->hostnames);
    manifest_free(run->manifest);
    output_close(run->output);
}
DEFINE_AUTO(run, run_clear)

void export_result_clear(struct export_result *result)
{
    g_free(result->remarks);
    *result = (struct export_result){false};
}

/* ---- reading ---- */

static bool resolve(struct run *run, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) answers = NULL;

    if (!run->world->hostnames(run->world->data, names, error))
        return false;
    answers = run->world->resolve(run->world->data, names);
    run->hostnames = hostnames_load(run->settings->output);
    hostnames_update(run->hostnames, answers, run->settings->now);
    return true;
}

/* One source more or less than the database counts would be a registration cut in two. */
static bool check_count(const struct run *run, GError **error)
{
    const struct gather *gather = &run->gather;
    guint64 seen = gather->sources + gather->expired + gather->outside + gather->nowhere;

    if (seen == run->view.count)
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE,
                "could not read all sources: %" G_GUINT64_FORMAT " came of %" G_GUINT64_FORMAT,
                seen, run->view.count);
    return false;
}

static bool write_pairs(struct run *run, GError **error)
{
    struct manifest *manifest = run->manifest;
    struct pairs_head head = {manifest->serial, manifest->time, run->view.snapshot,
                              run->settings->policy};
    auto_ptr(pairs_writer) writer = pairs_writer_new(run->stage, &head, error);

    if (!writer)
        return false;
    run->gather.locations = run->settings->policy->locations;
    run->gather.hostnames = run->hostnames;
    run->gather.oldest_end =
        run->settings->now - (gint64)run->settings->grace_days * SECONDS_IN_DAY;
    run->gather.writer = writer;
    g_free(manifest->content);
    manifest->content = NULL;
    return run->world->each(run->world->data, gather_row, &run->gather, error) &&
           gather_finish(&run->gather, error) && check_count(run, error) &&
           pairs_writer_finish(writer, &manifest->content, error);
}

static void describe(struct run *run)
{
    struct manifest *manifest = run->manifest;
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(run->settings->now);

    manifest->serial = output_next(run->output);
    g_free(manifest->time);
    manifest->time = g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
    g_free(manifest->snapshot);
    manifest->snapshot = g_strdup(run->view.snapshot);
}

static bool read_all(struct run *run, GError **error)
{
    if (!run->world->begin(run->world->data, &run->view, error) || !resolve(run, error))
        return false;
    run->stage = output_stage(run->output, error);
    if (!run->stage)
        return false;
    describe(run);
    if (!write_pairs(run, error) || !run->world->end(run->world->data, error))
        return false;
    run->manifest->senders = run->gather.senders;
    run->manifest->sources = run->gather.sources;
    run->manifest->left_out = run->gather.expired + run->gather.outside + run->gather.nowhere;
    return true;
}

/* ---- building ---- */

static bool add_sender(const char *sender, const struct decision_entry *entry, void *data,
                       GError **error)
{
    return snapshot_writer_add(data, sender, entry, error);
}

static bool write_snapshot(const struct run *run, GError **error)
{
    auto_ptr(snapshot_writer) writer = snapshot_writer_new(run->stage, error);

    return writer && pairs_read(run->stage, add_sender, writer, error) &&
           snapshot_writer_finish(writer, run->settings->policy, run->manifest->serial, error);
}

/* The snapshot is read back before anybody obeys it. */
static bool write_maps(const struct run *run, GError **error)
{
    auto_ptr(snapshot) snapshot = snapshot_open(run->stage, error);

    if (!snapshot)
        return false;
    if (snapshot_count(snapshot) != run->manifest->senders) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT,
                    "could not write all senders to \"%s/" SNAPSHOT_FILE "\"", run->stage);
        return false;
    }
    return postfix_write(run->stage, snapshot, run->settings->postmap, error);
}

static bool publish(struct run *run, GError **error)
{
    return write_snapshot(run, error) && write_maps(run, error) &&
           manifest_write(run->stage, run->manifest, error) &&
           output_publish(run->output, run->manifest->serial, error);
}

/* The serial of the generation in force when it is whole and says the same, else 0. */
static guint64 same_generation(const struct run *run)
{
    g_autofree char *folder = output_current(run->settings->output);
    auto_ptr(manifest) manifest = folder ? manifest_verify(folder, NULL) : NULL;

    return manifest && g_str_equal(manifest->content, run->manifest->content) ? manifest->serial : 0;
}

/* ---- telling ---- */

/* Names are letters, digits, dots and hyphens: they need no escaping. */
static void append_names(GString *json, const char *key, const GPtrArray *names)
{
    g_string_append_printf(json, ", \"%s\": [", key);
    for (guint i = 0; i < names->len; i++)
        g_string_append_printf(json, "%s\"%s\"", i ? ", " : "",
                               (const char *)g_ptr_array_index(names, i));
    g_string_append_c(json, ']');
}

static char *details(const struct run *run)
{
    GString *json = g_string_new(NULL);

    g_string_append_printf(json, "{\"expired\": %" G_GUINT64_FORMAT ", \"outside\": %"
                           G_GUINT64_FORMAT, run->gather.expired, run->gather.outside);
    append_names(json, "hostnames_without_address", hostnames_without(run->hostnames));
    append_names(json, "hostnames_kept", hostnames_kept(run->hostnames));
    g_string_append_c(json, '}');
    return g_string_free(json, FALSE);
}

static void append_list(GString *text, const char *what, const GPtrArray *names)
{
    for (guint i = 0; i < names->len && i < 5; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : what,
                               (const char *)g_ptr_array_index(names, i));
    if (names->len > 5)
        g_string_append_printf(text, " and %u more", names->len - 5);
}

static char *remarks(const struct run *run)
{
    GString *text = g_string_new(NULL);

    if (run->gather.expired)
        g_string_append_printf(text, "; %" G_GUINT64_FORMAT " expired", run->gather.expired);
    if (run->gather.outside)
        g_string_append_printf(text, "; %" G_GUINT64_FORMAT " outside their locations",
                               run->gather.outside);
    append_list(text, "; no address: ", hostnames_without(run->hostnames));
    append_list(text, "; DNS could not tell, last addresses kept: ",
                hostnames_kept(run->hostnames));
    return g_string_free(text, FALSE);
}

static bool record(const struct run *run, const struct export_result *result, GError **error)
{
    g_autofree char *json = details(run);
    struct exported_run row = {
        .relay = run->settings->relay,
        .generation = result->generation,
        .view = &run->view,
        .outcome = result->published ? "published" : "unchanged",
        .senders = result->senders,
        .sources = result->sources,
        .left_out = result->left_out,
        .details = json,
    };

    return !run->settings->relay || run->world->record(run->world->data, &row, error);
}

static void tell(const struct run *run, struct export_result *result, guint64 same)
{
    *result = (struct export_result){
        .published = same == 0,
        .generation = same ? same : run->manifest->serial,
        .senders = run->manifest->senders,
        .sources = run->manifest->sources,
        .left_out = run->manifest->left_out,
        .remarks = remarks(run),
    };
}

bool export_run(const struct export_settings *settings, const struct export_world *world,
                struct export_result *result, GError **error)
{
    struct run run = {.settings = settings, .world = world, .manifest = manifest_new()};
    auto_ptr(run) held = &run;
    guint64 same;

    held->output = output_open(settings->output, error);
    if (!held->output || !read_all(held, error))
        return false;
    same = same_generation(held);
    if (!same && !publish(held, error))
        return false;
    tell(held, result, same);
    return hostnames_save(held->hostnames, settings->output, error) && record(held, result, error);
}

bool export_verify(const char *output, GError **error)
{
    g_autofree char *folder = output_current(output);
    auto_ptr(manifest) manifest = folder ? manifest_verify(folder, error) : NULL;

    if (!folder)
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD,
                    "there is no generation in \"%s\"", output);
    return manifest != NULL;
}
