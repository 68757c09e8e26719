/* SPDX-License-Identifier: MIT
 *
 * Programs that a run of the export calls: postmap, makemap, the command that tells the
 * target of new maps. Floor: service.
 *
 * None outlasts its time: each runs in a process group of its own, which is killed when it
 * is over. A program that ends leaves in peace what it has started.
 */
#ifndef APPSMTP_CHILD_H
#define APPSMTP_CHILD_H

#include <glib.h>
#include <stdbool.h>

enum child_output {
    CHILD_BOTH,   /* what it writes to its standard output and error is kept, together */
    CHILD_STDOUT, /* that alone, the other goes nowhere */
    CHILD_STDERR,
};

/* Told each line, its newline left away, of what is kept. */
typedef void child_line(const char *line, void *data);

struct child_job {
    const char *const *words; /* the program, looked up in the PATH, and its arguments; then NULL */
    const char *input;        /* file for its standard input, or NULL: it reads nothing */
    unsigned seconds;         /* its time */
    int accepted;             /* an exit status that is as good as 0 */
    enum child_output output;
    child_line *each; /* or NULL: *said has it */
    void *data;
};

/*
 * Runs it and waits for its end. NULL when it has ended well, else why not, in one line:
 * what it said, or that it could not be started, or that it took too long. *said, unless
 * NULL: what it wrote, at most LIMIT_CHILD_OUTPUT of it. Caller frees both.
 */
char *child_run(const struct child_job *job, char **said);

#endif
