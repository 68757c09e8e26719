/* SPDX-License-Identifier: MIT
 *
 * Collects the headers, has them read, looks up, and hands all to the rules.
 */
#include "service/relay/milter-session.h"

#include "adapters/mail/author.h"
#include "base/limits.h"
#include "rules/address.h"

/* Of several, the first is kept and the others are counted. */
struct kept_header {
    char *value;
    size_t count;
};

struct milter_session {
    struct live *live;
    char *client; /* or NULL */
    char *sender; /* or NULL before the first message */
    struct kept_header headers[AUTHOR_HEADERS];
};

struct milter_session *milter_session_new(struct live *live, const char *client)
{
    struct milter_session *session = g_new0(struct milter_session, 1);

    session->live = live;
    session->client = g_strdup(client);
    return session;
}

static void forget(struct kept_header *header)
{
    g_free(header->value);
    *header = (struct kept_header){NULL, 0};
}

static void forget_message(struct milter_session *session)
{
    g_clear_pointer(&session->sender, g_free);
    for (unsigned i = 0; i < AUTHOR_HEADERS; i++)
        forget(&session->headers[i]);
}

void milter_session_free(struct milter_session *session)
{
    if (!session)
        return;
    forget_message(session);
    g_free(session->client);
    g_free(session);
}

void milter_session_begin(struct milter_session *session, const char *sender)
{
    forget_message(session);
    session->sender = address_reverse_path(sender);
}

/* One byte more than may be shows that it was too long. */
static void keep(struct kept_header *header, const char *value)
{
    if (header->count == 0)
        header->value = g_strndup(value, LIMIT_HEADER + 1);
    header->count++;
}

/* Blanks before the colon are obsolete (RFC 5322 4.5), and programs that show mail read over them. */
void milter_session_header(struct milter_session *session, const char *name, const char *value)
{
    g_autofree char *plain = g_strstrip(g_strdup(name));

    for (unsigned i = 0; i < AUTHOR_HEADERS; i++)
        if (g_ascii_strcasecmp(plain, author_header_name(i)) == 0)
            keep(&session->headers[i], value);
}

/* ---- the verdict ---- */

/* What a header says; struct author has pointers into it. */
struct said {
    char *address;    /* or NULL */
    GPtrArray *named; /* or NULL */
};

static void said_clear(struct said *said)
{
    g_free(said->address);
    g_clear_pointer(&said->named, g_ptr_array_unref);
}

static enum author_reading read_header(const struct kept_header *header, struct said *said)
{
    if (header->count == 0)
        return AUTHOR_ABSENT;
    if (header->count > 1)
        return AUTHOR_TWICE;
    if (strlen(header->value) > LIMIT_HEADER)
        return AUTHOR_TOO_LONG;
    return mail_author(header->value, &said->address, &said->named);
}

/*
 * Whether the address may stand in the message. NULL when that is known; an address that
 * is awaited may be registered by then.
 */
static struct decision *look_up(const struct milter_session *session,
                                const struct snapshot *snapshot, const char *address,
                                bool *registered)
{
    enum decision_answer answer = DECISION_PERMIT;

    if (!g_str_equal(address, session->sender))
        answer = snapshot_same_source(snapshot, session->client, session->sender, address);
    *registered = answer == DECISION_PERMIT;
    if (answer == DECISION_UNAVAILABLE)
        return decision_unavailable();
    return *registered ? NULL
                       : awaited_decide(live_awaited(session->live), snapshot_serial(snapshot),
                                        address);
}

/* A name can hold any address of elsewhere, as in "user@example.org via App". */
static bool is_ours(const struct snapshot *snapshot, const char *address)
{
    const GPtrArray *domains = snapshot_policy(snapshot)->domains;

    return domains && domains->len > 0 && decision_can_be_registered(address, domains);
}

static struct decision *look_up_named(const struct milter_session *session,
                                      const struct snapshot *snapshot, const struct said *said,
                                      struct author *author)
{
    struct decision *later = NULL;

    for (guint i = 0; i < said->named->len && !later && !author->named; i++) {
        const char *named = g_ptr_array_index(said->named, i);
        bool registered = true;
        if (is_ours(snapshot, named))
            later = look_up(session, snapshot, named, &registered);
        if (!registered)
            author->named = named;
    }
    return later;
}

/* NULL when all of it was looked up. */
static struct decision *find(const struct milter_session *session, const struct snapshot *snapshot,
                             const struct kept_header *header, struct said *said,
                             struct author *author)
{
    struct decision *later = NULL;

    author->reading = read_header(header, said);
    author->address = said->address;
    if (author->reading == AUTHOR_ONE)
        later = look_up(session, snapshot, said->address, &author->registered);
    if (author->reading == AUTHOR_ONE && !later)
        later = look_up_named(session, snapshot, said, author);
    return later;
}

static struct decision *judge_headers(const struct milter_session *session,
                                      const struct snapshot *snapshot)
{
    struct said said[AUTHOR_HEADERS] = {{NULL, NULL}};
    struct decision *later = NULL;
    auto_ptr(findings) findings = findings_new();
    struct author_message message = {.sender = session->sender,
                                     .client = session->client,
                                     .portal = snapshot_policy(snapshot)->portal,
                                     .domains = snapshot_policy(snapshot)->domains};

    for (unsigned i = 0; i < AUTHOR_HEADERS && !later; i++)
        later = find(session, snapshot, &session->headers[i], &said[i], &message.authors[i]);
    if (!later)
        author_judge(&message, findings);
    for (unsigned i = 0; i < AUTHOR_HEADERS; i++)
        said_clear(&said[i]);
    return later ? later : decision_from_findings(findings);
}

/*
 * The envelope first: a From: that equals a sender who may not send proves nothing.
 * While another generation than this one is in force, nothing is refused: the daemon may
 * have permitted by that.
 */
static struct decision *judge(const struct milter_session *session, const struct snapshot *snapshot)
{
    const struct decision_query query = {session->sender, session->client, "", ""};
    auto_ptr(decision) decision =
        awaited_soften(live_awaited(session->live), snapshot_serial(snapshot), session->sender,
                       snapshot_decide_unseen(snapshot, &query));

    if (decision->answer == DECISION_PERMIT) {
        decision_free(decision);
        decision = judge_headers(session, snapshot);
    }
    if (decision->answer == DECISION_REFUSE && !snapshot_is_current(snapshot))
        return decision_not_yet(session->sender);
    return g_steal_pointer(&decision);
}

struct decision *milter_session_verdict(const struct milter_session *session)
{
    const struct snapshot *snapshot = live_hold(session->live);
    struct decision *decision = snapshot && session->client && session->sender
                                    ? judge(session, snapshot)
                                    : decision_unavailable();

    live_release(session->live);
    return decision;
}
