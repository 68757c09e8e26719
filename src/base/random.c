/* SPDX-License-Identifier: MIT
 *
 * Unguessable values by getrandom(2).
 */
#include "base/random.h"

#include <glib.h>
#include <sys/random.h>

void random_fill(void *buffer, size_t size)
{
    /* Up to 256 bytes are never cut short once the pool is ready: getrandom(2). */
    if (getrandom(buffer, size, 0) != (ssize_t)size)
        g_error("could not get %zu random bytes from the kernel", size);
}

char *random_token(void)
{
    guint8 bits[32];
    char *token;

    random_fill(bits, sizeof bits);
    token = g_base64_encode(bits, sizeof bits);
    g_strdelimit(token, "+", '-');
    g_strdelimit(token, "/", '_');
    *strchrnul(token, '=') = '\0';
    return token;
}

char *random_uuid(void)
{
    guint8 u[16];

    random_fill(u, sizeof u);
    u[6] = (guint8)((u[6] & 0x0f) | 0x40);
    u[8] = (guint8)((u[8] & 0x3f) | 0x80);
    return g_strdup_printf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                           u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11],
                           u[12], u[13], u[14], u[15]);
}
