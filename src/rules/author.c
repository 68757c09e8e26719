/* SPDX-License-Identifier: MIT
 *
 * The judgement over From: and its kin. Whatever is not known to be good is refused.
 */
#include "rules/author.h"

#include "base/limits.h"
#include "rules/decision.h"

/* What texts may name, ready to be shown. */
struct shown {
    const char *header; /* "From:", or what it is */
    char *right;        /* what belongs in the header */
    char *client, *portal;
    const GPtrArray *domains; /* or NULL */
};

/* The null sender says nothing of who wrote the message. */
static char *right_address(const struct author_message *message)
{
    if (*message->sender)
        return decision_printable(message->sender);
    return g_strdup("an address registered for this source");
}

static void refuse_unregistered(struct findings *findings, const struct author *author,
                                const struct shown *shown)
{
    g_autofree char *address = decision_printable(author->address);
    bool never = shown->domains && !decision_can_be_registered(author->address, shown->domains);

    findings_add(findings, never ? FINDING_HEADER_NEVER_REGISTERED : FINDING_HEADER_NOT_REGISTERED,
                 shown->header, address, shown->client, shown->right, shown->portal, NULL);
}

static void refuse_name(struct findings *findings, const struct author *author,
                        const struct shown *shown)
{
    g_autofree char *named = decision_printable(author->named);

    findings_add(findings, FINDING_HEADER_NAMES_ANOTHER, shown->header, named, shown->client,
                 shown->right, NULL);
}

static void judge(struct findings *findings, const struct author *author, const struct shown *shown)
{
    static const enum finding_id ids[] = {
        [AUTHOR_TWICE] = FINDING_HEADER_TWICE,
        [AUTHOR_NOT_ASCII] = FINDING_HEADER_NOT_ASCII,
        [AUTHOR_GROUP] = FINDING_HEADER_GROUP,
        [AUTHOR_SEVERAL] = FINDING_HEADER_SEVERAL,
        [AUTHOR_NO_DOMAIN] = FINDING_HEADER_NO_DOMAIN,
        [AUTHOR_UNREADABLE] = FINDING_HEADER_UNREADABLE,
    };

    if (author->reading == AUTHOR_ABSENT)
        findings_add(findings, FINDING_HEADER_FROM_MISSING, shown->right, NULL);
    else if (author->reading == AUTHOR_TOO_LONG)
        findings_add(findings, FINDING_HEADER_TOO_LONG, shown->header,
                     G_STRINGIFY(LIMIT_HEADER), shown->right, NULL);
    else if (author->reading != AUTHOR_ONE)
        findings_add(findings, ids[author->reading], shown->header, shown->right, NULL);
    else if (!author->registered)
        refuse_unregistered(findings, author, shown);
    else if (author->named)
        refuse_name(findings, author, shown);
}

const char *author_header_name(enum author_header header)
{
    static const char *const names[] = {
        [AUTHOR_FROM] = "From",
        [AUTHOR_SENDER] = "Sender",
        [AUTHOR_RESENT_FROM] = "Resent-From",
        [AUTHOR_RESENT_SENDER] = "Resent-Sender",
    };

    return names[header];
}

void author_judge(const struct author_message *message, struct findings *findings)
{
    auto_ptr(findings) refused = findings_new();
    g_autofree char *right = right_address(message);
    g_autofree char *client = decision_printable(message->client);
    g_autofree char *portal = decision_printable(message->portal);
    struct shown shown = {"", right, client, portal, message->domains};

    for (unsigned i = 0; i < AUTHOR_HEADERS; i++) {
        g_autofree char *header = g_strconcat(author_header_name(i), ":", NULL);
        shown.header = header;
        if (i == AUTHOR_FROM || message->authors[i].reading != AUTHOR_ABSENT)
            judge(refused, &message->authors[i], &shown);
    }
    if (findings_count(refused) == 0)
        findings_add(refused, FINDING_HEADER_PERMITTED, message->authors[AUTHOR_FROM].address,
                     client, NULL);
    findings_take(findings, refused);
}
