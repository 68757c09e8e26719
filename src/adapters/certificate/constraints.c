/* SPDX-License-Identifier: MIT
 *
 * Name constraints: OpenSSL's answer for each single authority, and what OpenSSL
 * lets pass.
 */
#include "adapters/certificate/constraints.h"

#include "base/limits.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(NAME_CONSTRAINTS, NAME_CONSTRAINTS_free)

struct entry {
    NAME_CONSTRAINTS *own; /* NULL: none */
    guint subtrees;
    guint names; /* that constraints of others are compared with */
    bool asked;
    enum constraints_answer answer;
};

struct constraints {
    GHashTable *entries; /* X509 * to struct entry * */
    guint64 spent;
};

static void entry_free(gpointer data)
{
    struct entry *entry = data;

    NAME_CONSTRAINTS_free(entry->own);
    g_free(entry);
}

struct constraints *constraints_new(void)
{
    struct constraints *constraints = g_new0(struct constraints, 1);

    constraints->entries = g_hash_table_new_full(NULL, NULL, NULL, entry_free);
    return constraints;
}

void constraints_free(struct constraints *constraints)
{
    if (!constraints)
        return;
    g_hash_table_unref(constraints->entries);
    g_free(constraints);
}

static guint count_subtrees(const NAME_CONSTRAINTS *own)
{
    int permitted = own ? sk_GENERAL_SUBTREE_num(own->permittedSubtrees) : 0;
    int excluded = own ? sk_GENERAL_SUBTREE_num(own->excludedSubtrees) : 0;

    return (guint)(MAX(permitted, 0) + MAX(excluded, 0));
}

static guint count_names(const X509 *certificate)
{
    g_autoptr(GENERAL_NAMES) names =
        X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);

    return (guint)(X509_NAME_entry_count(X509_get_subject_name(certificate)) +
                   MAX(sk_GENERAL_NAME_num(names), 0));
}

static struct entry *entry_of(struct constraints *constraints, X509 *certificate)
{
    struct entry *entry = g_hash_table_lookup(constraints->entries, certificate);

    if (entry)
        return entry;
    entry = g_new0(struct entry, 1);
    entry->own = X509_get_ext_d2i(certificate, NID_name_constraints, NULL, NULL);
    entry->subtrees = count_subtrees(entry->own);
    entry->names = count_names(certificate);
    g_hash_table_insert(constraints->entries, certificate, entry);
    return entry;
}

/* ---- the cost ------------------------------------------------------------------------------ */

bool constraints_pay(struct constraints *constraints, const GPtrArray *chain)
{
    guint64 names = 0, cost = 0;

    for (guint i = 0; i < chain->len; i++) {
        const struct entry *entry = entry_of(constraints, g_ptr_array_index(chain, i));
        cost += names * entry->subtrees;
        names += entry->names;
    }
    if (constraints->spent + cost > LIMIT_NAME_COMPARISONS)
        return false;
    constraints->spent += cost;
    return true;
}

/* ---- DNS names ----------------------------------------------------------------------------- */

/* The DNS name of a subtree; NULL when it is of another kind. Caller frees. */
static char *dns_of(const GENERAL_SUBTREE *subtree)
{
    const ASN1_IA5STRING *name = subtree->base->type == GEN_DNS ? subtree->base->d.dNSName : NULL;

    return name ? g_strndup((const char *)ASN1_STRING_get0_data(name),
                            (gsize)ASN1_STRING_length(name))
                : NULL;
}

static bool has_leading_dot(const STACK_OF(GENERAL_SUBTREE) * subtrees)
{
    for (int i = 0; i < sk_GENERAL_SUBTREE_num(subtrees); i++) {
        g_autofree char *name = dns_of(sk_GENERAL_SUBTREE_value(subtrees, i));
        if (name && *name == '.')
            return true;
    }
    return false;
}

/* Whether one of the leaf's wildcards stands for this name. */
static bool wildcard_covers(const struct certificate_facts *facts, const char *excluded)
{
    for (guint i = 0; i < facts->names->len; i++) {
        const struct certificate_name *name = g_ptr_array_index(facts->names, i);
        if (name->kind == CERTIFICATE_NAME_DNS && g_str_has_prefix(name->text, "*.") &&
            certificate_name_matches(name->text, excluded))
            return true;
    }
    return false;
}

static bool excludes_wildcard(const NAME_CONSTRAINTS *own, const struct certificate_facts *facts)
{
    for (int i = 0; i < sk_GENERAL_SUBTREE_num(own->excludedSubtrees); i++) {
        g_autofree char *name = dns_of(sk_GENERAL_SUBTREE_value(own->excludedSubtrees, i));
        if (name && wildcard_covers(facts, name))
            return true;
    }
    return false;
}

/* ---- the answer ---------------------------------------------------------------------------- */

static enum constraints_answer answer_of(NAME_CONSTRAINTS *own, X509 *leaf,
                                         const struct certificate_facts *facts)
{
    if (!own)
        return CONSTRAINTS_PERMIT;
    if (has_leading_dot(own->permittedSubtrees) || has_leading_dot(own->excludedSubtrees))
        return CONSTRAINTS_MALFORMED;
    switch (NAME_CONSTRAINTS_check(leaf, own)) {
    case X509_V_OK:
        return excludes_wildcard(own, facts) ? CONSTRAINTS_FORBID : CONSTRAINTS_PERMIT;
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
        return CONSTRAINTS_UNREADABLE;
    default:
        return CONSTRAINTS_FORBID;
    }
}

enum constraints_answer constraints_ask(struct constraints *constraints, X509 *authority,
                                        X509 *leaf, const struct certificate_facts *facts)
{
    struct entry *entry = entry_of(constraints, authority);

    if (!entry->asked)
        entry->answer = answer_of(entry->own, leaf, facts);
    entry->asked = true;
    return entry->answer;
}
