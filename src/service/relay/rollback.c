/* SPDX-License-Identifier: MIT
 *
 * Flipping back.
 */
#include "service/relay/rollback.h"

#include "base/error.h"
#include "service/relay/generation.h"
#include "service/relay/manifest.h"
#include "service/relay/reload.h"

/* The newest whole generation before that one, or of all when there is none in force; or 0. */
static guint64 whole_before(const char *output, guint64 current)
{
    g_autoptr(GArray) serials = output_serials(output);

    for (guint i = serials->len; i > 0; i--) {
        guint64 serial = g_array_index(serials, guint64, i - 1);
        g_autofree char *folder = output_generation(output, serial);
        auto_ptr(manifest) manifest =
            !current || serial < current ? manifest_verify(folder, NULL) : NULL;
        if (manifest)
            return serial;
    }
    return 0;
}

static bool hold(struct output *output, guint64 from, guint64 to, GError **error)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
    g_autofree char *text = g_strdup_printf("rolled back from generation %" G_GUINT64_FORMAT
                                            " to %" G_GUINT64_FORMAT " at %s\n", from, to, time);

    return output_note(output, NOTE_HOLD, text, error);
}

/* Held first: a run must not publish between the flip and the note. */
bool export_rollback(const char *folder, const char *reload, guint64 *serial, GError **error)
{
    auto_ptr(output) output = output_open(folder, error);
    guint64 from = output_serial(folder), to;
    g_autofree char *old = NULL, *fresh = NULL;

    if (!output)
        return false;
    to = whole_before(folder, from);
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
    return reload_run(output, folder, reload, error);
}

bool export_release(const char *folder, GError **error)
{
    auto_ptr(output) output = output_open(folder, error);

    return output && output_unnote(output, NOTE_HOLD, error);
}
