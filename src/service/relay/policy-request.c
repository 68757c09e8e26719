/* SPDX-License-Identifier: MIT
 *
 * Reads Postfix's attributes and words the answer.
 */
#include "service/relay/policy-request.h"

#include "rules/address.h"

#include <string.h>

/* The attributes that count; NULL where the request has none. */
struct attributes {
    const char *request, *state, *client, *sender, *certificate, *spki, *recipients, *instance;
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

/* The sender as it is registered, so that every answer names it alike. */
static struct decision *decide(const struct attributes *attributes, const struct policy_desk *desk)
{
    g_autofree char *sender = address_normalise(attributes->sender);
    g_autofree char *certificate = plain_fingerprint(attributes->certificate);
    g_autofree char *spki = plain_fingerprint(attributes->spki);
    struct decision_query query = {sender, attributes->client, certificate, spki};
    struct decision *decision = snapshot_decide(desk->snapshot, &query);

    if (decision->source && stage_of(attributes) == STAGE_ENVELOPE)
        uses_note(desk->uses, sender, decision->source, certificate, attributes->instance);
    return decision;
}

static char *word(const struct decision *decision)
{
    if (decision->answer == DECISION_PERMIT)
        return g_strdup("action=OK\n\n");
    return g_strdup_printf("action=%s %s\n\n",
                           decision->answer == DECISION_REFUSE ? "550 5.7.1" : "DEFER 4.3.0",
                           decision->text);
}

static bool is_question(const struct attributes *attributes)
{
    return attributes->request && g_str_equal(attributes->request, "smtpd_access_policy") &&
           attributes->client && attributes->sender;
}

static void count(const struct policy_desk *desk, const char *code)
{
    policy_counts_add(desk->counts, code);
    uses_count(desk->uses, code);
}

/* At DATA Postfix knows how many recipients there are (SMTPD_POLICY_README). */
static char *count_recipients(const struct attributes *attributes, const struct policy_desk *desk)
{
    g_autofree char *sender = address_normalise(attributes->sender);
    guint64 recipients =
        g_ascii_strtoull(attributes->recipients ? attributes->recipients : "", NULL, 10);
    unsigned per_hour = snapshot_per_hour(desk->snapshot, sender);
    unsigned wait = rates_take(desk->rates, sender, per_hour,
                               (unsigned)CLAMP(recipients, 1, G_MAXINT), desk->now);

    if (wait == 0)
        return g_strdup("action=DUNNO\n\n");
    count(desk, "message.too-many");
    return g_strdup_printf(
        "action=450 4.7.1 This sender may have %u recipients an hour, and has had "
        "them: send again in %u minutes\n\n",
        per_hour, (wait + 59) / 60);
}

/*
 * Permitted once more: the recipients had their decision, which is counted and noted.
 * Nothing but DUNNO, since OK would skip what main.cf has behind this.
 */
static char *pass_message(const struct attributes *attributes, const struct policy_desk *desk)
{
    if (g_str_equal(attributes->state, "DATA"))
        return count_recipients(attributes, desk);
    return g_strdup("action=DUNNO\n\n");
}

static char *answer(const struct attributes *attributes, bool good, const struct policy_desk *desk)
{
    enum stage stage = good ? stage_of(attributes) : STAGE_ENVELOPE;
    auto_ptr(decision) decision = NULL;

    if (stage == STAGE_GREETING)
        return g_strdup("action=DUNNO\n\n");
    decision = good && desk->snapshot ? decide(attributes, desk) : decision_unavailable();
    if (stage == STAGE_MESSAGE && decision->answer == DECISION_PERMIT)
        return pass_message(attributes, desk);
    count(desk, decision->code);
    return word(decision);
}

char *policy_answer(const char *bytes, size_t length, const struct policy_desk *desk)
{
    g_autofree char *text = g_strndup(bytes, length);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    struct attributes attributes = {NULL};
    bool good =
        strlen(text) == length && read_attributes(lines, &attributes) && is_question(&attributes);

    return answer(&attributes, good, desk);
}
