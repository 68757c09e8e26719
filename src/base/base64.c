/* SPDX-License-Identifier: MIT
 *
 * Digits of base64.
 */
#include "base/base64.h"

int base64_digit(guint8 c)
{
    if (g_ascii_isupper((char)c))
        return c - 'A';
    if (g_ascii_islower((char)c))
        return c - 'a' + 26;
    if (g_ascii_isdigit((char)c))
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

void base64_add(struct wiped *out, struct view values)
{
    guint32 bits = 0;

    for (size_t i = 0; i < values.size; i++) {
        bits = bits << 6 | values.at[i];
        if (i % 4 > 0)
            wiped_add(out, (guint8)(bits >> (6 - i % 4 * 2)));
    }
}
