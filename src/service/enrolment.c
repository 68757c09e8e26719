/* SPDX-License-Identifier: MIT
 *
 * Registering an application.
 */
#include "service/enrolment.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/random.h"
#include "rules/address.h"
#include "service/owners.h"
#include "service/ownership.h"
#include "service/sources.h"

/* What the steps hand to each other. */
struct desk {
    const struct office *office;
    const struct enrolment_form *form;
    const struct actor *actor;
    gint64 now;
    struct deadline deadline;
    struct findings *findings;
    struct registration *registration;
    bool may_be_taken; /* that the address is registered already refuses nothing */
    GPtrArray *chosen; /* of const struct location * */
};

void enrolment_free(struct enrolment *enrolment)
{
    if (!enrolment)
        return;
    findings_free(enrolment->findings);
    g_free(enrolment->id);
    g_free(enrolment->taken_id);
    g_free(enrolment);
}

/* ---- the address, and whose it is ---------------------------------------------------------- */

/* Only somebody with a role on the account learns that the address is taken, and by whom. */
static bool check_taken(struct desk *desk, struct enrolment *enrolment, GError **error)
{
    auto_ptr(registration) other = NULL;
    g_autofree char *owners = NULL;

    if (!registry_find_by_address(desk->office->database, desk->registration->address, &other,
                                  error))
        return false;
    if (!other)
        return true;
    enrolment->taken_id = g_strdup(other->id);
    if (desk->may_be_taken)
        return true;
    owners = registration_owners_text(other, ", ");
    findings_add(desk->findings, FINDING_ADDRESS_TAKEN, other->address, owners, NULL);
    return true;
}

static bool check_address(struct desk *desk, struct enrolment *enrolment, GError **error)
{
    auto_ptr(account) account = NULL;
    enum role_answer answer;

    desk->registration->address = address_check(
        desk->form->address, desk->office->config->directory->domains, desk->findings);
    if (!desk->registration->address)
        return true;
    if (!ownership_check(desk->office->directory, desk->actor->login, desk->registration->address,
                         desk->deadline, desk->findings, &answer, &account, error))
        return false;
    if (answer != ROLE_OWNER && answer != ROLE_ADMINISTRATOR)
        return true;
    desk->registration->account_id = g_strdup(account->id);
    desk->registration->account_label = g_strdup(account->label);
    return check_taken(desk, enrolment, error);
}

/* ---- the simple fields ----------------------------------------------------------------------- */

static void check_application(struct desk *desk)
{
    const GPtrArray *types = desk->office->config->application_types;
    g_autoptr(GPtrArray) ids = g_ptr_array_new();

    for (guint i = 0; i < types->len; i++)
        g_ptr_array_add(ids, ((struct application_type *)g_ptr_array_index(types, i))->id);
    desk->registration->application_name =
        registration_check_name(desk->form->application_name, desk->findings);
    desk->registration->application_type =
        registration_check_type(desk->form->application_type, ids, desk->findings);
}

static void check_locations(struct desk *desk)
{
    desk->chosen = registration_check_locations(desk->form->locations,
                                                desk->office->config->locations, desk->findings);
    for (guint i = 0; i < desk->chosen->len; i++) {
        const struct location *location = g_ptr_array_index(desk->chosen, i);
        g_ptr_array_add(desk->registration->locations, g_strdup(location->id));
    }
}

static void check_source(struct desk *desk)
{
    const struct sources_form form = {.method = desk->form->method,
                                      .certificate = desk->form->certificate,
                                      .certificate_text = desk->form->certificate_text,
                                      .hostnames = desk->form->hostnames,
                                      .networks = desk->form->networks,
                                      .visitor = {desk->actor->login, !desk->actor->address}};

    sources_check(desk->office, &form, desk->chosen, desk->now, desk->deadline, desk->findings,
                  desk->registration->sources);
}

/* ---- the co-owners --------------------------------------------------------------------------- */

/* Takes the owner. */
static void take_owner(struct desk *desk, const char *name, enum owner_answer answer,
                       struct owner *owner)
{
    static const enum finding_id refusals[] = {
        [OWNER_NOT_FOUND] = FINDING_OWNERS_NOT_FOUND,
        [OWNER_NOT_ELIGIBLE] = FINDING_OWNERS_NOT_ELIGIBLE,
        [OWNER_AMBIGUOUS] = FINDING_OWNERS_AMBIGUOUS,
    };

    if (answer != OWNER_FOUND)
        findings_add(desk->findings, refusals[answer], name, NULL);
    else if (!registration_lists(desk->registration, owner))
        g_ptr_array_add(desk->registration->owners, g_steal_pointer(&owner));
    owner_free(owner);
}

/* What is nobody's name as a whole may be several names with blanks between them. */
static bool check_owner(struct desk *desk, const char *name, GError **error)
{
    g_auto(GStrv) words = g_strsplit(name, " ", -1);
    struct owner *owner = NULL;
    enum owner_answer answer;

    if (!owners_look_up(desk->office, name, desk->deadline, &answer, &owner, error))
        return false;
    if (answer != OWNER_NOT_FOUND || !words[1]) {
        take_owner(desk, name, answer, owner);
        return true;
    }
    for (char **word = words; *word; word++)
        if (!check_owner(desk, *word, error))
            return false;
    return true;
}

static bool check_owners(struct desk *desk, GError **error)
{
    g_autoptr(GPtrArray) logins = registration_check_owners(desk->form->owners, desk->findings);

    g_ptr_array_add(desk->registration->owners,
                    owner_new(desk->actor->login, desk->actor->person_id));
    for (guint i = 0; i < logins->len; i++)
        if (!check_owner(desk, g_ptr_array_index(logins, i), error))
            return false;
    return true;
}

/* ---- all of it -------------------------------------------------------------------------------- */

static bool check_form(struct desk *desk, struct enrolment *enrolment, GError **error)
{
    if (!check_address(desk, enrolment, error))
        return false;
    check_application(desk);
    check_locations(desk);
    check_source(desk);
    if (!check_owners(desk, error))
        return false;
    desk->registration->note = registration_check_note(desk->form->note, desk->findings);
    return true;
}

/*
 * The index of the database decides between two who come at the same moment.
 * When the other one is gone again by the time we look, it is tried once more.
 */
static bool store(struct desk *desk, struct enrolment *enrolment, GError **error)
{
    bool taken = true;

    desk->registration->id = random_uuid();
    for (unsigned tries = 0; taken && tries < 3; tries++) {
        if (!registry_add(desk->office->database, desk->registration, desk->actor, &taken, error))
            return false;
        if (taken && !check_taken(desk, enrolment, error))
            return false;
        if (enrolment->taken_id)
            return true;
    }
    if (taken) {
        g_set_error(error, APPSMTP_ERROR, APPSMTP_ERROR_DATABASE,
                    "%s was taken and freed again and again", desk->registration->address);
        return false;
    }
    enrolment->id = g_strdup(desk->registration->id);
    return true;
}

bool enrolment_register(const struct office *office, const struct enrolment_form *form,
                        const struct actor *actor, gint64 now, struct deadline deadline,
                        struct enrolment **enrolment, GError **error)
{
    auto_ptr(enrolment) result = g_new0(struct enrolment, 1);
    auto_ptr(registration) registration = registration_new();
    g_autoptr(GPtrArray) chosen = NULL;
    struct desk desk = {.office = office,
                        .form = form,
                        .actor = actor,
                        .now = now,
                        .deadline = deadline,
                        .findings = result->findings = findings_new(),
                        .registration = registration};
    bool asked;

    database_set_deadline(office->database, deadline);
    asked = check_form(&desk, result, error);
    chosen = desk.chosen;
    if (!asked)
        return false;
    if (findings_verdict(result->findings) == VERDICT_ACCEPT && !store(&desk, result, error))
        return false;
    *enrolment = g_steal_pointer(&result);
    return true;
}

/* Whom nobody knows is refused where the role is asked for. */
static bool find_registrant(const struct office *office, const char *login,
                            struct deadline deadline, struct owner **registrant, GError **error)
{
    g_autofree char *plain = directory_plain_login(office->directory, login);
    auto_ptr(person) person = NULL;
    enum person_answer answer;

    if (!directory_find_person(office->directory, login, deadline, &answer, &person, error))
        return false;
    *registrant = owner_new(plain ? plain : login, person ? person->id : "");
    return true;
}

bool enrolment_judge(const struct office *office, const struct enrolment_form *form,
                     const char *login, gint64 now, struct deadline deadline,
                     struct enrolment **enrolment, struct registration **judged, GError **error)
{
    auto_ptr(enrolment) result = g_new0(struct enrolment, 1);
    auto_ptr(registration) registration = registration_new();
    auto_ptr(owner) registrant = NULL;
    struct actor actor = {0};
    g_autoptr(GPtrArray) chosen = NULL;
    struct desk desk = {.office = office,
                        .form = form,
                        .actor = &actor,
                        .now = now,
                        .deadline = deadline,
                        .findings = result->findings = findings_new(),
                        .registration = registration,
                        .may_be_taken = true};
    bool asked = find_registrant(office, login, deadline, &registrant, error);

    if (!asked)
        return false;
    actor = (struct actor){.login = registrant->written, .person_id = registrant->person_id};
    asked = check_form(&desk, result, error);
    chosen = desk.chosen;
    if (!asked)
        return false;
    registration->id = random_uuid();
    *enrolment = g_steal_pointer(&result);
    *judged = g_steal_pointer(&registration);
    return true;
}
