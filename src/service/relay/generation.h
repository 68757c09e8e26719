/* SPDX-License-Identifier: MIT
 *
 * The export's output folder: generations, and which of them is in force. Floor:
 * service.
 *
 *     DIR/hostnames  DIR/gen-11/  DIR/gen-12/  DIR/current -> gen-12
 *     DIR/hold         somebody has rolled back: nothing is published
 *     DIR/reload-due   the target has to be told of the generation in force yet
 *
 * A generation is built in a folder that no reader knows, brought to the disk, and
 * becomes "current" by one rename. A run that is killed leaves the generation in
 * force as it was; the next run removes what is left of it. So it does with whatever
 * stands where something of the export's own should: nothing of that stops it for good.
 */
#ifndef APPSMTP_GENERATION_H
#define APPSMTP_GENERATION_H

#include "base/cleanup.h"

#include <glib.h>
#include <stdbool.h>

struct output;

/*
 * Opens the folder for writing, makes it when it is missing, and removes what runs
 * before left unfinished. NULL and APPSMTP_ERROR_BUSY while another run holds it,
 * APPSMTP_ERROR_CREATE when it cannot be made or written.
 */
struct output *output_open(const char *folder, GError **error);
void output_close(struct output *output);
DEFINE_AUTO(output, output_close)

/* The folder as it was opened. */
const char *output_folder(const struct output *output);

/* The serial number of the generation to come: one more than any that is there. */
guint64 output_next(const struct output *output);

/* An empty staging folder; NULL and APPSMTP_ERROR_CREATE. Owned by output, gone at its close. */
const char *output_stage(struct output *output, GError **error);

/* Makes what was staged a whole generation and the one in force, then removes the oldest. */
bool output_publish(struct output *output, guint64 serial, GError **error);

/* Puts another generation that is there in force. */
bool output_flip(struct output *output, guint64 serial, GError **error);

/* The serial numbers (guint64) of all generations that are there, ascending. Caller unrefs. */
GArray *output_serials(const char *folder);

/* The folder of that generation. Caller frees. */
char *output_generation(const char *folder, guint64 serial);

/* The folder and serial of the generation in force, NULL and 0 when there is none. Caller frees. */
char *output_current(const char *folder);
guint64 output_serial(const char *folder);

/* ---- notes from one run to the next ---- */

#define NOTE_HOLD "hold"
#define NOTE_RELOAD "reload-due"

/* Leaves a note on the disk, finds it (caller frees; NULL: there is none), takes it away. One
 * that is damaged is a note all the same. */
bool output_note(struct output *output, const char *name, const char *text, GError **error);
char *output_noted(const char *folder, const char *name);
bool output_unnote(struct output *output, const char *name, GError **error);

#endif
