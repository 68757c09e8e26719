/* SPDX-License-Identifier: MIT
 *
 * Lists of findings, and the catalogue of their texts.
 */
#include "rules/finding.h"

#include <stdarg.h>

struct findings {
    GPtrArray *list;
};

static const struct finding catalogue[FINDING_COUNT] = {
#define FINDING(id, code, field, severity, text) \
    [FINDING_##id] = {FINDING_##id, field, code, SEVERITY_##severity, (char *)(text)},
#include "rules/messages.def"
#undef FINDING
};

static void finding_free(gpointer data)
{
    struct finding *finding = data;

    g_free(finding->text);
    g_free(finding);
}

struct findings *findings_new(void)
{
    struct findings *findings = g_new0(struct findings, 1);

    findings->list = g_ptr_array_new_with_free_func(finding_free);
    return findings;
}

void findings_free(struct findings *findings)
{
    if (!findings)
        return;
    g_ptr_array_unref(findings->list);
    g_free(findings);
}

/* Copies the text with {1} ... {9} replaced; a brace without an argument stays as it is. */
static char *fill(const char *text, const char *const arguments[], size_t count)
{
    GString *filled = g_string_new(NULL);

    for (const char *at = text; *at; at++) {
        size_t number = at[0] == '{' && at[1] >= '1' && at[1] <= '9' && at[2] == '}'
                            ? (size_t)(at[1] - '0')
                            : 0;
        if (number == 0 || number > count) {
            g_string_append_c(filled, *at);
        } else {
            g_string_append(filled, arguments[number - 1]);
            at += 2;
        }
    }
    return g_string_free(filled, FALSE);
}

static void add_filled(struct findings *findings, const char *field, enum finding_id id,
                       va_list list)
{
    struct finding *finding = g_memdup2(&catalogue[id], sizeof *finding);
    const char *arguments[9];
    size_t count = 0;

    for (const char *one; count < G_N_ELEMENTS(arguments) && (one = va_arg(list, const char *));)
        arguments[count++] = one;
    finding->text = fill(catalogue[id].text, arguments, count);
    if (field)
        finding->field = g_intern_string(field);
    g_ptr_array_add(findings->list, finding);
}

void findings_add(struct findings *findings, enum finding_id id, ...)
{
    va_list list;

    va_start(list, id);
    add_filled(findings, NULL, id, list);
    va_end(list);
}

void findings_add_at(struct findings *findings, const char *field, enum finding_id id, ...)
{
    va_list list;

    va_start(list, id);
    add_filled(findings, field, id, list);
    va_end(list);
}

void findings_take(struct findings *findings, struct findings *more)
{
    g_ptr_array_extend_and_steal(findings->list, more->list);
    more->list = g_ptr_array_new_with_free_func(finding_free);
}

void findings_clear(struct findings *findings)
{
    g_ptr_array_set_size(findings->list, 0);
}

size_t findings_count(const struct findings *findings)
{
    return findings->list->len;
}

const struct finding *findings_at(const struct findings *findings, size_t index)
{
    return g_ptr_array_index(findings->list, index);
}

bool findings_has(const struct findings *findings, enum finding_id id)
{
    for (size_t i = 0; i < findings_count(findings); i++)
        if (findings_at(findings, i)->id == id)
            return true;
    return false;
}

enum verdict findings_verdict(const struct findings *findings)
{
    enum severity worst = SEVERITY_WARNING;

    for (size_t i = 0; i < findings_count(findings); i++)
        worst = MAX(worst, findings_at(findings, i)->severity);
    return worst == SEVERITY_ERROR         ? VERDICT_REFUSE
           : worst == SEVERITY_UNAVAILABLE ? VERDICT_UNAVAILABLE
                                           : VERDICT_ACCEPT;
}

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
        [VERDICT_ACCEPT] = "accept",
        [VERDICT_UNAVAILABLE] = "unavailable",
        [VERDICT_REFUSE] = "refuse",
    };

    return names[verdict];
}

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {
        [SEVERITY_WARNING] = "warning",
        [SEVERITY_UNAVAILABLE] = "unavailable",
        [SEVERITY_ERROR] = "error",
    };

    return names[severity];
}

struct finding findings_catalogue(enum finding_id id)
{
    return catalogue[id];
}
