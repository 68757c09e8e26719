/* SPDX-License-Identifier: MIT
 *
 * After the flip.
 */
#include "service/relay/reload.h"

#include "base/error.h"
#include "service/relay/child.h"
#include "service/relay/manifest.h"

bool reload_prepare(struct output *output, const char *command, const char *old,
                    const char *fresh, GError **error)
{
    if (!*command || (old && manifest_same_maps(old, fresh)))
        return true;
    return output_note(output, NOTE_RELOAD, "the target has not been told yet\n", error);
}

static bool fail(const char *command, const char *reason, GError **error)
{
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_OUTPUT,
                "could not run \"%s\", so the new maps may not be obeyed yet: %s", command, reason);
    return false;
}

static bool run(const char *command, unsigned seconds, GError **error)
{
    g_auto(GStrv) words = NULL;
    g_autofree char *reason = NULL;
    g_autoptr(GError) fault = NULL;

    if (!g_shell_parse_argv(command, NULL, &words, &fault))
        return fail(command, fault->message, error);
    reason = child_run(&(struct child_job){(const char *const *)words, .seconds = seconds}, NULL);
    return !reason || fail(command, reason, error);
}

bool reload_run(struct output *output, const char *command, unsigned seconds, GError **error)
{
    g_autofree char *due = output_noted(output_folder(output), NOTE_RELOAD);

    if (!due)
        return true;
    if (*command && !run(command, seconds, error))
        return false;
    return output_unnote(output, NOTE_RELOAD, error);
}
