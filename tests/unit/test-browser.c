/* SPDX-License-Identifier: MIT
 *
 * Browsers by name.
 */
#include "rules/browser.h"

#include <glib.h>

static void check(const char *user_agent, const char *expected)
{
    g_autofree char *name = browser_name(user_agent);

    g_assert_cmpstr(name, ==, expected);
}

static void test_names(void)
{
    check("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
          "Firefox on Linux");
    check("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Chrome/131.0.0.0 Safari/537.36",
          "Chrome on Windows");
    check("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
          "Edge on Windows");
    check("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like "
          "Gecko) Version/18.1 Safari/605.1.15",
          "Safari on macOS");
    check("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
          "like Gecko) CriOS/131.0 Mobile/15E148 Safari/604.1",
          "Chrome on iPhone");
    check("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 "
          "Mobile Safari/537.36",
          "Chrome on Android");
    check("curl/7.88.1", "curl");
    check("<script>alert(1)</script>", "Another browser");
    check("", "Another browser");
    check(NULL, "Another browser");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/browser/names", test_names);
    return g_test_run();
}
