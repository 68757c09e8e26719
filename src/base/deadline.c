/* SPDX-License-Identifier: MIT
 *
 * Deadlines on the monotonic clock.
 */
#include "base/deadline.h"

#include <errno.h>
#include <poll.h>

struct deadline deadline_in(unsigned milliseconds)
{
    return (struct deadline){.at = g_get_monotonic_time() + (gint64)milliseconds * 1000};
}

struct deadline deadline_sooner(struct deadline deadline, unsigned milliseconds)
{
    struct deadline other = deadline_in(milliseconds);

    return other.at < deadline.at ? other : deadline;
}

int deadline_left(struct deadline deadline)
{
    gint64 left = deadline.at - g_get_monotonic_time();

    /* Rounded up, so that a wait of the result does not end just before the deadline. */
    return left <= 0 ? 0 : (int)MIN((left + 999) / 1000, G_MAXINT);
}

short deadline_poll(struct deadline deadline, int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};
    int ready;

    do
        ready = poll(&one, 1, deadline_left(deadline));
    while (ready < 0 && errno == EINTR);
    return ready > 0 ? one.revents : 0;
}
