/* SPDX-License-Identifier: MIT
 *
 * The owners of a registration.
 */
#include "service/owners.h"

#include "adapters/database/change.h"
#include "base/limits.h"

/* Whether the login can be added to the registration as it is now; else a finding says why. */
static bool is_addable(const struct registration *now, const char *login,
                       struct findings *findings)
{
    g_autofree char *most = g_strdup_printf("%u", LIMIT_OWNERS);

    if (now->state == REGISTRATION_RETIRED)
        findings_add(findings, FINDING_CHANGE_RETIRED, NULL);
    else if (registration_has_owner(now, login))
        findings_add(findings, FINDING_OWNER_PRESENT, login, NULL);
    else if (now->owners->len >= LIMIT_OWNERS)
        findings_add(findings, FINDING_OWNER_TOO_MANY, most, NULL);
    else
        return true;
    return false;
}

static bool add(struct database *database, const char *id, const char *login, const char *action,
                const struct actor *actor, struct findings *findings, bool *changed,
                GError **error)
{
    const struct change_words words = {.action = action, .notice = "owner-added", .about = login};
    auto_ptr(change) change = NULL;

    if (!change_begin(database, id, actor, &change, error))
        return false;
    if (!change || !is_addable(change_registration(change), login, findings))
        return true;
    *changed = change_add_owner(change, login, error) && change_finish(change, &words, error);
    return *changed;
}

static bool find(const struct office *office, const char *login, struct deadline deadline,
                 struct findings *findings, struct person **person, GError **error)
{
    enum person_answer answer;

    if (!directory_find_person(office->directory, login, deadline, &answer, person, error))
        return false;
    if (answer == PERSON_NOT_ELIGIBLE)
        findings_add(findings, FINDING_OWNER_NOT_ELIGIBLE, login, NULL);
    else if (answer == PERSON_BAD_LOGIN)
        findings_add(findings, FINDING_OWNER_LOGIN, login, NULL);
    else if (answer == PERSON_NOT_FOUND)
        findings_add(findings, FINDING_OWNER_NOT_FOUND, login, NULL);
    return true;
}

bool owners_add(const struct office *office, const char *id, const char *typed,
                const struct actor *actor, struct deadline deadline, struct findings *findings,
                bool *changed, GError **error)
{
    g_autofree char *login = registration_check_owner(typed, findings);
    auto_ptr(person) person = NULL;

    *changed = false;
    if (!login)
        return true;
    if (!find(office, login, deadline, findings, &person, error))
        return false;
    return !person || add(office->database, id, person->login, "owner added", actor, findings,
                          changed, error);
}

bool owners_join(struct database *database, const char *id, const struct actor *actor,
                 struct findings *findings, bool *changed, GError **error)
{
    *changed = false;
    return add(database, id, actor->login, "owner joined", actor, findings, changed, error);
}

/* Likewise, for taking off. */
static bool is_removable(const struct registration *now, const char *login,
                         struct findings *findings)
{
    if (now->state == REGISTRATION_RETIRED)
        findings_add(findings, FINDING_CHANGE_RETIRED, NULL);
    else if (!registration_has_owner(now, login))
        findings_add(findings, FINDING_OWNER_GONE, login, NULL);
    else if (now->owners->len == 1)
        findings_add(findings, FINDING_OWNER_LAST, login, NULL);
    else
        return true;
    return false;
}

bool owners_remove(struct database *database, const char *id, const char *login,
                   const struct actor *actor, struct findings *findings, bool *changed,
                   GError **error)
{
    const struct change_words words = {
        .action = "owner removed", .notice = "owner-removed", .about = login};
    auto_ptr(change) change = NULL;

    *changed = false;
    if (!change_begin(database, id, actor, &change, error))
        return false;
    if (!change || !is_removable(change_registration(change), login, findings))
        return true;
    *changed = change_remove_owner(change, login, error) && change_finish(change, &words, error);
    return *changed;
}
