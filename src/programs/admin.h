/* SPDX-License-Identifier: MIT
 *
 * The commands of appsmtp-admin, and what they share. Floor: programs.
 */
#ifndef APPSMTP_PROGRAMS_ADMIN_H
#define APPSMTP_PROGRAMS_ADMIN_H

#include "adapters/config/config.h"
#include "adapters/database/registry.h"

struct trust;

#define ADMIN_REFUSED 1 /* exit status: the rules say no, or there is no such registration */

/* What the command line says besides words; what was not given is NULL. Bytes as they came. */
struct admin_options {
    char *config;
    char *reason;
    char *since;
    gboolean csv;
    gboolean dry_run;
    gboolean registrations;
    gboolean sign_in;
};

/* One call. */
struct admin {
    const struct config *config; /* NULL where the command reads it itself */
    const struct admin_options *options;
    char **arguments; /* after the command's name, ended by NULL; as many as the table says */
};

/*
 * A command: does it, writes the result to standard output and all else to standard
 * error, and sets the exit status. False and the error when somebody could not be asked
 * or the result could not be written.
 */
typedef bool admin_run(const struct admin *admin, int *status, GError **error);

/* Each group in a file of its own: admin-setup.c, admin-import.c, ... */
admin_run admin_init;
admin_run admin_check_directory; /* admin-directory.c */
admin_run admin_import;
admin_run admin_search, admin_list;
admin_run admin_show;
admin_run admin_history;
admin_run admin_overview;
admin_run admin_left_out, admin_check_config;
admin_run admin_suspend, admin_resume, admin_restore; /* admin-standing.c */
admin_run admin_rate;
admin_run admin_roots;
admin_run admin_sessions;
admin_run admin_forget_ids; /* admin-people.c */

/*
 * Adds the facts of the roots: file, age, counts, lists of weak keys (admin-roots.c). trust:
 * adapters/certificate/certificate.h.
 */
void admin_add_roots(GString *text, const struct trust *trust);

/*
 * The database by the role that owns the schema. It belongs to the result, which
 * connects to nobody yet. NULL when the configuration names no database. Caller frees.
 */
struct database *admin_database(const struct config *config, GError **error);

/*
 * The registration that a person names: by its id, or, live or suspended, by its
 * address. *found is NULL when there is none, which was said. Caller frees.
 */
bool admin_find(struct database *database, const char *typed, struct registration **found,
                GError **error);

/*
 * Whether --reason was given, as text: the rules take it from there, and what the history
 * keeps is not mended. Else the error.
 */
bool admin_has_reason(const struct admin_options *options, GError **error);

/* Each finding as a line of standard error: its code and its text. */
void admin_say_findings(const struct findings *findings);

/*
 * Who makes a change in the shell, as the history names them: "shell:" and the name of
 * the account, of root by sudo that of who called it. No login of the portal has a colon.
 * Caller frees.
 */
char *admin_login(void);

#endif
