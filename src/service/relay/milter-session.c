/* SPDX-License-Identifier: MIT
 *
 * Collects the two headers, has them read, looks up, and hands all to the rules.
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
    struct kept_header from, agent;
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
    forget(&session->from);
    forget(&session->agent);
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

    if (g_ascii_strcasecmp(plain, "From") == 0)
        keep(&session->from, value);
    else if (g_ascii_strcasecmp(plain, "Sender") == 0)
        keep(&session->agent, value);
}

/* ---- the verdict ---- */

static enum author_reading read_header(const struct kept_header *header, char **address)
{
    if (header->count == 0)
        return AUTHOR_ABSENT;
    if (header->count > 1)
        return AUTHOR_TWICE;
    if (strlen(header->value) > LIMIT_HEADER)
        return AUTHOR_TOO_LONG;
    return mail_author(header->value, address);
}

/* NULL when it was looked up. An author who is awaited may be registered by then. */
static struct decision *find(const struct milter_session *session, const struct snapshot *snapshot,
                             const struct kept_header *header, struct author *author,
                             char **address)
{
    const struct awaited *awaited = live_awaited(session->live);
    enum decision_answer answer = DECISION_REFUSE;

    author->reading = read_header(header, address);
    author->address = *address;
    if (author->reading == AUTHOR_ONE && g_str_equal(*address, session->sender))
        answer = DECISION_PERMIT;
    else if (author->reading == AUTHOR_ONE)
        answer = snapshot_same_source(snapshot, session->client, session->sender, *address);
    author->registered = answer == DECISION_PERMIT;
    if (answer == DECISION_UNAVAILABLE)
        return decision_unavailable();
    return author->reading == AUTHOR_ONE && !author->registered
               ? awaited_decide(awaited, snapshot_serial(snapshot), *address)
               : NULL;
}

static struct decision *judge_headers(const struct milter_session *session,
                                      const struct snapshot *snapshot)
{
    g_autofree char *from = NULL, *agent = NULL;
    struct decision *later;
    auto_ptr(findings) findings = findings_new();
    struct author_message message = {session->sender, session->client,
                                     snapshot_policy(snapshot)->portal,
                                     {AUTHOR_ABSENT, NULL, false}, {AUTHOR_ABSENT, NULL, false},
                                     snapshot_policy(snapshot)->domains};

    later = find(session, snapshot, &session->from, &message.from, &from);
    if (!later)
        later = find(session, snapshot, &session->agent, &message.agent, &agent);
    if (later)
        return later;
    author_judge(&message, findings);
    return decision_from_findings(findings);
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
