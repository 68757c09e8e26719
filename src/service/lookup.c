/* SPDX-License-Identifier: MIT
 *
 * Look-ups in turn.
 */
#include "service/lookup.h"

#include "adapters/database/turn.h"

/* The second is for a form that is sent twice by an impatient click. */
#define PLACES_OF_A_PERSON 2
#define PLACES_OF_STRANGERS 1
#define STRANGERS_MS 1000
/* A worker that died holds its place for no longer than this after the deadline. */
#define SPARE_MS 1000

/* Turns are not worth an outage: while the database is away everybody's names are looked up. */
static bool may_look_up(const struct office *office, const char *who, unsigned places,
                        int milliseconds, unsigned *place)
{
    g_autoptr(GError) reason = NULL;

    if (turn_take(office->database, who, places, (unsigned)milliseconds + SPARE_MS, place, &reason))
        return *place > 0;
    g_message("look-up of names for %s: %s", who, reason->message);
    return true;
}

GPtrArray *lookup_names(const struct office *office, struct lookup_visitor visitor,
                        const GPtrArray *names, bool reverse, struct deadline deadline)
{
    unsigned most = office->config->resolver.deadline_ms;
    g_autofree char *who =
        visitor.login ? g_strconcat("login ", visitor.login, NULL) : g_strdup("strangers");
    unsigned place = 0;
    GPtrArray *answers;

    if (!visitor.login && !visitor.unlimited)
        most = MIN(most, STRANGERS_MS);
    deadline = deadline_sooner(deadline, most);
    if (visitor.unlimited || names->len == 0)
        return resolver_ask(office->resolver, names, reverse, deadline);
    if (!may_look_up(office, who, visitor.login ? PLACES_OF_A_PERSON : PLACES_OF_STRANGERS,
                     deadline_left(deadline), &place))
        return NULL;
    answers = resolver_ask(office->resolver, names, reverse, deadline);
    if (place)
        turn_end(office->database, who, place);
    return answers;
}
