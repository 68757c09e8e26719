/* SPDX-License-Identifier: MIT
 *
 * What a person types into the fields for address, networks and hostnames:
 * every finding's text is UTF-8, and what is accepted is accepted again.
 */
#include "rules/address.h"
#include "rules/hostname.h"
#include "rules/source.h"

#include <sys/socket.h>

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_texts(const struct findings *findings)
{
    for (size_t i = 0; i < findings_count(findings); i++)
        g_assert_true(g_utf8_validate(findings_at(findings, i)->text, -1, NULL));
}

static void check_again(const char *typed)
{
    auto_ptr(findings) first = findings_new();
    auto_ptr(findings) second = findings_new();
    g_autofree char *address = address_check(typed, NULL, first);
    g_autofree char *again = address ? address_check(address, NULL, second) : NULL;

    g_assert_cmpstr(address, ==, again);
    check_texts(first);
}

static void check_sources(const char *typed)
{
    auto_ptr(location) all = location_new("all", "All");
    struct network networks[2] = {{.family = AF_INET}, {.family = AF_INET6}};
    g_autoptr(GPtrArray) locations = g_ptr_array_new();
    auto_ptr(findings) findings = findings_new();
    g_autoptr(GArray) merged = NULL;
    g_autoptr(GPtrArray) names = NULL;

    g_array_append_vals(all->networks, networks, 2);
    g_ptr_array_add(locations, all);
    merged = source_check_networks(typed, locations, locations, findings);
    names = hostname_check_names(typed, findings);
    for (guint i = 0; i < names->len; i++)
        g_assert_true(hostname_is_plain(g_ptr_array_index(names, i)));
    check_texts(findings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *typed = g_strndup((const char *)data, size);

    check_again(typed);
    check_sources(typed);
    return 0;
}
