/* SPDX-License-Identifier: MIT
 *
 * From a leaf to a root. Private to this folder.
 */
#ifndef APPSMTP_CERTIFICATE_PATH_H
#define APPSMTP_CERTIFICATE_PATH_H

#include "adapters/certificate/trust.h"
#include "rules/certificate.h"

/*
 * Tries every path from the leaf over intermediates of the bundle and of the
 * trust to an anchor, and takes the first that is good. When none is, the
 * findings of the one with the fewest are added, or what is missing. facts: the
 * leaf's. Returns what the path leads to, UNKNOWN without one. Does not judge
 * the leaf by itself, and no names; asks nobody about revocation.
 */
enum certificate_root path_check(const struct trust *trust, const GPtrArray *bundle, X509 *leaf,
                                 const struct certificate_facts *facts, gint64 now,
                                 struct findings *findings);

#endif
