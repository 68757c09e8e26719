/* SPDX-License-Identifier: MIT
 *
 * The run of an export, step by step.
 */
#include "service/relay/export.h"

#include "adapters/snapshot/snapshot.h"
#include "base/error.h"
#include "base/limits.h"
#include "service/relay/awaited.h"
#include "service/relay/export-report.h"
#include "service/relay/files.h"
#include "service/relay/generation.h"
#include "service/relay/manifest.h"
#include "service/relay/reload.h"
#include "service/relay/uses-report.h"

#include <glib/gstdio.h>

#define PROGRESS_ROWS 10000
#define MOST_VIEWS 4
#define SECONDS_IN_DAY (24 * 60 * 60)

/* All that one run holds; released at its end, however it ends. */
struct run {
    const struct export_settings *settings;
    const struct export_world *world;
    struct output *output; /* NULL when it is only planned */
    char *stage;
    struct exported_view view;
    struct hostnames *hostnames;
    struct gather gather;
    struct manifest *manifest;
    struct plan plan;
    struct uses_report *uses; /* or NULL */
    GPtrArray *omissions;
    guint64 lost, read;
};

static void run_clear(struct run *run)
{
    gather_clear(&run->gather);
    exported_view_clear(&run->view);
    hostnames_free(run->hostnames);
    manifest_free(run->manifest);
    uses_report_free(run->uses);
    plan_clear(&run->plan);
    g_ptr_array_unref(run->omissions);
    if (!run->output && run->stage)
        path_remove(run->stage, NULL);
    g_free(run->stage);
    output_close(run->output);
}
DEFINE_AUTO(run, run_clear)

void export_result_clear(struct export_result *result)
{
    g_free(result->remarks);
    *result = (struct export_result){false};
}

/* ---- reading ---- */

static void warn(const struct run *run, const char *text)
{
    if (run->world->warn)
        run->world->warn(text);
}

/* A state that is damaged must not let a name lose its addresses: a generation has them, too. */
static void load_hostnames(struct run *run, const GPtrArray *names)
{
    const char *output = run->settings->output;
    g_autofree char *folder = NULL;
    guint64 serial;
    bool damaged;

    run->hostnames = hostnames_load(output, &damaged);
    if (damaged)
        warn(run, "the file \"" HOSTNAMES_FILE "\" is damaged: the addresses of the generation "
                  "in force are taken for the last ones");
    if (!hostnames_lack(run->hostnames, names))
        return;
    serial = output_serial(output);
    serial = manifest_whole_before(output, serial ? serial + 1 : 0);
    folder = output_generation(output, serial);
    if (serial)
        hostnames_recover(run->hostnames, folder, run->settings->now);
}

/* answers: struct hostname_answers by their names. */
static bool all_asked(const GPtrArray *names, GHashTable *answers)
{
    for (guint i = 0; i < names->len; i++)
        if (!g_hash_table_contains(answers, g_ptr_array_index(names, i)))
            return false;
    return true;
}

/* Asks DNS for those that it was not asked for yet. */
static void ask_dns(const struct run *run, const GPtrArray *names, GHashTable *answers)
{
    g_autoptr(GPtrArray) unasked = g_ptr_array_new(), replies = NULL;

    for (guint i = 0; i < names->len; i++)
        if (!g_hash_table_contains(answers, g_ptr_array_index(names, i)))
            g_ptr_array_add(unasked, g_ptr_array_index(names, i));
    replies = run->world->resolve(run->world->data, unasked);
    g_ptr_array_set_free_func(replies, NULL);
    for (guint i = 0; i < replies->len; i++) {
        struct hostname_answers *one = g_ptr_array_index(replies, i);
        g_hash_table_replace(answers, one->name, one);
    }
}

static bool begin_view(struct run *run, GPtrArray *names, GError **error)
{
    g_ptr_array_set_size(names, 0);
    exported_view_clear(&run->view);
    return run->world->begin(run->world->data, &run->view, error) &&
           run->world->hostnames(run->world->data, names, error);
}

/*
 * Begins the view. DNS is asked before it, since that may take minutes, in which the database
 * would have to keep what is dead, or ends an idle transaction. Names that came meanwhile are
 * asked for before another view; those that come after the last one wait for another run.
 */
static bool look_up(struct run *run, GPtrArray *names, GHashTable *answers, GError **error)
{
    const struct export_world *world = run->world;

    if (!world->hostnames(world->data, names, error))
        return false;
    for (unsigned views = 1;; views++) {
        ask_dns(run, names, answers);
        if (!begin_view(run, names, error))
            return false;
        if (views == MOST_VIEWS || all_asked(names, answers))
            return true;
        if (!world->end(world->data, error))
            return false;
    }
}

/* One that was not asked for could not be asked. Borrows the answers. */
static GPtrArray *answers_for(const GPtrArray *names, GHashTable *answers)
{
    GPtrArray *list = g_ptr_array_new();

    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        struct hostname_answers *one = g_hash_table_lookup(answers, name);
        if (!one) {
            one = hostname_answers_new(name);
            g_hash_table_insert(answers, one->name, one);
        }
        g_ptr_array_add(list, one);
    }
    return list;
}

/* What DNS has said stays known, whatever becomes of the run. */
static bool resolve(struct run *run, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free), list = NULL;
    g_autoptr(GHashTable) answers =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)hostname_answers_free);

    if (!look_up(run, names, answers, error))
        return false;
    list = answers_for(names, answers);
    load_hostnames(run, names);
    hostnames_update(run->hostnames, list, run->settings->gone_hours, run->settings->now);
    return !run->output || hostnames_save(run->hostnames, run->settings->output, error);
}

/* One source more or less than the database counts would be a registration cut in two. */
static bool check_count(const struct run *run, GError **error)
{
    guint64 seen = run->gather.sources + gather_left_out(&run->gather);

    if (seen == run->view.count)
        return true;
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE,
                "could not read all sources: %" G_GUINT64_FORMAT " came of %" G_GUINT64_FORMAT,
                seen, run->view.count);
    return false;
}

static bool read_source(const struct exported_source *source, void *data, GError **error)
{
    struct run *run = data;

    if (run->world->progress && ++run->read % PROGRESS_ROWS == 0)
        run->world->progress(run->read);
    return gather_row(source, &run->gather, error);
}

/* Where anything is left out, that is a part of the generation's content. */
static bool write_omissions(struct run *run, GError **error)
{
    g_autofree char *digest = omissions_digest(run->omissions);
    g_autofree char *current = output_current(run->settings->output);
    g_autoptr(GPtrArray) before = current ? omissions_read(current) : NULL;
    char **content = &run->manifest->content;

    omissions_compare(run->omissions, before);
    if (*digest) {
        g_autofree char *both = g_strconcat(*content, digest, NULL);
        g_free(*content);
        *content = g_compute_checksum_for_string(G_CHECKSUM_SHA256, both, -1);
    }
    return omissions_write(run->stage, run->omissions, error);
}

static bool write_pairs(struct run *run, GError **error)
{
    struct manifest *manifest = run->manifest;
    struct pairs_head head = {manifest->serial, manifest->time, run->view.snapshot,
                              run->settings->policy, run->settings->rates};
    auto_ptr(pairs_writer) writer = pairs_writer_new(run->stage, &head, error);

    if (!writer)
        return false;
    run->gather.locations = run->settings->policy->locations;
    run->gather.hostnames = run->hostnames;
    run->gather.oldest_end =
        run->settings->now - (gint64)run->settings->grace_days * SECONDS_IN_DAY;
    run->gather.writer = writer;
    run->gather.uses = run->uses;
    run->gather.suspended = run->view.suspended;
    run->gather.skip_unfit = run->settings->skip_unfit;
    run->gather.omissions = run->omissions;
    g_free(manifest->content);
    manifest->content = NULL;
    return run->world->each(run->world->data, read_source, run, error) &&
           gather_finish(&run->gather, error) && check_count(run, error) &&
           pairs_writer_finish(writer, &manifest->content, error) && write_omissions(run, error);
}

static void describe(struct run *run)
{
    struct manifest *manifest = run->manifest;
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(run->settings->now);

    manifest->serial = run->output ? output_next(run->output) : 0;
    g_free(manifest->format);
    manifest->format = g_strdup(run->settings->format->name);
    g_free(manifest->time);
    manifest->time = g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
    g_free(manifest->snapshot);
    manifest->snapshot = g_strdup(run->view.snapshot);
}

/* What is only planned is written elsewhere: nothing changes in the output folder. */
static bool make_stage(struct run *run, GError **error)
{
    run->stage = run->output ? g_strdup(output_stage(run->output, error))
                             : g_dir_make_tmp("appsmtp-export-XXXXXX", NULL);
    if (!run->stage && !run->output)
        g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_CREATE,
                            "could not create a folder for temporary files");
    return run->stage != NULL;
}

/* What cannot be read waits for another run: the maps do not depend on it. */
static void take_uses(struct run *run)
{
    g_autoptr(GError) error = NULL;

    if (!run->settings->relay)
        return;
    run->uses = uses_report_take(run->settings->uses, &error);
    if (!run->uses)
        warn(run, error->message);
}

static bool read_all(struct run *run, GError **error)
{
    if (!resolve(run, error) || !make_stage(run, error))
        return false;
    describe(run);
    if (!write_pairs(run, error) || !run->world->end(run->world->data, error))
        return false;
    run->manifest->senders = run->gather.senders;
    run->manifest->sources = run->gather.sources;
    run->manifest->left_out = gather_left_out(&run->gather);
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
static bool write_maps(struct run *run, GError **error)
{
    auto_ptr(snapshot) snapshot = snapshot_open(run->stage, error);
    struct format_job job = {.folder = run->stage,
                             .output = run->settings->output,
                             .snapshot = snapshot,
                             .postmap = run->settings->postmap,
                             .makemap = run->settings->makemap,
                             .program_seconds = run->settings->program_seconds,
                             .now = run->settings->now,
                             .warn = run->world->warn};

    if (!snapshot)
        return false;
    if (snapshot_count(snapshot) != run->manifest->senders) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT,
                    "could not write all senders to \"%s/" SNAPSHOT_FILE "\"", run->stage);
        return false;
    }
    if (!run->settings->format->write(&job, error))
        return false;
    run->lost = job.lost;
    return true;
}

static bool publish(struct run *run, GError **error)
{
    g_autofree char *old = output_current(run->settings->output);

    return write_snapshot(run, error) && write_maps(run, error) &&
           manifest_write(run->stage, run->manifest, error) &&
           reload_prepare(run->output, run->settings->reload, old, run->stage, error) &&
           output_publish(run->output, run->manifest->serial, error);
}

/* The serial of the generation in force when it is whole and says the same, else 0. */
static guint64 same_generation(const struct run *run)
{
    g_autofree char *folder = output_current(run->settings->output);
    auto_ptr(manifest) manifest = folder ? manifest_verify(folder, NULL) : NULL;

    return manifest && g_str_equal(manifest->content, run->manifest->content) &&
                   g_str_equal(manifest->format, run->manifest->format)
               ? manifest->serial
               : 0;
}

/* ---- guards ---- */

static bool compare_with(struct run *run, const char *folder, GHashTable *left_out)
{
    const struct plan_sides sides = {folder, run->stage, left_out};

    return plan_make(&sides, NULL, NULL, &run->plan, NULL);
}

/*
 * The folder to compare with: the generation in force, or else the newest of all that can
 * be read. Neither damage nor a link that is gone switches the guards off. NULL when there
 * is none; caller frees.
 */
static char *find_before(struct run *run, GHashTable *left_out)
{
    const char *output = run->settings->output;
    g_autoptr(GArray) serials = output_serials(output);
    g_autofree char *current = output_current(output);

    if (current && compare_with(run, current, left_out))
        return g_steal_pointer(&current);
    for (guint i = serials->len; i > 0; i--) {
        g_autofree char *folder =
            output_generation(output, g_array_index(serials, guint64, i - 1));
        if (compare_with(run, folder, left_out))
            return g_steal_pointer(&folder);
    }
    return NULL;
}

/* Where there are few, those that are gone though nobody has ended them count, too: that may be
   another database. */
static bool ask_for_gone(struct run *run, GError **error)
{
    struct plan *plan = &run->plan;

    return !run->world->vanished || plan->before >= PLAN_FEW || plan->gone->len == 0 ||
           run->world->vanished(run->world->data, plan->gone, plan->unasked, error);
}

static bool compare(struct run *run, plan_show *show, void *data, GError **error)
{
    g_autoptr(GHashTable) left_out = omissions_unasked(run->omissions);
    g_autofree char *before = find_before(run, left_out);
    const struct plan_sides sides = {before, run->stage, left_out};

    return plan_make(&sides, show, data, &run->plan, error) && ask_for_gone(run, error);
}

/* Why the plan may not be carried out just so, or NULL. Caller frees. */
static char *find_stop(const struct run *run)
{
    g_autofree char *held = output_noted(run->settings->output, NOTE_HOLD);

    return held ? g_strdup_printf("it is held (%s)", held)
                : plan_stopped(&run->plan, &run->settings->guards);
}

static bool stop(const char *reason, const char *advice, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD, "nothing was published: %s; %s", reason,
                advice);
    return false;
}

static bool check_guards(const struct run *run, GError **error)
{
    const char *force = run->settings->force;
    g_autofree char *reason = find_stop(run);

    if (force && !g_str_equal(force, run->plan.id))
        return stop("the plan is another one by now", "see --dry-run", error);
    if (reason && !force)
        return stop(reason, "see --dry-run, then --force PLAN", error);
    return true;
}

/* What was read and is not published is not unknown either: its senders are to come again. */
static void note_awaited(const struct run *run)
{
    const char *output = run->settings->output;
    g_autofree char *current = output_current(output);
    g_autoptr(GPtrArray) senders = NULL;
    g_autoptr(GError) error = NULL;

    if (current)
        senders = plan_gaining(current, run->stage, LIMIT_AWAITED, &error);
    if (senders)
        awaited_write(output, output_serial(output), senders, &error);
    if (error)
        warn(run, error->message);
}

/* While a generation is held, unless a plan is forced, the run is only to know who awaits another. */
static bool check_hold(struct run *run, GError **error)
{
    const struct export_settings *settings = run->settings;
    g_autofree char *held = output_noted(settings->output, NOTE_HOLD);
    g_autofree char *reason = held ? g_strdup_printf("it is held (%s)", held) : NULL;

    if (!held || settings->force)
        return true;
    if (read_all(run, NULL))
        note_awaited(run);
    return stop(reason, "see --release", error);
}

/* ---- telling ---- */

static bool record(const struct run *run, const struct export_result *result, GError **error)
{
    g_autofree char *json = export_details(&run->gather, run->hostnames, run->uses, run->lost);
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

    if (!run->settings->relay)
        return true;
    if (!run->world->record(run->world->data, &row, error))
        return false;
    uses_report_done(run->uses);
    return true;
}

static void tell(const struct run *run, struct export_result *result, guint64 same)
{
    *result = (struct export_result){
        .published = same == 0,
        .generation = same ? same : run->manifest->serial,
        .senders = run->manifest->senders,
        .sources = run->manifest->sources,
        .left_out = run->manifest->left_out,
        .added = run->plan.added,
        .removed = run->plan.removed,
        .lost = run->lost,
        .kept = hostnames_kept(run->hostnames)->len,
        .without = hostnames_without(run->hostnames)->len,
        .remarks = export_remarks(&run->gather, run->hostnames, run->lost),
    };
}

/* A list that stays belongs to a generation before, and counts for nothing. */
static void forget_awaited(const struct run *run, guint64 generation)
{
    g_autoptr(GPtrArray) nobody = g_ptr_array_new();
    g_autoptr(GError) error = NULL;

    if (!awaited_write(run->settings->output, generation, nobody, &error))
        warn(run, error->message);
}

/*
 * What follows a generation in force, the same one as before or a new one. Recorded is only
 * what the target obeys: the portal says by it since when a registration is on the relay.
 */
static bool finish(struct run *run, const struct export_result *result, GError **error)
{
    const struct export_settings *settings = run->settings;

    forget_awaited(run, result->generation);
    return (!settings->force || output_unnote(run->output, NOTE_HOLD, error)) &&
           reload_run(run->output, settings->reload, settings->program_seconds, error) &&
           record(run, result, error);
}

/* same: the serial of the generation in force that says the same already, or 0. */
static bool put_in_force(struct run *run, guint64 same, GError **error)
{
    if ((!same || run->settings->force) &&
        (!compare(run, NULL, NULL, error) || !check_guards(run, error)))
        return false;
    return same || publish(run, error);
}

static struct run run_of(const struct export_settings *settings, const struct export_world *world)
{
    return (struct run){.settings = settings,
                        .world = world,
                        .manifest = manifest_new(),
                        .omissions = omissions_new()};
}

bool export_run(const struct export_settings *settings, const struct export_world *world,
                struct export_result *result, GError **error)
{
    struct run run = run_of(settings, world);
    auto_ptr(run) held = &run;
    guint64 same;

    held->output = output_open(settings->output, error);
    if (!held->output || !check_hold(held, error))
        return false;
    take_uses(held);
    if (!read_all(held, error))
        return false;
    same = same_generation(held);
    if (!put_in_force(held, same, error)) {
        note_awaited(held);
        return false;
    }
    tell(held, result, same);
    return finish(held, result, error);
}

void export_plan_clear(struct export_plan *plan)
{
    plan_clear(&plan->plan);
    g_clear_pointer(&plan->stopped, g_free);
    g_clear_pointer(&plan->omissions, g_ptr_array_unref);
}

bool export_plan(const struct export_settings *settings, const struct export_world *world,
                 plan_show *show, void *data, struct export_plan *plan, GError **error)
{
    struct run run = run_of(settings, world);
    auto_ptr(run) held = &run;

    if (!read_all(held, error) || !compare(held, show, data, error))
        return false;
    plan->stopped = find_stop(held);
    plan->plan = held->plan;
    held->plan = (struct plan){0};
    plan->omissions = g_ptr_array_ref(held->omissions);
    return true;
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
