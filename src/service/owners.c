/* SPDX-License-Identifier: MIT
 *
 * The owners of a registration.
 */
#include "service/owners.h"

#include "adapters/database/change.h"
#include "base/limits.h"

/* Whether the owner can be added to the registration as it is now; else a finding says why. */
static bool is_addable(const struct registration *now, const char *owner,
                       struct findings *findings)
{
    g_autofree char *most = g_strdup_printf("%u", LIMIT_OWNERS);

    if (now->state == REGISTRATION_RETIRED)
        findings_add(findings, FINDING_CHANGE_RETIRED, NULL);
    else if (registration_owner(now, owner_name(owner)))
        findings_add(findings, FINDING_OWNER_PRESENT, owner_name(owner), NULL);
    else if (now->owners->len >= LIMIT_OWNERS)
        findings_add(findings, FINDING_OWNER_TOO_MANY, most, NULL);
    else
        return true;
    return false;
}

static bool add(struct database *database, const char *id, const char *owner, const char *action,
                const struct actor *actor, struct findings *findings, bool *changed,
                GError **error)
{
    const struct change_words words = {.action = action, .notice = "owner-added", .about = owner};
    auto_ptr(change) change = NULL;

    if (!change_begin(database, id, actor, &change, error))
        return false;
    if (!change || !is_addable(change_registration(change), owner, findings))
        return true;
    *changed = change_add_owner(change, owner, error) && change_finish(change, &words, error);
    return *changed;
}

/* A name of both is refused even where the person is switched off: that may change. */
static enum owner_answer answer_of(enum person_answer person, enum group_answer group)
{
    bool known = person == PERSON_FOUND || person == PERSON_NOT_ELIGIBLE;

    if (person == PERSON_SEVERAL || group == GROUP_AMBIGUOUS || (group == GROUP_FOUND && known))
        return OWNER_AMBIGUOUS;
    if (person == PERSON_NOT_ELIGIBLE)
        return OWNER_NOT_ELIGIBLE;
    return person == PERSON_FOUND || group == GROUP_FOUND ? OWNER_FOUND : OWNER_NOT_FOUND;
}

bool owners_look_up(const struct office *office, const char *name, struct deadline deadline,
                    enum owner_answer *answer, char **owner, GError **error)
{
    auto_ptr(person) person = NULL;
    enum person_answer as_person;
    enum group_answer as_group;

    if (!directory_find_person(office->directory, name, deadline, &as_person, &person, error) ||
        !directory_find_group(office->directory, name, 0, deadline, &as_group, NULL, error))
        return false;
    *answer = answer_of(as_person, as_group);
    if (*answer == OWNER_FOUND)
        *owner = person ? g_strdup(person->login) : owner_of_group(name);
    return true;
}

static bool find(const struct office *office, const char *name, struct deadline deadline,
                 struct findings *findings, char **owner, GError **error)
{
    static const enum finding_id refusals[] = {
        [OWNER_NOT_FOUND] = FINDING_OWNER_NOT_FOUND,
        [OWNER_NOT_ELIGIBLE] = FINDING_OWNER_NOT_ELIGIBLE,
        [OWNER_AMBIGUOUS] = FINDING_OWNER_AMBIGUOUS,
    };
    enum owner_answer answer;

    if (!owners_look_up(office, name, deadline, &answer, owner, error))
        return false;
    if (answer != OWNER_FOUND)
        findings_add(findings, refusals[answer], name, NULL);
    return true;
}

bool owners_add(const struct office *office, const char *id, const char *typed,
                const struct actor *actor, struct deadline deadline, struct findings *findings,
                bool *changed, GError **error)
{
    g_autofree char *name = registration_check_owner(typed, findings);
    g_autofree char *owner = NULL;

    *changed = false;
    if (!name)
        return true;
    if (!find(office, name, deadline, findings, &owner, error))
        return false;
    return !owner ||
           add(office->database, id, owner, "owner added", actor, findings, changed, error);
}

bool owners_join(struct database *database, const char *id, const struct actor *actor,
                 struct findings *findings, bool *changed, GError **error)
{
    *changed = false;
    return add(database, id, actor->login, "owner joined", actor, findings, changed, error);
}

/* Likewise, for taking off. */
static bool is_removable(const struct registration *now, const char *name,
                         struct findings *findings)
{
    if (now->state == REGISTRATION_RETIRED)
        findings_add(findings, FINDING_CHANGE_RETIRED, NULL);
    else if (!registration_owner(now, name))
        findings_add(findings, FINDING_OWNER_GONE, name, NULL);
    else if (now->owners->len == 1)
        findings_add(findings, FINDING_OWNER_LAST, name, NULL);
    else
        return true;
    return false;
}

bool owners_remove(struct database *database, const char *id, const char *name,
                   const struct actor *actor, struct findings *findings, bool *changed,
                   GError **error)
{
    struct change_words words = {.action = "owner removed", .notice = "owner-removed"};
    auto_ptr(change) change = NULL;

    *changed = false;
    if (!change_begin(database, id, actor, &change, error))
        return false;
    if (!change || !is_removable(change_registration(change), name, findings))
        return true;
    words.about = registration_owner(change_registration(change), name);
    *changed =
        change_remove_owner(change, words.about, error) && change_finish(change, &words, error);
    return *changed;
}
