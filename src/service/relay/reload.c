/* SPDX-License-Identifier: MIT
 *
 * After the flip.
 */
#include "service/relay/reload.h"

#include "base/error.h"
#include "service/relay/manifest.h"

#include <gio/gio.h>

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

static bool run(const char *command, GError **error)
{
    g_auto(GStrv) words = NULL;
    g_autofree char *said = NULL;
    g_autoptr(GError) reason = NULL;
    g_autoptr(GSubprocess) process = NULL;

    if (!g_shell_parse_argv(command, NULL, &words, &reason))
        return fail(command, reason->message, error);
    process = g_subprocess_newv((const char *const *)words,
                                G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                                &reason);
    if (!process || !g_subprocess_communicate_utf8(process, NULL, NULL, &said, NULL, &reason))
        return fail(command, reason->message, error);
    if (g_subprocess_get_successful(process))
        return true;
    g_strdelimit(g_strstrip(said), "\n", ' ');
    return fail(command, *said ? said : "it failed", error);
}

bool reload_run(struct output *output, const char *folder, const char *command, GError **error)
{
    g_autofree char *due = output_noted(folder, NOTE_RELOAD);

    if (!due)
        return true;
    if (*command && !run(command, error))
        return false;
    return output_unnote(output, NOTE_RELOAD, error);
}
