/* SPDX-License-Identifier: MIT
 *
 * The export with rows and DNS answers of the test's own: what is written, what is
 * left out, and that a failure leaves what was in force.
 */
#include "service/relay/export.h"

#include "adapters/cdb/cdb.h"
#include "adapters/snapshot/snapshot.h"
#include "base/error.h"
#include "rules/hostname.h"
#include "service/relay/awaited.h"
#include "service/relay/generation.h"
#include "service/relay/metrics.h"
#include "service/relay/pairs.h"
#include "service/relay/rollback.h"
#include "service/relay/slots.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define CERT "aabb2233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER_KEY "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HOUR (60 * 60)
#define DAY (24 * HOUR)
#define NOW ((gint64)1800000000)

/* A database and a DNS in memory. */
struct world {
    char *folder;
    const struct exported_source *rows;
    size_t count;
    bool cut;                /* the database goes away in the middle */
    bool no_record;          /* the row cannot be added */
    bool vanish;             /* what does not come any more, nobody has ended */
    bool unguarded;          /* any change may pass */
    const char *format;      /* postfix unless set */
    const char *reload;      /* none unless set */
    const char *postmap;     /* Postfix's unless set */
    const char *force;
    unsigned program_seconds; /* 60 unless set */
    bool skip_unfit;
    const char *address;     /* of every hostname, IPv4, or NULL */
    const char *address6;    /* likewise, IPv6 */
    unsigned many;           /* addresses of every hostname, 10.8.0.0 and on; 0: the one above */
    enum dns_answer answer;  /* when there is no address */
    bool in_view;
    unsigned views;
    unsigned late;           /* views before the hostnames of the rows are there */
    bool restless;           /* each look finds a name that was not there before */
    unsigned looks;
    unsigned recorded;
    char *outcome;
    char *details;
};

static bool world_begin(void *data, struct exported_view *view, GError **error G_GNUC_UNUSED)
{
    struct world *world = data;

    g_assert_false(world->in_view);
    world->in_view = true;
    world->views++;
    view->snapshot = g_strdup("7:7:");
    view->started = g_strdup("2026-11-23 12:00:00+00");
    view->count = world->count;
    return true;
}

static bool world_hostnames(void *data, GPtrArray *names, GError **error G_GNUC_UNUSED)
{
    struct world *world = data;

    if (world->restless)
        g_ptr_array_add(names, g_strdup_printf("n%u.example.edu", world->looks++));
    for (size_t i = 0; i < world->count && world->views >= world->late; i++)
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

static bool world_end(void *data, GError **error G_GNUC_UNUSED)
{
    struct world *world = data;

    g_assert_true(world->in_view);
    world->in_view = false;
    return true;
}

/* Nobody has ended those that the test says have vanished. */
static bool world_vanished(void *data, const GPtrArray *addresses, GPtrArray *vanished,
                           GError **error G_GNUC_UNUSED)
{
    const struct world *world = data;

    for (guint i = 0; world->vanish && i < addresses->len; i++)
        g_ptr_array_add(vanished, g_strdup(g_ptr_array_index(addresses, i)));
    return true;
}

static void add_address(struct hostname_answers *answers, const char *text)
{
    struct network network;

    if (!text)
        return;
    network_parse(text, &network);
    g_array_append_val(answers->addresses, network);
}

static GPtrArray *world_resolve(void *data, const GPtrArray *names)
{
    const struct world *world = data;
    GPtrArray *all =
        g_ptr_array_new_with_free_func((GDestroyNotify)hostname_answers_free);

    /* The database would wait for DNS. */
    g_assert_false(world->in_view);
    for (guint i = 0; i < names->len; i++) {
        struct hostname_answers *one = hostname_answers_new(g_ptr_array_index(names, i));
        bool any = world->address || world->address6 || world->many;
        one->ipv4 = world->address || world->many ? DNS_FOUND : any ? DNS_NO_DATA : world->answer;
        one->ipv6 = world->address6 ? DNS_FOUND : any ? DNS_NO_DATA : world->answer;
        add_address(one, world->address);
        add_address(one, world->address6);
        for (unsigned j = 0; j < world->many; j++) {
            g_autofree char *text = g_strdup_printf("10.8.%u.%u", j >> 8, j & 255);
            add_address(one, text);
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
    g_ptr_array_add(policy->domains, g_strdup("example.edu"));
    return policy;
}

static void note_warning(const char *text)
{
    g_test_message("%s", text);
}

static struct export_world asked_of(struct world *world)
{
    return (struct export_world){world,          world_begin,   world_hostnames, world_each,   world_end,
                                 world_vanished, world_resolve, world_record,    note_warning, NULL};
}

static struct export_settings settings_of(const struct world *world,
                                          const struct decision_policy *policy,
                                          const GPtrArray *rates, gint64 now)
{
    return (struct export_settings){
        .output = world->folder,
        .uses = world->folder, /* nothing of an export has the name of a file of uses */
        .relay = "relay",
        .format = format_find(world->format ? world->format : "postfix"),
        .postmap = world->postmap ? world->postmap : "/usr/sbin/postmap",
        .makemap = "/usr/sbin/makemap",
        .program_seconds = world->program_seconds ? world->program_seconds : 60,
        .reload = world->reload ? world->reload : "",
        .policy = policy,
        .rates = rates,
        .guards = {world->unguarded ? 100 : 30, 200},
        .skip_unfit = world->skip_unfit,
        .force = world->force,
        .grace_days = 30,
        .gone_hours = 24,
        .now = now,
    };
}

static GPtrArray *make_rates(void)
{
    static struct pairs_rate scanner = {"scanner", {200, true}};
    GPtrArray *rates = g_ptr_array_new();

    g_ptr_array_add(rates, &scanner);
    return rates;
}

static bool try_at(struct world *world, gint64 now, struct export_result *result, GError **error)
{
    const struct export_world asked = asked_of(world);
    auto_ptr(decision_policy) policy = make_policy();
    g_autoptr(GPtrArray) rates = make_rates();
    struct export_settings settings = settings_of(world, policy, rates, now);

    world->in_view = false;
    world->views = 0;
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
    {"app@example.edu", "network", "10.1.2.0/24", "", "", 0, "aws campus", "", "scanner", "id", 0},
    {"app@example.edu", "network", "10.1.0.0/16", "", "", 0, "campus", "", "scanner", "id", 0},
    {"app@example.edu", "network", "172.16.1.0/24", "", "", 0, "campus", "", "scanner", "id", 0},
    {"host@example.edu", "hostname", "", "web1.example.edu", "", 0, "campus", "", "scanner", "id", 0},
    {"key@example.edu", "certificate", "", "", KEY, NOW + DAY, "campus", CERT, "scanner", "id", 0},
    {"late@example.edu", "certificate", "", "", OTHER_KEY, NOW - 29 * DAY, "campus", CERT, "scanner", "id", 0},
    {"old@example.edu", "certificate", "", "", OTHER_KEY, NOW - 31 * DAY, "campus", CERT, "scanner", "id", 0},
};

static void test_files(void)
{
    struct world world;
    g_autofree char *pairs = NULL, *networks = NULL, *senders = NULL, *certificates = NULL;
    g_autofree char *addresses = NULL;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.address = "10.7.0.1";
    g_assert_cmpuint(run_at(&world, NOW), ==, 1);
    pairs = read_file(&world, "pairs");
    g_assert_nonnull(
        strstr(pairs, "# domain example.edu\n# location campus 10.0.0.0/8\n"
                      "# location aws 172.16.0.0/12\n"
                      "# relays 1\n# rate scanner 200 source\n"
                      "app@example.edu\tnetwork\t10.1.0.0/16\tscanner\n"
                      "app@example.edu\tnetwork\t10.1.2.0/24\tscanner\n"
                      "host@example.edu\thostname\tweb1.example.edu=10.7.0.1\tscanner\n"
                      "key@example.edu\tcertificate\t" CERT "\tscanner\n"
                      "key@example.edu\tspki\t" KEY "\tscanner\n"
                      "late@example.edu\tcertificate\t" CERT "\tscanner\n"
                      "late@example.edu\tspki\t" OTHER_KEY "\tscanner\n"
                      "old@example.edu\tnone\t-\tscanner\n"
                      "# end 8\n"));
    networks = read_file(&world, "networks.cidr");
    g_assert_cmpstr(networks, ==, "10.1.0.0/16\tOK\n10.1.2.0/24\tOK\n");
    addresses = read_file(&world, "addresses");
    g_assert_cmpstr(addresses, ==, "10.7.0.1\tOK\n");
    senders = read_file(&world, "senders");
    g_assert_true(g_str_has_prefix(senders, "app@example.edu\tOK\nhost@example.edu\tOK\n"));
    certificates = read_file(&world, "certificates");
    g_assert_true(g_str_has_prefix(certificates, "00:11:22:33:44:55:66:77:88:99:AA:BB:"));
    g_assert_cmpstr(world.outcome, ==, "published");
    g_assert_cmpstr(world.details, ==,
                    "{\"suspended\": 0, \"expired\": 1, \"outside\": 1, \"unfit\": 0, \"lost\": 0, "
                    "\"hostnames_without_address\": [], \"hostnames_kept\": [], "
                    "\"hostnames_crowded\": [], \"left_out\": ["
                    "{\"sender\": \"app@example.edu\", \"kind\": \"network\", \"value\": "
                    "\"172.16.1.0/24\", \"reason\": \"outside\", \"detail\": \"campus\", "
                    "\"source\": \"id\", \"whole\": true, \"expected\": false}, "
                    "{\"sender\": \"old@example.edu\", \"kind\": \"certificate\", \"value\": \"" CERT
                    "\", \"reason\": \"certificate-ended\", \"detail\": \"\", \"source\": \"id\", "
                    "\"whole\": true, \"expected\": true}], \"addresses\": {\"web1.example.edu\": \"10.7.0.1\"}}");
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

/* A hostname is used through one of its addresses. A row that could not be added is told again. */
static void test_uses(void)
{
    struct world world;
    g_autofree char *open_file = NULL, *taken = NULL;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.address = "10.7.0.1";
    open_file = g_build_filename(world.folder, "open", NULL);
    taken = g_build_filename(world.folder, "taken", NULL);
    g_assert_true(g_file_set_contents(open_file,
                                      "# appsmtp uses 1 77\n"
                                      "use\thost@example.edu\tnetwork\t10.7.0.1/32\t1800000001\t3\t-\n"
                                      "use\tkey@example.edu\tspki\t" KEY "\t1800000002\t1\t" CERT "\n"
                                      "use\tgone@example.edu\tnetwork\t10.7.0.1/32\t1800000001\t3\t-\n"
                                      "decision\tmessage.permitted\t7\n"
                                      "rate\tkey@example.edu\t180\t200\t1800000002\n", -1, NULL));
    world.no_record = true;
    run_badly(&world, APPSMTP_ERROR_DATABASE);
    g_assert_true(g_file_test(taken, G_FILE_TEST_EXISTS));
    world.no_record = false;
    run_at(&world, NOW);
    g_assert_nonnull(strstr(
        world.details,
        "\"used\": {\"batch\": 77, \"sources\": ["
        "{\"id\": \"id\", \"at\": 1800000001, \"messages\": 3, \"certificate\": \"\"}, "
        "{\"id\": \"id\", \"at\": 1800000002, \"messages\": 1, \"certificate\": \"" CERT "\"}"
        "], \"decisions\": {\"message.permitted\": 7}}, \"rates\": [{\"sender\": "
        "\"key@example.edu\", \"used\": 180, \"allowed\": 200, \"at\": 1800000002}]"));
    g_assert_false(g_file_test(taken, G_FILE_TEST_EXISTS));
    run_at(&world, NOW + 1);
    g_assert_null(strstr(world.details, "used"));
    g_assert_null(strstr(world.details, "rates"));
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
    world.unguarded = true;
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
        {{"#app@example.edu", "network", "10.1.2.0/24", "", "", 0, "campus", "", "scanner", "id", 0}},
        {{"app example.edu", "network", "10.1.2.0/24", "", "", 0, "campus", "", "scanner", "id", 0}},
        {{"two@app@example.edu", "network", "10.1.2.0/24", "", "", 0, "campus", "", "scanner", "id", 0}},
        {{"a\nb@example.edu", "network", "10.1.2.0/24", "", "", 0, "campus", "", "scanner", "id", 0}},
        {{"UPPER@example.edu", "network", "10.1.2.0/24", "", "", 0, "campus", "", "scanner", "id", 0}},
        {{"app@example.edu", "network", "10.1.2.3/24", "", "", 0, "campus", "", "scanner", "id", 0}},
        {{"app@example.edu", "hostname", "", "a b", "", 0, "campus", "", "scanner", "id", 0}},
        {{"app@example.edu", "certificate", "", "", "00", NOW, "campus", CERT, "scanner", "id", 0}},
        {{"app@example.edu", "carrier-pigeon", "", "", "", 0, "campus", "", "scanner", "id", 0}},
    };
    struct world world;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.unguarded = true;
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
    world.unguarded = true;
    world.address = "10.7.0.1";
    /* What DNS said is kept, even if the target cannot be told of it. */
    world.reload = "/bin/false";
    run_badly(&world, APPSMTP_ERROR_OUTPUT);
    world.reload = NULL;
    world.address = NULL;
    world.answer = DNS_UNAVAILABLE;
    run_at(&world, NOW + DAY);
    g_assert_true(has_host(&world));
    g_assert_nonnull(strstr(world.details, "\"hostnames_kept\": [\"web1.example.edu\"]"));
    run_at(&world, NOW + 16 * DAY);
    g_assert_false(has_host(&world));
    world_close(&world);
}

/* A mistake of ten minutes around midnight (NOW is 08:00) is no two days; a day of it is. */
static void test_hostname_gone(void)
{
    const gint64 midnight = NOW + 16 * HOUR;
    struct world world;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.unguarded = true;
    world.address = "10.7.0.1";
    run_at(&world, NOW);
    world.address = NULL;
    world.answer = DNS_NO_NAME;
    for (int minute = -9; minute <= 1; minute += 5)
        run_at(&world, midnight + minute * 60);
    g_assert_true(has_host(&world));
    run_at(&world, midnight + 24 * HOUR - 9 * 60 - 1);
    g_assert_true(has_host(&world));
    run_at(&world, midnight + 24 * HOUR - 9 * 60);
    g_assert_false(has_host(&world));
    g_assert_nonnull(strstr(world.details, "\"hostnames_without_address\": [\"web1.example.edu\"]"));
    world.address = "10.7.0.1";
    run_at(&world, midnight + 25 * HOUR);
    g_assert_true(has_host(&world));
    world_close(&world);
}

/* A good answer clears what was heard before, and so does one that failed. */
static void test_hostname_between(void)
{
    struct world world;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.unguarded = true;
    world.address = "10.7.0.1";
    run_at(&world, NOW);
    world.address = NULL;
    world.answer = DNS_NO_DATA;
    run_at(&world, NOW + HOUR);
    run_at(&world, NOW + 2 * HOUR);
    world.address = "10.7.0.1";
    run_at(&world, NOW + 3 * HOUR);
    world.address = NULL;
    run_at(&world, NOW + 26 * HOUR);
    world.answer = DNS_UNAVAILABLE;
    for (int hour = 27; hour < 60; hour++)
        run_at(&world, NOW + hour * HOUR);
    world.answer = DNS_NO_NAME;
    run_at(&world, NOW + 60 * HOUR);
    run_at(&world, NOW + 61 * HOUR);
    run_at(&world, NOW + 83 * HOUR);
    g_assert_true(has_host(&world));
    run_at(&world, NOW + 84 * HOUR);
    g_assert_false(has_host(&world));
    world_close(&world);
}

/* What vanishes in one family only is kept for as long. */
static void test_hostname_family(void)
{
    struct world world;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.unguarded = true;
    world.address = "10.7.0.1";
    world.address6 = "2001:db8::1";
    run_at(&world, NOW);
    world.address = NULL;
    for (int hour = 1; hour <= 24; hour++)
        run_at(&world, NOW + hour * HOUR);
    g_assert_true(has_host(&world));
    g_assert_nonnull(strstr(world.details, "\"hostnames_kept\": [\"web1.example.edu\"]"));
    run_at(&world, NOW + 25 * HOUR);
    g_assert_false(has_host(&world));
    world_close(&world);
}

/* A file of versions that knew days only: no address is lost, and the hours begin now. */
static void test_hostname_days(void)
{
    g_autofree char *path = NULL;
    struct world world;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.unguarded = true;
    path = g_build_filename(world.folder, "hostnames", NULL);
    g_assert_true(g_file_set_contents(path, "web1.example.edu\t2027-01-14\t2\t2027-01-14\t10.7.0.1 2001:db8::1\n", -1, NULL));
    world.answer = DNS_NO_NAME;
    run_at(&world, NOW);
    run_at(&world, NOW + HOUR);
    run_at(&world, NOW + 23 * HOUR);
    g_assert_true(has_host(&world));
    run_at(&world, NOW + 24 * HOUR);
    g_assert_false(has_host(&world));
    world_close(&world);
}

static void expect_remark(struct world *world, gint64 now, const char *remark)
{
    struct export_result result = {false};

    g_assert_true(try_at(world, now, &result, NULL));
    g_test_message("%s", result.remarks);
    if (remark)
        g_assert_nonnull(strstr(result.remarks, remark));
    else
        g_assert_null(strstr(result.remarks, "moved"));
    export_result_clear(&result);
}

static void test_hostname_moved(void)
{
    struct world world;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.address = "10.7.0.1";
    expect_remark(&world, NOW, NULL);
    world.address = "10.7.0.2";
    expect_remark(&world, NOW + 1, "; 1 hostnames moved: web1.example.edu 10.7.0.1 -> 10.7.0.2");
    expect_remark(&world, NOW + 2, NULL);
    world.address6 = "2001:db8::1";
    expect_remark(&world, NOW + 3, "web1.example.edu 10.7.0.2 -> 10.7.0.2 2001:db8::1");
    world_close(&world);
}

/* A name that comes while DNS is asked has its answer in the same run. */
static void test_hostname_late(void)
{
    struct world world;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.unguarded = true;
    world.address = "10.7.0.1";
    world.late = 1;
    run_at(&world, NOW);
    g_assert_true(has_host(&world));
    g_assert_cmpuint(world.views, ==, 2);
    world.late = 0;
    run_at(&world, NOW + 1);
    g_assert_cmpuint(world.views, ==, 1);
    world_close(&world);
}

/* What comes too late could not be asked: the addresses of before count, and a new one is told so. */
static void test_hostname_too_late(void)
{
    struct world world;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.unguarded = true;
    world.address = "10.7.0.1";
    world.late = 4;
    world.restless = true;
    run_at(&world, NOW);
    g_assert_cmpuint(world.views, ==, 4);
    g_assert_false(has_host(&world));
    g_assert_nonnull(strstr(world.details, "\"not-looked-up\""));
    world.late = 0;
    run_at(&world, NOW + 1);
    g_assert_true(has_host(&world));
    world.late = 4;
    run_at(&world, NOW + 2);
    g_assert_true(has_host(&world));
    world_close(&world);
}

/* An address outside the registration's locations is none of its sources. */
static void test_hostname_outside(void)
{
    struct world world;
    g_autofree char *pairs = NULL;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.unguarded = true;
    world.address = "172.16.0.1";
    run_at(&world, NOW);
    pairs = read_file(&world, "pairs");
    g_assert_nonnull(strstr(pairs, "host@example.edu\tnone\t-\tscanner\n"));
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
    expect_pairs(folder, "# head\na@b.c\tnone\t-\tscanner\n# end 1\n", true);
    expect_pairs(folder, "a@b.c\tnone\t-\tscanner\n", false);
    expect_pairs(folder, "a@b.c\tnone\t-\tscanner\n# end 2\n", false);
    expect_pairs(folder, "a@b.c\tnone\t-\tscanner\n# end 1", false);
    expect_pairs(folder, "a@b.c\tnone\t-\tscanner\n# end 1\na@b.d\tnone\t-\tscanner\n", false);
    expect_pairs(folder, "b@b.c\tnone\t-\tscanner\na@b.c\tnone\t-\tscanner\n# end 2\n", false);
    expect_pairs(folder, "a@b.c\tnetwork\t10.1.2.3/24\tscanner\n# end 1\n", false);
    expect_pairs(folder, "a@b.c\tnetwork\t10.1.2.3\tscanner\n# end 1\n", false);
    expect_pairs(folder, "a@b.c\tspki\t00\tscanner\n# end 1\n", false);
    expect_pairs(folder, "a@b.c\thostname\tx=10.0.0.0/8\tscanner\n# end 1\n", false);
    expect_pairs(folder, "a@b.c\tother\t-\tscanner\n# end 1\n", false);
    expect_pairs(folder, "example.edu\tnone\t-\tscanner\n# end 1\n", false);
    expect_pairs(folder, "", false);
    remove_all(folder);
}

/* ---- guards ---- */

#define MANY 200

/* Registrations r000 ... of one address each. */
static struct exported_source *make_many(void)
{
    struct exported_source *rows = g_new0(struct exported_source, MANY);

    for (unsigned i = 0; i < MANY; i++)
        rows[i] = (struct exported_source){
            .address = g_strdup_printf("r%03u@example.edu", i),
            .kind = "network",
            .network = g_strdup_printf("10.1.2.%u/32", i),
            .hostname = "",
            .spki = "",
            .locations = "campus",
            .sha256 = "",
            .type = "scanner",
        };
    return rows;
}

static void free_many(struct exported_source *rows)
{
    for (unsigned i = 0; i < MANY; i++) {
        g_free((char *)rows[i].address);
        g_free((char *)rows[i].network);
    }
    g_free(rows);
}

static void add_text(const char *line, void *text)
{
    g_string_append_printf(text, "%s\n", line);
}

/* What a run would do: the diff, and the id of the plan where a guard would stop it. */
static char *plan_at(struct world *world, struct plan *plan, char **stopped)
{
    struct export_plan planned = {0};
    const struct export_world asked = asked_of(world);
    auto_ptr(decision_policy) policy = make_policy();
    g_autoptr(GPtrArray) rates = make_rates();
    struct export_settings settings = settings_of(world, policy, rates, NOW);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    export_plan(&settings, &asked, add_text, text, &planned, &error);
    g_assert_no_error(error);
    *plan = planned.plan;
    *stopped = g_steal_pointer(&planned.stopped);
    export_plan_clear(&planned);
    plan->unasked = plan->gone = NULL;
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void expect_stop(struct world *world, guint64 count, bool stops)
{
    struct plan plan;
    g_autofree char *stopped = NULL, *diff = NULL;

    world->count = count;
    diff = plan_at(world, &plan, &stopped);
    g_test_message("%" G_GUINT64_FORMAT ": %s", count, stopped ? stopped : "goes on");
    g_assert_cmpint(stopped != NULL, ==, stops);
    if (stops)
        run_badly(world, APPSMTP_ERROR_GUARD);
}

static void test_guards(void)
{
    struct exported_source *rows = make_many();
    struct world world;

    world_open(&world, rows, 9);
    run_at(&world, NOW);
    expect_stop(&world, 0, false);
    world.count = 10;
    run_at(&world, NOW);
    expect_stop(&world, 7, false);
    expect_stop(&world, 6, true);
    expect_stop(&world, 0, true);
    expect_stop(&world, 200, false);
    world.count = 66;
    run_at(&world, NOW);
    expect_stop(&world, 200, false);
    world_close(&world);
    free_many(rows);
}

/* Without a link the newest generation is what was before, for guards and for a roll back. */
static void test_guards_without_link(void)
{
    struct exported_source *rows = make_many();
    struct world world;
    g_autofree char *current = NULL;
    guint64 serial = 0;

    world_open(&world, rows, 9);
    run_at(&world, NOW);
    world.count = 20;
    run_at(&world, NOW);
    current = g_build_filename(world.folder, "current", NULL);
    g_assert_cmpint(g_unlink(current), ==, 0);
    expect_stop(&world, 5, true);
    g_assert_true(export_rollback(world.folder, "", 10, &serial, NULL));
    g_assert_cmpuint(serial, ==, 2);
    world_close(&world);
    free_many(rows);
}

/* A registration that loses all its sources is gone, too, though its name stays. */
static void test_guard_of_sources(void)
{
    struct exported_source *rows = make_many();
    struct world world;

    world_open(&world, rows, 10);
    run_at(&world, NOW);
    for (unsigned i = 0; i < 4; i++)
        rows[i].locations = "aws";
    expect_stop(&world, 10, true);
    rows[3].locations = "campus";
    expect_stop(&world, 10, false);
    world_close(&world);
    free_many(rows);
}

/* What is decided with the folder's generation, and with what awaits another. */
static void expect_now(const struct world *world, const char *sender, const char *client,
                       const char *code)
{
    auto_ptr(snapshot) snapshot = snapshot_open(world->folder, NULL);
    auto_ptr(awaited) awaited = awaited_new(world->folder);
    struct decision_query query = {sender, client, "", ""};
    auto_ptr(decision) decision = NULL;

    awaited_look(awaited, NULL);
    decision = awaited_soften(awaited, snapshot_serial(snapshot), sender,
                              snapshot_decide(snapshot, &query));

    g_test_message("%s %s: %s", sender, client, decision->text);
    g_assert_cmpstr(decision->code, ==, code);
}

static bool is_awaited(const struct world *world)
{
    g_autofree char *path = g_build_filename(world->folder, AWAITED_FILE, NULL);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

/*
 * Of 20 registrations 15 would go, one is new, one has moved, and two have another rate: a
 * guard stops that.
 */
static void change_too_much(struct world *world, struct exported_source *rows)
{
    world_open(world, rows, 20);
    run_at(world, NOW);
    g_assert_false(is_awaited(world));
    g_free((char *)rows[16].network);
    rows[16].network = g_strdup("10.1.3.16/32");
    rows[17].type = "web-application";
    rows[18].recipients_per_hour = 500;
    world->rows = rows + 15;
    world->count = 6;
}

static void expect_table(const struct world *world)
{
    g_autofree char *file = g_build_filename(g_getenv("TEST_SRCDIR"), "rules", "awaited.tsv", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) field = g_strsplit(*line, "\t", -1);
        if (**line != '#' && **line)
            expect_now(world, g_str_equal(field[0], "<>") ? "" : field[0], field[1], field[2]);
    }
}

static void test_awaited(void)
{
    struct exported_source *rows = make_many();
    struct world world;
    struct plan plan;
    g_autofree char *stopped = NULL, *diff = NULL;

    change_too_much(&world, rows);
    run_badly(&world, APPSMTP_ERROR_GUARD);
    expect_table(&world);
    diff = plan_at(&world, &plan, &stopped);
    world.force = plan.id;
    run_at(&world, NOW);
    g_assert_false(is_awaited(&world));
    expect_now(&world, "r020@example.edu", "10.1.2.20", "message.permitted");
    world_close(&world);
    free_many(rows);
}

/* One that is not whole could name anybody; one of another generation names nobody. */
static void test_awaited_damaged(void)
{
    static const char *const texts[] = {
        "", "r020@example.edu\n", "# appsmtp awaited 1\n# generation 1\nr020@example.edu\n",
        "# appsmtp awaited 1\n# generation 1\nr020@example.edu\n# end 2\n",
        "# appsmtp awaited 1\n# generation 1\nr020@example.edu\n# end 1",
        "# appsmtp awaited 1\n# generation 1\nr020@example.edu\n# end 1\nx\n",
        "# appsmtp awaited 1\n# generation 1\nr020@example.edu\na@example.edu\n# end 2\n",
        "# appsmtp awaited 2\n# generation 1\nr020@example.edu\n# end 1\n"};
    static const char other[] = "# appsmtp awaited 1\n# generation 2\nr020@example.edu\n# end 1\n";
    struct exported_source *rows = make_many();
    struct world world;
    g_autofree char *path = NULL, *good = NULL;

    change_too_much(&world, rows);
    run_badly(&world, APPSMTP_ERROR_GUARD);
    path = g_build_filename(world.folder, AWAITED_FILE, NULL);
    g_assert_true(g_file_get_contents(path, &good, NULL, NULL));
    g_assert_cmpstr(good, ==, "# appsmtp awaited 1\n# generation 1\nr016@example.edu\n"
                              "r020@example.edu\n# end 2\n");
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_assert_true(g_file_set_contents(path, texts[i], -1, NULL));
        expect_now(&world, "r020@example.edu", "10.1.2.20", "message.unavailable");
        expect_now(&world, "r021@example.edu", "10.1.2.21", "message.unavailable");
        expect_now(&world, "r000@example.edu", "10.1.2.0", "message.permitted");
        expect_now(&world, "r000@example.edu", "192.0.2.1", "message.outside-locations");
    }
    g_assert_true(g_file_set_contents(path, other, -1, NULL));
    expect_now(&world, "r020@example.edu", "10.1.2.20", "message.sender-not-registered");
    g_assert_true(g_unlink(path) == 0 && g_mkdir(path, 0700) == 0);
    expect_now(&world, "r020@example.edu", "10.1.2.20", "message.unavailable");
    g_assert_true(g_rmdir(path) == 0);
    expect_now(&world, "r020@example.edu", "10.1.2.20", "message.sender-not-registered");
    world_close(&world);
    free_many(rows);
}

static void expect_awaited(const struct awaited *awaited, const char *sender, const char *code)
{
    auto_ptr(decision) decision = awaited_decide(awaited, 1, sender);

    g_assert_cmpstr(decision ? decision->code : NULL, ==, code);
}

/* The file is the same when the fault is over, and is read all the same. */
static void test_awaited_out_of_descriptors(void)
{
    struct exported_source *rows = make_many();
    struct rlimit limit, none;
    struct world world;
    auto_ptr(awaited) awaited = NULL;
    g_autoptr(GError) error = NULL;

    change_too_much(&world, rows);
    run_badly(&world, APPSMTP_ERROR_GUARD);
    awaited = awaited_new(world.folder);
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    none = (struct rlimit){0, limit.rlim_max};
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
    g_assert_false(awaited_look(awaited, &error));
    g_assert_true(awaited_look(awaited, NULL));
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_INPUT);
    expect_awaited(awaited, "r021@example.edu", "message.unavailable");
    g_assert_true(awaited_look(awaited, NULL));
    expect_awaited(awaited, "r020@example.edu", "message.not-on-relay-yet");
    expect_awaited(awaited, "r021@example.edu", NULL);
    world_close(&world);
    free_many(rows);
}

/* Likewise while a generation is held, and where the maps cannot be written. */
static void test_awaited_otherwise(void)
{
    struct exported_source *rows = make_many();
    struct world world;
    guint64 serial = 0;

    world_open(&world, rows, 3);
    run_at(&world, NOW);
    world.count = 4;
    world.postmap = "/bin/false";
    run_badly(&world, APPSMTP_ERROR_OUTPUT);
    expect_now(&world, "r003@example.edu", "10.1.2.3", "message.not-on-relay-yet");
    world.postmap = NULL;
    run_at(&world, NOW);
    expect_now(&world, "r003@example.edu", "10.1.2.3", "message.permitted");
    g_assert_true(export_rollback(world.folder, "", 10, &serial, NULL));
    run_badly(&world, APPSMTP_ERROR_GUARD);
    expect_now(&world, "r003@example.edu", "10.1.2.3", "message.not-on-relay-yet");
    /* Nothing is new about those that the database has no more. */
    world.count = 3;
    run_badly(&world, APPSMTP_ERROR_GUARD);
    expect_now(&world, "r003@example.edu", "10.1.2.3", "message.sender-not-registered");
    world.cut = true;
    run_badly(&world, APPSMTP_ERROR_GUARD);
    world_close(&world);
    free_many(rows);
}

/* Only the plan that was looked at is forced. */
static void test_force(void)
{
    struct exported_source *rows = make_many();
    struct plan plan, other;
    struct world world;
    g_autofree char *stopped = NULL, *again = NULL, *diff = NULL, *same = NULL;

    world_open(&world, rows, 20);
    run_at(&world, NOW);
    world.count = 10;
    diff = plan_at(&world, &plan, &stopped);
    g_assert_cmpuint(plan.removed, ==, 10);
    g_assert_cmpuint(plan.lines_removed, ==, 10);
    g_assert_cmpuint(plan.before, ==, 20);
    g_assert_nonnull(strstr(diff, "/gen-1/pairs\n+++ pairs\n@@ -22,10 +21,0 @@\n"
                                  "-r010@example.edu\tnetwork\t10.1.2.10/32\tscanner\n"));
    same = plan_at(&world, &other, &again);
    g_assert_cmpstr(plan.id, ==, other.id);
    world.force = plan.id;
    world.count = 9;
    run_badly(&world, APPSMTP_ERROR_GUARD);
    world.count = 10;
    g_assert_cmpuint(run_at(&world, NOW), ==, 2);
    world_close(&world);
    free_many(rows);
}

/* An exception is a change of each line of its registration, and of the snapshot. */
static void test_rates(void)
{
    struct exported_source rows[] = {few[0], few[3]};
    struct world world;
    g_autofree char *pairs = NULL, *diff = NULL, *stopped = NULL;
    auto_ptr(snapshot) snapshot = NULL;
    struct decision_query query = {"app@example.edu", "10.1.2.3", "", ""};
    struct plan plan;
    struct rate rate;

    world_open(&world, rows, G_N_ELEMENTS(rows));
    world.address = "10.7.0.1";
    g_assert_cmpuint(run_at(&world, NOW), ==, 1);
    rows[0].recipients_per_hour = 5000;
    diff = plan_at(&world, &plan, &stopped);
    g_assert_null(stopped);
    g_assert_nonnull(strstr(diff, "\n-app@example.edu\tnetwork\t10.1.2.0/24\tscanner\n"
                                  "+app@example.edu\tnetwork\t10.1.2.0/24\tscanner\t5000\n"));
    g_assert_cmpuint(plan.lines_added, ==, 1);
    g_assert_cmpuint(plan.removed + plan.added, ==, 0);
    g_assert_cmpuint(run_at(&world, NOW), ==, 2);
    pairs = read_file(&world, "pairs");
    g_assert_nonnull(strstr(pairs, "\n# relays 1\n# rate scanner 200 source\n"));
    g_assert_nonnull(strstr(pairs, "=10.7.0.1\tscanner\n"));
    snapshot = snapshot_open(world.folder, NULL);
    g_assert_true(snapshot_rate(snapshot, &query, &rate));
    g_assert_cmpuint(rate.per_hour, ==, 5000);
    g_assert_true(rate.per_source);
    query.sender = "host@example.edu";
    g_assert_true(snapshot_rate(snapshot, &query, &rate));
    g_assert_cmpuint(rate.per_hour, ==, 200);
    world_close(&world);
}

/* A hundred changes among many are a hundred lines. */
static void test_diff(void)
{
    struct exported_source *rows = make_many();
    struct plan plan;
    struct world world;
    g_autofree char *stopped = NULL, *diff = NULL, *missing = NULL, *temporary = NULL;

    world_open(&world, rows, MANY);
    run_at(&world, NOW);
    world.rows = rows + 50;
    world.count = 150;
    diff = plan_at(&world, &plan, &stopped);
    g_assert_cmpuint(plan.lines_removed, ==, 50);
    g_assert_cmpuint(plan.lines_added, ==, 0);
    temporary = g_build_filename(world.folder, ".new", NULL);
    g_assert_false(g_file_test(temporary, G_FILE_TEST_EXISTS));
    missing = g_build_filename(world.folder, "gen-2", NULL);
    g_assert_false(g_file_test(missing, G_FILE_TEST_EXISTS));
    g_assert_cmpuint(world.recorded, ==, 1);
    world_close(&world);
    free_many(rows);
}

static void test_skip(void)
{
    static const struct exported_source rows[] = {
        {"#app@example.edu", "network", "10.1.2.0/24", "", "", 0, "campus", "", "scanner", "id", 0},
        {"#app@example.edu", "network", "10.1.3.0/24", "", "", 0, "campus", "", "scanner", "id", 0},
        {"app@example.edu", "network", "10.1.2.3/24", "", "", 0, "campus", "", "scanner", "id", 0},
        {"app@example.edu", "network", "10.1.9.0/24", "", "", 0, "campus", "", "scanner", "id", 0},
    };
    struct world world;
    struct export_result result = {false};
    g_autofree char *senders = NULL, *networks = NULL;

    world_open(&world, rows, G_N_ELEMENTS(rows));
    world.skip_unfit = true;
    g_assert_true(try_at(&world, NOW, &result, NULL));
    g_assert_cmpuint(result.left_out, ==, 3);
    senders = read_file(&world, "senders");
    g_assert_cmpstr(senders, ==, "app@example.edu\tOK\n");
    networks = read_file(&world, "networks.cidr");
    g_assert_cmpstr(networks, ==, "10.1.9.0/24\tOK\n");
    g_assert_nonnull(strstr(world.details, "\"unfit\": 3"));
    export_result_clear(&result);
    world_close(&world);
}

/* ---- going back ---- */

static void test_rollback(void)
{
    struct exported_source *rows = make_many();
    struct world world;
    struct plan plan;
    guint64 serial = 0;
    g_autofree char *stopped = NULL, *diff = NULL;
    g_autoptr(GError) error = NULL;

    world_open(&world, rows, 3);
    run_at(&world, NOW);
    g_assert_false(export_rollback(world.folder, "", 10, &serial, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD);
    world.count = 4;
    run_at(&world, NOW);
    g_assert_true(export_rollback(world.folder, "", 10, &serial, NULL));
    g_assert_cmpuint(serial, ==, 1);
    g_assert_true(export_verify(world.folder, NULL));
    run_badly(&world, APPSMTP_ERROR_GUARD);
    g_assert_cmpuint(output_serial(world.folder), ==, 1);
    diff = plan_at(&world, &plan, &stopped);
    g_assert_nonnull(strstr(stopped, "held (rolled back from generation 2 to 1 at "));
    /* Also where nothing would change, another plan's id lifts no hold. */
    world.count = 3;
    world.force = "deadbeef";
    run_badly(&world, APPSMTP_ERROR_GUARD);
    world.force = NULL;
    run_badly(&world, APPSMTP_ERROR_GUARD);
    world.count = 4;
    world.force = plan.id;
    g_assert_cmpuint(run_at(&world, NOW), ==, 3);
    world.force = NULL;
    g_assert_cmpuint(run_at(&world, NOW), ==, 3);
    g_assert_true(export_rollback(world.folder, "", 10, &serial, NULL));
    g_assert_cmpuint(serial, ==, 2);
    g_assert_true(export_release(world.folder, NULL));
    g_assert_cmpuint(run_at(&world, NOW), ==, 2);
    world_close(&world);
    free_many(rows);
}

static size_t count_reloads(const char *file)
{
    g_autofree char *text = NULL;
    gsize length = 0;

    g_file_get_contents(file, &text, &length, NULL);
    return length / 2;
}

/* The target is told of other maps, once, and again until it has heard. */
static void test_reload(void)
{
    struct exported_source *rows = make_many();
    struct world world;
    struct export_result result = {false};
    g_autofree char *file = NULL, *command = NULL;
    g_autoptr(GError) error = NULL;

    world_open(&world, rows, 3);
    file = g_build_filename(world.folder, "reloads", NULL);
    command = g_strdup_printf("/bin/sh -c 'echo x >>\"$0\"' '%s'", file);
    world.reload = command;
    run_at(&world, NOW);
    g_assert_cmpuint(count_reloads(file), ==, 1);
    run_at(&world, NOW);
    g_assert_cmpuint(count_reloads(file), ==, 1);
    world.count = 4;
    world.reload = "/bin/sh -c 'echo out of order >&2; exit 3'";
    g_assert_false(try_at(&world, NOW, &result, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT);
    g_assert_nonnull(strstr(error->message, "out of order"));
    g_assert_true(result.published);
    g_assert_cmpuint(world.recorded, ==, 2);
    world.reload = command;
    g_assert_cmpuint(run_at(&world, NOW), ==, 2);
    g_assert_cmpuint(count_reloads(file), ==, 2);
    rows[0].type = "web-application";
    run_at(&world, NOW);
    g_assert_cmpuint(count_reloads(file), ==, 2);
    export_result_clear(&result);
    world_close(&world);
    free_many(rows);
}

static void expect_metric(const char *file, const char *line)
{
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    g_test_message("%s", line);
    g_assert_nonnull(strstr(text, line));
}

static void test_metrics(void)
{
    struct world world;
    g_autofree char *file = NULL;
    struct export_metrics metrics = {.now = NOW * G_USEC_PER_SEC, .interval = 300};

    world_open(&world, few, G_N_ELEMENTS(few));
    world.address = "10.7.0.1";
    run_at(&world, NOW);
    file = g_build_filename(world.folder, "export.prom", NULL);
    metrics.output = world.folder;
    g_assert_true(export_metrics_write(file, &metrics, NULL));
    metrics.now += 60 * G_USEC_PER_SEC;
    metrics.status = 69;
    g_assert_true(export_metrics_write(file, &metrics, NULL));
    expect_metric(file, "\nappsmtp_export_last_success_timestamp_seconds 1800000000\n");
    expect_metric(file, "\nappsmtp_export_last_run_timestamp_seconds 1800000060\n");
    expect_metric(file, "\nappsmtp_export_last_run_exit_status 69\n");
    expect_metric(file, "\nappsmtp_export_senders 5\n");
    expect_metric(file, "\nappsmtp_export_held 0\n");
    world_close(&world);
}

/* ---- formats ---- */

static const struct exported_source mixed[] = {
    {"app@example.edu", "network", "10.1.2.0/24", "", "", 0, "campus", "", "scanner", "id", 0},
    {"app@example.edu", "network", "10.1.2.128/25", "", "", 0, "campus", "", "scanner", "id", 0},
    {"b&b@example.edu", "network", "10.1.2.128/25", "", "", 0, "campus", "", "scanner", "id", 0},
    {"host@example.edu", "hostname", "", "web1.example.edu", "", 0, "campus", "", "scanner", "id", 0},
    {"key@example.edu", "certificate", "", "", KEY, NOW + DAY, "campus", CERT, "scanner", "id", 0},
    {"six@example.edu", "network", "10.9.0.0/23", "", "", 0, "campus", "", "scanner", "id", 0},
    {"void@example.edu", "network", "172.16.1.0/24", "", "", 0, "campus", "", "scanner", "id", 0},
};

static guint64 export_mixed(struct world *world, const char *format)
{
    struct export_result result = {false};
    g_autoptr(GError) error = NULL;
    guint64 lost;

    world_open(world, mixed, G_N_ELEMENTS(mixed));
    world->format = format;
    world->address = "10.7.0.1";
    try_at(world, NOW, &result, &error);
    g_assert_no_error(error);
    g_assert_true(export_verify(world->folder, NULL));
    lost = result.lost;
    export_result_clear(&result);
    return lost;
}

static void expect_file(const struct world *world, const char *name, const char *expected)
{
    g_autofree char *text = read_file(world, name);

    g_assert_cmpstr(text, ==, expected);
}

static void expect_value(const struct world *world, const char *name, const char *key,
                         const char *expected)
{
    g_autofree char *path = g_build_filename(world->folder, "current", name, NULL);
    auto_ptr(cdb_reader) reader = cdb_reader_new(path, NULL);
    g_autofree char *value = cdb_reader_get(reader, key);

    g_assert_cmpstr(value, ==, expected);
}

static void test_exim(void)
{
    struct world world;
    g_autofree char *capital = g_ascii_strup(CERT, -1);
    g_autofree char *key = g_strconcat(capital, ":key@example.edu", NULL);

    g_assert_cmpuint(export_mixed(&world, "exim"), ==, 1);
    expect_value(&world, "sources.cdb", "app@example.edu", "10.1.2.0/24 ; 10.1.2.128/25");
    expect_value(&world, "sources.cdb", "host@example.edu", "10.7.0.1");
    expect_value(&world, "sources.cdb", "key@example.edu", NULL);
    expect_value(&world, "certificates.cdb", key, "1");
    expect_value(&world, "rates.cdb", "app@example.edu", "200 source");
    expect_value(&world, "rates.cdb", "key@example.edu", "200 source");
    expect_file(&world, "locations", "10.0.0.0/8\n172.16.0.0/12\n");
    world_close(&world);
}

static void test_opensmtpd(void)
{
    struct world world;

    g_assert_cmpuint(export_mixed(&world, "opensmtpd"), ==, 1);
    expect_file(&world, "relay.rules",
                "match from src { 10.1.2.0/24, 10.1.2.128/25 } mail-from \"app@example.edu\" for any "
                "action \"appsmtp\"\n"
                "match from src { 10.1.2.128/25 } mail-from \"b&b@example.edu\" for any action "
                "\"appsmtp\"\n"
                "match from src { 10.7.0.1/32 } mail-from \"host@example.edu\" for any action "
                "\"appsmtp\"\n"
                "match from src { 10.9.0.0/23 } mail-from \"six@example.edu\" for any action "
                "\"appsmtp\"\n");
    world_close(&world);
}

static void test_classes(void)
{
    struct world world;

    export_mixed(&world, "postfix-classes");
    expect_file(&world, "sources.cidr",
                "10.7.0.1/32\tappsmtp2\n10.1.2.128/25\tappsmtp0, appsmtp1\n10.1.2.0/24\tappsmtp0\n"
                "10.9.0.0/23\tappsmtp4\n");
    expect_file(&world, "pairs-by-slot",
                "0|app@example.edu\tOK\n1|b&b@example.edu\tOK\n2|host@example.edu\tOK\n"
                "3|key@example.edu\tOK\n4|six@example.edu\tOK\n5|void@example.edu\tOK\n");
    world_close(&world);
}

/* A number that somebody had rests for two days before somebody else gets it. */
static void test_slots(void)
{
    auto_ptr(slots) slots = slots_load("/nonexistent");
    g_autoptr(GPtrArray) before = g_ptr_array_new(), after = g_ptr_array_new();

    g_ptr_array_add(before, (char *)"a@example.edu");
    g_ptr_array_add(before, (char *)"b@example.edu");
    g_ptr_array_add(after, (char *)"b@example.edu");
    g_assert_true(slots_assign(slots, before, NOW));
    g_assert_cmpuint(slots_find(slots, "b@example.edu"), ==, 1);
    g_assert_true(slots_assign(slots, after, NOW));
    g_assert_cmpuint(slots_find(slots, "b@example.edu"), ==, 1);
    g_ptr_array_add(after, (char *)"c@example.edu");
    g_assert_true(slots_assign(slots, after, NOW + DAY));
    g_assert_cmpuint(slots_find(slots, "c@example.edu"), ==, 2);
    g_ptr_array_add(after, (char *)"d@example.edu");
    g_assert_true(slots_assign(slots, after, NOW + 4 * DAY));
    g_assert_cmpuint(slots_find(slots, "d@example.edu"), ==, 0);
}

static void test_listings(void)
{
    struct world world;
    g_autofree char *json = NULL, *xml = NULL, *csv = NULL;

    export_mixed(&world, "csv");
    csv = read_file(&world, "registrations.csv");
    g_assert_true(g_str_has_prefix(csv, "sender,application_type,kind,value,address\r\n"
                                        "app@example.edu,scanner,network,10.1.2.0/24,\r\n"));
    g_assert_nonnull(strstr(csv, "host@example.edu,scanner,hostname,web1.example.edu,10.7.0.1\r\n"));
    world_close(&world);
    export_mixed(&world, "json");
    json = read_file(&world, "registrations.json");
    g_assert_true(g_str_has_suffix(json, "{\"sender\": \"void@example.edu\", "
                                         "\"application_type\": \"scanner\", \"sources\": []}\n]}\n"));
    world_close(&world);
    export_mixed(&world, "xml");
    xml = read_file(&world, "registrations.xml");
    g_assert_nonnull(strstr(xml, "<registration sender=\"b&amp;b@example.edu\""));
    world_close(&world);
}

/* The same networks, nested or not: Postfix finds the same. */
static void test_nested(void)
{
    struct exported_source *rows = make_many();
    struct world world;
    g_autofree char *text = NULL;

    for (unsigned i = 0; i < MANY; i++) {
        g_free((char *)rows[i].network);
        rows[i].network = g_strdup_printf("10.%u.%u.0/24", i / 20, i);
    }
    g_free((char *)rows[0].network);
    rows[0].network = g_strdup("10.0.0.0/15");
    world_open(&world, rows, MANY);
    run_at(&world, NOW);
    text = read_file(&world, "networks.cidr");
    g_assert_true(g_str_has_prefix(text, "if 10.0.0.0/8\nif 10.0.0.0/16\n10.0.1.0/24\tOK\n"));
    g_assert_true(g_str_has_suffix(text, "10.9.199.0/24\tOK\nendif\n10.0.0.0/15\tOK\nendif\n"));
    world_close(&world);
    free_many(rows);
}

/* The configuration's other format is another generation. */
static void test_other_format(void)
{
    struct world world;

    export_mixed(&world, "csv");
    world.format = "json";
    g_assert_cmpuint(run_at(&world, NOW), ==, 2);
    g_assert_cmpuint(run_at(&world, NOW), ==, 2);
    world_close(&world);
}

/* ---- what is left out ---- */

static const struct exported_source odd[] = {
    {"away@example.edu", "network", "10.1.2.0/24", "", "", 0, "azure basement", "", "scanner", "1", 0},
    {"host@example.edu", "hostname", "", "web1.example.edu", "", 0, "campus", "", "scanner", "2", 0},
    {"old@example.edu", "certificate", "", "", OTHER_KEY, NOW - 31 * DAY, "campus", CERT, "scanner", "3", 0},
    {"out@example.edu", "network", "172.16.1.0/24", "", "", 0, "campus", "", "scanner", "4", 0},
    {"two\t@example.edu", "network", "10.1.4.0/24", "", "", 0, "campus", "", "scanner", "5", 0},
};

static void expect_left_out(struct world *world, const char *host)
{
    static const char *const sentences[] = {
        "away@example.edu: 10.1.2.0/24 is in a location that is no longer configured (azure basement)",
        "old@example.edu: certificate aabb223344556677... has expired and is no longer accepted",
        "out@example.edu: 172.16.1.0/24 is outside its locations (campus)",
        "two?@example.edu: 10.1.4.0/24 cannot be written into the relay's maps (no map can hold this sender)"};
    struct export_result result = {false};
    g_autoptr(GError) error = NULL;

    try_at(world, NOW, &result, &error);
    g_assert_no_error(error);
    g_test_message("%s", result.remarks);
    for (size_t i = 0; i < G_N_ELEMENTS(sentences); i++)
        g_assert_nonnull(strstr(result.remarks, sentences[i]));
    g_assert_nonnull(strstr(result.remarks, host));
    g_assert_cmpuint(result.left_out, ==, world->address && world->address6 ? 4 : 5);
    export_result_clear(&result);
}

/* Each by name and reason: in the line of the run, in its row, and in the generation. */
static void test_left_out(void)
{
    struct world world;
    g_autofree char *file = NULL;

    world_open(&world, odd, G_N_ELEMENTS(odd));
    world.skip_unfit = world.unguarded = true;
    world.answer = DNS_NO_NAME;
    expect_left_out(&world, "host@example.edu: web1.example.edu has no address in DNS");
    world.address = "172.16.0.1";
    expect_left_out(&world, "host@example.edu: web1.example.edu is outside its locations (172.16.0.1)");
    world.address = "10.7.0.1";
    world.address6 = "2001:db8::1";
    expect_left_out(&world, "host@example.edu: web1.example.edu has an address outside its locations (2001:db8::1)");
    g_assert_nonnull(strstr(world.details, "\"reason\": \"partly-outside\", \"detail\": \"2001:db8::1\", "
                                           "\"source\": \"2\", \"whole\": false, "));
    g_assert_true(has_host(&world));
    file = read_file(&world, "left-out");
    g_assert_nonnull(strstr(file, "\nout@example.edu\tnetwork\t172.16.1.0/24\toutside\tcampus\t4\n"));
    world_close(&world);
}

/* What is new comes first, and the rest is counted. The maps need not change for a new generation. */
static void test_left_out_many(void)
{
    struct exported_source *rows = make_many();
    struct world world;
    struct export_result result = {false};

    world_open(&world, rows, 50);
    world.unguarded = true;
    for (unsigned i = 20; i < 40; i++)
        rows[i].locations = "aws";
    g_assert_cmpuint(run_at(&world, NOW), ==, 1);
    g_assert_cmpuint(run_at(&world, NOW), ==, 1);
    rows[45].locations = "aws";
    g_assert_true(try_at(&world, NOW, &result, NULL));
    g_test_message("%s", result.remarks);
    g_assert_nonnull(strstr(result.remarks, "; left out: r045@example.edu: 10.1.2.45/32 is outside its locations (aws), "
                                            "r020@example.edu: "));
    g_assert_nonnull(strstr(result.remarks, " and 16 more"));
    rows[20].locations = "azure";
    export_result_clear(&result);
    g_assert_cmpuint(run_at(&world, NOW), ==, 3);
    world_close(&world);
    free_many(rows);
}

/* With fewer than ten, what nobody has asked for is looked at; what a person did passes. */
static void test_guard_few(void)
{
    struct exported_source *rows = make_many();
    struct world world;
    struct plan plan;
    g_autofree char *stopped = NULL, *diff = NULL;

    world_open(&world, rows, 3);
    run_at(&world, NOW);
    rows[1].locations = "azure";
    diff = plan_at(&world, &plan, &stopped);
    g_assert_cmpstr(stopped, ==, "1 of 3 registrations would go that nobody has retired, suspended or "
                                 "changed: r001@example.edu");
    run_badly(&world, APPSMTP_ERROR_GUARD);
    world.force = plan.id;
    run_at(&world, NOW);
    world.force = NULL;
    run_at(&world, NOW);
    expect_stop(&world, 2, false);
    run_at(&world, NOW);
    world.vanish = true;
    expect_stop(&world, 1, false); /* it was none before */
    world.rows = rows + 1;
    expect_stop(&world, 1, true);
    world_close(&world);
    free_many(rows);
}

/* A source that was there already, and left out, when a person took the other away. */
static void test_guard_few_removed(void)
{
    static const struct exported_source both[] = {
        {"app@example.edu", "network", "10.1.2.0/24", "", "", 0, "campus", "", "scanner", "1", 0},
        {"app@example.edu", "network", "172.16.1.0/24", "", "", 0, "campus", "", "scanner", "2", 0},
        {"old@example.edu", "certificate", "", "", OTHER_KEY, NOW - 29 * DAY, "campus", CERT, "scanner", "3", 0},
    };
    struct world world;

    world_open(&world, both, 3);
    run_at(&world, NOW);
    world.rows = both + 1;
    world.count = 2;
    g_assert_cmpuint(run_at(&world, NOW), ==, 2);
    g_assert_cmpuint(run_at(&world, NOW + 2 * DAY), ==, 3);
    world_close(&world);
}

/* ---- too many addresses ---- */

static void expect_addresses(struct world *world, gint64 now, unsigned many, unsigned expected)
{
    g_autofree char *pairs = NULL;
    unsigned count = 0;

    world->many = many;
    run_at(world, now);
    pairs = read_file(world, "pairs");
    for (const char *at = pairs; (at = strstr(at, "\tweb1.example.edu=")); at++)
        count++;
    g_test_message("%u: %u", many, count);
    g_assert_cmpuint(count, ==, expected);
}

/* More than 16 are no answer: the good ones of before stay for 14 days, then there are none. */
static void test_crowded(void)
{
    struct world world;

    world_open(&world, few, G_N_ELEMENTS(few));
    world.unguarded = true;
    expect_addresses(&world, NOW, 4000, 0);
    g_assert_nonnull(strstr(world.details, "\"reason\": \"too-many-addresses\", \"detail\": \"more than 16\""));
    g_assert_nonnull(strstr(world.details, "\"hostnames_without_address\": []"));
    expect_addresses(&world, NOW + 1, 16, 16);
    expect_addresses(&world, NOW + HOUR, 17, 16);
    g_assert_nonnull(strstr(world.details, "\"reason\": \"too-many-kept\""));
    g_assert_nonnull(strstr(world.details, "\"hostnames_crowded\": [\"web1.example.edu\"]"));
    expect_addresses(&world, NOW + 13 * DAY, 4000, 16);
    expect_addresses(&world, NOW + 15 * DAY, 4000, 0);
    expect_addresses(&world, NOW + 15 * DAY + 1, 2, 2);
    /* What is kept of the other family makes room. */
    world.address6 = "2001:db8::1";
    expect_addresses(&world, NOW + 15 * DAY + 2, 1, 1);
    world.address6 = NULL;
    expect_addresses(&world, NOW + 15 * DAY + 3, 16, 16);
    world_close(&world);
}

/* ---- damage ---- */

enum { EMPTY, HALF, LESS, ZEROED, RANDOM, LONGER, FOLDER, PIPE, CLOSED, GONE, DAMAGES };

static void damage_text(const char *path, int how)
{
    g_autofree char *text = NULL;
    gsize length = 0;

    if (g_file_test(path, G_FILE_TEST_IS_SYMLINK))
        g_unlink(path);
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        return;
    if (!g_file_get_contents(path, &text, &length, NULL)) {
        text = g_strdup("# appsmtp text 1\nline\n# end 1\n");
        length = strlen(text);
    }
    if (how == ZEROED || how == RANDOM)
        for (gsize i = 0; i < length; i++)
            text[i] = how == ZEROED ? '\0' : (char)g_random_int();
    if (how == EMPTY || how == HALF)
        length = how == HALF ? length / 2 : 0;
    if (how == LESS && length > 0)
        length--;
    if (how == LONGER && length > 0)
        text[length++] = text[0];
    g_assert_true(g_file_set_contents(path, text, (gssize)length, NULL));
}

/* A file or folder inside, as if somebody had put it there. */
static void put_folder(const char *path)
{
    g_autofree char *inner = g_build_filename(path, "inner", NULL);
    g_autofree char *file = g_build_filename(inner, "file", NULL);

    g_assert_cmpint(g_mkdir_with_parents(inner, 0755), ==, 0);
    g_assert_true(g_file_set_contents(file, "x", 1, NULL));
}

static void damage(const char *path, int how)
{
    if (how < FOLDER) {
        damage_text(path, how);
        return;
    }
    if (how == CLOSED) {
        if (!g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            g_chmod(path, 0);
        return;
    }
    if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
        remove_all(path);
    g_unlink(path);
    if (how == FOLDER)
        put_folder(path);
    if (how == PIPE)
        g_assert_cmpint(mkfifo(path, 0600), ==, 0);
}

/* What the daemons do with it: they permit what is registered, or put off. */
static void look_as_daemon(const struct world *world)
{
    auto_ptr(awaited) awaited = awaited_new(world->folder);
    auto_ptr(snapshot) snapshot = snapshot_open(world->folder, NULL);

    awaited_look(awaited, NULL);
    if (!snapshot)
        return;
    expect(snapshot, "app@example.edu", "10.1.2.3", "", "message.permitted");
    expect(snapshot, "app@example.edu", "10.9.9.9", "", "message.source-not-registered");
    expect(snapshot, "host@example.edu", "10.7.0.1", "", "message.permitted");
}

/* Two generations, one awaited sender, a note that the target has to be told, slots. */
static void world_of_all(struct world *world, const char *format)
{
    world_open(world, few, 4);
    world->unguarded = true;
    world->format = format;
    world->address = "10.7.0.1";
    run_at(world, NOW);
    world->count = G_N_ELEMENTS(few);
    run_at(world, NOW);
    world->address = NULL;
    world->answer = DNS_UNAVAILABLE;
}

static bool run_ends(struct world *world)
{
    struct export_result result = {false};
    g_autoptr(GError) error = NULL;
    bool good = try_at(world, NOW + 1, &result, &error);

    if (error)
        g_test_message("%s", error->message);
    g_assert_true(good || error->code == APPSMTP_ERROR_GUARD);
    export_result_clear(&result);
    return good;
}

/* Each way in is tried in turn, and after one run all is well. */
static void try_damage(const char *format, const char *name, int how)
{
    struct export_metrics metrics = {.now = NOW * G_USEC_PER_SEC};
    struct world world;
    struct plan plan;
    g_autofree char *path = NULL, *file = NULL, *stopped = NULL, *diff = NULL;
    guint64 serial = 0;

    g_test_message("%s %d", name, how);
    world_of_all(&world, format);
    path = g_build_filename(world.folder, name, NULL);
    file = g_build_filename(world.folder, "export.prom", NULL);
    metrics.output = world.folder;
    damage(path, how);
    export_verify(world.folder, NULL);
    look_as_daemon(&world);
    g_assert_true(export_metrics_write(file, &metrics, NULL));
    diff = plan_at(&world, &plan, &stopped);
    if (!run_ends(&world)) {
        g_assert_true(export_release(world.folder, NULL));
        g_assert_true(run_ends(&world));
    }
    g_assert_true(export_verify(world.folder, NULL));
    g_assert_true(has_host(&world));
    look_as_daemon(&world);
    damage(path, how);
    export_rollback(world.folder, "", 10, &serial, NULL);
    look_as_daemon(&world);
    world_close(&world);
}

/* Whatever of its own is damaged, the next run heals it, and nobody is permitted who was not. */
static void test_damage(void)
{
    static const char *const names[] = {
        "hostnames", "awaited", "hold", "reload-due", "open", "taken", "current", ".current", ".new",
        ".old", "gen-1", "gen-1/pairs", "gen-1/manifest", "gen-2", "gen-2/pairs", "gen-2/manifest",
        "gen-2/left-out", "gen-2/snapshot.mdb", "gen-2/registrations.csv", "hostnames.new",
        "awaited.new", "hold.new"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        for (int how = 0; how < DAMAGES; how++)
            try_damage("csv", names[i], how);
    for (int how = 0; how < DAMAGES; how++)
        if (how == LESS || how == FOLDER || g_strcmp0(g_getenv("APPSMTP_TEST_LONG"), "yes") == 0)
            try_damage("postfix-classes", "slots", how);
}

/* The digits of a state that DNS cannot renew are those that were written. */
static void test_damaged_digit(void)
{
    struct world world;
    g_autofree char *path = NULL, *text = NULL, *pairs = NULL;
    char *address;

    world_of_all(&world, "csv");
    path = g_build_filename(world.folder, "hostnames", NULL);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    address = strstr(text, "10.7.0.1");
    address[3] = '8';
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpuint(run_at(&world, NOW), ==, 2);
    pairs = read_file(&world, "pairs");
    g_assert_nonnull(strstr(pairs, "web1.example.edu=10.7.0.1"));
    world_close(&world);
}

/* ---- programs that do not end ---- */

static void expect_killed(struct world *world, const char *name)
{
    struct export_result result = {false};
    g_autoptr(GError) error = NULL;
    gint64 start = g_get_monotonic_time();

    g_assert_false(try_at(world, NOW, &result, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, name));
    g_assert_nonnull(strstr(error->message, "did not end within 1 s and was killed"));
    g_assert_cmpint((g_get_monotonic_time() - start) / 1000, >=, 1000);
    export_result_clear(&result);
}

static char *write_script(const struct world *world, const char *text)
{
    char *path = g_build_filename(world->folder, "hang", NULL);

    g_assert_true(g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
    return path;
}

/* Neither it nor what it has started goes on. */
static void expect_ended(const struct world *world)
{
    g_autofree char *path = g_build_filename(world->folder, "pid", NULL);
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    for (int tries = 0; kill((pid_t)g_ascii_strtoll(text, NULL, 10), 0) == 0; tries++) {
        g_assert_cmpint(tries, <, 6000);
        g_usleep(10000);
    }
    g_unlink(path);
}

static void test_programs(void)
{
    static const char *const scripts[] = {
        "#!/bin/sh\nsleep 1000 & echo $! >${0%/*}/pid; echo waiting; wait\n",
        "#!/bin/sh\nexec >&- 2>&-; sleep 1000 & echo $! >${0%/*}/pid; wait\n",
        "#!/bin/sh\ntrap '' TERM HUP; sleep 1000 & echo $! >${0%/*}/pid; while :; do echo x; sleep 0.1; done\n",
    };
    struct world world;

    world_open(&world, few, 2);
    world.program_seconds = 1;
    for (size_t i = 0; i < G_N_ELEMENTS(scripts); i++) {
        g_autofree char *path = write_script(&world, scripts[i]);
        world.postmap = path;
        world.reload = NULL;
        expect_killed(&world, path);
        expect_ended(&world);
        world.postmap = NULL;
        world.program_seconds = 60;
        world.format = "csv";
        world.reload = path;
        world.program_seconds = 1;
        expect_killed(&world, path);
        expect_ended(&world);
        world.format = NULL;
    }
    world_close(&world);
}

/* A program that ends and leaves another behind, with its output open, is not waited for. */
static void test_program_leaves_another(void)
{
    struct world world;
    g_autofree char *path = NULL;

    world_open(&world, few, 2);
    path = write_script(&world, "#!/bin/sh\nsleep 30 & echo $! >${0%/*}/pid\n");
    world.format = "csv";
    world.reload = path;
    world.program_seconds = 20;
    g_assert_cmpuint(run_at(&world, NOW), ==, 1);
    {
        g_autofree char *pid = g_build_filename(world.folder, "pid", NULL);
        g_autofree char *text = NULL;
        g_assert_true(g_file_get_contents(pid, &text, NULL, NULL));
        g_assert_cmpint(kill((pid_t)g_ascii_strtoll(text, NULL, 10), SIGKILL), ==, 0);
    }
    world_close(&world);
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
    g_test_add_func("/export/rates", test_rates);
    g_test_add_func("/export/uses", test_uses);
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
    g_test_add_func("/export/hostname-between", test_hostname_between);
    g_test_add_func("/export/hostname-family", test_hostname_family);
    g_test_add_func("/export/hostname-days", test_hostname_days);
    g_test_add_func("/export/hostname-moved", test_hostname_moved);
    g_test_add_func("/export/hostname-late", test_hostname_late);
    g_test_add_func("/export/hostname-too-late", test_hostname_too_late);
    g_test_add_func("/export/hostname-outside", test_hostname_outside);
    g_test_add_func("/export/pairs", test_pairs);
    g_test_add_func("/export/guards", test_guards);
    g_test_add_func("/export/guards-without-link", test_guards_without_link);
    g_test_add_func("/export/guard-of-sources", test_guard_of_sources);
    g_test_add_func("/export/awaited", test_awaited);
    g_test_add_func("/export/awaited-damaged", test_awaited_damaged);
    g_test_add_func("/export/awaited-out-of-descriptors", test_awaited_out_of_descriptors);
    g_test_add_func("/export/awaited-otherwise", test_awaited_otherwise);
    g_test_add_func("/export/force", test_force);
    g_test_add_func("/export/diff", test_diff);
    g_test_add_func("/export/skip", test_skip);
    g_test_add_func("/export/rollback", test_rollback);
    g_test_add_func("/export/reload", test_reload);
    g_test_add_func("/export/metrics", test_metrics);
    g_test_add_func("/export/exim", test_exim);
    g_test_add_func("/export/opensmtpd", test_opensmtpd);
    g_test_add_func("/export/classes", test_classes);
    g_test_add_func("/export/slots", test_slots);
    g_test_add_func("/export/listings", test_listings);
    g_test_add_func("/export/nested", test_nested);
    g_test_add_func("/export/other-format", test_other_format);
    g_test_add_func("/export/left-out", test_left_out);
    g_test_add_func("/export/left-out-many", test_left_out_many);
    g_test_add_func("/export/guard-few", test_guard_few);
    g_test_add_func("/export/guard-few-removed", test_guard_few_removed);
    g_test_add_func("/export/crowded", test_crowded);
    g_test_add_func("/export/damage", test_damage);
    g_test_add_func("/export/damaged-digit", test_damaged_digit);
    g_test_add_func("/export/programs", test_programs);
    g_test_add_func("/export/program-leaves-another", test_program_leaves_another);
    status = g_test_run();
    remove_all(postfix);
    return status;
}
