/* SPDX-License-Identifier: MIT
 *
 * What is inside struct trust. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_TRUST_H
#define APPSMTP_CERTIFICATE_TRUST_H

#include "adapters/certificate/certificate.h"
#include "adapters/certificate/openssl.h"

struct anchor {
    X509 *certificate;
    bool added; /* a private root of this site */
};

struct trust {
    GPtrArray *anchors;       /* of struct anchor */
    GPtrArray *intermediates; /* of X509 *: known, not trusted by themselves */
};

#endif
