/* SPDX-License-Identifier: MIT
 *
 * The last resort: a process that is stuck where no deadline reaches ends itself. Floor: base.
 *
 * Every adapter waits by its deadline, so this never happens; where it does all the same - a
 * library that blocks, a loop - one worker of a supervisor that starts another is better lost
 * than held for ever. It is a timer of the kernel's (SIGALRM), so it needs nobody's
 * cooperation; a process of which the kernel itself does not return is beyond it. For programs
 * of one thread that does the work, which then must not use SIGALRM or alarm(2) otherwise.
 */
#ifndef APPSMTP_BASE_WATCHDOG_H
#define APPSMTP_BASE_WATCHDOG_H

/* So much later than its deadline a piece of work ends with its process. */
#define WATCHDOG_GRACE_MS 5000

/*
 * In that many milliseconds from now the process writes the line, which is copied, to standard
 * error and ends with EX_TEMPFAIL, unless watchdog_stop() comes before, or a later start.
 */
void watchdog_start(unsigned milliseconds, const char *line);

/* The work is done. */
void watchdog_stop(void);

#endif
