/* SPDX-License-Identifier: MIT
 *
 * One notice after the other.
 */
#include "service/notices/delivery.h"

#include "adapters/database/notices.h"
#include "adapters/mail/mail.h"
#include "base/error.h"
#include "base/limits.h"
#include "rules/address.h"
#include "rules/registration.h"
#include "service/notices/digest.h"
#include "service/notices/text.h"

#define DAY (24 * 3600)
/* The mail server was away. That is no fault of the recipient's: once it is back, no notice waits
   for longer. */
#define AWAY_SECONDS (60 * 60)
/* Twice the mail server had the whole message, and we ended before we knew its answer.
   That it got neither would take a kill between two system calls that follow each other, twice. */
#define MOST_COPIES 2
#define TWICE "appsmtp-notify ended twice before it knew the mail server's answer"
#define DATABASE_MS 30000
#define DIRECTORY_MS 20000

/* Seconds until the attempt after this one, the first being 1. */
static gint64 pause_after(gint64 attempt)
{
    static const gint64 minutes[] = {5, 15, 60, 4 * 60, 12 * 60, LIMIT_NOTICE_PAUSE_HOURS * 60};

    return 60 * minutes[CLAMP(attempt - 1, 0, (gint64)G_N_ELEMENTS(minutes) - 1)];
}

/* ---- to whom ---- */

/* Where a notice goes: to the address; or, where there is none, to each of the members. */
struct target {
    char *address;
    struct directory_group *group; /* has members */
    const char *reason;            /* why there is neither; static */
    bool never; /* and never will be: a directory may find tomorrow whom it has lost today */
};

static void target_clear(struct target *target)
{
    g_free(target->address);
    directory_group_free(target->group);
}

#define auto_target __attribute__((cleanup(target_clear))) struct target

static const char *why_no_mail(enum person_answer answer)
{
    switch (answer) {
    case PERSON_FOUND:
        return "the directory has no address of mail for this login";
    case PERSON_NOT_ELIGIBLE:
        return "the directory says that this person's account is disabled";
    case PERSON_SEVERAL:
        return "the directory has more than one entry of this login";
    case PERSON_NOT_FOUND:
        return "the directory does not know this login";
    case PERSON_BAD_LOGIN:
    default:
        return "this is neither a login nor an address of mail";
    }
}

static char *sound(const char *address)
{
    auto_ptr(findings) findings = findings_new();

    return address_check(address, NULL, findings);
}

/* By the id, where one is known: the login may be somebody else's by now. */
static bool ask_person(const struct delivery *delivery, const struct notice *notice,
                       enum person_answer *answer, struct person **person, GError **error)
{
    struct deadline deadline = deadline_in(DIRECTORY_MS);
    const struct person_key key = {notice->person_id, notice->recipient};

    return *notice->person_id
               ? directory_find_person_by_id(delivery->directory, &key, deadline, answer, person,
                                             error)
               : directory_find_person(delivery->directory, notice->recipient, deadline, answer,
                                       person, error);
}

static bool find_person(const struct delivery *delivery, const struct notice *notice,
                        struct target *target, GError **error)
{
    enum person_answer answer;
    auto_ptr(person) person = NULL;

    if (!ask_person(delivery, notice, &answer, &person, error))
        return false;
    target->reason = why_no_mail(answer);
    target->never = answer == PERSON_BAD_LOGIN;
    if (answer == PERSON_FOUND && *person->mail)
        target->address = sound(person->mail);
    return true;
}

static const char *why_nobody(enum group_answer answer)
{
    switch (answer) {
    case GROUP_FOUND:
        return "the group has neither an address of mail nor a member";
    case GROUP_NOT_FOUND:
        return "the directory does not know this group";
    case GROUP_AMBIGUOUS:
        return "the directory has more than one group of this name";
    case GROUP_VEILED:
        return "the directory does not show which group has this name";
    case GROUP_NOT_ASKED:
    default:
        return "this site has no groups configured";
    }
}

static bool find_members(const struct delivery *delivery, const struct owner *owner,
                         struct target *target, GError **error)
{
    auto_ptr(directory_group) group = NULL;
    enum group_answer answer;

    if (!directory_find_owner_group(delivery->directory, owner, LIMIT_NOTICE_MEMBERS,
                                    deadline_in(DIRECTORY_MS), &answer, &group, error))
        return false;
    target->reason = why_nobody(answer);
    if (group && group->members->len > 0)
        target->group = g_steal_pointer(&group);
    return true;
}

/* Its own address reaches those whom the group's keepers want reached. */
static bool find_group(const struct delivery *delivery, const struct notice *notice,
                       struct target *target, GError **error)
{
    auto_ptr(owner) owner = owner_new(notice->recipient, notice->person_id);
    auto_ptr(directory_group) group = NULL;
    enum group_answer answer;

    if (!directory_find_owner_group(delivery->directory, owner, 0, deadline_in(DIRECTORY_MS),
                                    &answer, &group, error))
        return false;
    target->reason = why_nobody(answer);
    if (group && *group->mail)
        target->address = sound(group->mail);
    return !group || target->address || find_members(delivery, owner, target, error);
}

static bool find_target(const struct delivery *delivery, const struct notice *notice,
                        struct target *target, GError **error)
{
    const char *recipient = notice->recipient;

    if (strchr(recipient, '@')) {
        target->address = sound(recipient);
        target->reason = "this is no address that mail can be sent to";
        target->never = true;
        return true;
    }
    return owner_is_group(recipient) ? find_group(delivery, notice, target, error)
                                     : find_person(delivery, notice, target, error);
}

/* ---- the message ---- */

static void set(GHashTable *values, const char *name, const char *value)
{
    g_hash_table_insert(values, g_strdup(name), g_strdup(value));
}

static void add_site(const struct config *config, GHashTable *values)
{
    g_autofree char *link =
        g_strdup_printf("%s/registrations/%s", config->base_url,
                        (const char *)g_hash_table_lookup(values, "registration"));
    unsigned minutes = config->relay.export_minutes;
    g_autofree char *wait = g_strdup_printf("%u %s", minutes, minutes == 1 ? "minute" : "minutes");

    set(values, "link", link);
    set(values, "site", config->site_name);
    set(values, "help", config->help_contact);
    set(values, "relay", config->relay.host);
    set(values, "wait", wait);
}

static char *message_id(const struct config *config, const struct notice *notice)
{
    g_autoptr(GUri) base = g_uri_parse(config->base_url, G_URI_FLAGS_NONE, NULL);

    return g_strdup_printf("notice-%s.%s@%s", notice->id,
                           (const char *)g_hash_table_lookup(notice->values, "registration"),
                           base ? g_uri_get_host(base) : "localhost");
}

/* Caller frees. */
static char *compose(const struct config *config, const struct notice *notice, const char *to)
{
    g_autofree char *id = message_id(config, notice);
    g_autofree char *subject = NULL;
    g_autofree char *text = NULL;

    add_site(config, notice->values);
    notice_write(notice->kind, notice->values, &subject, &text);
    return mail_compose(&(struct mail){
        .from = config->notices->from,
        .from_name = "AppSMTP Registration Portal",
        .to = to,
        .subject = subject,
        .message_id = id,
        .date = notice->made_at,
        .text = text,
    });
}

/* ---- one notice ---- */

static bool skip(struct delivery *delivery, const struct notice *notice, const char *reason,
                 GError **error)
{
    delivery->skipped++;
    reasons_add(delivery->reasons, reason);
    return notices_skip(delivery->database, notice, delivery->now, reason, error);
}

static bool is_old(const struct delivery *delivery, const struct notice *notice)
{
    return delivery->now - notice->made_at > LIMIT_NOTICE_REFUSED_DAYS * DAY;
}

static gint64 next_attempt(const struct delivery *delivery, const struct notice *notice)
{
    return delivery->now + pause_after(notice->attempts + 1);
}

/* Refused by the mail server. */
static bool put_off(struct delivery *delivery, const struct notice *notice, enum smtp_answer answer,
                    const char *reason, GError **error)
{
    delivery->unserved = true;
    if (answer == SMTP_REFUSED && is_old(delivery, notice))
        return skip(delivery, notice, reason, error);
    delivery->failed++;
    reasons_add(delivery->reasons, reason);
    return notices_failed(delivery->database, notice, next_attempt(delivery, notice), reason,
                          error);
}

/* Nobody to send it to, for now. It counts as an attempt, so that the pauses grow. */
static bool wait_for_address(struct delivery *delivery, const struct notice *notice, bool never,
                             const char *reason, GError **error)
{
    gint64 until = next_attempt(delivery, notice);
    bool mine;

    if (never || is_old(delivery, notice))
        return skip(delivery, notice, reason, error);
    delivery->failed++;
    reasons_add(delivery->reasons, reason);
    return notices_claim(delivery->database, notice, until, &mine, error) &&
           (!mine || notices_failed(delivery->database, notice, until, reason, error));
}

static bool pass_on(struct delivery *delivery, const struct notice *notice,
                    const struct directory_group *group, GError **error)
{
    g_autofree char *remark =
        g_strdup_printf("the group has no address of mail: passed on to %u members%s",
                        group->members->len, group->more ? ", and there may be others" : "");

    delivery->sent++;
    return notices_pass_on(delivery->database, notice, group->members, delivery->now, remark,
                           error);
}

struct attempt {
    struct delivery *delivery;
    const struct notice *notice;
    bool noted; /* that it is being handed over; the database has not answered yet */
};

static bool handing_over(void *user, GError **error)
{
    struct attempt *attempt = user;

    attempt->noted =
        attempt->noted || notices_handing_over(attempt->delivery->database, attempt->notice, error);
    return attempt->noted;
}

/* What the mail server says counts, whether or not the note was kept. */
static bool attempt_make(struct attempt *attempt, const char *to, const char *message,
                         enum smtp_answer *answer, char **reason, GError **error)
{
    bool good = smtp_send(attempt->delivery->smtp, to, message, handing_over, attempt, answer,
                          reason, error);

    if (attempt->noted)
        notices_handed_over(attempt->delivery->database, NULL);
    return good;
}

/* Whoever comes next would meet the same: nobody else is tried in this run. */
static bool stop(struct delivery *delivery, const struct notice *notice, const char *reason,
                 GError **error)
{
    delivery->unserved = delivery->stopped = true;
    delivery->failed++;
    reasons_add(delivery->reasons, reason);
    return notices_failed(delivery->database, notice,
                          MIN(next_attempt(delivery, notice), delivery->now + AWAY_SECONDS), reason,
                          error);
}

static bool send_to(struct delivery *delivery, const struct notice *notice, const char *to,
                    GError **error)
{
    g_autofree char *message = compose(delivery->config, notice, to);
    g_autofree char *reason = NULL;
    g_autoptr(GError) trouble = NULL;
    struct attempt attempt = {delivery, notice, false};
    enum smtp_answer answer;

    if (!attempt_make(&attempt, to, message, &answer, &reason, &trouble)) {
        if (g_error_matches(trouble, APPSMTP_ERROR, APPSMTP_ERROR_MAIL))
            return stop(delivery, notice, trouble->message, error);
        g_propagate_error(error, g_steal_pointer(&trouble));
        return false;
    }
    if (answer != SMTP_TAKEN)
        return put_off(delivery, notice, answer, reason, error);
    delivery->sent++;
    return notices_sent(delivery->database, notice, to, delivery->now, "", error);
}

/* *held: the address has had its share of the hour. */
static bool hold(struct delivery *delivery, const struct notice *notice, const char *address,
                 bool *held, GError **error)
{
    *held = false;
    if (notice_is_urgent(notice->kind))
        return true;
    if (!notices_hold(delivery->database, notice, address, delivery->now, held, error))
        return false;
    delivery->held += *held;
    return true;
}

static bool send_or_hold(struct delivery *delivery, const struct notice *notice,
                         const char *address, GError **error)
{
    bool held, mine;

    if (!hold(delivery, notice, address, &held, error))
        return false;
    if (held)
        return true;
    if (!notices_claim(delivery->database, notice, next_attempt(delivery, notice), &mine, error))
        return false;
    if (!mine)
        return true;
    /* A wait for the mail server must not eat the time to note what it said. */
    database_set_deadline(delivery->database, deadline_in(DATABASE_MS + 60000));
    return send_to(delivery, notice, address, error);
}

/* What the directory did not tell. */
struct silence {
    GError *away;  /* it could not be asked, and is not asked again in this run */
    GError *limit; /* the first of the limits of the set-up that some questions met */
};

/* A limit that one recipient always meets must not stand in the way of all others. */
static bool set_aside(struct delivery *delivery, const struct notice *notice, GError *failure,
                      struct silence *silence, GError **error)
{
    gint64 until = next_attempt(delivery, notice);
    g_autofree char *reason = g_strdup(failure->message);
    bool limit = g_error_matches(failure, APPSMTP_ERROR, APPSMTP_ERROR_LIMIT), mine;
    GError **place = limit ? &silence->limit : &silence->away;

    if (!*place)
        *place = failure;
    else
        g_error_free(failure);
    if (!limit)
        return true;
    delivery->failed++;
    reasons_add(delivery->reasons, reason);
    return notices_claim(delivery->database, notice, until, &mine, error) &&
           (!mine || notices_failed(delivery->database, notice, until, reason, error));
}

static bool deliver(struct delivery *delivery, const struct notice *notice,
                    struct silence *silence, GError **error)
{
    auto_target target = {0};
    GError *failure = NULL;

    database_set_deadline(delivery->database, deadline_in(DATABASE_MS));
    if (notice->in_doubt >= MOST_COPIES)
        return notices_sent(delivery->database, notice, "", delivery->now, TWICE, error);
    if (silence->away && !strchr(notice->recipient, '@'))
        return true;
    if (!find_target(delivery, notice, &target, &failure))
        return set_aside(delivery, notice, failure, silence, error);
    if (target.group)
        return pass_on(delivery, notice, target.group, error);
    if (!target.address)
        return wait_for_address(delivery, notice, target.never, target.reason, error);
    return send_or_hold(delivery, notice, target.address, error);
}

/* *last: the id of the one that was looked at last. */
static bool deliver_due(struct delivery *delivery, char **last, struct silence *silence,
                        GError **error)
{
    g_autoptr(GPtrArray) list = NULL;

    do {
        g_clear_pointer(&list, g_ptr_array_unref);
        database_set_deadline(delivery->database, deadline_in(DATABASE_MS));
        if (!notices_due(delivery->database, *last, delivery->now, &list, error))
            return false;
        for (guint i = 0; i < list->len && !delivery->stopped; i++) {
            const struct notice *notice = g_ptr_array_index(list, i);
            if (!deliver(delivery, notice, silence, error))
                return false;
            g_free(*last);
            *last = g_strdup(notice->id);
        }
    } while (list->len > 0 && !delivery->stopped);
    return true;
}

/* What is due now joins a digest that is. */
static bool deliver_all(struct delivery *delivery, struct silence *silence, GError **error)
{
    g_autofree char *last = g_strdup("0");

    return deliver_due(delivery, &last, silence, error) &&
           (delivery->stopped ||
            (digests_make(delivery, error) && deliver_due(delivery, &last, silence, error)));
}

bool delivery_run(struct delivery *delivery, GError **error)
{
    struct silence silence = {0};
    bool done = deliver_all(delivery, &silence, error);
    g_autoptr(GError) away = silence.away;
    g_autoptr(GError) limit = silence.limit;

    if (!done)
        return false;
    if (!away)
        away = g_steal_pointer(&limit);
    if (!away)
        return true;
    g_propagate_error(error, g_steal_pointer(&away));
    return false;
}
