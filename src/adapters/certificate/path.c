/* SPDX-License-Identifier: MIT
 *
 * Path building: OpenSSL takes the first issuer that fits and never goes back
 * (its issue 18708), so a cross-signed bundle may fail by its order. Here a
 * depth-first search finds the paths, by name and key identifier, and OpenSSL
 * verifies one whole path at a time.
 */
#include "adapters/certificate/path.h"

#include "adapters/certificate/facts.h"
#include "adapters/certificate/leaf.h"
#include "adapters/certificate/names.h"
#include "adapters/certificate/signature.h"
#include "adapters/certificate/verify.h"
#include "base/limits.h"

struct search {
    const struct trust *trust;
    GPtrArray *candidates; /* of X509 *: intermediates that may be used */
    GHashTable *signatures;
    struct verify verify;
    GPtrArray *path; /* of X509 *: the leaf and what has been put on top of it */
    unsigned attempts;
    unsigned steps;
    bool too_deep;
    bool found;
    enum certificate_root root;
    struct findings *best; /* of the best path so far that is not good; NULL before the first */
    X509 *dead_end;        /* the farthest that a path got without an anchor */
    guint dead_end_depth;
    bool dead_end_is_forged; /* issuers are there by name, but none of them signed */
};

static bool is_self_signed(X509 *certificate)
{
    return X509_get_extension_flags(certificate) & EXFLAG_SS;
}

/* ---- one whole path ------------------------------------------------------------------------ */

/* True when it is good: the search is over. */
static bool try_anchor(struct search *search, const struct anchor *anchor)
{
    auto_ptr(findings) findings = findings_new();

    search->attempts++;
    verify_path(&search->verify, search->path, anchor->certificate, findings);
    search->found = findings_count(findings) == 0;
    if (search->found || !search->best || findings_count(findings) < findings_count(search->best)) {
        findings_free(search->best);
        search->best = g_steal_pointer(&findings);
        search->root = anchor->added ? CERTIFICATE_ROOT_ADDED : CERTIFICATE_ROOT_COMMON;
    }
    return search->found;
}

/* ---- the search ---------------------------------------------------------------------------- */

static bool is_exhausted(const struct search *search)
{
    return search->attempts >= LIMIT_PATH_ATTEMPTS || search->steps >= LIMIT_PATH_STEPS;
}

static void note_dead_end(struct search *search, X509 *certificate, bool forged)
{
    if (search->dead_end && search->path->len <= search->dead_end_depth)
        return;
    search->dead_end = certificate;
    search->dead_end_depth = search->path->len;
    search->dead_end_is_forged = forged;
}

/* What was found above the last certificate of a path. */
struct above {
    bool any;   /* one that signed it */
    bool named; /* one of the issuer's name that did not */
};

static bool is_issuer(struct search *search, X509 *last, X509 *issuer, struct above *above)
{
    if (!leaf_is_issued_by(last, issuer))
        return false;
    if (!signature_fits(search->signatures, last, issuer)) {
        above->named = true;
        return false;
    }
    above->any = true;
    return true;
}

static bool try_anchors(struct search *search, X509 *last, struct above *above)
{
    const GPtrArray *anchors = search->trust->anchors;

    for (guint i = 0; i < anchors->len && !is_exhausted(search); i++) {
        const struct anchor *anchor = g_ptr_array_index(anchors, i);
        if (is_issuer(search, last, anchor->certificate, above) && try_anchor(search, anchor))
            return true;
    }
    return false;
}

static bool extend(struct search *search);

/* Goes on over one intermediate and comes back. */
static bool try_intermediate(struct search *search, X509 *issuer)
{
    bool done;

    g_ptr_array_add(search->path, issuer);
    done = extend(search);
    g_ptr_array_set_size(search->path, (int)search->path->len - 1);
    return done;
}

static bool try_intermediates(struct search *search, X509 *last, struct above *above)
{
    for (guint i = 0; i < search->candidates->len && !is_exhausted(search); i++) {
        X509 *issuer = g_ptr_array_index(search->candidates, i);
        if (g_ptr_array_find(search->path, issuer, NULL) || !is_issuer(search, last, issuer, above))
            continue;
        if (search->path->len > LIMIT_PATH_DEPTH)
            search->too_deep = true;
        else if (try_intermediate(search, issuer))
            return true;
    }
    return false;
}

/* Tries everything above the last certificate of the path; true when a good path is found. */
static bool extend(struct search *search)
{
    X509 *last = g_ptr_array_index(search->path, search->path->len - 1);
    struct above above = {false, false};

    search->steps++;
    if (is_self_signed(last)) {
        note_dead_end(search, last, false);
        return false;
    }
    if (try_anchors(search, last, &above) || try_intermediates(search, last, &above))
        return true;
    if (!above.any)
        note_dead_end(search, last, above.named);
    return false;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static void explain_dead_end(const struct search *search, struct findings *findings)
{
    X509 *end = search->dead_end;
    bool is_leaf = end == g_ptr_array_index(search->path, 0);
    g_autofree char *subject = facts_subject(end);
    g_autofree char *issuer = names_of(X509_get_issuer_name(end));

    if (search->dead_end_is_forged && signature_is_consistent(end))
        findings_add(findings, FINDING_CERTIFICATE_SIGNATURE, subject, issuer, NULL);
    else if (search->dead_end_is_forged && !is_leaf) /* of the leaf the rules say it */
        findings_add(findings, FINDING_CERTIFICATE_ALGORITHM_MISMATCH, subject, NULL);
    else if (is_self_signed(end))
        findings_add(findings, FINDING_CERTIFICATE_UNTRUSTED_ROOT, subject, NULL);
    else if (!search->dead_end_is_forged)
        findings_add(findings, FINDING_CERTIFICATE_MISSING_INTERMEDIATE, subject, issuer, NULL);
}

static void explain(struct search *search, struct findings *findings)
{
    if (search->best)
        findings_take(findings, search->best);
    else if (search->too_deep)
        findings_add(findings, FINDING_CERTIFICATE_CHAIN_TOO_LONG, G_STRINGIFY(LIMIT_PATH_DEPTH),
                     NULL);
    else if (search->dead_end)
        explain_dead_end(search, findings);
    else
        findings_add(findings, FINDING_CERTIFICATE_PATH, "it has too many paths to try", NULL);
}

enum certificate_root path_check(const struct trust *trust, const GPtrArray *bundle, X509 *leaf,
                                 const struct certificate_facts *facts, gint64 now,
                                 struct findings *findings)
{
    g_autoptr(GPtrArray) candidates = g_ptr_array_new();
    g_autoptr(GPtrArray) path = g_ptr_array_new();
    g_autoptr(GHashTable) known = verify_facts_new();
    g_autoptr(GHashTable) signatures = signature_table_new();
    struct search search = {
        .trust = trust,
        .candidates = candidates,
        .signatures = signatures,
        .verify = {.leaf = facts, .known = known, .now = now},
        .path = path,
    };

    g_ptr_array_extend(candidates, (GPtrArray *)bundle, NULL, NULL);
    g_ptr_array_extend(candidates, trust->intermediates, NULL, NULL);
    g_ptr_array_add(path, leaf);
    if (!extend(&search))
        explain(&search, findings);
    findings_free(search.best);
    return search.root;
}
