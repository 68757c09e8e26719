/* SPDX-License-Identifier: MIT
 *
 * The decision over one message: place first, then sender, then source. What
 * matches nothing is refused; there is no way to fall through to a permit.
 */
#include "rules/decision.h"

#include "rules/address.h"

/* An SMTP reply is 512 bytes long (RFC 5321 4.5.3.1.5), and this is not all of it. */
#define SHOWN_SENDER 120
#define SHOWN_DOMAINS 3

struct decision_policy *decision_policy_new(void)
{
    struct decision_policy *policy = g_new0(struct decision_policy, 1);

    policy->locations = g_ptr_array_new_with_free_func((GDestroyNotify)location_free);
    policy->portal = g_strdup("");
    policy->relays = 1;
    policy->domains = g_ptr_array_new_with_free_func(g_free);
    return policy;
}

void decision_policy_free(struct decision_policy *policy)
{
    if (!policy)
        return;
    g_ptr_array_unref(policy->locations);
    g_free(policy->portal);
    g_ptr_array_unref(policy->domains);
    g_free(policy);
}

struct decision_entry *decision_entry_new(void)
{
    struct decision_entry *entry = g_new0(struct decision_entry, 1);

    entry->networks = g_array_new(FALSE, FALSE, sizeof(struct network));
    entry->spkis = g_ptr_array_new_with_free_func(g_free);
    entry->certificates = g_ptr_array_new_with_free_func(g_free);
    return entry;
}

void decision_entry_free(struct decision_entry *entry)
{
    if (!entry)
        return;
    g_array_unref(entry->networks);
    g_ptr_array_unref(entry->spkis);
    g_ptr_array_unref(entry->certificates);
    g_free(entry);
}

void decision_free(struct decision *decision)
{
    if (!decision)
        return;
    g_free(decision->text);
    g_free(decision->source);
    g_free(decision);
}

char *decision_printable(const char *text)
{
    GString *shown = g_string_new(NULL);

    for (const char *at = text; *at && shown->len < SHOWN_SENDER; at++)
        g_string_append_c(shown, g_ascii_isprint(*at) ? *at : '?');
    if (strlen(text) > SHOWN_SENDER)
        g_string_append(shown, "...");
    return g_string_free(shown, FALSE);
}

char *decision_fingerprint(const char *hex)
{
    GString *shown = g_string_new(NULL);
    g_autofree char *safe = decision_printable(hex);

    for (size_t i = 0; safe[i]; i++) {
        if (i > 0 && i % 2 == 0)
            g_string_append_c(shown, ':');
        g_string_append_c(shown, g_ascii_toupper(safe[i]));
    }
    return g_string_free(shown, FALSE);
}

bool decision_client(const char *text, struct network *client)
{
    return !strchr(text, '/') && network_parse(text, client) == NETWORK_OK;
}

static char *describe_network(const struct network *network)
{
    g_autofree char *text = network_format(network);

    return g_strconcat("network\t", text, NULL);
}

/* The source that the message comes from, or NULL when it is none of the entry's. Caller frees. */
static char *find_source(const struct decision_entry *entry, const struct network *client,
                         const char *spki)
{
    for (guint i = 0; i < entry->networks->len; i++) {
        const struct network *network = &g_array_index(entry->networks, struct network, i);
        if (network_contains(network, client))
            return describe_network(network);
    }
    for (guint i = 0; *spki && i < entry->spkis->len; i++)
        if (g_str_equal(g_ptr_array_index(entry->spkis, i), spki))
            return g_strconcat("spki\t", spki, NULL);
    return NULL;
}

/* Text and code stand in the catalogue. */
struct decision *decision_from_findings(const struct findings *findings)
{
    static const enum decision_answer answers[] = {
        [VERDICT_ACCEPT] = DECISION_PERMIT,
        [VERDICT_REFUSE] = DECISION_REFUSE,
        [VERDICT_UNAVAILABLE] = DECISION_UNAVAILABLE,
    };
    const struct finding *finding = findings_at(findings, 0);
    struct decision *decision = g_new0(struct decision, 1);

    decision->answer = answers[findings_verdict(findings)];
    decision->code = finding->code;
    decision->text = g_strdup(finding->text);
    return decision;
}

/* Everything that a text may name, ready to be shown. */
struct shown {
    char *sender, *client, *key, *source;
    const char *portal;
};

/* "web1.example.edu", where addresses in example.edu can be registered. */
static bool is_below(const char *sender, const GPtrArray *domains)
{
    for (guint i = 0; i < domains->len; i++) {
        g_autofree char *end = g_strconcat(".", g_ptr_array_index(domains, i), NULL);
        if (g_str_has_suffix(sender, end))
            return true;
    }
    return false;
}

/* "root", "nagios@localhost". */
static bool has_full_domain(const char *sender)
{
    const char *at = strrchr(sender, '@');

    return at && (strchr(at, '.') || at[1] == '[');
}

/* Whether it could be registered, or why it never can: the rules are those of the form. */
static enum finding_id unregistered_id(const char *sender, const GPtrArray *domains)
{
    auto_ptr(findings) reasons = findings_new();
    g_autofree char *address = address_check(sender, domains->len ? domains : NULL, reasons);

    if (address)
        return FINDING_MESSAGE_SENDER_NOT_REGISTERED;
    if (!has_full_domain(sender))
        return FINDING_MESSAGE_SENDER_NO_DOMAIN;
    if (findings_has(reasons, FINDING_ADDRESS_LITERAL))
        return FINDING_MESSAGE_SENDER_LITERAL;
    if (!findings_has(reasons, FINDING_ADDRESS_DOMAIN))
        return FINDING_MESSAGE_SENDER_UNFIT;
    return is_below(sender, domains) ? FINDING_MESSAGE_SENDER_SUBDOMAIN
                                     : FINDING_MESSAGE_SENDER_FOREIGN;
}

bool decision_can_be_registered(const char *address, const GPtrArray *domains)
{
    return unregistered_id(address, domains) == FINDING_MESSAGE_SENDER_NOT_REGISTERED;
}

static void refuse_unregistered_sender(struct findings *found, const struct decision_policy *policy,
                                       const char *sender, const struct shown *shown)
{
    g_autofree char *all = address_list_domains(policy->domains, SHOWN_DOMAINS);
    g_autofree char *domains = decision_printable(all);
    g_autofree char *normal = address_normalise(sender);

    findings_add(found, unregistered_id(normal, policy->domains), shown->sender, shown->portal,
                 domains, NULL);
}

/* matched: the source, or NULL when none did. */
static void judge(struct findings *found, const struct decision_policy *policy,
                  const struct decision_query *query, const struct decision_entry *entry,
                  const char *matched, const struct shown *shown)
{
    struct network client;

    if (!decision_client(query->client, &client))
        findings_add(found, FINDING_MESSAGE_CLIENT_NOT_AN_ADDRESS, shown->client, NULL);
    else if (!location_holding(policy->locations, &client))
        findings_add(found, FINDING_MESSAGE_OUTSIDE_LOCATIONS, shown->client, shown->portal, NULL);
    else if (!*query->sender && (!policy->null_sender || !matched))
        findings_add(found, FINDING_MESSAGE_NULL_SENDER, shown->client, shown->portal, NULL);
    else if (!entry)
        refuse_unregistered_sender(found, policy, query->sender, shown);
    else if (matched)
        findings_add(found, FINDING_MESSAGE_PERMITTED, shown->sender, shown->source, NULL);
    else if (*shown->key)
        findings_add(found, FINDING_MESSAGE_CERTIFICATE_NOT_REGISTERED, shown->sender, shown->key,
                     shown->client, shown->portal, NULL);
    else
        findings_add(found, FINDING_MESSAGE_SOURCE_NOT_REGISTERED, shown->sender, shown->client,
                     shown->portal, NULL);
}

/* The client as the rules see it: a mapped address is the IPv4 one. */
static char *shown_client(const char *text)
{
    struct network client;

    return decision_client(text, &client) ? network_format_address(&client) : decision_printable(text);
}

bool decision_is_by_certificate(const struct decision *decision)
{
    return decision->source && g_str_has_prefix(decision->source, "spki\t");
}

/* What let it pass: by a certificate from whatever address. */
static char *shown_source(const char *matched, const char *client, const char *key)
{
    return matched && g_str_has_prefix(matched, "spki\t")
               ? g_strconcat("the certificate with key SHA-256 ", key, NULL)
               : g_strdup(client);
}

struct decision *decision_make(const struct decision_policy *policy,
                               const struct decision_query *query,
                               const struct decision_entry *entry)
{
    auto_ptr(findings) found = findings_new();
    g_autofree char *sender = *query->sender ? decision_printable(query->sender) : g_strdup("<>");
    g_autofree char *client = shown_client(query->client);
    g_autofree char *key = decision_fingerprint(
        *query->spki_sha256 ? query->spki_sha256 : query->certificate_sha256);
    g_autofree char *portal = decision_printable(policy->portal);
    struct network address;
    g_autofree char *matched = entry && decision_client(query->client, &address)
                                   ? find_source(entry, &address, query->spki_sha256)
                                   : NULL;
    g_autofree char *source = shown_source(matched, client, key);
    struct shown shown = {sender, client, key, source, portal};
    struct decision *decision;

    judge(found, policy, query, entry, matched, &shown);
    decision = decision_from_findings(found);
    if (decision->answer == DECISION_PERMIT)
        decision->source = g_steal_pointer(&matched);
    return decision;
}

/* The client is inside the locations, and what it may have shown is enough. */
static bool may_have_key(const struct decision_policy *policy, const struct decision_query *query,
                         const struct decision_entry *entry)
{
    struct network client;

    if (!decision_client(query->client, &client) || !location_holding(policy->locations, &client))
        return false;
    return *query->sender ? entry && entry->spkis->len > 0 : policy->null_sender;
}

static struct decision *permit_unseen(const struct decision_query *query)
{
    auto_ptr(findings) found = findings_new();
    g_autofree char *sender = *query->sender ? decision_printable(query->sender) : g_strdup("<>");

    findings_add(found, FINDING_MESSAGE_PERMITTED, sender, "a certificate that is not seen here", NULL);
    return decision_from_findings(found);
}

/* "without a certificate" is more than is known here. */
static struct decision *refuse_address(const struct decision_policy *policy,
                                       const struct decision_query *query)
{
    auto_ptr(findings) found = findings_new();
    g_autofree char *sender = decision_printable(query->sender);
    g_autofree char *client = shown_client(query->client);
    g_autofree char *portal = decision_printable(policy->portal);

    findings_add(found, FINDING_MESSAGE_ADDRESS_NOT_REGISTERED, sender, client, portal, NULL);
    return decision_from_findings(found);
}

struct decision *decision_make_unseen(const struct decision_policy *policy,
                                      const struct decision_query *query,
                                      const struct decision_entry *entry)
{
    const struct decision_query by_address = {query->sender, query->client, "", ""};
    auto_ptr(decision) decision = decision_make(policy, &by_address, entry);
    const char *unregistered = findings_catalogue(FINDING_MESSAGE_SOURCE_NOT_REGISTERED).code;

    if (decision->answer == DECISION_REFUSE && may_have_key(policy, query, entry))
        return permit_unseen(query);
    if (g_str_equal(decision->code, unregistered))
        return refuse_address(policy, query);
    return g_steal_pointer(&decision);
}

struct decision *decision_unavailable(void)
{
    auto_ptr(findings) found = findings_new();

    findings_add(found, FINDING_MESSAGE_UNAVAILABLE, NULL);
    return decision_from_findings(found);
}

bool decision_depends_on_generation(const struct decision *decision)
{
    static const enum finding_id own[] = {
        FINDING_MESSAGE_SENDER_NOT_REGISTERED,      FINDING_MESSAGE_SENDER_SUBDOMAIN,
        FINDING_MESSAGE_SENDER_FOREIGN,             FINDING_MESSAGE_SOURCE_NOT_REGISTERED,
        FINDING_MESSAGE_CERTIFICATE_NOT_REGISTERED, FINDING_MESSAGE_ADDRESS_NOT_REGISTERED};

    for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
        if (g_str_equal(decision->code, findings_catalogue(own[i]).code))
            return true;
    return false;
}

struct decision *decision_not_yet(const char *sender)
{
    auto_ptr(findings) found = findings_new();
    g_autofree char *shown = decision_printable(sender);

    findings_add(found, FINDING_MESSAGE_NOT_ON_RELAY_YET, shown, NULL);
    return decision_from_findings(found);
}

bool decision_is_not_yet(const struct decision *decision)
{
    return g_str_equal(decision->code, findings_catalogue(FINDING_MESSAGE_NOT_ON_RELAY_YET).code);
}

static bool has_all_keys(const struct decision_entry *entry, const GPtrArray *spkis)
{
    for (guint i = 0; i < spkis->len; i++)
        if (!g_ptr_array_find_with_equal_func(entry->spkis, g_ptr_array_index(spkis, i), g_str_equal,
                                              NULL))
            return false;
    return spkis->len > 0;
}

static bool holds_address(const struct decision_entry *entry, const struct network *client)
{
    g_autofree char *source = find_source(entry, client, "");

    return source != NULL;
}

bool decision_same_source(const struct decision_policy *policy, const char *text,
                          const struct decision_entry *sender, const struct decision_entry *author)
{
    struct network client;

    if (!author || !decision_client(text, &client) || !location_holding(policy->locations, &client))
        return false;
    if (holds_address(author, &client))
        return true;
    return sender && !holds_address(sender, &client) && has_all_keys(author, sender->spkis);
}
