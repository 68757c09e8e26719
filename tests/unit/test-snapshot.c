/* SPDX-License-Identifier: MIT
 *
 * The snapshot: what was written is what is answered; a damaged file answers nothing.
 */
#include "adapters/snapshot/snapshot.h"

#include "adapters/snapshot/format.h"
#include "base/error.h"

#include <fcntl.h>
#include <glib/gstdio.h>

#define SPKI "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static char *folder;

static struct network network_of(const char *text)
{
    struct network network;

    g_assert_cmpint(network_parse(text, &network), ==, NETWORK_OK);
    return network;
}

static struct decision_policy *make_policy(bool null_sender)
{
    struct decision_policy *policy = decision_policy_new();
    struct location *location = location_new("campus", "Campus networks");
    struct network four = network_of("10.0.0.0/8"), six = network_of("2001:db8:c0::/48");

    g_array_append_val(location->networks, four);
    g_array_append_val(location->networks, six);
    g_ptr_array_add(policy->locations, location);
    g_free(policy->portal);
    policy->portal = g_strdup("https://portal.example.edu");
    policy->null_sender = null_sender;
    g_ptr_array_add(policy->domains, g_strdup("example.edu"));
    g_ptr_array_add(policy->domains, g_strdup("dept.example.edu"));
    return policy;
}

static void add(struct snapshot_writer *writer, const char *sender, const char *network,
                const char *spki)
{
    auto_ptr(decision_entry) entry = decision_entry_new();
    g_autoptr(GError) error = NULL;

    if (network) {
        struct network parsed = network_of(network);
        g_array_append_val(entry->networks, parsed);
    }
    if (spki)
        g_ptr_array_add(entry->spkis, g_strdup(spki));
    snapshot_writer_add(writer, sender, entry, &error);
    g_assert_no_error(error);
}

static void finish(struct snapshot_writer *writer, bool null_sender, guint64 serial)
{
    auto_ptr(decision_policy) policy = make_policy(null_sender);
    g_autoptr(GError) error = NULL;

    snapshot_writer_finish(writer, policy, serial, &error);
    g_assert_no_error(error);
}

static void write_few(bool null_sender)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(snapshot_writer) writer = snapshot_writer_new(folder, &error);

    g_assert_no_error(error);
    add(writer, "app@example.edu", "10.1.2.0/24", NULL);
    add(writer, "six@example.edu", "2001:db8:c0:1::/64", NULL);
    add(writer, "key@example.edu", NULL, SPKI);
    add(writer, "bare@example.edu", NULL, NULL);
    finish(writer, null_sender, 7);
}

static struct snapshot *open_good(void)
{
    g_autoptr(GError) error = NULL;
    struct snapshot *snapshot = snapshot_open(folder, &error);

    g_assert_no_error(error);
    return snapshot;
}

static void expect(const struct snapshot *snapshot, const char *sender, const char *client,
                   const char *spki, const char *code)
{
    struct decision_query query = {sender, client, spki, spki};
    auto_ptr(decision) decision = snapshot_decide(snapshot, &query);

    g_test_message("%s from %s", sender, client);
    g_assert_cmpstr(decision->code, ==, code);
}

static void test_round_trip(void)
{
    auto_ptr(snapshot) snapshot = NULL;

    write_few(false);
    snapshot = open_good();
    g_assert_cmpuint(snapshot_serial(snapshot), ==, 7);
    g_assert_cmpuint(snapshot_count(snapshot), ==, 4);
    g_assert_cmpstr(snapshot_policy(snapshot)->portal, ==, "https://portal.example.edu");
    g_assert_cmpuint(snapshot_policy(snapshot)->domains->len, ==, 2);
    g_assert_cmpstr(snapshot_policy(snapshot)->domains->pdata[1], ==, "dept.example.edu");
    expect(snapshot, "app@example.edu", "10.1.2.3", "", "message.permitted");
    expect(snapshot, "APP@Example.edu.", "10.1.2.3", "", "message.permitted");
    expect(snapshot, "app@example.edu", "10.1.3.3", "", "message.source-not-registered");
    expect(snapshot, "six@example.edu", "2001:db8:c0:1::5", "", "message.permitted");
    expect(snapshot, "six@example.edu", "10.1.2.3", "", "message.source-not-registered");
    expect(snapshot, "key@example.edu", "10.9.9.9", SPKI, "message.permitted");
    expect(snapshot, "key@example.edu", "10.9.9.9", OTHER, "message.certificate-not-registered");
    expect(snapshot, "key@example.edu", "192.0.2.1", SPKI, "message.outside-locations");
    expect(snapshot, "bare@example.edu", "10.1.2.3", "", "message.source-not-registered");
    expect(snapshot, "none@example.edu", "10.1.2.3", "", "message.sender-not-registered");
    expect(snapshot, ".", "10.1.2.3", "", "message.sender-no-domain");
    expect(snapshot, "", "10.1.2.3", "", "message.null-sender");
}

static void test_null_sender(void)
{
    auto_ptr(snapshot) snapshot = NULL;

    write_few(true);
    snapshot = open_good();
    expect(snapshot, "", "10.1.2.3", "", "message.permitted");
    expect(snapshot, "", "::ffff:10.1.2.3", "", "message.permitted");
    expect(snapshot, "", "2001:db8:c0:1::5", "", "message.permitted");
    expect(snapshot, "", "10.9.9.9", SPKI, "message.permitted");
    expect(snapshot, "", "10.9.9.9", OTHER, "message.null-sender");
    expect(snapshot, "", "10.9.9.9", "", "message.null-sender");
    expect(snapshot, "", "nonsense", SPKI, "message.client-not-an-address");
}

/* ---- rates ---- */

static void add_rated(struct snapshot_writer *writer, const char *sender, unsigned per_hour,
                      bool per_source)
{
    auto_ptr(decision_entry) entry = decision_entry_new();
    struct network network = network_of("10.1.2.0/24");

    g_array_append_val(entry->networks, network);
    g_ptr_array_add(entry->spkis, g_strdup(SPKI));
    entry->per_hour = per_hour;
    entry->per_source = per_source;
    g_assert_true(snapshot_writer_add(writer, sender, entry, NULL));
}

static void expect_rate(const struct snapshot *snapshot, const char *sender, const char *client,
                        unsigned per_hour, bool per_source)
{
    const struct decision_query query = {sender, client, "", SPKI};
    struct rate rate;

    g_assert_true(snapshot_rate(snapshot, &query, &rate));
    g_assert_cmpuint(rate.per_hour, ==, per_hour);
    g_assert_cmpint(rate.per_source, ==, per_source);
}

/* Two relays share them; the null sender has the largest of those whose source it is. */
static void test_rates(void)
{
    auto_ptr(snapshot_writer) writer = snapshot_writer_new(folder, NULL);
    auto_ptr(decision_policy) policy = make_policy(true);
    auto_ptr(snapshot) snapshot = NULL;

    policy->relays = 2;
    add_rated(writer, "large@example.edu", 5001, false);
    add_rated(writer, "scan@example.edu", 200, true);
    add(writer, "other@example.edu", "10.0.0.0/8", NULL);
    g_assert_true(snapshot_writer_finish(writer, policy, 7, NULL));
    snapshot = open_good();
    g_assert_cmpuint(snapshot_policy(snapshot)->relays, ==, 2);
    expect_rate(snapshot, "large@example.edu", "10.1.2.3", 2501, false);
    expect_rate(snapshot, "Scan@Example.edu", "10.1.2.3", 100, true);
    expect_rate(snapshot, "no@example.edu", "10.1.2.3", 0, false);
    expect_rate(snapshot, "", "2001:db8:c0::5", 2501, true);
    expect_rate(snapshot, "", "10.1.2.3", 0, true); /* other@ has no limit */
}

static void test_null_rate(void)
{
    auto_ptr(snapshot_writer) writer = snapshot_writer_new(folder, NULL);
    auto_ptr(snapshot) snapshot = NULL;

    add_rated(writer, "a@example.edu", 200, true);
    add_rated(writer, "b@example.edu", 1000, false);
    add_rated(writer, "c@example.edu", 500, false);
    finish(writer, true, 7);
    snapshot = open_good();
    expect_rate(snapshot, "", "10.1.2.3", 1000, true);
}

/* What the version before wrote is in force until the next export. */
static void test_version_before(void)
{
    static const guint8 bytes[] = "\2" "\0\0\0\310" "\0\0\0\1" "\4" "\n\1\2\0" "\30" "\0\0\0\0";
    static char policy_text[] = "appsmtp-snapshot 2\nserial 5\ncount 1\nnull-sender yes\n"
                                "portal https://portal.example.edu\nlocation a\nnetwork 10.0.0.0/8\n";
    static char later[] = "appsmtp-snapshot 4\nserial 5\n";
    const MDB_val value = {sizeof bytes - 1, (void *)bytes}, none = {0, NULL};
    const MDB_val policy_value = {sizeof policy_text - 1, policy_text};
    const MDB_val later_value = {sizeof later - 1, later};
    auto_ptr(decision_entry) entry = snapshot_entry_read(&value);
    struct snapshot_facts facts;
    auto_ptr(decision_policy) policy = snapshot_policy_read(&policy_value, &facts);

    g_assert_nonnull(entry);
    g_assert_cmpuint(entry->per_hour, ==, 200);
    g_assert_false(entry->per_source);
    g_assert_cmpuint(entry->networks->len, ==, 1);
    g_assert_nonnull(policy);
    g_assert_cmpuint(policy->relays, ==, 1);
    g_assert_cmpuint(facts.serial, ==, 5);
    g_assert_cmpuint(snapshot_rate_read(&none), ==, 0);
    g_assert_null(snapshot_policy_read(&later_value, &facts));
}

static void test_long_sender(void)
{
    auto_ptr(snapshot) snapshot = NULL;
    g_autofree char *sender = g_strnfill(2000, 'x');

    write_few(false);
    snapshot = open_good();
    expect(snapshot, sender, "10.1.2.3", "", "message.sender-no-domain");
}

static void test_absent(void)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(snapshot) snapshot = snapshot_open("/nonexistent", &error);

    g_assert_null(snapshot);
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_SNAPSHOT);
}

static void test_twice(void)
{
    g_autoptr(GError) error = NULL;
    auto_ptr(snapshot_writer) writer = snapshot_writer_new(folder, &error);
    auto_ptr(decision_entry) entry = decision_entry_new();

    g_assert_no_error(error);
    g_assert_true(snapshot_writer_add(writer, "a@example.edu", entry, &error));
    g_assert_false(snapshot_writer_add(writer, "a@example.edu", entry, &error));
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT);
}

/* Without finish nothing stays. */
static void test_given_up(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *file = g_build_filename(folder, SNAPSHOT_FILE, NULL);
    struct snapshot_writer *writer = snapshot_writer_new(folder, &error);

    g_assert_no_error(error);
    add(writer, "a@example.edu", "10.1.2.0/24", NULL);
    snapshot_writer_free(writer);
    g_assert_false(g_file_test(file, G_FILE_TEST_EXISTS));
}

static void assert_refused(const char *content, gsize length, gsize place)
{
    g_autofree char *file = g_build_filename(folder, SNAPSHOT_FILE, NULL);
    g_autoptr(GError) error = NULL;
    auto_ptr(snapshot) snapshot = NULL;

    g_test_message("at %" G_GSIZE_FORMAT, place);
    g_assert_true(g_file_set_contents(file, content, (gssize)length, NULL));
    snapshot = snapshot_open(folder, &error);
    g_assert_null(snapshot);
    g_assert_error(error, APPSMTP_ERROR, APPSMTP_ERROR_SNAPSHOT);
}

static void test_damaged(void)
{
    g_autofree char *file = g_build_filename(folder, SNAPSHOT_FILE, NULL);
    g_autofree char *content = NULL;
    gsize length;

    write_few(false);
    g_assert_true(g_file_get_contents(file, &content, &length, NULL));
    for (gsize at = 0; at < length; at += 509) {
        content[at] ^= 0x40;
        assert_refused(content, length, at);
        content[at] ^= 0x40;
    }
    for (gsize cut = 0; cut < length; cut += 4096)
        assert_refused(content, cut, cut);
    assert_refused(content, length - 1, length - 1);
}

/* A file that is changed under a reader: no crash, no permit. */
static void test_changed_in_place(void)
{
    g_autofree char *file = g_build_filename(folder, SNAPSHOT_FILE, NULL);
    auto_ptr(snapshot) snapshot = NULL;

    write_few(false);
    snapshot = open_good();
    expect(snapshot, "app@example.edu", "10.1.2.3", "", "message.permitted");
    g_assert_cmpint(truncate(file, 100), ==, 0);
    expect(snapshot, "app@example.edu", "10.1.2.3", "", "message.unavailable");
}

static bool count_source(const struct network *network, const char *spki, void *data,
                         GError **error)
{
    size_t *count = data;

    g_assert_true((network != NULL) != (spki != NULL));
    g_assert_no_error(*error);
    ++*count;
    return true;
}

static void test_many(void)
{
    const unsigned senders = g_test_slow() ? 1000000 : 20000;
    g_autoptr(GError) error = NULL;
    auto_ptr(snapshot_writer) writer = snapshot_writer_new(folder, &error);
    auto_ptr(snapshot) snapshot = NULL;
    size_t sources = 0;

    for (unsigned i = 0; i < senders; i++) {
        g_autofree char *sender = g_strdup_printf("app%07u@example.edu", i);
        unsigned n = i * 2654435761u % (1 << 24);
        g_autofree char *network =
            g_strdup_printf("10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
        add(writer, sender, network, NULL);
    }
    finish(writer, false, 8);
    snapshot = open_good();
    g_assert_cmpuint(snapshot_count(snapshot), ==, senders);
    expect(snapshot, "app0000000@example.edu", "10.0.0.0", "", "message.permitted");
    expect(snapshot, "app0000001@example.edu", "10.0.0.0", "", "message.source-not-registered");
    g_assert_true(snapshot_each_source(snapshot, count_source, &sources, &error));
    g_assert_cmpuint(sources, ==, senders);
}

int main(int argc, char **argv)
{
    g_autofree char *file = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("snapshot-XXXXXX", NULL);
    file = g_build_filename(folder, SNAPSHOT_FILE, NULL);
    g_test_add_func("/snapshot/round-trip", test_round_trip);
    g_test_add_func("/snapshot/null-sender", test_null_sender);
    g_test_add_func("/snapshot/rates", test_rates);
    g_test_add_func("/snapshot/null-rate", test_null_rate);
    g_test_add_func("/snapshot/version-before", test_version_before);
    g_test_add_func("/snapshot/long-sender", test_long_sender);
    g_test_add_func("/snapshot/absent", test_absent);
    g_test_add_func("/snapshot/twice", test_twice);
    g_test_add_func("/snapshot/given-up", test_given_up);
    g_test_add_func("/snapshot/damaged", test_damaged);
    g_test_add_func("/snapshot/changed-in-place", test_changed_in_place);
    g_test_add_func("/snapshot/many", test_many);
    status = g_test_run();
    g_unlink(file);
    g_rmdir(folder);
    g_free(folder);
    return status;
}
