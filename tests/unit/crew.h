/* SPDX-License-Identifier: MIT
 *
 * Many pieces of work, so many at a time. Unlike those of a GThreadPool, the threads have ended
 * when it is done, with all that libraries keep for each of them.
 */
#ifndef APPSMTP_TEST_CREW_H
#define APPSMTP_TEST_CREW_H

#include <glib.h>

/* Calls each for every element of the work, in that many threads; data is the second argument. */
void crew_do(const GPtrArray *work, unsigned threads, GFunc each, void *data);

#endif
