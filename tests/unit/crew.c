/* SPDX-License-Identifier: MIT
 *
 * Threads that take the next piece until there is none.
 */
#include "crew.h"

struct crew {
    const GPtrArray *work;
    int next; /* atomic */
    GFunc each;
    void *data;
};

static void *do_next(void *data)
{
    struct crew *crew = data;
    int number;

    while ((number = g_atomic_int_add(&crew->next, 1)) < (int)crew->work->len)
        crew->each(crew->work->pdata[number], crew->data);
    return NULL;
}

void crew_do(const GPtrArray *work, unsigned threads, GFunc each, void *data)
{
    struct crew crew = {.work = work, .each = each, .data = data};
    g_autofree GThread **made = g_new(GThread *, threads);

    for (unsigned i = 0; i < threads; i++)
        made[i] = g_thread_new("crew", do_next, &crew);
    for (unsigned i = 0; i < threads; i++)
        g_thread_join(made[i]);
}
