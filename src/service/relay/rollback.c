/* SPDX-License-Identifier: MIT
 *
 * Flipping back.
 */
#include "service/relay/rollback.h"

#include "base/error.h"
#include "service/relay/generation.h"
#include "service/relay/manifest.h"
#include "service/relay/reload.h"

static bool hold(struct output *output, guint64 from, guint64 to, GError **error)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
    g_autofree char *text = g_strdup_printf("rolled back from generation %" G_GUINT64_FORMAT
                                            " to %" G_GUINT64_FORMAT " at %s\n", from, to, time);

    return output_note(output, NOTE_HOLD, text, error);
}

/* Held first: a run must not publish between the flip and the note. */
bool export_rollback(const char *folder, const char *reload, unsigned seconds, guint64 *serial,
                     GError **error)
{
    auto_ptr(output) output = output_open(folder, error);
    guint64 from = output_serial(folder), to;
    g_autofree char *old = NULL, *fresh = NULL;

    if (!output)
        return false;
    to = manifest_whole_before(folder, from);
    if (!to) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD,
                    "cannot roll back: \"%s\" has no whole generation before the one in force",
                    folder);
        return false;
    }
    old = output_current(folder);
    fresh = output_generation(folder, to);
    if (!hold(output, from, to, error) || !reload_prepare(output, reload, old, fresh, error) ||
        !output_flip(output, to, error))
        return false;
    *serial = to;
    return reload_run(output, reload, seconds, error);
}

bool export_release(const char *folder, GError **error)
{
    auto_ptr(output) output = output_open(folder, error);

    return output && output_unnote(output, NOTE_HOLD, error);
}
