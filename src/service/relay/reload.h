/* SPDX-License-Identifier: MIT
 *
 * The command that tells the target of new maps, such as "postfix reload". Floor:
 * service. Runs the configured command.
 */
#ifndef APPSMTP_RELOAD_H
#define APPSMTP_RELOAD_H

#include "service/relay/generation.h"

/*
 * Notes that the target has to be told, when the maps in these two generation folders
 * differ (old: NULL when there was none) and there is a command. To be called before
 * the flip: whoever is killed after it leaves the telling to the next run.
 */
bool reload_prepare(struct output *output, const char *command, const char *old,
                    const char *fresh, GError **error);

/*
 * Runs the command, for at most so many seconds, if the target has to be told, and takes the note away when it went
 * well. The words are split as a shell would, but no shell runs. APPSMTP_ERROR_OUTPUT
 * with what the command said when it fails.
 */
bool reload_run(struct output *output, const char *command, unsigned seconds, GError **error);

#endif
