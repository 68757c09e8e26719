/* SPDX-License-Identifier: MIT
 *
 * The round of the owners: first every answer, then what comes of them.
 */
#include "adapters/database/upkeep.h"
#include "base/error.h"
#include "base/limits.h"
#include "rules/registration.h"
#include "service/upkeep/recognition.h"
#include "service/upkeep/upkeep.h"

#define DAY (24 * 3600)
#define DATABASE_MS 60000
#define DIRECTORY_MS 20000
#define GRACE_DAYS 14

/* What may be wrong; the names are those of the table ownership_check. */
struct fault {
    const char *name, *words, *advice;
};

static const struct fault not_found = {
    "not-found", "the directory no longer has an account with this address",
    "if the account was deleted or has lost the address by mistake, have it put back. If it is "
    "meant to be gone, retire the registration."};
static const struct fault ambiguous = {
    "ambiguous", "the directory has more than one account with this address",
    "have the address taken off all accounts but one."};
static const struct fault not_eligible = {
    "not-eligible", "the account behind this address may no longer send mail",
    "if its mailbox was taken away by mistake, have it put back. If it is meant to be gone, "
    "retire the registration."};
static const struct fault moved = {
    "moved",
    "its address belongs to another account now, on which no owner of the registration has a role",
    "if the address was moved by mistake, have it moved back. If it is meant to be there, an owner "
    "or administrator of the account that has it now can join the registration on its page."};
static const struct fault nobody = {
    "nobody",
    "nobody who owns it is in the directory any more, and the account behind the address has "
    "neither owner nor administrator",
    "have an owner named for the account; that person can then take the registration over on "
    "its page."};

struct answer {
    const struct checked *checked;
    const struct fault *fault; /* or NULL */
    GPtrArray *absent;         /* of const struct owner, as listed: not in the directory */
    GPtrArray *recognised;     /* of struct recognised: whose row is to be brought up to date */
    struct standing *standing; /* of the account; or NULL */
    bool made_anew;            /* another account, but one of a listed owner's */
};

static void recognised_release(gpointer data)
{
    recognised_free(data);
}

static void answer_free(gpointer data)
{
    struct answer *answer = data;

    g_ptr_array_unref(answer->absent);
    g_ptr_array_unref(answer->recognised);
    standing_free(answer->standing);
    g_free(answer);
}

/* What one round has heard so far. */
struct round {
    const struct upkeep *upkeep;
    GPtrArray *pages;   /* of GPtrArray of struct checked */
    GPtrArray *answers; /* of struct answer */
    GHashTable *people; /* key_of() an owner to struct known: each is asked about once */
    guint limited;      /* registrations that met a limit of the set-up, and are passed over */
    GError *limit;      /* what the first of them met */
};

/* What the directory says of a listed owner. */
enum presence {
    PRESENT = 1, /* or several entries have the name, each of which may be the owner */
    DORMANT, /* neither there nor absent: nobody can act now, but may again */
    ABSENT,
};

struct known {
    enum presence presence;
    char *name; /* the login, or the group's, of now; NULL where the directory names nobody */
    char *id;   /* likewise */
};

static void known_free(gpointer data)
{
    struct known *known = data;

    g_free(known->name);
    g_free(known->id);
    g_free(known);
}

/* Two may be listed with one login, where it has passed from one to the other. Caller frees. */
static char *key_of(const struct owner *owner)
{
    return g_strconcat(owner->written, "\x1f", owner->person_id, NULL);
}

/* ---- asking --------------------------------------------------------------------------------- */

static bool find_person(const struct upkeep *upkeep, const struct owner *owner,
                        enum person_answer *answer, struct person **person, GError **error)
{
    struct deadline deadline = deadline_in(DIRECTORY_MS);
    const struct person_key key = {owner->person_id, owner->written};

    return *owner->person_id
               ? directory_find_person_by_id(upkeep->directory, &key, deadline, answer, person,
                                             error)
               : directory_find_person(upkeep->directory, owner->written, deadline, answer, person,
                                       error);
}

/* A disabled person cannot sign in, but may come back. */
static bool ask_person(const struct upkeep *upkeep, const struct owner *owner, struct known *known,
                       GError **error)
{
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    if (!find_person(upkeep, owner, &answer, &person, error))
        return false;
    known->presence = answer == PERSON_NOT_FOUND      ? ABSENT
                      : answer == PERSON_NOT_ELIGIBLE ? DORMANT
                                                      : PRESENT;
    known->name = person ? g_strdup(person->login) : NULL;
    known->id = person ? g_strdup(person->id) : NULL;
    return true;
}

/* One member is enough. */
static bool ask_group(const struct upkeep *upkeep, const struct owner *owner, struct known *known,
                      GError **error)
{
    auto_ptr(directory_group) group = NULL;
    enum group_answer answer;

    if (!directory_find_owner_group(upkeep->directory, owner, 1, deadline_in(DIRECTORY_MS), &answer,
                                    &group, error))
        return false;
    if (!group) {
        known->presence = answer == GROUP_NOT_FOUND   ? ABSENT
                          : answer == GROUP_AMBIGUOUS ? PRESENT
                                                      : DORMANT;
        return true;
    }
    known->presence = group->members->len > 0 || group->more ? PRESENT : DORMANT;
    known->name = *group->name ? g_strdup(group->name) : NULL;
    known->id = g_strdup(group->id);
    return true;
}

/* The directory may be slow, and only one run at a time is to ask it. */
static bool keep_lock(const struct upkeep *upkeep, GError **error)
{
    database_set_deadline(upkeep->database, deadline_in(DATABASE_MS));
    return database_keep_hold(upkeep->database, error);
}

static bool ask_owner(struct round *round, const struct owner *owner, const struct known **known,
                      GError **error)
{
    g_autofree char *key = key_of(owner);
    struct known *asked;
    bool good;

    *known = g_hash_table_lookup(round->people, key);
    if (*known)
        return true;
    if (!keep_lock(round->upkeep, error))
        return false;
    asked = g_new0(struct known, 1);
    good = owner_is_group(owner->written)
               ? ask_group(round->upkeep, owner, asked, error)
               : ask_person(round->upkeep, owner, asked, error);
    if (good)
        g_hash_table_insert(round->people, g_steal_pointer(&key), asked);
    else
        known_free(asked);
    *known = asked;
    return good;
}

static bool ask_owners(struct round *round, struct answer *answer, bool *any, GError **error)
{
    const GPtrArray *owners = answer->checked->owners;

    *any = false;
    for (guint i = 0; i < owners->len; i++) {
        const struct owner *owner = g_ptr_array_index(owners, i);
        const struct known *known;
        if (!ask_owner(round, owner, &known, error))
            return false;
        *any |= known->presence == PRESENT;
        if (known->presence == ABSENT)
            g_ptr_array_add(answer->absent, (gpointer)owner);
        if (known->name)
            recognition_note(answer->recognised, owner, known->name, known->id);
    }
    recognition_settle(owners, answer->recognised);
    return true;
}

/* An account that a person on the list owns: its own owners had it deleted
   and made anew, and it is theirs as before. */
static bool ask_made_anew(struct round *round, struct answer *answer, GError **error)
{
    const struct checked *checked = answer->checked;

    for (guint i = 0; i < checked->owners->len && !answer->made_anew; i++) {
        const struct owner *owner = g_ptr_array_index(checked->owners, i);
        const struct known *known;
        enum role_answer role;
        if (!ask_owner(round, owner, &known, error))
            return false;
        if (!known->name || owner_is_group(owner->written))
            continue;
        if (!directory_role(round->upkeep->directory, known->name, checked->address,
                            deadline_in(DIRECTORY_MS), &role, NULL, error))
            return false;
        answer->made_anew = role == ROLE_OWNER || role == ROLE_ADMINISTRATOR;
    }
    return true;
}

static bool is_another(const struct answer *answer)
{
    return answer->standing->answer == STANDING_GOOD &&
           !g_str_equal(answer->standing->id, answer->checked->account_id);
}

static const struct fault *fault_of(const struct answer *answer, bool any_owner)
{
    switch (answer->standing->answer) {
    case STANDING_NOT_FOUND:
        return &not_found;
    case STANDING_AMBIGUOUS:
        return &ambiguous;
    case STANDING_NOT_ELIGIBLE:
        return &not_eligible;
    case STANDING_GOOD:
    default:
        return is_another(answer) && !answer->made_anew ? &moved
               : any_owner || answer->standing->held    ? NULL
                                                        : &nobody;
    }
}

static bool ask_about(struct round *round, const struct checked *checked, GError **error)
{
    struct answer *answer = g_new0(struct answer, 1);
    bool any_owner;

    answer->checked = checked;
    answer->absent = g_ptr_array_new();
    answer->recognised = g_ptr_array_new_with_free_func(recognised_release);
    if (!keep_lock(round->upkeep, error) ||
        !directory_standing(round->upkeep->directory, checked->address, deadline_in(DIRECTORY_MS),
                            &answer->standing, error) ||
        !ask_owners(round, answer, &any_owner, error) ||
        (is_another(answer) && !ask_made_anew(round, answer, error))) {
        answer_free(answer);
        return false;
    }
    answer->fault = fault_of(answer, any_owner);
    g_ptr_array_add(round->answers, answer);
    return true;
}

/*
 * A limit that one registration always meets must not stand in the way of all after it; but a
 * limit that each of them meets would keep the round busy for hours.
 */
static bool pass_over(struct round *round, const struct checked *checked, GError *failure)
{
    if (!g_error_matches(failure, APPSMTP_ERROR, APPSMTP_ERROR_LIMIT) ||
        round->limited >= LIMIT_ROUND_LIMITED)
        return false;
    round->limited++;
    if (!round->limit) {
        round->limit = g_error_copy(failure);
        g_prefix_error(&round->limit, "the registration of %s: ", checked->address);
    }
    return true;
}

static bool ask_page(struct round *round, const char *after, GPtrArray **page, GError **error)
{
    const struct upkeep *upkeep = round->upkeep;

    database_set_deadline(upkeep->database, deadline_in(DATABASE_MS));
    if (!upkeep_unchecked(upkeep->database, after, upkeep->now, page, error))
        return false;
    g_ptr_array_add(round->pages, *page);
    for (guint i = 0; i < (*page)->len; i++) {
        const struct checked *checked = g_ptr_array_index(*page, i);
        g_autoptr(GError) failure = NULL;
        if (!ask_about(round, checked, &failure) && !pass_over(round, checked, failure)) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
    }
    return true;
}

static bool ask_all(struct round *round, GError **error)
{
    const char *after = "";
    GPtrArray *page;

    do {
        if (!ask_page(round, after, &page, error))
            return false;
        if (page->len > 0)
            after = ((const struct checked *)page->pdata[page->len - 1])->registration;
    } while (page->len > 0);
    return true;
}

/* ---- the guard --------------------------------------------------------------------------------- */

/* Of a few, one by one: a search that finds nobody any more looks like all who leave at once. */
static bool too_many(guint count, guint all)
{
    return all < LIMIT_FAULTS_FEW ? count > 1 : count * 100 > all * LIMIT_FAULTS_PERCENT;
}

static bool is_listed(const GPtrArray *owners, const struct owner *one)
{
    for (guint i = 0; i < owners->len; i++) {
        const struct owner *owner = g_ptr_array_index(owners, i);
        if (g_str_equal(owner->written, one->written) &&
            g_str_equal(owner->person_id, one->person_id))
            return true;
    }
    return false;
}

/* Where all its owners are absent, they are the news, and not that it is nobody's. */
static bool is_faulty(const struct answer *answer)
{
    return answer->fault &&
           (answer->fault != &nobody || answer->absent->len < answer->checked->owners->len);
}

/* What the directory says for the first time, or lately. */
struct trouble {
    GHashTable *faults; /* id of a registration to its address */
    GHashTable *absent; /* key_of() an owner to how they are written */
};

static struct trouble trouble_new(void)
{
    return (struct trouble){g_hash_table_new(g_str_hash, g_str_equal),
                            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
}

static void trouble_clear(struct trouble *trouble)
{
    g_hash_table_unref(trouble->faults);
    g_hash_table_unref(trouble->absent);
}

static void add_absent(struct trouble *trouble, const struct owner *owner)
{
    g_hash_table_insert(trouble->absent, key_of(owner), owner->written);
}

static void add_fault(struct trouble *trouble, char *registration, char *address)
{
    g_hash_table_insert(trouble->faults, registration, address);
}

/* What was in trouble at the last check already is not news. */
static void add_news(const struct round *round, struct trouble *news)
{
    for (guint i = 0; i < round->answers->len; i++) {
        const struct answer *answer = g_ptr_array_index(round->answers, i);
        if (is_faulty(answer) && !*answer->checked->fault)
            add_fault(news, answer->checked->registration, answer->checked->address);
        for (guint k = 0; k < answer->absent->len; k++)
            if (!is_listed(answer->checked->absent, g_ptr_array_index(answer->absent, k)))
                add_absent(news, g_ptr_array_index(answer->absent, k));
    }
}

/* What was noted before and nothing has come of yet, unless this round says otherwise. */
static void add_unsettled(const struct round *round, const GPtrArray *list, struct trouble *trouble)
{
    g_autoptr(GHashTable) answers = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < round->answers->len; i++) {
        const struct answer *answer = g_ptr_array_index(round->answers, i);
        g_hash_table_insert(answers, answer->checked->registration, (gpointer)answer);
    }
    for (guint i = 0; i < list->len; i++) {
        const struct unsettled *one = g_ptr_array_index(list, i);
        const struct answer *answer = g_hash_table_lookup(answers, one->registration);
        if (one->fault && (!answer || is_faulty(answer)))
            add_fault(trouble, one->registration, one->address);
        for (guint k = 0; k < one->absent->len; k++)
            if (!answer || is_listed(answer->absent, g_ptr_array_index(one->absent, k)))
                add_absent(trouble, g_ptr_array_index(one->absent, k));
    }
}

/* Trouble, and among how many. */
struct extent {
    const struct trouble *trouble;
    guint registrations, owners;
};

/* Among fewer than least nothing is said. */
static bool is_alarming(const struct extent *extent, guint least)
{
    return (extent->registrations >= least &&
            too_many(g_hash_table_size(extent->trouble->faults), extent->registrations)) ||
           (extent->owners >= least &&
            too_many(g_hash_table_size(extent->trouble->absent), extent->owners));
}

/* " (a, b)"; of many nobody reads the names. Caller frees. */
static char *list_names(GHashTable *names, guint all)
{
    g_autoptr(GList) sorted = g_list_sort(g_hash_table_get_values(names), (GCompareFunc)strcmp);
    GString *text = g_string_new(NULL);

    for (GList *name = sorted; name && all < LIMIT_FAULTS_FEW; name = name->next)
        g_string_append_printf(text, "%s%s%s", text->len ? ", " : " (", (const char *)name->data,
                               name->next ? "" : ")");
    return g_string_free(text, FALSE);
}

static bool refuse_round(const struct extent *extent, GError **error)
{
    const struct trouble *trouble = extent->trouble;
    g_autofree char *faults = list_names(trouble->faults, extent->registrations);
    g_autofree char *absent = list_names(trouble->absent, extent->owners);

    g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_GUARD,
                "the directory finds new fault with %u of %u registrations%s and does not know %u "
                "of %u owners any more%s: that is taken for its own trouble, and nothing is noted. "
                "If it is true, use --force",
                g_hash_table_size(trouble->faults), extent->registrations, faults,
                g_hash_table_size(trouble->absent), extent->owners, absent);
    return false;
}

/* Rounds may be small, and trouble come in portions: all registrations count, and all that is not
   settled. */
static bool guard_site(const struct round *round, GError **error)
{
    struct database *database = round->upkeep->database;
    __attribute__((cleanup(trouble_clear))) struct trouble trouble = trouble_new();
    g_autoptr(GPtrArray) unsettled = NULL;
    struct extent site = {.trouble = &trouble};

    if (!keep_lock(round->upkeep, error) || !upkeep_unsettled(database, &unsettled, error) ||
        !upkeep_count(database, &site.registrations, &site.owners, error))
        return false;
    add_news(round, &trouble);
    add_unsettled(round, unsettled, &trouble);
    return !is_alarming(&site, 0) || refuse_round(&site, error);
}

static bool guard(const struct round *round, GError **error)
{
    __attribute__((cleanup(trouble_clear))) struct trouble news = trouble_new();
    const struct extent extent = {&news, round->answers->len, g_hash_table_size(round->people)};

    add_news(round, &news);
    if (round->upkeep->force ||
        (g_hash_table_size(news.faults) == 0 && g_hash_table_size(news.absent) == 0))
        return true;
    if (is_alarming(&extent, LIMIT_FAULTS_FEW))
        return refuse_round(&extent, error);
    return guard_site(round, error);
}

/* ---- what comes of it ---------------------------------------------------------------------------- */

static GPtrArray *others_of(const struct upkeep *upkeep, const struct answer *answer)
{
    GPtrArray *others = g_ptr_array_new();

    g_ptr_array_add(others, upkeep->config->notices->relay_team);
    for (guint i = 0; i < answer->standing->holders->len; i++)
        g_ptr_array_add(others, g_ptr_array_index(answer->standing->holders, i));
    return others;
}

static bool tell_fault(const struct upkeep *upkeep, const struct answer *answer, GError **error)
{
    g_autofree char *until = upkeep_day(upkeep->now + GRACE_DAYS * DAY);
    g_autoptr(GPtrArray) others = others_of(upkeep, answer);
    const char *const values[] = {"fault",  answer->fault->words, "advice",
                                  answer->fault->advice, "until", until, NULL};
    struct tidings tidings = {"ownership-lost", values, others};

    return upkeep_tell_fault(upkeep->database, answer->checked->registration, &tidings,
                             upkeep->now, error);
}

static bool suspend(const struct upkeep *upkeep, const struct answer *answer, GError **error)
{
    g_autoptr(GPtrArray) others = others_of(upkeep, answer);
    const char *const values[] = {"reason", answer->fault->words, "advice",
                                  answer->fault->advice, NULL};
    struct tidings tidings = {"suspended", values, others};

    return upkeep_suspend(upkeep->database, answer->checked->registration, "ownership",
                          answer->fault->words, &tidings, upkeep->now, error);
}

static bool resume(const struct upkeep *upkeep, const struct answer *answer, GError **error)
{
    const char *const reason = "its account is in order again";
    const char *const values[] = {"reason", reason, NULL};
    g_autoptr(GPtrArray) others = others_of(upkeep, answer);
    struct tidings tidings = {"resumed", values, others};

    return upkeep_resume(upkeep->database, answer->checked->registration, reason, &tidings,
                         upkeep->now, error);
}

/* The fault has lasted. */
static bool pursue(const struct upkeep *upkeep, const struct answer *answer, GError **error)
{
    const struct checked *checked = answer->checked;

    if (!checked->told_at)
        return tell_fault(upkeep, answer, error);
    return upkeep->now < checked->told_at + GRACE_DAYS * DAY || suspend(upkeep, answer, error);
}

static bool remove_absent(const struct upkeep *upkeep, const struct answer *answer, GError **error)
{
    for (guint i = 0; i < answer->absent->len; i++) {
        const struct owner *owner = g_ptr_array_index(answer->absent, i);
        const char *reason = owner_is_group(owner->written)
                                 ? "the directory no longer knows this group"
                                 : "the directory no longer knows this person";
        const char *const values[] = {"about", owner->written, "reason", reason, NULL};
        struct tidings tidings = {"owner-removed", values, NULL};
        if (is_listed(answer->checked->absent_lasting, owner) &&
            !upkeep_remove_owner(upkeep->database, answer->checked->registration, owner, reason,
                                 &tidings, upkeep->now, error))
            return false;
    }
    return true;
}

static bool take_account(const struct upkeep *upkeep, const struct answer *answer, GError **error)
{
    return upkeep_take_account(upkeep->database, answer->checked, answer->standing->id,
                               answer->standing->label,
                               "the account was made anew, and an owner has a role on it",
                               error);
}

/* Noted last: what was killed in between is done again. */
static bool attend(const struct upkeep *upkeep, const struct answer *answer, GError **error)
{
    const struct checked *checked = answer->checked;
    g_autoptr(GPtrArray) others = others_of(upkeep, answer);
    struct tidings back = {"ownership-back", NULL, others};
    bool good;

    database_set_deadline(upkeep->database, deadline_in(DATABASE_MS));
    good = (answer->recognised->len == 0 ||
            upkeep_recognise(upkeep->database, checked, answer->recognised, error)) &&
           (!answer->made_anew || take_account(upkeep, answer, error));
    if (good && checked->live && answer->fault && checked->lasting)
        good = pursue(upkeep, answer, error);
    else if (good && !checked->live && !answer->fault)
        good = resume(upkeep, answer, error);
    return good && (!checked->live || remove_absent(upkeep, answer, error)) &&
           upkeep_note_check(upkeep->database, checked->registration,
                             answer->fault ? answer->fault->name : NULL, answer->absent, &back,
                             upkeep->now, error);
}

static bool attend_all(const struct round *round, GError **error)
{
    for (guint i = 0; i < round->answers->len; i++)
        if (!attend(round->upkeep, g_ptr_array_index(round->answers, i), error))
            return false;
    return true;
}

/* Whether what came before the failure counts all the same. */
static bool is_outage(const GError *error)
{
    return error->code == APPSMTP_ERROR_DIRECTORY || error->code == APPSMTP_ERROR_LIMIT;
}

/* An outage in the middle leaves the answers that came before it, and they are definite. */
bool upkeep_round_ownership(const struct upkeep *upkeep, GError **error)
{
    g_autoptr(GPtrArray) pages = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    g_autoptr(GPtrArray) answers = g_ptr_array_new_with_free_func(answer_free);
    g_autoptr(GHashTable) people = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, known_free);
    struct round round = {
        .upkeep = upkeep, .pages = pages, .answers = answers, .people = people};
    g_autoptr(GError) away = NULL;
    g_autoptr(GError) limit = NULL;

    ask_all(&round, &away);
    limit = round.limit;
    if (away && !is_outage(away)) {
        g_propagate_error(error, g_steal_pointer(&away));
        return false;
    }
    if (!guard(&round, error) || !attend_all(&round, error))
        return false;
    if (!away)
        away = g_steal_pointer(&limit);
    if (!away)
        return true;
    g_propagate_error(error, g_steal_pointer(&away));
    return false;
}
