/* SPDX-License-Identifier: MIT
 *
 * Signing in: a bind as the person, on a connection of its own.
 */
#include "adapters/directory/lookup.h"
#include "base/random.h"

struct sign_in {
    const char *login;
    const char *absent; /* a DN that no entry has */
    enum person_answer found;
    struct person *person; /* eligible or not; or NULL */
    GError *nameless;      /* the person shows no lasting id; or NULL */
};

static bool ask_who(struct connection *connection, void *data, GError **error)
{
    struct sign_in *attempt = data;
    bool eligible;

    g_clear_pointer(&attempt->person, person_free);
    g_clear_error(&attempt->nameless);
    if (!person_seek(connection, attempt->login, &attempt->found, &attempt->person, error))
        return false;
    if (attempt->person)
        person_need_id(connection, attempt->person, &attempt->nameless);
    /* Nobody is asked about as much as somebody is. */
    return attempt->person ||
           person_is_eligible(connection, attempt->absent, MISSING_IS_NOTHING, &eligible, error);
}

static char *absent_dn(const struct directory_settings *settings)
{
    g_autofree char *name = random_uuid();

    return g_strdup_printf("%s=%s,%s", settings->user_login_attribute, name,
                           (const char *)settings->user_bases->pdata[0]);
}

static enum sign_in_answer judge_nobody(enum person_answer found, const char **reason)
{
    bool several = found == PERSON_SEVERAL;

    *reason = several ? "more than one entry has that login" : "nobody of that login";
    return several ? SIGN_IN_SEVERAL : SIGN_IN_WRONG;
}

static enum sign_in_answer judge_person(enum person_answer found, const char *refused,
                                        const char **reason)
{
    if (refused) {
        *reason = refused;
        return connection_refusal(refused);
    }
    if (found == PERSON_NOT_ELIGIBLE) {
        *reason = "right password, but not an eligible person";
        return SIGN_IN_DISABLED;
    }
    *reason = "right password";
    return SIGN_IN_ACCEPTED;
}

static bool try_password(struct directory *directory, struct sign_in *attempt, const char *password,
                         struct deadline deadline, const char **refused, GError **error)
{
    bool named = attempt->person && *attempt->person->dn;
    const char *dn = named ? attempt->person->dn : attempt->absent;

    directory_tell(directory, "binds as %s", dn);
    return connection_try_password(directory, dn, password, deadline, refused, error);
}

static bool sign_in(struct directory *directory, struct sign_in *attempt, const char *password,
                    struct deadline deadline, enum sign_in_answer *answer, const char **reason,
                    GError **error)
{
    const char *refused = NULL;

    if (!directory_ask(directory, deadline, ask_who, attempt, error) ||
        !try_password(directory, attempt, password, deadline, &refused, error))
        return false;
    *answer = attempt->person ? judge_person(attempt->found, refused, reason)
                              : judge_nobody(attempt->found, reason);
    directory_tell(directory, "sign-in of %s: %s", attempt->login, *reason);
    /* Told to the right password only: to others it would tell that there is such a login. */
    if (*answer != SIGN_IN_ACCEPTED || !attempt->nameless)
        return true;
    g_propagate_error(error, g_steal_pointer(&attempt->nameless));
    return false;
}

bool directory_sign_in(struct directory *directory, const char *login, const char *password,
                       struct deadline deadline, enum sign_in_answer *answer,
                       struct person **person, const char **reason, GError **error)
{
    g_autofree char *name = login_check(directory->settings, login);
    g_autofree char *absent = absent_dn(directory->settings);
    struct sign_in attempt = {.login = name, .absent = absent};
    bool asked = true;

    deadline = deadline_sooner(deadline, directory->settings->total_ms);
    if (!name) {
        *answer = SIGN_IN_BAD_LOGIN;
        *reason = "not a login's syntax";
    } else if (!*password) {
        *answer = SIGN_IN_WRONG;
        *reason = "empty password";
    } else {
        asked = sign_in(directory, &attempt, password, deadline, answer, reason, error);
    }
    if (asked && *answer == SIGN_IN_ACCEPTED)
        *person = g_steal_pointer(&attempt.person);
    person_free(attempt.person);
    g_clear_error(&attempt.nameless);
    return asked;
}
