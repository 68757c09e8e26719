/* SPDX-License-Identifier: MIT
 *
 * The export with rows and DNS answers of the test's own: what is written, what is
 * left out, and that a failure leaves what was in force.
 */
#include "service/relay/export.h"

#include "adapters/snapshot/snapshot.h"
#include "base/error.h"
#include "rules/hostname.h"
#include "service/relay/generation.h"
#include "service/relay/pairs.h"

#include <glib/gstdio.h>

#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER_KEY "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define DAY (24 * 60 * 60)
#define NOW ((gint64)1800000000)

/* A database and a DNS in memory. */
struct world {
    char *folder;
    const struct exported_source *rows;
    size_t count;
    bool cut;                /* the database goes away in the middle */
    bool no_record;          /* the row cannot be added */
    const char *address;     /* of every hostname, or NULL */
    enum dns_answer answer;  /* when there is no address */
    unsigned recorded;
    char *outcome;
    char *details;
};

static bool world_begin(void *data, struct exported_view *view, GError **error G_GNUC_UNUSED)
{
    const struct world *world = data;

    view->snapshot = g_strdup("7:7:");
    view->started = g_strdup("2026-11-23 12:00:00+00");
    view->count = world->count;
    return true;
}

static bool world_hostnames(void *data, GPtrArray *names, GError **error G_GNUC_UNUSED)
{
    const struct world *world = data;

    for (size_t i = 0; i < world->count; i++)
        if (g_str_equal(world->rows[i].kind, "hostname"))
            g_ptr_array_add(names, g_strdup(world->rows[i].hostname));
    return true;
}

static bool world_each(void *data, exported_row *row, void *row_data, GError **error)
{
    const struct world *world = data;

    for (size_t i = 0; i < world->count; i++) {
        if (world->cut && i == world->count - 1) {
            g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE, "cut");
            return false;
        }
        if (!row(&world->rows[i], row_data, error))
            return false;
    }
    return true;
}

static bool world_end(void *data G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    return true;
}

static GPtrArray *world_resolve(void *data, const GPtrArray *names)
{
    const struct world *world = data;
    GPtrArray *all =
        g_ptr_array_new_with_free_func((GDestroyNotify)hostname_answers_free);

    for (guint i = 0; i < names->len; i++) {
        struct hostname_answers *one = hostname_answers_new(g_ptr_array_index(names, i));
        struct network network;
        one->ipv4 = world->address ? DNS_FOUND : world->answer;
        one->ipv6 = world->address ? DNS_NO_DATA : world->answer;
        if (world->address) {
            network_parse(world->address, &network);
            g_array_append_val(one->addresses, network);
        }
        g_ptr_array_add(all, one);
    }
    return all;
}

static bool world_record(void *data, const struct exported_run *run, GError **error)
{
    struct world *world = data;

    if (world->no_record) {
        g_set_error_literal(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE, "away");
        return false;
    }
    g_free(world->outcome);
    g_free(world->details);
    world->outcome = g_strdup(run->outcome);
    world->details = g_strdup(run->details);
    world->recorded++;
    return true;
}

static struct decision_policy *make_policy(void)
{
    static const char *const networks[][2] = {{"campus", "10.0.0.0/8"}, {"aws", "172.16.0.0/12"}};
    struct decision_policy *policy = decision_policy_new();

    for (size_t i = 0; i < G_N_ELEMENTS(networks); i++) {
        struct location *location = location_new(networks[i][0], "A place");
        struct network network;
        network_parse(networks[i][1], &network);
        g_array_append_val(location->networks, network);
        g_ptr_array_add(policy->locations, location);
    }
    return policy;
}

static bool try_at(struct world *world, gint64 now, struct export_result *result, GError **error)
{
    const struct export_world asked = {world,         world_begin,   world_hostnames, world_each,
                                       world_end,     world_resolve, world_record};
    auto_ptr(decision_policy) policy = make_policy();
    struct export_settings settings = {world->folder, "relay", "/usr/sbin/postmap",
                                       policy,        30,      now};

    return export_run(&settings, &asked, result, error);
}

/* Runs well; returns the generation in force. */
static guint64 run_at(struct world *world, gint64 now)
{
    struct export_result result = {false};
    g_autoptr(GError) error = NULL;
    guint64 generation;

    try_at(world, now, &result, &error);
    g_assert_no_error(error);
    generation = result.generation;
    export_result_clear(&result);
    return generation;
}

static void run_badly(struct world *world, int code)
{
    struct export_result result = {false};
    g_autoptr(GError) error = NULL;

    g_assert_false(try_at(world, NOW, &result, &error));
    g_assert_error(error, APPSMTP_ERROR, code);
    g_test_message("%s", error->message);
    export_result_clear(&result);
}

static void remove_all(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            remove_all(path);
        g_unlink(path);
    }
    g_rmdir(folder);
}

static void world_open(struct world *world, const struct exported_source *rows, size_t count)
{
    *world = (struct world){.rows = rows, .count = count};
    world->folder = g_dir_make_tmp("export-XXXXXX", NULL);
}

static void world_close(struct world *world)
{
    remove_all(world->folder);
    g_free(world->folder);
    g_free(world->outcome);
    g_free(world->details);
}

static char *read_file(const struct world *world, const char *name)
{
    g_autofree char *path = g_build_filename(world->folder, "current", name, NULL);
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

static const struct exported_source few[] = {
    {"app@example.edu", "network", "10.1.2.0/24", "", "", 0, "aws campus"},
    {"app@example.edu", "network", "10.1.0.0/16", "", "", 0, "campus"},
    {"app@example.edu", "network", "172.16.1.0/24", "", "", 0, "campus"},
    {"host@example.edu", "hostname", "", "web1.example.edu", "", 0, "campus"},
    {"key@example.edu", "certificate", "", "", KEY, NOW + DAY, "campus"},
    {"late@example.edu", "certificate", "", "", OTHER_KEY, NOW - 29 * DAY, "campus"},
    {"old@example.edu", "certificate", "", "", OTHER_KEY, NOW - 31 * DAY, "campus"},
};

static void test_files(void)
{
    struct world world;
    g_autofree char *pairs = NULL, *networks = NULL, *senders = NULL, *certificates = NULL;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.address = "10.7.0.1";
    g_assert_cmpuint(run_at(&world, NOW), ==, 1);
    pairs = read_file(&world, "pairs");
    g_assert_nonnull(strstr(pairs, "# location aws 172.16.0.0/12\n"
                                   "app@example.edu\tnetwork\t10.1.0.0/16\n"
                                   "app@example.edu\tnetwork\t10.1.2.0/24\n"
                                   "host@example.edu\thostname\tweb1.example.edu=10.7.0.1\n"
                                   "key@example.edu\tspki\t" KEY "\n"
                                   "late@example.edu\tspki\t" OTHER_KEY "\n"
                                   "old@example.edu\tnone\t-\n"
                                   "# end 6\n"));
    networks = read_file(&world, "networks.cidr");
    g_assert_cmpstr(networks, ==, "10.1.0.0/16\tOK\n10.1.2.0/24\tOK\n10.7.0.1/32\tOK\n");
    senders = read_file(&world, "senders");
    g_assert_true(g_str_has_prefix(senders, "app@example.edu\tOK\nhost@example.edu\tOK\n"));
    certificates = read_file(&world, "certificates");
    g_assert_true(g_str_has_prefix(certificates, "00:11:22:33:44:55:66:77:88:99:AA:BB:"));
    g_assert_cmpstr(world.outcome, ==, "published");
    g_assert_cmpstr(world.details, ==, "{\"expired\": 1, \"outside\": 1, "
                                       "\"hostnames_without_address\": [], \"hostnames_kept\": []}");
    world_close(&world);
}

static void expect(const struct snapshot *snapshot, const char *sender, const char *client,
                   const char *key, const char *code)
{
    struct decision_query query = {sender, client, "", key};
    auto_ptr(decision) decision = snapshot_decide(snapshot, &query);

    g_assert_cmpstr(decision->code, ==, code);
}

static void test_obeyed(void)
{
    struct world world;
    g_autoptr(GError) error = NULL;
    auto_ptr(snapshot) snapshot = NULL;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.address = "10.7.0.1";
    run_at(&world, NOW);
    snapshot = snapshot_open(world.folder, &error);
    g_assert_no_error(error);
    expect(snapshot, "app@example.edu", "10.1.2.3", "", "message.permitted");
    expect(snapshot, "app@example.edu", "172.16.1.1", "", "message.source-not-registered");
    expect(snapshot, "host@example.edu", "10.7.0.1", "", "message.permitted");
    expect(snapshot, "key@example.edu", "172.16.1.1", KEY, "message.permitted");
    expect(snapshot, "old@example.edu", "10.1.1.1", OTHER_KEY, "message.certificate-not-registered");
    world_close(&world);
}

static void test_unchanged(void)
{
    struct world world;
    g_autofree char *damaged = NULL;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.address = "10.7.0.1";
    g_assert_cmpuint(run_at(&world, NOW), ==, 1);
    g_assert_cmpuint(run_at(&world, NOW + 60), ==, 1);
    g_assert_cmpstr(world.outcome, ==, "unchanged");
    g_assert_cmpuint(world.recorded, ==, 2);
    world.count--;
    g_assert_cmpuint(run_at(&world, NOW + 120), ==, 2);
    damaged = g_build_filename(world.folder, "current", "senders", NULL);
    g_assert_true(g_file_set_contents(damaged, "x", 1, NULL));
    g_assert_false(export_verify(world.folder, NULL));
    g_assert_cmpuint(run_at(&world, NOW + 180), ==, 3);
    g_assert_true(export_verify(world.folder, NULL));
    world_close(&world);
}

/* No registration at all is a whole generation, which refuses everybody. */
static void test_empty(void)
{
    struct world world;
    auto_ptr(snapshot) snapshot = NULL;

    world_open(&world, few, 0);
    g_assert_cmpuint(run_at(&world, NOW), ==, 1);
    g_assert_true(export_verify(world.folder, NULL));
    snapshot = snapshot_open(world.folder, NULL);
    expect(snapshot, "app@example.edu", "10.1.2.3", "", "message.sender-not-registered");
    world_close(&world);
}

static void test_ten_stay(void)
{
    struct world world;
    g_autofree char *oldest = NULL, *second = NULL;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.address = "10.7.0.1";
    for (unsigned i = 0; i < 12; i++) {
        world.count = 2 + i % 2;
        g_assert_cmpuint(run_at(&world, NOW + i), ==, i + 1);
        world.rows = i % 2 ? few : few + 1;
    }
    oldest = g_build_filename(world.folder, "gen-2", NULL);
    second = g_build_filename(world.folder, "gen-3", NULL);
    g_assert_false(g_file_test(oldest, G_FILE_TEST_EXISTS));
    g_assert_true(g_file_test(second, G_FILE_TEST_EXISTS));
    world_close(&world);
}

/* Whatever fails: what was in force stays, and the next run goes well. */
static void test_failures(void)
{
    static const struct exported_source bad[][1] = {
        {{"#app@example.edu", "network", "10.1.2.0/24", "", "", 0, "campus"}},
        {{"app example.edu", "network", "10.1.2.0/24", "", "", 0, "campus"}},
        {{"two@app@example.edu", "network", "10.1.2.0/24", "", "", 0, "campus"}},
        {{"a\nb@example.edu", "network", "10.1.2.0/24", "", "", 0, "campus"}},
        {{"UPPER@example.edu", "network", "10.1.2.0/24", "", "", 0, "campus"}},
        {{"app@example.edu", "network", "10.1.2.3/24", "", "", 0, "campus"}},
        {{"app@example.edu", "hostname", "", "a b", "", 0, "campus"}},
        {{"app@example.edu", "certificate", "", "", "00", NOW, "campus"}},
        {{"app@example.edu", "carrier-pigeon", "", "", "", 0, "campus"}},
    };
    struct world world;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.address = "10.7.0.1";
    run_at(&world, NOW);
    world.cut = true;
    run_badly(&world, APPSMTP_ERROR_DATABASE);
    world.cut = false;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        world.rows = bad[i];
        world.count = 1;
        run_badly(&world, APPSMTP_ERROR_GUARD);
    }
    g_assert_true(export_verify(world.folder, NULL));
    world.rows = few;
    world.count = G_N_ELEMENTS(few);
    g_assert_cmpuint(run_at(&world, NOW), ==, 1);
    world_close(&world);
}

static void test_not_recorded(void)
{
    struct world world;
    struct export_result result = {false};
    g_autoptr(GError) error = NULL;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.no_record = true;
    g_assert_false(try_at(&world, NOW, &result, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE);
    g_assert_true(result.published);
    g_assert_true(export_verify(world.folder, NULL));
    export_result_clear(&result);
    world_close(&world);
}

static void test_busy(void)
{
    struct world world;
    auto_ptr(output) other = NULL;

    world_open(&world, few, G_N_ELEMENTS(few));
    other = output_open(world.folder, NULL);
    run_badly(&world, APPSMTP_ERROR_BUSY);
    world_close(&world);
}

static void test_unwritable(void)
{
    struct world world;
    g_autofree char *file = NULL, *below = NULL;

    world_open(&world, few, G_N_ELEMENTS(few));
    file = g_build_filename(world.folder, "file", NULL);
    below = g_build_filename(file, "below", NULL);
    g_assert_true(g_file_set_contents(file, "", 0, NULL));
    g_free(world.folder);
    world.folder = g_steal_pointer(&below);
    run_badly(&world, APPSMTP_ERROR_CREATE);
    g_unlink(file);
    *strrchr(file, '/') = '\0';
    g_rmdir(file);
    world_close(&world);
}

/* What a killed run left is removed, and in nobody's way. */
static void test_leftovers(void)
{
    struct world world;
    g_autofree char *stage = NULL, *file = NULL, *link = NULL;

    world_open(&world, few, G_N_ELEMENTS(few));
    stage = g_build_filename(world.folder, ".new", NULL);
    file = g_build_filename(stage, "pairs", NULL);
    link = g_build_filename(world.folder, ".current", NULL);
    g_mkdir(stage, 0755);
    g_assert_true(g_file_set_contents(file, "half", 4, NULL));
    g_assert_cmpint(symlink("gen-9", link), ==, 0);
    g_assert_cmpuint(run_at(&world, NOW), ==, 1);
    g_assert_false(g_file_test(stage, G_FILE_TEST_EXISTS));
    world_close(&world);
}

static bool has_host(const struct world *world)
{
    g_autofree char *pairs = read_file(world, "pairs");

    return strstr(pairs, "web1.example.edu=10.7.0.1") != NULL;
}

static void test_hostname_kept(void)
{
    struct world world;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.address = "10.7.0.1";
    run_at(&world, NOW);
    world.address = NULL;
    world.answer = DNS_UNAVAILABLE;
    run_at(&world, NOW + DAY);
    g_assert_true(has_host(&world));
    g_assert_nonnull(strstr(world.details, "\"hostnames_kept\": [\"web1.example.edu\"]"));
    run_at(&world, NOW + 16 * DAY);
    g_assert_false(has_host(&world));
    world_close(&world);
}

static void test_hostname_gone(void)
{
    struct world world;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.address = "10.7.0.1";
    run_at(&world, NOW);
    world.address = NULL;
    world.answer = DNS_NO_NAME;
    for (int i = 0; i < 5; i++)
        run_at(&world, NOW + i);
    g_assert_true(has_host(&world));
    run_at(&world, NOW + DAY);
    g_assert_false(has_host(&world));
    g_assert_nonnull(strstr(world.details, "\"hostnames_without_address\": [\"web1.example.edu\"]"));
    world.address = "10.7.0.1";
    run_at(&world, NOW + DAY + 1);
    g_assert_true(has_host(&world));
    world_close(&world);
}

/* An address outside the registration's locations is none of its sources. */
static void test_hostname_outside(void)
{
    struct world world;
    g_autofree char *pairs = NULL;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.address = "172.16.0.1";
    run_at(&world, NOW);
    pairs = read_file(&world, "pairs");
    g_assert_nonnull(strstr(pairs, "host@example.edu\tnone\t-\n"));
    world_close(&world);
}

static bool ignore_sender(const char *sender, const struct decision_entry *entry, void *data,
                          GError **error)
{
    (void)sender;
    (void)entry;
    (void)data;
    (void)error;
    return true;
}

static void expect_pairs(const char *folder, const char *text, bool good)
{
    g_autofree char *path = g_build_filename(folder, "pairs", NULL);

    g_test_message("%s", text);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(pairs_read(folder, ignore_sender, NULL, NULL), ==, good);
}

static void test_pairs(void)
{
    g_autofree char *folder = g_dir_make_tmp("pairs-XXXXXX", NULL);

    expect_pairs(folder, "# end 0\n", true);
    expect_pairs(folder, "# head\na@b.c\tnone\t-\n# end 1\n", true);
    expect_pairs(folder, "a@b.c\tnone\t-\n", false);
    expect_pairs(folder, "a@b.c\tnone\t-\n# end 2\n", false);
    expect_pairs(folder, "a@b.c\tnone\t-\n# end 1", false);
    expect_pairs(folder, "a@b.c\tnone\t-\n# end 1\na@b.d\tnone\t-\n", false);
    expect_pairs(folder, "b@b.c\tnone\t-\na@b.c\tnone\t-\n# end 2\n", false);
    expect_pairs(folder, "a@b.c\tnetwork\t10.1.2.3/24\n# end 1\n", false);
    expect_pairs(folder, "a@b.c\tnetwork\t10.1.2.3\n# end 1\n", false);
    expect_pairs(folder, "a@b.c\tspki\t00\n# end 1\n", false);
    expect_pairs(folder, "a@b.c\thostname\tx=10.0.0.0/8\n# end 1\n", false);
    expect_pairs(folder, "a@b.c\tother\t-\n# end 1\n", false);
    expect_pairs(folder, "example.edu\tnone\t-\n# end 1\n", false);
    expect_pairs(folder, "", false);
    remove_all(folder);
}

/* Postmap reads main.cf: one of the test's own, so that none has to be installed. */
static char *set_up_postmap(void)
{
    char *folder = g_dir_make_tmp("postfix-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(folder, "main.cf", NULL);

    g_assert_true(g_file_set_contents(file, "compatibility_level = 3.6\n", -1, NULL));
    g_setenv("MAIL_CONFIG", folder, TRUE);
    return folder;
}

int main(int argc, char **argv)
{
    g_autofree char *postfix = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    postfix = set_up_postmap();
    g_test_add_func("/export/files", test_files);
    g_test_add_func("/export/obeyed", test_obeyed);
    g_test_add_func("/export/unchanged", test_unchanged);
    g_test_add_func("/export/empty", test_empty);
    g_test_add_func("/export/ten-stay", test_ten_stay);
    g_test_add_func("/export/failures", test_failures);
    g_test_add_func("/export/not-recorded", test_not_recorded);
    g_test_add_func("/export/busy", test_busy);
    g_test_add_func("/export/unwritable", test_unwritable);
    g_test_add_func("/export/leftovers", test_leftovers);
    g_test_add_func("/export/hostname-kept", test_hostname_kept);
    g_test_add_func("/export/hostname-gone", test_hostname_gone);
    g_test_add_func("/export/hostname-outside", test_hostname_outside);
    g_test_add_func("/export/pairs", test_pairs);
    status = g_test_run();
    remove_all(postfix);
    return status;
}
