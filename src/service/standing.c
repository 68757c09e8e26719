/* SPDX-License-Identifier: MIT
 *
 * Whether a registration is in force.
 */
#include "service/standing.h"

#include "adapters/database/change.h"
#include "base/limits.h"

#define DAY (24 * 3600)

/* From one state to another, once the rules have let it pass. */
struct turn {
    enum registration_state state;
    bool by_operator;
    struct change_words words;
};

/*
 * Decides by the registration as it is now: true when there is something to do. A
 * finding says why not, or there is none when it is so already.
 */
typedef bool judge(const struct registration *now, gint64 at, struct findings *findings);

static bool make(struct database *database, const char *id, const struct turn *turn, judge *may,
                 gint64 at, const struct actor *actor, struct findings *findings, bool *changed,
                 GError **error)
{
    auto_ptr(change) change = NULL;
    const struct registration *now;
    bool taken;

    *changed = false;
    if (!change_begin(database, id, actor, &change, error))
        return false;
    now = change ? change_registration(change) : NULL;
    if (!now || !may(now, at, findings))
        return true;
    if (!change_set_state(change, turn->state, turn->by_operator, &taken, error))
        return false;
    if (taken) {
        findings_add(findings, FINDING_RESTORE_TAKEN, now->address, NULL);
        return true;
    }
    *changed = change_finish(change, &turn->words, error);
    return *changed;
}

static bool may_retire(const struct registration *now, gint64 at G_GNUC_UNUSED,
                       struct findings *findings)
{
    if (now->suspended_by_operator)
        findings_add(findings, FINDING_RETIRE_SUSPENDED, NULL);
    return now->state != REGISTRATION_RETIRED && !now->suspended_by_operator;
}

bool standing_retire(struct database *database, const char *id, const char *reason,
                     const struct actor *actor, struct findings *findings, bool *changed,
                     GError **error)
{
    const struct turn turn = {
        .state = REGISTRATION_RETIRED,
        .words = {.action = "retired", .notice = "retired", .reason = reason}};

    return make(database, id, &turn, may_retire, 0, actor, findings, changed, error);
}

static bool may_suspend(const struct registration *now, gint64 at G_GNUC_UNUSED,
                        struct findings *findings)
{
    if (now->state == REGISTRATION_RETIRED)
        findings_add(findings, FINDING_SUSPEND_RETIRED, NULL);
    return now->state != REGISTRATION_RETIRED && !now->suspended_by_operator;
}

bool standing_suspend(struct database *database, const char *id, const char *reason,
                      const struct actor *actor, struct findings *findings, bool *changed,
                      GError **error)
{
    const struct turn turn = {
        .state = REGISTRATION_SUSPENDED,
        .by_operator = true,
        .words = {.action = "suspended", .notice = "suspended", .reason = reason}};

    return make(database, id, &turn, may_suspend, 0, actor, findings, changed, error);
}

static bool may_resume(const struct registration *now, gint64 at G_GNUC_UNUSED,
                       struct findings *findings)
{
    if (now->state == REGISTRATION_RETIRED)
        findings_add(findings, FINDING_SUSPEND_RETIRED, NULL);
    return now->state == REGISTRATION_SUSPENDED;
}

bool standing_resume(struct database *database, const char *id, const char *reason,
                     const struct actor *actor, struct findings *findings, bool *changed,
                     GError **error)
{
    const struct turn turn = {
        .state = REGISTRATION_LIVE,
        .words = {.action = "resumed", .notice = "resumed", .reason = reason}};

    return make(database, id, &turn, may_resume, 0, actor, findings, changed, error);
}

bool standing_is_restorable(const struct registration *registration, gint64 now)
{
    return registration->state == REGISTRATION_RETIRED &&
           now - registration->changed_at <= (gint64)LIMIT_RESTORE_DAYS * DAY;
}

static bool may_restore(const struct registration *now, gint64 at, struct findings *findings)
{
    g_autofree char *days = g_strdup_printf("%u", LIMIT_RESTORE_DAYS);

    if (now->state == REGISTRATION_RETIRED && !standing_is_restorable(now, at))
        findings_add(findings, FINDING_RESTORE_TOO_LATE, days, NULL);
    return standing_is_restorable(now, at);
}

bool standing_restore(struct database *database, const char *id, const char *reason, gint64 now,
                      const struct actor *actor, struct findings *findings, bool *changed,
                      GError **error)
{
    const struct turn turn = {
        .state = REGISTRATION_LIVE,
        .words = {.action = "restored", .notice = "resumed", .reason = reason}};

    return make(database, id, &turn, may_restore, now, actor, findings, changed, error);
}

bool standing_confirm(struct database *database, const char *id, gint64 now,
                      const struct actor *actor, struct findings *findings, bool *changed,
                      GError **error)
{
    static const struct change_words words = {.action = "confirmed"};
    auto_ptr(change) change = NULL;
    const struct registration *stored;

    *changed = false;
    if (!change_begin(database, id, actor, &change, error))
        return false;
    stored = change ? change_registration(change) : NULL;
    if (stored && stored->state == REGISTRATION_RETIRED)
        findings_add(findings, FINDING_CHANGE_RETIRED, NULL);
    if (!stored || stored->state == REGISTRATION_RETIRED || now - stored->confirmed_at < DAY)
        return true;
    *changed = change_confirm(change, error) && change_finish(change, &words, error);
    return *changed;
}
