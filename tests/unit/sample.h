/* SPDX-License-Identifier: MIT
 *
 * The settings for the sample directory on a private slapd, read from a file as a site's are.
 */
#ifndef APPSMTP_TEST_SAMPLE_H
#define APPSMTP_TEST_SAMPLE_H

#include "adapters/config/config.h"
#include "slapd.h"

struct sample {
    const char *const *uris; /* ended by NULL */
    const char *directory;   /* more attributes of <directory>, or NULL */
    const char *people;      /* more bases of <people>, as elements, or NULL */
    const char *groups;      /* attributes of <groups> besides base, or NULL */
    const char *rules; /* of <accounts>; NULL: managedBy owns, msExchCoManagedByLink administers */
};

/* With time limits that a busy machine holds: 20 s to connect and for an operation, 60 s in all. */
struct config *sample_config(const struct slapd *slapd, const struct sample *sample);

#endif
