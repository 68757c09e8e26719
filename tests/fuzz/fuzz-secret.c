/* SPDX-License-Identifier: MIT
 *
 * Any bytes as what somebody sends: the search for private keys ends, and a key behind
 * them is found as well. tests/certificates/wrappings.py FOLDER makes a good corpus.
 */
#include "rules/secret/secret.h"

#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size);

int LLVMFuzzerTestOneInput(const guint8 *data, size_t size)
{
    static const char key[] = "\n-----BEGIN PRIVATE KEY-----\n";
    g_autofree guint8 *both = g_malloc(size + strlen(key));

    secret_find(data, size);
    if (size > 0)
        memcpy(both, data, size);
    memcpy(both + size, key, strlen(key));
    g_assert_cmpint(secret_find(both, size + strlen(key)), !=, SECRET_NONE);
    return 0;
}
