/* SPDX-License-Identifier: MIT
 *
 * Path building: OpenSSL takes the first issuer that fits and never goes back
 * (its issue 18708), so a cross-signed bundle may fail by its order. Here the
 * certificates and who signed whom are a graph; paths are looked for in it, the
 * shortest first, and OpenSSL verifies one whole path at a time.
 *
 * Forty certificates of authorities that all signed each other have millions of
 * paths. So nothing is tried that can lead nowhere: a certificate that was found
 * bad by itself is on no further path, nor is one from which no root is near
 * enough, nor the same authority twice.
 */
#include "adapters/certificate/path.h"

#include "adapters/certificate/absent.h"
#include "adapters/certificate/constraints.h"
#include "adapters/certificate/facts.h"
#include "adapters/certificate/leaf.h"
#include "adapters/certificate/names.h"
#include "adapters/certificate/signature.h"
#include "adapters/certificate/verify.h"
#include "base/limits.h"

enum { UNREACHABLE = G_MAXUINT };

/* What the certificates are to each other that stand above one, besides having signed it. */
enum above {
    ABOVE_NONE,     /* none has the issuer's name */
    ABOVE_REKEYED,  /* the issuer's name, but by its identifier another one */
    ABOVE_FORGED,   /* name and identifier, but it did not sign */
    ABOVE_UNUSABLE, /* name and identifier, but its key is of a kind that cannot be used */
    ABOVE_SIGNER,
};

struct node {
    X509 *certificate;
    guint authority;    /* index of the first node of the same name and key */
    guint depth;        /* steps from the leaf; UNREACHABLE until it was stepped on */
    guint distance;     /* the fewest intermediates above it on a way to an anchor */
    GPtrArray *issuers; /* of struct node: signed it; borrowed */
    GPtrArray *anchors; /* of const struct anchor: signed it; borrowed */
    enum above above;   /* the best of those that the upload holds */
    X509 *unusable;     /* when above is ABOVE_UNUSABLE: that one */
};

struct search {
    const struct trust *trust;
    GPtrArray *nodes; /* of struct node; the leaf is the first */
    struct signatures *signatures;
    struct verify verify;
    GPtrArray *path; /* of struct node: the leaf and what has been put on top of it */
    guint length;    /* intermediates of the paths that are tried now */
    bool lax;        /* also those that have more intermediates than an authority allows */
    guint attempts;
    guint steps;
    bool found;
    enum certificate_root root;
    struct findings *best; /* of the best path so far that is not good; NULL before the first */
};

/* ---- the graph ----------------------------------------------------------------------------- */

static void node_free(gpointer data)
{
    struct node *node = data;

    g_ptr_array_unref(node->issuers);
    g_ptr_array_unref(node->anchors);
    g_free(node);
}

static void add_node(GPtrArray *nodes, X509 *certificate)
{
    struct node *node = g_new0(struct node, 1);

    node->certificate = certificate;
    node->depth = UNREACHABLE;
    node->issuers = g_ptr_array_new();
    node->anchors = g_ptr_array_new();
    g_ptr_array_add(nodes, node);
}

static GPtrArray *nodes_of(X509 *leaf, const GPtrArray *bundle, const GPtrArray *known)
{
    GPtrArray *nodes = g_ptr_array_new_with_free_func(node_free);

    add_node(nodes, leaf);
    for (guint i = 0; i < bundle->len; i++)
        if (g_ptr_array_index(bundle, i) != leaf)
            add_node(nodes, g_ptr_array_index(bundle, i));
    for (guint i = 0; i < known->len; i++)
        add_node(nodes, g_ptr_array_index(known, i));
    return nodes;
}

static bool is_self_signed(X509 *certificate)
{
    return X509_get_extension_flags(certificate) & EXFLAG_SS;
}

static bool is_named(X509 *certificate, X509 *issuer)
{
    return X509_NAME_cmp(X509_get_issuer_name(certificate), X509_get_subject_name(issuer)) == 0;
}

static enum above look(struct search *search, X509 *certificate, X509 *issuer)
{
    if (!is_named(certificate, issuer))
        return ABOVE_NONE;
    if (!leaf_is_issued_by(certificate, issuer))
        return ABOVE_REKEYED;
    if (!X509_get0_pubkey(issuer))
        return ABOVE_UNUSABLE;
    return signatures_fit(search->signatures, certificate, issuer) ? ABOVE_SIGNER : ABOVE_FORGED;
}

static void find_anchors(struct search *search, struct node *node)
{
    const GPtrArray *anchors = search->trust->anchors;

    for (guint i = 0; i < anchors->len; i++) {
        struct anchor *anchor = g_ptr_array_index(anchors, i);
        enum above above = look(search, node->certificate, anchor->certificate);
        if (above == ABOVE_SIGNER)
            g_ptr_array_add(node->anchors, anchor);
        else if (above == ABOVE_FORGED)
            node->above = MAX(node->above, above);
    }
}

static void find_issuers(struct search *search, struct node *node)
{
    for (guint i = 1; i < search->nodes->len; i++) {
        struct node *other = g_ptr_array_index(search->nodes, i);
        enum above above =
            other == node ? ABOVE_NONE : look(search, node->certificate, other->certificate);
        if (above == ABOVE_SIGNER)
            g_ptr_array_add(node->issuers, other);
        if (above == ABOVE_UNUSABLE)
            node->unusable = other->certificate;
        node->above = MAX(node->above, above);
    }
}

static bool is_same_authority(struct search *search, X509 *a, X509 *b)
{
    return X509_NAME_cmp(X509_get_subject_name(a), X509_get_subject_name(b)) == 0 &&
           signatures_same_key(search->signatures, a, b);
}

/* The index of the first node of the same name and key that was stepped on; index: its own. */
static guint authority_of(struct search *search, const struct node *node, guint index)
{
    for (guint i = 0; i < index; i++) {
        const struct node *other = g_ptr_array_index(search->nodes, i);
        if (other->depth != UNREACHABLE &&
            is_same_authority(search, other->certificate, node->certificate))
            return i;
    }
    return index;
}

static void name_authorities(struct search *search)
{
    for (guint i = 0; i < search->nodes->len; i++) {
        struct node *node = g_ptr_array_index(search->nodes, i);
        if (node->depth != UNREACHABLE)
            node->authority = authority_of(search, node, i);
    }
}

/* Steps on each certificate that is above the leaf, the nearest first. */
static void explore(struct search *search)
{
    g_autoptr(GPtrArray) queue = g_ptr_array_new();
    struct node *leaf = g_ptr_array_index(search->nodes, 0);

    leaf->depth = 0;
    g_ptr_array_add(queue, leaf);
    for (guint i = 0; i < queue->len; i++) {
        struct node *node = g_ptr_array_index(queue, i);
        if (is_self_signed(node->certificate))
            continue;
        find_anchors(search, node);
        find_issuers(search, node);
        for (guint j = 0; j < node->issuers->len; j++) {
            struct node *issuer = g_ptr_array_index(node->issuers, j);
            if (issuer->depth != UNREACHABLE)
                continue;
            issuer->depth = node->depth + 1;
            g_ptr_array_add(queue, issuer);
        }
    }
}

/* ---- how far it is to an anchor -------------------------------------------------------------- */

static bool is_bad(const struct search *search, X509 *certificate)
{
    return g_hash_table_contains(search->verify.bad, certificate);
}

static guint distance_of(const struct search *search, const struct node *node)
{
    guint distance = UNREACHABLE;

    if (is_bad(search, node->certificate))
        return UNREACHABLE;
    for (guint i = 0; i < node->anchors->len; i++) {
        const struct anchor *anchor = g_ptr_array_index(node->anchors, i);
        if (!is_bad(search, anchor->certificate))
            return 0;
    }
    for (guint i = 0; i < node->issuers->len; i++) {
        const struct node *issuer = g_ptr_array_index(node->issuers, i);
        if (issuer->distance != UNREACHABLE)
            distance = MIN(distance, issuer->distance + 1);
    }
    return distance;
}

/* Again after each certificate that turned out to be bad. */
static void measure(struct search *search)
{
    bool changed = true;

    for (guint i = 0; i < search->nodes->len; i++)
        ((struct node *)g_ptr_array_index(search->nodes, i))->distance = UNREACHABLE;
    while (changed) {
        changed = false;
        for (guint i = 0; i < search->nodes->len; i++) {
            struct node *node = g_ptr_array_index(search->nodes, i);
            guint distance = distance_of(search, node);
            changed |= distance != node->distance;
            node->distance = distance;
        }
    }
}

static guint distance_to_anchor(const struct search *search)
{
    return ((const struct node *)g_ptr_array_index(search->nodes, 0))->distance;
}

/* ---- one whole path ------------------------------------------------------------------------- */

static GPtrArray *certificates_of(const GPtrArray *path)
{
    GPtrArray *certificates = g_ptr_array_new();

    for (guint i = 0; i < path->len; i++)
        g_ptr_array_add(certificates,
                        ((const struct node *)g_ptr_array_index(path, i))->certificate);
    return certificates;
}

/* True when it is good. */
static bool try_anchor(struct search *search, const struct anchor *anchor)
{
    g_autoptr(GPtrArray) path = certificates_of(search->path);
    auto_ptr(findings) findings = findings_new();

    search->attempts++;
    search->found = verify_path(&search->verify, path, anchor, findings);
    if (search->found || !search->best || findings_count(findings) < findings_count(search->best)) {
        findings_free(search->best);
        search->best = g_steal_pointer(&findings);
        search->root = anchor->added ? CERTIFICATE_ROOT_ADDED : CERTIFICATE_ROOT_COMMON;
    }
    return search->found;
}

/* ---- the search ----------------------------------------------------------------------------- */

static bool is_exhausted(const struct search *search)
{
    return search->attempts >= LIMIT_PATH_ATTEMPTS || search->steps >= LIMIT_PATH_STEPS;
}

/* Whether this round is over: something was found, one more is bad, or it was long enough. */
static bool is_over(const struct search *search, guint bad)
{
    return search->found || is_exhausted(search) || g_hash_table_size(search->verify.bad) != bad;
}

/* The same authority twice makes a path longer, and no better. */
static bool is_on_path(const struct search *search, const struct node *node)
{
    for (guint i = 0; i < search->path->len; i++)
        if (((const struct node *)g_ptr_array_index(search->path, i))->authority == node->authority)
            return true;
    return false;
}

/* Intermediates below, as RFC 5280 4.2.1.9 counts them: not those that name themselves. */
static bool allows_length(const struct search *search, const struct node *node)
{
    long most = X509_get_pathlen(node->certificate);
    long below = 0;

    for (guint i = 1; i < search->path->len; i++) {
        const struct node *other = g_ptr_array_index(search->path, i);
        below += !(X509_get_extension_flags(other->certificate) & EXFLAG_SI);
    }
    return search->lax || most < 0 || below <= most;
}

static bool is_worth_a_step(const struct search *search, const struct node *issuer)
{
    guint used = search->path->len; /* intermediates, with this one */

    return issuer->distance != UNREACHABLE && used + issuer->distance <= search->length &&
           !is_on_path(search, issuer) && allows_length(search, issuer);
}

static void extend(struct search *search, guint bad);

static void try_issuer(struct search *search, struct node *issuer, guint bad)
{
    search->steps++;
    g_ptr_array_add(search->path, issuer);
    extend(search, bad);
    g_ptr_array_set_size(search->path, (int)search->path->len - 1);
}

/* All paths of the present length that begin with what is there. */
static void extend(struct search *search, guint bad)
{
    const struct node *last = g_ptr_array_index(search->path, search->path->len - 1);

    if (search->path->len - 1 == search->length) {
        for (guint i = 0; i < last->anchors->len && !is_over(search, bad); i++)
            try_anchor(search, g_ptr_array_index(last->anchors, i));
        return;
    }
    for (guint i = 0; i < last->issuers->len && !is_over(search, bad); i++) {
        struct node *issuer = g_ptr_array_index(last->issuers, i);
        if (is_worth_a_step(search, issuer))
            try_issuer(search, issuer, bad);
    }
}

/* One round: the shortest first, until something is found, or found to be bad. */
static void try_lengths(struct search *search)
{
    guint bad = g_hash_table_size(search->verify.bad);

    measure(search);
    for (search->length = distance_to_anchor(search);
         search->length <= LIMIT_PATH_DEPTH && !is_over(search, bad); search->length++)
        extend(search, bad);
}

static void try_all(struct search *search)
{
    guint bad;

    do {
        bad = g_hash_table_size(search->verify.bad);
        try_lengths(search);
    } while (!search->found && !is_exhausted(search) &&
             g_hash_table_size(search->verify.bad) != bad);
}

/* ---- saying it to a person ------------------------------------------------------------------- */

/* The farthest certificate that nothing in reach has signed; NULL when all have their issuers. */
static const struct node *dead_end(const struct search *search)
{
    const struct node *end = NULL;

    for (guint i = 0; i < search->nodes->len; i++) {
        const struct node *node = g_ptr_array_index(search->nodes, i);
        if (node->depth != UNREACHABLE && node->issuers->len == 0 && node->anchors->len == 0 &&
            (!end || node->depth > end->depth))
            end = node;
    }
    return end;
}

/* An issuer has to have a name (RFC 5280 4.1.2.4); without one nothing can be looked for. */
static char *issuer_text(X509 *certificate)
{
    const X509_NAME *issuer = X509_get_issuer_name(certificate);

    return X509_NAME_entry_count(issuer) > 0 ? names_of(issuer) : g_strdup("without a name");
}

/* ", subject key identifier 0A:1B..., serial number 1c", as far as the certificate says which. */
static char *wanted_issuer(X509 *certificate)
{
    const ASN1_OCTET_STRING *identifier = X509_get0_authority_key_id(certificate);
    const ASN1_INTEGER *serial = X509_get0_authority_serial(certificate);
    char *digits = identifier ? i2s_ASN1_OCTET_STRING(NULL, identifier) : NULL;
    char *number = serial ? i2s_ASN1_INTEGER(NULL, serial) : NULL;
    char *text = g_strconcat(digits ? ", subject key identifier " : "", digits ? digits : "",
                             number ? ", serial number " : "", number ? number : "", NULL);

    OPENSSL_free(digits);
    OPENSSL_free(number);
    return text;
}

/* Of the leaf itself the rules have said it already. */
static void explain_forged(const struct search *search, const struct node *end, const char *subject,
                           const char *issuer, struct findings *findings)
{
    const struct certificate_facts *facts = verify_facts(&search->verify, end->certificate);

    if (facts->signature_is_consistent && facts->signature_is_usual)
        findings_add(findings, FINDING_CERTIFICATE_SIGNATURE, subject, issuer, NULL);
    else if (end->depth > 0)
        certificate_judge_issuer(facts, search->verify.leaf, search->verify.now, findings);
}

static bool explain_unusable_root(const struct search *search, X509 *end, const char *issuer,
                                  struct findings *findings)
{
    const GPtrArray *unusable = search->trust->unusable;

    for (guint i = 0; i < unusable->len; i++) {
        const struct unusable_root *root = g_ptr_array_index(unusable, i);
        if (!is_named(end, root->certificate))
            continue;
        findings_add(findings, FINDING_CERTIFICATE_ROOT_UNUSABLE, issuer, root->reason, NULL);
        return true;
    }
    return false;
}

static void explain_dead_end(const struct search *search, const struct node *end,
                             struct findings *findings)
{
    g_autofree char *subject = facts_subject(end->certificate);
    g_autofree char *issuer = issuer_text(end->certificate);
    g_autofree char *which = wanted_issuer(end->certificate);

    if (explain_unusable_root(search, end->certificate, issuer, findings))
        return;
    if (is_self_signed(end->certificate))
        findings_add(findings, FINDING_CERTIFICATE_UNTRUSTED_ROOT, subject, NULL);
    else if (end->above == ABOVE_UNUSABLE)
        certificate_judge_issuer(verify_facts(&search->verify, end->unusable), search->verify.leaf,
                                 search->verify.now, findings);
    else if (end->above == ABOVE_FORGED)
        explain_forged(search, end, subject, issuer, findings);
    else if (end->above == ABOVE_REKEYED)
        findings_add(findings, FINDING_CERTIFICATE_ISSUER_KEY, subject, issuer, which, NULL);
    else
        findings_add(findings, FINDING_CERTIFICATE_MISSING_INTERMEDIATE, subject, issuer, NULL);
}

/* ---- a root that is known and not here ------------------------------------------------------- */

static bool has_issuer_flaw(const struct search *search, const struct node *node)
{
    auto_ptr(findings) flaws = findings_new();

    if (node->depth > 0)
        certificate_judge_issuer(verify_facts(&search->verify, node->certificate),
                                 search->verify.leaf, search->verify.now, flaws);
    return findings_count(flaws) > 0 || is_bad(search, node->certificate);
}

/* The leaf, and what stands above it with nothing wrong in between; the nearest first. */
static GPtrArray *sound_nodes(const struct search *search)
{
    GPtrArray *sound = g_ptr_array_new();

    g_ptr_array_add(sound, g_ptr_array_index(search->nodes, 0));
    for (guint i = 0; i < sound->len; i++) {
        const struct node *node = g_ptr_array_index(sound, i);
        for (guint j = 0; j < node->issuers->len; j++) {
            struct node *issuer = g_ptr_array_index(node->issuers, j);
            if (!g_ptr_array_find(sound, issuer, NULL) && !has_issuer_flaw(search, issuer))
                g_ptr_array_add(sound, issuer);
        }
    }
    return sound;
}

/* One of the nodes that leads to such a root; trusted: that may have issued the leaf. */
static const struct known_root *find_absent(const struct search *search, const GPtrArray *nodes,
                                            bool trusted, const struct node **below)
{
    for (guint i = 0; i < nodes->len; i++) {
        const struct node *node = g_ptr_array_index(nodes, i);
        const struct known_root *root = absent_root(search->trust, node->certificate);
        auto_ptr(findings) distrust = findings_new();
        if (!root || node->depth == UNREACHABLE || node->above == ABOVE_FORGED ||
            node->above == ABOVE_UNUSABLE)
            continue;
        certificate_judge_distrust(root->name, roots_distrust_after(root), search->verify.leaf,
                                   distrust);
        *below = node;
        if (!trusted || findings_count(distrust) == 0)
            return root;
    }
    return NULL;
}

/* The root itself, where the upload has it; else NULL. */
static X509 *find_itself(const struct search *search, const struct known_root *root)
{
    for (guint i = 0; i < search->nodes->len; i++) {
        const struct node *node = g_ptr_array_index(search->nodes, i);
        g_autofree char *sha256 = facts_sha256(node->certificate);
        if (g_str_equal(sha256, root->sha256))
            return node->certificate;
    }
    return NULL;
}

/* Its own faults, where the upload has it, and its end of trust come before its absence. */
static void add_root(const struct search *search, const struct known_root *root, const char *name,
                     struct findings *findings)
{
    X509 *itself = find_itself(search, root);
    g_autofree char *store = trust_store_text(search->trust);
    gint64 distrust_after = roots_distrust_after(root);

    if (itself)
        certificate_judge_root(verify_facts(&search->verify, itself), distrust_after,
                               search->verify.leaf, search->verify.now, findings);
    else
        certificate_judge_distrust(name, distrust_after, search->verify.leaf, findings);
    if (findings_count(findings) == 0)
        findings_add(findings, FINDING_CERTIFICATE_ROOT_ABSENT, name, store, NULL);
}

static void add_absent(const struct search *search, const struct node *below,
                       const struct known_root *root, struct findings *findings)
{
    auto_ptr(findings) mine = findings_new();
    bool itself = is_self_signed(below->certificate);
    g_autofree char *name = names_of(X509_get_issuer_name(below->certificate));

    add_root(search, root, name, mine);
    if (!itself && below->depth > 0)
        certificate_judge_issuer(verify_facts(&search->verify, below->certificate),
                                 search->verify.leaf, search->verify.now, mine);
    findings_take(findings, mine);
}

/*
 * Where all would be well with that root, it is what has to be said, whatever the paths that
 * were tried lack; where there was none to try, also what is wrong on the way.
 */
static bool explain_absent(const struct search *search, struct findings *findings)
{
    g_autoptr(GPtrArray) sound = sound_nodes(search);
    const struct node *below = NULL;
    const struct known_root *root = find_absent(search, sound, true, &below);

    if (!root && !search->best)
        root = find_absent(search, search->nodes, false, &below);
    if (root)
        add_absent(search, below, root, findings);
    return root != NULL;
}

/* ---- what is wrong ----------------------------------------------------------------------- */

static void explain(struct search *search, struct findings *findings)
{
    const struct node *end = dead_end(search);

    if (explain_absent(search, findings))
        return;
    if (search->best)
        findings_take(findings, search->best);
    else if (is_exhausted(search) || signatures_exhausted(search->signatures))
        findings_add(findings, FINDING_CERTIFICATE_PATH, "it has too many paths to try", NULL);
    else if (distance_to_anchor(search) != UNREACHABLE)
        findings_add(findings, FINDING_CERTIFICATE_CHAIN_TOO_LONG, G_STRINGIFY(LIMIT_PATH_DEPTH),
                     NULL);
    else if (end)
        explain_dead_end(search, end, findings);
    else
        findings_add(findings, FINDING_CERTIFICATE_PATH,
                     "the certificate authorities in the file only vouch for each other", NULL);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void find_path(struct search *search)
{
    explore(search);
    name_authorities(search);
    try_all(search);
    /* Where the only paths are too long for an authority on them, that is what has to be said. */
    search->lax = !search->found && !search->best;
    if (search->lax)
        try_all(search);
}

enum certificate_root path_check(const struct trust *trust, const GPtrArray *bundle, X509 *leaf,
                                 const struct certificate_facts *facts, gint64 now,
                                 struct findings *findings)
{
    g_autoptr(GPtrArray) nodes = nodes_of(leaf, bundle, trust->intermediates);
    g_autoptr(GPtrArray) path = g_ptr_array_new();
    g_autoptr(GHashTable) known = verify_facts_new();
    g_autoptr(GHashTable) bad = g_hash_table_new(NULL, NULL);
    auto_ptr(constraints) constraints = constraints_new();
    auto_ptr(signatures) signatures = signatures_new();
    struct search search = {
        .trust = trust,
        .nodes = nodes,
        .signatures = signatures,
        .verify = {facts, known, bad, constraints, now},
        .path = path,
    };

    g_ptr_array_add(path, g_ptr_array_index(nodes, 0));
    find_path(&search);
    if (!search.found)
        explain(&search, findings);
    findings_free(search.best);
    return search.root;
}
