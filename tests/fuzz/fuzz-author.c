/* SPDX-License-Identifier: MIT
 *
 * The value of a From: header: what is read from it is a sound address that stands in
 * it as it is, and no other address does outside of quotation marks.
 */
#include "adapters/mail/author.h"
#include "adapters/mail/mail.h"
#include "rules/address.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
const char *__asan_default_options(void);

/* GMime 3.2 loses some 130 bytes over lines like "a@[](", which is not what is looked for here. */
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    mail_init();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_ptr(findings) findings = findings_new();
    g_autofree char *value = g_strndup((const char *)data, size);
    g_autofree char *lower = g_ascii_strdown(value, -1);
    g_autofree char *address = NULL, *sound = NULL;
    g_autoptr(GPtrArray) named = NULL;

    if (mail_author(value, &address, &named) != AUTHOR_ONE) {
        g_assert_null(address);
        g_assert_null(named);
        return 0;
    }
    sound = address_check(address, NULL, findings);
    g_assert_cmpstr(sound, ==, address);
    g_assert_nonnull(strstr(lower, address));
    g_assert_true(strchr(lower, '"') || strchr(lower, '@') == strrchr(lower, '@') || strchr(lower, '('));
    return 0;
}
