/* SPDX-License-Identifier: MIT
 *
 * Signing in: a look-up, then a bind as the person, on a connection of its own.
 */
#include "adapters/directory/lookup.h"
#include "base/random.h"

struct applicant {
    char *login;
    char *absent; /* a DN that no entry has */
    enum person_answer found;
    struct person *person; /* eligible or not; or NULL */
    GError *nameless;      /* the person shows no lasting id; or NULL */
};

void applicant_free(struct applicant *applicant)
{
    if (!applicant)
        return;
    g_free(applicant->login);
    g_free(applicant->absent);
    person_free(applicant->person);
    g_clear_error(&applicant->nameless);
    g_free(applicant);
}

/* ---- who ---- */

static bool ask_who(struct connection *connection, void *data, GError **error)
{
    struct applicant *applicant = data;
    bool eligible;

    g_clear_pointer(&applicant->person, person_free);
    g_clear_error(&applicant->nameless);
    if (!person_seek(connection, applicant->login, &applicant->found, &applicant->person, error))
        return false;
    if (applicant->person)
        person_need_id(connection, applicant->person, &applicant->nameless);
    /* Nobody is asked about as much as somebody is. */
    return applicant->person ||
           person_is_eligible(connection, applicant->absent, MISSING_IS_NOTHING, &eligible, error);
}

static char *absent_dn(const struct directory_settings *settings)
{
    g_autofree char *name = random_uuid();

    return g_strdup_printf("%s=%s,%s", settings->user_login_attribute, name,
                           (const char *)settings->user_bases->pdata[0]);
}

bool directory_find_applicant(struct directory *directory, const char *login,
                              struct deadline deadline, struct applicant **applicant,
                              GError **error)
{
    g_autofree char *name = login_check(directory->settings, login);
    auto_ptr(applicant) found = NULL;

    *applicant = NULL;
    if (!name)
        return true;
    found = g_new0(struct applicant, 1);
    found->login = g_steal_pointer(&name);
    found->absent = absent_dn(directory->settings);
    if (!directory_ask(directory, deadline, ask_who, found, error))
        return false;
    *applicant = g_steal_pointer(&found);
    return true;
}

const struct person *applicant_person(const struct applicant *applicant)
{
    return applicant->person;
}

/* ---- with which password ---- */

static struct sign_in judge_nobody(enum person_answer found)
{
    return found == PERSON_SEVERAL
               ? (struct sign_in){.answer = SIGN_IN_SEVERAL,
                                  .reason = "more than one entry has that login"}
               : (struct sign_in){.answer = SIGN_IN_WRONG, .reason = "nobody of that login"};
}

static struct sign_in judge_person(enum person_answer found, const char *refused)
{
    if (refused)
        return (struct sign_in){.answer = connection_refusal(refused), .reason = refused};
    if (found == PERSON_NOT_ELIGIBLE)
        return (struct sign_in){.answer = SIGN_IN_DISABLED,
                                .reason = "right password, but not an eligible person"};
    return (struct sign_in){.answer = SIGN_IN_ACCEPTED, .reason = "right password"};
}

/* Told to the right password only: to others it would tell that there is such a login. */
static bool accept(const struct applicant *applicant, struct sign_in *sign_in, GError **error)
{
    if (applicant->nameless) {
        g_propagate_error(error, g_error_copy(applicant->nameless));
        return false;
    }
    sign_in->person = person_copy(applicant->person);
    return true;
}

bool directory_try_password(struct directory *directory, const struct applicant *applicant,
                            const char *password, struct deadline deadline,
                            struct sign_in *sign_in, GError **error)
{
    const struct person *person = applicant->person;
    bool named = person && *person->dn;
    struct password_trial trial = {.dn = named ? person->dn : applicant->absent,
                                   .password = password};

    *sign_in = (struct sign_in){.answer = SIGN_IN_WRONG, .reason = "empty password"};
    if (!*password)
        return true;
    directory_tell(directory, "binds as %s", trial.dn);
    if (!connection_try_password(directory, &trial, deadline, error)) {
        /* Nobody's account can have counted it. */
        sign_in->unanswered = named && trial.unanswered;
        return false;
    }
    *sign_in = person ? judge_person(applicant->found, trial.refused)
                      : judge_nobody(applicant->found);
    directory_tell(directory, "sign-in of %s: %s", applicant->login, sign_in->reason);
    return sign_in->answer != SIGN_IN_ACCEPTED || accept(applicant, sign_in, error);
}

/* ---- both ---- */

bool directory_sign_in(struct directory *directory, const char *login, const char *password,
                       struct deadline deadline, enum sign_in_answer *answer,
                       struct person **person, const char **reason, GError **error)
{
    auto_ptr(applicant) applicant = NULL;
    struct sign_in sign_in = {.answer = SIGN_IN_BAD_LOGIN, .reason = "not a login's syntax"};

    deadline = deadline_sooner(deadline, directory->settings->total_ms);
    if (!directory_find_applicant(directory, login, deadline, &applicant, error) ||
        (applicant &&
         !directory_try_password(directory, applicant, password, deadline, &sign_in, error)))
        return false;
    *answer = sign_in.answer;
    *reason = sign_in.reason;
    if (sign_in.person)
        *person = sign_in.person;
    return true;
}
