/* SPDX-License-Identifier: MIT
 *
 * What the rules say about an input: a list of findings. Floor: rules.
 *
 * A finding is an ordinary value, not an error: it names the form's field, has
 * a stable code for scripts, a severity, and the text that a person reads.
 * Codes and texts stand in one catalogue, messages.def.
 */
#ifndef APPSMTP_RULES_FINDING_H
#define APPSMTP_RULES_FINDING_H

#include "base/cleanup.h"

#include <glib.h>
#include <stdbool.h>

enum severity {
    SEVERITY_WARNING,     /* advice; never blocks */
    SEVERITY_UNAVAILABLE, /* somebody could not be asked: neither yes nor no */
    SEVERITY_ERROR,       /* refused */
};

enum verdict {
    VERDICT_ACCEPT,
    VERDICT_UNAVAILABLE,
    VERDICT_REFUSE,
};

enum finding_id {
#define FINDING(id, code, field, severity, text) FINDING_##id,
#include "rules/messages.def"
#undef FINDING
    FINDING_COUNT,
};

struct finding {
    enum finding_id id;
    const char *field; /* the form's field, as in "networks"; static */
    const char *code;  /* as in "network.host-bits"; static */
    enum severity severity;
    char *text; /* one or more whole sentences, plain text */
};

/* A growing list, in the order of adding. */
struct findings;

struct findings *findings_new(void);
void findings_free(struct findings *findings);
DEFINE_AUTO(findings, findings_free)

/*
 * Adds one. The arguments after the id are strings that replace {1}, {2} ... of
 * the catalogue's text, ended by NULL; they are copied, and may be anything a
 * person typed (the page escapes them).
 */
void findings_add(struct findings *findings, enum finding_id id, ...) G_GNUC_NULL_TERMINATED;

/* The same at another field than the catalogue's. Its name is kept for ever: one of a declared form. */
void findings_add_at(struct findings *findings, const char *field, enum finding_id id, ...)
    G_GNUC_NULL_TERMINATED;

/* Moves all of the second list to the end of the first; the second is then empty. */
void findings_take(struct findings *findings, struct findings *more);

/* Takes all out again. */
void findings_clear(struct findings *findings);

size_t findings_count(const struct findings *findings);
const struct finding *findings_at(const struct findings *findings, size_t index);
bool findings_has(const struct findings *findings, enum finding_id id);

/*
 * REFUSE when one is an error, else UNAVAILABLE when one could not be asked,
 * else ACCEPT. A definite no stands whatever else could not be asked.
 */
enum verdict findings_verdict(const struct findings *findings);

/* "accept", "refuse", "unavailable"; "error", "warning", "unavailable". Static. */
const char *verdict_name(enum verdict verdict);
const char *severity_name(enum severity severity);

/* The catalogue by itself, for checks over all of it. The text has its {1} ... in place. */
struct finding findings_catalogue(enum finding_id id);

#endif
