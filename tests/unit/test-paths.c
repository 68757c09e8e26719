/* SPDX-License-Identifier: MIT
 *
 * Paths: bundles of up to forty certificates, in any order, made for authorities that
 * signed each other in every way that occurs, each certificate with at most one fault.
 * What certificate_check() has to say is worked out here by trying every way there is.
 */
#include "adapters/certificate/certificate.h"

#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

enum {
    AUTHORITIES = 24,
    LONGEST = 8, /* intermediates */
    LEAF = -1,
};

static const gint64 NOW = 1780272000; /* 2026-06-01 */
static const gint64 DAY = 24 * 60 * 60;

enum fault {
    GOOD,
    EXPIRED,
    NOT_YET,
    MAIL_ONLY,   /* an extended key usage without TLS */
    NO_CA,       /* basic constraints say that it is none */
    NO_BASIC,    /* no basic constraints */
    NO_SIGNING,  /* key usage without keyCertSign */
    WEAK,        /* signed with SHA-1 */
    CONSTRAINED, /* to names that the leaf's is none of */
    FORGED,      /* not signed by the issuer's key */
    FAULTS,
};

/* One certificate: issuer and subject are authorities, or the subject the leaf. */
struct edge {
    int issuer, subject;
    enum fault fault;
    int length; /* the path length that it allows; -1: any */
};

/* A bundle, and which authorities have a root in the store. */
struct graph {
    GArray *edges; /* of struct edge; the leaf's is the first */
    guint64 roots; /* bits */
};

static EVP_PKEY *keys[AUTHORITIES + 1]; /* the last is the leaf's, and signs forgeries */
static char *folder;

/* ---- certificates ---------------------------------------------------------------------------- */

/* Of a re-keyed authority there are two: 20 to 23 have the names of 0 to 3. */
static void set_name(X509_NAME *name, int authority)
{
    g_autofree char *text =
        authority == LEAF
            ? g_strdup("app.example.edu")
            : g_strdup_printf("Authority %d", authority < 20 ? authority : authority - 20);

    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const guchar *)text, -1, -1, 0);
}

static void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    g_assert_nonnull(extension);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

static void extend_leaf(X509 *certificate, X509 *issuer)
{
    extend(certificate, issuer, NID_key_usage, "critical,digitalSignature");
    extend(certificate, issuer, NID_ext_key_usage, "serverAuth");
    extend(certificate, issuer, NID_subject_alt_name, "DNS:app.example.edu");
}

static void extend_authority(X509 *certificate, X509 *issuer, const struct edge *edge)
{
    g_autofree char *any = g_strdup("critical,CA:TRUE");
    g_autofree char *some = g_strdup_printf("critical,CA:TRUE,pathlen:%d", edge->length);

    if (edge->fault == NO_CA)
        extend(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
    else if (edge->fault != NO_BASIC)
        extend(certificate, issuer, NID_basic_constraints, edge->length < 0 ? any : some);
    extend(certificate, issuer, NID_key_usage,
           edge->fault == NO_SIGNING ? "critical,cRLSign" : "critical,keyCertSign,cRLSign");
    if (edge->fault == MAIL_ONLY)
        extend(certificate, issuer, NID_ext_key_usage, "emailProtection");
    if (edge->fault == CONSTRAINED)
        extend(certificate, issuer, NID_name_constraints, "critical,permitted;DNS:example.org");
}

/* Only what a key identifier is made from. */
static X509 *stand_in(int authority)
{
    X509 *issuer = X509_new();

    set_name(X509_get_subject_name(issuer), authority);
    X509_set_pubkey(issuer, keys[authority]);
    extend(issuer, issuer, NID_subject_key_identifier, "hash");
    return issuer;
}

static void set_times(X509 *certificate, enum fault fault)
{
    gint64 begin = fault == NOT_YET ? NOW + 10 * DAY : NOW - 10 * DAY;
    gint64 end = fault == EXPIRED ? NOW - DAY : NOW + 100 * DAY;

    ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)begin);
    ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)end);
}

static X509 *make(const struct edge *edge)
{
    static long serial = 1000;
    X509 *certificate = X509_new();
    X509 *issuer = stand_in(edge->issuer);
    bool is_root = edge->issuer == edge->subject;

    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    set_name(X509_get_subject_name(certificate), edge->subject);
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    set_times(certificate, edge->fault);
    X509_set_pubkey(certificate, keys[edge->subject == LEAF ? AUTHORITIES : edge->subject]);
    extend(certificate, issuer, NID_subject_key_identifier, "hash");
    extend(certificate, is_root ? certificate : issuer, NID_authority_key_identifier,
           "keyid:always");
    if (edge->subject == LEAF)
        extend_leaf(certificate, issuer);
    else
        extend_authority(certificate, issuer, edge);
    X509_sign(certificate, keys[edge->fault == FORGED ? AUTHORITIES : edge->issuer],
              edge->fault == WEAK ? EVP_sha1() : EVP_sha256());
    X509_free(issuer);
    return certificate;
}

static void write_pem(GString *text, const struct edge *edge)
{
    BIO *memory = BIO_new(BIO_s_mem());
    X509 *certificate = make(edge);
    char *bytes = NULL;
    long size;

    PEM_write_bio_X509(memory, certificate);
    size = BIO_get_mem_data(memory, &bytes);
    g_string_append_len(text, bytes, size);
    X509_free(certificate);
    BIO_free(memory);
}

/* ---- graphs ---------------------------------------------------------------------------------- */

static void add_edge(struct graph *graph, int issuer, int subject)
{
    const struct edge edge = {issuer, subject, GOOD, -1};

    g_array_append_val(graph->edges, edge);
}

static struct graph graph_new(int leaf_issuer, guint64 roots)
{
    struct graph graph = {g_array_new(FALSE, FALSE, sizeof(struct edge)), roots};

    add_edge(&graph, leaf_issuer, LEAF);
    return graph;
}

static struct edge *edge_at(const struct graph *graph, guint index)
{
    return &g_array_index(graph->edges, struct edge, index);
}

/* A root, a line of authorities, the leaf. */
static struct graph line(void)
{
    struct graph graph = graph_new(LONGEST, 1);

    for (int i = 0; i < LONGEST; i++)
        add_edge(&graph, i, i + 1);
    return graph;
}

/* One authority with two roots. */
static struct graph two_roots(void)
{
    struct graph graph = graph_new(2, 3);

    add_edge(&graph, 0, 2);
    add_edge(&graph, 1, 2);
    return graph;
}

/* A root of today that an older one, which nobody trusts any more, has signed as well. */
static struct graph old_root(void)
{
    struct graph graph = graph_new(3, 1);

    add_edge(&graph, 1, 1);
    add_edge(&graph, 1, 0);
    add_edge(&graph, 0, 2);
    add_edge(&graph, 1, 2);
    add_edge(&graph, 2, 3);
    return graph;
}

/* Authorities that signed each other, one of them signed by a root. */
static struct graph loop(void)
{
    struct graph graph = graph_new(3, 1);

    add_edge(&graph, 1, 2);
    add_edge(&graph, 2, 3);
    add_edge(&graph, 3, 1);
    add_edge(&graph, 2, 1);
    add_edge(&graph, 0, 1);
    return graph;
}

/* Authorities with a new key, each signed by its own old one and by a root. */
static struct graph new_keys(void)
{
    struct graph graph = graph_new(22, 1);

    add_edge(&graph, 0, 1);
    add_edge(&graph, 0, 21);
    add_edge(&graph, 1, 21);
    add_edge(&graph, 21, 22);
    add_edge(&graph, 1, 2);
    add_edge(&graph, 2, 22);
    return graph;
}

/* Five authorities and a bridge, each way: the only root is at the far end. */
static struct graph bridge(void)
{
    struct graph graph = graph_new(5, 1);

    for (int i = 1; i <= 5; i++) {
        add_edge(&graph, i, 6);
        add_edge(&graph, 6, i);
    }
    add_edge(&graph, 0, 1);
    return graph;
}

/* Two bridges between which the way leads twice. */
static struct graph two_bridges(void)
{
    struct graph graph = graph_new(4, 1);

    for (int i = 1; i <= 4; i++)
        for (int hub = 5; hub <= 6; hub++) {
            add_edge(&graph, i, hub);
            add_edge(&graph, hub, i);
        }
    add_edge(&graph, 5, 6);
    add_edge(&graph, 6, 5);
    add_edge(&graph, 0, 1);
    return graph;
}

/* Six authorities that all signed each other, each signed by five more: 36 certificates. */
static struct graph mesh(void)
{
    struct graph graph = graph_new(6, 1);

    for (int i = 1; i <= 6; i++)
        for (int j = 1; j <= 6; j++)
            if (i != j)
                add_edge(&graph, i, j);
    for (int i = 7; i <= 10; i++)
        add_edge(&graph, i, 1);
    add_edge(&graph, 0, 1);
    return graph;
}

/* Two certificates for each authority of a line. */
static struct graph ladder(void)
{
    struct graph graph = graph_new(7, 1);

    for (int i = 0; i < 7; i++) {
        add_edge(&graph, i, i + 1);
        add_edge(&graph, i, i + 1);
    }
    return graph;
}

static struct graph (*const kinds[])(void) = {
    line, two_roots, old_root, loop, new_keys, bridge, two_bridges, mesh, ladder,
};

/* ---- the right answer ------------------------------------------------------------------------ */

struct walk {
    const struct graph *graph;
    guint64 passed;   /* bits: authorities */
    GArray *way;      /* of guint: edges above the leaf's */
    GArray *found;    /* the first way that is good, or NULL */
    bool even_if_bad; /* any way will do */
    GRand *random;    /* in which order; NULL: as they come */
};

static bool may_pass(const struct walk *walk, const struct edge *edge)
{
    return (edge->fault == GOOD && (edge->length < 0 || (int)walk->way->len <= edge->length)) ||
           walk->even_if_bad;
}

static void walk_on(struct walk *walk, int authority)
{
    guint count = walk->graph->edges->len;
    guint first = walk->random ? (guint)g_rand_int_range(walk->random, 0, (gint32)count) : 0;

    if (walk->found)
        return;
    if (walk->graph->roots & ((guint64)1 << authority)) {
        walk->found = g_array_copy(walk->way);
        return;
    }
    walk->passed |= (guint64)1 << authority;
    for (guint i = 0; i < count && walk->way->len < LONGEST; i++) {
        guint index = (first + i) % count;
        const struct edge *edge = edge_at(walk->graph, index);
        if (edge->subject != authority || (walk->passed & ((guint64)1 << edge->issuer)) ||
            !may_pass(walk, edge))
            continue;
        g_array_append_val(walk->way, index);
        walk_on(walk, edge->issuer);
        g_array_set_size(walk->way, walk->way->len - 1);
    }
    walk->passed &= ~((guint64)1 << authority);
}

/* A way from the leaf to a root, as edges; NULL when there is none. */
static GArray *find_way(const struct graph *graph, bool even_if_bad, GRand *random)
{
    g_autoptr(GArray) way = g_array_new(FALSE, FALSE, sizeof(guint));
    struct walk walk = {graph, 0, way, NULL, even_if_bad, random};

    walk_on(&walk, edge_at(graph, 0)->issuer);
    return walk.found;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static void shuffle(GPtrArray *texts, GRand *random)
{
    for (guint i = texts->len; i > 1; i--) {
        guint other = (guint)g_rand_int_range(random, 0, (gint32)i);
        gpointer held = texts->pdata[i - 1];
        texts->pdata[i - 1] = texts->pdata[other];
        texts->pdata[other] = held;
    }
}

static GString *bundle_of(const struct graph *graph, GRand *random)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new();
    GString *bundle = g_string_new(NULL);

    for (guint i = 0; i < graph->edges->len; i++) {
        GString *one = g_string_new(NULL);
        write_pem(one, edge_at(graph, i));
        g_ptr_array_add(texts, g_string_free(one, FALSE));
    }
    shuffle(texts, random);
    for (guint i = 0; i < texts->len; i++) {
        g_string_append(bundle, g_ptr_array_index(texts, i));
        g_free(g_ptr_array_index(texts, i));
    }
    return bundle;
}

static struct trust *trust_of(const struct graph *graph)
{
    g_autofree char *file = g_build_filename(folder, "roots.pem", NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    struct trust *trust;

    for (int i = 0; i < AUTHORITIES; i++)
        if (graph->roots & ((guint64)1 << i))
            write_pem(text, &(struct edge){i, i, GOOD, -1});
    g_file_set_contents(file, text->str, -1, &error);
    g_assert_no_error(error);
    trust = trust_load(file, NULL, &error);
    g_assert_no_error(error);
    return trust;
}

static double spent(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double most_spent;

static void tell(const struct graph *graph, const struct findings *findings)
{
    for (guint i = 0; i < graph->edges->len; i++) {
        const struct edge *edge = edge_at(graph, i);
        g_test_message("%d signed %d, fault %d, length %d", edge->issuer, edge->subject,
                       edge->fault, edge->length);
    }
    for (size_t i = 0; i < findings_count(findings); i++)
        g_test_message("%s: %s", findings_at(findings, i)->code, findings_at(findings, i)->text);
}

static enum verdict ask(const struct graph *graph, GRand *random, struct findings *findings)
{
    const struct certificate_options options = {.now = NOW};
    g_autoptr(GString) bundle = bundle_of(graph, random);
    auto_ptr(trust) trust = trust_of(graph);
    auto_ptr(certificate) leaf = NULL;
    double before = spent();

    leaf = certificate_check(trust, bundle->str, bundle->len, &options, findings);
    most_spent = MAX(most_spent, spent() - before);
    return findings_verdict(findings);
}

static void check(const struct graph *graph, GRand *random)
{
    g_autoptr(GArray) way = find_way(graph, false, NULL);
    auto_ptr(findings) findings = findings_new();
    enum verdict verdict = ask(graph, random, findings);

    if (verdict == (way ? VERDICT_ACCEPT : VERDICT_REFUSE))
        return;
    tell(graph, findings);
    g_test_fail();
}

/* ---- the cases ------------------------------------------------------------------------------- */

/* All but a way have the fault, and if broken one on the way as well. */
static void spoil(struct graph *graph, enum fault fault, bool broken, GRand *random)
{
    g_autoptr(GArray) way = find_way(graph, true, random);

    g_assert_nonnull(way);
    for (guint i = 1; i < graph->edges->len; i++)
        edge_at(graph, i)->fault = fault;
    for (guint i = 0; i < way->len; i++)
        edge_at(graph, g_array_index(way, guint, i))->fault = GOOD;
    if (broken)
        edge_at(graph,
                g_array_index(way, guint, (guint)g_rand_int_range(random, 0, (gint32)way->len)))
            ->fault = fault;
}

static void check_kind(guint kind, enum fault fault, bool broken, GRand *random)
{
    struct graph graph = kinds[kind]();

    spoil(&graph, fault, broken, random);
    check(&graph, random);
    g_array_unref(graph.edges);
}

/* Nine kinds with nine faults: one way is good, then none. */
static void test_kinds(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1);

    for (guint kind = 0; kind < G_N_ELEMENTS(kinds); kind++)
        for (enum fault fault = GOOD + 1; fault < FAULTS; fault++) {
            check_kind(kind, fault, false, random);
            check_kind(kind, fault, true, random);
        }
}

static bool has_issued(const struct graph *graph, int authority)
{
    for (guint i = 0; i < graph->edges->len; i++)
        if (edge_at(graph, i)->issuer == authority)
            return true;
    return false;
}

/* What says that it is no authority, and issued nothing, would be another leaf. */
static void leave_one_leaf(struct graph *graph)
{
    for (guint i = 1; i < graph->edges->len; i++) {
        struct edge *edge = edge_at(graph, i);
        if ((edge->fault == NO_CA || edge->fault == NO_BASIC) && !has_issued(graph, edge->subject))
            edge->fault = EXPIRED;
    }
}

/* Anybody signed anybody, some with a fault or a length. */
static struct graph anything(GRand *random)
{
    int authorities = g_rand_int_range(random, 2, 12);
    int count = g_rand_int_range(random, 1, 40);
    double faults = g_rand_double(random), lengths = g_rand_double_range(random, 0, 0.5);
    struct graph graph = graph_new(g_rand_int_range(random, 1, authorities), 1);

    for (int i = 0; i < count; i++) {
        int issuer = g_rand_int_range(random, 0, authorities);
        int subject = g_rand_int_range(random, 1, authorities);
        if (issuer == subject)
            continue;
        add_edge(&graph, issuer, subject);
        if (g_rand_double(random) < faults)
            edge_at(&graph, graph.edges->len - 1)->fault =
                (enum fault)g_rand_int_range(random, GOOD, FAULTS);
        if (g_rand_double(random) < lengths)
            edge_at(&graph, graph.edges->len - 1)->length = g_rand_int_range(random, 0, 4);
    }
    leave_one_leaf(&graph);
    return graph;
}

static void test_anything(void)
{
    guint cases = g_getenv("APPSMTP_TEST_LONG") ? 1000 : 100;

    for (guint seed = 1; seed <= cases && !g_test_failed(); seed++) {
        g_autoptr(GRand) random = g_rand_new_with_seed(seed);
        struct graph graph = anything(random);
        check(&graph, random);
        if (g_test_failed())
            g_test_message("seed %u", seed);
        g_array_unref(graph.edges);
    }
}

/* Without any good way: what an upload can cost at most. */
static void test_cost(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    auto_ptr(findings) findings = findings_new();
    struct graph graph = mesh();

    /* Each way is longer than the authority that the root signed allows. */
    edge_at(&graph, graph.edges->len - 1)->length = 0;
    check(&graph, random);
    g_array_unref(graph.edges);
    graph = graph_new(1, 1);
    for (int i = 1; i < 8; i++)
        for (int j = 1; j < 8; j++)
            if (i != j && graph.edges->len < 40)
                add_edge(&graph, i, j);
    g_assert_cmpint(ask(&graph, random, findings), ==, VERDICT_REFUSE);
    g_array_unref(graph.edges);
    g_test_message("the most that one took: %.0f ms of processor time", most_spent * 1000);
    /* Under valgrind and sanitizers as well, where without a bound it would be minutes. */
    g_assert_cmpfloat(most_spent, <, 10);
}

int main(int argc, char **argv)
{
    g_autofree char *file = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        keys[i] = EVP_EC_gen("P-256");
    folder = g_dir_make_tmp("appsmtp-paths-XXXXXX", NULL);
    g_test_add_func("/paths/kinds", test_kinds);
    g_test_add_func("/paths/anything", test_anything);
    g_test_add_func("/paths/cost", test_cost);
    status = g_test_run();
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        EVP_PKEY_free(keys[i]);
    file = g_build_filename(folder, "roots.pem", NULL);
    g_remove(file);
    g_rmdir(folder);
    g_free(folder);
    return status;
}
