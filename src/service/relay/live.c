/* SPDX-License-Identifier: MIT
 *
 * Looks, loads beside, exchanges under the lock.
 */
#include "service/relay/live.h"

#include "base/file.h"

#include <sys/stat.h>

#define LOOK_MICROSECONDS G_USEC_PER_SEC

struct live {
    char *folder;
    live_say *say;
    struct stat tried; /* the file that was read last, well or badly */
    GThread *looking;
    GMutex lock; /* for all below */
    GCond ending;
    bool ended;
    struct snapshot *snapshot;
    struct awaited *awaited;
};

static bool is_another(struct live *live)
{
    g_autofree char *file = snapshot_file(live->folder);

    return file_changed(file, &live->tried);
}

static void take(struct live *live, struct snapshot *snapshot)
{
    g_autofree char *text = g_strdup_printf(
        "generation %" G_GUINT64_FORMAT ": %" G_GSIZE_FORMAT " senders",
        snapshot_serial(snapshot), snapshot_count(snapshot));
    struct snapshot *before;

    g_mutex_lock(&live->lock);
    before = live->snapshot;
    live->snapshot = snapshot;
    g_mutex_unlock(&live->lock);
    snapshot_close(before);
    live->say(text);
}

/* Only this thread ever changes the snapshot, so it may see without the lock whether there is one. */
static void look(struct live *live)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    struct snapshot *snapshot;

    if (!is_another(live))
        return;
    snapshot = snapshot_open(live->folder, &error);
    if (snapshot) {
        take(live, snapshot);
        return;
    }
    text = g_strdup_printf("%s; %s", error->message,
                           live->snapshot ? "the generation before stays"
                                          : "all mail is deferred until there is one");
    live->say(text);
}

static bool wait_to_look(struct live *live)
{
    gint64 until = g_get_monotonic_time() + LOOK_MICROSECONDS;
    bool ended;

    g_mutex_lock(&live->lock);
    while (!live->ended && g_cond_wait_until(&live->ending, &live->lock, until))
        ;
    ended = live->ended;
    g_mutex_unlock(&live->lock);
    return !ended;
}

static void look_at_awaited(struct live *live)
{
    g_autoptr(GError) error = NULL;
    bool good;

    g_mutex_lock(&live->lock);
    good = awaited_look(live->awaited, &error);
    g_mutex_unlock(&live->lock);
    if (!good)
        live->say(error->message);
}

static gpointer look_again(gpointer data)
{
    while (wait_to_look(data)) {
        look(data);
        look_at_awaited(data);
    }
    return NULL;
}

struct live *live_new(const char *folder, live_say *say)
{
    struct live *live = g_new0(struct live, 1);

    live->folder = g_strdup(folder);
    live->say = say;
    g_mutex_init(&live->lock);
    g_cond_init(&live->ending);
    live->awaited = awaited_new(folder);
    look(live);
    look_at_awaited(live);
    live->looking = g_thread_new("generations", look_again, live);
    return live;
}

void live_free(struct live *live)
{
    if (!live)
        return;
    g_mutex_lock(&live->lock);
    live->ended = true;
    g_cond_signal(&live->ending);
    g_mutex_unlock(&live->lock);
    g_thread_join(live->looking);
    snapshot_close(live->snapshot);
    awaited_free(live->awaited);
    g_mutex_clear(&live->lock);
    g_cond_clear(&live->ending);
    g_free(live->folder);
    g_free(live);
}

const struct snapshot *live_hold(struct live *live)
{
    g_mutex_lock(&live->lock);
    return live->snapshot;
}

void live_release(struct live *live)
{
    g_mutex_unlock(&live->lock);
}

const struct awaited *live_awaited(const struct live *live)
{
    return live->awaited;
}
