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
#define EVERYBODY "everybody"

/* What one look-up holds: a place of the visitor's own, and one of everybody's; 0 is none. */
struct turns {
    const char *who;
    unsigned own, common;
};

/* Half of the workers, the smaller one, always has time for pages. */
static unsigned common_places(const struct config *config)
{
    return MAX(config->workers / 2, 1);
}

/* Nobody alone has all of them, where there are several. */
static unsigned own_places(const struct config *config, struct lookup_visitor visitor)
{
    unsigned most = visitor.login ? PLACES_OF_A_PERSON : PLACES_OF_STRANGERS;

    return CLAMP(common_places(config) - 1, 1, most);
}

static void end_turns(const struct office *office, const struct turns *turns)
{
    if (turns->own)
        turn_end(office->database, turns->who, turns->own);
    if (turns->common)
        turn_end(office->database, EVERYBODY, turns->common);
}

/* Turns are not worth an outage: while the database is away everybody's names are looked up. */
static bool take_turns(const struct office *office, unsigned places, int milliseconds,
                       struct turns *turns)
{
    struct database *database = office->database;
    unsigned most = (unsigned)milliseconds + SPARE_MS, common = common_places(office->config);
    g_autoptr(GError) reason = NULL;

    if (turn_take(database, turns->who, places, most, &turns->own, &reason) &&
        (!turns->own || turn_take(database, EVERYBODY, common, most, &turns->common, &reason)))
        return turns->common > 0;
    g_message("look-up of names for %s: %s", turns->who, reason->message);
    return true;
}

GPtrArray *lookup_names(const struct office *office, struct lookup_visitor visitor,
                        const GPtrArray *names, bool reverse, struct deadline deadline)
{
    unsigned most = office->config->resolver.deadline_ms;
    g_autofree char *who =
        visitor.login ? g_strconcat("login ", visitor.login, NULL) : g_strdup("strangers");
    struct turns turns = {.who = who};
    GPtrArray *answers = NULL;

    if (!visitor.login && !visitor.unlimited)
        most = MIN(most, STRANGERS_MS);
    deadline = deadline_sooner(deadline, most);
    if (visitor.unlimited || names->len == 0)
        return resolver_ask(office->resolver, names, reverse, deadline);
    if (take_turns(office, own_places(office->config, visitor), deadline_left(deadline), &turns))
        answers = resolver_ask(office->resolver, names, reverse, deadline);
    end_turns(office, &turns);
    return answers;
}
