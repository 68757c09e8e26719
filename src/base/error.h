/* SPDX-License-Identifier: MIT
 *
 * Outages and faults of the surroundings, as GError values. Floor: base.
 *
 * A refused input is never one of these: that is a finding (rules/finding.h).
 * A function that can fail returns false and sets the error; its outputs are
 * then untouched. Libraries never log: the program logs the error once.
 *
 * Wording: what was attempted, then why, as in
 *     could not open file "/etc/appsmtp/appsmtp.xml": Permission denied
 * "could not" where trying again may help, "cannot" where it never will.
 */
#ifndef APPSMTP_BASE_ERROR_H
#define APPSMTP_BASE_ERROR_H

#include <glib.h>

#define APPSMTP_ERROR appsmtp_error_quark()

enum appsmtp_error {
    APPSMTP_ERROR_USAGE,           /* the command line is wrong: 64 */
    APPSMTP_ERROR_GUARD,           /* a guard of the export stopped it: 65 */
    APPSMTP_ERROR_DIRECTORY,       /* the directory could not be asked: 69 */
    APPSMTP_ERROR_DATABASE,        /* the database could not be asked: 69 */
    APPSMTP_ERROR_RESOLVER,        /* DNS could not be asked: 69 */
    APPSMTP_ERROR_MAIL,            /* the mail server could not be asked: 69 */
    APPSMTP_ERROR_SNAPSHOT,        /* the exported snapshot could not be read: 69 */
    APPSMTP_ERROR_UNKNOWN_OUTCOME, /* the answer to a COMMIT was lost: 69 */
    APPSMTP_ERROR_INPUT,           /* an input file cannot be read or understood: 66 */
    APPSMTP_ERROR_CREATE,          /* an output file cannot be created: 73 */
    APPSMTP_ERROR_OUTPUT,          /* an output file cannot be written: 74 */
    APPSMTP_ERROR_BUSY,            /* another one is running: 75 */
    APPSMTP_ERROR_CONFIGURATION,   /* the configuration is wrong: 78 */
    APPSMTP_ERROR_LIMIT,           /* this question will always meet a limit of the set-up,
                                      others may not: 78 */
};

GQuark appsmtp_error_quark(void);

/*
 * The exit status (sysexits.h) that a program ends with after this error.
 * An error of another domain (a file of GIO's, say) gives 70, EX_SOFTWARE.
 */
int appsmtp_error_exit_status(const GError *error);

#endif
