/* SPDX-License-Identifier: MIT
 *
 * Allocations of OpenSSL that failed, counted where they are made.
 */
#include "adapters/certificate/memory.h"

#include <openssl/crypto.h>
#include <stdlib.h>

static guint64 failures;

static void *counted(void *memory, size_t size)
{
    if (!memory && size > 0)
        failures++;
    return memory;
}

/* Nothing is NULL to OpenSSL, and no failure. */
static void *allocate(size_t size, const char *file G_GNUC_UNUSED, int line G_GNUC_UNUSED)
{
    return size > 0 ? counted(malloc(size), size) : NULL;
}

static void *reallocate(void *memory, size_t size, const char *file G_GNUC_UNUSED,
                        int line G_GNUC_UNUSED)
{
    return counted(realloc(memory, size), size);
}

static void release(void *memory, const char *file G_GNUC_UNUSED, int line G_GNUC_UNUSED)
{
    free(memory);
}

/* Before main(): OpenSSL takes other functions only as long as it has allocated nothing. */
static void __attribute__((constructor)) count_failures(void)
{
    if (!CRYPTO_set_mem_functions(allocate, reallocate, release))
        g_warning("a library used OpenSSL before the program began: without memory, certificates "
                  "may be refused that are good");
}

guint64 memory_failures(void)
{
    return failures;
}

void memory_demand(guint64 before)
{
    if (failures != before)
        g_error("out of memory");
}
