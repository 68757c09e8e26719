/* SPDX-License-Identifier: MIT
 *
 * The owners of a registration.
 */
#include "service/owners.h"

#include "base/error.h"
#include "base/limits.h"

/* ---- who has another name now --------------------------------------------------------------- */

/* The row is of who had that name before whoever has the other id. */
static bool is_outdated(const struct owner *row, const char *person_id)
{
    return *row->person_id && *person_id && !g_str_equal(row->person_id, person_id);
}

/* *several: who it is cannot be told. */
static bool ask_person(const struct office *office, const struct owner *row,
                       struct deadline deadline, bool *several, char **login, GError **error)
{
    const struct person_key key = {row->person_id, row->written};
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    if (!directory_find_person_by_id(office->directory, &key, deadline, &answer, &person, error))
        return false;
    *several = answer == PERSON_SEVERAL;
    *login = person ? g_strdup(person->login) : NULL;
    return true;
}

static bool ask_group(const struct office *office, const struct owner *row,
                      struct deadline deadline, bool *several, char **name, GError **error)
{
    auto_ptr(directory_group) group = NULL;
    enum group_answer answer;

    if (!directory_find_owner_group(office->directory, row, 0, deadline, &answer, &group, error))
        return false;
    *several = answer == GROUP_AMBIGUOUS || answer == GROUP_VEILED;
    *name = group && *group->name ? g_strdup(group->name) : NULL;
    return true;
}

/* The name that the row's owner has now; NULL when they have none, or cannot use it. */
static bool ask_name(const struct office *office, const struct owner *row,
                     struct deadline deadline, char **name, GError **error)
{
    bool is_group = owner_is_group(row->written);
    bool several;

    if (!(is_group ? ask_group : ask_person)(office, row, deadline, &several, name, error))
        return false;
    if (!several && (!*name || !g_str_equal(*name, owner_name(row->written))))
        return true;
    g_clear_pointer(name, g_free);
    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DIRECTORY,
                "could not tell whose name %s is: two %s have it", owner_name(row->written),
                is_group ? "groups" : "people");
    return false;
}

/*
 * Takes the name from the row of whom it was before. The name of now may stand in such a row
 * itself: that one comes first. left: how many rows there can be.
 */
static bool make_room(const struct office *office, struct change *change, const char *name,
                      const char *person_id, struct deadline deadline, unsigned left,
                      GError **error)
{
    const struct owner *row = registration_owner(change_registration(change), name);
    g_autofree char *now = NULL;

    if (!row || !is_outdated(row, person_id))
        return true;
    if (!ask_name(office, row, deadline, &now, error))
        return false;
    if (!now || left == 0)
        return change_remove_owner(change, row->written, error);
    return make_room(office, change, now, row->person_id, deadline, left - 1, error) &&
           change_rename_owner(change, row->written, now, error);
}

bool owners_put(const struct office *office, struct change *change, const struct owner *owner,
                struct deadline deadline, GError **error)
{
    return make_room(office, change, owner_name(owner->written), owner->person_id, deadline,
                     LIMIT_OWNERS, error) &&
           change_add_owner(change, owner, error);
}

/* The person's row with another login than that of now, or NULL. */
static const struct owner *older_row(const struct registration *now, const struct actor *person)
{
    for (guint i = 0; i < now->owners->len; i++) {
        const struct owner *row = g_ptr_array_index(now->owners, i);
        if (g_str_equal(row->person_id, person->person_id) &&
            !g_str_equal(row->written, person->login))
            return row;
    }
    return NULL;
}

/* Takes the row with an older login; *changed: there was something to do, and it can be done. */
static bool rename_row(struct change *change, const struct actor *person, bool *changed,
                       GError **error)
{
    const struct registration *now = change_registration(change);
    const struct owner *row = older_row(now, person);
    const struct owner *there = registration_owner(now, person->login);

    *changed = row && (!there || g_str_equal(there->person_id, person->person_id));
    if (!*changed)
        return true;
    return there ? change_remove_owner(change, row->written, error)
                 : change_rename_owner(change, row->written, person->login, error);
}

static bool follow(struct database *database, const char *id, const struct actor *person,
                   GError **error)
{
    static const struct change_words words = {
        .action = "owner renamed",
        .reason = "the directory has this person under another login now",
    };
    auto_ptr(change) change = NULL;
    bool changed;

    if (!change_begin(database, id, person, &change, error))
        return false;
    if (!change)
        return true;
    return rename_row(change, person, &changed, error) &&
           (!changed || change_finish(change, &words, error));
}

bool owners_follow(struct database *database, const struct actor *person, GError **error)
{
    g_autoptr(GPtrArray) ids = NULL;

    if (!registry_adopt(database, person, error) ||
        !registry_outdated(database, person, &ids, error))
        return false;
    for (guint i = 0; i < ids->len; i++)
        if (!follow(database, g_ptr_array_index(ids, i), person, error))
            return false;
    return true;
}

/* ---- adding and taking off ------------------------------------------------------------------- */

/* A name stands once in the list, but for somebody who has another login now. */
static bool is_present(const struct registration *now, const struct owner *owner)
{
    const struct owner *row = registration_owner(now, owner_name(owner->written));

    return registration_lists(now, owner) || (row && !is_outdated(row, owner->person_id));
}

/* Whether the owner can be added to the registration as it is now; else a finding says why. */
static bool is_addable(const struct registration *now, const struct owner *owner,
                       struct findings *findings)
{
    g_autofree char *most = g_strdup_printf("%u", LIMIT_OWNERS);

    if (now->state == REGISTRATION_RETIRED)
        findings_add(findings, FINDING_CHANGE_RETIRED, NULL);
    else if (is_present(now, owner))
        findings_add(findings, FINDING_OWNER_PRESENT, owner_name(owner->written), NULL);
    else if (now->owners->len >= LIMIT_OWNERS)
        findings_add(findings, FINDING_OWNER_TOO_MANY, most, NULL);
    else
        return true;
    return false;
}

/* Who is added to what, and by whom. */
struct addition {
    const struct office *office;
    const char *id; /* of the registration */
    const struct owner *owner;
    const struct actor *actor;
    struct deadline deadline;
};

static bool add(const struct addition *addition, const char *action, struct findings *findings,
                bool *changed, GError **error)
{
    const struct change_words words = {
        .action = action, .notice = "owner-added", .about = addition->owner};
    auto_ptr(change) change = NULL;

    if (!change_begin(addition->office->database, addition->id, addition->actor, &change, error))
        return false;
    if (!change || !is_addable(change_registration(change), addition->owner, findings))
        return true;
    *changed = owners_put(addition->office, change, addition->owner, addition->deadline, error) &&
               change_finish(change, &words, error);
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
                    enum owner_answer *answer, struct owner **owner, GError **error)
{
    auto_ptr(person) person = NULL;
    auto_ptr(directory_group) group = NULL;
    g_autofree char *written = owner_of_group(name);
    enum person_answer as_person;
    enum group_answer as_group;

    if (!directory_find_person(office->directory, name, deadline, &as_person, &person, error) ||
        !directory_find_group(office->directory, name, 0, deadline, &as_group, &group, error))
        return false;
    *answer = answer_of(as_person, as_group);
    if (*answer == OWNER_FOUND)
        *owner = person ? owner_new(person->login, person->id) : owner_new(written, group->id);
    return true;
}

static bool find(const struct office *office, const char *name, struct deadline deadline,
                 struct findings *findings, struct owner **owner, GError **error)
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
    auto_ptr(owner) owner = NULL;
    struct addition addition = {office, id, NULL, actor, deadline};

    *changed = false;
    if (!name)
        return true;
    if (!find(office, name, deadline, findings, &owner, error))
        return false;
    addition.owner = owner;
    return !owner || add(&addition, "owner added", findings, changed, error);
}

bool owners_join(const struct office *office, const char *id, const struct actor *actor,
                 struct deadline deadline, struct findings *findings, bool *changed,
                 GError **error)
{
    auto_ptr(owner) owner = owner_new(actor->login, actor->person_id);
    const struct addition addition = {office, id, owner, actor, deadline};

    *changed = false;
    return add(&addition, "owner joined", findings, changed, error);
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
    *changed = change_remove_owner(change, words.about->written, error) &&
               change_finish(change, &words, error);
    return *changed;
}
