/* SPDX-License-Identifier: MIT
 *
 * GResolver asks in a thread; what is waited for here is that thread or the deadline.
 */
#include "base/lookup.h"

#include <gio/gio.h>

struct lookup {
    GCancellable *cancellable;
    GList *found; /* of GInetAddress */
    GError *error;
    bool timed_out, over;
};

static void take_addresses(GObject *resolver, GAsyncResult *result, gpointer data)
{
    struct lookup *lookup = data;

    lookup->found = g_resolver_lookup_by_name_finish(G_RESOLVER(resolver), result, &lookup->error);
    lookup->over = true;
}

static gboolean give_up(gpointer data)
{
    struct lookup *lookup = data;

    lookup->timed_out = true;
    g_cancellable_cancel(lookup->cancellable);
    return G_SOURCE_REMOVE;
}

/* In a context of its own: sources of nobody else run meanwhile. */
static void wait_for_lookup(struct lookup *lookup, const char *name, struct deadline deadline)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GSource) timer = g_timeout_source_new((guint)deadline_left(deadline));
    g_autoptr(GResolver) resolver = g_resolver_get_default();

    g_main_context_push_thread_default(context);
    g_source_set_callback(timer, give_up, lookup, NULL);
    g_source_attach(timer, context);
    g_resolver_lookup_by_name_async(resolver, name, lookup->cancellable, take_addresses, lookup);
    while (!lookup->over)
        g_main_context_iteration(context, TRUE);
    g_source_destroy(timer);
    g_main_context_pop_thread_default(context);
}

static GPtrArray *as_texts(GList *found)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);

    for (GList *one = found; one; one = one->next)
        g_ptr_array_add(texts, g_inet_address_to_string(one->data));
    g_resolver_free_addresses(found);
    return texts;
}

GPtrArray *lookup_addresses(const char *name, struct deadline deadline, GError **error)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    struct lookup lookup = {.cancellable = cancellable};

    wait_for_lookup(&lookup, name, deadline);
    if (lookup.found)
        return as_texts(lookup.found);
    if (lookup.timed_out) {
        g_clear_error(&lookup.error);
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "nobody knew its address in time");
    } else {
        g_propagate_error(error, lookup.error);
    }
    return NULL;
}
