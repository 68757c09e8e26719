/* SPDX-License-Identifier: MIT
 *
 * OpenSSL says all that it has against a path, not only the first; the rules
 * say what they can say better: time, keys, signature algorithms, purposes.
 */
#include "adapters/certificate/verify.h"

#include "adapters/certificate/facts.h"
#include "adapters/certificate/names.h"
#include "base/limits.h"

enum { SECURITY_LEVEL = 2 }; /* 112 bits: RSA 2048 and SHA-256 pass, SHA-1 does not */

/* One complaint of OpenSSL. */
struct complaint {
    int error;
    int depth; /* 0 is the leaf */
};

static void facts_release(gpointer facts)
{
    certificate_facts_free(facts);
}

GHashTable *verify_facts_new(void)
{
    return g_hash_table_new_full(NULL, NULL, NULL, facts_release);
}

const struct certificate_facts *verify_facts(const struct verify *verify, X509 *certificate)
{
    struct certificate_facts *facts = g_hash_table_lookup(verify->known, certificate);

    if (!facts) {
        facts = facts_read(certificate);
        g_hash_table_insert(verify->known, certificate, facts);
    }
    return facts;
}

static void blame(const struct verify *verify, X509 *certificate)
{
    g_hash_table_add(verify->bad, certificate);
}

/* ---- asking OpenSSL ------------------------------------------------------------------------ */

/* Goes on after every complaint, so that a person is told all of them at once. */
static int collect(int good, X509_STORE_CTX *context)
{
    GArray *complaints = X509_STORE_CTX_get_app_data(context);
    struct complaint complaint = {
        X509_STORE_CTX_get_error(context),
        X509_STORE_CTX_get_error_depth(context),
    };

    if (!good)
        g_array_append_val(complaints, complaint);
    return 1;
}

/* Certificates of the list from an index on; only the list's are owned. NULL without memory. */
static BorrowedCertificates *borrow(const GPtrArray *certificates, guint from)
{
    BorrowedCertificates *stack = sk_X509_new_reserve(NULL, (int)certificates->len);

    for (guint i = from; stack && i < certificates->len; i++)
        sk_X509_push(stack, g_ptr_array_index(certificates, i));
    return stack;
}

static void set_policy(X509_STORE_CTX *context, gint64 now)
{
    X509_VERIFY_PARAM *policy = X509_STORE_CTX_get0_param(context);

    X509_VERIFY_PARAM_set_flags(policy, X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_auth_level(policy, SECURITY_LEVEL);
    X509_VERIFY_PARAM_set_depth(policy, LIMIT_PATH_DEPTH);
    X509_VERIFY_PARAM_set_time(policy, (time_t)now);
}

/* In place of OpenSSL's own look at signatures, and at times, which the rules judge. */
static int pass_signatures(X509_STORE_CTX *context G_GNUC_UNUSED)
{
    return 1;
}

/* The chain that OpenSSL built (of X509 *, owned). */
static GPtrArray *chain_of(X509_STORE_CTX *context)
{
    GPtrArray *chain = g_ptr_array_new_with_free_func(x509_release);
    STACK_OF(X509) *built = X509_STORE_CTX_get0_chain(context);

    for (int i = 0; i < sk_X509_num(built); i++) {
        X509_up_ref(sk_X509_value(built, i));
        g_ptr_array_add(chain, sk_X509_value(built, i));
    }
    return chain;
}

/* Trouble inside; it has to count whatever else was said. */
static void complain(GArray *complaints)
{
    struct complaint complaint = {X509_V_ERR_UNSPECIFIED, 0};

    g_array_append_val(complaints, complaint);
}

/*
 * The chain that OpenSSL built; may be empty. quick: without the signatures, which are known
 * already; many paths are tried, and few are good.
 */
static GPtrArray *ask(const struct verify *verify, const GPtrArray *path, X509 *anchor, bool quick,
                      GArray *complaints)
{
    g_autoptr(X509_STORE_CTX) context = X509_STORE_CTX_new();
    g_autoptr(BorrowedCertificates) untrusted = borrow(path, 1);
    g_autoptr(BorrowedCertificates) trusted = sk_X509_new_null();

    if (!context || !untrusted || !sk_X509_push(trusted, anchor) ||
        !X509_STORE_CTX_init(context, NULL, g_ptr_array_index(path, 0), untrusted) ||
        !X509_STORE_CTX_set_app_data(context, complaints)) {
        complain(complaints);
        return g_ptr_array_new();
    }
    X509_STORE_CTX_set0_trusted_stack(context, trusted);
    X509_STORE_CTX_set_verify_cb(context, collect);
    set_policy(context, verify->now);
    if (quick)
        X509_STORE_CTX_set_verify(context, pass_signatures);
    /* No complaint stops it. */
    if (X509_verify_cert(context) != 1)
        complain(complaints);
    return chain_of(context);
}

/* ---- saying it to a person ------------------------------------------------------------------ */

/* Who says what a complaint means. */
enum judge {
    JUDGE_RULES,   /* the rules, from the facts; if they have nothing, FINDING_CERTIFICATE_PATH */
    JUDGE_TIME,    /* the rules alone: some skew is allowed, and the last second counts */
    JUDGE_HERE,    /* the finding of the table, about the certificate */
    JUDGE_STRICT,  /* OpenSSL's own words, about any certificate but the anchor */
    JUDGE_OPENSSL, /* OpenSSL's own words */
};

static const struct {
    int error;
    enum judge judge;
    enum finding_id id;
} meanings[] = {
    {X509_V_ERR_CERT_NOT_YET_VALID, JUDGE_TIME, 0},
    {X509_V_ERR_CERT_HAS_EXPIRED, JUDGE_TIME, 0},
    {X509_V_ERR_EE_KEY_TOO_SMALL, JUDGE_RULES, 0},
    {X509_V_ERR_CA_KEY_TOO_SMALL, JUDGE_RULES, 0},
    {X509_V_ERR_CA_MD_TOO_WEAK, JUDGE_RULES, 0},
    {X509_V_ERR_EC_KEY_EXPLICIT_PARAMS, JUDGE_RULES, 0},
    {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, JUDGE_RULES, 0},
    {X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY, JUDGE_RULES, 0},
    {X509_V_ERR_CA_BCONS_NOT_CRITICAL, JUDGE_STRICT, 0},
    {X509_V_ERR_CA_CERT_MISSING_KEY_USAGE, JUDGE_STRICT, 0},
    {X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER, JUDGE_STRICT, 0},
    {X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER, JUDGE_STRICT, 0},
    {X509_V_ERR_AUTHORITY_KEY_IDENTIFIER_CRITICAL, JUDGE_STRICT, 0},
    {X509_V_ERR_SUBJECT_KEY_IDENTIFIER_CRITICAL, JUDGE_STRICT, 0},
    {X509_V_ERR_UNSPECIFIED, JUDGE_RULES, 0},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, JUDGE_HERE, FINDING_CERTIFICATE_SIGNATURE},
    {X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, JUDGE_HERE, FINDING_CERTIFICATE_SIGNATURE},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, JUDGE_HERE, FINDING_CERTIFICATE_PATH_LENGTH},
    {X509_V_ERR_PERMITTED_VIOLATION, JUDGE_HERE, FINDING_CERTIFICATE_NAME_CONSTRAINTS},
    {X509_V_ERR_EXCLUDED_VIOLATION, JUDGE_HERE, FINDING_CERTIFICATE_NAME_CONSTRAINTS},
    {X509_V_ERR_INVALID_CA, JUDGE_HERE, FINDING_CERTIFICATE_NOT_A_CA},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, JUDGE_HERE, FINDING_CERTIFICATE_NOT_A_CA},
};

static enum judge judge_of(int error, enum finding_id *id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(meanings); i++) {
        if (meanings[i].error != error)
            continue;
        *id = meanings[i].id;
        return meanings[i].judge;
    }
    return JUDGE_OPENSSL;
}

static void add_here(enum finding_id id, X509 *certificate, struct findings *findings)
{
    g_autofree char *subject = facts_subject(certificate);
    g_autofree char *issuer = names_of(X509_get_issuer_name(certificate));

    if (!findings_has(findings, id))
        findings_add(findings, id, subject, issuer, NULL);
}

static void add_encoding(int error, X509 *certificate, struct findings *findings)
{
    g_autofree char *subject = facts_subject(certificate);

    if (!findings_has(findings, FINDING_CERTIFICATE_ENCODING))
        findings_add(findings, FINDING_CERTIFICATE_ENCODING, subject,
                     X509_verify_cert_error_string(error), NULL);
}

/* True when it is up to the rules whether this one counts. */
static bool translate(const struct verify *verify, const struct complaint *complaint,
                      const GPtrArray *chain, X509 *anchor, struct findings *findings)
{
    guint depth = MIN((guint)MAX(complaint->depth, 0), chain->len - 1);
    X509 *certificate = g_ptr_array_index(chain, depth);
    enum finding_id id = FINDING_CERTIFICATE_PATH;

    switch (judge_of(complaint->error, &id)) {
    case JUDGE_HERE:
        add_here(id, certificate, findings);
        if (id == FINDING_CERTIFICATE_NOT_A_CA)
            blame(verify, certificate);
        return false;
    case JUDGE_STRICT:
        /* The anchor's own encoding is the store's business: old roots lack what is asked today. */
        if (certificate != anchor) {
            add_encoding(complaint->error, certificate, findings);
            blame(verify, certificate);
        }
        return false;
    case JUDGE_OPENSSL:
        add_encoding(complaint->error, certificate, findings);
        return false;
    case JUDGE_TIME:
        return false;
    case JUDGE_RULES:
        return true;
    }
    return true;
}

/* What OpenSSL refuses is refused, even if the rules should not see why. */
static void back_up(const struct verify *verify, const struct complaint *complaint,
                    struct findings *findings)
{
    auto_ptr(findings) leaf = findings_new();

    certificate_judge_leaf(verify->leaf, CERTIFICATE_ROOT_UNKNOWN, verify->now, NULL, leaf);
    if (findings_verdict(findings) == VERDICT_ACCEPT && findings_verdict(leaf) == VERDICT_ACCEPT)
        findings_add(findings, FINDING_CERTIFICATE_PATH,
                     X509_verify_cert_error_string(complaint->error), NULL);
}

static void judge_openssl(const struct verify *verify, const GPtrArray *path, X509 *anchor,
                          bool quick, struct findings *findings)
{
    g_autoptr(GArray) complaints = g_array_new(FALSE, FALSE, sizeof(struct complaint));
    g_autoptr(GPtrArray) chain = ask(verify, path, anchor, quick, complaints);
    const struct complaint *for_rules = NULL;

    for (guint i = 0; i < complaints->len; i++) {
        const struct complaint *one = &g_array_index(complaints, struct complaint, i);
        if (chain->len == 0 || translate(verify, one, chain, anchor, findings))
            for_rules = one;
    }
    if (chain->len < 2 || g_ptr_array_index(chain, chain->len - 1) != anchor)
        findings_add(findings, FINDING_CERTIFICATE_PATH, "it ends before the root", NULL);
    if (for_rules)
        back_up(verify, for_rules, findings);
}

/* ---- what the rules say of each certificate ------------------------------------------------- */

static void judge_issuers(const struct verify *verify, const GPtrArray *path,
                          struct findings *findings)
{
    for (guint i = 1; i < path->len; i++) {
        X509 *issuer = g_ptr_array_index(path, i);
        size_t before = findings_count(findings);
        certificate_judge_issuer(verify_facts(verify, issuer), verify->leaf, verify->now, findings);
        if (findings_count(findings) > before)
            blame(verify, issuer);
    }
}

static void judge_anchor(const struct verify *verify, const struct anchor *anchor,
                         struct findings *findings)
{
    size_t before = findings_count(findings);

    certificate_judge_root(verify_facts(verify, anchor->certificate), anchor->distrust_after,
                           verify->leaf, verify->now, findings);
    if (findings_count(findings) > before)
        blame(verify, anchor->certificate);
}

static void add_malformed(X509 *authority, const char *what, struct findings *findings)
{
    g_autofree char *subject = facts_subject(authority);

    findings_add(findings, FINDING_CERTIFICATE_ENCODING, subject, what, NULL);
}

/*
 * Constraints that begin with a dot are common in private authorities, where everybody
 * knows what they mean; no public one has them.
 */
static void judge_constraints(const struct verify *verify, X509 *leaf, X509 *authority, bool added,
                              struct findings *findings)
{
    enum constraints_answer answer =
        constraints_ask(verify->constraints, authority, leaf, verify->leaf);

    if (answer == CONSTRAINTS_FORBID)
        add_here(FINDING_CERTIFICATE_NAME_CONSTRAINTS, leaf, findings);
    else if (answer == CONSTRAINTS_UNREADABLE)
        add_malformed(authority, "its name constraints cannot be compared with the names below it",
                      findings);
    else if (answer == CONSTRAINTS_MALFORMED && !added)
        add_malformed(authority, "a DNS name in its name constraints begins with a dot", findings);
    else
        return;
    blame(verify, authority);
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* All certificates of a path, the anchor too; borrowed. */
static GPtrArray *whole(const GPtrArray *path, const struct anchor *anchor)
{
    GPtrArray *chain = g_ptr_array_new();

    g_ptr_array_extend(chain, (GPtrArray *)path, NULL, NULL);
    g_ptr_array_add(chain, anchor->certificate);
    return chain;
}

bool verify_path(const struct verify *verify, const GPtrArray *path, const struct anchor *anchor,
                 struct findings *findings)
{
    g_autoptr(GPtrArray) chain = whole(path, anchor);
    X509 *leaf = g_ptr_array_index(path, 0);

    if (!constraints_pay(verify->constraints, chain)) {
        findings_add(findings, FINDING_CERTIFICATE_PATH,
                     "its names and the name constraints of its authorities are too many", NULL);
        return false;
    }
    judge_issuers(verify, path, findings);
    judge_anchor(verify, anchor, findings);
    for (guint i = 1; i < chain->len; i++)
        judge_constraints(verify, leaf, g_ptr_array_index(chain, i), anchor->added, findings);
    judge_openssl(verify, path, anchor->certificate, true, findings);
    if (findings_count(findings) == 0)
        judge_openssl(verify, path, anchor->certificate, false, findings);
    return findings_count(findings) == 0;
}
