/* SPDX-License-Identifier: MIT
 *
 * Keys: kind and size, and the tests of BR 6.1.1.3 for RSA numbers that can be
 * broken: small factors, one prime only, primes too close together, ROCA
 * (CVE-2017-15361), lists of known keys (CVE-2008-0166). Of curves the points that
 * are no key (BR 6.1.6, NIST SP 800-56A 5.6.2.3.3).
 */
#include "adapters/certificate/key.h"

#include "adapters/certificate/names.h"
#include "base/limits.h"

#include <openssl/core_names.h>

#define LIST_PREFIX "blacklist."

enum {
    SMALL_FACTORS = 752, /* BR 6.1.6: no factor smaller than this */
    FERMAT_ROUNDS = 100, /* BR 6.1.1.3 */
    EXPONENT_BITS = 256, /* BR 6.1.6 */
    /* What OpenSSL, and so the relay, takes of a longer modulus (CVE-2006-2940). */
    LONG_MODULUS_BITS = 3072,
    LONG_MODULUS_EXPONENT_BITS = 64,
};

/* ---- kind and size ------------------------------------------------------------------------- */

/* The curve that the algorithm's parameters name; NULL when they are numbers, or none. */
static const ASN1_OBJECT *named_curve(X509 *certificate)
{
    X509_ALGOR *algorithm = NULL;
    const void *value = NULL;
    int type = V_ASN1_UNDEF;

    X509_PUBKEY_get0_param(NULL, NULL, NULL, &algorithm, X509_get_X509_PUBKEY(certificate));
    X509_ALGOR_get0(NULL, &type, &value, algorithm);
    return type == V_ASN1_OBJECT ? value : NULL;
}

static void read_curve(const ASN1_OBJECT *curve, struct certificate_facts *facts)
{
    const char *common = curve ? EC_curve_nid2nist(OBJ_obj2nid(curve)) : NULL;

    facts->key = curve ? CERTIFICATE_KEY_EC : CERTIFICATE_KEY_OTHER;
    if (!curve)
        facts->key_name = g_strdup("EC with explicit parameters");
    else
        facts->key_name = common ? g_strdup(common) : names_of_object(curve);
}

/* Kinds that are known, so that a key of them that cannot be read is no key. */
static bool is_known_kind(const ASN1_OBJECT *kind, const ASN1_OBJECT *curve)
{
    switch (OBJ_obj2nid(kind)) {
    case NID_rsaEncryption:
    case NID_rsassaPss:
    case NID_ED25519:
        return true;
    case NID_X9_62_id_ecPublicKey:
        return curve && EC_curve_nid2nist(OBJ_obj2nid(curve));
    default:
        return false;
    }
}

/* SM2 and curves that OpenSSL does not know are EC keys to X.509, and only the curve tells. */
static void read_other_kind(X509 *certificate, struct certificate_facts *facts)
{
    const ASN1_OBJECT *curve = named_curve(certificate);
    ASN1_OBJECT *kind = NULL;

    X509_PUBKEY_get0_param(&kind, NULL, NULL, NULL, X509_get_X509_PUBKEY(certificate));
    facts->key = CERTIFICATE_KEY_OTHER;
    facts->key_name =
        names_of_object(curve && OBJ_obj2nid(kind) == NID_X9_62_id_ecPublicKey ? curve : kind);
    if (!X509_get0_pubkey(certificate) && is_known_kind(kind, curve))
        facts->key_flaw = "its numbers are no key of its kind";
}

void key_read(X509 *certificate, struct certificate_facts *facts)
{
    const EVP_PKEY *key = X509_get0_pubkey(certificate);

    facts->key_bits = key ? (unsigned)EVP_PKEY_get_bits(key) : 0;
    switch (key ? EVP_PKEY_get_base_id(key) : NID_undef) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        facts->key = CERTIFICATE_KEY_RSA;
        facts->key_name = g_strdup("RSA");
        break;
    case EVP_PKEY_EC:
        read_curve(named_curve(certificate), facts);
        break;
    case EVP_PKEY_ED25519:
        facts->key = CERTIFICATE_KEY_ED25519;
        facts->key_name = g_strdup("Ed25519");
        break;
    default:
        read_other_kind(certificate, facts);
    }
}

/* ---- EC and Ed25519 ------------------------------------------------------------------------ */

/*
 * Points whose multiples are eight at most: anybody can make signatures that they verify. In
 * the form of RFC 8032 5.1.2 without the sign of x, with the encodings that are not canonical.
 */
static bool is_small_order(const guint8 *point)
{
    static const guint8 small[][32] = {
        {0x00},
        {0x01},
        {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
         0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
         0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
        {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
         0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
         0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
        {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
        {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
        {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(small); i++)
        if (memcmp(point, small[i], 31) == 0 && (point[31] & 0x7f) == small[i][31])
            return true;
    return false;
}

/* One that verifies what anybody signs, or nothing. */
static const char *point_flaw_of(EVP_PKEY *key, enum certificate_key kind)
{
    g_autoptr(EVP_PKEY_CTX) context = NULL;
    guint8 point[32] = {0};
    size_t size = sizeof point;

    if (kind == CERTIFICATE_KEY_ED25519)
        return EVP_PKEY_get_raw_public_key(key, point, &size) == 1 && is_small_order(point)
                   ? "everybody can sign for it (its point is of small order)"
                   : NULL;
    context = EVP_PKEY_CTX_new(key, NULL);
    return context && EVP_PKEY_public_check(context) != 1 ? "its numbers are no key of its kind"
                                                          : NULL;
}

/* ---- RSA numbers --------------------------------------------------------------------------- */

static bool has_small_factor(const BIGNUM *modulus)
{
    for (BN_ULONG factor = 2; factor < SMALL_FACTORS; factor++)
        if (BN_mod_word(modulus, factor) == 0)
            return true;
    return false;
}

/* Whether modulus lies in the multiplicative group that 65537 generates modulo prime. */
static bool in_group_of_65537(const BIGNUM *modulus, BN_ULONG prime)
{
    BN_ULONG rest = BN_mod_word(modulus, prime);
    BN_ULONG power = 1;

    do {
        if (power == rest)
            return true;
        power = power * (65537 % prime) % prime;
    } while (power != 1);
    return false;
}

/* The primes of the faulty library are powers of 65537 modulo many small primes; so is n then. */
static bool is_roca(const BIGNUM *modulus)
{
    static const guint8 primes[] = {11, 13, 17,  19,  37,  53,  61,  71, 73,
                                    79, 97, 103, 107, 109, 127, 151, 157};

    for (size_t i = 0; i < G_N_ELEMENTS(primes); i++)
        if (!in_group_of_65537(modulus, primes[i]))
            return false;
    return true;
}

/* The largest number whose square is at most value: Newton's method from above. */
static bool square_root(BIGNUM *root, const BIGNUM *value, BN_CTX *context)
{
    g_autoptr(BIGNUM) next = BN_new();

    BN_zero(root);
    if (BN_is_zero(value))
        return true;
    if (!next || !BN_set_bit(root, (BN_num_bits(value) + 1) / 2))
        return false;
    for (;;) {
        if (!BN_div(next, NULL, value, root, context) || !BN_add(next, next, root) ||
            !BN_rshift1(next, next))
            return false;
        if (BN_cmp(next, root) >= 0)
            return true;
        BN_swap(next, root);
    }
}

static bool is_square(const BIGNUM *value, BN_CTX *context)
{
    g_autoptr(BIGNUM) root = BN_new();
    g_autoptr(BIGNUM) square = BN_new();
    BN_ULONG low = BN_mod_word(value, 16);

    /* Squares end in these hexadecimal digits: most numbers need no root. */
    if (low != 0 && low != 1 && low != 4 && low != 9)
        return false;
    return root && square && square_root(root, value, context) && BN_sqr(square, root, context) &&
           BN_cmp(square, value) == 0;
}

/* Fermat's method: n = (a + b)(a - b) is found at once when the primes are close. */
static bool has_close_primes(const BIGNUM *modulus)
{
    g_autoptr(BN_CTX) context = BN_CTX_new();
    g_autoptr(BIGNUM) a = BN_new();
    g_autoptr(BIGNUM) rest = BN_new();

    if (!context || !a || !rest || !square_root(a, modulus, context))
        return false;
    for (int round = 0; round < FERMAT_ROUNDS; round++) {
        if (!BN_sqr(rest, a, context) || !BN_sub(rest, rest, modulus))
            return false;
        if (!BN_is_negative(rest) && is_square(rest, context))
            return true;
        if (!BN_add_word(a, 1))
            return false;
    }
    return false;
}

/*
 * A modulus has to be the product of two primes. For a prime p and for each of its powers n,
 * 2^n - 2 and n have p in common; for the product of two primes that were made at random,
 * nothing but by a chance of less than 2^-500.
 */
static bool has_one_prime(const BIGNUM *modulus)
{
    g_autoptr(BN_CTX) context = BN_CTX_new();
    g_autoptr(BIGNUM) two = BN_new();
    g_autoptr(BIGNUM) power = BN_new();
    g_autoptr(BIGNUM) common = BN_new();

    return context && two && power && common && BN_set_word(two, 2) &&
           BN_mod_exp(power, two, modulus, modulus, context) &&
           BN_mod_sub(power, power, two, modulus, context) &&
           BN_gcd(common, power, modulus, context) && !BN_is_one(common);
}

static const char *exponent_flaw_of(const BIGNUM *modulus, const BIGNUM *exponent)
{
    if (!BN_is_odd(exponent) || BN_is_one(exponent))
        return "its exponent is even or 1";
    if (BN_num_bits(exponent) > EXPONENT_BITS)
        return "its exponent is longer than 256 bits";
    if (BN_num_bits(modulus) > LONG_MODULUS_BITS &&
        BN_num_bits(exponent) > LONG_MODULUS_EXPONENT_BITS)
        return "its exponent is longer than 64 bits, which TLS software does not take of a key of "
               "more than 3072 bits";
    return NULL;
}

static const char *modulus_flaw_of(const BIGNUM *modulus)
{
    if (BN_num_bits(modulus) % 8 != 0)
        return "its length is not a multiple of 8 bits";
    if (has_small_factor(modulus))
        return "its modulus has a small factor";
    if (is_roca(modulus))
        return "it comes from a faulty chip or library (ROCA)";
    return has_close_primes(modulus) ? "its two primes are the same or too close together" : NULL;
}

/* Modulus and exponent of an RSA key that is not too long to calculate with. */
static bool read_numbers(X509 *certificate, const struct certificate_facts *facts, BIGNUM **modulus,
                         BIGNUM **exponent)
{
    const EVP_PKEY *key = X509_get0_pubkey(certificate);

    return facts->key == CERTIFICATE_KEY_RSA && facts->key_bits <= LIMIT_RSA_BITS &&
           EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, modulus) &&
           EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, exponent);
}

/*
 * Whether the same bytes come out again: OpenSSL reads a negative number as another one, and
 * takes more after the numbers, where other software does not.
 */
static bool is_encoded_well(X509 *certificate)
{
    unsigned char *here = NULL, *again = NULL;
    int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &here);
    bool same = size > 0 && i2d_PUBKEY(X509_get0_pubkey(certificate), &again) == size &&
                memcmp(here, again, (size_t)size) == 0;

    OPENSSL_free(here);
    OPENSSL_free(again);
    return same;
}

static const char *rsa_flaw_of(X509 *certificate, const struct certificate_facts *facts)
{
    g_autoptr(BIGNUM) modulus = NULL;
    g_autoptr(BIGNUM) exponent = NULL;
    const char *flaw;

    if (!read_numbers(certificate, facts, &modulus, &exponent))
        return NULL;
    flaw = exponent_flaw_of(modulus, exponent);
    if (!flaw)
        flaw = modulus_flaw_of(modulus);
    if (!flaw && EVP_PKEY_get_base_id(X509_get0_pubkey(certificate)) == EVP_PKEY_RSA &&
        !is_encoded_well(certificate))
        flaw = "its numbers are not written as the standard has it (RFC 3279 2.3.1)";
    return flaw;
}

void key_read_flaw(X509 *certificate, struct certificate_facts *facts)
{
    switch (facts->key) {
    case CERTIFICATE_KEY_RSA:
        facts->key_flaw = rsa_flaw_of(certificate, facts);
        break;
    case CERTIFICATE_KEY_EC:
    case CERTIFICATE_KEY_ED25519:
        facts->key_flaw = point_flaw_of(X509_get0_pubkey(certificate), facts->key);
        break;
    case CERTIFICATE_KEY_OTHER:
        break;
    }
}

/* ---- the leaf's own ------------------------------------------------------------------------ */

/* As openssl-vulnkey(1) has it: the last 20 digits of the SHA-1 of this line of text. */
static char *weak_fingerprint(const BIGNUM *modulus)
{
    char *digits = BN_bn2hex(modulus);
    g_autofree char *line = g_strdup_printf("Modulus=%s\n", digits);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA1, line, -1);

    OPENSSL_free(digits);
    return g_strdup(digest + 20);
}

/* A list that is not there says nothing. */
static bool is_listed(const BIGNUM *modulus, const char *folder)
{
    g_autofree char *name = g_strdup_printf("%sRSA-%d", LIST_PREFIX, BN_num_bits(modulus));
    g_autofree char *file = g_build_filename(folder, name, NULL);
    g_autofree char *fingerprint = weak_fingerprint(modulus);
    g_autofree char *line = g_strdup_printf("\n%s\n", fingerprint);
    g_autofree char *text = NULL;

    return g_file_get_contents(file, &text, NULL, NULL) &&
           (strstr(text, line) || g_str_has_prefix(text, line + 1));
}

static gint compare_lists(gconstpointer a, gconstpointer b)
{
    const char *left = *(const char *const *)a, *right = *(const char *const *)b;
    size_t lengths[] = {strlen(left), strlen(right)};

    return lengths[0] != lengths[1] ? (lengths[0] > lengths[1]) - (lengths[0] < lengths[1])
                                    : strcmp(left, right);
}

char *key_weak_lists(const char *folder)
{
    g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) kinds = g_ptr_array_new_with_free_func(g_free);

    for (const char *name; files && (name = g_dir_read_name(files));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_str_has_prefix(name, LIST_PREFIX "RSA-") && access(path, R_OK) == 0)
            g_ptr_array_add(kinds, g_strdup(name + strlen(LIST_PREFIX)));
    }
    if (kinds->len == 0)
        return NULL;
    g_ptr_array_sort(kinds, compare_lists);
    g_ptr_array_add(kinds, NULL);
    return g_strjoinv(", ", (char **)kinds->pdata);
}

void key_read_leaf_flaw(X509 *certificate, const char *weak_keys, struct certificate_facts *facts)
{
    g_autoptr(BIGNUM) modulus = NULL;
    g_autoptr(BIGNUM) exponent = NULL;

    if (facts->key_flaw || !read_numbers(certificate, facts, &modulus, &exponent))
        return;
    if (is_listed(modulus, weak_keys))
        facts->key_flaw = "it is on a list of weak keys that are known to everybody, as those that "
                          "Debian's OpenSSL made until 2008";
    else if (has_one_prime(modulus))
        facts->key_flaw = "its modulus is not the product of two primes";
}
