/* SPDX-License-Identifier: MIT
 *
 * Whether a text or file holds a private key, whatever it is wrapped in.
 * Floor: rules; pure.
 *
 * People paste keys as their programs hand them out: in JSON, in a Kubernetes Secret, in
 * a URL, zipped, quoted in a mail. Nobody's key may be shown or kept, so whoever takes
 * something in from outside asks here once, before anybody else sees it.
 */
#ifndef APPSMTP_RULES_SECRET_H
#define APPSMTP_RULES_SECRET_H

#include <stddef.h>

enum secret {
    SECRET_NONE,
    SECRET_PRIVATE_KEY,
    SECRET_PKCS12,   /* usually holds a private key; only its password would tell */
    SECRET_KEYSTORE, /* Java's; likewise */
};

/*
 * Looks into any bytes: for the private keys of PKCS#1, PKCS#8 (also encrypted), SEC 1,
 * OpenSSH, PuTTY, PGP, JWK, age, Microsoft (PVK, blobs, XML), for PKCS#12 and Java key
 * stores, and for a PRIVATE KEY label in whatever state. They are found plain or in
 * base64, base64url, hexadecimal, URL-encoding, escapes of strings, quoted-printable, HTML
 * entities, UTF-16, gzip, zlib, ZIP, each in each other several layers deep.
 *
 * A key's first bytes are enough: a damaged or split key is disclosed as well. A key
 * without its first bytes, its label and everything else that tells is not found.
 *
 * Time and memory are bounded by a multiple of the size (256 KiB: about 0.1 s at worst).
 * What is in deeper layers, or unpacks to more than that, is not found. All copies are wiped.
 */
enum secret secret_find(const void *data, size_t size);

#endif
