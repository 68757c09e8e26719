/* SPDX-License-Identifier: MIT
 *
 * Secret keys of OpenPGP. A packet begins with few fixed bits, so that every number that
 * can be looked at has to fit: of a million forms of random bytes not one holds such a key.
 */
#include "rules/secret/openpgp.h"

enum {
    SHORTEST = 16,           /* bytes of a packet that tell what it is */
    LONGEST = 20000,         /* bytes of a packet; RSA of 16384 bits has 9,300 */
    LONGEST_PROTECTION = 80, /* bytes around an encrypted secret: salt, nonce, digest */
};

/* When a key can have been made, in seconds since 1970. */
static const guint32 MADE_FROM = 631152000;    /* 1990 */
static const guint32 MADE_BEFORE = 4102444800; /* 2100 */

/* A number of so many octets at the beginning; moves behind it. What is cut off reads as zero. */
static guint32 take_number(struct view *rest, unsigned octets)
{
    guint32 number = 0;

    for (; octets > 0 && rest->size > 0; octets--) {
        number = number << 8 | *rest->at;
        *rest = view_from(*rest, rest->at + 1);
    }
    return number;
}

static void skip(struct view *rest, size_t size)
{
    *rest = view_from(*rest, rest->at + MIN(size, rest->size));
}

/*
 * Moves behind a multiprecision integer (3.2) of that many bits, whose first octet fits its
 * length. One that is cut off before it tells fits.
 */
static bool skip_mpi(struct view *rest, unsigned least, unsigned most)
{
    unsigned bits;

    if (rest->size < 3)
        return true;
    bits = take_number(rest, 2);
    if (bits < least || bits > most || *rest->at >> ((bits + 7) % 8) != 1)
        return false;
    skip(rest, (bits + 7) / 8);
    return true;
}

/* Moves behind the object identifier of a curve (9.2): all begin with 1.2 or 1.3. */
static bool skip_curve(struct view *rest)
{
    size_t size = take_number(rest, 1);

    if (size < 3 || size > 10 || rest->size == 0 || (*rest->at != 0x2a && *rest->at != 0x2b))
        return false;
    skip(rest, size);
    return true;
}

/*
 * A public part without any structure, Ed25519's and Ed448's, is known by what follows: how
 * the secret part is protected (3.7.2), and that both are of one size. left: octets of the
 * packet from here on.
 */
static bool skip_octets(struct view *rest, size_t size, size_t left)
{
    size_t secret = left - size - 1;

    if (left < 2 * size + 1 || secret > size + LONGEST_PROTECTION)
        return false;
    skip(rest, size);
    if (rest->size == 0 || *rest->at >= 253)
        return true;
    return *rest->at == 0 && secret <= size + 2;
}

/* The numbers of the public part (5.5.5), by their algorithm (9.1). */
static bool skip_public(struct view *rest, guint32 algorithm, size_t left)
{
    switch (algorithm) {
    case 1: /* RSA, in its three kinds: modulus and exponent */
    case 2:
    case 3:
        return skip_mpi(rest, 512, 16384) && skip_mpi(rest, 2, 64);
    case 16: /* Elgamal, DSA: a prime, then a generator or the group's order */
    case 17:
        return skip_mpi(rest, 512, 16384) && skip_mpi(rest, 1, 16384);
    case 18: /* ECDH, ECDSA, EdDSA of version 4: curve and point */
    case 19:
    case 22:
        return skip_curve(rest) && skip_mpi(rest, 200, 1200);
    case 27:
        return skip_octets(rest, 32, left);
    case 28:
        return skip_octets(rest, 57, left);
    default:
        return false;
    }
}

/* The octets of the packet's length (4.2); 0: this is no secret-key packet, whose tag is 5. */
static unsigned length_octets(guint8 tag, guint8 first)
{
    switch (tag) {
    case 0x94:
        return 1;
    case 0x95:
        return 2;
    case 0x96:
        return 4;
    case 0xc5:
        return first < 192 ? 1 : first < 224 ? 2 : first == 255 ? 5 : 0;
    default:
        return 0;
    }
}

/* The packet's length; moves to its content. 0 when this is no secret-key packet. */
static size_t take_length(struct view *rest)
{
    guint32 tag = take_number(rest, 1);
    unsigned octets = length_octets((guint8)tag, *rest->at);
    guint32 length;

    if (octets == 5)
        skip(rest, 1);
    length = take_number(rest, MIN(octets, 4));
    return tag == 0xc5 && octets == 2 ? length - (192 << 8) + 192 : length;
}

/*
 * A secret-key packet (5.5.2, 5.5.3): a version, a time that can be, an algorithm, but in
 * version 4 the length of the public part, and that part.
 */
static bool is_secret_key(struct view rest)
{
    const guint8 *begin;
    size_t length;
    guint32 version, made, algorithm;

    if (rest.size < SHORTEST)
        return false;
    length = take_length(&rest);
    begin = rest.at;
    version = take_number(&rest, 1);
    made = take_number(&rest, 4);
    algorithm = take_number(&rest, 1);
    if (length < SHORTEST || length > LONGEST || version < 4 || version > 6 || made < MADE_FROM ||
        made >= MADE_BEFORE || (version > 4 && take_number(&rest, 4) >= length))
        return false;
    return skip_public(&rest, algorithm, length - (size_t)(rest.at - begin)) &&
           (size_t)(rest.at - begin) < length;
}

bool openpgp_find(struct view data)
{
    for (size_t i = 0; i < data.size; i++)
        if ((i == 0 || data.at[i - 1] == '\n' || data.at[i - 1] == '\0') &&
            is_secret_key(view_from(data, data.at + i)))
            return true;
    return false;
}
