/* SPDX-License-Identifier: MIT
 *
 * Networks: reading, writing, holding.
 */
#include "rules/network.h"

static void check(const char *text, enum network_syntax syntax, const char *expected)
{
    struct network network;
    g_autofree char *written = NULL;

    g_assert_cmpint(network_parse(text, &network), ==, syntax);
    if (!expected)
        return;
    written = network_format(&network);
    g_assert_cmpstr(written, ==, expected);
}

static void test_parse(void)
{
    check("10.1.2.0/24", NETWORK_OK, "10.1.2.0/24");
    check("10.1.2.3", NETWORK_OK, "10.1.2.3/32");
    check("2001:DB8::/32", NETWORK_OK, "2001:db8::/32");
    check("::1", NETWORK_OK, "::1/128");
    check("0.0.0.0/0", NETWORK_OK, "0.0.0.0/0");
    check("10.1.2.3/24", NETWORK_HOST_BITS, "10.1.2.0/24");
    check("10.1.2.0/33", NETWORK_BAD_PREFIX, NULL);
    check("10.1.2.0/", NETWORK_BAD_PREFIX, NULL);
    check("10.1.2.0/08", NETWORK_BAD_PREFIX, NULL);
    check("10.1.2.0/+8", NETWORK_BAD_PREFIX, NULL);
    check("10.1.2", NETWORK_NOT_AN_ADDRESS, NULL);
    check("010.1.2.3", NETWORK_NOT_AN_ADDRESS, NULL);
    check("", NETWORK_NOT_AN_ADDRESS, NULL);
}

static void test_mapped(void)
{
    check("::ffff:10.1.2.3", NETWORK_OK, "10.1.2.3/32");
    check("::ffff:10.1.2.0/120", NETWORK_OK, "10.1.2.0/24");
    check("::ffff:0:0/95", NETWORK_HOST_BITS, "::fffe:0:0/95");
}

static bool contains(const char *outer, const char *inner)
{
    struct network a, b;

    g_assert_cmpint(network_parse(outer, &a), ==, NETWORK_OK);
    g_assert_cmpint(network_parse(inner, &b), ==, NETWORK_OK);
    return network_contains(&a, &b);
}

static void test_contains(void)
{
    g_assert_true(contains("127.0.0.0/9", "127.127.255.255"));
    g_assert_false(contains("127.0.0.0/9", "127.128.0.0"));
    g_assert_false(contains("10.1.2.0/25", "10.1.2.0/24"));
    g_assert_true(contains("10.1.2.0/24", "10.1.2.0/24"));
    g_assert_false(contains("::/0", "10.1.2.0/24"));
    g_assert_true(contains("2001:db8:c0::/48", "2001:db8:c0::22"));
}

static void check_client(const char *address, const char *expected)
{
    g_autofree char *network = network_of_client(address);

    g_assert_cmpstr(network, ==, expected);
}

static void test_client(void)
{
    check_client("192.0.2.7", "192.0.2.7/32");
    check_client("::ffff:192.0.2.7", "192.0.2.7/32");
    check_client("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
    check_client("2001:db8:1:2::", "2001:db8:1:2::/64");
    check_client("::1", "::/64");
    check_client("unix:", "0.0.0.0/32");
    check_client("", "0.0.0.0/32");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/parse", test_parse);
    g_test_add_func("/network/mapped", test_mapped);
    g_test_add_func("/network/contains", test_contains);
    g_test_add_func("/network/client", test_client);
    return g_test_run();
}
