/* SPDX-License-Identifier: MIT
 *
 * One open snapshot, and which generation it is of.
 */
#include "service/relay-view.h"

struct relay_view {
    char *folder;
    char *generation; /* what "current" pointed to when the snapshot was opened, or NULL */
    struct snapshot *snapshot;
};

struct relay_view *relay_view_new(const char *folder)
{
    struct relay_view *view = g_new0(struct relay_view, 1);

    view->folder = g_strdup(folder);
    return view;
}

static void forget(struct relay_view *view)
{
    g_clear_pointer(&view->snapshot, snapshot_close);
    g_clear_pointer(&view->generation, g_free);
}

void relay_view_free(struct relay_view *view)
{
    if (!view)
        return;
    forget(view);
    g_free(view->folder);
    g_free(view);
}

const struct snapshot *relay_view_snapshot(struct relay_view *view, GError **error)
{
    g_autofree char *current = g_build_filename(view->folder, "current", NULL);
    g_autofree char *generation = g_file_read_link(current, NULL);

    if (view->snapshot && generation && g_strcmp0(generation, view->generation) == 0)
        return view->snapshot;
    forget(view);
    view->snapshot = snapshot_open(view->folder, error);
    if (view->snapshot)
        view->generation = g_steal_pointer(&generation);
    return view->snapshot;
}
