/* SPDX-License-Identifier: MIT
 *
 * The verdict over the facts of a certificate: time, key, signature, encoding,
 * purposes, names.
 */
#include "rules/certificate.h"

#include "base/limits.h"
#include "rules/hostname.h"
#include "rules/network.h"

enum {
    SKEW = 5 * 60, /* seconds that a CA's clock may be ahead of ours */
    DAY = 24 * 60 * 60,
    SOON = 7 * DAY,
    RSA_BITS = 2048, /* BR 6.1.5 */
};

static void name_free(gpointer data)
{
    struct certificate_name *name = data;

    g_free(name->text);
    g_free(name);
}

struct certificate_facts *certificate_facts_new(void)
{
    struct certificate_facts *facts = g_new0(struct certificate_facts, 1);

    facts->version = 3;
    facts->serial_fits = true;
    facts->signature_is_usual = true;
    facts->signature_is_consistent = true;
    facts->may_sign = true;
    facts->has_subject = true;
    facts->names = g_ptr_array_new_with_free_func(name_free);
    return facts;
}

void certificate_facts_free(struct certificate_facts *facts)
{
    if (!facts)
        return;
    g_free(facts->subject);
    g_free(facts->key_name);
    g_free(facts->signature_name);
    g_free(facts->unknown_critical);
    g_free(facts->duplicate);
    g_free(facts->purposes_text);
    g_ptr_array_unref(facts->names);
    g_free(facts);
}

void certificate_facts_add_name(struct certificate_facts *facts, enum certificate_name_kind kind,
                                const char *text)
{
    struct certificate_name *name = g_new(struct certificate_name, 1);

    name->kind = kind;
    name->text = g_strdup(text);
    g_ptr_array_add(facts->names, name);
}

/* ---- time -------------------------------------------------------------------------------- */

/* "3 May 2026"; the year alone would not fit a person's calendar, nor the seconds. */
static char *date_text(gint64 time)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(time);

    return date ? g_date_time_format(date, "%-d %B %Y") : g_strdup("a date out of reach");
}

char *certificate_duration(gint64 seconds)
{
    gint64 days = seconds / DAY;
    gint64 hours = seconds / 3600;

    if (days > 0)
        return g_strdup_printf("%" G_GINT64_FORMAT " day%s", days, days == 1 ? "" : "s");
    if (hours == 0)
        return g_strdup("less than an hour");
    return g_strdup_printf("%" G_GINT64_FORMAT " hour%s", hours, hours == 1 ? "" : "s");
}

/*
 * Relative to the lifetime, because certificates live between six days and years:
 * advice when a third is left, urgent in the last week of that.
 */
static void warn_of_end(const struct certificate_facts *leaf, gint64 now, struct findings *findings)
{
    gint64 left = leaf->not_after - now;
    gint64 third = (leaf->not_after - leaf->not_before) / 3;
    g_autofree char *date = date_text(leaf->not_after);
    g_autofree char *duration = certificate_duration(left);

    if (left <= MIN(third, SOON))
        findings_add(findings, FINDING_CERTIFICATE_EXPIRES_SOON, date, duration, NULL);
    else if (left <= third)
        findings_add(findings, FINDING_CERTIFICATE_EXPIRES, date, duration, NULL);
}

static void judge_leaf_time(const struct certificate_facts *leaf, gint64 now,
                            struct findings *findings)
{
    g_autofree char *begin = date_text(leaf->not_before);
    g_autofree char *end = date_text(leaf->not_after);

    if (leaf->not_after <= leaf->not_before)
        findings_add(findings, FINDING_CERTIFICATE_TIME_ORDER, leaf->subject, NULL);
    else if (now > leaf->not_after)
        findings_add(findings, FINDING_CERTIFICATE_EXPIRED, end, NULL);
    else if (now + SKEW < leaf->not_before)
        findings_add(findings, FINDING_CERTIFICATE_NOT_YET, begin, NULL);
    else
        warn_of_end(leaf, now, findings);
}

/* Days that a certificate issued at this time may live (BR 6.3.2); 0 before there was a rule. */
static unsigned longest_life(gint64 not_before)
{
    static const struct {
        gint64 since;
        unsigned days;
    } rules[] = {
        {1868227200, 47},  /* 2029-03-15 */
        {1805068800, 100}, /* 2027-03-15 */
        {1773532800, 200}, /* 2026-03-15 */
        {1598918400, 398}, /* 2020-09-01 */
        {1519862400, 825}, /* 2018-03-01 */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        if (not_before >= rules[i].since)
            return rules[i].days;
    return 0;
}

static void warn_of_lifetime(const struct certificate_facts *leaf, struct findings *findings)
{
    /* The last second belongs to the life (RFC 5280 4.1.2.5). */
    gint64 days = (leaf->not_after - leaf->not_before + DAY) / DAY;
    unsigned most = longest_life(leaf->not_before);
    g_autofree char *life = g_strdup_printf("%" G_GINT64_FORMAT, days);
    g_autofree char *allowed = g_strdup_printf("%u", most);
    g_autofree char *begin = date_text(leaf->not_before);

    if (most > 0 && days > most)
        findings_add(findings, FINDING_CERTIFICATE_LIFETIME, life, allowed, begin, NULL);
}

static void judge_issuer_time(const struct certificate_facts *issuer, gint64 now,
                              struct findings *findings)
{
    g_autofree char *begin = date_text(issuer->not_before);
    g_autofree char *end = date_text(issuer->not_after);

    if (issuer->not_after <= issuer->not_before)
        findings_add(findings, FINDING_CERTIFICATE_TIME_ORDER, issuer->subject, NULL);
    else if (now > issuer->not_after)
        findings_add(findings, FINDING_CERTIFICATE_INTERMEDIATE_EXPIRED, issuer->subject, end,
                     NULL);
    else if (now + SKEW < issuer->not_before)
        findings_add(findings, FINDING_CERTIFICATE_INTERMEDIATE_NOT_YET, issuer->subject, begin,
                     NULL);
}

/* ---- key and signature -------------------------------------------------------------------- */

static bool curve_is_common(const char *curve)
{
    return g_str_equal(curve, "P-256") || g_str_equal(curve, "P-384") ||
           g_str_equal(curve, "P-521");
}

static void judge_key(const struct certificate_facts *facts, struct findings *findings)
{
    bool known = facts->key == CERTIFICATE_KEY_RSA || facts->key == CERTIFICATE_KEY_ED25519 ||
                 (facts->key == CERTIFICATE_KEY_EC && curve_is_common(facts->key_name));
    g_autofree char *size = g_strdup_printf("%s, %u bits", facts->key_name, facts->key_bits);

    if (facts->key == CERTIFICATE_KEY_RSA && facts->key_bits < RSA_BITS)
        findings_add(findings, FINDING_CERTIFICATE_WEAK_KEY, facts->subject, size, NULL);
    else if (facts->key_flaw)
        findings_add(findings, FINDING_CERTIFICATE_FLAWED_KEY, facts->subject, facts->key_flaw,
                     NULL);
    else if (facts->key == CERTIFICATE_KEY_EC && facts->key_bits < 256)
        findings_add(findings, FINDING_CERTIFICATE_WEAK_KEY, facts->subject, size, NULL);
    else if (!known)
        findings_add(findings, FINDING_CERTIFICATE_KEY_KIND, facts->subject, facts->key_name, NULL);
}

static void judge_signature(const struct certificate_facts *facts, struct findings *findings)
{
    if (!facts->signature_is_consistent)
        findings_add(findings, FINDING_CERTIFICATE_ALGORITHM_MISMATCH, facts->subject, NULL);
    else if (facts->signature_is_weak)
        findings_add(findings, FINDING_CERTIFICATE_WEAK_SIGNATURE, facts->subject,
                     facts->signature_name, NULL);
    else if (!facts->signature_is_usual)
        findings_add(findings, FINDING_CERTIFICATE_SIGNATURE_KIND, facts->subject,
                     facts->signature_name, NULL);
}

bool certificate_judge_cost(const struct certificate_facts *facts, struct findings *findings)
{
    bool large = facts->key == CERTIFICATE_KEY_RSA && facts->key_bits > LIMIT_RSA_BITS;
    bool many = facts->names->len > LIMIT_SAN_NAMES;
    g_autofree char *bits = g_strdup_printf("%u", facts->key_bits);
    g_autofree char *names = g_strdup_printf("%u", facts->names->len);

    if (large)
        findings_add(findings, FINDING_CERTIFICATE_LARGE_KEY, facts->subject, bits,
                     G_STRINGIFY(LIMIT_RSA_BITS), NULL);
    if (many)
        findings_add(findings, FINDING_CERTIFICATE_TOO_MANY_NAMES, facts->subject, names,
                     G_STRINGIFY(LIMIT_SAN_NAMES), NULL);
    return !large && !many;
}

/* ---- extensions --------------------------------------------------------------------------- */

static void judge_extensions(const struct certificate_facts *facts, struct findings *findings)
{
    if (facts->duplicate)
        findings_add(findings, FINDING_CERTIFICATE_DUPLICATE_EXTENSION, facts->subject,
                     facts->duplicate, NULL);
    if (facts->unknown_critical)
        findings_add(findings, FINDING_CERTIFICATE_EXTENSION, facts->subject,
                     facts->unknown_critical, NULL);
}

/*
 * Since 2026 public CAs leave clientAuth out, so serverAuth alone has to do; the
 * relay looks at the key and not at the purpose.
 */
static void judge_purposes(const struct certificate_facts *leaf, enum certificate_root root,
                           struct findings *findings)
{
    if (leaf->purposes & CERTIFICATE_ANY)
        findings_add(findings, FINDING_CERTIFICATE_EKU_ANY, NULL);
    else if (leaf->purposes == 0 && root == CERTIFICATE_ROOT_COMMON)
        findings_add(findings, FINDING_CERTIFICATE_EKU_NONE, NULL);
    else if (leaf->purposes != 0 && !(leaf->purposes & (CERTIFICATE_SERVER | CERTIFICATE_CLIENT)))
        findings_add(findings, FINDING_CERTIFICATE_EKU, leaf->purposes_text, NULL);
    if (leaf->purposes_critical)
        findings_add(findings, FINDING_CERTIFICATE_EKU_CRITICAL, NULL);
    if (!leaf->may_sign)
        findings_add(findings, FINDING_CERTIFICATE_KEY_USAGE, NULL);
}

/* ---- names -------------------------------------------------------------------------------- */

/* Letters, digits, hyphens inside (RFC 1123 2.1). */
static bool label_is_good(const char *label)
{
    size_t length = strlen(label);

    return length > 0 && length <= LIMIT_LABEL && label[0] != '-' && label[length - 1] != '-' &&
           strspn(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
               length;
}

/* A host name, or a wildcard for one label left of at least two others. */
static bool dns_name_is_good(const char *name)
{
    bool wildcard = g_str_has_prefix(name, "*.");
    g_auto(GStrv) labels = g_strsplit(wildcard ? name + 2 : name, ".", -1);
    struct network address;

    if (strlen(name) > LIMIT_HOSTNAME || network_parse(name, &address) == NETWORK_OK)
        return false;
    if (!labels[0] || (wildcard && !labels[1]))
        return false;
    for (size_t i = 0; labels[i]; i++)
        if (!label_is_good(labels[i]))
            return false;
    return true;
}

/* No more than that it can be shown and looks like one: nothing is ever sent there. */
static bool mail_name_is_good(const char *name)
{
    const char *at = strrchr(name, '@');

    for (const char *c = name; *c; c++)
        if (!g_ascii_isgraph(*c) || *c == '\\')
            return false;
    return at && at > name && strlen(name) <= LIMIT_ADDRESS && dns_name_is_good(at + 1);
}

static bool name_is_good(const struct certificate_name *name)
{
    struct network address;

    switch (name->kind) {
    case CERTIFICATE_NAME_DNS:
        return dns_name_is_good(name->text);
    case CERTIFICATE_NAME_MAIL:
        return mail_name_is_good(name->text);
    case CERTIFICATE_NAME_ADDRESS:
        return network_parse(name->text, &address) == NETWORK_OK;
    }
    return false;
}

bool certificate_name_matches(const char *presented, const char *host)
{
    const char *dot = strchr(host, '.');

    if (g_str_has_prefix(presented, "*."))
        return dot && dot > host && g_ascii_strcasecmp(presented + 1, dot) == 0;
    return g_ascii_strcasecmp(presented, host) == 0;
}

static bool names_include(const GPtrArray *names, const char *wanted)
{
    struct network address, other;
    bool is_address = network_parse(wanted, &address) == NETWORK_OK;

    for (guint i = 0; i < names->len; i++) {
        const struct certificate_name *name = g_ptr_array_index(names, i);
        if (is_address && name->kind == CERTIFICATE_NAME_ADDRESS &&
            network_parse(name->text, &other) == NETWORK_OK && network_equal(&address, &other))
            return true;
        if (!is_address && name->kind == CERTIFICATE_NAME_DNS &&
            certificate_name_matches(name->text, wanted))
            return true;
    }
    return false;
}

/* The first few names, for a message. */
static char *names_text(const GPtrArray *names)
{
    enum { SHOWN = 5 };
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < MIN(names->len, SHOWN); i++) {
        const struct certificate_name *name = g_ptr_array_index(names, i);
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", name->text);
    }
    if (names->len > SHOWN)
        g_string_append_printf(text, " and %u more", names->len - SHOWN);
    return g_string_free(text, FALSE);
}

static void judge_each_name(const GPtrArray *names, struct findings *findings)
{
    for (guint i = 0; i < names->len; i++) {
        const struct certificate_name *name = g_ptr_array_index(names, i);
        if (name_is_good(name))
            continue;
        /* The first is enough: a thousand alike would bury the rest of the page. */
        findings_add(findings, FINDING_CERTIFICATE_BAD_NAME, name->text, NULL);
        return;
    }
}

static void judge_wanted(const struct certificate_facts *leaf, const char *wanted,
                         struct findings *findings)
{
    g_autofree char *canonical = hostname_canonical(wanted);
    g_autofree char *shown = names_text(leaf->names);

    if (!names_include(leaf->names, canonical ? canonical : wanted))
        findings_add(findings, FINDING_CERTIFICATE_NAME_MISMATCH, wanted, shown, NULL);
}

static void judge_names(const struct certificate_facts *leaf, const char *wanted,
                        struct findings *findings)
{
    if (leaf->names->len == 0)
        findings_add(findings, FINDING_CERTIFICATE_NO_NAMES, NULL);
    else if (wanted)
        judge_wanted(leaf, wanted, findings);
    judge_each_name(leaf->names, findings);
    if (leaf->names_critical && leaf->has_subject)
        findings_add(findings, FINDING_CERTIFICATE_NAMES_CRITICAL, NULL);
}

/* ---- the verdicts ------------------------------------------------------------------------- */

void certificate_judge_leaf(const struct certificate_facts *leaf, enum certificate_root root,
                            gint64 now, const char *name, struct findings *findings)
{
    g_autofree char *version = g_strdup_printf("%u", leaf->version);

    judge_leaf_time(leaf, now, findings);
    /* Times that cannot be read are in no order, and out of all bounds. */
    if (root == CERTIFICATE_ROOT_COMMON && leaf->not_after > leaf->not_before)
        warn_of_lifetime(leaf, findings);
    judge_key(leaf, findings);
    judge_signature(leaf, findings);
    if (!leaf->serial_fits)
        findings_add(findings, FINDING_CERTIFICATE_SERIAL, NULL);
    if (leaf->version != 3) {
        /* Without extensions all that follows would fail, and say the same. */
        findings_add(findings, FINDING_CERTIFICATE_OLD_VERSION, leaf->subject, version, NULL);
        return;
    }
    judge_extensions(leaf, findings);
    if (leaf->has_name_constraints)
        findings_add(findings, FINDING_CERTIFICATE_LEAF_CONSTRAINTS, NULL);
    judge_purposes(leaf, root, findings);
    judge_names(leaf, name, findings);
}

/* An authority that says what it issues for may not issue the leaf for something else. */
static void judge_issuer_purposes(const struct certificate_facts *issuer,
                                  const struct certificate_facts *leaf, struct findings *findings)
{
    unsigned wanted =
        (leaf->purposes & (CERTIFICATE_SERVER | CERTIFICATE_CLIENT)) | CERTIFICATE_ANY;

    if (leaf->purposes == 0)
        wanted |= CERTIFICATE_SERVER | CERTIFICATE_CLIENT;
    if (issuer->purposes != 0 && !(issuer->purposes & wanted))
        findings_add(findings, FINDING_CERTIFICATE_ISSUER_EKU, issuer->subject, NULL);
}

void certificate_judge_issuer(const struct certificate_facts *issuer,
                              const struct certificate_facts *leaf, gint64 now,
                              struct findings *findings)
{
    judge_issuer_time(issuer, now, findings);
    judge_key(issuer, findings);
    judge_signature(issuer, findings);
    judge_extensions(issuer, findings);
    judge_issuer_purposes(issuer, leaf, findings);
}

void certificate_judge_distrust(const char *root, gint64 distrust_after,
                                const struct certificate_facts *leaf, struct findings *findings)
{
    g_autofree char *date = date_text(distrust_after);
    g_autofree char *begin = date_text(leaf->not_before);

    if (distrust_after != 0 && leaf->not_before > distrust_after)
        findings_add(findings, FINDING_CERTIFICATE_ROOT_DISTRUSTED, root, date, begin, NULL);
}

void certificate_judge_root(const struct certificate_facts *root, gint64 distrust_after,
                            const struct certificate_facts *leaf, gint64 now,
                            struct findings *findings)
{
    judge_issuer_time(root, now, findings);
    judge_issuer_purposes(root, leaf, findings);
    certificate_judge_distrust(root->subject, distrust_after, leaf, findings);
}
