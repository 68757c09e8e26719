/* SPDX-License-Identifier: MIT
 *
 * What all programs have in common: --config, --version, --help, and how they end
 * when something fails. Floor: programs.
 */
#ifndef APPSMTP_PROGRAM_H
#define APPSMTP_PROGRAM_H

#include <glib.h>
#include <stdbool.h>

#define PROGRAM_REFUSED 1 /* exit status: the rules say no */

struct program {
    const char *name;            /* "appsmtp-export" */
    const char *words;           /* what stands after the options in the usage, or "" */
    const char *summary;         /* one sentence */
    const char *description;     /* the end of --help, or NULL */
    const GOptionEntry *options; /* its own, besides --config and --version */
};

/*
 * Reads the command line: takes the options off argc and argv and leaves the words.
 * *config is what --config names or NULL; caller frees. False when the program has
 * to end now, with *status: --version was asked for, or an option is none, or there is
 * a private key on the command line (which was said). --help ends the program by itself.
 */
bool program_read(const struct program *program, int *argc, char ***argv, char **config,
                  int *status);

/* Tells why it failed on standard error, behind the program's name; returns the exit status. */
int program_fail(const GError *error);

/* One line on standard error, behind the program's name. */
void program_say(const char *text);

/* From now on what is said begins with log_date() (base/dated.h): for a program that stays. */
void program_date_lines(void);

/*
 * What --now says, seconds since 1970; NULL is the clock's. APPSMTP_ERROR_USAGE where
 * that is no time of ISO 8601.
 */
bool program_parse_now(const char *text, gint64 *now, GError **error);

#endif
