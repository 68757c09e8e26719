/* SPDX-License-Identifier: MIT
 *
 * Reads Postfix's attributes and words the answer.
 */
#include "service/relay/policy-request.h"

#include "base/limits.h"
#include "rules/address.h"

#include <string.h>

/* The attributes that count; NULL where the request has none. */
struct attributes {
    const char *request, *state, *client, *sender, *certificate, *spki, *recipients, *instance,
        *queue_id;
    unsigned recipient_count; /* what recipients says; 1 where it says nothing or 0 */
};

size_t policy_request_length(const char *bytes, size_t length)
{
    const char *end;

    if (length > 0 && bytes[0] == '\n')
        return 1;
    end = memmem(bytes, length, "\n\n", 2);
    return end ? (size_t)(end - bytes) + 2 : 0;
}

static const char **attribute_place(struct attributes *attributes, const char *name)
{
    const struct {
        const char *name;
        const char **place;
    } known[] = {
        {"request", &attributes->request},
        {"protocol_state", &attributes->state},
        {"client_address", &attributes->client},
        {"sender", &attributes->sender},
        {"ccert_fingerprint", &attributes->certificate},
        {"ccert_pubkey_fingerprint", &attributes->spki},
        {"recipient_count", &attributes->recipients},
        {"instance", &attributes->instance},
        {"queue_id", &attributes->queue_id},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_str_equal(known[i].name, name))
            return known[i].place;
    return NULL;
}

/* False when a line is no name=value, or says again what was said. Cuts the lines. */
static bool read_attributes(char **lines, struct attributes *attributes)
{
    for (char **line = lines; **line; line++) {
        char *sign = strchr(*line, '=');
        const char **place;
        if (!sign)
            return false;
        *sign = '\0';
        place = attribute_place(attributes, *line);
        if (place && *place)
            return false;
        if (place)
            *place = sign + 1;
    }
    return true;
}

/* "AB:CD" as "abcd". */
static char *plain_fingerprint(const char *shown)
{
    GString *plain = g_string_new(NULL);

    for (const char *at = shown ? shown : ""; *at; at++)
        if (*at != ':')
            g_string_append_c(plain, g_ascii_tolower(*at));
    return g_string_free(plain, FALSE);
}

/* When Postfix asks, by what it can know of the message then. */
enum stage {
    STAGE_GREETING, /* the client said who it is: there is no sender yet */
    STAGE_ENVELOPE, /* once for each recipient */
    STAGE_MESSAGE,  /* the envelope is complete: the answer is about all recipients */
};

/* A state that is not known here comes with a message, and is decided. */
static enum stage stage_of(const struct attributes *attributes)
{
    static const char *const greeting[] = {"CONNECT", "HELO", "EHLO", "ETRN", "VRFY", NULL};
    static const char *const envelope[] = {"MAIL", "RCPT", NULL};

    if (!attributes->state || g_strv_contains(envelope, attributes->state))
        return STAGE_ENVELOPE;
    return g_strv_contains(greeting, attributes->state) ? STAGE_GREETING : STAGE_MESSAGE;
}

/*
 * The sender as it is registered, so that every answer names it alike. What the generation
 * in force may permit is not refused while only the one before is loaded.
 */
static struct decision *decide(const struct attributes *attributes, const struct policy_desk *desk)
{
    g_autofree char *sender = address_normalise(attributes->sender);
    g_autofree char *certificate = plain_fingerprint(attributes->certificate);
    g_autofree char *spki = plain_fingerprint(attributes->spki);
    struct decision_query query = {sender, attributes->client, certificate, spki};
    struct decision *decision = snapshot_decide(desk->snapshot, &query);

    if (decision_depends_on_generation(decision) && !snapshot_is_current(desk->snapshot)) {
        decision_free(decision);
        return decision_not_yet(sender);
    }
    if (desk->awaited)
        decision = awaited_soften(desk->awaited, snapshot_serial(desk->snapshot), sender, decision);
    if (decision->source && stage_of(attributes) == STAGE_ENVELOPE)
        uses_note(desk->uses, sender, decision->source, certificate, attributes->instance);
    return decision;
}

/* RFC 3463: X.3.0 is our fault, X.7.1 a matter of what the sender may do. */
static const char *reply_of(const struct decision *decision)
{
    bool is_later = decision_is_not_yet(decision) ||
                    g_str_equal(decision->code, findings_catalogue(FINDING_MESSAGE_TOO_MANY).code);

    if (decision->answer == DECISION_REFUSE)
        return "550 5.7.1";
    return is_later ? "450 4.7.1" : "DEFER 4.3.0";
}

static char *word(const struct decision *decision)
{
    if (decision->answer == DECISION_PERMIT)
        return g_strdup("action=OK\n\n");
    return g_strdup_printf("action=%s %s\n\n", reply_of(decision), decision->text);
}

/* Before DATA Postfix knows of no recipient and says 0 (SMTPD_POLICY_README). */
static bool read_recipients(struct attributes *attributes)
{
    const char *text = attributes->recipients ? attributes->recipients : "";
    guint64 count = 0;

    if (*text && !g_ascii_string_to_unsigned(text, 10, 0, LIMIT_RECIPIENTS, &count, NULL))
        return false;
    attributes->recipient_count = MAX((unsigned)count, 1);
    return true;
}

static bool is_question(struct attributes *attributes)
{
    return attributes->request && g_str_equal(attributes->request, "smtpd_access_policy") &&
           attributes->client && attributes->sender && read_recipients(attributes);
}

static void count(const struct policy_desk *desk, const char *code)
{
    policy_counts_add(desk->counts, code);
    uses_count(desk->uses, code);
}

/* Counts the recipients; NULL when there are not too many. */
static struct decision *take_recipients(const struct attributes *attributes,
                                        const struct policy_desk *desk)
{
    g_autofree char *sender = address_normalise(attributes->sender);
    g_autofree char *spki = plain_fingerprint(attributes->spki);
    const struct decision_query query = {sender, attributes->client, "", spki};
    struct rates_take take = {.sender = sender, .client = attributes->client,
                              .recipients = attributes->recipient_count,
                              .queue_id = attributes->queue_id};
    struct rate_excess excess = {.sender = sender, .recipients = take.recipients,
                                 .portal = snapshot_policy(desk->snapshot)->portal};

    if (!snapshot_rate(desk->snapshot, &query, &take.rate))
        return decision_unavailable();
    excess.rate = take.rate;
    excess.wait = rates_take(desk->rates, &take, desk->now);
    return excess.wait ? rate_decide(&excess) : NULL;
}

/* The message is not accepted after all. */
static void put_back(const struct attributes *attributes, const struct policy_desk *desk)
{
    if (attributes->queue_id && *attributes->queue_id)
        rates_put_back(desk->rates, attributes->queue_id, desk->now);
}

/* About the whole message: NULL when it passes, and then its recipients were counted. */
static struct decision *decide_message(const struct attributes *attributes,
                                       const struct policy_desk *desk)
{
    auto_ptr(decision) decision = desk->snapshot ? decide(attributes, desk)
                                                 : decision_unavailable();

    if (decision->answer != DECISION_PERMIT) {
        put_back(attributes, desk);
        return g_steal_pointer(&decision);
    }
    return g_str_equal(attributes->state, "DATA") ? take_recipients(attributes, desk) : NULL;
}

/*
 * The recipients had their decision, which is counted and noted, so a permit is not
 * counted again; and it is nothing but DUNNO, since OK would skip what main.cf has
 * behind this.
 */
static char *answer(const struct attributes *attributes, bool good, const struct policy_desk *desk)
{
    enum stage stage = good ? stage_of(attributes) : STAGE_ENVELOPE;
    auto_ptr(decision) decision = NULL;

    if (stage == STAGE_MESSAGE)
        decision = decide_message(attributes, desk);
    else if (stage == STAGE_ENVELOPE)
        decision = good && desk->snapshot ? decide(attributes, desk) : decision_unavailable();
    if (!decision)
        return g_strdup("action=DUNNO\n\n");
    count(desk, decision->code);
    return word(decision);
}

/* What appsmtp-milter says of a message that it did not let pass. */
static bool is_refused(const struct attributes *attributes)
{
    return attributes->queue_id && g_strcmp0(attributes->request, POLICY_REFUSED) == 0;
}

char *policy_answer(const char *bytes, size_t length, const struct policy_desk *desk)
{
    g_autofree char *text = g_strndup(bytes, length);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    struct attributes attributes = {0};
    bool read = strlen(text) == length && read_attributes(lines, &attributes);

    if (read && is_refused(&attributes)) {
        put_back(&attributes, desk);
        return g_strdup("action=DUNNO\n\n");
    }
    return answer(&attributes, read && is_question(&attributes), desk);
}
