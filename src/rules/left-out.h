/* SPDX-License-Identifier: MIT
 *
 * Why an export leaves out a source of a registration that is in force. Floor: rules; pure.
 *
 * The export finds it, the database keeps it under its code, pages, shell and notices say it.
 */
#ifndef APPSMTP_RULES_LEFT_OUT_H
#define APPSMTP_RULES_LEFT_OUT_H

#include <glib.h>
#include <stdbool.h>

enum left_out {
    LEFT_OUT_CERTIFICATE_ENDED, /* and its days of grace, too */
    LEFT_OUT_NO_LOCATION,       /* none of its locations is configured any more */
    LEFT_OUT_OUTSIDE,           /* none of its addresses is in its locations */
    LEFT_OUT_PARTLY_OUTSIDE,    /* it is exported without some of its addresses */
    LEFT_OUT_NO_ADDRESS,        /* DNS has none, for longer than is waited for */
    LEFT_OUT_NOT_LOOKED_UP,     /* nor could DNS be asked so far */
    LEFT_OUT_TOO_MANY_ADDRESSES, /* more than LIMIT_HOSTNAME_ADDRESSES, likewise */
    LEFT_OUT_TOO_MANY_KEPT,     /* it is exported with those that it had before, for a time */
    LEFT_OUT_UNFIT,             /* no map can hold it */
    LEFT_OUT_REASONS,
};

/* "certificate-ended", "outside" ...: in files and in the database. Static. */
const char *left_out_code(enum left_out reason);

/* False when there is no such code: another version's, or damaged. */
bool left_out_parse(const char *code, enum left_out *reason);

/* Whether the relay recognises nobody by the source; else only some addresses are left out. */
bool left_out_is_whole(enum left_out reason);

/*
 * Whether it comes by itself, long announced; all others come by a change of the
 * configuration, of DNS or of the database, which nobody may have meant so.
 */
bool left_out_is_expected(enum left_out reason);

/*
 * What is said of the source, behind its name: "is outside its locations (198.51.100.7)".
 * detail may be "". Also for a code that is not known. Caller frees.
 */
char *left_out_words(const char *code, const char *detail);

#endif
