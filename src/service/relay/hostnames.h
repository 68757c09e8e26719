/* SPDX-License-Identifier: MIT
 *
 * The addresses of registered hostnames, from run to run. Floor: service.
 *
 * DNS that cannot be asked must not stop a registration's mail, so the last good
 * addresses are kept for LIMIT_HOSTNAME_KEPT_DAYS. "Does not exist" takes them away when
 * it has been the only answer for a number of hours, and at least three runs have heard
 * it: a mistake in a zone is put right within a day. An answer that failed begins the
 * hours anew, since nobody knows what it would have been. A and AAAA are judged each by
 * itself.
 *
 * A name that brings more than LIMIT_HOSTNAME_ADDRESSES is one that could not be asked: the
 * addresses that it had before are kept as long, and then there are none.
 *
 * The state is the file "hostnames" beside the generations, a line a name:
 *     # appsmtp hostnames 1
 *     web1.example.edu<TAB>A<TAB>AAAA
 *     # end SHA-256
 * and of A and AAAA four fields each, the addresses separated by blanks:
 *     2026-11-23T12:00:00Z<TAB>0<TAB>-<TAB>10.1.2.3
 * that is: when it was answered (within the hour), the runs that have heard since that
 * it does not exist (at most 3), when the first of them did, the addresses.
 */
#ifndef APPSMTP_HOSTNAMES_H
#define APPSMTP_HOSTNAMES_H

#include "rules/hostname.h"

#define HOSTNAMES_FILE "hostnames"

struct hostnames;

/*
 * The state of folder/hostnames; empty when there is none. A file of versions before, which
 * had no head, and a line of those that knew days only, which counts from now on, are read
 * as well. *damaged: the file is there and is not what was written, so that nothing of it
 * is taken.
 */
struct hostnames *hostnames_load(const char *folder, bool *damaged);
void hostnames_free(struct hostnames *hostnames);
DEFINE_AUTO(hostnames, hostnames_free)

/* Whether one of these names (of char *) is not known yet. */
bool hostnames_lack(const struct hostnames *hostnames, const GPtrArray *names);

/*
 * Takes the addresses of all names that are not known from the pairs of a whole generation,
 * as if they had been answered now: the state is gone or damaged, and DNS may be silent.
 */
void hostnames_recover(struct hostnames *hostnames, const char *generation, gint64 now);

/*
 * Takes in what DNS said (of struct hostname_answers) in the run of that second
 * (since 1970). gone_hours: how long nothing but "does not exist" takes addresses away.
 * Names that were not asked any more are forgotten.
 */
void hostnames_update(struct hostnames *hostnames, const GPtrArray *answers, unsigned gone_hours,
                      gint64 now);

/* The addresses (of struct network) that count for the name, or NULL; owned by hostnames. */
const GArray *hostnames_find(const struct hostnames *hostnames, const char *name);

/* Of char *, sorted: names whose old addresses are used, and names without any. Owned likewise. */
const GPtrArray *hostnames_kept(const struct hostnames *hostnames);
const GPtrArray *hostnames_without(const struct hostnames *hostnames);

/* Of char *, sorted: those without any that may have some, since DNS could not be asked. */
const GPtrArray *hostnames_silent(const struct hostnames *hostnames);

/* Of char *, sorted: names that have too many addresses now, whether old ones are kept or not;
 * none of them is in the lists above. */
const GPtrArray *hostnames_crowded(const struct hostnames *hostnames);

/* Of char *, sorted: "web1.example.edu 10.1.2.3 -> 10.1.2.4", for each name that was known
 * before with other addresses, of which the first four are named. Owned likewise. */
const GPtrArray *hostnames_moved(const struct hostnames *hostnames);

/* What the database is told: {"web1.example.edu": "10.1.2.3 10.1.2.4"}. Caller frees. */
char *hostnames_json(const struct hostnames *hostnames);

/* Writes folder/hostnames by rename, unless it holds the same already. */
bool hostnames_save(const struct hostnames *hostnames, const char *folder, GError **error);

#endif
