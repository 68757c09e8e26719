/* SPDX-License-Identifier: MIT
 *
 * The sub-commands of appsmtp-check: each builds the adapters that it needs and
 * asks the rules. Floor: programs.
 */
#ifndef APPSMTP_PROGRAMS_CHECK_COMMANDS_H
#define APPSMTP_PROGRAMS_CHECK_COMMANDS_H

#include "base/cleanup.h"
#include "rules/finding.h"

/* What the command line says; what was not given is NULL. Bytes as they came. */
struct check_options {
    char *config;
    char **locations;
    char *login;
    char *roots;
    char *at;
    char *name;
    char *sender;
    char *client;
    char *certificate;
    char *snapshot;
    gboolean json;
};

/* One line of the result. */
struct check_line {
    const char *field; /* these three are static */
    const char *code;
    const char *severity;
    char *text;
};

/* Something that is so, about what was accepted. */
struct check_fact {
    const char *name; /* static */
    char **values;
    bool several; /* whether there may be any number of them, or is always one */
};

struct check_result {
    enum verdict verdict;
    GPtrArray *lines; /* of struct check_line */
    GPtrArray *facts; /* of struct check_fact */
};

struct check_command {
    const char *name;
    const char *argument; /* "NAME", or NULL when it takes none */
    const char *synopsis;
    const char *options; /* the long names that it takes, each between blanks */
    bool (*run)(const struct check_options *options, const char *argument,
                struct check_result *result, GError **error);
};

/* The table; *count is set to its size. */
const struct check_command *check_commands(size_t *count);

struct check_result *check_result_new(void);
void check_result_free(struct check_result *result);
DEFINE_AUTO(check_result, check_result_free)

#endif
