/* SPDX-License-Identifier: MIT
 *
 * Keys: kind and size, and the tests of BR 6.1.1.3 for RSA numbers that can be
 * broken: small factors, primes too close together, ROCA (CVE-2017-15361).
 */
#include "adapters/certificate/key.h"

#include "base/limits.h"

#include <openssl/core_names.h>

enum {
    SMALL_FACTORS = 752, /* BR 6.1.6: no factor smaller than this */
    FERMAT_ROUNDS = 100, /* BR 6.1.1.3 */
    EXPONENT_BITS = 32,  /* 65537 has 17; long ones only make checking slow */
};

/* ---- kind and size ------------------------------------------------------------------------- */

/* A named curve is an object in the algorithm's parameters; explicit numbers are a sequence. */
static void read_curve(X509 *certificate, struct certificate_facts *facts)
{
    X509_ALGOR *algorithm = NULL;
    const void *value = NULL;
    int type = V_ASN1_UNDEF;
    const char *common;

    X509_PUBKEY_get0_param(NULL, NULL, NULL, &algorithm, X509_get_X509_PUBKEY(certificate));
    X509_ALGOR_get0(NULL, &type, &value, algorithm);
    if (type != V_ASN1_OBJECT) {
        facts->key = CERTIFICATE_KEY_OTHER;
        facts->key_name = g_strdup("EC with explicit parameters");
        return;
    }
    common = EC_curve_nid2nist(OBJ_obj2nid(value));
    facts->key = CERTIFICATE_KEY_EC;
    facts->key_name = common ? g_strdup(common) : g_strdup(OBJ_nid2sn(OBJ_obj2nid(value)));
}

static void read_other_kind(X509 *certificate, struct certificate_facts *facts)
{
    ASN1_OBJECT *object = NULL;

    X509_PUBKEY_get0_param(&object, NULL, NULL, NULL, X509_get_X509_PUBKEY(certificate));
    facts->key = CERTIFICATE_KEY_OTHER;
    facts->key_name = g_strdup(OBJ_nid2ln(OBJ_obj2nid(object)));
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
        read_curve(certificate, facts);
        break;
    case EVP_PKEY_ED25519:
        facts->key = CERTIFICATE_KEY_ED25519;
        facts->key_name = g_strdup("Ed25519");
        break;
    default:
        read_other_kind(certificate, facts);
    }
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
    if (!BN_set_bit(root, (BN_num_bits(value) + 1) / 2))
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
    return square_root(root, value, context) && BN_sqr(square, root, context) &&
           BN_cmp(square, value) == 0;
}

/* Fermat's method: n = (a + b)(a - b) is found at once when the primes are close. */
static bool has_close_primes(const BIGNUM *modulus)
{
    g_autoptr(BN_CTX) context = BN_CTX_new();
    g_autoptr(BIGNUM) a = BN_new();
    g_autoptr(BIGNUM) rest = BN_new();

    if (!square_root(a, modulus, context))
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

static const char *flaw_of(const BIGNUM *modulus, const BIGNUM *exponent)
{
    if (!BN_is_odd(exponent) || BN_is_one(exponent))
        return "its exponent is even or 1";
    if (BN_num_bits(exponent) > EXPONENT_BITS)
        return "its exponent is unusually long";
    if (BN_num_bits(modulus) % 8 != 0)
        return "its length is not a multiple of 8 bits";
    if (has_small_factor(modulus))
        return "its modulus has a small factor";
    if (is_roca(modulus))
        return "it comes from a faulty chip or library (ROCA)";
    return has_close_primes(modulus) ? "its two primes are too close together" : NULL;
}

void key_read_flaw(X509 *certificate, struct certificate_facts *facts)
{
    const EVP_PKEY *key = X509_get0_pubkey(certificate);
    g_autoptr(BIGNUM) modulus = NULL;
    g_autoptr(BIGNUM) exponent = NULL;

    if (facts->key != CERTIFICATE_KEY_RSA || facts->key_bits > LIMIT_RSA_BITS)
        return;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus) &&
        EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent))
        facts->key_flaw = flaw_of(modulus, exponent);
}
