/* SPDX-License-Identifier: MIT
 *
 * The addresses of registered hostnames, from run to run. Floor: service.
 *
 * DNS that cannot be asked must not stop a registration's mail, so the last good
 * addresses are kept for LIMIT_HOSTNAME_KEPT_DAYS. "Does not exist" takes them away
 * when three runs on two days have heard it. The state is the file "hostnames"
 * beside the generations, a line a name:
 *     web1.example.edu<TAB>2026-11-23<TAB>0<TAB>-<TAB>10.1.2.3 2001:db8:c0::3
 * that is: the name, the last day with an answer, the runs that heard that it does
 * not exist, the day of the first of them, the addresses.
 */
#ifndef APPSMTP_HOSTNAMES_H
#define APPSMTP_HOSTNAMES_H

#include "rules/hostname.h"

#define HOSTNAMES_FILE "hostnames"

struct hostnames;

/* The state of folder/hostnames; empty when there is none. Lines that nobody can read
 * are dropped. NULL and APPSMTP_ERROR_OUTPUT when it is there and cannot be read: what DNS said
 * before is not forgotten for that. */
struct hostnames *hostnames_load(const char *folder, GError **error);
void hostnames_free(struct hostnames *hostnames);
DEFINE_AUTO(hostnames, hostnames_free)

/*
 * Takes in what DNS said (of struct hostname_answers) in the run of that second
 * (since 1970). Names that were not asked any more are forgotten.
 */
void hostnames_update(struct hostnames *hostnames, const GPtrArray *answers, gint64 now);

/* The addresses (of struct network) that count for the name, or NULL; owned by hostnames. */
const GArray *hostnames_find(const struct hostnames *hostnames, const char *name);

/* Of char *, sorted: names whose old addresses are used, and names without any. Owned likewise. */
const GPtrArray *hostnames_kept(const struct hostnames *hostnames);
const GPtrArray *hostnames_without(const struct hostnames *hostnames);

/* Writes folder/hostnames by rename, unless it holds the same already. */
bool hostnames_save(const struct hostnames *hostnames, const char *folder, GError **error);

#endif
