/* SPDX-License-Identifier: MIT
 *
 * IPv4 and IPv6 networks in CIDR notation (RFC 4632 3.1, RFC 4291 2.3).
 * Floor: rules; pure.
 *
 * An IPv4-mapped IPv6 address or network (::ffff:10.1.2.3, RFC 4291 2.5.5.2)
 * is the IPv4 one: Postfix reports such clients by their IPv4 address.
 */
#ifndef APPSMTP_RULES_NETWORK_H
#define APPSMTP_RULES_NETWORK_H

#include <glib.h>
#include <stdbool.h>

/* The bits after the prefix are always 0, so equal networks are equal bytes. */
struct network {
    int family;       /* AF_INET or AF_INET6 */
    unsigned prefix;  /* prefix length: 0 to 32, or 0 to 128 */
    guint8 bytes[16]; /* network byte order; the first 4 for IPv4, the rest 0 */
};

enum network_syntax {
    NETWORK_OK,
    NETWORK_NOT_AN_ADDRESS, /* what stands before the slash is no IP address */
    NETWORK_BAD_PREFIX,     /* what stands after the slash is no prefix length */
    NETWORK_HOST_BITS,      /* bits after the prefix are set */
};

/*
 * Reads "10.1.2.0/24", "10.1.2.3" (becomes /32), "2001:db8::/32", "2001:db8::1"
 * (/128). No blanks, zones, octal or abbreviated IPv4. With NETWORK_HOST_BITS the
 * network is the one that was probably meant, host bits cleared; with the other
 * two failures it is untouched.
 */
enum network_syntax network_parse(const char *text, struct network *network);

/* Whether inner lies wholly in outer; never when their families differ. */
bool network_contains(const struct network *outer, const struct network *inner);

bool network_equal(const struct network *a, const struct network *b);

/* Orders IPv4 before IPv6, then by bytes, then the wider first. For sorting. */
int network_compare(const struct network *a, const struct network *b);

/* The wider network of that prefix length (at most the network's own) that holds it. */
struct network network_cut(const struct network *network, unsigned prefix);

/* 32 or 128. */
unsigned network_bits(const struct network *network);

/*
 * What a client is counted by: an IPv4 address, or a /64 of IPv6, which one machine can have to
 * itself; "0.0.0.0/32" for what is no address. Caller frees.
 */
char *network_of_client(const char *address);

/* "10.1.2.0/24", lower case, RFC 5952. Caller frees. */
char *network_format(const struct network *network);

/* The address without "/n". Caller frees. */
char *network_format_address(const struct network *network);

#endif
