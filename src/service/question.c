/* SPDX-License-Identifier: MIT
 *
 * From what was typed to the relay's decision.
 */
#include "service/question.h"

#include "base/limits.h"
#include "rules/address.h"
#include "rules/hostname.h"
#include "rules/typed.h"

static void verdict_for_free(gpointer data)
{
    struct verdict_for *verdict = data;

    g_free(verdict->client);
    decision_free(verdict->decision);
    g_free(verdict);
}

void answer_free(struct answer *answer)
{
    if (!answer)
        return;
    findings_free(answer->findings);
    g_ptr_array_unref(answer->verdicts);
    g_free(answer->sender);
    g_free(answer->hostname);
    g_free(answer->spki_sha256);
    g_free(answer);
}

/* ---- the client's addresses ---- */

static bool is_unavailable(const struct hostname_answers *answers)
{
    return answers->ipv4 == DNS_UNAVAILABLE || answers->ipv6 == DNS_UNAVAILABLE;
}

static void add_addresses(GPtrArray *clients, const struct hostname_answers *answers,
                          struct findings *findings)
{
    if (is_unavailable(answers))
        findings_add(findings, FINDING_CHECK_CLIENT_UNAVAILABLE, answers->name, NULL);
    else if (answers->addresses->len == 0)
        findings_add(findings, FINDING_CHECK_CLIENT_NOT_FOUND, answers->name, NULL);
    for (guint i = 0; i < answers->addresses->len && i < LIMIT_HOSTNAME_ADDRESSES; i++)
        g_ptr_array_add(clients, network_format_address(
                                     &g_array_index(answers->addresses, struct network, i)));
}

static void ask_dns(const struct office *office, const struct question *question,
                    const char *name, struct deadline deadline, GPtrArray *clients,
                    struct findings *findings)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GPtrArray) all = NULL;

    g_ptr_array_add(names, (char *)name);
    all = lookup_names(office, question->visitor, names, false, deadline);
    if (all)
        add_addresses(clients, g_ptr_array_index(all, 0), findings);
    else
        findings_add(findings, FINDING_CHECK_CLIENT_BUSY, name, NULL);
}

/* The addresses as text: of char *, caller unrefs. *hostname: the name that they were found by. */
static GPtrArray *find_clients(const struct office *office, const struct question *question,
                               struct deadline deadline, char **hostname,
                               struct findings *findings)
{
    GPtrArray *clients = g_ptr_array_new_with_free_func(g_free);
    auto_ptr(findings) reasons = findings_new();
    g_autofree char *clean = typed_clean(question->client);
    g_autofree char *shown = typed_show(clean);
    struct network client;

    if (!*clean)
        findings_add(findings, FINDING_CHECK_CLIENT_EMPTY, NULL);
    else if (decision_client(clean, &client))
        g_ptr_array_add(clients, g_strdup(clean));
    else if (!(*hostname = hostname_check(clean, reasons)))
        findings_add(findings, FINDING_CHECK_CLIENT, shown, NULL);
    else
        ask_dns(office, question, *hostname, deadline, clients, findings);
    return clients;
}

/* ---- sender and certificate ---- */

static char *read_sender(const char *typed, struct findings *findings)
{
    g_autofree char *clean = typed_clean(typed);

    if (!*clean)
        findings_add(findings, FINDING_CHECK_SENDER_EMPTY, NULL);
    return address_reverse_path(clean);
}

static bool has_certificate(const struct question *question)
{
    g_autofree char *text = g_strstrip(g_strdup(question->certificate_text));

    return question->certificate || *text;
}

/* A file wins over the text; neither is a message without a certificate. */
static void read_certificate(const struct question *question, char **sha256, char **spki_sha256,
                             struct findings *findings)
{
    gsize size = strlen(question->certificate_text);
    const void *data = question->certificate_text;

    if (question->certificate)
        data = g_bytes_get_data(question->certificate, &size);
    *sha256 = *spki_sha256 = NULL;
    if (has_certificate(question) &&
        !certificate_fingerprints(data, size, sha256, spki_sha256, NULL))
        findings_add(findings, FINDING_CHECK_CERTIFICATE, NULL);
    if (!*spki_sha256)
        *spki_sha256 = g_strdup("");
}

/* ---- the decision ---- */

static struct decision *decide(const struct office *office, const struct decision_query *query)
{
    g_autoptr(GError) outage = NULL;
    const struct snapshot *snapshot = relay_view_snapshot(office->view, &outage);

    if (snapshot)
        return snapshot_decide(snapshot, query);
    g_message("%s", outage->message);
    return decision_unavailable();
}

static void add_verdict(struct answer *answer, const struct office *office,
                        struct decision_query query, const char *client)
{
    struct verdict_for *verdict = g_new0(struct verdict_for, 1);

    query.client = verdict->client = g_strdup(client);
    verdict->decision = decide(office, &query);
    g_ptr_array_add(answer->verdicts, verdict);
}

/*
 * What the certificate alone decides. An address that is a source itself would decide in its
 * place, so it is asked from one network after the other until none does.
 */
static struct decision *decide_anywhere(const struct office *office, struct decision_query query)
{
    const GPtrArray *locations = office->config->locations;
    struct decision *decision = NULL;

    for (guint i = 0; i < locations->len; i++) {
        const GArray *networks = ((const struct location *)locations->pdata[i])->networks;
        for (guint k = 0; k < networks->len; k++) {
            g_autofree char *client =
                network_format_address(&g_array_index(networks, struct network, k));
            query.client = client;
            decision_free(decision);
            decision = decide(office, &query);
            if (!decision->source || decision_is_by_certificate(decision))
                return decision;
        }
    }
    return decision;
}

static void add_verdict_anywhere(struct answer *answer, const struct office *office,
                                 const struct decision_query *query)
{
    struct verdict_for *verdict = g_new0(struct verdict_for, 1);

    verdict->client = g_strdup("any network of the service locations");
    verdict->decision = decide_anywhere(office, *query);
    g_ptr_array_add(answer->verdicts, verdict);
}

/* A certificate and nothing else: it does not depend on the network. */
static bool is_of_certificate_alone(const struct question *question)
{
    g_autofree char *client = typed_clean(question->client);

    return !*client && has_certificate(question);
}

struct answer *question_answer(const struct office *office, const struct question *question,
                               struct deadline deadline)
{
    struct answer *answer = g_new0(struct answer, 1);
    g_autoptr(GPtrArray) clients = NULL;
    g_autofree char *sha256 = NULL;
    struct decision_query query = {0};

    answer->findings = findings_new();
    answer->verdicts = g_ptr_array_new_with_free_func(verdict_for_free);
    answer->anywhere = is_of_certificate_alone(question);
    answer->sender = read_sender(question->sender, answer->findings);
    if (!answer->anywhere)
        clients = find_clients(office, question, deadline, &answer->hostname,
                               answer->findings);
    read_certificate(question, &sha256, &answer->spki_sha256, answer->findings);
    if (findings_count(answer->findings) > 0)
        return answer;
    query.sender = answer->sender;
    query.certificate_sha256 = sha256 ? sha256 : "";
    query.spki_sha256 = answer->spki_sha256;
    if (answer->anywhere)
        add_verdict_anywhere(answer, office, &query);
    for (guint i = 0; clients && i < clients->len; i++)
        add_verdict(answer, office, query, g_ptr_array_index(clients, i));
    return answer;
}
