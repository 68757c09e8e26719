/* SPDX-License-Identifier: MIT
 *
 * The text files that the export and the policy daemon leave for their next runs: whatever
 * stands in one, it is read, or told to be damaged. The first byte says which file it is.
 */
#include "service/relay/awaited.h"
#include "service/relay/hostnames.h"
#include "service/relay/manifest.h"
#include "service/relay/omissions.h"
#include "service/relay/plan.h"
#include "service/relay/rates-file.h"
#include "service/relay/slots.h"
#include "service/relay/uses-report.h"
#include "service/relay/uses.h"

#include <glib/gstdio.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static char *folder;

static void remove_folder(void)
{
    g_rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    folder = g_dir_make_tmp("fuzz-export-XXXXXX", NULL);
    atexit(remove_folder);
    return 0;
}

static void read_manifest(void)
{
    auto_ptr(manifest) read = manifest_read(folder);
    auto_ptr(manifest) verified = manifest_verify(folder, NULL);

    g_assert_true(read || !verified);
    g_assert_cmpint(manifest_same_maps(folder, folder), ==, manifest_same_maps(folder, folder));
}

static void read_pairs(void)
{
    const struct plan_sides sides = {folder, folder, NULL};
    struct plan plan = {0};
    g_autoptr(GPtrArray) gaining = plan_gaining(folder, folder, 10, NULL);

    if (plan_make(&sides, NULL, NULL, &plan, NULL))
        g_assert_cmpuint(plan.lines_added + plan.lines_removed + gaining->len, ==, 0);
    plan_clear(&plan);
}

/* What was read is what is written again. */
static void read_hostnames(void)
{
    bool damaged;
    auto_ptr(hostnames) read = hostnames_load(folder, &damaged);
    g_autofree char *json = hostnames_json(read);

    hostnames_recover(read, folder, 1800000000);
    g_assert_true(hostnames_save(read, folder, NULL));
}

static void read_awaited(void)
{
    auto_ptr(awaited) awaited = awaited_new(folder);
    auto_ptr(decision) decision = NULL;

    awaited_look(awaited, NULL);
    decision = awaited_decide(awaited, 1, "app@example.edu");
}

static void read_omissions(void)
{
    g_autoptr(GPtrArray) list = omissions_read(folder);
    g_autofree char *json = list ? omissions_json(list) : NULL;
}

static void read_slots(void)
{
    auto_ptr(slots) slots = slots_load(folder);
    g_autoptr(GPtrArray) none = g_ptr_array_new();

    g_assert_true(slots_assign(slots, none, 1800000000));
}

static void read_uses(void)
{
    auto_ptr(uses_report) report = uses_report_take(folder, NULL);
    g_autofree char *json = uses_report_json(report);

    uses_report_done(report);
}

static void read_rates(void)
{
    auto_ptr(rates) rates = rates_new();
    const struct rates_time time = {0, G_MAXINT64};

    rates_load(rates, folder, &time, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        const char *name;
        void (*read)(void);
    } files[] = {{MANIFEST_FILE, read_manifest}, {"pairs", read_pairs},
                 {HOSTNAMES_FILE, read_hostnames}, {AWAITED_FILE, read_awaited},
                 {OMISSIONS_FILE, read_omissions}, {SLOTS_FILE, read_slots},
                 {USES_OPEN, read_uses}, {RATES_FILE, read_rates}};
    size_t which = size ? data[0] % G_N_ELEMENTS(files) : 0;
    g_autofree char *path = g_build_filename(folder, files[which].name, NULL);

    g_assert_true(g_file_set_contents_full(path, (const char *)data + (size > 0), (gssize)(size - (size > 0)),
                                           G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    files[which].read();
    g_unlink(path);
    return 0;
}
